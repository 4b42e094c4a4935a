"""Diagnoses, drugs and specialities the generator writes, with how often each occurs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.ground.rng import Bits

_SLOTS = 256


@dataclass(frozen=True)
class Catalogue:
    """Values with weights, drawn by eight random bits through a table of 256 slots."""

    values: tuple[str, ...]
    slots: NDArray[np.int16]

    @classmethod
    def weighted(cls, weights: dict[str, float]) -> Catalogue:
        """Return a catalogue whose values occur about in proportion to ``weights``."""
        total = np.cumsum(list(weights.values()))
        position = (np.arange(_SLOTS) + 0.5) / _SLOTS * total[-1]
        return cls(tuple(weights), np.searchsorted(total, position).astype(np.int16))

    def draw(self, bits: Bits, shift: int = 0) -> NDArray[np.int16]:
        """Return an index into ``values`` per entry, from bits ``shift`` to ``shift + 7``."""
        return self.slots[((bits >> np.uint64(shift)) & np.uint64(_SLOTS - 1)).astype(np.int64)]


#: ICD-10 codes by diagnosis group; the group of each is checked against diagnosis_group.csv.
ICD_BY_GROUP: dict[str, dict[str, float]] = {
    "mental": {
        "F329": 5,
        "F339": 4,
        "F431": 2,
        "F432": 4,
        "F411": 3,
        "F209": 3,
        "F319": 2,
        "F603": 3,
        "F102": 3,
        "F192": 1,
        "F900": 2,
        "F845": 1,
    },
    "congenital": {"F709": 3, "F719": 1, "Q909": 1, "Q059": 1},
    "musculoskeletal": {
        "M545": 6,
        "M511": 3,
        "M797": 2,
        "M179": 3,
        "M069": 2,
        "M751": 2,
        "M542": 2,
    },
    "circulatory": {"I109": 4, "I259": 3, "I639": 2, "I219": 2, "I839": 2},
    "nervous": {"G359": 2, "G409": 2, "G560": 3, "G439": 2, "G209": 1},
    "neoplasm": {"C509": 3, "C189": 2, "C349": 2, "C859": 1, "D259": 2},
    "injury": {"S134": 3, "S525": 3, "S069": 2, "T912": 1, "T142": 3},
    "respiratory": {"J459": 3, "J449": 3, "J189": 3},
    "endocrine": {"E119": 4, "E109": 2, "E039": 2, "E669": 2},
    "other": {
        "K409": 3,
        "N209": 2,
        "R104": 5,
        "O809": 3,
        "Z038": 5,
        "H259": 1,
        "L400": 1,
        "D649": 1,
    },
}

#: What each kind of hospital contact is about: weights of diagnosis groups.
MUSCULOSKELETAL_CONTACT = {"musculoskeletal": 1.0}
SERIOUS_CONTACT = {
    "circulatory": 0.35,
    "nervous": 0.2,
    "neoplasm": 0.2,
    "respiratory": 0.13,
    "endocrine": 0.12,
}
OTHER_CONTACT = {"injury": 0.45, "other": 0.55}
PSYCHIATRIC_CONTACT = {"mental": 0.96, "congenital": 0.04}
#: Secondary diagnoses; they may be of any group, mental ones in somatic wards included.
SECONDARY = {
    "other": 0.57,
    "injury": 0.2,
    "endocrine": 0.06,
    "circulatory": 0.06,
    "musculoskeletal": 0.04,
    "respiratory": 0.04,
    "mental": 0.03,
}


def diagnosis_catalogue(groups: dict[str, float]) -> tuple[Catalogue, NDArray[np.str_]]:
    """Return a catalogue of ICD-10 codes for weights of groups, and the group of each code."""
    weights: dict[str, float] = {}
    group_of = []
    for group, share in groups.items():
        total = sum(ICD_BY_GROUP[group].values())
        for code, weight in ICD_BY_GROUP[group].items():
            weights[code] = share * weight / total
            group_of.append(group)
    return Catalogue.weighted(weights), np.array(group_of)


PSYCHOTROPICS = Catalogue.weighted(
    {
        "N06AB04": 20,
        "N06AB06": 12,
        "N06AX16": 8,
        "N06AX11": 6,
        "N05BA12": 6,
        "N05CF01": 14,
        "N05AH04": 8,
        "N05AX12": 3,
        "N06BA04": 3,
    }
)
OTHER_DRUGS = Catalogue.weighted(
    {
        "N02BE01": 14,
        "N02AX02": 5,
        "M01AE01": 12,
        "C10AA01": 9,
        "C09AA02": 8,
        "C07AB02": 6,
        "A02BC01": 10,
        "J01CE02": 14,
        "R03AC02": 8,
        "H03AA01": 3,
        "A10BA02": 5,
        "G03AA07": 9,
        "D07AC01": 4,
        "N03AX16": 2,
        "N07BA01": 1,
    }
)
GENERAL_PRACTICE = Catalogue.weighted({"800101": 60, "800105": 25, "800201": 12, "803313": 3})
SPECIALISTS = Catalogue.weighted(
    {"190110": 12, "210110": 14, "220110": 4, "240110": 5, "260110": 4, "040110": 10, "500110": 51}
)
