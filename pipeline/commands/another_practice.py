"""The command that asks a release what another practice would be: grants a year."""

from __future__ import annotations

import argparse

from pipeline.settings import read_settings

#: What is printed of the cost; the release has limits of every figure.
_COST = (
    *("persons_change", "persons_change_low", "persons_change_high"),
    *("net_kroner_change", "net_kroner_change_low", "net_kroner_change_high"),
    *("net_municipal_kroner_change", "net_kroner_total_change"),
)
_MILLION = 1e6


def answer(options: argparse.Namespace) -> None:
    """Print grants a year of the municipalities asked about, area 000 their sum, and their cost.

    The release is read and left as it is.
    """
    from pipeline.night.questions.what_if import answered, answered_cost
    from pipeline.night.steps import published_release

    settings = read_settings(home=options.home)
    published = published_release(settings)
    frame = answered(
        published,
        settings,
        options.practice,
        options.outcome,
        options.municipality,
        options.only,
    )
    print(frame.round(1).to_string(index=False))
    cost = answered_cost(published, settings, frame, options.prices)
    if not cost.empty:
        years = int(cost["years_of_practice"].iloc[0])
        print(f"\nafter {years} years, persons on the benefit and million kroner (net of before):")
        shown = cost[["area_code", *_COST]].copy()
        for name in _COST:
            if "kroner" in name:
                shown[name] /= _MILLION
        print(shown.round(2).to_string(index=False))
