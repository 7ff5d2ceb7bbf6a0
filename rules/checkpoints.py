"""The steps of the work: planned for a day, done on a day."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Iterator
from datetime import date

from rules.catalog import NOTICE, TO_CURE, remark
from schemas.contract import Contract
from schemas.document import Document
from schemas.facts import Checkpoint
from schemas.finding import Remark
from schemas.report import Period, Report


def steps(contract: Contract, period: Period, report: Report, paper: Document | None) -> Iterator[Remark]:
    """No step was done before the contract's term; one not done by the end of the period, or done late, is told."""
    for one in map(Checkpoint.model_validate, report.checkpoints):
        told = {"step": one.name, "planned_on": one.planned, "done_on": one.actual}
        if one.actual and date.fromisoformat(one.actual) < contract.starts:
            facts = told | {"starts": contract.starts.isoformat()}
            yield remark("checkpoint_before_start", TO_CURE, of=paper, facts=facts, place=one.place)
        elif one.actual and one.planned and one.actual > one.planned:
            yield remark("checkpoint_late", NOTICE, of=paper, facts=told, place=one.place)
        elif not one.actual and date.fromisoformat(one.planned) <= period.ends:
            yield remark("checkpoint_missing", NOTICE, of=paper, facts=told, place=one.place)
