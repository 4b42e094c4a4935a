"""The release gate of a home: its ledger in ``restricted/``, and what may go out beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from pipeline.disclosure import ProtectedFrames, ledger
from pipeline.errors import PublishError, TildelingError
from pipeline.night.entries import ENTRY_FILE
from pipeline.settings import Settings
from pipeline.warehouse.database.private import closed_folder
from pipeline.warehouse.publication.approval import (
    LEDGER,
    approval_bytes,
    approval_file,
    approval_of,
)
from pipeline.warehouse.publication.releases import sync

_CONTENT = ".sha256"
#: Ending of what decided how a release of the ledger shows its counts.
_NOISE = ".noise.json"


def ledger_folder(settings: Settings) -> Path:
    """Return the folder of the ledger, which only its owner can enter."""
    return closed_folder(settings.registers_path.resolve().parent) / LEDGER


def content_of(runs: Sequence[ProtectedFrames]) -> str:
    """Return the SHA-256 of everything that the frames of ``runs`` would publish.

    The same for a frame that was made now and for one that a release gave back: of the order of
    rows and columns, and of what missing values are held by, it does not depend.
    """
    digest = hashlib.sha256()
    for frames in runs:
        for table in sorted(frames):
            digest.update(table.encode())
            frame = frames[table]
            names = sorted(map(str, frame))
            numbers = [
                name
                for name in names
                if pd.api.types.is_numeric_dtype(frame[name])
                and not pd.api.types.is_bool_dtype(frame[name])
            ]
            frame = frame.astype(dict.fromkeys(numbers, "Float64"))
            ordered = frame[names].sort_values(names, kind="stable") if names else frame
            digest.update(ordered.to_csv(index=False).encode())
    return digest.hexdigest()


def is_published(settings: Settings, release: str, content: str) -> bool:
    """Return whether ``release``, which is in place, shows ``content`` of :func:`content_of`."""
    known = ledger_folder(settings) / f"{release}{_CONTENT}"
    return known.exists() and known.read_text().strip() == content


def refuse_singled_out(
    settings: Settings, runs: Sequence[tuple[str, Path]], *, approve: bool = False
) -> tuple[str, ...]:
    """Raise :class:`PublishError` where ``runs`` would single persons out; return why if approved.

    A run is the name of its question and the folder of its results. Each is held against every
    entry of the ledger and against the runs that would be published with it
    (:func:`pipeline.disclosure.ledger.refusals`); without disclosure control only for whether
    earlier ones were shown with noise.
    """
    reasons = _other_noise(settings)
    if settings.disclosure_method != "none":
        entries = {
            path.stem: pd.read_parquet(path)
            for path in sorted(ledger_folder(settings).glob("*.parquet"))
        }
        for name, folder in runs:
            candidate = pd.read_parquet(folder / f"{ENTRY_FILE}.parquet")
            refusals = ledger.refusals(
                entries,
                candidate,
                smallest=settings.disclosure_threshold,
                batch=settings.disclosure_batch,
                least=settings.disclosure_smallest_expected_part,
            )
            several = f"{name} beside " if len(runs) > 1 else ""
            reasons += [f"{several}{reason}" for reason in refusals]
            entries[f"{name} of this release"] = candidate
    if reasons and not approve:
        listed = "\n".join(f"  - {reason}" for reason in reasons)
        raise PublishError(
            "the new release is staged and was not published: beside earlier ones it would single"
            f" persons out:\n{listed}",
            expected=f"no municipality in which 1 to {settings.disclosure_threshold - 1} persons"
            " differ from a release that is or was out, or a batch of changes in the country",
            next_step="wait for more changes, or ask fewer questions at once; a later night"
            " replaces what is staged. Who has weighed it publishes it with `tildeling publish"
            " --approve`.",
        )
    return tuple(reasons)


@contextmanager
def recorded(
    settings: Settings,
    release: str,
    folders: Sequence[Path],
    content: str,
    approved: tuple[str, ...] = (),
) -> Iterator[None]:
    """Enter ``release``, made of the runs in ``folders``, in the ledger while it is published.

    Where there are reasons against it that somebody ``approved``, with who that is and when.
    Before, so that none is ever out without an entry, whenever the run is killed; an entry of one
    that was not put in place only makes the gate stricter. Where publication fails, it is taken
    away.
    """
    target = ledger_folder(settings)
    target.mkdir(mode=0o700, exist_ok=True)
    made = {
        **{
            f"{release}{'' if at == 1 else f'+{at}'}.parquet": (
                folder / f"{ENTRY_FILE}.parquet"
            ).read_bytes()
            for at, folder in enumerate(folders, 1)
        },
        f"{release}{_CONTENT}": f"{content}\n".encode(),
        f"{release}{_NOISE}": json.dumps(_noise(settings), sort_keys=True).encode(),
    }
    if approved:
        made[approval_file(release)] = approval_bytes(approval_of(approved))
    for name, written in made.items():
        (target / name).write_bytes(written)
        sync(target / name)
    try:
        yield
    except TildelingError:
        for name in made:
            (target / name).unlink()
        raise


def _noise(settings: Settings) -> dict[str, object]:
    """Return what decides the number that a count is shown as."""
    if settings.disclosure_method != "cell_key":
        return {"method": settings.disclosure_method}
    return {
        "method": settings.disclosure_method,
        "variance": settings.disclosure_variance,
        "reach": settings.disclosure_reach,
        "threshold": settings.disclosure_threshold,
        "totals": settings.disclosure_totals,
    }


def _other_noise(settings: Settings) -> list[str]:
    """Return a reason per release of the ledger whose noise would be undone: by exact counts, or
    by other noise of the same counts, which can be averaged.
    """
    now, messages = _noise(settings), []
    for path in sorted(ledger_folder(settings).glob(f"*{_NOISE}")):
        before = json.loads(path.read_text())
        if before["method"] == "cell_key" and before != now:
            differ = [name for name in before if before[name] != now.get(name)]
            told = ", ".join(f"{name} {before[name]}, now {now.get(name, '-')}" for name in differ)
            messages.append(f"{path.name.removesuffix(_NOISE)}: shown with other noise ({told})")
    return messages
