"""Files of a report in every layout: the city's forms, a workbook of one's own, Word tables, a print. Each with its places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from openpyxl import Workbook, load_workbook
from PIL import Image

from cli.demo import printing
from cli.demo.archives import settled
from cli.demo.wording import Said
from documents import forms, sheet
from documents.content import data

WORDS = {
    "ky": {
        "money": "Финансылык отчёт",
        "work": "Программалык отчёт",
        "number": "Келишимдин номери",
        "period": "Отчёттук мезгилдин номери",
        "cash": ("Мезгилдин башындагы калдык", "Мезгилде түшкөн каражат", "Мезгилдин аягындагы калдык"),
        "lines": ("Чыгымдын аталышы", "План", "Факт"),
        "sum": "Бардыгы",
        "register": ("Чек №", "Күнү", "Алуучу", "Берене", "Суммасы"),
        "indicators": ("Көрсөткүч", "Баштапкы", "Максат", "Жетишилди"),
        "steps": ("Этап", "Пландагы күнү", "Аткарылган күнү"),
        "spent": "Бардыгы жумшалды",
    },
    "ru": {
        "money": "Финансовый отчёт",
        "work": "Программный отчёт",
        "number": "Номер договора",
        "period": "Номер отчётного периода",
        "cash": ("Остаток на начало периода", "Поступило за период", "Остаток на конец периода"),
        "lines": ("Статья расходов", "План", "Факт"),
        "sum": "Итого",
        "register": ("Номер чека", "Дата оплаты", "Поставщик", "Статья", "Сумма, сом"),
        "indicators": ("Показатель", "Исходное значение", "План", "Факт"),
        "steps": ("Мероприятие", "Срок по плану", "Фактическая дата"),
        "spent": "Всего израсходовано",
    },
    "en": {
        "money": "Financial report",
        "work": "Programme report",
        "number": "Contract number",
        "period": "Reporting period number",
        "cash": ("Opening balance", "Received in the period", "Closing balance"),
        "lines": ("Budget line", "Planned", "Actual"),
        "sum": "Total",
        "register": ("Receipt No", "Date", "Supplier", "Budget line", "Amount"),
        "indicators": ("Indicator", "Baseline", "Target", "Achieved"),
        "steps": ("Step", "Planned date", "Actual date"),
        "spent": "Total spent",
    },
}
Row = tuple[Any, ...]
Made = tuple[str, bytes]  # a file's name and its bytes
Places = dict[tuple[str, str], str]  # where a line or the sum of a receipt stands


@dataclass(frozen=True)
class Told:
    """What a contractor writes. Sums in som, days as days; `stated` is the sum written under the lines."""

    number: str
    period: int
    lines: tuple[tuple[str, float, float], ...]  # name, planned, spent
    receipts: tuple[tuple[str, date, str, float], ...]  # number, day, line, sum
    indicators: tuple[tuple[str, int, int, int], ...]  # name, baseline, target, reached
    steps: tuple[tuple[str, date, date | None], ...]
    cash: tuple[float, float, float]  # at the start, received, at the end
    stated: float | None = None
    as_text: bool = False  # sums as a person types them: "12 000,00"
    gaps: bool = False  # empty rows between the lines
    seller: str = "Ак-Соода"

    @property
    def spent(self) -> float:
        return sum(spent for _, _, spent in self.lines) if self.stated is None else self.stated

    def sum(self, som: float) -> float | str:
        return f"{som:,.2f}".replace(",", " ").replace(".", ",") if self.as_text else som


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _tables(told: Told, language: str) -> dict[str, list[Row]]:
    """Every table of a report of one's own, its header first."""
    words: dict[str, Any] = WORDS[language]
    lines: list[Row] = [words["lines"]]
    for name, planned, spent in told.lines:
        lines += [("", "", "")] * told.gaps
        lines.append((name, told.sum(planned), told.sum(spent)))
    lines.append((words["sum"], told.sum(sum(planned for _, planned, _ in told.lines)), told.sum(told.spent)))
    register = [(number, _day(day), told.seller, line, told.sum(som)) for number, day, line, som in told.receipts]
    return {
        "lines": lines,
        "register": [words["register"], *register] if register else [],
        "indicators": [words["indicators"], *told.indicators],
        "steps": [words["steps"], *((name, _day(planned), _day(done)) for name, planned, done in told.steps)],
    }


def _head(told: Told, language: str, title: str) -> list[Row]:
    words: dict[str, Any] = WORDS[language]
    return [(words[title],), (words["number"], told.number), (words["period"], str(told.period))]


def _cash(told: Told, language: str) -> list[Row]:
    return [(label, told.sum(som)) for label, som in zip(WORDS[language]["cash"], told.cash, strict=True)]


