"""Income and attachment to the labour market: IND and AKM, yearly, at Statistics Denmark.

Factors of income, socio-economic status and years in work are read from them, where a benchmark
names those; they load when delivered and are there for analysts.
"""

from pipeline.registers.declaration import Column, Register
from pipeline.registers.population import PNR

IND = Register(
    name="ind",
    title="Indkomst (IND)",
    description="Income of everyone liable to tax in the year in the file name.",
    grain="one row per person and year",
    key=("PNR", "FILE_YEAR"),
    source="Statistics Denmark, IND",
    has_file_year=True,
    is_optional=True,
    columns=(
        PNR,
        Column(
            "PERINDKIALT_13",
            "DOUBLE",
            "Personal income in all before tax; negative when losses exceed income.",
            nullable=True,
            unit="kr. of the year",
        ),
        Column(
            "LOENMV_13",
            "DOUBLE",
            "Wages, with benefits in kind and holiday pay.",
            nullable=True,
            unit="kr. of the year",
        ),
    ),
)

AKM = Register(
    name="akm",
    title="Arbejdsklassifikationsmodulet (AKM)",
    description="Main attachment to the labour market in the year in the file name.",
    grain="one row per person and year",
    key=("PNR", "FILE_YEAR"),
    source="Statistics Denmark, AKM",
    has_file_year=True,
    is_optional=True,
    columns=(
        PNR,
        Column(
            "SOCIO13",
            "VARCHAR",
            "Socio-economic classification, three digits.",
            pattern=r"[0-9]{3}",
            digits=3,
        ),
    ),
)
