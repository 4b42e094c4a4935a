"""No value of a setting ends in a traceback, from wherever it comes: it is taken or named.

The environment, ``tildeling.toml``, the command line and the parameters of the Prefect flow are
each given whatever text, number, list or table there is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.commands.cli import main
from pipeline.errors import SettingsError
from pipeline.setting_values import NO_SETTINGS, bytes_of, listed
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.database.connection import connect

NAMES = tuple(Settings.model_fields)
LISTS = ("outcomes", "models", "languages", "standards")
#: What people and programs write by mistake, and the edges of what may be written.
LIKELY = (
    *("", " ", ",", "[", "[]", "{}", "null", "nan", "inf", "-inf", "1e400", "-1", "0", "1", "2"),
    *("0.5", "1.0", "9" * 400, "1_000", "0x10", "٣", "true", "ja", "FP", "FP,FJ", " FP , FJ ,"),
    *(
        '["FP"]',
        '["FP", 1]',
        '"FP"',
        "FP,FP",
        "da",
        "da;en",
        "within",
        "4GB",
        "1GB",
        "9" * 30 + "TB",
    ),
    *("4 gib", "1e3MB", "tcp://a:1", "tcp://a:99999999", "a:1", "akf_2006_2007", "lowest_10"),
    *("municipality_101", "quantile_0", "/", "..", "a/b\nc", "x" * 5_000, "[" * 3_000),
)
TEXT = st.sampled_from(LIKELY) | st.text(max_size=40)
#: An environment holds any bytes but NUL; Python hands on those that are no text as surrogates.
BYTES = st.binary(max_size=30).map(lambda raw: os.fsdecode(raw.replace(b"\0", b"")))
SCALARS = (
    TEXT
    | st.integers()
    | st.integers(min_value=10**30)
    | st.floats()
    | st.booleans()
    | st.none()
    | st.dates()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2)
)


def taken(**options: Any) -> Settings | None:
    """Return the settings, or None when they were refused with a message that names a setting."""
    fault = None
    try:
        settings = read_settings(**options)
    except SettingsError as error:
        fault = error
    if fault is not None:
        assert fault.exit_code == 3
        assert "cannot be used" in fault.message or "cannot be read" in fault.message
        fault.message.encode("utf-8")
        return None
    # What is taken can be written down, hashed and given to the database.
    json.dumps(settings.published(), allow_nan=False).encode("utf-8")
    assert bytes_of(settings.memory_limit) >= 10**9
    assert len(settings.settings_hash) == 64
    lists = [getattr(settings, name) or () for name in LISTS]
    assert all(len(set(names)) == len(names) for names in lists)
    return settings


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(NAMES), TEXT | BYTES, max_size=3))
def test_any_environment_is_taken_or_named(environment: dict[str, str]) -> None:
    variables = {
        f"TILDELING_{name.upper()}": value.replace("\0", "") for name, value in environment.items()
    }
    with TemporaryDirectory() as folder, chdir(folder), patch.dict(os.environ, variables):
        taken()


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(NAMES) | TEXT, VALUES, max_size=3))
def test_any_parameters_of_the_flow_are_taken_or_named(parameters: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder, chdir(folder):
        taken(**parameters)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=3), st.binary(max_size=20))
def test_any_file_is_taken_or_named(values: dict[str, str], damage: bytes) -> None:
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    raw = [f"{name} = {value}" for name, value in values.items()]
    for text in ("\n".join(lines).encode(), "\n".join(raw).encode("utf-8", "replace"), damage):
        with TemporaryDirectory() as folder, chdir(folder):
            Path("tildeling.toml").write_bytes(text)
            taken()


@settings(max_examples=40)
@given(
    st.sampled_from(["--scale", "--seed", "--window", "--scenario", "--years", "--workers"]),
    TEXT | BYTES,
)
def test_any_option_is_taken_or_named(option: str, value: str) -> None:
    """`generate` into a path below a file: it fails as storage when all settings are right."""
    with TemporaryDirectory() as folder, chdir(folder):
        Path("file").write_text("", encoding="utf-8")
        arguments = ["generate", "--out", "file/below", "--scale", "0.001", f"{option}={value}"]
        try:
            code = main(arguments)
        except SystemExit as error:
            code = error.code
        assert code in (2, 3, 14), arguments


@settings(max_examples=30)
@given(st.sampled_from(["--home", "--lang", "--outcome", "--model"]), TEXT | BYTES)
def test_any_option_of_a_step_is_taken_or_named(option: str, value: str) -> None:
    command = "report" if option in ("--home", "--lang") else "fit"
    with TemporaryDirectory() as folder, chdir(folder):
        try:
            code = main([command, "--home", "empty", f"{option}={value}"])
        except SystemExit as error:
            code = error.code
        assert code in (2, 3, 14)


@pytest.mark.parametrize("text", ["FP,FJ", " FP , FJ ,", '["FP", "FJ"]', "[ 'FP' ]"])
@pytest.mark.parametrize("source", ["environment", "file", "command line"])
def test_names_are_written_alike_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    options = {}
    if source == "environment":
        monkeypatch.setenv("TILDELING_OUTCOMES", text)
    elif source == "file":
        Path("tildeling.toml").write_text(f"outcomes = {json.dumps(text)}", encoding="utf-8")
    else:
        options["outcomes"] = text
    if "'" in text:
        with pytest.raises(SettingsError, match="outcomes: is neither names"):
            read_settings(**options)
    else:
        assert read_settings(**options).outcomes == ("FP", "FJ")


def test_a_list_in_the_file_is_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tildeling.toml").write_text('outcomes = ["FJ"]\nlanguages = "en"', encoding="utf-8")
    settings = read_settings()
    assert (settings.outcomes, settings.languages) == (("FJ",), ("en",))
    assert listed(None) is None


def test_a_variable_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILDELING_OUTCOMES", "")
    assert read_settings().question.outcomes == ("FP", "FJ", "ANY")


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILDELING_OUTCOME", "FP")
    with pytest.raises(SettingsError, match=r"TILDELING_OUTCOME'.*is TILDELING_OUTCOMES meant\?"):
        read_settings()
    monkeypatch.delenv("TILDELING_OUTCOME")
    for name in NO_SETTINGS:
        monkeypatch.setenv(f"TILDELING_{name}", "x" * 40)
    read_settings()


@pytest.mark.parametrize("limit", ["1GB", "1000TB", "1.5 GiB"])
def test_the_database_opens_with_the_extremes(limit: str) -> None:
    with connect(":memory:", read_only=False, memory_limit=limit, threads=256) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"scale": "much"}, "scale: Input should be a valid number"),
        ({"seed": [1]}, "seed: Input should be a valid integer"),
        ({"window": {"a": 1}}, "benchmark: Input should be a valid string"),
        ({"home": "a\0b"}, "home: "),
        ({"extracts": 3}, "the parameter extracts is '3'"),
        ({"extracts": "a\0b"}, "the parameter extracts is "),
    ],
)
def test_parameters_of_the_flow_end_in_a_message(parameters: dict[str, Any], said: str) -> None:
    """The body of the flow, as a worker runs it: it ends in a failed state with a message."""
    flow = pytest.importorskip("flows.nightly").nightly
    assert not flow.should_validate_parameters
    state = flow.fn(**parameters)
    assert isinstance(state.data, SettingsError)
    assert said in state.message
    assert state.data.__traceback__ is None


def nightly(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = "from pipeline.commands.cli import main; raise SystemExit(main())"
    return subprocess.run(
        [sys.executable, "-c", command, "nightly", "--home", str(tmp_path / "home")],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("http://127.0.0.1:9/api", 14, "the Prefect server http://127.0.0.1:9/api does not answer"),
        ("http://[", 3, "Prefect cannot use its settings"),
    ],
)
def test_a_server_that_is_away_is_one_message(
    tmp_path: Path, address: str, code: int, said: str
) -> None:
    night = nightly(tmp_path, PREFECT_API_URL=address)
    assert night.returncode == code, night.stderr
    assert f"tildeling: {said}" in night.stderr
    assert "unset" in night.stderr
    assert "Traceback" not in night.stderr
    # Prefect's plugins have their say of its settings before we are asked.
    assert len(night.stderr.splitlines()) <= 8


@pytest.mark.slow
def test_a_machine_too_slow_to_start_prefect_is_told_with_its_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    night = nightly(tmp_path, PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="1")
    assert night.returncode == 14, night.stderr
    assert "could not work on this machine: Timed out" in night.stderr
    assert f" on {os.cpu_count()} cores" in night.stderr
    assert "Traceback" not in night.stderr


@pytest.mark.parametrize(("load", "is_busy"), [(9.5, True), (0.3, False)])
def test_only_a_busy_machine_is_told_to_wait(
    monkeypatch: pytest.MonkeyPatch, load: float, is_busy: bool
) -> None:
    server = pytest.importorskip("flows.server")
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    said = server.server_error(RuntimeError("Timed out")).message
    assert f"a load average of {load} on 4 cores" in said
    assert ("wait until the machine has less to do" in said) == is_busy
    assert "free ports" in said


@pytest.mark.parametrize(
    ("load", "seconds"), [(0.2, "120"), (4.0, "120"), (10.0, "300"), (99, "960")]
)
def test_prefect_has_longer_to_start_where_the_machine_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: float, seconds: str
) -> None:
    """On two cores with a load of 8 it took over two minutes, and the night was none."""
    environment = pytest.importorskip("flows.environment")
    variables: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", variables)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    environment.prepare(tmp_path)
    assert variables["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] == seconds
