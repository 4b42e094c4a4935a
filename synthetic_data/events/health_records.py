"""What is kept of a block's health events: hospital contacts, and what the factors need to know."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Ints

NEVER_YEAR = -9999


@dataclass
class HealthMemory:
    """What a block remembers of its persons' health; years are calendar years.

    Of mental diagnoses the last that were made, and the last that were recorded.
    """

    mental_diagnosis_year: Ints
    mental_recorded_year: Ints
    musculoskeletal_year: Ints
    serious_year: Ints
    has_psychiatric_contact: NDArray[np.bool_]
    has_psychotropics: NDArray[np.bool_]
    gp_services: Ints

    @classmethod
    def blank(cls, n_persons: int) -> HealthMemory:
        """Return a memory of persons without any health event."""
        return cls(
            mental_diagnosis_year=np.full(n_persons, NEVER_YEAR),
            mental_recorded_year=np.full(n_persons, NEVER_YEAR),
            musculoskeletal_year=np.full(n_persons, NEVER_YEAR),
            serious_year=np.full(n_persons, NEVER_YEAR),
            has_psychiatric_contact=np.zeros(n_persons, dtype=bool),
            has_psychotropics=np.zeros(n_persons, dtype=bool),
            gp_services=np.zeros(n_persons, dtype=np.int64),
        )


@dataclass(frozen=True)
class Contacts:
    """Hospital contacts: who, on which day of the year, patient type, a kind number per person.

    Diagnoses point to contacts by position; ``diagnosis_type`` indexes ``DIAGNOSIS_TYPES``.
    """

    person: Ints
    day: Ints
    patient_type: NDArray[np.int8]
    kind: NDArray[np.int8]
    diagnosis_contact: Ints
    diagnosis: NDArray[np.int16]
    diagnosis_type: NDArray[np.int8]

    def before(self, day: int) -> Contacts:
        """Return the contacts before ``day`` of the year, 0 the first."""
        return self._only(self.day < day)

    def since(self, day: int) -> Contacts:
        """Return the contacts from ``day`` of the year on, 0 the first."""
        return self._only(self.day >= day)

    def with_diagnoses(self, kept: NDArray[np.bool_]) -> Contacts:
        """Return all contacts, those that are not ``kept`` without their diagnoses."""
        of_kept = kept[self.diagnosis_contact]
        return replace(
            self,
            diagnosis_contact=self.diagnosis_contact[of_kept],
            diagnosis=self.diagnosis[of_kept],
            diagnosis_type=self.diagnosis_type[of_kept],
        )

    def _only(self, kept: NDArray[np.bool_]) -> Contacts:
        position = np.cumsum(kept) - 1
        of_kept = kept[self.diagnosis_contact]
        return Contacts(
            person=self.person[kept],
            day=self.day[kept],
            patient_type=self.patient_type[kept],
            kind=self.kind[kept],
            diagnosis_contact=position[self.diagnosis_contact[of_kept]],
            diagnosis=self.diagnosis[of_kept],
            diagnosis_type=self.diagnosis_type[of_kept],
        )
