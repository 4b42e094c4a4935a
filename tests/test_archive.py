"""The archive keeps what releases said of municipalities after they are gone, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from test_publish import RUN, publish, publish_release, published, result_frames

from pipeline.commands.cli import main
from pipeline.errors import PublishError, StorageError
from pipeline.warehouse.publication.archive import archived
from pipeline.warehouse.publication.releases import list_releases, roll_back
from pipeline.warehouse.publication.retention import Retention
from pipeline.warehouse.publication.retraction import retract

KEY = ["release", "run_id", "outcome", "model", "municipality_code"]


def read(home: Path) -> pd.DataFrame:
    """Return the archive as a data team reads it."""
    files = str(home / "archive" / "*.parquet")
    return duckdb.execute(
        "SELECT * FROM read_parquet(?, union_by_name = true) ORDER BY ALL", [files]
    ).df()


def rows_of(path: Path, table: str) -> pd.DataFrame:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(f"SELECT * FROM result.{table}").df()


def test_the_archive_outlives_the_release_as_published(tmp_path: Path) -> None:
    said = {}
    home, grants = tmp_path / "4", (7, 8, 9, 10)
    for n in range(1, 5):
        *_, release = published(tmp_path / str(n), *grants[:n], kept=2)
        rows = rows_of(release.path, "benchmark")
        ranks = rows_of(release.path, "ranking")[[*KEY[1:], "rank", "rank_low", "rank_high"]]
        said[release.name] = rows.merge(ranks, on=KEY[1:], validate="one_to_one")
    assert len(list_releases(home)) == 2
    assert archived(home) == sorted(said)
    rows = read(home)
    assert not rows.duplicated(KEY).any()
    assert set(rows["benchmark"]) == {"akf_2006_2007"}
    assert rows["is_synthetic"].all()
    for name, expected in said.items():
        found = rows[rows["release"] == name]
        pd.testing.assert_frame_equal(
            found[expected.columns].sort_values(KEY[1:]).reset_index(drop=True),
            expected.sort_values(KEY[1:]).reset_index(drop=True),
        )


def test_what_is_retracted_leaves_the_archive_also_when_only_that_has_it(tmp_path: Path) -> None:
    assert len(published(tmp_path, 7, 8, 9, 10, kept=2)) == 2
    first, second, third, fourth = archived(tmp_path)
    retract(tmp_path)
    assert archived(tmp_path) == [first, second, third]
    gone, now = retract(tmp_path, first)
    assert (gone.name, now.name) == (first, third)
    assert archived(tmp_path) == [second, third]
    assert first not in set(read(tmp_path)["release"])
    with pytest.raises(StorageError, match="names 0 releases"):
        retract(tmp_path, first)
    with pytest.raises(StorageError, match="names 0 releases"):
        retract(tmp_path, fourth)
    publish(tmp_path, hours=5, observed=11)
    assert not {first, fourth} & set(archived(tmp_path))


def test_what_was_not_published_or_not_protected_is_not_archived(tmp_path: Path) -> None:
    (release,) = published(tmp_path, 7)
    with pytest.raises(PublishError, match="lost something"):
        publish(tmp_path, hours=1, observed=1)
    assert archived(tmp_path) == [release.name]
    open_run = replace(
        RUN,
        finished_at=RUN.finished_at + timedelta(hours=2),
        settings='{"settings": {"disclosure_method": "none"}}',
    )
    publish_release(result_frames(), open_run, tmp_path, retention=Retention(5))
    assert archived(tmp_path) == [release.name]
    assert sorted(path.name for path in (tmp_path / "archive").iterdir()) == [
        f"{release.name}.parquet"
    ]


def test_a_home_of_a_version_without_an_archive_gets_one(tmp_path: Path) -> None:
    releases = published(tmp_path, 7, 8, 9)
    for path in (tmp_path / "archive").iterdir():
        path.unlink()
    releases[1].path.write_bytes(b"damaged")
    fourth = publish(tmp_path, hours=4, observed=11)
    assert archived(tmp_path) == [releases[0].name, releases[2].name, fourth.name]


def test_going_back_takes_nothing_from_the_archive_and_the_command_tells_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    releases = published(tmp_path, 7, 9)
    roll_back(tmp_path)
    assert archived(tmp_path) == [release.name for release in releases]
    assert main(["releases", "--home", str(tmp_path)]) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == f"{tmp_path / 'archive'}: headline results of 2, from {releases[0].name} on"
