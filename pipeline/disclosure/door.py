"""The one door: no frame is published but through :func:`protect`, by what its table declares.

The catalogue says of every published table what protects it, and the header of its SQL file repeats
it: ``public``, nobody is counted in it, or ``counts``, it holds counts of persons or what is
computed from them. In a table of counts every column of whole numbers is one, but those that
:data:`NO_COUNTS` names, and shows no result from 1 to below the threshold.

All its other numbers are rounded to what their errors support (:data:`DECIMALS`). A table without a
declaration, a column of decimals that nobody has declared, a count that should not occur: each is
refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from pipeline.errors import PublishError

PUBLIC, COUNTS = "public", "counts"
#: Decimals of published numbers, by column; nothing finer leaves.
DECIMALS = {
    **dict.fromkeys(("expected", "difference", "difference_grants", "noise_sd"), 2),
    **dict.fromkeys(("fewer_grants", "fewer_low", "fewer_high"), 1),
    **dict.fromkeys(("grants_now", "grants_if", "grants_change"), 2),
    **dict.fromkeys(("grants_change_low", "grants_change_high"), 2),
    "persons_per_grant": 2,
    **dict.fromkeys((f"persons_change{end}" for end in ("", "_low", "_high")), 1),
    # A thousand kroner is less than a person's month.
    **dict.fromkeys(
        (
            f"{net}{of}kroner{total}_{what}"
            for net in ("", "net_")
            for of in ("", "municipal_")
            for total in ("", "_total")
            for what in ("per_grant", "change", "change_low", "change_high")
        ),
        -3,
    ),
    **dict.fromkeys(("ratio", "ratio_low", "ratio_high"), 3),
    **dict.fromkeys(("observed_share", "expected_share", "difference_share", "direct_rate"), 6),
    **dict.fromkeys(("observed_share_low", "observed_share_high"), 6),
    **dict.fromkeys(("practice_effect", "practice_effect_se", "practice_effect_shrunk"), 3),
    "practice_effect_superpopulation_se": 3,
    **dict.fromkeys(("undone_by", "health_shift", "health_shift_typical"), 3),
    "chance_share": 3,
    **dict.fromkeys(
        (
            f"{name}{end}"
            for name in ("other_effect_shrunk", "effect_difference", "correlation")
            for end in ("", "_low", "_high")
        ),
        3,
    ),
    **dict.fromkeys(
        (
            f"{name}{end}"
            for name in ("size_effect", "effect_robust")
            for end in ("", "_low", "_high")
        ),
        3,
    ),
    **dict.fromkeys(("effect_free", "effect_moved", "effect_moved_most"), 3),
    **dict.fromkeys(("size_p_value", "miss_share"), 3),
    **dict.fromkeys(("overlap_share", "rare_share"), 2),
    **dict.fromkeys(("sd_free", "sd_small", "sd_large"), 4),
    **dict.fromkeys(("kurtosis", "likelihood_gain"), 1),
    **dict.fromkeys(("error_correlation", "p_low_high", "p_high_low"), 3),
    **dict.fromkeys(("estimate", "se", "reliability", "p_value", "q_value", "expected_rank"), 3),
    **dict.fromkeys(("p_lowest_10", *(f"p_quintile_{n}" for n in range(1, 6))), 3),
    **dict.fromkeys(("coverage", "coverage_low", "coverage_high", "fewer_share"), 3),
    **dict.fromkeys(("median_days", "median_low", "median_high"), 0),
    **dict.fromkeys(("low", "high", "value", "truth"), 6),
    **dict.fromkeys(
        (
            f"{name}{limit}"
            for name in ("grants_per_refusal", "mental_share")
            for limit in ("", "_low", "_high")
        ),
        3,
    ),
    **dict.fromkeys(("practice_effect_low", "practice_effect_high", "p_below", "p_above"), 3),
    **dict.fromkeys(
        (
            f"practice_{name}{end}"
            for name in ("deviation", "effect_shrunk")
            for end in ("", "_se", "_low", "_high")
        ),
        3,
    ),
    **dict.fromkeys(("tau2", "tau2_low", "tau2_high", "p_more", "sd_others"), 4),
    **dict.fromkeys(
        (f"{name}{end}" for name in ("sd", "deviation_sd") for end in ("", "_low", "_high")), 4
    ),
    **dict.fromkeys(("to_date_noise_sd",), 2),
    **dict.fromkeys(("to_date_change", "to_date_change_low", "to_date_change_high"), 3),
    **dict.fromkeys(("exit_share", "exit_share_low", "exit_share_high"), 3),
    **dict.fromkeys(("share", "share_low", "share_high", "share_of_all"), 3),
    **dict.fromkeys(("risk", "risk_low", "risk_high"), 4),
    "share_expected": 3,
    **dict.fromkeys(("silhouette", "stability", "agreement", "agreement_rand"), 2),
    **dict.fromkeys(("share_lowest_quintile", "share_highest_quintile"), 3),
    "share_same_quintile": 3,
    "places_moved": 1,
    **dict.fromkeys(
        (
            f"{name}{end}"
            for name in ("slope", "destination_slope", "origin_slope")
            for end in ("", "_low", "_high")
        ),
        3,
    ),
    **dict.fromkeys(("baseline_expected",), 2),
    **dict.fromkeys(
        (
            "baseline_ratio",
            "change_effect",
            "change_effect_se",
            *(
                f"{name}{end}"
                for name in ("log_ratio_change", "change_effect_shrunk")
                for end in ("", "_low", "_high")
            ),
        ),
        3,
    ),
    "change_share": 6,
    "mean_days": 0,
    **dict.fromkeys(("p_mean", "p_largest", "p_strictest", "p_commonest"), 3),
    **dict.fromkeys(
        (
            f"{name}{end}"
            for name in ("ratio_shrunk", "joint_change", "spread", "decision_maker_spread")
            for end in ("", "_low", "_high")
        ),
        3,
    ),
    **dict.fromkeys(("ratio_before", "ratio_after", "yearly_variation"), 3),
    **dict.fromkeys(("spread_at_date", "spread_elsewhere"), 3),
    **dict.fromkeys((f"step_factor{end}" for end in ("", "_low", "_high")), 3),
    **dict.fromkeys(("effect", "effect_low", "effect_high", "level_before", "detectable"), 2),
    **dict.fromkeys(("largest_possible", "relevant_change", "placebo_effect"), 2),
    **dict.fromkeys(("level_observed", "level_expected"), 2),
    **dict.fromkeys(("clustered_se", "placebo_p_value"), 3),
    "relevant_share": 3,
    **dict.fromkeys(("share_of_specifications", "set_score", "labour_distance"), 3),
    **dict.fromkeys(("required", "score_without", "relaxed_to"), 3),
    **dict.fromkeys(("degrees_of_freedom", "chi2_per_df"), 2),
    **dict.fromkeys(
        (
            f"{name}{end}"
            for name in ("temporary", "lasting", "earlier")
            for end in ("", "_low", "_high")
        ),
        3,
    ),
}
#: Whole numbers that count nobody.
NO_COUNTS = frozenset(
    {
        *("year", "rank", "rank_low", "rank_high", "rank_low_simultaneous", "n_specifications"),
        *("rank_posterior_low", "rank_posterior_high", "grade"),
        *("rank_posterior_half_low", "rank_posterior_half_high"),
        *("rank_high_simultaneous", "rank_lowest", "rank_highest"),
        *("first_unreported_month", "last_unreported_month", "quarter", "tenure_year"),
        *(
            "first_unreported_month",
            "last_unreported_month",
            "fifth",
            "n_municipalities",
            "n_low_high",
            "n_high_low",
            "month",
            "n_years",
            "rank_lasting",
        ),
        *("years_since_grant", "years_of_practice"),
        *("weeks_before", "n_types", "n_cells", "year_from", "year_to", "horizon_years"),
        # Case-study selection: municipalities, clusters and numbers of them.
        *("set_number", "cluster_number", "n_former", "n_out", "n_out_alone"),
        *("n_clusters_without", "population_2007"),
        *("level_rank", "level_rank_low", "level_rank_high"),
        *("step_year", "step_year_low", "step_year_high"),
        # Initiatives: municipalities, periods and assignments.
        *("n_units", "n_before", "n_after", "n_adopters", "periods_since", "n_assignments"),
        # Residents by municipality, age and year are published by Statistics Denmark.
        "residents",
    }
)


class ProtectedFrames(Mapping[str, pd.DataFrame]):
    """Frames by table as they may be published; only :func:`protect` makes them."""

    def __init__(self, frames: Mapping[str, pd.DataFrame], passed: object = None) -> None:
        if passed is not _PASSED:
            raise PublishError(
                "frames that did not go through disclosure control cannot be published",
                next_step="call pipeline.disclosure.protect.",
            )
        self._frames = dict(frames)

    def joined(self, others: ProtectedFrames) -> ProtectedFrames:
        """Return these frames and ``others``, which went through the same door."""
        return ProtectedFrames({**self._frames, **others._frames}, _PASSED)

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self._frames[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)


_PASSED = object()


def protect(
    frames: Mapping[str, pd.DataFrame],
    declared: Mapping[str, str | None],
    *,
    smallest_shown: int,
    exact: tuple[str, ...] = (),
) -> ProtectedFrames:
    """Return ``frames`` rounded, after checking each against what its table declares.

    ``declared`` maps tables to their protection. Counts from 1 to below ``smallest_shown``
    (1 checks none) are refused, but for ``observed`` of the tables ``exact``, and so are columns
    that nobody has declared. Raises :class:`PublishError` that lists every fault.
    """
    faults: list[str] = []
    shown: dict[str, pd.DataFrame] = {}
    for table, frame in frames.items():
        if declared.get(table) == PUBLIC:
            shown[table] = frame
            continue
        if declared.get(table) != COUNTS:
            faults.append(f"{table}: nothing says what protects it")
            continue
        faults += _faults(table, frame, 1 if table in exact else smallest_shown)
        shown[table] = _rounded(frame)
    if faults:
        raise PublishError(
            f"disclosure control refused the release:\n{_listed(faults)}",
            expected="declared tables and columns only, and no small count",
            next_step="declare the table in pipeline/catalogue and its decimals in "
            "pipeline/disclosure/door.py, and put counts through the specification's protection.",
        )
    return ProtectedFrames(shown, _PASSED)


def _faults(table: str, frame: pd.DataFrame, smallest_shown: int) -> Iterator[str]:
    for name, kind in frame.dtypes.items():
        column = str(name)
        if pd.api.types.is_bool_dtype(kind) or column in NO_COUNTS:
            continue
        if pd.api.types.is_integer_dtype(kind) and smallest_shown > 1:
            values = frame[name]
            n_small = int(((values > 0) & (values < smallest_shown)).sum())
            if n_small:
                yield f"{table}.{column}: {n_small} counts from 1 to {smallest_shown - 1}"
        if pd.api.types.is_float_dtype(kind) and column not in DECIMALS:
            yield f"{table}.{column}: decimals that are not declared"


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with its decimals rounded, and what hangs on ``expected`` from the rounded.

    Adding 0 takes the sign off a negative zero.
    """
    result = frame.copy(deep=False)
    if frame.empty:
        return result
    for column, kind in frame.dtypes.items():
        if column in DECIMALS and pd.api.types.is_float_dtype(kind):
            result[column] = frame[column].round(DECIMALS[str(column)]) + 0.0
    if {"observed", "expected", "difference"} <= set(frame.columns):
        result["difference"] = (result["observed"] - result["expected"]).round(2) + 0.0
    return result


def _listed(lines: list[str]) -> str:
    return "\n".join(f"  - {line}" for line in lines)
