"""Pages of an overview: every figure stands on them, nothing overlaps or is cut, and a hostile name stays a name."""

import re
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
from lxml import etree
from lxml import html as parser
from openpyxl import load_workbook
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth

from documents import plots, words
from documents.overview import Page
from documents.overview_html import html
from documents.overview_pdf import pdf
from documents.words import Language
from flows.papers import overview_plots as plotted
from flows.papers.overview import contest_page, contract_page, short
from flows.papers.overview_files import calendar, workbook
from rules.packs import load
from schemas.contract import ContractStatus
from tests.seeing.makers import HOSTILE, LONG, STARTS, a_contest, an_overview

LANGUAGES: tuple[Language, ...] = ("ky", "ru", "en")
LENGTHS = [(1, 6), (12, 1), (4, 3), (60, 1)]
SVG = "{http://www.w3.org/2000/svg}"


def text_of(content: bytes) -> str:
    pages = pypdfium2.PdfDocument(content)
    return flat("\n".join(page.get_textpage().get_text_range() for page in pages))


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\ufffe", "-"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("of", "months"), LENGTHS)
def test_every_figure_stands_on_both_pages(of: int, months: int, language: Language):
    seen = an_overview(of, months)
    page = contract_page(seen, language)
    seen_in_html = flat(parser.fromstring(html(page)).text_content())
    seen_in_pdf = text_of(pdf(page))

    for one in seen.periods:
        for told in (f"{one.number} / {of}", short(one.due, language)):
            assert told in seen_in_html
            assert told in seen_in_pdf
        if one.spent is not None:
            assert flat(words.money(one.spent, language)) in seen_in_html
            assert flat(words.money(one.spent, language)) in seen_in_pdf
    for sum_ in (seen.spent, *(one.amount for one in seen.tranches), *(one.planned for one in seen.lines)):
        assert flat(words.money(sum_, language)) in seen_in_html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contract_without_a_report_and_one_without_a_plan_have_pages(language: Language):
    fresh = an_overview(today=STARTS + timedelta(days=5))
    bare = fresh.model_copy(update={"periods": (), "indicators": (), "tranches": (), "lines": (), "visits": ()})

    for seen in (fresh, bare):
        page = contract_page(seen, language)
        assert pdf(page).startswith(b"%PDF")
        assert flat(page.foot) in flat(parser.fromstring(html(page)).text_content())


def test_the_same_page_has_the_same_bytes():
    page = contract_page(an_overview(), "ky")

    assert pdf(page) == pdf(page) == pdf(contract_page(an_overview(), "ky"))
    assert html(page) == html(contract_page(an_overview(), "ky"))


@pytest.mark.parametrize("text", ["сөз " * 9_000, "ү" * 40_000, "сап\n" * 3_000], ids=["words", "one word", "lines"])
def test_the_longest_text_has_a_page_and_is_whole_in_the_html(text: str):
    page = contract_page(an_overview(name=text).model_copy(update={"organisation": "ү" * 300}), "ky")

    assert len(pypdfium2.PdfDocument(pdf(page))) < 60
    assert flat(text).strip() in flat(parser.fromstring(html(page)).text_content())


def test_pages_are_numbered():
    pages = pypdfium2.PdfDocument(pdf(contract_page(an_overview(60), "ky")))
    feet = [one.get_textpage().get_text_range().split() for one in pages]

    assert all(str(number) in words_ for number, words_ in enumerate(feet, 1))


# -- what a stranger wrote ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [contract_page(an_overview(name=HOSTILE), "ky"), contest_page(a_contest(an_overview(name=HOSTILE)), "ru")], ids=["contract", "contest"])  # fmt: skip
def test_a_hostile_name_is_a_name(page: Page):
    content = html(page)
    read = parser.fromstring(content)
    told = read.text_content()

    assert not read.xpath("//script | //b | //iframe | //*[@onload or @onerror or @onclick]")
    assert "<script>alert(1)</script>" in told
    assert "49" not in told.split("alert(1)")[1][:60]
    assert "\u202e" not in content.decode()
    assert "alert(1)" in text_of(pdf(page))


