"""Columns of the result tables that the model fills, in order, without ``run_id``.

They are those of the catalogue; ``sensitivity`` has the numbers that disclosure control judges
a place by, and ``practice_count`` the counts behind practice by level, which are not published.
"""

from __future__ import annotations

from pipeline.catalogue import columns

_MODEL_TABLES = (
    *("benchmark", "ranking", "breakdown", "breakdown_country", "counterfactual", "coefficient"),
    *("framework_condition", "second_stage", "decomposition", "development", "development_country"),
    *("breakdown_age", "breakdown_age_country", "breakdown_main"),
    *("practice_profile", "practice_profile_area", "practice_spread", "funnel", "unobserved"),
    *(
        "validity",
        "overlap",
        "forecast",
        "mover",
        "prior",
        "prior_effect",
        "displacement",
        "displacement_summary",
        "what_if",
        "change",
        "change_split",
        "change_country",
    ),
)

COLUMNS: dict[str, tuple[str, ...]] = {
    **{name: columns(name) for name in _MODEL_TABLES},
    "practice_count": (
        *("outcome", "model", "municipality_code", "dimension", "level"),
        *("observed", "observed_key", "expected", "expected_log_se"),
    ),
    "sensitivity": (
        *("specification", "outcome", "municipality_code", "observed", "expected", "share_apart"),
        *("practice_effect", "practice_effect_se", "rank"),
    ),
}
