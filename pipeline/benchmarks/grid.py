"""What a benchmark may ask its sensitivity grid for, besides its models."""

from __future__ import annotations

#: The grid's only choice that the marts hold cells of their own for.
LOOK_BACK = "look_back"
SENSITIVITY = (
    *("decision_municipality", "each_year", "ages", "without_movers", LOOK_BACK),
    *("without_queue", "prior", "outcome_definition"),
)
