"""LPR3: hospital contacts, somatic and psychiatric, in the layout in use from March 2019.

Column names are those of Sundhedsdatastyrelsen's tables ``kontakter`` and ``diagnoser``, from
memory and to be checked against a delivery.
"""

from dataclasses import replace

from pipeline.registers.declaration import Column, Register
from pipeline.registers.population import PNR

_CONTACT = Column("DW_EK_KONTAKT", "VARCHAR", "Contact number.", pattern=r"[0-9A-Za-z-]{1,64}")

LPR3_KONTAKTER = Register(
    name="lpr3_kontakter",
    title="Landspatientregisteret fra 2019 (LPR3), kontakter",
    description="Hospital contacts in the LPR3 layout, somatic and psychiatric in one table.",
    grain="one row per contact",
    key=("DW_EK_KONTAKT",),
    source="Sundhedsdatastyrelsen, LPR3",
    lookback="health",
    first_year=2019,
    is_optional=True,
    other_names=("kontakter", "lpr_f_kontakter"),
    columns=(
        replace(PNR, other_names=("CPR",)),
        _CONTACT,
        Column(
            "DATO_START", "DATE", "Start of contact.", minimum="1977-01-01", maximum="2030-12-31"
        ),
        Column(
            "HOVEDSPECIALE_ANS",
            "VARCHAR",
            "Main speciality of the responsible unit, in Danish; psychiatric where it says so.",
            nullable=True,
        ),
    ),
)

LPR3_DIAGNOSER = Register(
    name="lpr3_diagnoser",
    title="Landspatientregisteret fra 2019 (LPR3), diagnoser",
    description="Diagnoses of hospital contacts in the LPR3 layout.",
    grain="one row per contact, diagnosis and type",
    key=("DW_EK_KONTAKT", "DIAGNOSEKODE", "DIAGNOSETYPE"),
    source="Sundhedsdatastyrelsen, LPR3",
    lookback="health",
    first_year=2019,
    is_optional=True,
    other_names=("diagnoser", "lpr_f_diagnoser"),
    columns=(
        _CONTACT,
        Column(
            "DIAGNOSEKODE",
            "VARCHAR",
            "Diagnosis: ICD-10 with the Danish D-prefix, e.g. DF329.",
            pattern=r"D[A-Z][0-9]{2}[0-9A-Z]{0,4}",
        ),
        Column(
            "DIAGNOSETYPE",
            "VARCHAR",
            "Type of diagnosis: A action (main), B secondary, + and others supplementary.",
            pattern=r"[A-Z+]",
        ),
        Column(
            "SENERE_AFKRAEFTET",
            "VARCHAR",
            "Whether the diagnosis was later found not to hold: Ja, Nej.",
            values=("Ja", "Nej"),
            nullable=True,
        ),
    ),
)
