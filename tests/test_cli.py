"""The command line: usage, exit codes and messages, without running a night."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.commands import cli
from pipeline.commands.arguments import build_parser
from pipeline.commands.program import heed_sigterm
from pipeline.errors import ExtractError

README = Path(__file__).parent.parent / "README.md"


def commands() -> set[str]:
    usage = build_parser(cli._commands())._subparsers._group_actions[
        0
    ]  # argparse offers no other way
    return set(usage.choices)


def test_every_command_is_in_the_readme_and_every_one_there_exists():
    documented = set(re.findall(r"^tildeling ([a-z-]+)", README.read_text(), flags=re.MULTILINE))
    assert documented == commands()


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_option_is_in_the_readme(command):
    usage = build_parser(cli._commands())._subparsers._group_actions[0].choices[command]
    options = set(re.findall(r"--[a-z]+", usage.format_usage())) - {"--help"}
    line = re.search(rf"^tildeling {command} .*$", README.read_text(), flags=re.MULTILINE)
    assert set(re.findall(r"--[a-z]+", line[0])) == options


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["fit", "--home", "{home}"], 14, "registers.duckdb does not exist"),
        (["report", "--home", "{home}"], 14, "benchmark.duckdb does not exist"),
        (["score", "--home", "{home}", "--truth", "{home}"], 14, "does not exist"),
        (["publish", "--home", "{home}"], 14, "nothing is staged"),
        (["load", "--home", "{home}", "--extracts", "{home}/none"], 10, "none"),
        (["fit", "--home", "{home}", "--window", "never"], 3, "never"),
        (["fit", "--home", "{home}", "--model", "magic"], 3, "magic"),
        (["generate", "--out", "{home}/x", "--years", "2007"], 3, "--years 2007"),
        (["generate", "--out", "{home}/x", "--scale", "7"], 3, "scale"),
        (["generate", "--out", "{home}/x", "--scenario", "atlantis"], 3, "atlantis"),
    ],
)
def test_a_user_error_has_its_exit_code_and_no_traceback(
    tmp_path, capsys, arguments, code, message
):
    source = [part.replace("{home}", str(tmp_path)) for part in arguments]
    assert cli.main(source) == code
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown


def test_wrong_usage_is_exit_code_2(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["fit", "--no-such-option"])
    assert stop.value.code == 2
    assert "unrecognized arguments" in capsys.readouterr().err


def test_a_defect_of_ours_keeps_its_traceback(monkeypatch, capsys):
    def broken(_chosen):
        raise ZeroDivisionError("defect")

    monkeypatch.setattr(cli, "_report", broken)
    assert cli.main(["report"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_is_a_storage_error_without_a_traceback(monkeypatch, capsys):
    def full(_chosen):
        raise OSError(28, "No space left on device", "releases/x")

    monkeypatch.setattr(cli, "_report", full)
    assert cli.main(["report"]) == 14
    shown = capsys.readouterr().err
    assert "No space left on device" in shown
    assert "Traceback" not in shown


def test_an_interruption_says_that_the_release_stands(monkeypatch, capsys):
    def interrupted(_chosen):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_report", interrupted)
    assert cli.main(["report"]) == 130
    assert "published release stands" in capsys.readouterr().err


def test_sigterm_ends_the_first_process_of_a_container(monkeypatch):
    """The system's own handling of it passes over process 1."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        heed_sigterm()
        assert signal.getsignal(signal.SIGTERM) is before
        monkeypatch.setattr(os, "getpid", lambda: 1)
        heed_sigterm()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_faults_are_listed_together():
    error = ExtractError.from_faults("extracts", ["bef_2006: no column KOM", "dream: truncated"])
    assert "2 structural faults in the extracts in extracts" in error.message
    assert error.message.index("KOM") < error.message.index("truncated")


#: Models of Pydantic, each of which takes a part of a tenth of a second to make.
DECLARATIONS = {"pipeline.cases.declaration", "pipeline.initiatives.declaration"}


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        ("--version", {"pydantic", "duckdb", "numpy", "pandas"}),
        ("releases", {"duckdb", "numpy", "pandas", "prefect", *DECLARATIONS}),
        ("status", {"duckdb", "numpy", "pandas", "prefect", *DECLARATIONS}),
    ],
)
def test_short_commands_import_little(tmp_path, arguments, absent):
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from pipeline.commands.program import main; sys.argv[0] = 'tildeling';"
            " code = main(); print('IMPORTED', *sys.modules); sys.exit(code)",
            *arguments.split(),
        ],
        env={**os.environ, "TILDELING_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    assert absent.isdisjoint(said.split("IMPORTED")[1].split())
