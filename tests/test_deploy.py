"""What ``deploy/`` ships fits the repository: the container file, Prefect's variables."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from pipeline.commands.arguments import build_parser
from pipeline.commands.cli import _commands
from pipeline.errors import SettingsError

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def instructions() -> list[tuple[str, str]]:
    """Return instruction and rest of each line of the container file, continued lines as one."""
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", text)).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line]  # type: ignore[misc]


def the(instruction: str) -> str:
    """Return the rest of the last line of ``instruction``."""
    return [rest for name, rest in instructions() if name == instruction][-1]


def test_the_container_copies_what_is_there_and_all_that_the_program_needs() -> None:
    copied = [shlex.split(rest)[:-1] for name, rest in instructions() if name == "COPY"]
    sources = {source for of in copied for source in of}
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    packages = {
        of.removesuffix("*") for of in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert packages | {"prefect.yaml", "requirements.lock"} <= sources
    # All else of the folder, data of a home in it too, never reaches the program that builds.
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == sources


def test_the_container_has_the_python_of_the_project_and_pinned_packages_by_hash() -> None:
    low, below = re.fullmatch(
        r">=(3\.\d+),<3\.(\d+)", PROJECT["project"]["requires-python"]
    ).groups()  # type: ignore[union-attr]
    assert int(below) == int(low.split(".")[1]) + 1
    assert f"python:{low}-" in the("ARG")
    runs = [rest for name, rest in instructions() if name == "RUN"]
    assert set(re.findall(r"python(3\.\d+)/site-packages", " ".join(runs))) == {low}
    (install,) = [found for rest in runs for found in re.findall(r"pip install [^&]*", rest)]
    assert {"--require-hashes", "--no-deps"} <= set(install.split())
    assert install.split()[-2:] == ["-r", "requirements.lock"]


def test_the_container_runs_a_night_as_a_user_of_its_own() -> None:
    kinds = [name for name, _ in instructions()]
    assert the("USER") == "tildeling"
    # Nothing is made as another user after it.
    assert not {"RUN", "COPY", "ADD"} & set(kinds[kinds.index("USER") :])
    (program,) = json.loads(the("ENTRYPOINT"))
    assert PROJECT["project"]["scripts"][program] == "pipeline.commands.program:main"
    assert "from pipeline.commands.program import main" in " ".join(r for _, r in instructions())
    # Prefect finds the block for mail here as in an installed package.
    ((group, points),) = PROJECT["project"]["entry-points"].items()
    told = [f"'[{group}]'", *(f"'{name} = {module}'" for name, module in points.items())]
    assert " ".join(told) in " ".join(rest for name, rest in instructions() if name == "RUN")
    options = build_parser(_commands()).parse_args(json.loads(the("CMD")))
    assert options.extracts == Path("/srv/extracts")


def test_the_container_and_the_units_agree_on_what_prefect_may_say_abroad() -> None:
    shipped = dotenv_values(ROOT / "deploy" / "prefect.env")
    of_container = dict(part.split("=", 1) for part in shlex.split(the("ENV")))
    for name in ("PREFECT_SERVER_ANALYTICS_ENABLED", "DO_NOT_TRACK"):
        assert of_container[name] == shipped[name]
    # Else the history of a night would not lie in the home, which is closed to others.
    assert "PREFECT_HOME" not in of_container
    assert of_container["TILDELING_HOME"].startswith(f"{the('VOLUME')}/")


def test_runs_of_prefect_s_server_do_not_stay_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that is shipped is one that Prefect knows."""
    server = pytest.importorskip("prefect.settings.models.root").Settings
    for name, value in dotenv_values(ROOT / "deploy" / "prefect.env").items():
        monkeypatch.setenv(name, str(value))
    vacuum = server().server.services.db_vacuum
    assert {"events", "flow_runs"} <= vacuum.enabled_vacuum_types
    assert vacuum.retention_period.days == 90


def test_a_death_that_a_busy_server_sees_twice_is_one_night_again() -> None:
    told = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    (again,) = (one for one in told["deployments"] if one["name"] == "again")
    assert again["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


@pytest.mark.parametrize("delivered", ["/srv/extracts", None])
def test_a_deployed_night_takes_the_delivery_and_never_makes_a_country_instead(
    monkeypatch: pytest.MonkeyPatch, delivered: str | None
) -> None:
    """Resolved twice, as `prefect deploy` does: by the environment, then by what is left."""
    apply_values = pytest.importorskip("prefect.utilities.templating").apply_values
    folder_of = import_module("flows.nightly").folder_of
    monkeypatch.delenv("EXTRACTS", raising=False)
    if delivered is not None:
        monkeypatch.setenv("EXTRACTS", delivered)
    told = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    nights = [one for one in told["deployments"] if one["name"] in ("nightly", "again")]
    assert len(nights) == 2
    for night in nights:
        extracts = apply_values(apply_values(night, {}, remove_notset=False), {})["parameters"]
        if delivered is None:
            with pytest.raises(SettingsError, match="takes EXTRACTS of the environment"):
                folder_of(**extracts)
        else:
            assert folder_of(**extracts) == delivered
