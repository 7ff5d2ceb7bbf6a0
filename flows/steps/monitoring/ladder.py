"""Stage 15: the daily sweep. Periods open, reminders and escalations climb their ladders; silence is never unnoticed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.monitoring.digest import send_digests
from flows.steps.monitoring.waiting import REMINDS, ROWS, climbs, cycle_of, move_waiting, told
from flows.steps.moving import by_rule
from rules import ladder
from rules.ladder import Waiting
from rules.packs import Pack
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.contract import Contract
from schemas.customer import Customer, Role
from schemas.doer import CLOCK
from schemas.errors import AsharError
from schemas.event import Act
from schemas.outbox import Errand, Job, Step
from schemas.report import Period, PeriodStatus
from storage import agenda
from storage.ledger import noun
from storage.work import Work, looking

AHEAD = timedelta(hours=14)  # no zone's day begins sooner before that of UTC


@dataclass
class Swept:
    """What a sweep did; `troubles` are (row, class of the error) of those that were put aside."""

    opened: int = 0
    reminded: int = 0
    troubles: list[tuple[str, str]] = field(default_factory=list)


def sweep(office: Office, *, size: int = 50) -> Swept:
    """Open the periods that have begun and take the steps that are due: for reports, our checks, corrective acts, refunds.

    Only what woke is looked at, `size` rows in a transaction. Where one of them fails, each is done by itself, and the
    one that fails again becomes an errand: tried again, then a person's. The others go on. Whoever gets several letters
    of it gets them as one.
    """
    swept = Swept()
    latest = (office.now() + AHEAD).date()
    for model in ROWS:
        after: agenda.Place | None = None
        while True:
            with looking(office.engine, office.system) as look:
                places = agenda.awake(look, model, latest, after=after, limit=size)
            if not places:
                break
            after = places[-1]
            together = [row_id for _, row_id in places]
            try:
                _add(swept, _chunk(office, model, together))
            except Exception:  # noqa: BLE001 -- whatever one row brings about must not silence the others
                for row_id in together:
                    _alone(office, model, row_id, swept)
    send_digests(office)
    return swept


def _add(swept: Swept, done: tuple[int, int]) -> None:
    swept.opened += done[0]
    swept.reminded += done[1]


def _alone(office: Office, model: type[Waiting], row_id: UUID, swept: Swept) -> None:
    try:
        _add(swept, _chunk(office, model, [row_id]))
    except Exception as trouble:  # noqa: BLE001 -- as above
        name = type(trouble).__name__ if isinstance(trouble, AsharError) else f"fault: {type(trouble).__name__}"
        swept.troubles.append((str(row_id), name))
        with office.acting(CLOCK, REMINDS[model]) as work:
            row = work.get(model, row_id)
            work.errand(Errand.LADDER, row, f"{row_id}:{cycle_of(row)}:{row.wakes_on}")


def climb(office: Office, job: Job) -> None:
    """Errand monitoring.ladder: the steps for one row that a sweep could not take."""
    with looking(office.engine, office.system) as look:
        model = next(one for one in ROWS if look.some(one, id=job.subject_id))
    _chunk(office, model, [job.subject_id], job)
    send_digests(office)


def _chunk(office: Office, model: type[Waiting], row_ids: Sequence[UUID], job: Job | None = None) -> tuple[int, int]:
    """How many of these rows were opened, and how many steps taken for them, in one transaction."""
    with office.acting(CLOCK, REMINDS[model]) as work:
        work.gather()
        rows = work.get_all(model, row_ids)
        contracts = _contracts(work, list(rows.values()))
        cases = {one.id: one for one in work.all(Application, id={one.application_id for one in contracts.values()})}
        contests = {one.id: one for one in work.all(Contest, id={one.contest_id for one in cases.values()})}
        # held here as long as the letters look for them in the session
        known = [
            *work.all(Organisation, id={one.organisation_id for one in contracts.values()}),
            *work.all(Customer, id={one.tenant_id for one in contracts.values()}),
        ]
        work.ledger.hold(row.stream_id for row in rows.values())
        climbing = []
        for row in sorted(rows.values(), key=lambda one: (one.stream_id, one.id)):
            contract = contracts[_contract_id(row)]
            if climbs(row, contract):
                contest = contests[cases[contract.application_id].contest_id]
                climbing.append((office.pack_of(contest), contract, row, office.today(contest.zone)))
        opened = sum(_open(work, pack, row, today) for pack, _, row, today in climbing if isinstance(row, Period))
        work.write()  # what was opened may be reminded of
        reminded = sum(_remind(work, pack, contract, row, today) for pack, contract, row, today in climbing)
        known.clear()
        if job is not None:
            work.finish(job)
    return opened, reminded


def _contract_id(row: Waiting) -> UUID:
    return row.id if isinstance(row, Contract) else row.contract_id


def _contracts(work: Work, rows: Sequence[Waiting]) -> dict[UUID, Contract]:
    own = {one.id: one for one in rows if isinstance(one, Contract)}
    others = {one.contract_id for one in rows if not isinstance(one, Contract)}
    return own or {one.id: one for one in work.all(Contract, id=others)}


def _open(work: Work, pack: Pack, period: Period, today: date) -> int:
    if period.status is not PeriodStatus.PLANNED or today < period.opens:
        return 0
    move_waiting(
        work, pack, period, Act.PERIOD_OPEN, today, because=by_rule(pack, "period_begins", starts=period.starts)
    )
    return 1


def _remind(work: Work, pack: Pack, contract: Contract, row: Waiting, today: date) -> int:
    rungs = ladder.rungs_due(pack, row, today)
    if not rungs:
        return 0
    row.rungs = [*row.rungs, *(one.code for one in rungs)]
    facts = told(contract, row)
    because = by_rule(pack, rungs[-1].code, due=facts.get("until") or facts["due"])
    move_waiting(work, pack, row, REMINDS[type(row)], today, because=because)
    for rung in rungs:
        _write(work, contract, row, rung)
    return len(rungs)


def _write(work: Work, contract: Contract, row: Waiting, rung: ladder.Rung) -> None:
    """The letter of a step, to leave with the others of the day."""
    step = Step(noun(row), row.id, cycle_of(row), rung.code, rung.to.value)
    key, facts = f"rung:{row.id}:{step.cycle}:{rung.code}", told(contract, row)
    if rung.to is Role.APPLICANT:
        addresses.to_contractor(work, contract, rung.letter, key, facts, step=step)
    else:
        organisation = work.session.get_one(Organisation, contract.organisation_id)
        facts = {**facts, "organisation": organisation.name}
        addresses.to_role(work, row, rung.to, rung.letter, key, facts, step=step)
