"""Reports of a period in words that no reader is mended against: layouts of `unseen/reports-*.toml`, good and with faults.

A layout is one organisation's contract and its files. In a file's text a row with `{l}`, `{i}`, `{k}` or `{rn}` stands for
every line, indicator, step and receipt; `== name` begins a sheet, `== name !` a hidden one; `~ A1:C1` merges cells; a cell
`{s:n}` is a number, `{rd:x}` a day as the program keeps it, `={P}-{S}` a formula that nobody has worked out.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from openpyxl import Workbook

from cli.demo import printing
from cli.demo.archives import settled
from cli.demo.wording import Block, Rows, Said, Style
from schemas.contract import Contract
from schemas.facts import BudgetLine, Indicator, Kind
from schemas.report import Period, PeriodStatus, Report
from tests.quality.labelled import File
from tests.quality.report_cases import ENDS, STARTS, Due, ReportCase
from tests.quality.report_files import Places, Told, photograph
from tests.quality.unseen import LANGUAGES, TEXTS, Day, Som
from tests.rules.makers import SOM, contract, period, report

FILES = (*LANGUAGES, "later")
_NEXT = date(2019, 4, 1), date(2019, 6, 30)
_EACH = {"{l}": "lines", "{i}": "indicators", "{k}": "steps", "{rn}": "receipts"}
_POINTED = ("variance", "line_unknown", "line_negative", "receipts_unequal")
Row = list[Any]


@dataclass(frozen=True)
class _Scene:
    """What was agreed with one organisation, and what its first period came to; sums in som."""

    number: str
    lines: tuple[tuple[str, int, int, int, int], ...]  # name, in the contract, spent before, planned now, spent now
    indicators: tuple[tuple[str, int, int, int, int], ...]  # name, baseline, target, before, now
    steps: tuple[tuple[str, str, str], ...]
    receipts: tuple[tuple[str, str, int, int], ...]  # number, day, which line, sum; 0 is what the line still lacks
    before: tuple[tuple[str, str, int, int], ...]
    cash: tuple[int, int]


@dataclass(frozen=True)
class UnseenReport(ReportCase):
    """A report with a contract of its own."""

    scene: _Scene | None = field(default=None, repr=False)
    wording: str = "unseen"

    @property
    def _of(self) -> _Scene:
        assert self.scene is not None
        return self.scene

    @property
    def agreed(self) -> Contract:
        rows = [BudgetLine(name=name, total=som * SOM, requested=som * SOM) for name, som, *_ in self._of.lines]
        goals = [Indicator(name=name, baseline=base, target=goal) for name, base, goal, *_ in self._of.indicators]
        told = {"lines": [one.model_dump() for one in rows], "indicators": [one.model_dump() for one in goals]}
        amount = sum(som for _, som, *_ in self._of.lines) * SOM
        return contract(number=self._of.number, amount=amount, ends=_NEXT[1], **told)

    @property
    def period(self) -> Period:
        plan = [{"name": name, "amount": planned * SOM} for name, _, _, planned, _ in self._of.lines]
        return period(2, PeriodStatus.RECEIVED, starts=STARTS, ends=ENDS, of=3, lines=plan)

    @property
    def earlier(self) -> list[Report]:
        spent = {name: (0, before) for name, _, before, *_ in self._of.lines}
        receipts = [
            {"number": number, "dated": day, "line": self._of.lines[line - 1][0], "amount": som * SOM}
            for number, day, line, som in self._of.before
        ]
        indicators = {name: before for name, _, _, before, _ in self._of.indicators}
        told = {"indicators": indicators, "closing": self._of.cash[0] * SOM, "expenses": receipts}
        return [report(1, lines=spent, **told)]


def _rows(rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    return tuple(tuple(row) for row in rows)


@cache
def _layouts(name: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(tomllib.loads((TEXTS / f"reports-{name}.toml").read_text(encoding="utf-8"))["layout"])


def _of(one: Mapping[str, Any]) -> _Scene:
    tables = {key: _rows(one[key]) for key in ("lines", "indicators", "steps", "receipts", "before")}
    return _Scene(number=one["number"], cash=(one["cash"][0], one["cash"][1]), **tables)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _receipts(scene: _Scene, lines: Sequence[tuple[str, float, float]], how: Mapping[str, Any]) -> Iterator[Any]:
    """Every line's receipts; the last one brings them to what was spent."""
    names = [name for name, *_ in scene.lines]
    given = [one for one in scene.receipts for _ in range(1 + (one[0] == how.get("twice")))]
    days = how.get("day", {})
    for number, day, at, som in given:
        spent = next((spent for name, _, spent in lines if name == names[at - 1]), 0)
        amount = som or spent - sum(one[3] for one in given if one[2] == at)
        if amount > 0 and spent > 0 and number not in how.get("drop", ()):
            yield number, date.fromisoformat(days.get(number, day)), names[at - 1], amount
    if "extra" in how:
        name, _, som, number, day = how["extra"]
        yield number, date.fromisoformat(day), name, som


