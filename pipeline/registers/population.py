"""Population and education: BEF, UDDA and UDDF, at Statistics Denmark."""

from dataclasses import replace

from pipeline.registers.declaration import PERSON_NUMBER, Column, Register

PNR = Column(
    "PNR",
    "VARCHAR",
    "Person number, the same in every register; a pseudonym once it is loaded.",
    pattern=PERSON_NUMBER,
    digits=10,
    identifies="person",
)

BEF = Register(
    name="bef",
    title="Befolkningen (BEF)",
    description="Everyone resident in Denmark on 31 December of the year in the file name.",
    grain="one row per person and year-end",
    key=("PNR", "FILE_YEAR"),
    source="Statistics Denmark, BEF",
    lookback="year_end_before",
    has_file_year=True,
    columns=(
        PNR,
        Column("KOEN", "VARCHAR", "Sex: 1 male, 2 female.", values=("1", "2")),
        Column("FOED_DAG", "DATE", "Date of birth.", minimum="1880-01-01", maximum="2030-12-31"),
        Column(
            "KOM",
            "VARCHAR",
            "Municipality of residence, three digits.",
            code_list="municipality",
            dated_by="FILE_YEAR",
        ),
        Column(
            "CIVST",
            "VARCHAR",
            "Marital status: U unmarried, G married, F divorced, E widowed, P registered partner, "
            "O dissolved partnership, L longest-living partner.",
            values=("U", "G", "F", "E", "P", "O", "L"),
        ),
        Column(
            "FAMILIE_ID",
            "VARCHAR",
            "Family number; a pseudonym once it is loaded.",
            nullable=True,
            identifies="family",
        ),
        Column(
            "ANTBOERNF",
            "INTEGER",
            "Children under 18 living in the family.",
            unit="children",
            minimum=0,
            maximum=30,
        ),
        Column(
            "IE_TYPE",
            "VARCHAR",
            "Origin: 1 Danish, 2 immigrant, 3 descendant.",
            values=("1", "2", "3"),
        ),
        Column(
            "OPR_LAND",
            "VARCHAR",
            "Country of origin, four-digit code; 5100 is Denmark.",
            pattern=r"[0-9]{4}",
            digits=4,
            nullable=True,
        ),
        replace(
            PNR,
            name="MOR_ID",
            description="The mother's person number; blank where she is not in the register.",
            nullable=True,
            is_optional=True,
        ),
        replace(
            PNR,
            name="FAR_ID",
            description="The father's person number; blank where he is not in the register.",
            nullable=True,
            is_optional=True,
        ),
    ),
)

_HFAUDD = Column(
    "HFAUDD",
    "VARCHAR",
    "Highest completed education, four-digit code.",
    pattern=r"[0-9]{4}",
    digits=4,
    nullable=True,
    is_optional=True,
)
_HFFSP = Column(
    "HFFSP",
    "VARCHAR",
    "Highest completed education, eight-digit code whose first digits are its level.",
    pattern=r"[0-9]{8}",
    digits=8,
    nullable=True,
    is_optional=True,
)
_EDUCATION = (("HFAUDD", "HFFSP"),)

UDDA = Register(
    name="udda",
    title="Højeste fuldførte uddannelse (UDDA)",
    description="Highest completed education per person and year.",
    grain="one row per person and year",
    key=("PNR", "FILE_YEAR"),
    source="Statistics Denmark, UDDA",
    lookback="year_end_before",
    has_file_year=True,
    stand_ins=("uddf",),
    one_of=_EDUCATION,
    columns=(
        PNR,
        _HFAUDD,
        _HFFSP,
    ),
)

UDDF = Register(
    name="uddf",
    title="Uddannelser med forløb (UDDF)",
    description=(
        "Highest completed education from the date it was reached until the next; stands in for "
        "UDDA in years without a file of it."
    ),
    grain="one row per person and date",
    key=("PNR", "HF_VFRA"),
    source="Statistics Denmark, UDDF",
    is_optional=True,
    one_of=_EDUCATION,
    columns=(
        PNR,
        _HFAUDD,
        _HFFSP,
        Column("HF_VFRA", "DATE", "First day it held.", minimum="1900-01-01", maximum="2030-12-31"),
    ),
)
