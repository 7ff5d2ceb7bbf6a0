"""Stage 15: the daily sweep. Periods open, reminders and escalations climb the ladder; silence is never unnoticed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.monitoring.digest import send_digests
from flows.steps.monitoring.periods import about, move_period
from flows.steps.moving import by_rule
from rules import ladder
from rules.packs import Pack
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus
from schemas.customer import Customer, Role
from schemas.doer import CLOCK
from schemas.errors import AsharError
from schemas.event import Act
from schemas.outbox import Errand, Job
from schemas.report import Period, PeriodStatus
from storage import agenda
from storage.work import Work, looking

AHEAD = timedelta(hours=14)  # no zone's day begins sooner before that of UTC


@dataclass
class Swept:
    """What a sweep did; `troubles` are (period, class of the error) of those that were put aside."""

    opened: int = 0
    reminded: int = 0
    troubles: list[tuple[str, str]] = field(default_factory=list)


def sweep(office: Office, *, size: int = 50) -> Swept:
    """Open the periods that have begun and take the steps that are due.

    Only what woke is looked at, `size` periods in a transaction. Where one of them fails, each is done by itself, and the
    one that fails again becomes an errand: tried again, then a person's. The others go on. Officers get one letter of it all.
    """
    swept = Swept()
    latest = (office.now() + AHEAD).date()
    after: agenda.Place | None = None
    while True:
        with looking(office.engine, office.system) as look:
            places = agenda.awake(look, latest, after=after, limit=size)
        if not places:
            send_digests(office)
            return swept
        after = places[-1]
        together = [period_id for _, period_id in places]
        try:
            _add(swept, _chunk(office, together))
        except Exception:  # noqa: BLE001 -- whatever one period brings about must not silence the others
            for period_id in together:
                _alone(office, period_id, swept)


def _add(swept: Swept, done: tuple[int, int]) -> None:
    swept.opened += done[0]
    swept.reminded += done[1]


def _alone(office: Office, period_id: UUID, swept: Swept) -> None:
    try:
        _add(swept, _chunk(office, [period_id]))
    except Exception as trouble:  # noqa: BLE001 -- as above
        name = type(trouble).__name__ if isinstance(trouble, AsharError) else f"fault: {type(trouble).__name__}"
        swept.troubles.append((str(period_id), name))
        with office.acting(CLOCK, Act.PERIOD_REMIND) as work:
            period = work.get(Period, period_id)
            work.errand(Errand.LADDER, period, f"{period_id}:{period.cycle}:{period.wakes_on}")


def climb(office: Office, job: Job) -> None:
    """Errand monitoring.ladder: the steps of one period that a sweep could not take."""
    _chunk(office, [job.subject_id], job)
    send_digests(office)


def _chunk(office: Office, period_ids: Sequence[UUID], job: Job | None = None) -> tuple[int, int]:
    """How many of these periods were opened, and how many steps taken, in one transaction."""
    opened = reminded = 0
    with office.acting(CLOCK, Act.PERIOD_REMIND) as work:
        periods = work.get_all(Period, period_ids)
        contracts = {one.id: one for one in work.all(Contract, id={one.contract_id for one in periods.values()})}
        cases = {one.id: one for one in work.all(Application, id={one.application_id for one in contracts.values()})}
        contests = {one.id: one for one in work.all(Contest, id={one.contest_id for one in cases.values()})}
        # held here as long as the letters look for them in the session
        known = [
            *work.all(Organisation, id={one.organisation_id for one in contracts.values()}),
            *work.all(Customer, id={one.tenant_id for one in contracts.values()}),
        ]
        # streams are locked as they are written to, so in one order by all
        for period in sorted(periods.values(), key=lambda one: (one.stream_id, one.id)):
            contract = contracts[period.contract_id]
            if contract.status is not ContractStatus.SIGNED:
                continue
            contest = contests[cases[contract.application_id].contest_id]
            pack, today = office.pack_of(contest), office.today(contest.zone)
            opened += _open(work, pack, period, today)
            reminded += _remind(work, pack, contract, period, today)
        known.clear()
        if job is not None:
            work.finish(job)
    return opened, reminded


def _open(work: Work, pack: Pack, period: Period, today: date) -> int:
    if period.status is not PeriodStatus.PLANNED or today < period.opens:
        return 0
    move_period(
        work, pack, period, Act.PERIOD_OPEN, today, because=by_rule(pack, "period_begins", starts=period.starts)
    )
    return 1


def _remind(work: Work, pack: Pack, contract: Contract, period: Period, today: date) -> int:
    rungs = ladder.rungs_due(pack, period, today)
    if not rungs:
        return 0
    period.rungs = [*period.rungs, *(one.code for one in rungs)]
    move_period(work, pack, period, Act.PERIOD_REMIND, today, because=by_rule(pack, rungs[-1].code, due=period.due))
    facts = about(contract, period)
    for rung in rungs:
        key = f"rung:{period.id}:{period.cycle}:{rung.code}"
        if rung.to is Role.APPLICANT:
            addresses.to_contractor(work, contract, rung.letter, key, facts)
        else:
            addresses.to_role(work, period, rung.to, rung.letter, key, facts, gathered=True)
    return len(rungs)
