"""Reports of a contractor for a period, on the city's own forms: in time, late, or off the plan on one line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from cli.demo.archives import settled
from cli.demo.hands import signature_png
from documents import forms
from documents.words import Language
from schemas.facts import Kind

_SPENT = 97  # per cent of the plan: a little is always left
_OFF = 122  # per cent of the plan on the line that went wrong
_IN_TIME, _LATE, _AGAIN = 3, 24, 9  # days after the end of the period; days after the return


class ReportSituation(StrEnum):
    CLEAN = "clean"
    LATE = "late"
    VARIANCE = "variance"  # one line is off by more than the usual threshold, without a word why
    VARIANCE_EXPLAINED = "variance_explained"  # the same figures handed in again, with the reason


@dataclass(frozen=True)
class ContractFacts:
    """What a contractor needs to know to report. Sums in tyiyn."""

    number: str
    organisation: str
    lines: Sequence[tuple[str, int]]  # name as in the contract, planned from the order's money
    indicators: Sequence[tuple[str, int]]  # name as in the contract, target
    periods: Sequence[tuple[date, date]]  # first and last day of each
    title: str = ""
    head: str = ""
    language: Language = "ky"
    shares: Sequence[int] = ()  # per cent of each line planned for each period; empty: equal parts
    units: Mapping[str, str] = field(default_factory=dict)  # unit of an indicator by its name
    zone: str = "Asia/Bishkek"


@dataclass(frozen=True)
class ReportPackage:
    """A folder with both reports of a period. Sums in tyiyn; `explanation` is empty where nothing had to be explained."""

    path: Path
    period: int
    arrives_at: datetime
    situation: str
    spent: int
    lines: tuple[tuple[str, int, int], ...]  # name, planned for the period, spent
    reached: tuple[tuple[str, int], ...]
    explanation: str = ""
    kinds: dict[str, Kind] = field(default_factory=dict)


_NAMES: dict[Language, tuple[str, str]] = {
    "ky": ("Программалык отчёт", "Финансылык отчёт"),
    "ru": ("Программный отчёт", "Финансовый отчёт"),
    "en": ("Programme report", "Financial report"),
}
_DONE: dict[Language, str] = {
    "ky": "Пландалган иш-чаралар өткөрүлдү: жыйындар, окуулар жана жеринде иштөө. Катышуучулардын тизмеси, сүрөттөр жана чыгым документтеринин күбөлөндүрүлгөн көчүрмөлөрү уюмда сакталат.",
    "ru": "Проведены запланированные мероприятия: встречи, обучение и работа на местах. Списки участников, фотографии и заверенные копии расходных документов хранятся в организации.",
    "en": "The planned activities took place: meetings, training and work on site. Lists of participants, photographs and certified copies of expense papers are kept by the organisation.",
}
_NOTHING: dict[Language, str] = {
    "ky": "Олуттуу четтөө жок.",
    "ru": "Существенных отклонений нет.",
    "en": "Nothing of weight.",
}
_WHY: dict[Language, str] = {
    "ky": "«{line}» беренеси боюнча баа күзгө карата кымбаттап, жеткирүүчү сунушун өзгөрттү; айырма башка беренелердеги үнөмдөн жабылды, жыйынтык сумма келишимден ашкан жок. Үч баа сунушу тиркелет.",
    "ru": "По статье «{line}» к осени выросла цена, поставщик изменил предложение; разница покрыта экономией по другим статьям, общая сумма договора не превышена. Три ценовых предложения прилагаются.",
    "en": "On the line “{line}” prices rose in autumn and the supplier changed the offer; savings on other lines cover it and the contract's sum is kept. Three price quotes are enclosed.",
}
_PROOF: dict[Language, str] = {
    "ky": "накладной, эсеп-фактура",
    "ru": "накладная, счёт-фактура",
    "en": "waybill, invoice",
}
_SELLER: dict[Language, str] = {"ky": "«Ак-Соода» ЖЧК", "ru": "ОсОО «Ак-Соода»", "en": "Ak-Sooda Ltd"}


def _planned(facts: ContractFacts, period: int) -> list[tuple[str, int]]:
    """What each line has for this period, whole som; the last period takes what is left."""
    count = len(facts.periods)
    shares = list(facts.shares) or [100 // count] * count
    planned: list[tuple[str, int]] = []
    for name, whole in facts.lines:
        parts = [whole * share // 10_000 * 100 for share in shares[: count - 1]]
        parts.append(whole - sum(parts))
        planned.append((name, parts[period - 1]))
    return planned


def _som(tyiyn: int) -> float:
    return tyiyn // 100 if tyiyn % 100 == 0 else tyiyn / 100


def _spent(planned: list[tuple[str, int]], *, off: bool) -> tuple[tuple[str, int, int], ...]:
    """Name, plan and spending; with `off` the smallest line of some size goes over its plan."""
    wrong = min((plan, name) for name, plan in planned if plan)[1] if off else ""
    return tuple((name, plan, plan * (_OFF if name == wrong else _SPENT) // 10_000 * 100) for name, plan in planned)


def reports(
    city: str, contract: ContractFacts, period: int, into: Path, *, situation: ReportSituation = ReportSituation.CLEAN
) -> ReportPackage:
    """Writes the programme and the financial report of a period (from 1) into a folder of `into`. Always the same bytes."""
    language, starts, ends = contract.language, *contract.periods[period - 1]
    off = situation in (ReportSituation.VARIANCE, ReportSituation.VARIANCE_EXPLAINED)
    lines = _spent(_planned(contract, period), off=off)
    reached = tuple((name, target * period // len(contract.periods)) for name, target in contract.indicators)
    explanation = ""
    if situation is ReportSituation.VARIANCE_EXPLAINED:
        wrong = max(lines, key=lambda line: (line[2] - line[1], line[0]))
        explanation = _WHY[language].format(line=wrong[0])
    days = _LATE if situation is ReportSituation.LATE else _IN_TIME
    days += _AGAIN if explanation else 0
    arrives = datetime.combine(ends + timedelta(days=days), time(11, 20, period), tzinfo=ZoneInfo(contract.zone))
    term = {"starts": f"{starts:%d.%m.%Y}", "ends": f"{ends:%d.%m.%Y}"}
    same = {"number": contract.number, "organisation": contract.organisation, "period": str(period), **term}
    told = {
        **same,
        "title": contract.title,
        "done": _DONE[language],
        "deviations": explanation or _NOTHING[language],
        "head": contract.head,
        "dated": f"{arrives:%d.%m.%Y}",
    }
    promised = dict(contract.indicators)
    results = [(name, contract.units.get(name, ""), "", str(promised[name]), str(count)) for name, count in reached]
    money = [
        (at, name, _som(plan), _som(spent), None, _PROOF[language] if spent else None)
        for at, (name, plan, spent) in enumerate(lines, 1)
    ]
    # two receipts a line, in the first and in the second half of the period
    halves = [(name, part) for name, _, spent in lines if spent for part in (spent // 2, spent - spent // 2)]
    receipts = [
        (f"{period}-{at}", starts + (ends - starts) * (at % 2 + 1) // 3, _SELLER[language], name, _som(part))
        for at, (name, part) in enumerate(halves, 1)
    ]
    hand = signature_png(contract.head or contract.organisation, contract.organisation[:28])
    place = into / f"{city}-{contract.number.replace('/', '-')}-{period}-{situation}"
    place.mkdir(parents=True, exist_ok=True)
    programme, financial = (f"{name} {period}" for name in _NAMES[language])
    written = {
        f"{programme}.docx": (
            Kind.PROGRAMME_REPORT,
            forms.fill("programme-report", language, told, results, signature=hand),
        ),
        f"{financial}.xlsx": (
            Kind.FINANCIAL_REPORT,
            forms.fill("financial-report", language, same, money, receipts=receipts),
        ),
    }
    for name, (_, content) in written.items():
        place.joinpath(name).write_bytes(settled(content))
    return ReportPackage(
        path=place,
        period=period,
        arrives_at=arrives,
        situation=situation,
        spent=sum(spent for _, _, spent in lines),
        lines=lines,
        reached=reached,
        explanation=explanation,
        kinds={name: kind for name, (kind, _) in written.items()},
    )
