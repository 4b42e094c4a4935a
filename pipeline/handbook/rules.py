"""Rules by example: small tables of persons beside the SQL, run as tests and printed as a page.

``sql/core/first_grant.md`` lies beside ``first_grant.sql`` and says with tables what the SQL does.
It is Markdown, of which these lines are read; all else is prose for the reader::

    # core.first_grant                         the object, first line of the file
    Given the weeks of DREAM from 1995 to 2006.    every ISO week of the years
    Given years_at_risk is [2006].             a variable that the SQL reads
    Ordinarily core.decision:                  one row: the values of columns and cells left blank
    Everyone has raw.bef:                      one row, as above, and each person has it of whom no
                                               other is given
    ## The first grant counts                  a rule, which inherits all that stands above the
                                               first rule
    Given core.decision:                       rows
    Then:                                      the object's rows, all of them, in any order
    Then, where year = 2006:                   or all that a condition leaves
    Must not qualify: Refused, Withdrawn.      persons without a row

A table follows its line, with bars between cells. ``null`` is a missing value; a blank cell takes
the ordinary value, else null. The ordinary row of the object itself says what columns hold that
``Then`` leaves out. What the object reads and nobody gives is built from its own SQL, from
registers without rows and the code lists as shipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.warehouse.database.sqlfiles import SQL_FOLDER, read_sql_file

FILE = "rules.md"
#: Schemas with rules, in the order of the flow.
SCHEMAS = ("core", "mart", "factor")
PERSON_COLUMNS = ("PNR", "person_id")
NULL = "null"
_TABLE_LINE = re.compile(r"(Given|Ordinarily|Everyone has) (\w+\.\w+):")
_WEEKS = re.compile(r"Given the weeks of DREAM from (\d{4}) to (\d{4})\.")
_VARIABLE = re.compile(r"Given (\w+) is (.+)\.")
_THEN = re.compile(r"Then(?:, where (.+))?:")
_NOT = re.compile(r"Must not qualify: (.+)\.")
#: Lines meant to be read, with a slip in them.
_NEARLY = re.compile(
    r"(?:Given|Ordinarily|Everyone has) [\w.]+:?|Given the weeks\b.*|Given \w+ is\b.*|Then\b.*:"
    r"|Must not qualify\b.*"
)
_TITLE = re.compile(r"COMMENT ON (?:TABLE|VIEW)\s+[\w.]+\s+IS\s+'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Rows:
    """A table of text cells; a blank cell is the empty text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def persons(self) -> tuple[str, ...]:
        """Return the persons named in the rows, once each, in their order; none without such."""
        at = [self.columns.index(name) for name in PERSON_COLUMNS if name in self.columns]
        return tuple(dict.fromkeys(row[i] for row in self.rows for i in at))


