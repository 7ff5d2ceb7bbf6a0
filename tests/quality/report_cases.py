"""Reports of a period, good and with one fault each, and what the rules must say of them and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from schemas.contract import Contract
from schemas.facts import BudgetLine, Indicator, Kind
from schemas.report import Period, PeriodStatus, Report
from tests.quality import report_files
from tests.quality.labelled import File
from tests.quality.report_files import Places, Told
from tests.rules.makers import SOM, contract, period, report

Due = tuple[str, str]  # a rule, and the line, indicator, step, receipt or file that it speaks of
LANGUAGES = ("ky", "ru", "en")
MEDIA = ("form", "book", "word")
NUMBER = "BATKEN-2018-1/1"
STARTS, ENDS = date(2019, 1, 1), date(2019, 3, 31)
_NAMES = {
    "ky": (("Айлыктар", "Жабдуу", "Айдоочу кызматы"), ("Үй-бүлөлөр", "Жыйындар"), ("Үйрөтүү", "Рейд")),
    "ru": (("Зарплата", "Оборудование", "Транспорт"), ("Семьи", "Собрания"), ("Обучение", "Рейд")),
    "en": (("Salaries", "Equipment", "Transport"), ("Families", "Meetings"), ("Training", "Raid")),
}
_AMOUNTS = (30_000, 20_000, 10_000)  # of the contract's lines, som
_FIRST = (12_000, 8_000, 3_000)  # spent in the first period
_SECOND = (18_000, 11_500, 7_000)  # and in the second, before a final report on the whole project
_SUBJECTS = ("line", "indicator", "step", "number", "name", "code")


@dataclass(frozen=True)
class ReportCase:
    """One report: its files, what was agreed and what came before, every remark that is due, and the figures it states.

    `whole`: the final report on the whole project, after the second period's. `late`: it came after its day.
    """

    name: str
    language: str
    medium: str
    recipe: str
    files: tuple[File, ...] = field(repr=False)
    expected: frozenset[Due]
    told: Told = field(repr=False)
    places: Places = field(default_factory=dict, repr=False)  # by remark: where it must point to
    wording: str = "known"
    whole: bool = False
    late: bool = False

    @property
    def agreed(self) -> Contract:
        lines, indicators, _ = _NAMES[self.language]
        rows = [
            BudgetLine(name=one, total=som * SOM, requested=som * SOM) for one, som in zip(lines, _AMOUNTS, strict=True)
        ]
        goals = [Indicator(name=one, baseline=10, target=100) for one in indicators]
        told = {"lines": [one.model_dump() for one in rows], "indicators": [one.model_dump() for one in goals]}
        return contract(number=NUMBER, amount=sum(_AMOUNTS) * SOM, **told)

    @property
    def period(self) -> Period:
        if self.whole:
            return period(3, PeriodStatus.RECEIVED, ends=ENDS, of=3, final=True, whole=True)
        plan = [{"name": name, "amount": int(planned * SOM)} for name, planned, _ in self.told.lines]
        return period(2, PeriodStatus.RECEIVED, starts=STARTS, ends=ENDS, of=3, lines=plan, late=self.late)

    @property
    def earlier(self) -> list[Report]:
        lines, indicators, _ = _NAMES[self.language]
        spent = {name: (0, som) for name, som in zip(lines, _FIRST, strict=True)}
        receipts = [{"number": "1-1", "dated": "2018-12-01", "line": lines[0], "amount": 12_000 * SOM}]
        told = {"indicators": dict.fromkeys(indicators, 40), "closing": 7_000 * SOM, "expenses": receipts}
        second = {name: (0, som) for name, som in zip(lines, _SECOND, strict=True)}
        more = [report(2, lines=second, indicators=dict.fromkeys(indicators, 70), closing=0)] if self.whole else []
        return [report(1, lines=spent, **told), *more]

    def row(self) -> tuple[str, ...]:
        """A line of the manifest."""
        due = "; ".join(sorted(f"{rule} {subject}".strip() for rule, subject in self.expected))
        return (self.name, self.language, self.medium, str(len(self.files)), due, self.recipe)


HEADER = ("report", "language", "medium", "files", "remarks due", "recipe")


def subject(rule: str, facts: dict[str, Any]) -> Due:
    """What a remark is about, as a label names it."""
    return rule, next((str(facts[key]) for key in _SUBJECTS if facts.get(key)), "")


def _good(language: str) -> Told:
    lines, indicators, steps = _NAMES[language]
    a, b, c = lines
    return Told(
        number=NUMBER,
        period=2,
        lines=((a, 9_000, 9_000), (b, 6_000, 5_800), (c, 3_000, 3_100)),
        receipts=(
            *(("2-1", STARTS, a, 4_000), ("2-2", ENDS, a, 5_000)),
            *(("2-3", date(2019, 2, 10), b, 5_800), ("2-4", date(2019, 2, 11), c, 3_100)),
        ),
        indicators=tuple((one, 10, 100, 70) for one in indicators),
        steps=((steps[0], date(2019, 2, 1), date(2019, 1, 30)), (steps[1], date(2019, 6, 1), None)),
        cash=(7_000, 20_000, 9_100),
    )


def _with_lines(told: Told, *lines: tuple[str, float, float]) -> Told:
    """Other lines, with receipts and balance to match."""
    receipts = tuple(
        (f"2-{at}", date(2019, 2, at), name, spent) for at, (name, _, spent) in enumerate(lines, 1) if spent
    )
    left = told.cash[0] + told.cash[1] - sum(spent for _, _, spent in lines)
    return replace(told, lines=lines, receipts=receipts, cash=(*told.cash[:2], left))


def _changes(language: str) -> Iterator[tuple[str, Told, set[Due], Places]]:
    good = _good(language)
    (a, _, c), (families, meetings), (training, raid) = _NAMES[language]
    first, second, third = good.lines
    receipts = good.receipts
    yield "good", good, set(), {}
    yield "good, sums as text", replace(good, as_text=True), set(), {}
    yield "good, empty rows", replace(good, gaps=True), set(), {}
    yield "good, exactly ten per cent over", _with_lines(good, first, second, (c, 3_000, 3_300)), set(), {}
    yield "good, nothing spent", _with_lines(good, (a, 9_000, 0), second, third), {("variance", a)}, {}
    yield (
        "eleven per cent over",
        _with_lines(good, first, second, (c, 3_000, 3_330)),
        {("variance", c)},
        {("variance", c): c},
    )
    yield (
        "a line unknown",
        _with_lines(good, *good.lines, ("Банкет", 0, 500)),
        {("line_unknown", "Банкет")},
        {("line_unknown", "Банкет"): "Банкет"},
    )
    yield "a line left out", _with_lines(good, first, second), {("line_missing", c)}, {}
    below = replace(
        _with_lines(good, first, second), lines=(first, second, (c, 3_000, -100)), cash=(7_000, 20_000, 12_300)
    )
    yield "a line below nothing", below, {("line_negative", c), ("receipts_unequal", c)}, {("line_negative", c): c}
    yield "does not add up", replace(good, stated=19_900), {("report_arithmetic", "")}, {}
    over = _with_lines(good, (a, 9_000, 60_000), second, third)
    yield "over the contract", over, {("over_contract", ""), ("variance", a)}, {("variance", a): a}
    yield "opens with another balance", replace(good, cash=(8_000, 20_000, 10_100)), {("opening_unequal", "")}, {}
    yield "closes with another balance", replace(good, cash=(7_000, 20_000, 9_000)), {("balance_unequal", "")}, {}
    fell = (good.indicators[0], (meetings, 10, 100, 39))
    yield "an indicator goes back", replace(good, indicators=fell), {("indicator_fell", meetings)}, {}
    yield "an indicator left out", replace(good, indicators=fell[:1]), {("indicator_missing", meetings)}, {}
    based = ((families, 12, 100, 70), good.indicators[1])
    yield "another baseline", replace(good, indicators=based), {("indicator_baseline", families)}, {}
    late = ((training, date(2019, 2, 1), date(2019, 2, 2)), good.steps[1])
    yield "a step late", replace(good, steps=late), {("checkpoint_late", training)}, {}
    undone = (good.steps[0], (raid, ENDS, None))
    yield "a step not done", replace(good, steps=undone), {("checkpoint_missing", raid)}, {}
    early = ((training, date(2019, 2, 1), date(2018, 9, 30)), good.steps[1])
    yield "a step before the contract", replace(good, steps=early), {("checkpoint_before_start", training)}, {}
    yield "no receipts", replace(good, receipts=()), {("receipts_missing", "")}, {}
    yield (
        "a receipt lacks",
        replace(good, receipts=receipts[1:]),
        {("receipts_unequal", a)},
        {("receipts_unequal", a): a},
    )
    old = (("2-1", date(2018, 12, 31), a, 4_000), *receipts[1:])
    yield (
        "a receipt of the day before",
        replace(good, receipts=old),
        {("receipt_outside_period", "2-1")},
        {("receipt_outside_period", "2-1"): "1"},
    )
    twice = (receipts[0], ("2-1", STARTS, a, 4_000), ("2-2", ENDS, a, 1_000), *receipts[2:])
    yield "a receipt twice", replace(good, receipts=twice), {("receipt_twice", "2-1")}, {("receipt_twice", "2-1"): "2"}
    again = _with_lines(good, (a, 12_000, 12_000), second, third)
    again = replace(again, receipts=(("1-1", date(2018, 12, 1), a, 12_000), *again.receipts[1:]))
    yield (
        "a receipt of the last report",
        again,
        {("receipt_twice", "1-1"), ("receipt_outside_period", "1-1")},
        {("receipt_twice", "1-1"): "1"},
    )
    yield "of another period", replace(good, period=3), {("wrong_period", "")}, {}
    yield "of another contract", replace(good, number="OSH-2018-4/2"), {("wrong_contract", "")}, {}
    two = replace(good, cash=(7_500, 20_000, 9_600), indicators=fell)
    yield "two faults", two, {("opening_unequal", ""), ("indicator_fell", meetings)}, {}
    within = _with_lines(good, first, second, (c, 7_500, 7_500))
    yield "over the contract's line within the threshold", within, {("over_line", c)}, {("over_line", c): c}


def _file(name: str, content: bytes, language: str, medium: str, kind: Kind | None = None) -> File:
    return File(
        name=name, make=lambda: content, kind=kind, language=language, medium=medium, wording="known", recipe=""
    )


def _report(language: str, medium: str, told: Told) -> tuple[list[File], Places]:
    work, money = report_files.WORDS[language]["work"], report_files.WORDS[language]["money"]
    if medium == "form":
        programme, financial, places = report_files.form(told, language)
        suffix = "xlsx"
    else:
        programme, _ = report_files.word(told, language, "work", ("indicators", "steps"))
        suffix = "xlsx" if medium == "book" else "docx"
        make = report_files.book(told, language) if medium == "book" else None
        financial, places = make or report_files.word(told, language, "money", ("lines", "register"))
    return [
        _file(f"{work} 2.docx", programme, language, "docx", Kind.PROGRAMME_REPORT),
        _file(f"{money} 2.{suffix}", financial, language, suffix, Kind.FINANCIAL_REPORT),
    ], places


def _of_packages(language: str) -> Iterator[tuple[str, str, list[File], set[Due]]]:
    """What is peculiar to the package and not to what it says."""
    good = _good(language)
    both, _ = _report(language, "book", good)
    programme, financial = both
    print_ = _file("Печать.pdf", report_files.printed(good, language), language, "pdf")
    yield "a print alone", "pdf", [programme, print_], {("lines_cannot_tell", "Печать.pdf"), ("receipts_missing", "")}
    yield "a print beside the book", "book", [*both, print_], set()
    less = _file("Печать.pdf", report_files.printed(replace(good, stated=15_000), language), language, "pdf")
    yield "a print that says less", "book", [*both, less], {("two_reports", "Печать.pdf")}
    yield (
        "no programme report",
        "book",
        [financial],
        {*(("report_missing", "programme_report"), *(("indicator_missing", one) for one in _NAMES[language][1]))},
    )
    yield "no financial report", "book", [programme], {("report_missing", "financial_report")}
    for medium in ("form", "word"):
        yield f"good again, {medium}", medium, _report(language, medium, good)[0], set()
    torn = _file("Чектер.xlsx", financial.make()[:2_000], language, "xlsx")
    yield "a torn file beside the book", "book", [*both, torn], {("report_unreadable", "Чектер.xlsx")}
    long = report_files.altered(financial.make(), "long")
    yield (
        "more rows than are read",
        "book",
        [programme, replace(financial, make=lambda: long)],
        {("rows_cut", financial.name)},
    )
    for how in ("formulas", "hidden", "merged"):
        changed = report_files.altered(financial.make(), how)
        yield f"good, {how}", "book", [programme, replace(financial, make=lambda made=changed: made)], set()
    inside, outside = date(2019, 4, 1), date(2019, 4, 2)
    for name, taken, due in (
        ("a photograph of the period", inside, set[Due]()),
        ("a photograph of later", outside, {("photo_outside_period", "IMG_1.jpg")}),
        ("a photograph without a day", None, {("photo_undated", "IMG_1.jpg")}),
    ):
        photo = _file("IMG_1.jpg", report_files.photograph(taken), language, "jpeg")
        yield name, "book", [*both, photo], due


def _of_the_whole(language: str) -> Iterator[tuple[str, Told, set[Due], Places]]:
    """The final report on the whole project: the sums of its lines are those of the periods."""
    lines, (families, meetings), (training, raid) = _NAMES[language]
    whole = Told(
        number=NUMBER,
        period=3,
        lines=tuple(zip(lines, _AMOUNTS, (a + b for a, b in zip(_FIRST, _SECOND, strict=True)), strict=True)),
        receipts=(),
        indicators=((families, 10, 100, 100), (meetings, 10, 100, 110)),
        steps=((training, date(2019, 2, 1), date(2019, 1, 30)), (raid, ENDS, ENDS)),
        cash=(0, 60_000, 500),
    )
    yield "the whole, good", whole, set(), {}
    (name, planned, spent), *others = whole.lines
    less = replace(whole, lines=((name, planned, spent - 1_000), *others), cash=(0, 60_000, 1_500))
    yield "the whole, a line of another sum", less, {("whole_unequal", name)}, {("whole_unequal", name): name}
    behind = replace(whole, indicators=(whole.indicators[0], (meetings, 10, 100, 99)))
    yield "the whole, an indicator behind", behind, {("indicator_behind", meetings)}, {}


def report_cases() -> Iterator[ReportCase]:
    """Every report, in a fixed order; each change in each language, in one medium after the other."""
    for shift, language in enumerate(LANGUAGES):
        for at, (name, told, due, where) in enumerate(_changes(language)):
            medium = MEDIA[(at + shift) % len(MEDIA)]
            if name == "another baseline" and medium == "form":
                medium = "word"  # the form has no such column
            files, places = _report(language, medium, told)
            pointed = {
                one: places["receipt" if one[0].startswith("receipt_") else "line", at_] for one, at_ in where.items()
            }
            yield ReportCase(
                *(f"report {language}: {name}, {medium}", language, medium, f"{name}, {medium}"),
                files=tuple(files),
                expected=frozenset(due),
                told=told,
                places=pointed,
            )
        for at, (name, told, due, where) in enumerate(_of_the_whole(language)):
            medium = MEDIA[(at + shift) % len(MEDIA)]
            files, places = _report(language, medium, told)
            yield ReportCase(
                *(f"report {language}: {name}, {medium}", language, medium, f"{name}, {medium}"),
                files=tuple(files),
                expected=frozenset(due),
                told=told,
                places={one: places["line", at_] for one, at_ in where.items()},
                whole=True,
            )
        good = _good(language)
        yield ReportCase(
            *(f"report {language}: good but late", language, "book", "good but late"),
            files=tuple(_report(language, "book", good)[0]),
            expected=frozenset({("late_report", "")}),
            told=good,
            late=True,
        )
        for name, medium, files, due in _of_packages(language):
            told = _good(language)
            yield ReportCase(
                *(f"report {language}: {name}", language, medium, name),
                files=tuple(files),
                expected=frozenset(due),
                told=told,
            )
