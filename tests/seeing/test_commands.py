"""`ashar overview`: files where they were asked for, in the language of the line, and only for whom they are."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from schemas.wording import say
from tests.cli.desk import Desk as Line
from tests.offices import Desk


@pytest.fixture
def line(desk_at: Callable[[str], Desk]) -> Line:
    desk = desk_at("reported")
    desk.ngo(2)
    return Line(desk.home)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_pages_of_a_contract_and_a_contest(line: Line, tmp_path: Path, language: str):
    number = line.ok("contract", "list", by="coordinator")[0]["number"]
    contest = number.rpartition("/")[0]
    told = line.ok("overview", "contract", number, "--to", tmp_path / "new", "--language", language, by="coordinator")
    told += line.ok("overview", "contest", contest, "--to", tmp_path / "new", "--language", language, by="coordinator")
    plain = number.replace("/", "-")

    assert [Path(one["file"]).name for one in told] == [
        f"{plain}-{language}.html",
        f"{plain}-{language}.pdf",
        f"{contest}-{language}.html",
        f"{contest}-{language}.pdf",
    ]
    for one in told:
        content = Path(one["file"]).read_bytes()
        assert len(content) == one["size"]
        assert content.startswith((b"<!DOCTYPE html>", b"%PDF-"))
    title = say("paper.overview.title.contract", language)
    assert title in Path(told[0]["file"]).read_text("utf-8")


def test_the_calendar_and_the_workbook(line: Line, tmp_path: Path):
    number = line.ok("contract", "list", by="coordinator")[0]["number"]
    periods = line.ok("report", "periods", number, by="coordinator")
    days = Path(line.ok("overview", "calendar", "--to", tmp_path, by="coordinator")[0]["file"])
    book = Path(line.ok("overview", "export", "--to", tmp_path, by="coordinator")[0]["file"])
    of_one = line.ok("overview", "calendar", "--contest", number.rpartition("/")[0], "--to", tmp_path, by="coordinator")

    assert (days.name, book.name) == ("batken-ky.ics", "batken-ky.xlsx")
    told = days.read_bytes().decode()
    assert [f"DTSTART;VALUE=DATE:{one['due'].replace('-', '')}" in told for one in periods] == [True] * len(periods)
    assert Path(of_one[0]["file"]).read_bytes().count(b"BEGIN:VEVENT") == len(periods)
    sheet = load_workbook(BytesIO(book.read_bytes()))[say("paper.overview.timeline", "ky")]
    assert [(row[0].value, row[1].value, str(row[4].value)[:10]) for row in sheet.iter_rows(min_row=2)] == [
        (number, one["number"], one["due"]) for one in periods
    ]


def test_another_applicant_finds_no_contract(line: Line, tmp_path: Path):
    number = line.ok("contract", "list", by="coordinator")[0]["number"]

    assert line.line("overview", "contract", number, "--to", tmp_path, by="ngo2").code == 2
    assert line.line("overview", "contest", number.rpartition("/")[0], "--to", tmp_path, by="ngo2").code == 2
    assert list(tmp_path.glob("*.html")) == []
