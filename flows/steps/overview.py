"""What an overview shows, as figures: of a contract, of a contest, of days to come. Nothing is worded or drawn here.

Every figure is that of a row, or a sum of rows. Sums in tyiyn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from flows.steps.people import only_own, own
from rules import deadlines, likeness
from rules.periods import planned_lines
from rules.reports import WHOLE, counted, reached, share
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.contract import Contract, Tranche, TrancheStatus
from schemas.customer import Role
from schemas.doer import Doer
from schemas.errors import NotFound
from schemas.facts import BudgetLine, Indicator
from schemas.overview import (
    ContestOverview,
    IndicatorFigures,
    LineFigures,
    Overview,
    PeriodFigures,
    Point,
    TrancheFigures,
    VisitFigures,
)
from schemas.report import IN_PLAN, Mend, MendStatus, Period, PeriodStatus, Report, Visit
from storage.work import Look

_AT_ONCE = 1_000  # rows that are taken from the database together
LISTED = 200  # contracts of a contest that are shown one by one; the sums are of all
WAITED_FOR = (PeriodStatus.OPEN, PeriodStatus.RETURNED)
R = TypeVar("R", Period, Tranche, Visit, Mend)


def planned(amount: int, starts: date, ends: date, on: date) -> int:
    """The part of the sum that is planned to be spent up to and including a day, if each day costs the same."""
    days, whole = (on - starts).days + 1, (ends - starts).days + 1
    return amount * min(max(days, 0), whole) // whole


def spending(seen: Overview) -> list[Point]:
    """The plan of the periods, and what was spent, at each period's end; without plans the sum is spread over the days."""
    points = [Point(on=seen.starts, planned=0, spent=0)]
    spent = plan = 0
    for one in (one for one in seen.periods if not one.whole):
        spent += one.spent or 0
        plan += one.planned or 0
        points.append(
            Point(
                on=one.ends,
                planned=plan if seen.has_plan else planned(seen.amount, seen.starts, seen.ends, one.ends),
                spent=None if one.spent is None else spent,
                settled=one.settled,
            )
        )
    return points


def payments(seen: Overview) -> list[tuple[date, int]]:
    """What had been paid on each day of a payment."""
    days: list[tuple[date, int]] = []
    for one in sorted((one for one in seen.tranches if one.paid_on), key=lambda one: (one.paid_on, one.number)):
        if one.paid_on is not None:
            days.append((one.paid_on, (days[-1][1] if days else 0) + one.amount))
    return days


def view(look: Look, doer: Doer, contract_id: UUID, today: date) -> Overview:
    """A contract. Raises NotFound, also for another's when an applicant asks."""
    contract = look.get(Contract, contract_id)
    case = look.get(Application, contract.application_id)
    only_own(look, doer, case)
    return views(look, [contract], look.get(Contest, case.contest_id), today)[0]


def views(look: Look, contracts: Sequence[Contract], contest: Contest, today: date) -> list[Overview]:
    """Contracts of a contest; as many questions for a hundred as for one."""
    ids = [one.id for one in contracts]
    names = {one.id: one.name for one in look.all(Organisation, id=[one.organisation_id for one in contracts])}
    periods = look.all(Period, contract_id=ids, order="number")
    handed_in = look.all(Report, period_id=[one.id for one in periods], order="round")
    rows = _Rows(
        today=today,
        periods=_by_contract(periods),
        reports={one.period_id: one for one in handed_in},  # the last round is what stands
        tranches=_by_contract(look.all(Tranche, contract_id=ids, order="number")),
        visits=_by_contract(look.all(Visit, contract_id=ids, order="on id")),
        mends=_by_contract(look.all(Mend, contract_id=ids, order="number")),
    )
    return [_view(one, names[one.organisation_id], contest, rows) for one in contracts]


@dataclass(frozen=True)
class _Rows:
    today: date
    periods: Mapping[UUID, Sequence[Period]]
    reports: Mapping[UUID, Report]
    tranches: Mapping[UUID, Sequence[Tranche]]
    visits: Mapping[UUID, Sequence[Visit]]
    mends: Mapping[UUID, Sequence[Mend]]


def _by_contract(rows: Sequence[R]) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = {}
    for one in rows:
        found.setdefault(one.contract_id, []).append(one)
    return found


