"""The registers Tildeling reads, in load order."""

from pipeline.registers.benefits import ANKESTYRELSEN, ANSOEGNING, DREAM
from pipeline.registers.conditions import RAMMEVILKAAR
from pipeline.registers.declaration import IDENTIFIED, ZONE, Column, Register, WeekColumns
from pipeline.registers.health import LMDB, LPR_ADM, LPR_DIAG, PSYK_ADM, PSYK_DIAG, SSSY, SYSI
from pipeline.registers.labour import AKM, IND
from pipeline.registers.lpr3 import LPR3_DIAGNOSER, LPR3_KONTAKTER
from pipeline.registers.population import BEF, UDDA, UDDF

REGISTERS: tuple[Register, ...] = (
    BEF,
    UDDA,
    UDDF,
    IND,
    AKM,
    DREAM,
    ANKESTYRELSEN,
    ANSOEGNING,
    LPR_ADM,
    LPR_DIAG,
    PSYK_ADM,
    PSYK_DIAG,
    LPR3_KONTAKTER,
    LPR3_DIAGNOSER,
    LMDB,
    SSSY,
    SYSI,
    RAMMEVILKAAR,
)

__all__ = ["ANKESTYRELSEN", "IDENTIFIED", "REGISTERS", "ZONE", "Column", "Register", "WeekColumns"]
