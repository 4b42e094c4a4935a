"""The command that asks a release what another practice would be: grants a year."""

from __future__ import annotations

import argparse

from pipeline.settings import read_settings


def answer(options: argparse.Namespace) -> None:
    """Print grants a year of the municipalities asked about, area 000 their sum.

    The release is read and left as it is.
    """
    from pipeline.night.what_if import answered
    from pipeline.warehouse.publication.releases import current_release, refuse_changed

    settings = read_settings(home=options.home)
    release = current_release(settings.home)
    if release is not None:
        refuse_changed(release)
    frame = answered(
        settings, options.practice, options.outcome, options.municipality, options.only
    )
    print(frame.round(1).to_string(index=False))