def _view(contract: Contract, organisation: str, contest: Contest, rows: _Rows) -> Overview:
    all_periods = rows.periods.get(contract.id, ())
    periods = [one for one in all_periods if one.status in IN_PLAN]
    tranches = rows.tranches.get(contract.id, ())
    accepted = [
        rows.reports[one.id] for one in periods if one.status is PeriodStatus.ACCEPTED and one.id in rows.reports
    ]
    return Overview(
        id=contract.id,
        number=contract.number,
        organisation=organisation,
        contest=contest.number,
        zone=contest.zone,
        today=rows.today,
        amount=contract.amount,
        spent=contract.spent,
        paid=sum(one.amount for one in tranches if one.status is TrancheStatus.PAID),
        balance=contract.balance,
        returned=contract.returned,
        starts=contract.starts,
        ends=contract.ends,
        signed_on=contract.signed_on,
        status=contract.status,
        periods=tuple(_period(one, rows.reports.get(one.id), contest.zone, rows.today) for one in periods),
        dropped=tuple(_period(one, None, contest.zone, rows.today) for one in all_periods if one.status not in IN_PLAN),
        lines=_lines(contract, accepted),
        indicators=_indicators(contract, accepted),
        tranches=tuple(
            TrancheFigures(
                number=one.number,
                amount=one.amount,
                paid_on=one.paid_on,
                unmet=tuple(dict.fromkeys(told["rule"] for told in one.unmet)),
                status=one.status,
            )
            for one in tranches
        ),
        visits=tuple(
            _visit(one, [mend for mend in rows.mends.get(contract.id, ()) if mend.visit_id == one.id])
            for one in rows.visits.get(contract.id, ())
        ),
    )


def _visit(visit: Visit, mends: Sequence[Mend]) -> VisitFigures:
    """What was seen, what has to be mended, and the first term that still runs."""
    terms = [one.until for one in mends if one.status in (MendStatus.ASKED, MendStatus.TOLD)]
    return VisitFigures(
        id=visit.id,
        version=visit.version,
        on=visit.on,
        seen=visit.seen,
        to_mend="; ".join(one.what for one in mends),
        mend_until=min(terms, default=None),
    )


def _period(period: Period, report: Report | None, zone: str, today: date) -> PeriodFigures:
    # what was sent back is no figure of ours until it comes again
    stands = report is not None and report.read and period.status in (PeriodStatus.RECEIVED, PeriodStatus.ACCEPTED)
    over = (today - period.due).days if period.status in WAITED_FOR else 0
    return PeriodFigures(
        id=period.id,
        version=period.version,
        number=period.number,
        of=period.of,
        starts=period.starts,
        ends=period.ends,
        due=period.due,
        final=period.final,
        whole=period.whole,
        received_on=deadlines.local_day(period.received_at, zone) if period.received_at else None,
        late=period.late,
        planned=sum(planned_lines(period).values()) if period.lines else None,
        spent=report.spent if report is not None and stands else None,
        settled=period.status is PeriodStatus.ACCEPTED,
        days_over=max(over, 0),
        status=period.status,
    )


def _lines(contract: Contract, accepted: Sequence[Report]) -> tuple[LineFigures, ...]:
    """The lines of the contract; what was spent on a line that it does not have stands at the end."""
    agreed = [BudgetLine.model_validate(one) for one in contract.lines]
    spent: dict[str, int] = {}
    names: dict[str, str] = {}
    for line in (BudgetLine.model_validate(one) for report in counted(accepted) for one in report.lines):
        key = likeness.plain(line.name)
        names.setdefault(key, line.name)
        spent[key] = spent.get(key, 0) + line.total
    known = [
        LineFigures(name=one.name, planned=one.requested, spent=spent.pop(likeness.plain(one.name), 0))
        for one in agreed
    ]
    return (*known, *(LineFigures(name=names[key], planned=0, spent=sum_) for key, sum_ in spent.items() if sum_))


def _indicators(contract: Contract, accepted: Sequence[Report]) -> tuple[IndicatorFigures, ...]:
    stood = reached(accepted)
    found: list[IndicatorFigures] = []
    for one in (Indicator.model_validate(told) for told in contract.indicators):
        now = stood.get(likeness.plain(one.name))
        found.append(
            IndicatorFigures(
                name=one.name,
                unit=one.unit,
                baseline=one.baseline,
                target=one.target,
                reached=now,
                percent=None if now is None else int(share(one, now) * WHOLE),
            )
        )
    return tuple(found)


# -- a contest ----------------------------------------------------------------------------------------------------------


