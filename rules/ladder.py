"""The ladder of reminders: which step is due, each once."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from dataclasses import dataclass
from datetime import date

from rules.deadlines import add
from rules.packs import Pack
from schemas.customer import Role
from schemas.report import Period, PeriodStatus


@dataclass(frozen=True)
class Rung:
    """A step of the ladder that is due: its code, to whom, and the letter's code."""

    code: str
    to: Role
    letter: str


def rungs_due(pack: Pack, period: Period, today: date) -> list[Rung]:
    """The steps to take today, each once in the life of a due day.

    After missed days only the highest step of each kind and addressee is taken, and no reminder once the report is
    overdue. A report that is in checking or accepted is never overdue; a period that has not begun is not reminded of.
    """
    if period.status not in (PeriodStatus.OPEN, PeriodStatus.RETURNED):
        return []
    days = {code: add(period.due, item.value.at) for code, item in pack.ladder.items()}
    reached = sorted((code for code in days if days[code] <= today), key=lambda code: (days[code], code))
    if any(pack.ladder[code].value.type != "reminder" for code in reached):
        reached = [code for code in reached if pack.ladder[code].value.type != "reminder"]
    highest = {(pack.ladder[code].value.type, pack.ladder[code].value.to): code for code in reached}
    steps = [(code, pack.ladder[code].value) for code in reached if code in highest.values()]
    return [Rung(code, step.to, step.letter) for code, step in steps if code not in period.rungs]
