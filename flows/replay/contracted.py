"""Stages 13, 14 and 16 again: the contract's sum and plan, what the gate held and why, evaluation and balance."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flows.replay.decision import Checks, Compared, Moment
from flows.steps.completeness import told
from flows.steps.contracting import lines_of
from flows.steps.planning import ceiling_of, preview
from flows.steps.tranches import RUNNING, standing
from rules import deadlines, monitoring, periods, tranches
from rules.periods import Agreed, PlannedPeriod
from rules.tranches import Planned
from schemas.contract import Appeal, AppealStatus, Contract, ContractStatus, Tranche
from schemas.event import Act
from schemas.facts import BudgetLine, Checkpoint
from schemas.report import Mend, Period, Report


def preparing(at: Moment) -> Checks:
    """The contract is for what the winner asked, within the ceiling of its theme; its parts are the pack's shares."""
    application, contest = at.application, at.contest
    made = at.made(Contract)
    if not made:
        return  # one that had come to nothing is taken up again
    contract = made[0]
    ceiling = ceiling_of(contest, application)
    yield Compared("contract_sum", contract.amount, min(application.requested, ceiling))
    lines = [one.model_dump(mode="json") for one in lines_of(at.past, application)]
    yield Compared("contract_lines", contract.lines, lines)
    planned = preview(at.pack, contract, at.today)
    parts = tranches.plan(at.pack, contract.amount, planned)
    yield Compared("parts", _parts(at.made(Tranche)), _planned_parts(parts))


def _parts(rows: Sequence[Tranche]) -> list[list[Any]]:
    return [[one.number, one.amount, one.after_period] for one in sorted(rows, key=lambda one: one.number)]


def _planned_parts(parts: Sequence[Planned], numbers: Sequence[int] = ()) -> list[list[Any]]:
    numbered = zip(numbers or range(1, len(parts) + 1), parts, strict=False)
    return [[number, one.amount, one.after_period] for number, one in numbered]


def _days(rows: Sequence[Period | PlannedPeriod]) -> list[list[Any]]:
    return [[one.number, one.starts, one.ends, one.due, one.final] for one in sorted(rows, key=lambda one: one.number)]


def _money(rows: Sequence[Period | PlannedPeriod]) -> list[list[Any]]:
    ordered = sorted(rows, key=lambda one: one.number)
    return [
        [one.number, [line if isinstance(line, dict) else line.model_dump() for line in one.lines]] for one in ordered
    ]


def _tranches(at: Moment, contract: Contract) -> list[Tranche]:
    """All parts of the sum as they are after the event."""
    there = {one.id: one for one in at.past.all(Tranche, contract_id=contract.id)}
    there |= {one.id: one for one in at.changed(Tranche)}
    return list(there.values())


def signing(at: Moment) -> Checks:
    """Signed after the term of appeal; the plan of periods, and after which of them each part is paid."""
    contract = at.now(Contract, at.subject)
    published = at.facts.get("published")
    if published:
        last = deadlines.add(datetime.fromisoformat(published).date(), at.pack.appeal.term.value)
        until = deadlines.cutoff(last, datetime.max.time().replace(microsecond=0), at.contest.zone)
        yield Compared("appeal_over", at.facts["until"], until)
        yield Compared("signed_after", at.at, at.at if at.at > until else f"> {until.isoformat()}")
    if at.past.whole:
        yield Compared("appeals", 0, len(_pending(at)))
    yield Compared("signed_on", contract.signed_on, at.today)
    planned = preview(at.pack, contract, at.today)
    laid = at.changed(Period)
    yield Compared("plan", _days(laid), _days(planned))
    yield Compared("plan_money", _money(laid), _money(planned))
    waiting = [one for one in _tranches(at, contract) if one.status in tranches.WAITING]
    expected = [[one.number, tranches.after_period(at.pack, one.number - 1, planned)] for one in waiting]
    yield Compared("parts_follow", sorted([one.number, one.after_period] for one in waiting), sorted(expected))


def _pending(at: Moment) -> list[Appeal]:
    return at.past.all(Appeal, contest_id=at.contest.id, status=AppealStatus.LODGED)


