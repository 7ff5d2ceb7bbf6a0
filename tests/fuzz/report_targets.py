"""What is tried with bytes in the readers of a report: its tables, its print, its photographs; and in the table of its faults."""

from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from PIL import Image

from documents import facts, faults, photo, values
from documents.content import Cell, Content, Grid, Passage
from rules.catalog import RULES
from schemas.facts import Facts, Kind, Media

_REPORTS = (Kind.FINANCIAL_REPORT, Kind.PROGRAMME_REPORT)
_RULES = sorted(RULES)


def _cell(text: str) -> Cell:
    """A figure where a workbook would have one."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text or None


def _filled(content: Content, kind: Kind, media: Media) -> Facts:
    found = Facts(media=media, kind=kind)
    facts.fill(found, content)
    sums = [figure for line in found.lines for figure in (line.total, line.requested)]
    sums += [one.amount for one in found.expenses]
    sums += [value.value for key, value in found.values.items() if key in facts.MONEY and isinstance(value.value, int)]
    assert all(abs(one) <= values.MOST for one in sums), "a sum that no database keeps"
    days = [one.dated for one in found.expenses]
    days += [day for one in found.checkpoints for day in (one.planned, one.actual)]
    assert all(date.fromisoformat(day) for day in days if day), "no day"
    assert Facts.model_validate_json(found.model_dump_json()) == found, "what is told is not what was found"
    return found


def report_tables(data: bytes) -> None:
    """The bytes are rows of a sheet, cells between tabs. Each row and receipt is told with a cell that is there."""
    rows = [[_cell(cell) for cell in line.split("\t")] for line in data.decode("utf-8", "replace").splitlines()]
    for kind in _REPORTS:
        for sheet in (True, False):
            grid = Grid([list(row) for row in rows], "sheet A" if sheet else "table 1", sheet=sheet)
            found = _filled(Content(grids=[grid]), kind, Media.XLSX if sheet else Media.DOCX)
            there = {grid.place(at, column) for at, row in enumerate(rows) for column in range(len(row))}
            told = [*found.lines, *found.expenses, *found.indicators, *found.checkpoints]
            assert {one.place for one in told} <= there, "a place that is not there"


def report_print(data: bytes) -> None:
    """The bytes are the pages of a print."""
    pages = data.decode("utf-8", "replace").split("\f")
    content = Content([Passage(page, f"page {at}") for at, page in enumerate(pages, 1)])
    for kind in _REPORTS:
        _filled(content, kind, Media.PDF)


def camera(data: bytes) -> None:
    """The bytes are what a camera writes beside its picture."""
    out = BytesIO()
    Image.new("L", (8, 8)).save(out, "JPEG", exif=b"Exif\0\0" + data[:60_000])
    with Image.open(BytesIO(out.getvalue())) as picture:
        told = photo.taken_on(picture)
    assert not told or date.fromisoformat(told), "no day"


def fault_table(data: bytes) -> None:
    """Each line is a remark: a file, a place, and what the rule speaks of. All of them are told, none as a formula."""
    remarks: list[dict[str, Any]] = []
    for line in data.decode("utf-8", "replace").splitlines():
        file, place, *more = [*line.split("\t"), "", "", ""]
        rule = _RULES[len(line) * 7 % len(_RULES)]
        told = {name: more[at % len(more)] for at, name in enumerate(RULES[rule])}
        told = {name: len(value) if name.endswith("_tyiyn") else value for name, value in told.items()}
        severity = ("to_cure", "notice")[len(line) % 2]
        remarks.append({"rule": rule, "severity": severity, "file": file, "facts": told | {"place": place}})
    for language in ("ky", "ru", "en"):
        table = faults.rows(remarks, language)
        assert len(table) == len(remarks), "a remark that is not told"
        assert faults.text(table, language)
        sheet = load_workbook(BytesIO(faults.workbook(table, language, about="1"))).worksheets[0]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}, "a formula"


REPORT_TARGETS = (report_tables, report_print, camera, fault_table)
