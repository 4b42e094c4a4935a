"""What an office's own attributes of municipalities go with, as typed numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AttributeLevel:
    """How practice goes with a level of an attribute, log odds; ``None`` cannot be told.

    ``adjusted_for`` is nothing or conditions; the level of a number is its standard deviation.
    """

    outcome: str
    attribute: str
    adjusted_for: str
    level: str
    n_municipalities: int
    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True)
class AttributeGroup:
    """A measure of a group of municipalities with limits; ``None`` is not shown."""

    outcome: str
    attribute: str
    level: str
    measure: str
    n_municipalities: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class AttributeTest:
    """The test that all groups of an attribute are alike in a measure."""

    outcome: str
    attribute: str
    measure: str
    p_value: float | None