def _told(scene: _Scene, how: Mapping[str, Any]) -> Told:
    """What this variant of the report says."""

    def changed(key: str, at: int, usual: Any) -> Any:
        return how.get(key, {}).get(str(at), usual)

    lines = [
        (name, float(planned), float(changed("spent", at, spent)))
        for at, (name, _, _, planned, spent) in enumerate(scene.lines, 1)
        if at != how.get("lose_line")
    ]
    if "extra" in how:
        lines.append((how["extra"][0], float(how["extra"][1]), float(how["extra"][2])))
    opening, received = how.get("opening", scene.cash[0]), how.get("received", scene.cash[1])
    receipts = list(_receipts(scene, lines, how)) if how.get("receipts") != [] else []
    return Told(
        number=how.get("number", scene.number),
        period=how.get("period", 2),
        lines=tuple(lines),
        receipts=tuple(receipts[::-1] if how.get("order") else receipts),
        indicators=tuple(
            (name, changed("baseline", at, base), goal, changed("reached", at, now))
            for at, (name, base, goal, _, now) in enumerate(scene.indicators, 1)
            if at != how.get("lose_indicator")
        ),
        steps=tuple(
            (name, date.fromisoformat(planned), _day(changed("done", at, done)))
            for at, (name, planned, done) in enumerate(scene.steps, 1)
        ),
        cash=(opening, received, opening + received - sum(one[2] for one in lines) + how.get("closing_off", 0)),
        stated=how.get("stated"),
    )


class _Sum(Som):
    """Whole som in more ways: `kop` 42 500,00."""

    def __format__(self, way: str) -> str:
        return f"{int(self):,d}".replace(",", " ") + ",00" if way == "kop" else super().__format__(way)


class _When(Day):
    """A day in more ways: `short` 12.02.19."""

    def __format__(self, way: str) -> str:
        return f"{self.day:02d}.{self.month:02d}.{self.year % 100:02d}" if way == "short" else super().__format__(way)


def _when(day: date | None) -> _When | str:
    return _When(day.year, day.month, day.day) if day else ""


def _general(scene: _Scene, told: Told) -> dict[str, Any]:
    lines = [(planned, spent, *_agreed(scene, name)) for name, planned, spent in told.lines]
    planned, spent, whole, before = (sum(one[at] for one in lines) for at in range(4))
    sums = {"ptotal": planned, "stotal": told.spent, "ctotal": whole, "dtotal": planned - told.spent}
    sums |= {"cumtotal": before + told.spent, "lefttotal": whole - before - spent}
    sums |= dict(zip(("opening", "received", "closing"), told.cash, strict=True))
    starts, ends = (STARTS, ENDS) if told.period == 2 else _NEXT
    days = {"starts": _when(starts), "ends": _when(ends)}
    return {key: _Sum(round(som)) for key, som in sums.items()} | days | {"number": told.number, "period": told.period}


def _agreed(scene: _Scene, name: str) -> tuple[int, int]:
    return next(((whole, before) for one, whole, before, *_ in scene.lines if one == name), (0, 0))


