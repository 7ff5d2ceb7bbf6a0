"""Papers as docx: every value is in them, nothing is lost on the way to pages, a wrong template is refused."""

import hashlib
import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pydantic import BaseModel, ValidationError
from pypdf import PdfReader

from documents.clauses import Placeholder, Ruled, Text, Tranche
from documents.convert import to_docx, to_pdf
from documents.draft import draft, names_used
from documents.papers import Paper
from documents.words import amount, day, money
from schemas.errors import BadDraft
from tests.documents import makers

PAPERS = makers.every_paper()


def plain(text: str) -> str:
    """Without spaces: lines break where the page wants."""
    return re.sub(r"[\s\u200b\u00a0]+", "", text)


def words_of(made: bytes) -> str:
    """Everything written in the body, the header and the footer."""
    found: list[str] = []
    with zipfile.ZipFile(BytesIO(made)) as package:
        for name in package.namelist():
            if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name):
                xml = package.read(name).decode().replace("<w:br/>", "\n").replace("</w:p>", "\n")
                found.append(re.sub(r"<[^>]+>", "", xml))
    text = "\n".join(found)
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(mark, sign)
    return text


def strings(value: Any) -> list[str]:
    """Every text that a paper carries."""
    if isinstance(value, BaseModel):
        return [each for name in type(value).model_fields for each in strings(getattr(value, name))]
    if isinstance(value, tuple):
        return [each for part in value for each in strings(part)]
    return [value] if isinstance(value, str) else []


# what a paper carries for its layout, or shows in one language only
UNSHOWN = {"notice": {"беренелер ортосундагы айырма", makers.ZONE}}
SETTINGS = {"working day", "calendar day", "month", "year", "percent", "ru", "ky", "en", "satisfactory", ""}


def shown(name: str, paper: Paper) -> set[str]:
    found = set(strings(paper)) - SETTINGS - UNSHOWN.get(name, set())
    if name == "minutes":
        # the minutes are in Kyrgyz alone
        found -= {criterion.name.ru for criterion in makers.CRITERIA}
    if name in {"announcement", "payment_order"}:
        # these say whom they come from; the letterhead details of the parties belong to the contract
        keep = {"name", "head", "post"}
        for party in (makers.MAYOR, makers.ORGANISATION):
            found -= {
                each
                for field in type(party).model_fields
                if field not in keep
                for each in strings(getattr(party, field))
            }
            found -= {party.head.ru, party.post.ru, *([] if name == "announcement" else strings(party.head))}
    if name in {"amendment", "closing"}:
        found -= {*strings(makers.MAYOR.acts_on), *strings(makers.ORGANISATION.acts_on)}
    return found


@pytest.fixture(scope="module")
def drafted() -> dict[str, bytes]:
    return {name: draft(paper) for name, paper in PAPERS.items()}


