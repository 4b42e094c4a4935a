"""The command that proposes municipalities to interview, from what a release publishes."""

from __future__ import annotations

import argparse

from pipeline.errors import PublishError
from pipeline.settings import read_settings


def select(options: argparse.Namespace) -> None:
    """Print the best sets under the criteria of a file, and why each municipality is in or out.

    The release is read and left as it is.
    """
    import reports
    from pipeline.cases.library import DEFAULT, read_selection
    from pipeline.model.cases.proposal import case_frames
    from pipeline.night.steps import published_release

    asked = read_selection(DEFAULT if options.file is None else options.file)
    settings = read_settings(home=options.home, languages=options.lang)
    published = published_release(settings)
    texts = reports.case_study_texts(
        published,
        lambda tables: case_frames(tables, asked),
        languages=settings.languages,
        benchmark=options.benchmark,
    )
    if not any(texts):
        raise PublishError(
            f"{published} does not hold what municipalities are chosen by.",
            expected="a release with ranks by specification and reporting by municipality, or with"
            " change against earlier years where municipalities are chosen by that",
            next_step="run `tildeling nightly` to make one.",
        )
    print("\n\n".join(texts))