def amending(at: Moment) -> Checks:
    """The future is planned anew, what has begun stays; what is not ordered yet is shared anew."""
    contract = at.now(Contract, at.subject)
    lines = [BudgetLine.model_validate(one) for one in contract.lines]
    milestones = [Checkpoint.model_validate(one) for one in contract.milestones]
    there = at.past.all(Period, contract_id=contract.id, order="number")
    terms = Agreed(contract.starts, contract.ends, lines, milestones, at.today)
    planned = periods.replan(at.pack, terms, there)
    numbers = {one.number for one in planned}
    yield Compared("plan", _days([one for one in _periods(at, contract) if one.number in numbers]), _days(planned))
    begun = [one for one in there if one.status.value != "planned"]
    parts = at.past.all(Tranche, contract_id=contract.id, order="number")
    shared = tranches.replan(at.pack, contract.amount, parts, [*begun, *planned])
    waiting = [one.number for one in parts if one.status in tranches.WAITING] or [len(parts) + 1]
    given = {one.number for one in parts if one.status not in tranches.WAITING}
    after = [one for one in _tranches(at, contract) if one.number not in given]
    yield Compared("parts", _parts(after), _planned_parts(shared or [], waiting))


def _periods(at: Moment, contract: Contract) -> list[Period]:
    there = {one.id: one for one in at.past.all(Period, contract_id=contract.id)}
    there |= {one.id: one for one in at.changed(Period)}
    return list(there.values())


def weighing(at: Moment) -> Checks:
    """A part is ordered when no condition is unmet; else it is held, and all that is missing is told."""
    tranche = at.before(Tranche, at.subject)
    contract = at.past.get(Contract, tranche.contract_id)
    there = at.past.all(Period, contract_id=contract.id, order="number")
    reports = at.past.all(Report, period_id=[one.id for one in there], order="received_at")
    mends = at.past.all(Mend, contract_id=contract.id, order="number")
    number = str(tranche.number)
    pending = at.facts["appeal"]
    if at.past.whole:
        pending = bool(_pending(at))
        yield Compared("appeal_pending", at.facts["appeal"], pending, number)
    missing = tranches.unmet(at.pack, tranche, contract, there, reports, mends, today=at.today, appeal_pending=pending)
    expected = Act.TRANCHE_HOLD if missing else Act.TRANCHE_ORDER
    recorded = at.now(Tranche, tranche.id).unmet
    yield Compared("gate", [at.act, *_rules(recorded)], [expected, *(one.rule for one in missing)], number)
    yield Compared("unmet", recorded, [told(one) for one in missing], number)


def _rules(unmet: Sequence[dict[str, Any]]) -> list[str]:
    return [one["rule"] for one in unmet]


def paying(at: Moment) -> Checks:
    """A part is paid by the order that was given for it, under a contract that runs."""
    before, after = at.before(Tranche, at.subject), at.now(Tranche, at.subject)
    contract = at.past.get(Contract, before.contract_id)
    number = str(after.number)
    yield Compared("paid_by", [at.facts["order"], "ordered"], [before.order_number, before.status], number)
    yield Compared("paid_sum", after.amount, before.amount, number)
    running = contract.status if contract.status in RUNNING else ContractStatus.SIGNED
    yield Compared("paid_under", contract.status, running, number)
    if contract.status is ContractStatus.EVALUATED:
        parts, accepted = at.past.all(Tranche, contract_id=contract.id), standing(at.past, contract)
        balance = monitoring.balance(contract, parts, accepted, paying=after.amount)
        yield Compared("balance", at.now(Contract, contract.id).balance, balance)


def evaluating(at: Moment) -> Checks:
    """The pack's rule evaluates the project and says what is to be returned, and until when."""
    before, after = at.before(Contract, at.subject), at.now(Contract, at.subject)
    there = at.past.all(Period, contract_id=before.id, order="number")
    accepted = standing(at.past, before)
    yield Compared("evaluation", after.evaluation, monitoring.evaluation(at.pack, before, there, accepted))
    yield from _balance(at, before, after)


def ending(at: Moment) -> Checks:
    """What was paid and not accounted for is to be returned."""
    yield from _balance(at, at.before(Contract, at.subject), at.now(Contract, at.subject))


def _balance(at: Moment, before: Contract, after: Contract) -> Checks:
    parts = at.past.all(Tranche, contract_id=before.id)
    balance = monitoring.balance(before, parts, standing(at.past, before))
    yield Compared("balance", after.balance, balance)
    if before.refund_until is None and balance > before.returned and before.signed_on is not None:
        yield Compared("refund_until", after.refund_until, deadlines.add(at.today, at.pack.monitoring.refund.value))


CHECKS = {
    Act.CONTRACT_PREPARE: preparing,
    Act.CONTRACT_SIGN: signing,
    Act.CONTRACT_AMEND: amending,
    Act.TRANCHE_HOLD: weighing,
    Act.TRANCHE_ORDER: weighing,
    Act.TRANCHE_PAY: paying,
    Act.CONTRACT_EVALUATE: evaluating,
    Act.CONTRACT_TERMINATE: ending,
}
