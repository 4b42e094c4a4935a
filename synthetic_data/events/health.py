"""Hospital contacts, prescriptions and services of one year, drawn from latent health.

Each function returns the rows of a register as arrays, and keeps what the factors need: when a
person last had a diagnosis of which kind, whether psychotropic drugs were dispensed this year, and
the services in general practice this ISO year.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.events.health_records import Contacts, HealthMemory
from synthetic_data.ground import catalogue
from synthetic_data.ground.rng import Bits, Floats, Ints, Stream, explode, geometric, logistic
from synthetic_data.people.population import People

SOMATIC_SERIOUS = ("circulatory", "nervous", "neoplasm", "respiratory", "endocrine")
#: Types of diagnosis written: action, secondary, referral. Only A and B count as diagnoses.
DIAGNOSIS_TYPES = ("A", "B", "H")


class _Kind:
    """One kind of hospital contact: its probability is the caller's, its diagnoses are here."""

    def __init__(self, number: int, name: str, groups: dict[str, float]) -> None:
        self.number, self.name = number, name
        self.primary, group_of = catalogue.diagnosis_catalogue(groups)
        self.primary_number = np.array([_NUMBER_OF[code] for code in self.primary.values])
        assert (GROUP_OF_CODE[self.primary_number] == group_of).all()


ALL_CODES = tuple(code for codes in catalogue.ICD_BY_GROUP.values() for code in codes)
GROUP_OF_CODE = np.array([group for group, codes in catalogue.ICD_BY_GROUP.items() for _ in codes])
_NUMBER_OF = {code: number for number, code in enumerate(ALL_CODES)}
_IS_MENTAL = GROUP_OF_CODE == "mental"
_IS_MUSCULOSKELETAL = GROUP_OF_CODE == "musculoskeletal"
_IS_SERIOUS = np.isin(GROUP_OF_CODE, SOMATIC_SERIOUS)
_MUSCULOSKELETAL = _Kind(0, "musculoskeletal", catalogue.MUSCULOSKELETAL_CONTACT)
_SERIOUS = _Kind(1, "serious", catalogue.SERIOUS_CONTACT)
_OTHER = _Kind(2, "other", catalogue.OTHER_CONTACT)
_PSYCHIATRIC = _Kind(3, "psychiatric", catalogue.PSYCHIATRIC_CONTACT)
_SECONDARY, _ = catalogue.diagnosis_catalogue(catalogue.SECONDARY)
_SECONDARY_NUMBER = np.array([_NUMBER_OF[code] for code in _SECONDARY.values])


def hospital_contacts(
    memory: HealthMemory,
    active: NDArray[np.bool_],
    days: Ints,
    age: Ints,
    year: int,
    people: People,
    stream: Stream,
) -> Contacts:
    """Return the somatic contacts of ``year`` and note their diagnoses in ``memory``.

    ``days`` is the number of days of the year each person is here.
    """
    s, m = people.somatic, people.mental
    chances = (
        (_MUSCULOSKELETAL, -3.35 + 0.75 * s + 0.020 * (age - 40)),
        (_SERIOUS, -3.45 + 0.75 * s + 0.045 * (age - 40)),
        (_OTHER, -1.70 + 0.25 * s + 0.15 * m),
    )
    contacts = _draw(chances, active, days, year, stream)
    counted = contacts.diagnosis_type < 2
    person = contacts.person[contacts.diagnosis_contact[counted]]
    code = contacts.diagnosis[counted]
    ill = _mentally_ill(contacts)
    memory.mental_diagnosis_year[ill] = memory.mental_recorded_year[ill] = year
    memory.musculoskeletal_year[person[_IS_MUSCULOSKELETAL[code]]] = year
    memory.serious_year[person[_IS_SERIOUS[code]]] = year
    return contacts


def psychiatric_contacts(
    memory: HealthMemory,
    recorded_share: Floats,
    active: NDArray[np.bool_],
    days: Ints,
    age: Ints,
    year: int,
    people: People,
    stream: Stream,
) -> Contacts:
    """Return the psychiatric contacts of ``year`` and note mental diagnoses in ``memory``.

    ``recorded_share`` (persons,) is the chance that the year's diagnoses of a person are recorded;
    where they are not, the contacts stand in the register without.
    """
    eta = -5.35 + 1.25 * people.mental - 0.015 * (age - 40)
    eta = eta + 2.6 * memory.has_psychiatric_contact
    contacts = _draw(((_PSYCHIATRIC, eta),), active, days, year, stream)
    memory.has_psychiatric_contact[:] = False
    memory.has_psychiatric_contact[contacts.person] = True
    memory.mental_diagnosis_year[_mentally_ill(contacts)] = year
    if (recorded_share < 1).any():
        is_recorded = stream.uniform("recorded", year) < recorded_share
        contacts = contacts.with_diagnoses(is_recorded[contacts.person])
    memory.mental_recorded_year[_mentally_ill(contacts)] = year
    return contacts


def _mentally_ill(contacts: Contacts) -> Ints:
    """Return the persons of ``contacts`` with a mental diagnosis that counts, perhaps repeated."""
    mental = _IS_MENTAL[contacts.diagnosis] & (contacts.diagnosis_type < 2)
    return contacts.person[contacts.diagnosis_contact[mental]]


