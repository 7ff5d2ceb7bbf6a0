"""A workbook with something far out is read like any other, and the place is told."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from documents import sheet
from documents.reading import read
from schemas.facts import Fault

ROWS = (
    ("Смета проекта",),
    ("№", "Наименование", "Количество", "Цена", "Сумма"),
    (1, "Контейнерлер", 4, 12_500, 50_000),
    (2, "Көчөттөр", 100, 250.5, 25_050),
    (None, "Итого", None, None, 75_050),
)


def book(path: Path, *far: tuple[str, str | int], bold: str = "") -> Path:
    made = Workbook()
    page = made.active
    assert page is not None
    page.title = "Смета"
    for row in ROWS:
        page.append(row)
    for place, value in far:
        page[place] = value
    if bold:
        page[bold].font = Font(bold=True)
    hidden = made.create_sheet("Черновик")
    hidden.append(("Итого", 1))
    hidden.sheet_state = "hidden"
    made.save(path)
    return path


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "AAA3", "AB10000"])
def test_a_slip_far_out_changes_nothing_but_that_it_is_told(tmp_path: Path, place: str):
    whole, slipped = book(tmp_path / "a.xlsx"), book(tmp_path / "b.xlsx", (place, 1))
    near, far = (read(one, "Смета проекта.xlsx", file_limit=1_000_000) for one in (whole, slipped))
    assert (near.faults, far.faults) == ([], [Fault.ROWS_CUT])
    assert far.values.pop("rows_cut").place == f"sheet Смета, {place}"
    assert far == near.model_copy(update={"faults": far.faults})
    assert len(far.lines) == 2


def test_both_readers_see_the_same_cells(tmp_path: Path):
    whole, slipped = sheet.read(book(tmp_path / "a.xlsx")), sheet.read(book(tmp_path / "b.xlsx", ("AAA3", "")))
    far = sheet.read(book(tmp_path / "c.xlsx", ("XFD9999", "x")))
    assert (
        [grid.rows for grid in far.grids]
        == [grid.rows for grid in whole.grids]
        == [grid.rows for grid in slipped.grids]
    )


def test_an_empty_cell_with_a_look_is_no_slip(tmp_path: Path):
    assert read(book(tmp_path / "a.xlsx", bold="XFD9"), "a.xlsx", file_limit=1_000_000).faults == []


def test_a_form_is_known_by_the_other_reader_too(tmp_path: Path):
    made = Workbook()
    made.create_sheet("_form").append(("budget 1 ky",))
    made["_form"].sheet_state = "veryHidden"
    page = made["Sheet"]
    page["XFD5"] = 1
    page["A1"] = "Смета"
    out = BytesIO()
    made.save(out)
    path = tmp_path / "a.xlsx"
    path.write_bytes(out.getvalue())
    assert sheet.read(path).form == "budget 1 ky"
