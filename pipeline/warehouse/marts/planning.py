"""What a load has to do: what is delivered, the marts asked for, and what is stale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.codes.corrections import lists_in
from pipeline.registers import REGISTERS
from pipeline.settings import Settings
from pipeline.warehouse.delivery.extractfiles import Extracts
from pipeline.warehouse.delivery.extracts import scan_extracts
from pipeline.warehouse.marts.increment import Earlier, Plan, make_plan, reading_rules
from pipeline.warehouse.marts.questions import Mart, marts_of
from pipeline.warehouse.raw.pseudonymkey import PseudonymKey


def planned(
    extracts: Path,
    settings: Settings,
    key: PseudonymKey,
    earlier: Earlier,
    workspace: Path,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Extracts, list[Mart], Plan]:
    """Return what is delivered in ``extracts``, the marts asked for, and what is to be made of it.

    ``earlier`` is what an earlier load made with ``key``; errors as of a load.
    """
    lists_in(settings.codes_folder)
    rules = reading_rules(REGISTERS, key.fingerprint, settings.codes_folder)
    delivery = scan_extracts(
        extracts,
        years_at_risk=settings.years,
        is_contract_required=settings.delivery_contract == "required",
        workspace=workspace,
        known=earlier.known(REGISTERS, rules),
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        progress=progress,
    )
    marts = marts_of(settings)
    plan = make_plan(
        *(delivery, REGISTERS, rules, marts, earlier, key.fingerprint),
        codes_folder=settings.codes_folder,
    )
    return delivery, marts, plan
