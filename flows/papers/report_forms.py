"""The two forms of a report, filled in as far as the contract and the periods before tell: only the facts are left to write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from documents import forms, words
from documents.content import data
from documents.filling import settled
from rules.likeness import plain
from rules.periods import planned_lines
from schemas.contract import Contract
from schemas.facts import BudgetLine, Checkpoint, Indicator, Media
from schemas.report import Period, Report
from schemas.wording import say


@dataclass(frozen=True)
class Form:
    """A file to hand out."""

    name: str
    media: Media
    content: bytes


def report_forms(
    contract: Contract, period: Period, before: Sequence[Report], *, organisation: str, title: str, head: str
) -> Iterator[Form]:
    """Programme and financial report of a period in the contractor's language. `before`: the accepted reports, in order."""
    language = contract.language.value
    same = {
        "number": contract.number,
        "organisation": organisation,
        "period": say(
            "form.period_field", language, period=period.number, of=period.of, title=_title(period, language)
        ),
        "starts": _day(period.starts),
        "ends": _day(period.ends),
    }
    told = same | {"title": title, "head": head}
    promised = [Indicator.model_validate(one) for one in contract.indicators]
    results = [(one.name, one.unit, str(one.baseline), str(one.target), "") for one in promised]
    milestones = [Checkpoint.model_validate(one) for one in contract.milestones]
    steps = [(one.name, _day(date.fromisoformat(one.planned)), "") for one in milestones]
    programme = forms.fill("programme-report", language, told, results, checkpoints=steps)
    yield Form(_name("programme-report", contract, period, "docx"), Media.DOCX, settled(programme))
    plan = planned_lines(period)
    lines = [BudgetLine.model_validate(one) for one in contract.lines]
    money = [
        (at, one.name, _som(one.requested if period.whole else plan.get(plain(one.name), 0)))
        for at, one in enumerate(lines, 1)
    ]
    left = next((one.closing for one in reversed(before) if one.closing is not None and not one.whole), 0)
    opening = words.money(0 if period.whole else left, "ru").replace(words.NBSP, " ")
    financial = forms.fill("financial-report", language, same | {"opening": opening}, money)
    yield Form(_name("financial-report", contract, period, "xlsx"), Media.XLSX, settled(financial))


def _title(period: Period, language: str) -> str:
    return say("paper.period.whole", language) if period.whole else period.title


def _name(form: str, contract: Contract, period: Period, suffix: str) -> str:
    called = data("labels.toml")["form"][form][contract.language.value]
    return f"{called} {contract.number.replace('/', '-')} {period.number}-{period.of}.{suffix}"


def _day(on: date) -> str:
    return f"{on:%d.%m.%Y}"


def _som(tyiyn: int) -> float:
    return tyiyn // 100 if tyiyn % 100 == 0 else tyiyn / 100
