"""What a run was: enough to make the same numbers again.

The run id is made from what decides the numbers: input, settings and code. Two runs with the same
three have the same id and the same results; when they ran is in ``started_at``.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pipeline
from pipeline.settings import Settings

#: What a run of a release is: of its night, or made later for years that no night answers.
PUBLISHED, BACKFILLED = "published", "backfilled"
#: Said by every published thing that was computed from the synthetic country, or without
#: disclosure control.
SYNTHETIC, UNPROTECTED = "SYNTETISKE DATA", "DISKRETION SLÅET FRA"
_REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Source:
    """The extracts behind a run: their hash and, when generated, how.

    ``scale`` is the share of the country generated (0-1), missing on real extracts.
    """

    input_hash: str
    is_synthetic: bool
    scale: float | None = None


@dataclass(frozen=True)
class Run:
    """One row of ``result.run``. Times are UTC."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    run_order: int
    benchmark: str
    years: str
    window: str
    scale: float | None
    seed: int
    is_synthetic: bool
    input_hash: str
    settings_hash: str
    code_version: str
    status: str
    settings: str

    @property
    def marks(self) -> tuple[str, ...]:
        """What every output of the run says of it, in official words; mostly nothing."""
        return marks_of(self.settings, is_synthetic=self.is_synthetic)


def marks_of(settings: str, *, is_synthetic: bool) -> tuple[str, ...]:
    """Return the marks of a run by its ``settings`` (JSON; empty where they are not told)."""
    told = json.loads(settings or "{}").get("settings", {})
    is_open = told.get("disclosure_method") == "none"
    return (*([SYNTHETIC] if is_synthetic else []), *([UNPROTECTED] if is_open else []))


def code_version() -> str:
    """Return the version of Tildeling and, in a git checkout, its commit (``-dirty`` if changed).

    Without git or outside a checkout only the version is known, and returned.
    """
    try:
        described = subprocess.run(
            ["git", "-C", str(_REPOSITORY), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return pipeline.__version__
    return f"{pipeline.__version__}+g{described}"


def run_id(source: Source, settings: Settings, version: str) -> str:
    """Return the id of a run: its benchmark and twelve digits of a hash of what decides it."""
    decided_by = "\n".join((source.input_hash, settings.settings_hash, version))
    return f"{settings.question.name}-{hashlib.sha256(decided_by.encode()).hexdigest()[:12]}"


def finished_run(
    source: Source,
    settings: Settings,
    started_at: datetime,
    run_order: int = 1,
    *,
    status: str = PUBLISHED,
) -> Run:
    """Return the run that began at ``started_at`` (aware, UTC) and is finished now.

    ``settings`` are those of the fit, ``run_order`` is its place in the release, from 1, and
    ``status`` says whether a night or a backfill made it.
    """
    version = code_version()
    return Run(
        run_id=run_id(source, settings, version),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        run_order=run_order,
        benchmark=settings.question.name,
        years=", ".join(map(str, settings.question.years)),
        window=settings.question.name,
        scale=source.scale,
        seed=settings.seed,
        is_synthetic=source.is_synthetic,
        input_hash=source.input_hash,
        settings_hash=settings.settings_hash,
        code_version=version,
        status=status,
        settings=json.dumps(settings.frozen(), sort_keys=True),
    )
