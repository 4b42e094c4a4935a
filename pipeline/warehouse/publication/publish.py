"""Publication: a release is built beside the old one, checked, and put in place in one step.

``benchmark.duckdb`` leads by symlinks to a file in ``releases/`` whose name is never used again.
Someone who has the old release open keeps reading it; whoever opens the link next gets the new one.
A rename of the file itself would not do: a process that still holds the old file would be given it
again under the new name. One of the links is common to the database and its Parquet copies, so they
change together (:mod:`.releases`).

A crash at any instant leaves the old release in place or the new one. One between writing the
manifest and moving the link leaves a whole, checked release that is kept but not in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pipeline.disclosure.door import ProtectedFrames
from pipeline.errors import PublishError
from pipeline.manifest import Run
from pipeline.warehouse.database.connection import read_only
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER
from pipeline.warehouse.publication import archive, archiving
from pipeline.warehouse.publication.comparison import Comparison, compare_releases
from pipeline.warehouse.publication.release_file import RESULT_TABLES, build_release, write_copies
from pipeline.warehouse.publication.releases import (
    MOMENT,
    UNFINISHED,
    Release,
    clean_unfinished,
    current_release,
    links_folder,
    parquet_folder,
    put_in_place,
    remove_release,
    sha256_of,
    sync,
    write_manifest,
)
from pipeline.warehouse.publication.retention import Retention, prune

__all__ = [
    "RESULT_TABLES",
    "Release",
    "check_release",
    "clean_unfinished",
    "publish_release",
    "release_name",
]

#: Share of rows or sums that a release may lose against the last one, 0-1.
MAX_SHRINK_SHARE = 0.1
#: What a release has of a synthetic country only, and only of one that was scored.
_SCORED = ("recovery", "calibration")
_NEXT_SCORE = (
    "score the results before they are published, as a night does: `tildeling fit --truth "
    "EXTRACTS/truth`. "
)


def publish_release(
    frames: ProtectedFrames,
    run: Run,
    home: Path,
    *,
    further: Sequence[tuple[ProtectedFrames, Run]] = (),
    retention: Retention,
    max_shrink_share: float = MAX_SHRINK_SHARE,
) -> Release:
    """Return the release made of ``frames`` after putting it in place in ``home``.

    ``run`` is the first of the release, ``further`` has the frames of others and what they were.
    ``frames`` has one frame per table of :data:`RESULT_TABLES` but ``run``, without ``run_id``, as
    :func:`pipeline.disclosure.protect` returned them.
    What ``retention`` keeps stays in ``releases/``, and what each release said of its
    municipalities in ``archive/`` (:mod:`.archive`). Raises :class:`PublishError`, with
    the previous release untouched, when a frame does not fit its table, a check fails, or the
    release lost more than ``max_shrink_share`` (0-1) of a table or sum of the last release that
    answered the same question (:meth:`Comparison.shrinkage`).
    """
    releases = home / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    clean_unfinished(home)
    archive.settle(home)
    archiving.complete(home)
    final = releases / f"{release_name([run, *(of for _, of in further)])}.duckdb"
    if final.exists():
        raise PublishError(
            f"{final} exists; the name of a release is never used again.",
            next_step="run it again: the name has the time of the run.",
        )
    unfinished = final.with_name(final.name + UNFINISHED)
    copies = parquet_folder(final).with_name(parquet_folder(final).name + UNFINISHED)
    try:
        runs = [(frames, run), *further]
        build_release(unfinished, runs)
        archiving.prepare(home, unfinished, name=final.stem)
        comparison = _compare(home, unfinished, run)
        lost = [
            text
            for _, of in runs
            if (compared := comparison if of is run else _compare(home, unfinished, of))
            for text in compared.shrinkage(max_shrink_share)
        ]
        before = comparison.before if comparison else ""
        _refuse_faults(check_release(unfinished), lost, before, max_shrink_share)
        # After the checks, so that a release that is refused costs no copies.
        write_copies(unfinished, run, copies)
        release = Release(final, run.run_id, sha256_of(unfinished))
        sync(unfinished)
        copies.rename(parquet_folder(final))
        unfinished.rename(final)
        links_folder(final)
        write_manifest(final, _manifest(release, runs, comparison))
        put_in_place(home, final)
    except BaseException:
        now = current_release(home)
        if now is None or now.path != final:
            remove_release(final)
        clean_unfinished(home)
        archive.settle(home)
        raise
    archive.settle(home)
    prune(home, retention)
    return release


def release_name(runs: Sequence[Run]) -> str:
    """Return the name of the release of ``runs``: that of its file, without extension.

    It begins with the moment when the last of them was finished: one that an earlier release had
    already is older.
    """
    finished_at = max(run.finished_at for run in runs)
    return f"benchmark-{finished_at:{MOMENT}}-{runs[0].run_id}"


def check_release(path: Path) -> list[str]:
    """Return the faults of the release file ``path``, in words; empty when it may be published."""
    with read_only(path) as connection:
        rows = connection.execute((SQL_FOLDER / "release" / "fault.sql").read_text()).fetchall()
    return [str(fault) for (fault,) in rows]


def _compare(home: Path, unfinished: Path, run: Run) -> Comparison | None:
    """Return ``run`` of the new release against the same of that in place.

    None without one, or where it is unreadable.
    """
    now = current_release(home)
    # A release that was changed or damaged says nothing about the new one.
    if now is None or not now.is_whole:
        return None
    return compare_releases(now.path, unfinished, (run.benchmark, run.years))


def _refuse_faults(
    faults: list[str], lost: list[str], before: str, max_shrink_share: float
) -> None:
    if faults:
        raise PublishError(
            f"the new release failed {len(faults)} check(s) and was not published:\n"
            f"{_listed(faults)}",
            next_step="the previous release stands; see the log of the run.",
        )
    if lost:
        is_unscored = any(text.partition(":")[0] in _SCORED for text in lost)
        raise PublishError(
            f"the new release has lost something against {before}:\n{_listed(lost)}",
            expected=f"no table or sum to shrink by more than {max_shrink_share:.0%}",
            next_step=(_NEXT_SCORE if is_unscored else "")
            + "look for missing files or rows; if it is as it should be, allow it once "
            "with TILDELING_MAX_SHRINK_SHARE=1. The previous release stands.",
        )


def _listed(lines: list[str]) -> str:
    return "\n".join(f"  - {line}" for line in lines)


def _manifest(
    release: Release,
    runs: Sequence[tuple[ProtectedFrames, Run]],
    comparison: Comparison | None,
) -> dict[str, object]:
    names = [name for name in RESULT_TABLES if name != "run"]
    rows = {name: sum(len(frames[name]) for frames, _ in runs) for name in names}
    return {
        **asdict(runs[0][1]),
        "runs": [run.run_id for _, run in runs],
        "file": release.path.name,
        "parquet": parquet_folder(release.path).name,
        "bytes": release.path.stat().st_size,
        "sha256": release.sha256,
        "rows": {"run": len(runs), **rows},
        "before": comparison.before if comparison else None,
    }