def _each(scene: _Scene, told: Told, what: str) -> Iterator[dict[str, Any]]:
    """The values of one row after the other."""
    for at, row in enumerate(getattr(told, what), 1):
        values: dict[str, Any] = {"at": at}
        if what == "lines":
            name, planned, spent = row
            whole, before = _agreed(scene, name)
            sums = {"c": whole, "p": planned, "s": spent, "d": planned - spent, "cum": before + spent}
            sums["left"] = whole - before - spent
            values |= {"l": name} | {key: _Sum(round(som)) for key, som in sums.items()}
        elif what == "indicators":
            values |= dict(zip(("i", "ib", "it", "ir"), row, strict=True))
        elif what == "steps":
            values |= {"k": row[0], "kp": _when(row[1]), "kd": _when(row[2])}
        else:
            values |= {"rn": row[0], "rd": _when(row[1]), "rl": row[2], "rs": _Sum(round(row[3]))}
        yield values


def _cell(text: str, values: Mapping[str, Any]) -> Any:
    if text.startswith("="):
        return text
    whole = re.fullmatch(r"\{(\w+):([nx])\}", text)
    if not whole:
        filled = re.sub(r"\{(\w+):\w+\}", lambda one: "" if values[one[1]] == "" else one[0], text)
        return filled.format_map(values)
    value = values[whole[1]]
    return int(value) if whole[2] == "n" else date(value.year, value.month, value.day)


def _written(text: str, scene: _Scene, told: Told) -> Iterator[tuple[str, Row]]:
    """Every line of a text as its template and its cells; a line without cells has one."""
    general = _general(scene, told)
    for template in text.strip("\n").split("\n"):
        cells = [cell.strip() for cell in template.split("|")]
        what = next((name for mark, name in _EACH.items() if mark in template), "")
        for values in _each(scene, told, what) if what else [dict[str, Any]()]:
            yield template, [_cell(cell, general | values) for cell in cells]


def _note(places: Places, template: str, row: Row, where: Sequence[str], seen: dict[str, int]) -> None:
    """Where a line's name and a receipt's sum stand."""
    for cell, value, place in zip(template.split("|"), row, where, strict=False):
        if cell.strip() == "{l}":
            places.setdefault(("line", str(value)), place)
        if cell.strip().startswith("{rs"):
            seen["receipt"] = seen.get("receipt", 0) + 1
            places["receipt", str(seen["receipt"])] = place


def _book(text: str, scene: _Scene, told: Told) -> tuple[bytes, Places]:
    workbook, places, seen = Workbook(), Places(), dict[str, int]()
    sheet: Any = workbook.active
    columns: dict[str, list[str]] = {}
    at, first = 0, True
    for template, row in _written(text, scene, told):
        if template.startswith("== "):
            sheet = sheet if first else workbook.create_sheet()
            first, at, columns = False, 0, {}
            sheet.title = template[3:].removesuffix(" !")
            sheet.sheet_state = "hidden" if template.endswith(" !") else "visible"
            continue
        if template.startswith("~ "):
            sheet.merge_cells(template[2:])
            continue
        at += 1
        where = [f"{chr(65 + column)}{at}" for column in range(len(row))]
        for cell, value, place in zip(template.split("|"), row, where, strict=True):
            for key in re.findall(r"^\s*\{([cps]):n\}", cell) if "{l}" in template else ():
                columns.setdefault(key.upper(), []).append(place)
            if value not in ("", None) and type(sheet[place]).__name__ != "MergedCell":
                sheet[place] = _formula(value, columns) if str(value).startswith("=") else value
        if sheet.sheet_state == "visible":
            _note(places, template, row, [f"sheet {sheet.title}, {one}" for one in where], seen)
    out = BytesIO()
    workbook.save(out)
    return settled(out.getvalue()), places


def _formula(text: str, columns: Mapping[str, Sequence[str]]) -> str:
    """`{P}` is the column's last cell, `{P1}` its first and `{P9}` its last."""
    return re.sub(r"\{([CPS])([19]?)\}", lambda one: columns[one[1]][0 if one[2] == "1" else -1], text)


def _blocks(text: str, scene: _Scene, told: Told) -> Iterator[tuple[Style | None, list[tuple[str, Row]]]]:
    """Headings, sentences and tables, one after the other; a table ends where the number of its cells changes."""
    table: list[tuple[str, Row]] = []
    for template, row in _written(text, scene, told):
        if table and len(row) != len(table[0][1]):
            yield None, table
            table = []
        if len(row) > 1:
            table.append((template, row))
        elif not template.startswith(("== ", "~ ")):
            style: Style = "title" if template.startswith("#") else "right" if template.startswith(">") else "text"
            yield style, [(template, [str(row[0]).lstrip("#> ")])]
    if table:
        yield None, table


