"""Stage 15: what the ladders climb for: periods, corrective acts, and contracts that are over with money owed."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flows.steps.moving import move
from rules import ladder, lifecycle
from rules.ladder import Status, Waiting
from rules.packs import Pack
from schemas.contract import Contract, ContractStatus
from schemas.event import Act
from schemas.report import Mend, Period, PeriodStatus
from storage.ledger import Because, noun
from storage.work import Work

ROWS: Final[tuple[type[Waiting], ...]] = (Period, Mend, Contract)
REMINDS: Final[Mapping[type[Waiting], Act]] = {
    Period: Act.PERIOD_REMIND,
    Mend: Act.MEND_REMIND,
    Contract: Act.BALANCE_REMIND,
}
# under which contracts a ladder climbs at all
UNDER: Final[Mapping[type[Waiting], tuple[ContractStatus, ...]]] = {
    Period: (ContractStatus.SIGNED,),
    Mend: (ContractStatus.SIGNED, ContractStatus.EVALUATED),
    Contract: ladder.OVER,
}


def climbs(row: Waiting, contract: Contract) -> bool:
    """Whether anything is asked for under this contract."""
    return contract.status in UNDER[type(row)]


def cycle_of(row: Waiting) -> int:
    return 1 if isinstance(row, Contract) else row.cycle


def about(contract: Contract, period: Period) -> dict[str, object]:
    return {
        "number": contract.number,
        "period": period.number,
        "of": period.of,
        "starts": period.starts.isoformat(),
        "ends": period.ends.isoformat(),
        "due": period.due.isoformat(),
    }


def told(contract: Contract, row: Waiting) -> dict[str, object]:
    """What a letter of the ladder says of the row: true as long as it is the same."""
    if isinstance(row, Period):
        check = row.check_until if row.status is PeriodStatus.RECEIVED else None
        return {**about(contract, row), **({"until": check.isoformat()} if check else {})}
    if isinstance(row, Mend):
        facts: dict[str, object] = {"number": contract.number, "mend": row.number, "what": row.what}
        facts |= {"due": row.until.isoformat(), "done": row.done}
        return {**facts, **({"until": row.check_until.isoformat()} if row.check_until else {})}
    due = row.refund_until.isoformat() if row.refund_until else ""
    return {"number": row.number, "owed_tyiyn": row.balance - row.returned, "due": due}


def move_waiting(
    work: Work, pack: Pack, row: Waiting, act: Act, today: date, *, because: Because, files: tuple[str, ...] = ()
) -> None:
    """`move` for what a ladder climbs for; the day on which it comes to it next is reckoned anew under the same event."""
    status: Status = type(row.status)(lifecycle.move(noun(row), row.status.value, act))
    row.wakes_on = ladder.wakes_on(pack, row, status, today)
    move(work, row, act, because=because, files=files)


def begin_cycle(pack: Pack, period: Period, due: date) -> None:
    """A new due day: the ladder starts anew from it, and its letters are other letters."""
    period.rungs = ladder.taken_for_good(pack, period)
    period.due = due
    period.cycle += 1
    period.check_until = None
