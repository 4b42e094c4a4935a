"""Work of a night on a Dask cluster: with certificates, by the same code, to the same bytes."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dotenv import dotenv_values
from extracts_fixture import with_one_grant
from test_synthetic_determinism import SMALL, bytes_by_file

from pipeline.errors import ModelError, SettingsError, StorageError
from pipeline.night import fits
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.marts.load import load_extracts
from synthetic_data import generate

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"


@pytest.mark.parametrize("address", ["tcp://192.0.2.1:8786", "ws://host:1", "tcp://127.0.0.1.x:1"])
def test_an_address_that_is_open_to_others_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="open to whoever reaches it") as error:
        read_settings(dask_address=address)
    assert error.value.exit_code == 3


@pytest.mark.parametrize("address", ["tls://host:8786", "tcp://127.0.0.1:1", "tcp://[::1]:1", ""])
def test_an_address_with_certificates_or_of_this_machine_is_taken(address: str) -> None:
    assert read_settings(dask_address=address).dask_address == address


@pytest.fixture(scope="module")
def distributed() -> ModuleType:
    return pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return folders ``own/machine`` and ``strange/machine``, signed by two authorities."""
    folder = tmp_path_factory.mktemp("certificates")
    for authority in ("own", "strange"):
        script = [DEPLOY / "dask-certificates.sh", folder / authority, "machine"]
        subprocess.run(["sh", "-e", *script], check=True, capture_output=True)
    assert [path for path in folder.rglob("*.key") if path.stat().st_mode & 0o077] == []
    return folder


def configuration(folder: Path) -> dict[str, Any]:
    """Return Dask's configuration as ``deploy/dask.env`` sets it, certificates in ``folder``."""
    from dask.config import interpret_value

    found = {}
    for name, value in dotenv_values(DEPLOY / "dask.env").items():
        place = name.removeprefix("DASK_").lower().replace("__", ".")
        found[place] = interpret_value(str(value).replace("/etc/tildeling/dask", str(folder)))
    return found


@pytest.fixture(scope="module")
def scheduler(distributed: ModuleType, certificates: Path) -> Iterator[str]:
    """Yield the address of a scheduler with TLS and two workers, in threads of this process."""
    from dask.config import set as configured

    with (
        configured(configuration(certificates / "own" / "machine")),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=False,
            protocol="tls",
            security=distributed.Security(),
            dashboard_address=None,
        ) as cluster,
    ):
        assert cluster.scheduler_address.startswith("tls://127.0.0.1:")
        yield cluster.scheduler_address


@pytest.fixture
def cluster() -> Any:
    return pytest.importorskip("flows.cluster")


@pytest.fixture
def generation() -> Any:
    """Import it before the test begins: Prefect takes the handlers of the root logger away."""
    return pytest.importorskip("flows.generation")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    with_one_grant().write(home / "extracts")
    settings = read_settings(home=home, threads=1)
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    return home


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(loaded, tmp_path / "home", symlinks=True))


def settings_of(address: str, **options: object) -> Settings:
    return read_settings(dask_address=address, threads=1, **options)


def test_workers_make_the_same_country_and_say_who_made_it(
    scheduler: str, generation: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small = {**SMALL, "block_persons": 777}
    caplog.set_level(logging.INFO, "tildeling")
    with generation._hands(settings_of(scheduler)) as (do, n_at_once):
        assert n_at_once == 2
        generate(tmp_path / "cluster", **small, make=lambda partitions: map(do, partitions))
    generate(tmp_path / "one", **small, workers=1)
    assert bytes_by_file(tmp_path / "cluster") == bytes_by_file(tmp_path / "one")
    said = " ".join(record.getMessage() for record in caplog.records)
    assert len(re.findall(r"persons [\d,]+ to [\d,]+: by \S+:\d+ in [\d.]+ s", said)) > 1


def test_a_worker_fits_in_the_home_that_the_night_sees(
    scheduler: str, cluster: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = pytest.importorskip("flows.elsewhere")
    settings = settings_of(scheduler, home=home)

    def fit_run(registers: Path, settings: Settings, folder: Path) -> None:
        if settings.level == 0.9:
            raise ModelError("no convergence", next_step="fewer factors")
        logging.getLogger("tildeling").info("fitting")
        folder.mkdir()
        (folder / "benchmark.parquet").write_bytes(b"rows")

    monkeypatch.setattr(fits, "fit_run", fit_run)
    frozen = settings.frozen()
    with cluster.cluster(settings) as workers:
        assert workers.do("fit", elsewhere.fit, frozen) is None
        assert fits._is_whole(fits.folder_of(settings))
        other = {**frozen, "settings": {**frozen["settings"], "level": 0.9}}
        with pytest.raises(ModelError, match="fewer factors"):
            workers.do("fit", elsewhere.fit, other)
        unseen = {**frozen, "settings": {**frozen["settings"], "home": str(home / "unseen")}}
        with pytest.raises(StorageError, match="does not see"):
            workers.do("fit", elsewhere.fit, unseen)
        monkeypatch.setattr(cluster, "code", lambda: "another")
        with pytest.raises(SettingsError, match="has other code"):
            workers.do("fit", elsewhere.fit, frozen)


def test_two_that_made_the_same_fit_leave_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second, given up and late, takes nothing away from who reads what the first left."""
    settings = read_settings(home=home, threads=1)
    inodes = []

    def fit_run(registers: Path, settings: Settings, folder: Path) -> None:
        folder.mkdir()
        (folder / "benchmark.parquet").write_bytes(b"rows")
        if not inodes:
            inodes.append(fits.folder_of(settings))
            monkeypatch.setattr(fits.os, "getpid", lambda: 1)
            inodes.append(fits.fitted(settings).stat().st_ino)

    monkeypatch.setattr(fits, "fit_run", fit_run)
    folder = fits.fitted(settings)
    assert inodes == [folder, folder.stat().st_ino]
    assert list(folder.parent.iterdir()) == [folder]


def test_who_has_no_certificate_of_the_authority_is_refused(
    scheduler: str, cluster: Any, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dask.config import set as configured

    monkeypatch.setattr(cluster, "_CONNECTS_WITHIN_SECONDS", 2)
    strange = certificates / "strange" / "machine"
    (strange / "authority.pem").write_bytes(
        (certificates / "own" / "machine" / "authority.pem").read_bytes()
    )
    with (
        configured(configuration(strange)),
        pytest.raises(StorageError, match="does not answer"),
    ):
        cluster.refuse_absent_cluster(settings_of(scheduler))
    (strange / "machine.key").unlink()
    with configured(configuration(strange)), pytest.raises(SettingsError, match="cannot be used"):
        cluster.refuse_absent_cluster(settings_of(scheduler))
    nothing = {"distributed.comm.tls.ca-file": None, "distributed.comm.tls.client.cert": None}
    nothing["distributed.comm.tls.client.key"] = None
    with configured(nothing), pytest.raises(SettingsError, match="DASK_DISTRIBUTED__COMM__TLS"):
        cluster.refuse_absent_cluster(settings_of(scheduler))


def test_without_an_address_there_is_no_cluster(cluster: Any) -> None:
    with cluster.cluster(settings_of("")) as workers:
        assert workers is None
