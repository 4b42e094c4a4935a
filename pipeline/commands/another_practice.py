"""The command that asks a release what another practice would be: grants a year."""

from __future__ import annotations

import argparse

from pipeline.settings import read_settings


def answer(options: argparse.Namespace) -> None:
    """Print grants a year of the municipalities asked about, area 000 their sum.

    The release is read and left as it is.
    """
    from pipeline.night.questions.what_if import answered
    from pipeline.night.steps import published_release

    settings = read_settings(home=options.home)
    frame = answered(
        published_release(settings),
        settings,
        options.practice,
        options.outcome,
        options.municipality,
        options.only,
    )
    print(frame.round(1).to_string(index=False))
