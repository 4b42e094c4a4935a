"""What a load would find in a folder, as one page of text and the error it would end with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.errors import CheckError, ExtractError, TildelingError
from pipeline.registers import ANKESTYRELSEN, REGISTERS
from pipeline.registers.benefits import GRANTS
from pipeline.registers.coverage import spans
from pipeline.warehouse.delivery.extractfiles import Extracts
from pipeline.warehouse.raw.loadnotes import LoadNote, note_text
from pipeline.warehouse.raw.quarantine import commonest_values
from pipeline.warehouse.raw.weekruns import UnknownWeeks

_SHOWN_CODES = 20


@dataclass(frozen=True)
class Failing:
    """Rows of a register that one check would put in quarantine; ``samples`` are file:row.

    ``values`` are the commonest that fail, each with its rows.
    """

    register: str
    check: str
    column: str
    expected: str
    n_rows: int
    samples: tuple[str, ...]
    values: tuple[tuple[str | None, int], ...] = ()


@dataclass(frozen=True)
class Inspection:
    """What a load of ``extracts`` would find: the files, the rows that fail, what would stop it."""

    extracts: Extracts
    benchmark: str
    failing: tuple[Failing, ...]
    too_many: tuple[str, ...]
    unknown_weeks: Mapping[str, UnknownWeeks] = field(default_factory=dict)
    max_unknown_week_share: float = 1.0
    missing_years: Mapping[str, Sequence[int]] = field(default_factory=dict)
    decisions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    notes: tuple[LoadNote, ...] = ()

    @property
    def unplaced_years(self) -> list[str]:
        """Return which years of which register have too many weeks with an unknown code."""
        return [
            f"{name} in {year} ({share:.1%})"
            for name, weeks in self.unknown_weeks.items()
            for year, share in weeks.share_by_year.items()
            if share > self.max_unknown_week_share
        ]

    @property
    def error(self) -> TildelingError | None:
        """What the load would end with; None when it would load."""
        folder = self.extracts.folder
        if self.extracts.faults:
            noun = "fault" if len(self.extracts.faults) == 1 else "faults"
            return ExtractError(
                f"{folder} would not load: {len(self.extracts.faults)} structural {noun}",
                next_step="mend or redeliver the files named above.",
            )
        if self.too_many:
            return CheckError(
                f"{folder} would not load: too many rows fail in {', '.join(self.too_many)}",
                next_step="mend the files or the declaration, or raise max_quarantine_share.",
            )
        if self.unplaced_years:
            return CheckError(
                f"{folder} would not load: too many weeks have an unknown code: "
                f"{', '.join(self.unplaced_years)}",
                expected=f"at most {self.max_unknown_week_share:.1%} of a year's weeks with a code",
                next_step="add the codes named above to the code list (docs/code_lists.md), or "
                "raise max_unknown_week_share.",
            )
        return None

    def n_failing(self, register: str) -> int:
        """Return how many rows of ``register`` would go to quarantine."""
        return sum(failing.n_rows for failing in self.failing if failing.register == register)

    def __str__(self) -> str:
        mark = ["SYNTETISKE DATA"] if self.extracts.mark.get("is_synthetic") else []
        sections = (
            [*mark, f"{self.extracts.folder}, benchmark {self.benchmark}: nothing was loaded"],
            self._files(),
            self._ignored(),
            self._notes(),
            self._failing(),
            self._unknown_weeks(),
            self._decisions(),
            self._missing_years(),
            self._stops(),
        )
        return "\n\n".join("\n".join(lines) for lines in sections if lines)

    def _files(self) -> list[str]:
        lines = [f"{'register':<15}{'files':>6}  {'years':<10}{'rows':>13}{'failing':>10}  form"]
        for name, files in self.extracts.files.items():
            if files:
                years = sorted({file.file_year for file in files if file.file_year})
                span = f"{years[0]}-{years[-1]}" if years else "-"
                n_rows, forms = sum(file.n_rows for file in files), {file.form for file in files}
                lines.append(
                    f"{name:<15}{len(files):>6}  {span:<10}{n_rows:>13,}{self.n_failing(name):>10,}"
                    f"  {'; '.join(sorted(forms))}"
                )
        return lines

    def _ignored(self) -> list[str]:
        lines = []
        for name, files in self.extracts.files.items():
            extra = sorted({column for file in files for column in file.extra_columns})
            if extra:
                more = ", ..." if len(extra) > 10 else ""
                lines.append(
                    f"columns not declared, ignored: {name}: {', '.join(extra[:10])}{more}"
                )
        absent = [r for r in REGISTERS if not self.extracts.files.get(r.name)]
        optional = [r.name for r in absent if r.is_optional and not r.absence_costs]
        if optional:
            lines.append(f"not delivered, optional: {', '.join(optional)}")
        lines += [
            f"not delivered: {r.name}; not made without it: {r.absence_costs}"
            for r in absent
            if r.absence_costs
        ]
        if self.extracts.unknown:
            lines.append(f"files of no register, not read: {', '.join(self.extracts.unknown)}")
        return lines

    def _failing(self) -> list[str]:
        if not self.failing:
            return []
        return [
            "rows that would go to quarantine (file:row)",
            *(
                f"  {f.register}: {f.column} ({f.check}): {f.n_rows:,} rows; expected {f.expected};"
                f" {commonest_values(f.values)}e.g. {', '.join(f.samples)}"
                for f in self.failing
            ),
        ]

    def _notes(self) -> list[str]:
        if not self.notes:
            return []
        listed = (f"  {note.file}: {note_text(note)}" for note in self.notes)
        return ["read otherwise than it stands", *listed]

    def _unknown_weeks(self) -> list[str]:
        lines = []
        for name, weeks in self.unknown_weeks.items():
            for code, n_weeks, n_rows in weeks.codes[:_SHOWN_CODES]:
                lines.append(f"  {name}: {code}: {n_weeks:,} weeks of {n_rows:,} persons")
            if len(weeks.codes) > _SHOWN_CODES:
                lines.append(f"  {name}: and {len(weeks.codes) - _SHOWN_CODES} more")
        if not lines:
            return []
        return ["codes that no list has: they load, and their weeks become unknown", *lines]

    def _decisions(self) -> list[str]:
        if not self.decisions:
            return []
        counted = ", ".join(f"{case} {what}: {n:,}" for (case, what), n in self.decisions.items())
        lines = [f"decisions by case type: {counted}"]
        granted = {case for case, what in self.decisions if what in GRANTS}
        lines += [
            f"no grant of {case}: the outcome {case} is left out of the benchmark"
            for case in ANKESTYRELSEN.column("SAGSART").values or ()
            if case not in granted
        ]
        return lines

    def _missing_years(self) -> list[str]:
        if not self.missing_years:
            return []
        return [
            f"years that benchmark {self.benchmark} needs (docs/years.md) and no file is named for",
            *(f"  {name}: {spans(years)}" for name, years in self.missing_years.items()),
        ]

    def _stops(self) -> list[str]:
        if self.extracts.faults:
            listed = (f"  - {fault}" for fault in self.extracts.faults)
            return [f"would stop the load ({len(self.extracts.faults)} structural)", *listed]
        if self.too_many:
            return [f"would stop the load: too many failing rows in {', '.join(self.too_many)}"]
        if self.unplaced_years:
            return [f"would stop the load: unknown codes in {', '.join(self.unplaced_years)}"]
        n_read = sum(file.n_rows for files in self.extracts.files.values() for file in files)
        n_bad = sum(failing.n_rows for failing in self.failing)
        return [f"would load: {n_read:,} rows read = {n_read - n_bad:,} loaded + {n_bad:,} failing"]
