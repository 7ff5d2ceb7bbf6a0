"""The plan of a contract: its reporting periods."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from dataclasses import dataclass
from datetime import date, timedelta

from rules.deadlines import add, add_months
from rules.packs import Pack


@dataclass(frozen=True)
class PlannedPeriod:
    """A reporting period, its days included, and the last day for its report."""

    number: int
    starts: date
    ends: date
    due: date
    final: bool


def plan(pack: Pack, starts: date, ends: date) -> list[PlannedPeriod]:
    """Periods of the pack's length without gap or overlap from the first to the last day; the last may be shorter."""
    law = pack.monitoring
    planned: list[PlannedPeriod] = []
    begin = starts
    while begin <= ends:
        number = len(planned) + 1
        after = add_months(starts, number * law.months.value)
        final = after > ends
        end = ends if final else after - timedelta(days=1)
        due = add(end, (law.final_due if final else law.due).value)
        planned.append(PlannedPeriod(number, begin, end, due, final))
        begin = after
    return planned
