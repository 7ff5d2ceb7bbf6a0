"""A country of contracts: so many, with twelve monthly periods each, begun over five years, as they stand on one day.

Made under events like everything else, a hundred contracts a transaction, always the same for the same seed. Four of five reports that are due came in
time; the others are what the ladder is for.
"""

import random
from calendar import monthrange
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from cli.demo import cities
from cli.demo.journey import Clock, Journey, Town
from flows.office import Office
from rules import ladder
from rules.packs import Pack
from rules.periods import due_day
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus
from schemas.customer import Language
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.report import Period, PeriodStatus
from storage.ledger import Because
from storage.work import Work, looking

FIRST_YEAR, YEARS, PERIODS = 2021, 5, 12
IN_TIME = 0.8
TOGETHER = 100
CITY = "batken"


@dataclass
class Country:
    """An office with its contest, and the clock that it goes by."""

    office: Office
    contest: Contest
    clock: Path

    def at(self, day: date, hour: int = 8) -> None:
        """It is this hour of this day in the office."""
        self.clock.write_text(datetime.combine(day, time(hour), ZoneInfo(self.contest.zone)).isoformat())


def founded(office: Office, clock: Path, city: str = CITY) -> Country:
    """One customer with its people and a contest that is announced."""
    town = Town(city=cities.load(city), packages=[])
    journey = Journey(office, [town], Clock(clock), lambda *_: None)
    journey.problems()
    journey.announce(Path(cities.__file__).parent / "cities")
    return Country(office, journey.contest(town), clock)


def settle(at: Country, count: int, day: date, *, heavy: int = 0, on: date | None = None, seed: int = 2017) -> None:
    """So many contracts as they stand on `day`. Of `heavy` of them a period begins, and the one before ends, on `on`."""
    rng = random.Random(seed)  # noqa: S311 -- no secret
    pack = at.office.pack_of(at.contest)
    for begin in range(0, count, TOGETHER):
        with at.office.acting(CLOCK, Act.CONTRACT_PREPARE) as work:
            for number in range(begin, min(begin + TOGETHER, count)):
                _contract(work, at, pack, number, day, rng, heavy=on if number < heavy else None)


def answers(at: Country, seed: int = 2018) -> dict[date, list[UUID]]:
    """On which day the report of each period comes: four of five in time, the others up to two months late."""
    rng = random.Random(seed)  # noqa: S311 -- no secret
    came: dict[date, list[UUID]] = defaultdict(list)
    with looking(at.office.engine, at.office.system) as look:
        for period in look.all(Period, order="id"):
            late = rng.randint(-9, 0) if rng.random() < IN_TIME else rng.randint(1, 60)
            came[period.due + timedelta(days=late)].append(period.id)
    return came


def answered(at: Country, periods: Sequence[UUID]) -> None:
    """The reports of these periods came and were accepted: nothing is due of them any more."""
    for begin in range(0, len(periods), TOGETHER):
        with at.office.acting(CLOCK, Act.PERIOD_OPEN) as work:
            for period in work.get_all(Period, periods[begin : begin + TOGETHER]).values():
                period.status, period.wakes_on = PeriodStatus.ACCEPTED, None
                work.record(Act.REPORT_ACCEPT, period, because=Because(rule="accepted"))


def _contract(
    work: Work, at: Country, pack: Pack, number: int, day: date, rng: random.Random, *, heavy: date | None
) -> None:
    stream, tenant = uuid4(), at.contest.tenant_id
    work.open_stream(stream, tenant, "case")
    organisation = Organisation(name=f"Уюм {number}", inn=f"{number:014}", email=f"ngo{number}@example.kg")
    work.new(organisation, stream=stream, tenant=tenant)
    case = Application(
        id=stream,
        contest_id=at.contest.id,
        organisation_id=organisation.id,
        number=number + 1,
        sender=organisation.email,
        received_at=at.office.now(),
        package_sha256=f"{number:064}",
        title=f"Долбоор {number}",
        requested=1_200_000_00,
        status=ApplicationStatus.WINNER,
    )
    work.new(case, stream=stream, tenant=tenant)
    months = _months(rng) if heavy is None else _months_on(heavy, number)
    contract = Contract(
        application_id=case.id,
        organisation_id=organisation.id,
        number=f"C-{number}",
        amount=case.requested,
        starts=months[0][0],
        ends=months[-1][1],
        lines=[],
        indicators=[],
        language=rng.choice(list(Language)),
        signed_on=months[0][0],
        status=ContractStatus.SIGNED,
    )
    work.new(contract, stream=stream, tenant=tenant)
    for at_number, (starts, ends) in enumerate(months, 1):
        work.new(_period(pack, contract.id, at_number, starts, ends, day, rng), stream=stream, tenant=tenant)
    work.record(Act.CONTRACT_PREPARE, contract, because=Because(rule="winner"))


def _period(
    pack: Pack, contract_id: UUID, number: int, starts: date, ends: date, day: date, rng: random.Random
) -> Period:
    due = due_day((pack.monitoring.final_due if number == PERIODS else pack.monitoring.due).value, ends)
    period = Period(
        contract_id=contract_id, number=number, of=PERIODS, starts=starts, ends=ends, due=due, final=number == PERIODS
    )
    period.status = PeriodStatus.PLANNED
    if ends < day:
        came = rng.random() < IN_TIME or due < day - timedelta(days=60)  # nobody is silent for longer than two months
        period.status = PeriodStatus.ACCEPTED if came else PeriodStatus.OPEN
    elif starts < day:
        period.status = PeriodStatus.OPEN
    if period.status is PeriodStatus.PLANNED:
        period.wakes_on = starts
    else:
        period.wakes_on = ladder.wakes_on(pack, period, period.status, day)
    return period


def _months(rng: random.Random) -> list[tuple[date, date]]:
    """Twelve months in a row of the five years, begun on any day of a month."""
    return _from(rng.randrange(YEARS * 12 - PERIODS), rng.randrange(1, 29))


def _months_on(day: date, number: int) -> list[tuple[date, date]]:
    """Twelve months of which one begins on `day`: its report before is asked for, and the next period opens."""
    return _from((day.year - FIRST_YEAR) * 12 + day.month - 1 - 1 - number % (PERIODS - 2), day.day)


def _from(first: int, on: int) -> list[tuple[date, date]]:
    starts = [_day(first + at, on) for at in range(PERIODS + 1)]
    return [(one, after - timedelta(days=1)) for one, after in pairwise(starts)]


def _day(month: int, on: int) -> date:
    year, of = FIRST_YEAR + month // 12, month % 12 + 1
    return date(year, of, min(on, monthrange(year, of)[1]))
