"""Parts of the sum: how it is split, and every condition that is still unmet before a part may be paid."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import ceil
from uuid import UUID

from rules.catalog import TO_CURE, remark
from rules.deadlines import add
from rules.packs import Pack
from rules.periods import PlannedPeriod
from rules.reports import unexplained
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.finding import Remark
from schemas.report import Mend, MendStatus, Period, PeriodStatus, Report

WHOLE = 100  # per cent
WAITING = (TrancheStatus.PLANNED, TrancheStatus.HELD)  # for its order


@dataclass(frozen=True)
class Planned:
    """A part of the sum, in tyiyn; `after_period` 0 = after signing, n = after report n is accepted."""

    amount: int
    after_period: int
    conditions: tuple[str, ...]

    def row(self, contract_id: UUID, number: int) -> Tranche:
        """The part as a tranche of a contract."""
        return Tranche(
            contract_id=contract_id,
            number=number,
            amount=self.amount,
            after_period=self.after_period,
            conditions=list(self.conditions),
        )


def plan(pack: Pack, amount: int, periods: Sequence[PlannedPeriod] = ()) -> list[Planned]:
    """The pack's shares of the sum, each after its report. They make the sum to the tyiyn; no rounding ever lifts the first
    above its share.
    """
    law = pack.tranches
    parts: list[Planned] = []
    given, percent = 0, 0
    for number, share in enumerate(law.split.value):
        percent += share
        reached = amount * percent // WHOLE
        after = after_period(pack, number, periods)
        conditions = law.later.value if after else law.first.value
        parts.append(Planned(reached - given, after, tuple(conditions)))
        given = reached
    return parts


def after_period(pack: Pack, number: int, periods: Sequence[PlannedPeriod | Period]) -> int:
    """After which report the part `number` (from 0) is paid, 0 = after the signing.

    A share of the plan is the first report by which that much of the periods is over. Beyond what the pack says, for
    "final", and where the plan has fewer periods, it is the last one.
    """
    law, last = pack.tranches.after, len(periods)
    of_law = number if law is None else law.value[number] if number < len(law.value) else "final"
    if isinstance(of_law, int):
        return min(of_law, last) if periods else of_law
    return last if of_law == "final" else ceil(Fraction(of_law) * sum(not one.whole for one in periods))


def replan(
    pack: Pack, amount: int, there: Sequence[Tranche], periods: Sequence[PlannedPeriod | Period]
) -> list[Planned] | None:
    """The parts that are not ordered yet, for another sum or plan, in the order of their numbers; None: they cannot be made.

    What is ordered or paid stays. The rest of the sum is shared among them as the pack's shares are to each other; where none
    is left, what the sum grew by is a part of its own after the last report.
    """
    waiting = [one for one in there if one.status in WAITING]
    left = amount - sum(one.amount for one in there if one.status not in WAITING)
    if left < len(waiting):
        return None
    if not waiting:
        return [Planned(left, len(periods), tuple(pack.tranches.later.value))] if left else []
    split = pack.tranches.split.value
    shares = [split[one.number - 1] if one.number <= len(split) else WHOLE for one in waiting]
    sums = [left * sum(shares[:at]) // (sum(shares) or 1) for at in range(len(waiting))] + [left]
    if left == sum(one.amount for one in waiting):
        sums = [sum(one.amount for one in waiting[:at]) for at in range(len(waiting) + 1)]
    return [
        Planned(until - since, after_period(pack, one.number - 1, periods), tuple(one.conditions))
        for one, (since, until) in zip(waiting, pairwise(sums), strict=True)
    ]


@dataclass(frozen=True)
class _Case:
    pack: Pack
    tranche: Tranche
    contract: Contract
    periods: Sequence[Period]
    reports: Sequence[Report]
    appeal_pending: bool
    today: date
    mends: Sequence[Mend]

    @property
    def waited_for(self) -> list[Period]:
        """The periods whose reports this part waits for; the last one stands for any beyond it."""
        return [one for one in self.periods if one.number <= self.tranche.after_period]


def _called(period: Period) -> dict[str, str | int]:
    return {"period": period.number, "of": period.of}


def _contract_signed(case: _Case) -> Iterator[Remark]:
    """The contract is signed and has not ended."""
    number, status = case.contract.number, case.contract.status
    if case.contract.signed_on is None or status in (ContractStatus.PREPARED, ContractStatus.DRAFTED):
        yield remark("not_signed", TO_CURE, contract=number)
    if status in (ContractStatus.TERMINATED, ContractStatus.CLOSED):
        yield remark("contract_ended", TO_CURE, contract=number, status=status.value)


def _no_appeal_pending(case: _Case) -> Iterator[Remark]:
    """No complaint against the contest is waiting for its decision."""
    if case.appeal_pending and case.pack.appeal.pauses_contract.value:
        rests_on = [case.pack.appeal.pauses_contract]
        yield remark("appeal_pending", TO_CURE, rests_on=rests_on, contract=case.contract.number)


def _report_accepted(case: _Case) -> Iterator[Remark]:
    """Every report up to the one that this part follows is accepted."""
    for period in case.waited_for:
        if period.status is PeriodStatus.RECEIVED:
            yield remark("report_not_accepted", TO_CURE, facts=_called(period), status=period.status.value)
        elif period.status is not PeriodStatus.ACCEPTED:
            yield remark("no_report", TO_CURE, facts=_called(period))
    if case.tranche.after_period and not case.periods:
        yield remark("no_report", TO_CURE, facts={"period": case.tranche.after_period, "of": ""})


def _no_overdue_report(case: _Case) -> Iterator[Remark]:
    """No report is so late that the ladder is past its reminders, taken or missed.

    What is in checking or paused is never late.
    """
    steps = case.pack.ladder_of("report").values()
    past = [step.at for step in steps if step.type != "reminder" and step.since == "due"]
    for period in case.periods:
        waiting = period.paused_on is None and period.status not in (PeriodStatus.RECEIVED, PeriodStatus.ACCEPTED)
        if waiting and any(add(period.due, term) <= case.today for term in past):
            yield remark("report_overdue", TO_CURE, facts=_called(period), due=period.due.isoformat())


def _variance_explained(case: _Case) -> Iterator[Remark]:
    """Every line that is off the plan by more than the threshold is explained in the last report of its period."""
    for period in case.periods:
        handed_in = [one for one in case.reports if one.period_id == period.id and not one.refused]
        if not handed_in:
            continue
        last = max(handed_in, key=lambda one: one.round)
        if lines := unexplained(last):
            rests_on = [case.pack.variance.threshold_percent]
            told = _called(period) | {"lines": ", ".join(f"«{one}»" for one in lines)}
            yield remark("variance_open", TO_CURE, rests_on=rests_on, facts=told)


def _no_open_mend(case: _Case) -> Iterator[Remark]:
    """What visits found wrong is mended, or the head has waived it."""
    for one in case.mends:
        if one.status in (MendStatus.ASKED, MendStatus.TOLD):
            yield remark("open_mend", TO_CURE, what=one.what, until=one.until.isoformat())


CONDITIONS: dict[str, Callable[[_Case], Iterator[Remark]]] = {
    "contract_signed": _contract_signed,
    "no_appeal_pending": _no_appeal_pending,
    "report_accepted": _report_accepted,
    "no_overdue_report": _no_overdue_report,
    "variance_explained": _variance_explained,
    "no_open_mend": _no_open_mend,
}


def unmet(
    pack: Pack,
    tranche: Tranche,
    contract: Contract,
    periods: Sequence[Period],
    reports: Sequence[Report],
    mends: Sequence[Mend] = (),
    *,
    today: date,
    appeal_pending: bool,
) -> list[Remark]:
    """Everything that stands between this part and its payment, one remark each; empty = it may be paid.

    A condition that the head has lifted stands no more.
    """
    law = pack.tranches.later if tranche.after_period else pack.tranches.first
    case = _Case(pack, tranche, contract, periods, reports, appeal_pending, today, mends)
    found: list[Remark] = []
    passed = {one["condition"] for one in tranche.lifted}
    for code in tranche.conditions:
        if code in passed:
            continue
        if code in CONDITIONS:
            found += CONDITIONS[code](case)
        else:
            found.append(remark("unknown_condition", TO_CURE, condition=code))
    return [one.model_copy(update={"placeholder": one.placeholder or law.placeholder}) for one in found]