@dataclass(frozen=True)
class Setting:
    """What holds for rules: given rows, weeks of DREAM, variables, ordinary values."""

    given: tuple[tuple[str, Rows], ...] = ()
    everyone: tuple[tuple[str, Rows], ...] = ()
    ordinary: tuple[tuple[str, Rows], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    weeks: tuple[int, int] | None = None


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what is given, the rows that come out, who must not be among them."""

    object: str
    name: str
    path: Path
    line: int
    setting: Setting
    then: Rows
    condition: str | None
    must_not_qualify: tuple[str, ...]

    def persons(self) -> tuple[str, ...]:
        """Return every person of the rule, once each: given, coming out, or not qualifying."""
        named = [name for _, rows in self.setting.given for name in rows.persons()]
        return tuple(dict.fromkeys([*named, *self.then.persons(), *self.must_not_qualify]))


@dataclass
class _Draft:
    """A rule, or what stands above the first one, while its lines are read."""

    name: str
    line: int
    given: list[tuple[str, Rows]] = field(default_factory=list)
    everyone: list[tuple[str, Rows]] = field(default_factory=list)
    ordinary: list[tuple[str, Rows]] = field(default_factory=list)
    variables: list[tuple[str, str]] = field(default_factory=list)
    weeks: tuple[int, int] | None = None
    then: tuple[Rows, str | None] | None = None
    must_not_qualify: tuple[str, ...] = ()


def rule_files() -> list[Path]:
    """Return the files of rules, in the order of the flow and of their names."""
    return [path for schema in SCHEMAS for path in sorted((SQL_FOLDER / schema).glob("*.md"))]


def read_rules(path: Path) -> list[Rule]:
    """Return the rules of the file ``path``, in its order.

    Raises ``ValueError`` with file and line for a first line that does not name the object beside
    the file, a table whose rows do not fit its heading, a line without its table, and a rule
    without ``Then``.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    name = f"{path.parent.name}.{path.stem}"
    if not lines or lines[0] != f"# {name}":
        raise ValueError(f"{path}:1: the first line is to be '# {name}'")
    drafts = [_Draft("", 1)]
    for at, line in enumerate(lines, start=1):
        if line.startswith("## "):
            drafts.append(_Draft(line.removeprefix("## "), at))
        else:
            _read_line(drafts[-1], lines, at, path)
    above, *rules = drafts
    return [_finished(name, path, above, rule) for rule in rules]


def _read_line(draft: _Draft, lines: list[str], at: int, path: Path) -> None:
    line = lines[at - 1]
    if match := _TABLE_LINE.fullmatch(line):
        kind, table = match.groups()
        rows = _table_after(lines, at, path)
        if kind != "Given" and len(rows.rows) != 1:
            raise ValueError(f"{path}:{at}: '{kind}' is followed by a table of one row")
        named = {"Given": draft.given, "Ordinarily": draft.ordinary, "Everyone has": draft.everyone}
        named[kind].append((table, rows))
    elif match := _WEEKS.fullmatch(line):
        draft.weeks = (int(match[1]), int(match[2]))
    elif match := _VARIABLE.fullmatch(line):
        draft.variables.append((match[1], match[2]))
    elif match := _THEN.fullmatch(line):
        draft.then = (_table_after(lines, at, path), match[1])
    elif match := _NOT.fullmatch(line):
        draft.must_not_qualify = tuple(part.strip() for part in match[1].split(","))
    elif _NEARLY.fullmatch(line):
        raise ValueError(f"{path}:{at}: not understood: {line!r}")


def _table_after(lines: list[str], at: int, path: Path) -> Rows:
    """Return the table that follows line ``at``, after blank lines."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    rows: list[tuple[str, ...]] = []
    while at < len(lines) and lines[at].startswith("|"):
        cells = tuple(cell.strip() for cell in lines[at].strip().strip("|").split("|"))
        if rows and len(cells) != len(rows[0]):
            raise ValueError(
                f"{path}:{at + 1}: {len(cells)} cells under a heading of {len(rows[0])}"
            )
        rows.append(cells)
        at += 1
    if len(rows) < 2 or not all(re.fullmatch(r":?-+:?", cell) for cell in rows[1]):
        raise ValueError(f"{path}:{at}: a table with heading and rule is expected before here")
    return Rows(rows[0], tuple(rows[2:]))


def _finished(name: str, path: Path, above: _Draft, rule: _Draft) -> Rule:
    if rule.then is None:
        raise ValueError(f"{path}:{rule.line}: the rule {rule.name!r} has no 'Then:'")
    return Rule(
        object=name,
        name=rule.name,
        path=path,
        line=rule.line,
        setting=Setting(
            given=(*above.given, *rule.given),
            everyone=(*above.everyone, *rule.everyone),
            ordinary=(*above.everyone, *above.ordinary, *rule.everyone, *rule.ordinary),
            variables=(*above.variables, *rule.variables),
            weeks=rule.weeks or above.weeks,
        ),
        then=rule.then[0],
        condition=rule.then[1],
        must_not_qualify=rule.must_not_qualify,
    )


def all_rules() -> list[Rule]:
    """Return every rule of every file; errors as :func:`read_rules`."""
    return [rule for path in rule_files() for rule in read_rules(path)]


def markdown() -> str:
    """Return the page of all rules, ending in a newline; errors as :func:`read_rules`."""
    files = [(path, read_rules(path)) for path in rule_files()]
    persons = {name for _, rules in files for rule in rules for name in rule.persons()}
    without = {name for _, rules in files for rule in rules for name in rule.must_not_qualify}
    lines = [
        "# Rules by example",
        "",
        "Made by `tildeling dictionary` from the `.md` files beside the SQL in `sql/core/`,",
        "`sql/mart/` and `sql/factor/`; edit those. Every table is run as a test: the rows under",
        "*Given* go in, the object's SQL runs, and the rows under *Then* must come out, all of",
        "them and no others.",
        "Persons are named by the rule they test. A blank cell takes the ordinary value, `null` is",
        "a missing one. `pipeline/handbook/rules.py` says how such a file is written.",
        "",
        f"{sum(len(rules) for _, rules in files)} rules of {len(files)} objects,"
        f" {len(persons)} persons, {len(without)} of whom must not qualify for something.",
        "",
        "| object | rules |",
        "|---|---|",
        *(
            f"| [{rules[0].object}](#{rules[0].object.replace('.', '')}) |"
            f" {'; '.join(rule.name for rule in rules)} |"
            for _, rules in files
        ),
    ]
    for path, _ in files:
        lines += ["", *_section(path)]
    return "\n".join(lines) + "\n"


def _section(path: Path) -> list[str]:
    """Return one file under the heading of its object, with what the SQL file says of itself."""
    file = read_sql_file(path.with_suffix(".sql"))
    title = _TITLE.search(file.text)
    body = [
        f"#{line}" if line.startswith("## ") else line
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    about = [f"*{file.grain[0].upper()}{file.grain[1:]}.*"]
    if file.caveat != "none":
        about.append(f"Caveat: {file.caveat}.")
    return [
        f"## {file.object}",
        "",
        *([title[1].replace("''", "'"), ""] if title else []),
        " ".join([*about, f"[SQL](../sql/{path.parent.name}/{path.stem}.sql)"]),
        *body,
    ]


def write_rules(folder: Path) -> Path:
    """Return ``rules.md`` in ``folder`` after writing it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(markdown(), encoding="utf-8", newline="\n")
    return path
