"""Overviews of made-up contracts, of any length."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from rules.deadlines import add_months
from schemas.contract import ContractStatus, TrancheStatus
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
from schemas.report import PeriodStatus

STARTS = date(2018, 9, 3)
AMOUNT = 123_456_700
HOSTILE = "</title><script>alert(1)</script><b>&amp;\"' ${7*7} {{7*7}} \u202eоюуН]]>"
LONG = "Окутуудан өткөн өспүрүмдөрдүн саны, анын ичинде ден соолугунун мүмкүнчүлүгү чектелген балдар жана башкалар"


def a_period(number: int, of: int, months: int, today: date) -> PeriodFigures:
    """Accepted long ago, then one sent back, in checking, open, planned."""
    starts = add_months(STARTS, (number - 1) * months)
    ends = add_months(STARTS, number * months) - timedelta(days=1)
    due = ends + timedelta(days=15)
    status = (
        PeriodStatus.ACCEPTED
        if due < today - timedelta(days=70)
        else PeriodStatus.RETURNED
        if due < today - timedelta(days=40)
        else PeriodStatus.RECEIVED
        if due < today - timedelta(days=10)
        else PeriodStatus.OPEN
        if starts <= today
        else PeriodStatus.PLANNED
    )
    in_ = status in (PeriodStatus.ACCEPTED, PeriodStatus.RECEIVED)
    waits = status in (PeriodStatus.OPEN, PeriodStatus.RETURNED)
    return PeriodFigures(
        id=UUID(int=number),
        version=1,
        number=number,
        of=of,
        starts=starts,
        ends=ends,
        due=due,
        final=number == of,
        received_on=due - timedelta(days=1) if in_ else None,
        late=False,
        spent=AMOUNT // of * (90 + (number * 37) % 25) // 100 if in_ else None,
        settled=status is PeriodStatus.ACCEPTED,
        days_over=max((today - due).days, 0) if waits else 0,
        status=status,
    )


def an_overview(of: int = 12, months: int = 1, *, today: date | None = None, name: str = "«Таза муун»") -> Overview:
    """A contract with `of` periods of so many months; by default three fifths of its days are over."""
    ends = add_months(STARTS, of * months) - timedelta(days=1)
    today = today or STARTS + (ends - STARTS) * 3 // 5
    periods = tuple(a_period(number, of, months, today) for number in range(1, of + 1))
    spent = sum(one.spent or 0 for one in periods if one.settled)
    reported = any(one.settled for one in periods)
    return Overview(
        id=UUID(int=1000),
        number="БАТКЕН-2018-1/7",
        organisation=name,
        contest="БАТКЕН-2018-1",
        zone="Asia/Bishkek",
        today=today,
        amount=AMOUNT,
        spent=spent,
        paid=AMOUNT * 3 // 10,
        balance=0,
        returned=0,
        starts=STARTS,
        ends=ends,
        signed_on=STARTS - timedelta(days=20),
        status=ContractStatus.SIGNED,
        periods=periods,
        lines=(
            LineFigures(name="Эмгек акы", planned=80_000_000, spent=spent // 2),
            LineFigures(name=name, planned=AMOUNT - 80_000_000, spent=spent - spent // 2),
        ),
        indicators=(
            IndicatorFigures(
                name=LONG,
                unit="адам",
                baseline=0,
                target=120,
                reached=78 if reported else None,
                percent=65 if reported else None,
            ),
            IndicatorFigures(name=name, unit="", baseline=0, target=5, reached=None, percent=None),
            IndicatorFigures(name="Ң" * 120, unit="", baseline=0, target=5, reached=None, percent=None),
        ),
        tranches=(
            TrancheFigures(
                number=1,
                amount=AMOUNT * 3 // 10,
                paid_on=STARTS + timedelta(days=3),
                unmet=(),
                status=TrancheStatus.PAID,
            ),
            TrancheFigures(
                number=2,
                amount=AMOUNT - AMOUNT * 3 // 10,
                paid_on=None,
                unmet=("no_report",),
                status=TrancheStatus.HELD,
            ),
        ),
        visits=(
            VisitFigures(
                id=UUID(int=2000),
                version=2,
                on=STARTS + timedelta(days=40),
                seen=name,
                to_mend="Өрт өчүргүчтөрдү алмаштыруу",
                mend_until=STARTS + timedelta(days=60),
            ),
        ),
    )


def a_contest(*contracts: Overview) -> ContestOverview:
    """A contest of these contracts."""
    periods = [period for one in contracts for period in one.periods]
    points, spent = [Point(on=STARTS, planned=0, spent=0)], 0
    for on in sorted({one.ends for one in periods}):
        settled = [one.spent or 0 for one in periods if one.ends == on and one.settled]
        spent += sum(settled)
        points.append(Point(on=on, planned=len(points) * 1_000_000, spent=spent if settled else None))
    return ContestOverview(
        id=UUID(int=1),
        number="БАТКЕН-2018-1",
        title={"ky": "Жаштардын бош убактысы", "ru": "Досуг молодёжи", "en": "Leisure of the young"},
        zone="Asia/Bishkek",
        today=contracts[0].today if contracts else STARTS,
        starts=STARTS,
        ends=add_months(STARTS, 12),
        budget=700_000_000,
        contracts=len(contracts),
        amount=sum(one.amount for one in contracts),
        spent=sum(one.spent for one in contracts),
        paid=sum(one.paid for one in contracts),
        periods=dict(Counter(one.status for one in periods)),
        overdue=sum(one.overdue for one in contracts),
        curve=tuple(points),
        payments=((STARTS, sum(one.paid for one in contracts)),) if contracts else (),
        listed=contracts,
    )
