"""Queue or practice: power and false flags of the temporary part, over many countries.

Decisions of the 98 municipalities 1999-2008 are drawn by month from the generator's own practices,
queues and waits, at a share of the country's size; persons are not. Prints per scenario, scale and
whether the queue is implied by the waits of decided cases, or the stock is seen besides (as shown
with the noise of protection) the share of queues found, of false flags, how well the temporary part
and its limits hold the planted one, and the correlation of ranks with lasting practice, as they are
and with the temporary part out.

    python -m benchmarks.backlog_power [--seeds 50]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from pipeline.disclosure import CellKey
from pipeline.model.followups.backlog import (
    CaseMonths,
    Temporary,
    combined,
    seen_part,
    shrunken,
    temporary_part,
)
from synthetic_data.ground.scenario import Scenario, read_scenario
from synthetic_data.places.country import Country, build_country

#: The last year's decisions are what waits when the window ends.
YEARS = tuple(range(1999, 2009))
WINDOW = (2006, 2007)
SCENARIOS = ("backlog", "default", "no_practice")
SCALES = (1.0, 0.1)
#: Grants a year of FP and FJ at full size under national practice.
GRANTS = 16_750
#: From here a planted temporary part (log) is a queue to be found; below the other it is none.
A_QUEUE, NO_QUEUE = 0.05, 0.02
KEY = CellKey()
_DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Drawn:
    """Months of decisions until the window's end, (M,) cases decided in it and stocks at its ends.

    ``effect`` (M,) is the log of the grants of the window over their expectation.
    """

    months: CaseMonths
    decided: np.ndarray
    before: np.ndarray
    after: np.ndarray
    effect: np.ndarray

    def implied(self) -> Temporary:
        """Return the temporary part that the waits of decided cases tell."""
        part = temporary_part(self.months, WINDOW)
        assert part is not None
        return part

    def seen(self, rng: np.random.Generator) -> Temporary:
        """Return the temporary part of the waits and of the stocks as they are shown."""
        shown = [
            KEY.transitions.shown(count.astype(np.int64), rng.random(count.size)).astype(float)
            for count in (self.decided, self.before, self.after)
        ]
        noise = [KEY.noise_variance(stock) for stock in shown[1:]]
        return combined(self.implied(), seen_part(*shown, noise[0] + noise[1]))


def drawn(country: Country, scenario: Scenario, rng: np.random.Generator, scale: float) -> Drawn:
    """Return the cases of a drawn country, at ``scale`` of the whole one's size."""
    sizes = scenario.decisions
    n, shape = len(country.codes), (len(country.codes), len(YEARS), 12)
    usual = GRANTS * scale / 12 * country.share
    decided = np.array(country.backlog.decided)
    practice = country.practice[:, 0] - country.backlog_effect
    per_case = np.exp(practice) + sizes.refusals_per_grant * np.exp(
        sizes.refusal_on_practice * practice
    )
    grants = rng.poisson(usual[:, None, None] * np.exp(practice)[:, :, None] * decided)
    cases = rng.poisson(usual[:, None, None] * (per_case - np.exp(practice))[:, :, None] * decided)
    cases = (cases + grants).reshape(n, -1)
    wait = np.rint(np.array(country.backlog.wait_days)).reshape(n, -1)
    days, squares = np.zeros((n, cases.shape[1])), np.zeros((n, cases.shape[1]))
    asked = (sizes.statement_share + sizes.statement_share_mental) / 2
    usual_days = asked * sizes.statement_longest_days / 3
    spread = sizes.processing_days_case_spread
    begin, end = (12 * (year - YEARS[0]) for year in (WINDOW[0], WINDOW[-1] + 1))
    before, after = np.zeros(n), np.zeros(n)
    for m in range(n):
        month = np.repeat(np.arange(cases.shape[1]), cases[m])
        clarification = (country.processing_days[m] - usual_days) * np.exp(
            spread * rng.normal(size=month.size) - spread**2 / 2
        )
        statement = np.where(
            rng.random(month.size) < asked,
            sizes.statement_longest_days * rng.random(month.size) ** 2,
            0.0,
        )
        case_days = np.maximum(np.rint(clarification), 7) + np.rint(statement) + wait[m, month]
        days[m] = np.bincount(month, case_days, cases.shape[1])
        squares[m] = np.bincount(month, case_days**2, cases.shape[1])
        decided_at = month + rng.random(month.size)
        applied_at = decided_at - case_days / _DAYS_PER_MONTH
        before[m], after[m] = (
            np.count_nonzero((applied_at < edge) & (decided_at >= edge)) for edge in (begin, end)
        )
    at = [YEARS.index(year) for year in WINDOW]
    expected = 24 * usual
    ratio = (grants.reshape(shape)[:, at].sum(axis=(1, 2)) + 0.5) / expected
    months = CaseMonths(YEARS[0], *(sums[:, :end].astype(float) for sums in (cases, days, squares)))
    decided_in_window = cases[:, begin:end].sum(axis=1)
    return Drawn(months, decided_in_window, before, after, np.log(ratio))


def planted(country: Country) -> tuple[np.ndarray, np.ndarray]:
    """Return (M,) the planted temporary part of the window, and the lasting practice."""
    at = [YEARS.index(year) for year in WINDOW]
    temporary = np.log(np.array(country.backlog.decided)[:, at].mean(axis=(1, 2)))
    lasting = (country.practice[:, 0] - country.backlog_effect)[:, at].mean(axis=1)
    return temporary, lasting


def scores(part: Temporary, truth: np.ndarray, level: float = 1.96) -> dict[str, float]:
    """Return what one country says: found queues, false flags, coverage and error."""
    known = part.is_known
    queue, none = known & (np.abs(truth) >= A_QUEUE), known & (np.abs(truth) < NO_QUEUE)
    error = (part.effect - truth)[known]

    def share(of: np.ndarray) -> float:
        return float(part.is_flagged[of].mean()) if of.any() else float("nan")

    return {
        "known": float(known.mean()),
        "found": share(queue),
        "false": share(none),
        "held": float((np.abs(error) <= level * part.se[known]).mean()),
        "bias": float(error.mean()),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50)
    arguments = parser.parse_args()
    names = ("known", "found", "false", "held", "bias", "raw", "without")
    print("scenario      scale  stock    " + "  ".join(f"{name:>7}" for name in names))
    for name in SCENARIOS:
        scenario = read_scenario(name)
        for scale in SCALES:
            rows: dict[str, list[dict[str, float]]] = {"implied": [], "seen": []}
            for seed in range(arguments.seeds):
                country = build_country(scenario, seed, YEARS)
                rng = np.random.default_rng(seed)
                made = drawn(country, scenario, rng, scale)
                for stock, part in (("implied", made.implied()), ("seen", made.seen(rng))):
                    rows[stock].append(_row(country, made, part))
            for stock, listed in rows.items():
                means = [np.nanmean([row.get(key, np.nan) for row in listed]) for key in names]
                told = "  ".join(f"{mean:>7.3f}" for mean in means)
                print(f"{name:<13} {scale:>5}  {stock:<7}  {told}", flush=True)


def _row(country: Country, made: Drawn, part: Temporary) -> dict[str, float]:
    truth, lasting = planted(country)
    row = scores(part, truth)
    net = made.effect - shrunken(part.effect, part.se)
    if lasting.std() > 1e-9:
        row["raw"] = float(spearmanr(made.effect, lasting)[0])
        row["without"] = float(spearmanr(net, lasting)[0])
    return row


if __name__ == "__main__":
    main()
