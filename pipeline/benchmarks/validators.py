"""What single values of a declaration may be; each says what is allowed in its place."""

from __future__ import annotations

from typing import Any

from pydantic import AfterValidator


def distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return ``values`` if none is listed twice."""
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} is listed twice; allowed: each once")
    return values


def among(what: str, known: tuple[str, ...]) -> AfterValidator:
    """Return the validator of a list of distinct names that are all ``known``."""

    def check(values: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [value for value in values if value not in known]
        if unknown:
            raise ValueError(f"unknown {what} {', '.join(unknown)}; allowed: {', '.join(known)}")
        return distinct(values)

    return AfterValidator(check)


def increasing(values: tuple[int, ...]) -> tuple[int, ...]:
    """Return ``values`` if each is above the one before."""
    if list(values) != sorted(set(values)):
        raise ValueError("edges do not increase; allowed: whole numbers, each above the last")
    return values


def year_range(value: Any) -> Any:
    """Return a list of years, also from text such as 2003-2005."""
    if isinstance(value, str) and value.count("-") == 1:
        first, last = value.split("-")
        if first.isdigit() and last.isdigit() and int(first) <= int(last):
            return tuple(range(int(first), int(last) + 1))
        raise ValueError(f"{value!r} is no range of years; allowed: a list, or text as 2003-2005")
    return value


def refuse_baseline(
    baseline_years: tuple[int, ...], years: tuple[int, ...], each_year: bool
) -> None:
    """Raise :class:`ValueError` for years to measure change from that are no earlier window."""
    if baseline_years and baseline_years[-1] >= years[0]:
        raise ValueError(
            f"baseline_years has {baseline_years[-1]}; "
            f"allowed: years before the first of years, {years[0]}"
        )
    if baseline_years and each_year:
        raise ValueError(
            "baseline_years and each_year are both there; allowed: one of them, "
            "since years on their own are no window"
        )
