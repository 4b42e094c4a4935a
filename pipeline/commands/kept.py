"""Commands about what a home keeps: its releases, what is staged, how it stands, going back."""

from __future__ import annotations

import argparse
import logging
import shutil
from contextlib import AbstractContextManager

from pipeline.settings import Settings, read_settings
from pipeline.warehouse.publication.archive import FOLDER as ARCHIVE
from pipeline.warehouse.publication.archive import archived
from pipeline.warehouse.publication.lock import hold_home
from pipeline.warehouse.publication.releases import (
    current_release,
    list_releases,
    releases_to_compare,
    roll_back,
)
from pipeline.warehouse.publication.retraction import retract as retract_release


def held(settings: Settings) -> AbstractContextManager[None]:
    """Return the home of ``settings`` held for writing while the block runs."""
    log = logging.getLogger("tildeling")
    return hold_home(settings.home, wait_seconds=settings.lock_wait_seconds, progress=log.info)


def releases(options: argparse.Namespace) -> None:
    """Print a line per release kept, newest first."""
    home = read_settings(home=options.home).home
    now = current_release(home)
    for release in list_releases(home):
        place = "in place" if now and release.name == now.name else "kept"
        mark = "  SYNTETISKE DATA" if release.manifest.get("is_synthetic") else ""
        state = place if release.is_whole else "not as published"
        size = release.path.stat().st_size if release.path.exists() else 0
        print(f"{release.name}  {state}  {size / 1e6:.1f} MB{mark}")
    kept_in_archive = archived(home)
    if kept_in_archive:
        n, first = len(kept_in_archive), kept_in_archive[0]
        print(f"{home / ARCHIVE}: headline results of {n}, from {first} on")


def status(options: argparse.Namespace) -> None:
    """Print how a home stands."""
    from pipeline.night.status import status as status_of

    print(status_of(read_settings(home=options.home).home))


def diff(options: argparse.Namespace) -> None:
    """Print what differs between two releases."""
    from pipeline.warehouse.publication.comparison import compare_releases

    home = read_settings(home=options.home).home
    print(compare_releases(*releases_to_compare(home, options.before, options.after)))


def publish(options: argparse.Namespace) -> None:
    """Publish what lies staged, and have the report that a night made, if any, show it."""
    from pipeline.night import steps

    settings = read_settings(home=options.home)
    with held(settings):
        release = steps.publish_staged(settings.home, approve=options.approve)
        if (settings.home / "report").exists():
            _redraw(settings)
    print(release.path)


def rollback(options: argparse.Namespace) -> None:
    """Put an earlier release in place, and its report."""
    settings = read_settings(home=options.home)
    with held(settings):
        release = roll_back(settings.home, options.release)
        _redraw(settings)
    print(f"{release.name} is in place, with its report")


def retract(options: argparse.Namespace) -> None:
    """Remove a release that should not have gone out, and put the one before it in place."""
    settings = read_settings(home=options.home)
    with held(settings):
        release, now = retract_release(settings.home, options.release)
        _redraw(settings, is_published=now is not None)
    place = f"{now.name} is in place, with its report" if now else "no release is in place"
    print(f"{release.name} is removed; {place}")


def _redraw(settings: Settings, *, is_published: bool = True) -> None:
    """Have ``report/`` show the release in place: nobody reads on in one of another release."""
    from pipeline.night import steps

    if is_published:
        steps.report(settings)
    else:
        shutil.rmtree(settings.home / "report", ignore_errors=True)