def _places(told: Told, lines: Sequence[Row], line_at: str, receipt_at: str, first: int) -> Places:
    """`line_at` and `receipt_at` have a gap for the row; the table of lines begins in row `first`, the register in the first."""
    found = {("line", str(row[0])): line_at.format(first + at) for at, row in enumerate(lines) if row[0]}
    return found | {("receipt", f"{at}"): receipt_at.format(at + 1) for at, _ in enumerate(told.receipts, 1)}


def book(told: Told, language: str) -> tuple[bytes, Places]:
    """A workbook of one's own: a summary, the lines, the register."""
    tables, workbook = _tables(told, language), Workbook()
    first: Any = workbook.active
    first.title = "A"
    for row in (*_head(told, language, "money"), *_cash(told, language)):
        first.append(row)
    for name, key in (("B", "lines"), ("C", "register")):
        page = workbook.create_sheet(name)
        for row in tables[key]:
            page.append([cell if cell != "" else None for cell in row])
    out = BytesIO()
    workbook.save(out)
    return settled(out.getvalue()), _places(told, tables["lines"], "sheet B, A{}", "sheet C, E{}", 1)


def altered(made: bytes, how: str) -> bytes:
    """The workbook as another program leaves it: "formulas" without their results, a "hidden" draft, "merged" cells, a
    "long" register with something far below.
    """
    workbook = load_workbook(BytesIO(made))
    lines: Any = workbook["B"]
    if how == "formulas":
        for column in "BC":
            lines[f"{column}{lines.max_row}"] = f"=SUM({column}2:{column}{lines.max_row - 1})"
    if how == "hidden":
        draft = workbook.copy_worksheet(lines)
        draft.title, draft.sheet_state = "D", "hidden"
        draft["C2"] = 1
        draft[f"C{draft.max_row}"] = None
    if how == "long":
        workbook["C"].cell(sheet.ROWS + 9, 1, "—")
    if how == "merged":
        lines.insert_rows(1, 2)
        lines["A1"] = "I"
        lines.merge_cells("A1:C1")
    out = BytesIO()
    workbook.save(out)
    return settled(out.getvalue())


def word(told: Told, language: str, title: str, keys: Sequence[str]) -> tuple[bytes, Places]:
    """A Word file with tables."""
    tables, document = _tables(told, language), Document()
    for row in (*_head(told, language, title), *(_cash(told, language) if title == "money" else [])):
        document.add_paragraph(": ".join(str(cell) for cell in row))
    for key in keys:
        if tables[key]:
            table = document.add_table(0, len(tables[key][0]))
            for row in tables[key]:
                for cell, value in zip(table.add_row().cells, row, strict=True):
                    cell.text = str(value)
    out = BytesIO()
    document.save(out)
    return settled(out.getvalue()), _places(told, tables["lines"], "table 1, row {}", "table 2, row {}", 1)


def printed(told: Told, language: str) -> bytes:
    """A financial report as PDF that has no cells any more."""
    rows = (*_head(told, language, "money"), (WORDS[language]["spent"], f"{told.spent:.2f} сом"))
    return printing.pdf(tuple(Said(": ".join(str(cell) for cell in row)) for row in rows))


def form(told: Told, language: str) -> tuple[bytes, bytes, Places]:
    """Both forms of the city, filled in: programme, financial."""
    same = {"number": told.number, "period": str(told.period)}
    results = [(name, "", "", str(target), str(reached)) for name, _, target, reached in told.indicators]
    steps = [(name, _day(planned), _day(done)) for name, planned, done in told.steps]
    cash = {key: str(told.sum(som)) for key, som in zip(("opening", "received", "closing"), told.cash, strict=True)}
    money = [(at, name, told.sum(plan), told.sum(spent)) for at, (name, plan, spent) in enumerate(told.lines, 1)]
    if told.stated is not None:  # the form adds up by itself; whoever types over it can be wrong
        money += [(None, data("labels.toml")["row"]["sum"][language][0], None, told.stated)]
    receipts = [(number, day, told.seller, line, told.sum(som)) for number, day, line, som in told.receipts]
    sheet = data("labels.toml")["form"]["financial-report"][language][:31]
    lines = [(name,) for name, _, _ in told.lines]
    places = _places(told, lines, f"sheet {sheet}, B{{}}", f"sheet {forms.RECEIPTS[language]}, F{{}}", 13)
    places |= {("receipt", f"{at}"): f"sheet {forms.RECEIPTS[language]}, F{at + 3}" for at in range(1, 99)}
    programme = forms.fill("programme-report", language, same, results, checkpoints=steps)
    financial = forms.fill("financial-report", language, same | cash, money, receipts=receipts)
    return settled(programme), settled(financial), places


def photograph(taken: date | None) -> bytes:
    image, out = Image.new("RGB", (60, 40), "green"), BytesIO()
    told = image.getexif()
    if taken:
        told.get_ifd(0x8769)[0x9003] = f"{taken:%Y:%m:%d} 12:00:00"
    image.save(out, "JPEG", exif=told)
    return out.getvalue()
