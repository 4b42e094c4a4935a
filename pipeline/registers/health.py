"""Health registers: LPR2 (hospital), psychiatry, LMDB (prescriptions), SYSI and SSSY (GP)."""

from pipeline.registers.declaration import Column, Register
from pipeline.registers.population import PNR

_RECNUM = Column("RECNUM", "VARCHAR", "Contact number.", pattern=r"[0-9A-Za-z]{1,64}")
_ADM_COLUMNS = (
    PNR,
    _RECNUM,
    Column("D_INDDTO", "DATE", "Start of contact.", minimum="1977-01-01", maximum="2030-12-31"),
    Column(
        "C_PATTYPE",
        "VARCHAR",
        "Patient type: 0 in-patient, 1 half-day, 2 out-patient, 3 emergency.",
        values=("0", "1", "2", "3"),
    ),
)
_DIAG_COLUMNS = (
    _RECNUM,
    Column(
        "C_DIAG",
        "VARCHAR",
        "Diagnosis: ICD-10 with the Danish D-prefix, e.g. DF329.",
        pattern=r"D[A-Z][0-9]{2}[0-9A-Z]{0,4}",
    ),
    Column(
        "C_DIAGTYPE",
        "VARCHAR",
        "Type of diagnosis: A action (main), B secondary, G grundmorbus, H referral, + additional.",
        values=("A", "B", "G", "H", "C", "M", "+"),
    ),
)


#: LPR3 took over in February and March 2019; of that year neither is whole alone.
LAST_YEAR_LPR2 = 2018


def _contacts(name: str, title: str, first_year: int) -> Register:
    return Register(
        name=name,
        title=title,
        description="Hospital contacts in the LPR2 layout.",
        grain="one row per contact",
        key=("RECNUM",),
        source="Sundhedsdatastyrelsen, LPR2",
        lookback="health",
        first_year=first_year,
        last_year=LAST_YEAR_LPR2,
        stand_ins=("lpr3_kontakter",),
        columns=_ADM_COLUMNS,
    )


def _diagnoses(name: str, title: str, first_year: int) -> Register:
    return Register(
        name=name,
        title=title,
        description="Diagnoses of hospital contacts in the LPR2 layout.",
        grain="one row per contact, diagnosis and type",
        key=("RECNUM", "C_DIAG", "C_DIAGTYPE"),
        source="Sundhedsdatastyrelsen, LPR2",
        lookback="health",
        first_year=first_year,
        last_year=LAST_YEAR_LPR2,
        stand_ins=("lpr3_diagnoser",),
        columns=_DIAG_COLUMNS,
    )


LPR_ADM = _contacts("lpr_adm", "Landspatientregisteret, kontakter", 1977)
LPR_DIAG = _diagnoses("lpr_diag", "Landspatientregisteret, diagnoser", 1977)
PSYK_ADM = _contacts("psyk_adm", "Landspatientregisteret, psykiatriske kontakter", 1995)
PSYK_DIAG = _diagnoses("psyk_diag", "Landspatientregisteret, psykiatriske diagnoser", 1995)

LMDB = Register(
    name="lmdb",
    title="Lægemiddeldatabasen (LMDB)",
    description="Prescriptions dispensed at pharmacies.",
    grain="one row per dispensed package line; repeats are real",
    key=(),
    source="Sundhedsdatastyrelsen, LMDB",
    lookback="year_before",
    first_year=1995,
    columns=(
        PNR,
        Column("EKSD", "DATE", "Date dispensed.", minimum="1994-01-01", maximum="2030-12-31"),
        Column(
            "ATC",
            "VARCHAR",
            "ATC code.",
            pattern=r"[A-Z][0-9]{2}[A-Z]{0,2}[0-9]{0,2}",
        ),
        Column(
            "VOLUME",
            "DOUBLE",
            "Amount dispensed.",
            unit="defined daily doses",
            minimum=0,
            nullable=True,
        ),
    ),
)

_SERVICE_COLUMNS = (
    PNR,
    Column(
        "SPECIALE",
        "VARCHAR",
        "Provider speciality, two first digits: 80 general practice, 24 psychiatry.",
        pattern=r"[0-9]{2,6}",
    ),
    Column("YDLANT", "INTEGER", "Number of services; sum it.", unit="services", minimum=0),
    Column(
        "HONUGE",
        "VARCHAR",
        "Week of settlement, YYWW.",
        pattern=r"[0-9]{2}(0[1-9]|[1-4][0-9]|5[0-3])",
        digits=4,
    ),
)

SSSY = Register(
    name="sssy",
    title="Sygesikringsregisteret (SSSY)",
    description="Services in general practice and by specialists, per person and week; from 2005.",
    grain="one row per person, speciality and fee line; repeats are real",
    key=(),
    source="Sundhedsdatastyrelsen, SSSY",
    lookback="year_before",
    first_year=2005,
    stand_ins=("sysi",),
    columns=_SERVICE_COLUMNS,
)

SYSI = Register(
    name="sysi",
    title="Sygesikringsregisteret til 2005 (SYSI)",
    description=(
        "Services in general practice and by specialists, per person and week; the register before "
        "SSSY. Both report 2005, which is counted once."
    ),
    grain="one row per person, speciality and fee line; repeats are real",
    key=(),
    source="Statistics Denmark, SYSI",
    lookback="year_before",
    first_year=1990,
    last_year=2004,
    is_optional=True,
    columns=_SERVICE_COLUMNS,
)