def test_a_page_fetches_nothing_and_runs_nothing():
    content = html(contract_page(an_overview(), "en")).decode()

    assert not re.findall(r"<(?:script|link|img|iframe|object|embed)\b", content)
    assert set(re.findall(r"https?://[^\s\"'<>]+", content)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "default-src 'none'" in content


def test_a_hostile_name_is_no_formula_in_the_workbook_and_no_line_in_the_calendar():
    seen = an_overview(name="=cmd|' /C calc'!A0\r\nEND:VCALENDAR")
    book = load_workbook(BytesIO(workbook([seen], an_instant(), "ky")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    seen = seen.model_copy(update={"number": "1\r\nEND:VEVENT"})

    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    assert calendar([(seen, load("example"))], an_instant(), "ky").count(b"END:VEVENT\r\n") == 13


def an_instant():
    from datetime import UTC, datetime

    return datetime(2019, 4, 10, 3, 0, tzinfo=UTC)


# -- pictures -----------------------------------------------------------------------------------------------------------


def drawings(page: Page) -> list[etree._Element]:
    return [
        etree.fromstring(plots.svg(one, "p", section.title)) for section in page.sections for one in section.drawings
    ]


def test_no_picture_is_higher_than_a_page():
    many = [an_overview(12, name=f"{LONG} {at}").model_copy(update={"number": f"B/{at}"}) for at in range(40)]
    one = many[0].model_copy(update={"indicators": many[0].indicators * 15})

    for page in (contest_page(a_contest(*many), "ky"), contract_page(one, "ky")):
        assert max(float(drawn.get("height", 0)) for drawn in drawings(page)) < 640
        assert len(pypdfium2.PdfDocument(pdf(page))) > 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("of", "months"), LENGTHS)
def test_no_text_of_a_picture_leaves_it(of: int, months: int, language: Language):
    contracts = [an_overview(of, months) for _ in range(3)]
    for page in (contract_page(contracts[0], language), contest_page(a_contest(*contracts), language)):
        for drawn in drawings(page):
            width, height = float(drawn.get("width", 0)), float(drawn.get("height", 0))
            for text in drawn.iter(f"{SVG}text"):
                size = float(re.findall(r"font-size: ([\d.]+)px", text.get("style", ""))[0])
                x = placed(text)
                told = stringWidth(text.text or "", "Text", size)
                assert x >= -0.5
                assert x + told <= width + 1.5, text.text
                assert height >= 0


def placed(element: etree._Element) -> float:
    """Where it begins from the left, with the shifts of the groups it is in."""
    x = float(element.get("x", 0))
    above = element.getparent()
    while above is not None:
        shift = re.findall(
            r"(?:translate\(([-\d.e]+),|matrix\([^)]*,([-\d.e]+),[-\d.e]+\))", above.get("transform", "")
        )
        x += sum(float(one or other) for one, other in shift)
        above = above.getparent()
    return x


@pytest.mark.parametrize(("of", "months"), LENGTHS)
def test_periods_stand_in_the_order_of_their_days(of: int, months: int):
    drawn = etree.fromstring(plots.svg(plotted.timeline(an_overview(of, months), "ky")[0], "t", "x"))
    numbered = [
        (
            int((text.text or "").split("\u202f")[0]),
            float(text.get("transform", "").split(",")[1].split(")")[0]),
            placed(text),
        )
        for text in drawn.iter(f"{SVG}text")
        if re.fullmatch(r"\d+(\u202f!)?", text.text or "") and "7.5px" in text.get("style", "")
    ]
    order = [number for number, _, _ in sorted(numbered, key=lambda one: (row(one[1]), one[2]))]

    assert sorted(set(order)) == list(range(1, of + 1))
    assert order == sorted(order)


def row(shift: float) -> int:
    """Bands are 38 points high; a label's own shift is twice its height above the foot."""
    return -int(shift / 2 // 38)


def test_the_curve_rises_from_left_to_right():
    drawn = etree.fromstring(plots.svg(plotted.spending(an_overview(60), "ky"), "t", "x"))
    dots = [(float(one.get("cx", 0)), float(one.get("cy", 0))) for one in drawn.iter(f"{SVG}circle")][:-1]

    assert len(dots) > 30
    assert dots == sorted(dots)
    assert [y for _, y in dots] == sorted(y for _, y in dots)


def test_pictures_in_one_page_do_not_share_names():
    content = html(contract_page(an_overview(), "en")).decode()
    names = re.findall(r'\bid="([^"]+)"', content)

    assert len(names) == len(set(names))
    assert set(re.findall(r"url\(#([^)]+)\)", content)) <= set(names)
    assert "None" not in content


def test_states_differ_without_colours():
    """In grey every state still has a fill, an outline or a stroke of its own."""
    looks = {}
    for state in plots.STATES:
        drawn = plots.Drawing(40, 20)
        drawn.add(plots._cell(state, 2, 2, 30, "7"))
        picture = re.sub(r"rgb\([^)]*\)", grey, plots.svg(drawn, "s", "s"))
        looks[state] = picture
    assert len(set(looks.values())) == len(plots.STATES)


def grey(found: re.Match[str]) -> str:
    red, green, blue = (float(one) for one in re.findall(r"[\d.]+", found[0]))
    return str(round(0.3 * red + 0.59 * green + 0.11 * blue, -1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_head_and_no_day_or_number_is_parted(language: Language):
    """In the PDF a word wider than its column is cut in two; `short` keeps it whole in the HTML."""
    one = an_overview(12).model_copy(update={"number": "БАТКЕН-2018-1/27"})
    parted: list[str] = []
    for page in (contract_page(one, language), contest_page(a_contest(one), language)):
        pdf(page)  # makes the fonts known
        for columns in (section.table for section in page.sections if section.table is not None):
            for at, width in enumerate(columns.widths):
                room = width * mm - 12
                told = [(word, "Text-Bold") for word in columns.head[at].split()]
                told += [(row[at], "Text") for row in columns.rows if re.fullmatch(r"[\d.-]{10}|БАТКЕН\S+", row[at])]
                parted += [word for word, font in told if stringWidth(word, font, 8.5) > room]
        content = parser.fromstring(html(page))
        parted += [cell for cell in content.xpath("//td[not(@class)]/text()") if re.fullmatch(r"[\d.-]{10}", cell)]
    assert parted == []


# -- calendar -----------------------------------------------------------------------------------------------------------


def test_what_is_in_reminds_no_more_and_an_ended_contract_is_struck_out():
    pack = load("example")
    seen = an_overview(12)
    waiting = sum(one.received_on is None for one in seen.periods)
    told = calendar([(seen, pack)], an_instant(), "ky").decode()
    ended = calendar(
        [(seen.model_copy(update={"status": ContractStatus.TERMINATED}), pack)], an_instant(), "ky"
    ).decode()
    steps = pack.ladder_of("report").values()
    reminders = sum(one.type == "reminder" and one.since != "starts" for one in steps)

    assert told.count("BEGIN:VEVENT") == 13  # twelve reports and what the visit found
    assert told.count("BEGIN:VALARM") == waiting * reminders
    assert ended.count("STATUS:CANCELLED") == 13 - seen.accepted
    assert "BEGIN:VALARM" not in ended


def test_a_year_without_a_calendar_of_holidays_has_its_days_all_the_same():
    from datetime import date

    seen = an_overview(1)
    late = seen.periods[0].model_copy(update={"due": date(2031, 2, 3), "status": "open", "received_on": None})

    told = calendar([(seen.model_copy(update={"periods": (late,)}), load("example"))], an_instant(), "ky")
    assert b"DTSTART;VALUE=DATE:20310203" in told
