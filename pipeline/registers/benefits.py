"""Benefits and decisions: DREAM, Ankestyrelsen's register and applications not yet decided."""

from pipeline.registers.declaration import Column, Register, WeekColumns
from pipeline.registers.population import PNR

DREAM = Register(
    name="dream",
    title="DREAM",
    description=(
        "Weekly public benefits, one row per person who has received any, one column per ISO "
        "week. One code per week, the highest in priority; blank means no benefit."
    ),
    grain="one row per person",
    key=("PNR",),
    source="STAR, DREAM",
    # Weeks begin in the middle of 1991.
    lookback="tenure",
    first_year=1992,
    columns=(PNR,),
    weeks=WeekColumns(
        pattern=r"y_[0-9]{4}",
        code_list="benefit_code",
        description="Benefit code of the week, three digits; blank means no benefit.",
    ),
)

CASE_TYPE = Column(
    "SAGSART",
    "VARCHAR",
    "Case type: FP førtidspension, FJ fleksjob.",
    values=("FP", "FJ"),
)
APPLICATION_DATE = Column(
    "STARTDATO",
    "DATE",
    "Date of application.",
    minimum="1984-01-01",
    maximum="2030-12-31",
)

#: Decisions that grant.
GRANTS = ("TILKENDELSE", "TILKENDELSE_REVISION")
ANKESTYRELSEN = Register(
    name="ankestyrelsen",
    title="Ankestyrelsens register over afgørelser",
    description="Municipal decisions on disability pension and flexjob, granted or not.",
    grain="one row per decision",
    key=("PNR", "SAGSART", "AFGDATO", "AFGOERELSE"),
    source="Ankestyrelsen",
    lookback="year_at_risk",
    first_year=1996,
    columns=(
        PNR,
        CASE_TYPE,
        Column(
            "AFGOERELSE",
            "VARCHAR",
            "Decision: TILKENDELSE grant, TILKENDELSE_REVISION grant of a pension that is looked at"
            " anew after some years (from April 2023), AFSLAG refusal, ANDET other (withdrawn,"
            " deceased).",
            values=(*GRANTS, "AFSLAG", "ANDET"),
        ),
        APPLICATION_DATE,
        Column("AFGDATO", "DATE", "Date of decision.", minimum="1984-01-01", maximum="2030-12-31"),
        Column(
            "GRUNDLAG",
            "VARCHAR",
            "Basis of assessment: 1 full clarification, 2 documentation only, 3 other.",
            values=("1", "2", "3"),
            nullable=True,
        ),
        Column(
            "HOVEDDIAG",
            "VARCHAR",
            "Main diagnosis, ICD-10 of three or more characters; blank when not recorded.",
            pattern=r"[A-Z][0-9]{2}[0-9A-Z]{0,3}",
            nullable=True,
        ),
        Column(
            "KOM",
            "VARCHAR",
            "Municipality that decided, three digits.",
            code_list="municipality",
            dated_by="AFGDATO",
        ),
    ),
)

ANSOEGNING = Register(
    name="ansoegning",
    title="Ansøgninger, der ikke er afgjort",
    description=(
        "Applications for disability pension or flexjob that were not decided at the end of the "
        "file's year, from the case systems of the municipalities. Of several files the newest "
        "counts. With it the queue is seen; without, it is told from how long decided cases waited."
    ),
    grain="one row per person and case type at the end of the year",
    key=("FILE_YEAR", "PNR", "SAGSART"),
    source="Municipalities (compiled by the data team)",
    has_file_year=True,
    is_optional=True,
    columns=(
        PNR,
        CASE_TYPE,
        APPLICATION_DATE,
        Column(
            "KOM",
            "VARCHAR",
            "Municipality that has the case, three digits.",
            code_list="municipality",
            dated_by="FILE_YEAR",
        ),
    ),
)
