"""Declarations in TOML files, and what is wrong with one: key, value and what is allowed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.errors import SettingsError

Declared = TypeVar("Declared", bound=BaseModel)


def read_values(path: Path, *, expected: str, otherwise: str, next_step: str) -> dict[str, Any]:
    """Return the table in the TOML file ``path``.

    Raises :class:`SettingsError`: of a file that cannot be read with what was ``expected`` and what
    to do ``otherwise``, of one that is not TOML with the ``next_step``.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror or error}",
            expected=expected,
            next_step=otherwise,
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", next_step=next_step) from None


def files_in(home: Path, folder: str) -> list[Path]:
    """Return the TOML files in ``folder`` of a home by name; none where it has no such folder.

    Raises :class:`SettingsError` for a home that cannot be looked into.
    """
    try:
        return sorted((home / folder).glob("*.toml"))
    except OSError as error:
        raise SettingsError(
            f"home: {str(home)[:200]} cannot be used: {error.strerror or error}",
            next_step="name another folder with --home or TILDELING_HOME.",
        ) from None


def refuse_other_name(path: Path, name: str, *, next_step: str) -> None:
    """Raise :class:`SettingsError` where a declaration's ``name`` is not that of its file."""
    if name != path.stem:
        raise SettingsError(
            f"{path} cannot be used: name: {name!r}",
            expected=f"the name of the file, {path.stem}",
            next_step=next_step,
        )


def declared(
    model: type[Declared], values: dict[str, Any], where: str, *, next_step: str
) -> Declared:
    """Return ``values`` as the declaration ``model``.

    Raises one :class:`SettingsError` that names ``where`` and lists every fault.
    """
    try:
        return model(**values)
    except ValidationError as error:
        places = {tuple(fault["loc"]) for fault in error.errors()}
        # A list with a wrong entry is called too short as well.
        faults = [
            f"  - {_fault(model, dict(fault))}"
            for fault in error.errors()
            # What follows from a faulty value by default has no fault of its own.
            if fault["type"] != "default_factory_not_called"
            and not (
                fault["type"] == "too_short"
                and any(place[:-1] == tuple(fault["loc"]) for place in places)
            )
        ]
        noun = "fault" if len(faults) == 1 else "faults"
        raise SettingsError(
            f"{where} cannot be used, {len(faults)} {noun}:\n" + "\n".join(faults),
            next_step=next_step,
        ) from None


def _fault(model: type[BaseModel], fault: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or model.__name__.lower()
    if fault["type"] == "missing":
        return f"{key}: missing; allowed: a value"
    if fault["type"] == "extra_forbidden":
        known = _keys(model, fault["loc"][:-1])
        return f"{key}: no such key; allowed: {', '.join(known)}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "string_pattern_mismatch":
        message = f"allowed: text of the pattern {fault['ctx']['pattern']}"
    value = fault["input"]
    shown = "" if isinstance(value, dict) else f"{value!r}: "
    return f"{key}: {shown}{message}{'' if 'allowed' in message else _allowed(fault)}"


def _allowed(fault: dict[str, Any]) -> str:
    """Return what is allowed, where pydantic's message says it in its own words only."""
    context = fault.get("ctx") or {}
    for name, text in (
        ("expected", "allowed: {}"),
        ("ge", "allowed: {} or more"),
        ("le", "allowed: {} or less"),
        ("min_length", "allowed: {} or more"),
    ):
        if name in context:
            return "; " + text.format(context[name])
    kinds = {"int_": "a whole number", "bool": "true or false", "string": "text"}
    kinds |= {"tuple": "a list", "model": "a table", "dict": "a table"}
    for kind, text in kinds.items():
        if str(fault["type"]).startswith(kind):
            return f"; allowed: {text}"
    return ""


def _keys(model: Any, place: tuple[Any, ...]) -> list[str]:
    """Return the keys of the table at ``place`` in a declaration."""
    for part in place:
        model = model.model_fields[part].annotation
    return list(model.model_fields)
