"""ISO weeks as registers write them: ``YYWW``, where YY of 90 and up is 19YY."""

from __future__ import annotations

from datetime import date


def iso_week(yyww: str) -> tuple[int, int] | None:
    """Return (ISO year, week) of four digits ``YYWW``; None when there is no such week.

    >>> iso_week("0453"), iso_week("0553"), iso_week("9801")
    ((2004, 53), None, (1998, 1))
    """
    if len(yyww) != 4 or not (yyww.isascii() and yyww.isdigit()):
        return None
    short, week = int(yyww[:2]), int(yyww[2:])
    year = short + (1900 if short >= 90 else 2000)
    return (year, week) if 1 <= week <= weeks_in_iso_year(year) else None


def weeks_in_iso_year(year: int) -> int:
    """Return 52 or 53: 28 December is always in the last ISO week of its year."""
    return date(year, 12, 28).isocalendar().week
