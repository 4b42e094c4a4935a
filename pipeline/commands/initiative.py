"""The command that says what an initiative of municipalities did, out of the registers."""

from __future__ import annotations

import argparse

from pipeline.settings import read_settings


def initiative(options: argparse.Namespace) -> None:
    """Print the answer of an initiative's file in each language.

    The registers are read and left as they are; counts are as disclosure control shows them.
    """
    import reports
    from pipeline.errors import existing
    from pipeline.initiatives.library import read_initiative
    from pipeline.night.questions.initiatives import answered
    from pipeline.warehouse.marts.current import refuse_outdated

    asked = read_initiative(options.file)
    settings = read_settings(home=options.home, languages=options.lang)
    registers = existing(settings.registers_path, "tildeling load")
    refuse_outdated(registers, settings)
    frames = answered(registers, settings, asked, options.file.parent)
    print("\n\n".join(reports.initiative_texts(frames, languages=settings.languages)))
