"""What was planted in a synthetic country and is scored when a run is protected."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.model.tables.recovery import score_tilts
from pipeline.model.years.decision_maker_frames import planted_dates
from pipeline.model.years.step_recovery import score_spread, score_steps
from pipeline.night.questions.decision_makers import moved_with
from pipeline.night.questions.followups import followup_model
from pipeline.night.truth import consultants, tilts
from pipeline.settings import Settings

Frames = dict[str, pd.DataFrame]
TILT, CONSULTANT = "planted_tilt", "planted_consultant"


def stage_planted(truth: Path, folder: Path) -> None:
    """Write what is planted in the country of ``truth`` into the run in ``folder``."""
    tilts(truth).to_parquet(folder / f"{TILT}.parquet", index=False)
    consultants(truth).to_parquet(folder / f"{CONSULTANT}.parquet", index=False)


def with_planted_scored(made: Frames, settings: Settings) -> Frames:
    """Return the tables of a run as shown, ``recovery`` with the scores of what is planted.

    The frames of what is planted go no further.
    """
    made = dict(made)
    planted = {name: made.pop(name, None) for name in (TILT, CONSULTANT)}
    scores = [made["recovery"]]
    if (tilt := planted[TILT]) is not None:
        scores.append(score_tilts(made["practice_profile"], tilt))
    if (consultant := planted[CONSULTANT]) is not None:
        model = followup_model(settings.question.models)
        scores.append(score_steps(made["practice_step"], consultant, model, settings.level))
        scores += [
            score_spread(moved_with(made, [dates], settings), moves, outcome, model)
            for outcome, dates, moves in planted_dates(consultant)
        ]
    # An empty frame has columns of no kind, which would be those of all.
    scores = [frame for frame in scores if len(frame)] or scores[:1]
    return {**made, "recovery": pd.concat(scores, ignore_index=True)}
