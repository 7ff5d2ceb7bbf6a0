"""Stage 15: the day on which each ladder is come to, reckoned anew: a row that slept through its day would be silence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.monitoring.digest import send_digests
from flows.steps.monitoring.waiting import climbs
from flows.steps.moving import by_rule
from flows.steps.tranches import contest_and_pack
from rules import ladder
from rules.ladder import Waiting
from rules.packs import Pack
from schemas.contract import Contract
from schemas.customer import Role
from schemas.doer import CLOCK
from schemas.errors import AsharError
from schemas.event import Act
from schemas.report import Mend, Period
from storage import agenda
from storage.work import Look, Work, looking


@dataclass
class Reckoned:
    """What became of it: how many rows woke on a wrong day, and (contract, class of the error) of those that failed."""

    mended: int = 0
    troubles: list[tuple[str, str]] = field(default_factory=list)


def check_agenda(office: Office, *, size: int = 200) -> Reckoned:
    """Every contract, period and corrective act: is it woken on the day that follows from what it is?

    A wrong day is put right under an event, and the coordinator is told of it.
    """
    done = Reckoned()
    after: UUID | None = None
    while True:
        with looking(office.engine, office.system) as look:
            page = agenda.contracts(look, after=after, limit=size)
            wrong = [one.id for one in page if _trouble(office, look, one, done)]
        if not page:
            break
        after = page[-1].id
        for contract_id in wrong:
            done.mended += _put_right(office, contract_id)
    if done.mended:
        send_digests(office)
    return done


def _trouble(office: Office, look: Look, contract: Contract, done: Reckoned) -> bool:
    try:
        return bool(list(_wrong(office, look, contract)))
    except AsharError as trouble:  # a pack or a calendar that is not there; the others go on
        done.troubles.append((str(contract.id), type(trouble).__name__))
        return False


def _wrong(office: Office, look: Look, contract: Contract) -> Iterator[tuple[Pack, Waiting, date | None]]:
    """The rows under this contract that wake on another day than they ought to."""
    contest, pack = contest_and_pack(office, look, contract)
    today = office.today(contest.zone)
    rows: Sequence[Waiting] = (
        contract,
        *look.all(Period, contract_id=contract.id, order="number"),
        *look.all(Mend, contract_id=contract.id, order="number"),
    )
    for row in rows:
        ought = ladder.wakes_on(pack, row, row.status, today) if climbs(row, contract) else None
        # one that is awake already is come to at the next sweep, whatever it finds
        awake = row.wakes_on is not None and row.wakes_on <= today and ought is not None
        if row.wakes_on != ought and not awake:
            yield pack, row, ought


def _put_right(office: Office, contract_id: UUID) -> int:
    with office.acting(CLOCK, Act.AGENDA_CORRECT) as work:
        contract = work.get(Contract, contract_id)
        wrong = list(_wrong(office, work, contract))
        for pack, row, ought in wrong:
            _correct(work, pack, contract, row, ought)
        return len(wrong)


def _correct(work: Work, pack: Pack, contract: Contract, row: Waiting, ought: date | None) -> None:
    days = {"was": row.wakes_on, "day": ought}
    row.wakes_on = ought
    event = work.record(Act.AGENDA_CORRECT, row, because=by_rule(pack, "agenda", **days))
    facts = {"number": contract.number, **{name: day.isoformat() if day else "" for name, day in days.items()}}
    if isinstance(row, Period):
        facts |= {"period": row.number, "of": row.of}
    addresses.to_role(work, row, Role.COORDINATOR, "agenda_corrected", f"agenda:{event}", facts, gathered=True)