def of_contest(look: Look, doer: Doer, contest_id: UUID, today: date) -> ContestOverview:
    """A contest with its contracts; an applicant is shown his own. Raises NotFound, also for an applicant without any."""
    contest = look.get(Contest, contest_id)
    ours = contracts_of(look, doer, contest_id)
    sums = look.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(col(Contract.amount)), 0),
            func.coalesce(func.sum(col(Contract.spent)), 0),
        )
        .select_from(Contract)
        .where(ours)
    ).one()
    payments = look.session.execute(
        select(col(Tranche.paid_on), func.sum(col(Tranche.amount)))
        .join(Contract, col(Contract.id) == col(Tranche.contract_id))
        .where(ours, col(Tranche.status) == TrancheStatus.PAID, col(Tranche.paid_on).is_not(None))
        .group_by(col(Tranche.paid_on))
        .order_by(col(Tranche.paid_on))
    ).all()
    paid: list[tuple[date, int]] = []
    for on, sum_ in payments:
        paid.append((on, (paid[-1][1] if paid else 0) + int(sum_)))
    states = look.session.execute(
        select(col(Period.status), func.count())
        .join(Contract, col(Contract.id) == col(Period.contract_id))
        .where(ours, _in_plan())
        .group_by(col(Period.status))
    ).all()
    late = look.session.execute(
        select(func.count())
        .select_from(Period)
        .join(Contract, col(Contract.id) == col(Period.contract_id))
        .where(ours, col(Period.status).in_(WAITED_FOR), col(Period.due) < today)
    ).scalar_one()
    first = look.session.scalars(select(Contract).where(ours).order_by(col(Contract.number)).limit(LISTED)).all()
    return ContestOverview(
        id=contest.id,
        number=contest.number,
        title=contest.title,
        zone=contest.zone,
        today=today,
        starts=contest.project_starts,
        ends=contest.project_ends,
        budget=contest.budget,
        contracts=int(sums[0]),
        amount=int(sums[1]),
        spent=int(sums[2]),
        paid=paid[-1][1] if paid else 0,
        periods={PeriodStatus(status): int(count) for status, count in states},
        overdue=int(late),
        curve=_curve(look, ours),
        payments=tuple(paid),
        listed=tuple(views(look, first, contest, today)),
    )


def contracts_of(look: Look, doer: Doer, contest_id: UUID | None) -> ColumnElement[bool]:
    """Which contracts are of the contest (of all contests, when none is named) and may be shown to him.

    Raises NotFound for a contest in which an applicant has no contract.
    """
    customer = true() if look.by.tenant_id is None else col(Contract.tenant_id) == look.by.tenant_id
    of = select(col(Application.id)).where(col(Application.contest_id) == contest_id)
    known = and_(customer, col(Contract.application_id).in_(of) if contest_id else true())
    if look.by.role is not Role.APPLICANT:
        return known
    cases = look.session.scalars(select(Application).join(Contract).where(known)).all()
    mine = [one.id for one in cases if own(look, doer, one)]
    if contest_id and not mine:
        raise NotFound(noun="contest", id=str(contest_id))
    return and_(known, col(Contract.application_id).in_(mine))


def _in_plan() -> ColumnElement[bool]:
    return col(Period.status) != PeriodStatus.DROPPED


def _curve(look: Look, ours: ColumnElement[bool]) -> tuple[Point, ...]:
    """Plan and accepted spending of all, at each day on which a period ends."""
    given, planless = _plans(look, ours)
    again = aliased(Report)
    last = select(func.max(col(again.round))).where(col(again.period_id) == col(Report.period_id)).scalar_subquery()
    spent = {
        on: int(sum_)
        for on, sum_ in look.session.execute(
            select(col(Period.ends), func.sum(col(Report.spent)))
            .join(Contract, col(Contract.id) == col(Period.contract_id))
            .join(Report, col(Report.period_id) == col(Period.id))
            .where(
                ours,
                col(Period.status) == PeriodStatus.ACCEPTED,
                col(Report.round) == last,
                col(Period.whole).is_(False),  # it sums the others up
            )
            .group_by(col(Period.ends))
        )
    }
    days = look.session.scalars(
        select(col(Period.ends))
        .join(Contract, col(Contract.id) == col(Period.contract_id))
        .where(ours, _in_plan())
        .distinct()
        .order_by(col(Period.ends))
    ).all()
    first = look.session.execute(select(func.min(col(Contract.starts))).where(ours)).scalar_one()
    points = [Point(on=first, planned=0, spent=0)] if first else []
    whole = plan = 0
    for on in days:
        whole += spent.get(on, 0)
        plan += given.get(on, 0)
        spread = sum(planned(amount, starts, ends, on) for amount, starts, ends in planless)
        points.append(Point(on=on, planned=plan + spread, spent=whole if on in spent else None))
    return tuple(points)


def _plans(look: Look, ours: ColumnElement[bool]) -> tuple[dict[date, int], list[tuple[int, date, date]]]:
    """What the periods' plans give by the day on which they end; and sum and term of contracts whose periods have none."""
    given: dict[date, int] = {}
    with_plan: set[UUID] = set()
    lines = select(col(Period.contract_id), col(Period.ends), col(Period.lines))
    there = lines.join(Contract, col(Contract.id) == col(Period.contract_id)).where(ours, _in_plan())
    for contract_id, on, told in look.session.execute(there.execution_options(yield_per=_AT_ONCE)):
        if told:
            with_plan.add(contract_id)
            given[on] = given.get(on, 0) + sum(int(one["amount"]) for one in told)
    terms = select(col(Contract.id), col(Contract.amount), col(Contract.starts), col(Contract.ends)).where(ours)
    others = [one for one in look.session.execute(terms) if one[0] not in with_plan]
    return given, [(int(amount), starts, ends) for _, amount, starts, ends in others]