def prescriptions(
    memory: HealthMemory,
    active: NDArray[np.bool_],
    days: Ints,
    age: Ints,
    year: int,
    people: People,
    stream: Stream,
    is_commuter: NDArray[np.bool_],
) -> tuple[Ints, Ints, NDArray[np.int16], Floats]:
    """Return person, day of the year, drug and volume of the year's prescriptions.

    Who shifts between work and benefits (``is_commuter``) uses psychotropics most.

    The drug indexes the psychotropics followed by the other drugs. Notes in ``memory`` who was
    dispensed psychotropics.
    """
    eta = -3.80 + 1.0 * people.mental + 0.025 * (age - 40) + 0.35 * people.is_female
    eta = eta + 3.0 * memory.has_psychotropics + 1.8 * is_commuter
    uses = active & (stream.uniform("psychotropics", year) < logistic(eta))
    memory.has_psychotropics[:] = uses
    n_psychotropic = np.where(uses, 1 + geometric(stream.uniform("psychotropic_n", year), 3.5), 0)
    rate = np.exp(0.45 + 0.30 * people.somatic + 0.022 * (age - 40) + 0.2 * people.is_female)
    n_other = np.where(active, geometric(stream.uniform("drugs_n", year), rate), 0)
    person, bits = _events(np.minimum(n_psychotropic, 40), "psychotropic", year, stream)
    drug = catalogue.PSYCHOTROPICS.draw(bits, 16)
    other_person, other_bits = _events(np.minimum(n_other, 60), "drug", year, stream)
    other_drug = catalogue.OTHER_DRUGS.draw(other_bits, 16)
    offset = np.int16(len(catalogue.PSYCHOTROPICS.values))
    person, bits, drug = _in_order(
        (person, bits, drug), (other_person, other_bits, other_drug + offset)
    )
    volume = 10.0 * (1 + ((bits >> np.uint64(24)) & np.uint64(15)).astype(np.float64))
    return person, _part(bits, days[person]), drug, volume


def services(
    memory: HealthMemory,
    active: NDArray[np.bool_],
    weeks: Ints,
    age: Ints,
    year: int,
    people: People,
    stream: Stream,
) -> tuple[Ints, Ints, NDArray[np.int16], Ints]:
    """Return person, ISO week (0 the first), speciality and number of services of ISO ``year``.

    The speciality indexes those of general practice followed by the specialists'. Notes in
    ``memory`` each person's services in general practice.
    """
    rate = 1.10 + 0.25 * people.somatic + 0.22 * people.mental + 0.010 * (age - 40)
    rate = np.exp(rate + 0.2 * people.is_female)
    n_gp = np.where(active, geometric(stream.uniform("gp_n", year), rate), 0)
    n_specialist = np.where(active, geometric(stream.uniform("specialist_n", year), 1.2), 0)
    person, bits = _events(np.minimum(n_gp, 60), "gp", year, stream)
    amount = 1 + ((bits >> np.uint64(24)) & np.uint64(3)).astype(np.int64) // 2
    memory.gp_services[:] = np.bincount(person, amount, minlength=age.size).astype(np.int64)
    speciality = catalogue.GENERAL_PRACTICE.draw(bits, 16)
    other_person, other_bits = _events(np.minimum(n_specialist, 20), "specialist", year, stream)
    other = catalogue.SPECIALISTS.draw(other_bits, 16)
    offset = np.int16(len(catalogue.GENERAL_PRACTICE.values))
    person, bits, speciality, amount = _in_order(
        (person, bits, speciality, amount),
        (other_person, other_bits, other + offset, np.ones_like(other_person)),
    )
    return person, _part(bits, weeks[person]), speciality, amount


def _in_order(*groups: tuple[NDArray, ...]) -> tuple[NDArray, ...]:
    """Return the columns of all groups of events, ordered by the first column."""
    columns = [np.concatenate(column) for column in zip(*groups, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return tuple(column[order] for column in columns)


def _events(counts: Ints, variable: str, year: int, stream: Stream) -> tuple[Ints, Bits]:
    person, counter = explode(counts)
    return person, stream.bits(variable, year, person, counter)


def _part(bits: Bits, length: Ints) -> Ints:
    """Return a number from 0 to ``length - 1`` per entry, from the low 16 bits."""
    low = (bits & np.uint64(0xFFFF)).astype(np.int64)
    return (low * length) >> 16


def _draw(
    chances: tuple[tuple[_Kind, Floats], ...],
    active: NDArray[np.bool_],
    days: Ints,
    year: int,
    stream: Stream,
) -> Contacts:
    """Return at most one contact of each kind per person, with one to three diagnoses each."""
    parts = []
    for kind, eta in chances:
        rows = np.flatnonzero(active & (stream.uniform(kind.name, year) < logistic(eta)))
        draw = stream.bits(f"{kind.name}_contact", year, rows, np.zeros_like(rows))
        number = np.full(rows.size, kind.number, dtype=np.int8)
        parts.append((rows, draw, number, kind.primary_number[kind.primary.draw(draw, 16)]))
    person, draw, number, first = _in_order(*parts)
    position = np.arange(person.size)
    chance = (draw >> np.uint64(40)) & np.uint64(0xFF)
    has_second, has_referral = chance < 64, chance >= 230
    second = _SECONDARY_NUMBER[_SECONDARY.draw(draw, 24)]
    referral = _SECONDARY_NUMBER[_SECONDARY.draw(draw, 32)]
    contact, diagnosis, diagnosis_type = _in_order(
        (position, first, np.full_like(number, 0)),
        (position[has_second], second[has_second], np.full_like(number[has_second], 1)),
        (position[has_referral], referral[has_referral], np.full_like(number[has_referral], 2)),
    )
    return Contacts(
        person=person,
        day=_part(draw, days[person]),
        patient_type=((draw >> np.uint64(50)) & np.uint64(3)).astype(np.int8),
        kind=number,
        diagnosis_contact=contact,
        diagnosis=diagnosis.astype(np.int16),
        diagnosis_type=diagnosis_type,
    )
