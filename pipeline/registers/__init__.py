"""The registers Tildeling reads, in load order."""

from pipeline.registers.benefits import ANKESTYRELSEN, DREAM
from pipeline.registers.conditions import RAMMEVILKAAR
from pipeline.registers.declaration import Column, Register, WeekColumns
from pipeline.registers.health import LMDB, LPR_ADM, LPR_DIAG, PSYK_ADM, PSYK_DIAG, SSSY
from pipeline.registers.population import BEF, UDDA

REGISTERS: tuple[Register, ...] = (
    BEF,
    UDDA,
    DREAM,
    ANKESTYRELSEN,
    LPR_ADM,
    LPR_DIAG,
    PSYK_ADM,
    PSYK_DIAG,
    LMDB,
    SSSY,
    RAMMEVILKAAR,
)

__all__ = ["REGISTERS", "Column", "Register", "WeekColumns"]
