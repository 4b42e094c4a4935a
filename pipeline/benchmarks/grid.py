"""What a benchmark may ask its sensitivity grid for, besides its models."""

from __future__ import annotations

SENSITIVITY = (
    *("decision_municipality", "each_year", "ages", "without_movers"),
    *("without_queue", "prior", "outcome_definition"),
)