def _word(text: str, scene: _Scene, told: Told) -> tuple[bytes, Places]:
    document, places, seen, tables = Document(), Places(), dict[str, int](), 0
    for style, rows in _blocks(text, scene, told):
        if style:
            document.add_heading(rows[0][1][0]) if style == "title" else document.add_paragraph(rows[0][1][0])
            continue
        tables += 1
        table = document.add_table(0, len(rows[0][1]))
        for at, (template, row) in enumerate(rows, 1):
            for cell, value in zip(table.add_row().cells, row, strict=True):
                cell.text = str(value)
            _note(places, template, row, [f"table {tables}, row {at}"] * len(row), seen)
        document.add_paragraph()
    out = BytesIO()
    document.save(out)
    return settled(out.getvalue()), places


def _printed(cell: Any) -> str:
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else str(cell)


def _print(text: str, scene: _Scene, told: Told) -> bytes:
    """What the program printed; cells are columns of text."""
    blocks: list[Block] = []
    for style, rows in _blocks(text, scene, told):
        if style is None:
            head, *rest = [tuple(_printed(cell) for cell in row) for _, row in rows]
            blocks.append(Rows(head, tuple(rest)))
        elif rows[0][1][0]:
            blocks.append(Said(rows[0][1][0], style))
    return printing.pdf(tuple(blocks))


def _file(name: str, content: bytes, language: str, kind: Kind | None) -> File:
    medium = name.rsplit(".", 1)[1]
    return File(name, lambda: content, kind, language=language, medium=medium, wording="unseen", recipe="")


def _files(one: Mapping[str, Any], language: str, scene: _Scene, how: Mapping[str, Any]) -> tuple[list[File], Places]:
    told, files, places = _told(scene, how), list[File](), Places()
    for file in one["file"]:
        kind = Kind(file["kind"])
        if "print" in how and kind is Kind.FINANCIAL_REPORT:
            said = replace(told, stated=how.get("printed", told.stated))
            files.append(_file(how["print"], _print(file["text"], scene, said), language, None))
        if how.get("without") == kind:
            continue
        if kind is Kind.PROGRAMME_REPORT and how.get("programme") == "pdf":
            name = file["name"].removesuffix("docx") + "pdf"
            files.append(_file(name, _print(file["text"], scene, told), language, kind))
            continue
        content, found = (_book if file["name"].endswith("xlsx") else _word)(file["text"], scene, told)
        places |= found
        files.append(_file(file["name"], content, language, kind))
    if "photo" in how:
        day = _day(how["photo"])
        name = f"IMG_{day:%Y%m%d}.jpg" if day else "WhatsApp Image.jpeg"
        files.append(_file(name, photograph(day), language, None))
    return files, places


def _pointed(due: Sequence[Due], told: Told, places: Places) -> Places:
    """Where each remark must point to; a receipt that stands twice is the second one."""
    found = Places()
    for rule, about in due:
        if rule in _POINTED and ("line", about) in places:
            found[rule, about] = places["line", about]
        if rule.startswith("receipt_"):
            at = max(at for at, one in enumerate(told.receipts, 1) if one[0] == about)
            found[rule, about] = places["receipt", str(at)]
    return found


def unseen_reports() -> Iterator[UnseenReport]:
    """Every report, in a fixed order."""
    for name in FILES:
        for one in _layouts(name):
            language = one.get("language", name)
            scene, money = _of(one), next(file for file in one["file"] if file["kind"] == Kind.FINANCIAL_REPORT)
            for how in one["variants"]:
                told = _told(scene, how)
                files, places = _files(one, language, scene, how)
                due = [(rule, about) for rule, _, about in (text.partition(" ") for text in how.get("due", ()))]
                yield UnseenReport(
                    name=f"unseen report {name}: {one['name']}, {how['name']}",
                    language=language,
                    medium=money["name"].rsplit(".", 1)[1],
                    recipe=f"unseen/reports-{name}.toml {one['name']}: {how['name']}",
                    files=tuple(files),
                    expected=frozenset(due),
                    told=told,
                    places=_pointed(due, told, places),
                    scene=scene,
                )
