"""What an officer looks at in the morning: what is due this week, what is overdue and how far, what waits for us.

For all customers together, since it stands in the pages of the installation: codes and numbers, no names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import select
from sqlmodel import col

from flows.office import Office
from flows.steps.overview import WAITED_FOR
from rules.deadlines import add, local_day
from rules.packs import Pack
from schemas.application import Application
from schemas.collection import Parcel, ParcelStatus
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.customer import Customer
from schemas.errors import BadSetting, NoCalendar
from schemas.report import Period, PeriodStatus
from schemas.wording import ZONE
from storage.work import Look, looking

WEEK = timedelta(days=7)
_FURTHEST = timedelta(hours=14)  # no clock is further ahead of UTC


@dataclass(frozen=True)
class Item:
    """One thing of a list. `what` is the code of a text; `days`: until it is due, since it was, or that it waits."""

    customer: str
    number: str
    period: str
    what: str
    days: int


@dataclass(frozen=True)
class Worklist:
    """The three lists, the most pressing first."""

    due: list[Item]
    overdue: list[Item]
    waiting: list[Item]


def worklist(office: Office) -> Worklist:
    """As of now, each contest by its own clock."""
    with looking(office.engine, office.system) as look:
        codes = {one.id: one.code for one in look.all(Customer)}
        homes = {one.id: one for one in look.all(Contest)}
        due, overdue = _reports(office, look, codes, homes)
        waiting = [
            *_to_judge(office, look, codes, homes),
            *_in_tray(office, look, codes),
            *_to_pay(office, look, codes),
        ]
    return Worklist(
        sorted(due, key=lambda one: (one.days, one.customer, one.number)),
        sorted(overdue, key=lambda one: (-one.days, one.customer, one.number)),
        sorted(waiting, key=lambda one: (-one.days, one.customer, one.number)),
    )


def _reports(office: Office, look: Look, codes: dict, homes: dict) -> tuple[list[Item], list[Item]]:
    due: list[Item] = []
    overdue: list[Item] = []

    @cache
    def pack_of(contest_id: object) -> Pack | None:
        try:
            return office.pack_of(homes[contest_id])
        except BadSetting:  # one contest whose pack is broken must not hide the others
            return None

    query = (
        select(
            col(Contract.tenant_id),
            col(Contract.number),
            col(Period.number),
            col(Period.of),
            col(Period.due),
            col(Period.status),
            col(Application.contest_id),
        )
        .join(Contract, col(Contract.id) == col(Period.contract_id))
        .join(Application, col(Application.id) == col(Contract.application_id))
        .where(
            col(Contract.status) == ContractStatus.SIGNED,
            col(Period.status).in_((PeriodStatus.PLANNED, *WAITED_FOR)),
            col(Period.due) <= (office.now() + _FURTHEST).date() + WEEK,
        )
    )
    for tenant, number, period, of, day, status, contest_id in look.session.execute(query):
        today = office.today(homes[contest_id].zone)
        called = f"{period} / {of}"
        if day < today:
            rung = _rung(pack_of(contest_id), day, today) or f"status.period.{status.value}"
            overdue.append(Item(codes[tenant], number, called, rung, (today - day).days))
        elif day <= today + WEEK:
            due.append(Item(codes[tenant], number, called, f"status.period.{status.value}", (day - today).days))
    return due, overdue


def _rung(pack: Pack | None, due: date, today: date) -> str:
    """The code of the text of the highest step of the ladder whose day has come; empty where there is none."""
    reached: list[tuple[date, str]] = []
    for code, step in (pack.ladder_of("report") if pack else {}).items():
        try:
            day = add(due, step.at)
        except NoCalendar:
            continue
        if day <= today:
            reached.append((day, f"ground.{code}"))
    return max(reached, default=(due, ""))[1]


def _since(office: Office, at: datetime | None, zone: str) -> int:
    return 0 if at is None else (office.today(zone) - local_day(at, zone)).days


def _to_judge(office: Office, look: Look, codes: dict, homes: dict) -> Iterator[Item]:
    query = (
        select(
            col(Contract.tenant_id),
            col(Contract.number),
            col(Period.number),
            col(Period.of),
            col(Period.received_at),
            col(Application.contest_id),
        )
        .join(Contract, col(Contract.id) == col(Period.contract_id))
        .join(Application, col(Application.id) == col(Contract.application_id))
        .where(col(Period.status) == PeriodStatus.RECEIVED)
    )
    for tenant, number, period, of, at, contest_id in look.session.execute(query):
        days = _since(office, at, homes[contest_id].zone)
        yield Item(codes[tenant], number, f"{period} / {of}", "status.period.received", days)


def _in_tray(office: Office, look: Look, codes: dict) -> Iterator[Item]:
    query = select(col(Parcel.tenant_id), col(Parcel.id), col(Parcel.received_at)).where(
        col(Parcel.status) == ParcelStatus.WAITING
    )
    for tenant, identity, at in look.session.execute(query):
        yield Item(codes[tenant], str(identity)[:8], "", "status.parcel.waiting", _since(office, at, ZONE))


def _to_pay(office: Office, look: Look, codes: dict) -> Iterator[Item]:
    query = (
        select(col(Contract.tenant_id), col(Contract.number), col(Tranche.ordered_at))
        .join(Contract, col(Contract.id) == col(Tranche.contract_id))
        .where(col(Tranche.status) == TrancheStatus.ORDERED)
    )
    for tenant, number, at in look.session.execute(query):
        yield Item(codes[tenant], number, "", "status.tranche.ordered", _since(office, at, ZONE))
