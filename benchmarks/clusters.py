"""Are errors larger because rows belong together: one person's years, the members of a family?

    python -m benchmarks.clusters HOME [--outcomes FP FJ ANY]

Fits model ``within`` on the person-years of a loaded home and prints, per outcome, the ratio of
cluster-robust to ordinary standard errors of the municipalities' coefficients: medians and the
range of the middle nine tenths. About 1: the ordinary errors may stand. Chance alone moves single
ratios by about 1 / sqrt(2 x grants of the municipality).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from pipeline.codes import factor_levels, reference_levels
from pipeline.model.logit.factor_cluster import cluster_covariance, order_by_cluster
from pipeline.model.logit.factor_logit import fit_factor_logit
from pipeline.model.logit.factor_packing import Factor
from pipeline.model.logit.factor_rows import RowBlock

#: Families are those of 31 December before the year at risk; who has none is alone.
QUERY = """
    SELECT person_risk.*, person_snapshot.family_id
    FROM mart.person_risk
    LEFT JOIN core.person_snapshot
        ON person_risk.person_id = person_snapshot.person_id
        AND person_risk.year - 1 = person_snapshot.snapshot_year
    WHERE outcome = ?
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--outcomes", nargs="+", default=["FP", "FJ", "ANY"])
    options = parser.parse_args()
    print("| outcome | person-years | grants | rows together | ratio of errors | nine tenths |")
    print("| --- | --- | --- | --- | --- | --- |")
    with duckdb.connect(str(options.home / "registers.duckdb"), read_only=True) as database:
        for outcome in options.outcomes:
            rows = database.execute(QUERY, [outcome]).df()
            for name, cluster in clusters(rows).items():
                ratio = ratios(rows, cluster)
                low, middle, high = np.quantile(ratio, [0.05, 0.5, 0.95])
                print(
                    f"| {outcome} | {len(rows):,} | {int(rows['is_event'].sum()):,} | {name} "
                    f"| {middle:.3f} | {low:.3f}-{high:.3f} |"
                )


def clusters(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return (n,) numbers of what belongs together, by what it is."""
    family = rows["family_id"].fillna(rows["person_id"]).astype(str)
    return {
        "a person's years": pd.factorize(rows["person_id"])[0],
        "a family's years": pd.factorize(family)[0],
        "a family in a year": pd.factorize(family + rows["year"].astype(str))[0],
    }


def ratios(rows: pd.DataFrame, cluster: np.ndarray) -> np.ndarray:
    """Return (M,) robust by ordinary standard errors of the municipalities' coefficients."""
    levels = {name: known for name, known in factor_levels().items() if name in rows}
    levels["year"] = tuple(str(year) for year in sorted(set(rows["year"])))
    levels["municipality_code"] = tuple(sorted(set(rows["municipality_code"])))
    references = {**reference_levels(), "year": levels["year"][0]}
    factors = [
        Factor(name, known, None if name == "municipality_code" else references[name])
        for name, known in levels.items()
    ]
    codes = [
        pd.Categorical(rows[name].astype(str), categories=known).codes.astype(np.int64)
        for name, known in levels.items()
    ]
    block = order_by_cluster(
        RowBlock(codes, rows["is_event"].to_numpy(np.int64), cluster=cluster.astype(np.int64))
    )
    fit = fit_factor_logit([block], factors)
    robust = cluster_covariance(fit, [block], int(cluster.max()) + 1)
    of_units = [i for i, (term, _) in enumerate(fit.design.columns) if term == "municipality_code"]
    return np.sqrt(np.diag(robust) / np.diag(fit.covariance))[of_units]


if __name__ == "__main__":
    main()
