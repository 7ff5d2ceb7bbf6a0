"""Parts of the sum: how it is split, and every condition that is still unmet before a part may be paid."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rules.catalog import TO_CURE, remark
from rules.deadlines import add
from rules.packs import Pack
from schemas.contract import Contract, ContractStatus, Tranche
from schemas.finding import Remark
from schemas.report import Mend, MendStatus, Period, PeriodStatus, Report

WHOLE = 100  # per cent


@dataclass(frozen=True)
class Planned:
    """A part of the sum, in tyiyn; `after_period` 0 = after signing, n = after report n is accepted."""

    amount: int
    after_period: int
    conditions: tuple[str, ...]


def plan(pack: Pack, amount: int) -> list[Planned]:
    """The pack's shares of the sum. They make the sum to the tyiyn; no rounding ever lifts the first above its share."""
    law = pack.tranches
    parts: list[Planned] = []
    given, percent = 0, 0
    for number, share in enumerate(law.split.value):
        percent += share
        reached = amount * percent // WHOLE
        conditions = law.later.value if number else law.first.value
        parts.append(Planned(reached - given, number, tuple(conditions)))
        given = reached
    return parts


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
            yield remark("report_not_accepted", TO_CURE, period=period.number, status=period.status.value)
        elif period.status is not PeriodStatus.ACCEPTED:
            yield remark("no_report", TO_CURE, period=period.number)
    if case.tranche.after_period and not case.periods:
        yield remark("no_report", TO_CURE, period=case.tranche.after_period)


def _no_overdue_report(case: _Case) -> Iterator[Remark]:
    """No report is so late that the ladder is past its reminders, taken or missed.

    What is in checking or paused is never late.
    """
    steps = case.pack.ladder_of("report").values()
    past = [step.at for step in steps if step.type != "reminder" and step.since == "due"]
    for period in case.periods:
        waiting = period.paused_on is None and period.status not in (PeriodStatus.RECEIVED, PeriodStatus.ACCEPTED)
        if waiting and any(add(period.due, term) <= case.today for term in past):
            yield remark("report_overdue", TO_CURE, period=period.number, due=period.due.isoformat())


def _variance_explained(case: _Case) -> Iterator[Remark]:
    """Every variance above the threshold is explained in the last report of its period."""
    for period in case.periods:
        handed_in = [one for one in case.reports if one.period_id == period.id and not one.refused]
        if not handed_in:
            continue
        last = max(handed_in, key=lambda one: one.round)
        if not last.explanation.strip() and any(one["rule"] == "variance" for one in last.remarks):
            rests_on = [case.pack.variance.threshold_percent]
            yield remark("variance_open", TO_CURE, rests_on=rests_on, period=period.number)


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