@pytest.fixture(scope="module")
def converted(drafted: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Text of all pages by folder, after one call to LibreOffice: every paper by the same name, and one broken file."""
    folder = tmp_path_factory.mktemp("papers")
    given = {**drafted, "broken": b"PK\x03\x04" + bytes(range(256)) * 40}
    files = {name: folder / name / "кагаз & <1>.docx" for name in given}
    for name, file in files.items():
        file.parent.mkdir()
        file.write_bytes(given[name])
    made = to_pdf(list(files.values()), folder / "pdf")
    return {
        name: "\n".join(page.extract_text() for page in PdfReader(made[file]).pages)
        for name, file in files.items()
        if file in made
    }


@pytest.mark.parametrize("name", PAPERS)
def test_every_text_of_a_paper_is_in_it(name: str, drafted: dict[str, bytes]):
    text = plain(words_of(drafted[name]))
    assert {each for each in shown(name, PAPERS[name]) if plain(each) not in text} == set()


@pytest.mark.parametrize("name", PAPERS)
def test_pages_lose_nothing(name: str, drafted: dict[str, bytes], converted: dict[str, str]):
    """Every table cell and paragraph of the docx is found on the pages."""
    seen = plain(converted[name])
    document = Document(BytesIO(drafted[name]))
    cells = [p.text for table in document.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    wanted = {text for text in (*cells, *(p.text for p in document.paragraphs)) if text.strip()}
    # a paragraph may run over the foot of a page: its pieces are looked for
    lost = {text for text in wanted if not all(plain(piece) in seen for piece in re.split(r"(?<=[.;:,])\s", text))}
    assert lost == set()


@pytest.mark.parametrize("name", PAPERS)
def test_no_template_syntax_is_left(name: str, drafted: dict[str, bytes]):
    assert not re.search(r"\{\{|\}\}|\{%|%\}", words_of(drafted[name]))


@pytest.mark.parametrize("name", PAPERS)
def test_the_same_paper_is_the_same_bytes(name: str, drafted: dict[str, bytes]):
    assert hashlib.sha256(draft(makers.every_paper()[name])).digest() == hashlib.sha256(drafted[name]).digest()


@pytest.mark.parametrize("name", ["minutes", "receipt", "notice"])
def test_signs_and_kyrgyz_letters_survive_to_the_page(name: str, converted: dict[str, str]):
    assert plain(makers.TRICKY) in plain(converted[name])


def test_the_contract_states_its_sums_in_both_languages(converted: dict[str, str]):
    text = plain(converted["contract"])
    for tyiyn in (124_560_005, 10_000_000):
        assert plain(amount(tyiyn, "ky")) in text
        assert plain(amount(tyiyn, "ru")) in text
    for line in makers.LINES:
        assert plain(line.name + money(line.requested, "ky") + money(line.own, "ky") + money(line.total, "ky")) in text
    for tranche in makers.TRANCHES:
        assert plain(money(tranche.amount, "ky")) in text


def test_the_contract_has_its_dates_in_both_languages(drafted: dict[str, bytes]):
    text = plain(words_of(drafted["contract"]))
    assert plain("2026-жылдын 1-апрелинен баштап 2026-жылдын 30-ноябрына чейин") in text
    assert plain(f"с {day(date(2026, 4, 1), 'ru')} по {day(date(2026, 11, 30), 'ru')}") in text


def test_a_date_not_yet_known_is_left_to_be_written_by_hand():
    assert "«___» __________ 20__ г." in words_of(draft(makers.contract(signed_on=None)))


def test_a_term_the_pack_does_not_know_is_worded_without_a_number():
    terms = makers.contract().terms.model_copy(update={"payment": None, "cure": None, "report_check": None})
    text = words_of(draft(makers.contract(terms=terms)))
    assert "Заказчы белгилеген мөөнөттө" in text
    assert "без необоснованной задержки" in text


def test_what_rests_on_a_placeholder_says_so(drafted: dict[str, bytes]):
    text = words_of(drafted["contract"])
    assert plain("10 пайыз* чегинде") in plain(text)
    assert plain("5 рабочих дней*") in plain(text)
    assert "юрист азырынча ырастай элек" in text
    assert "отклонение между статьями" in text


def test_a_confirmed_contract_carries_no_such_notice():
    terms = makers.contract().terms.model_copy(
        update={"variance": Ruled(value=10, unit="percent"), "report_check": Ruled(value=5, unit="working day")}
    )
    text = words_of(draft(makers.contract(terms=terms, placeholders=())))
    assert "*" not in text
    assert "ырастай элек" not in text


def test_a_contract_whose_tranches_do_not_add_up_is_refused():
    short = (Tranche(number=1, amount=1, conditions=()),)
    with pytest.raises(BadDraft) as refused:
        makers.contract(tranches=short)
    assert refused.value.facts == {"template": "contract", "wrong": "tranches", "stated": 124_560_005, "counted": 1}


def test_a_paper_without_a_value_cannot_be_made():
    given = makers.contract().model_dump() | {"goal": None}
    with pytest.raises(ValidationError):
        type(makers.contract()).model_validate(given)


def test_no_quorum_means_no_votes_are_printed(drafted: dict[str, bytes]):
    text = words_of(drafted["minutes"])
    assert text.count("Добуш берүү: макул") == 1
    assert "Кворум жок, маселе боюнча чечим кабыл алынган жок." in text
    assert "төраганын добушу чечүүчү болду" in text


@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_ranking_has_a_column_for_each_criterion(count: int):
    criteria = (makers.CRITERIA * 2)[:count]
    made = draft(
        makers.minutes(
            criteria=criteria, ranking=(makers.rank(1, "КЭУ", "4", "жеңүүчү", ("4.5",) * count),), reserve=()
        )
    )
    tables = Document(BytesIO(made)).tables
    ranking = next(table for table in tables if "Билдирме" in table.rows[0].cells[1].text)
    assert [cell.text for cell in ranking.rows[0].cells][3:-2] == [f"К{at + 1}" for at in range(count)]
    assert [cell.text for cell in ranking.rows[1].cells][3:-2] == ["4,5"] * count


@pytest.mark.parametrize(("language", "word"), [("ky", "Акыркы мөөнөт"), ("ru", "Срок"), ("en", "Deadline")])
def test_a_notice_speaks_its_readers_language(language: str, word: str):
    assert f"{word}: " in words_of(draft(makers.notice(language)))


def test_signs_that_xml_cannot_carry_do_not_cost_the_rest_of_the_text():
    text = words_of(draft(makers.minutes(place="Зал\x00 \x0b№ 1\x07 \ud800& <Б>\f соңу")))
    assert plain("Зал№1&<Б>соңу") in plain(text)


def template(*paragraphs: str) -> bytes:
    document = Document()
    for each in paragraphs:
        document.add_paragraph(each)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "{{ no_such_name }}",
        "{{ customer.no_such_name }}",
        "{{ number",
        "{% for each in lines %}{{ each.name }}",
        "{{ number|no_such_filter }}",
        "{{ number.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''.__class__ }}",
        "{{ say.__globals__ }}",
        "{{ number|day_ky }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_that_asks_for_what_is_not_there_is_refused(text: str):
    with pytest.raises(BadDraft):
        draft(makers.contract(), template(text))


def test_a_template_that_is_no_docx_is_refused():
    with pytest.raises(BadDraft):
        draft(makers.contract(), b"PK\x03\x04 not a package")


def test_a_customers_own_template_is_filled():
    made = draft(makers.contract(), template("№ {{ number }}: {{ amount|amount_ky }}", "{{ customer.name.ky }}"))
    assert plain(amount(124_560_005, "ky")) in plain(words_of(made))


def test_the_names_a_template_uses_can_be_listed():
    assert names_used(template("{{ number }} {% for line in lines %}{{ line.name }}{% endfor %}")) == {
        "number",
        "lines",
    }


def test_texts_come_in_two_languages_or_in_one_for_both():
    assert Text.model_validate({"ky": "а", "ru": "б", "en": "c"}) == Text(ky="а", ru="б")
    assert Placeholder.model_validate({"name": "а", "value": "1"}).name == Text(ky="а", ru="а")


def test_a_file_that_cannot_be_converted_is_absent_and_the_others_are_there(converted: dict[str, str]):
    assert set(converted) == set(PAPERS)
    assert "О недостающих документах" in converted["notice"]
    assert "R-0001" in converted["receipt"]


def test_a_legacy_word_file_becomes_docx(tmp_path: Path):
    legacy = tmp_path / "арыз.doc"
    legacy.write_text(r"{\rtf1\ansi\ansicpg1251 Arys \u1187? \u1257? \u1199?}", encoding="ascii")
    made = to_docx([legacy], tmp_path / "out")
    assert "ң ө ү" in Document(str(made[legacy])).paragraphs[0].text
