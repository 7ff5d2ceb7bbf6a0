"""What an overview shows, as figures: of a contract, of a contest. Sums in tyiyn."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.contract import ContractStatus, TrancheStatus
from schemas.report import PeriodStatus

_WHOLE = 100  # per cent


class Figures(BaseModel):
    """Figures as they stood when they were asked for."""

    model_config = ConfigDict(frozen=True)


class PeriodFigures(Figures):
    """`planned` is what its plan gives all lines, None without a plan; `spent` what its last report says once that was read.

    `settled`: it is accepted. `days_over` the due day.
    """

    id: UUID
    version: int
    number: int
    of: int
    starts: date
    ends: date
    due: date
    final: bool
    whole: bool = False
    received_on: date | None
    late: bool
    planned: int | None = None
    spent: int | None
    settled: bool
    days_over: int
    status: PeriodStatus


class LineFigures(Figures):
    """A line of the budget: as agreed, and as accepted reports spent it."""

    name: str
    planned: int
    spent: int


class IndicatorFigures(Figures):
    """`reached` as the last accepted report has it; `percent` of the way from the baseline to the target."""

    name: str
    unit: str
    baseline: int
    target: int
    reached: int | None
    percent: int | None


class TrancheFigures(Figures):
    """A part of the sum; `unmet` are the rules that hold it."""

    number: int
    amount: int
    paid_on: date | None
    unmet: tuple[str, ...]
    status: TrancheStatus


class VisitFigures(Figures):
    """A site visit."""

    id: UUID
    version: int
    on: date
    seen: str
    to_mend: str
    mend_until: date | None


class Point(Figures):
    """Sums up to and including a day. `spent` is None where no report is read; not `settled`: one is still in checking."""

    on: date
    planned: int
    spent: int | None = None
    settled: bool = True


class Overview(Figures):
    """A contract and how it goes. `dropped` are periods that an amendment took out of its plan: they count nowhere."""

    id: UUID
    number: str
    organisation: str
    contest: str
    zone: str
    today: date
    amount: int
    spent: int
    paid: int
    balance: int
    returned: int
    starts: date
    ends: date
    signed_on: date | None
    status: ContractStatus
    periods: tuple[PeriodFigures, ...]
    lines: tuple[LineFigures, ...]
    indicators: tuple[IndicatorFigures, ...]
    tranches: tuple[TrancheFigures, ...]
    visits: tuple[VisitFigures, ...]
    dropped: tuple[PeriodFigures, ...] = ()

    @property
    def percent(self) -> int | None:
        """How far its indicators are on the mean; those of which nothing was reported count as not begun."""
        known = [min(max(one.percent or 0, 0), _WHOLE) for one in self.indicators]
        reported = any(one.percent is not None for one in self.indicators)
        return sum(known) // len(known) if reported else None

    @property
    def has_plan(self) -> bool:
        """Whether its periods say what is to be spent in them."""
        return any(one.planned is not None for one in self.periods)

    @property
    def accepted(self) -> int:
        """Periods whose reports are accepted."""
        return sum(one.settled for one in self.periods)

    @property
    def overdue(self) -> int:
        """Periods whose reports should be here and are not."""
        return sum(one.days_over > 0 for one in self.periods)

    @property
    def next_due(self) -> date | None:
        """The next day for a report that is not in yet, or the first that was missed."""
        waiting = (PeriodStatus.PLANNED, PeriodStatus.OPEN, PeriodStatus.RETURNED)
        return min((one.due for one in self.periods if one.status in waiting), default=None)


class ContestOverview(Figures):
    """A contest and its contracts: sums of all, and so many one by one."""

    id: UUID
    number: str
    title: dict[str, str]
    zone: str
    today: date
    starts: date
    ends: date
    budget: int
    contracts: int
    amount: int
    spent: int
    paid: int
    periods: dict[PeriodStatus, int]
    overdue: int
    curve: tuple[Point, ...]
    payments: tuple[tuple[date, int], ...]
    listed: tuple[Overview, ...]
