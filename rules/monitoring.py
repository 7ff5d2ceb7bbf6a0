"""The end of a project: its evaluation, and the money to be returned."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Sequence
from fractions import Fraction

from rules import likeness
from rules.packs import Pack
from rules.reports import WHOLE, counted, reached, share
from schemas.contract import Contract, Evaluation, Tranche, TrancheStatus
from schemas.facts import Indicator
from schemas.report import Period, Report


def evaluation(pack: Pack, contract: Contract, periods: Sequence[Period], reports: Sequence[Report]) -> Evaluation:
    """By the mean share of the indicators reached; at best satisfactory if none was set or too many reports were late."""
    law = pack.evaluation
    reported = reached(reports)
    promised = [Indicator.model_validate(one) for one in contract.indicators]
    shares = [share(one, reported.get(likeness.plain(one.name), one.baseline)) for one in promised]
    mean = sum(shares, Fraction()) / len(shares) * WHOLE if shares else Fraction(law.satisfactory_percent.value)
    punctual = sum(one.late for one in periods) <= law.late_reports_allowed.value
    if mean >= law.successful_percent.value and punctual:
        return Evaluation.SUCCESSFUL
    return Evaluation.SATISFACTORY if mean >= law.satisfactory_percent.value else Evaluation.UNSATISFACTORY


def balance(contract: Contract, tranches: Sequence[Tranche], reports: Sequence[Report], *, paying: int = 0) -> int:
    """What was paid (or is being paid) and not spent, in tyiyn: to be returned.

    `reports` in the order of their periods. Spending above the contract's sum is the contractor's own.
    """
    paid = paying + sum(one.amount for one in tranches if one.status is TrancheStatus.PAID)
    spent = min(sum(one.spent for one in counted(reports)), contract.amount)
    return max(paid - spent, 0)
