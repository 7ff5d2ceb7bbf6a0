"""What an amendment makes of a contract: its last day, sum and lines, targets, milestones. What is past stays."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rules import likeness, reports
from schemas.contract import Contract
from schemas.errors import BadAmount, NotFound
from schemas.facts import BudgetLine, Checkpoint, Indicator
from schemas.report import NOT_BEGUN, Period, Report


@dataclass(frozen=True)
class Wanted:
    """What an amendment asks for; what it does not name stays. `lines`: the sum that the order pays for a line, in tyiyn;
    `milestones`: in place of all those that have not passed.
    """

    ends: date | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    targets: Mapping[str, int] = field(default_factory=dict)
    milestones: Sequence[Checkpoint] | None = None


@dataclass(frozen=True)
class Amended:
    """What the contract says afterwards. The sum in tyiyn."""

    ends: date
    amount: int
    lines: tuple[BudgetLine, ...]
    indicators: tuple[Indicator, ...]
    milestones: tuple[Checkpoint, ...]


@dataclass(frozen=True)
class Change:
    """One field from → to. `name` is that of a line, an indicator, a milestone, the number of a period; None = there was, or
    is, none. `was` of a period is the day on which its report was due.
    """

    field: str
    name: str
    was: date | int | None
    now: date | int | None

    def told(self) -> dict[str, str | int | None]:
        """As an event tells it: days in ISO form."""
        was, now = (one.isoformat() if isinstance(one, date) else one for one in (self.was, self.now))
        return {"field": self.field, "name": self.name, "was": was, "now": now}


def amended(contract: Contract, wanted: Wanted, periods: Sequence[Period], accepted: Sequence[Report]) -> Amended:
    """The contract after an amendment.

    Raises BadAmount for a sum of nothing or a line below what `accepted` reports spent there, NotFound for an indicator
    that it does not have.
    """
    lines = _lines(contract, wanted.lines, reports.spent_by_line(reports.counted(accepted)))
    amount = sum(one.requested for one in lines) if wanted.lines else contract.amount
    if amount <= 0:
        raise BadAmount(amount=amount)
    ends = wanted.ends or contract.ends
    indicators = _indicators(contract, wanted.targets)
    return Amended(ends, amount, lines, indicators, _milestones(contract, wanted, periods))


def changes(contract: Contract, now: Amended) -> list[Change]:
    """Every field that an amendment changes, in the order of the contract's clauses."""
    found = [Change("ends", "", contract.ends, now.ends), Change("amount", "", contract.amount, now.amount)]
    lines = {one.name: one.requested for one in map(BudgetLine.model_validate, contract.lines)}
    targets = {one.name: one.target for one in map(Indicator.model_validate, contract.indicators)}
    found += _pairs("line", lines, {one.name: one.requested for one in now.lines})
    found += _pairs("target", targets, {one.name: one.target for one in now.indicators})
    found += _pairs("milestone", _days(map(Checkpoint.model_validate, contract.milestones)), _days(now.milestones))
    return [one for one in found if one.was != one.now]


def _pairs(what: str, was: Mapping[str, date | int], now: Mapping[str, date | int]) -> Iterator[Change]:
    for name in dict.fromkeys([*was, *now]):
        yield Change(what, name, was.get(name), now.get(name))


def _days(milestones: Sequence[Checkpoint] | Iterator[Checkpoint]) -> dict[str, date]:
    return {one.name: date.fromisoformat(one.planned) for one in milestones}


def _lines(contract: Contract, wanted: Mapping[str, int], spent: Mapping[str, int]) -> tuple[BudgetLine, ...]:
    """The lines with their new sums; one that gets nothing and has no money of the contractor's own is left out."""
    left = {likeness.plain(name): (name, sum_) for name, sum_ in wanted.items()}
    for key, (_, sum_) in left.items():
        if sum_ < spent.get(key, 0):
            raise BadAmount(amount=sum_)
    found: list[BudgetLine] = []
    for one in map(BudgetLine.model_validate, contract.lines):
        _, sum_ = left.pop(likeness.plain(one.name), ("", one.requested))
        found.append(one.model_copy(update={"requested": sum_, "total": sum_ + one.own}))
    found += [BudgetLine(name=name, total=sum_, requested=sum_) for name, sum_ in left.values()]
    return tuple(one for one in found if one.total)


def _indicators(contract: Contract, targets: Mapping[str, int]) -> tuple[Indicator, ...]:
    left = {likeness.plain(name): (name, target) for name, target in targets.items()}
    found: list[Indicator] = []
    for one in map(Indicator.model_validate, contract.indicators):
        _, target = left.pop(likeness.plain(one.name), ("", one.target))
        found.append(one.model_copy(update={"target": target}))
    for name, _ in left.values():
        raise NotFound(noun="indicator", id=name)
    return tuple(found)


def _milestones(contract: Contract, wanted: Wanted, periods: Sequence[Period]) -> tuple[Checkpoint, ...]:
    """Those within a period that has begun stay; the others give way to what is asked for."""
    known = [Checkpoint.model_validate(one) for one in contract.milestones]
    if wanted.milestones is None:
        return tuple(known)
    begun = [one.ends for one in periods if one.status not in NOT_BEGUN and not one.whole]
    past = max(begun, default=date.min)
    kept = [one for one in known if date.fromisoformat(one.planned) <= past]
    names = {one.name for one in kept}
    new = [one for one in wanted.milestones if one.name not in names]
    return tuple(sorted([*kept, *new], key=lambda one: one.planned))
