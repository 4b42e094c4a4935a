"""What a month on a benefit costs: an example that ships, or the list that an office has.

``benefit_price.csv`` in the home stands in place of the one here. Prices are of today or of
whatever year the list says; nothing is discounted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from pipeline.codes import state_groups
from pipeline.codes.csv_file import read_csv_file
from pipeline.errors import SettingsError

FILE = "benefit_price.csv"
SHIPPED = Path(__file__).parent / FILE
_COLUMNS = ["state_group", "kroner_a_month", "municipal_share", "source"]


@dataclass(frozen=True)
class Price:
    """What one person costs a month in a group of benefit states, kroner.

    ``municipal_share`` is what is left of it to the municipality after the state's refund, 0-1.
    """

    state_group: str
    kroner_a_month: float
    municipal_share: float
    source: str


def price_list(home: Path) -> Path:
    """Return the price list of a home: its own where it has one, or the example that ships."""
    own = home / FILE
    return own if own.exists() else SHIPPED


def read_prices(path: Path) -> tuple[Price, ...]:
    """Return the prices in the file at ``path``, in its order; a group it leaves out costs nothing.

    Raises :class:`SettingsError` that lists every fault with its row.
    """
    try:
        named, rows = read_csv_file(path)
    except ValueError as error:
        raise SettingsError(
            f"the price list {path} {error}",
            next_step=f"compare with the one that ships, {SHIPPED}.",
        ) from error
    faults: list[str] = []
    prices: list[Price] = []
    if named != _COLUMNS:
        faults.append(f"its columns are {', '.join(named) or 'none'}")
        rows = []
    for number, row in enumerate(rows, 2):
        price, fault = _price(row)
        if price is None:
            faults.append(f"row {number}: {fault}")
        elif any(other.state_group == price.state_group for other in prices):
            faults.append(f"row {number}: {price.state_group} stands twice")
        else:
            prices.append(price)
    if faults or not prices:
        listed = "".join(f"\n  - {fault}" for fault in faults or ["it has no rows"])
        raise SettingsError(
            f"the price list {path} cannot be used:{listed}",
            expected=f"columns {', '.join(_COLUMNS)}; one row per group of benefits",
            next_step=f"compare with the one that ships, {SHIPPED}.",
        )
    return tuple(prices)


def _price(row: dict[str, str]) -> tuple[Price | None, str]:
    """Return the price of a row, or None and what is wrong with it."""
    group = (row["state_group"] or "").strip()
    if group not in state_groups():
        return None, f"state_group {group!r}; known: {', '.join(state_groups())}"
    try:
        kroner, share = float(row["kroner_a_month"]), float(row["municipal_share"])
    except (TypeError, ValueError):
        return None, f"{group}: kroner_a_month and municipal_share must be numbers"
    if not (math.isfinite(kroner) and kroner >= 0):
        return None, f"{group}: kroner_a_month is {kroner:g}, expected 0 or more"
    if not 0 <= share <= 1:
        return None, f"{group}: municipal_share is {share:g}, expected 0 to 1"
    return Price(group, kroner, share, (row["source"] or "").strip()), ""
