"""Numbers, dates and alphabetical order as a reader of each language expects them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import get_month_names
from babel.lists import format_list

#: Printed where a number was not computed in the run.
MISSING: Final = "…"
#: Printed where disclosure control removed a number (Statistics Denmark's sign).
SUPPRESSED: Final = ".."
MINUS: Final = "\u2212"
NO_BREAK_SPACE: Final = "\u00a0"

_COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
_AFTER_Z: Final = {"æ": "{a", "ø": "{b", "å": "{c"}


def is_missing(value: float | None) -> bool:
    """Return whether ``value`` is None, not a number or infinite."""
    return value is None or not math.isfinite(value)


#: Points and commas change places in Danish.
_DANISH: Final = str.maketrans(",.", ".,")


@lru_cache(maxsize=1 << 16)
def _written(value: float, decimals: int, is_danish: bool) -> str:
    """Return a number as text: the same few thousand stand on hundreds of pages."""
    digits = Decimal(f"{value:.10g}")
    text = f"{digits.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("-")
    if is_danish:
        text = text.translate(_DANISH)
    return text.replace("-", MINUS)


@dataclass(frozen=True)
class Numbers:
    """How one language (``da`` or ``en``) writes numbers; missing values become ``…``."""

    language: str

    @property
    def decimal_sign(self) -> str:
        """Comma in Danish, point in English."""
        return "," if self.language == "da" else "."

    def number(self, value: float | None, decimals: int = 1) -> str:
        """Return ``value`` rounded to ``decimals``, thousands grouped, with a true minus sign.

        Halves go away from zero in what ten digits say of the value, as a reader rounds a number
        of the database by hand, and as browser and spreadsheet do.
        """
        if value is None or is_missing(value):
            return MISSING
        return _written(value, decimals, self.language == "da")

    def count(self, value: float | None) -> str:
        """Return ``value`` as a whole number."""
        return self.number(value, 0)

    def signed(self, value: float | None, decimals: int = 1) -> str:
        """Return ``value`` with its sign always shown, except for zero."""
        text = self.number(value, decimals)
        positive = value is not None and not is_missing(value) and value > 0
        return f"+{text}" if positive and any(d in text for d in "123456789") else text

    def percent(self, share: float | None, decimals: int = 0) -> str:
        """Return a share 0-1 as a percentage, ``44 %`` in Danish and ``44%`` in English."""
        if share is None or is_missing(share):
            return MISSING
        text = self.number(100 * share, decimals)
        return f"{text}{NO_BREAK_SPACE}%" if self.language == "da" else f"{text}%"

    def interval(self, low: float | None, high: float | None, decimals: int = 2) -> str:
        """Return ``low–high``; ``…`` unless both ends are known."""
        if is_missing(low) or is_missing(high):
            return MISSING
        dash = "–" if (low or 0) >= 0 else " – "
        return f"{self.number(low, decimals)}{dash}{self.number(high, decimals)}"

    def in_percent(self, low: float | None, high: float | None, decimals: int = 0) -> str:
        """Return an interval of shares 0-1 in per cent, without the sign."""
        low, high = (None if end is None else 100 * end for end in (low, high))
        return self.interval(low, high, decimals)

    def percents(self, low: float | None, high: float | None) -> str:
        """Return an interval of shares 0-1 as whole percentages, ``33–79 %``."""
        if low is None or high is None or is_missing(low) or is_missing(high):
            return MISSING
        dash = "–" if low >= 0 else " – "
        return f"{self.count(100 * low)}{dash}{self.percent(high)}"

    def listed(self, names: Sequence[str]) -> str:
        """Return ``names`` as a list in a sentence: a, b og c."""
        return format_list(list(names), locale=self.language)

    def moment(self, value: datetime | None) -> str:
        """Return a UTC time as date and clock in Copenhagen."""
        if value is None:
            return MISSING
        local = value.replace(tzinfo=value.tzinfo or UTC).astimezone(_COPENHAGEN)
        month = self._months()[local.month - 1]
        if self.language == "da":
            return f"{local.day}. {month} {local.year} kl. {local:%H.%M}"
        return f"{local.day} {month} {local.year} at {local:%H:%M}"

    def months(self, first: int | None, last: int | None) -> str:
        """Return a run of months (1-12) as ``oktober–december``, one month by its name."""
        if first is None or last is None:
            return MISSING
        names = self._months()[first - 1 : last]
        return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"

    def _months(self) -> list[str]:
        names = get_month_names("wide", locale=self.language)
        return [str(names[month]) for month in range(1, 13)]

    def years(self, years: tuple[int, ...]) -> str:
        """Return a run of years as ``2006–2007``; years apart are listed."""
        if not years:
            return MISSING
        if len(years) > 1 and years == tuple(range(years[0], years[-1] + 1)):
            return f"{years[0]}–{years[-1]}"
        return ", ".join(str(year) for year in years)


def danish_order(name: str) -> tuple[str, str]:
    """Return a sort key for Danish alphabetical order.

    Æ, Ø and Å come last, aa counts as å (Aarhus comes after Ærø), case and other accents do not
    matter; the name itself breaks remaining ties.
    """
    folded = name.casefold().replace("aa", "å")
    key = []
    for letter in folded:
        if letter in _AFTER_Z:
            key.append(_AFTER_Z[letter])
        else:
            key.append(unicodedata.normalize("NFD", letter)[0])
    return "".join(key), name
