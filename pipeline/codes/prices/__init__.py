"""What a month on a benefit costs: an example that ships, or the list that an office has.

``benefit_price.csv`` in the home stands in place of the one here. Prices are of today or of
whatever year the list says; nothing is discounted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from pipeline.codes import state_groups
from pipeline.codes.csv_file import ListFile

FILE = "benefit_price.csv"
SHIPPED = Path(__file__).parent / FILE
_COLUMNS = ("state_group", "kroner_a_month", "municipal_share", "source")


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

    Raises :class:`~pipeline.errors.SettingsError` that lists every fault with its row.
    """
    file = ListFile(
        path,
        _COLUMNS,
        "one row per group of benefits",
        f"compare with the one that ships, {SHIPPED}.",
        "the price list",
    )
    faults: list[str] = []
    prices: list[Price] = []
    for number, row in enumerate(file.rows(), 2):
        price, fault = _price(row)
        if price is None:
            faults.append(f"row {number}: {fault}")
        elif any(other.state_group == price.state_group for other in prices):
            faults.append(f"row {number}: {price.state_group} stands twice")
        else:
            prices.append(price)
    file.refuse(faults if faults or prices else ["it has no rows"])
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
