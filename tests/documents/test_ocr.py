"""Text recognition by the real tesseract: papers of the demo's cities as a scanner and a telephone give them."""

import shutil
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from cli.demo import cities, printing, scan
from cli.demo.papers import Writer, writer
from cli.demo.wording import Said
from documents import ocr
from documents.sandbox import Reader
from schemas.facts import Facts, Fault, Kind

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(cpu_seconds=20, memory=1_000_000_000, file_limit=100_000_000) as one:
        yield one


def recognised(reader: Reader, path: Path, name: str) -> Facts:
    return ocr.recognise(reader, path, name, reader.read(path, name))


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def page_of(writes: Writer, kind: Kind) -> Image.Image:
    return scan._set(writes.sheet(kind))[0]


def as_pdf(page: Image.Image) -> bytes:
    out = BytesIO()
    page.convert("L").save(out, "JPEG", quality=70)
    return printing.pdf_of_pictures([out.getvalue()])


def one_of(language: str) -> Writer:
    """An applicant who writes in this language."""
    named = ((city, one) for city in ("batken", "karakol", "kochkor-ata") for one in cities.load(city).applicants)
    return next(writer(city, one.key) for city, one in named if one.language == language)


@pytest.mark.parametrize("language", ["ky", "ru"])
@pytest.mark.parametrize("kind", [Kind.REGISTRATION, Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE])
def test_a_scanned_certificate_is_known_and_its_day_is_read(
    reader: Reader, tmp_path: Path, kind: Kind, language: str
) -> None:
    writes = one_of(language)
    path = put(tmp_path, "Скан003.pdf", scan.scan(writes.sheet(kind)))

    facts = recognised(reader, path, path.name)

    assert (facts.kind, facts.recognised, facts.text_layer) == (kind, 1, False)
    assert not {Fault.NO_TEXT, Fault.ILLEGIBLE, Fault.TURNED} & set(facts.faults)
    day = facts.day("registered_on") if kind is Kind.REGISTRATION else facts.day("issued_on")
    assert day == (writes.one.registered_on if kind is Kind.REGISTRATION else writes.certified)
    assert all(value.place == "page 1" for value in facts.values.values())
    assert max(value.confidence for value in facts.values.values()) < 100


def test_a_photograph_on_a_table_is_upright_by_its_own_mark(reader: Reader, tmp_path: Path) -> None:
    writes = one_of("ru")
    path = put(tmp_path, "IMG_20180725.jpg", scan.photograph(writes.sheet(Kind.TAX_CERTIFICATE)))

    facts = recognised(reader, path, path.name)

    assert (facts.kind, facts.day("issued_on")) == (Kind.TAX_CERTIFICATE, writes.certified)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_turned_read_and_said_to_be_so(
    reader: Reader, tmp_path: Path, turn: int
) -> None:
    writes = one_of("ru")
    page = page_of(writes, Kind.TAX_CERTIFICATE).rotate(turn, expand=True)
    path = put(tmp_path, "scan.pdf", as_pdf(page))

    facts = recognised(reader, path, path.name)

    assert (facts.kind, facts.text("inn")) == (Kind.TAX_CERTIFICATE, writes.one.inn)
    assert facts.day("issued_on") in {writes.certified, None}  # a digit may be lost, never taken for another day
    assert Fault.TURNED in facts.faults


ENGLISH = (
    Said("Tax certificate", "title"),
    Said("State Tax Service of the Kyrgyz Republic, Batken district"),
    Said('This is to certify that Public Foundation "Green Street", INN 01203201510046,'),
    Said("has no arrears of taxes and of insurance contributions as of the day below."),
    Said("Issued on 16 July 2018 for the contest of the social order."),
)


@pytest.mark.parametrize("turn", [0, 180])
def test_an_english_page_is_read_in_latin_letters(reader: Reader, tmp_path: Path, turn: int) -> None:
    page = scan._set(ENGLISH)[0].rotate(turn, expand=True)
    path = put(tmp_path, "scan.pdf", as_pdf(page))

    facts = recognised(reader, path, path.name)

    assert (facts.kind, facts.language, facts.day("issued_on")) == (Kind.TAX_CERTIFICATE, "en", date(2018, 7, 16))
    assert facts.text("inn") == "01203201510046"
    assert facts.text("organisation") == 'Public Foundation "Green Street"'
    assert Fault.ILLEGIBLE not in facts.faults
    assert (Fault.TURNED in facts.faults) == bool(turn)


def test_without_english_a_page_is_read_as_before(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "ENGLISH", ("zzz",))  # a language that is not installed
    path = put(tmp_path, "scan.pdf", as_pdf(scan._set(ENGLISH)[0]))

    facts = recognised(reader, path, path.name)

    assert facts.language != "en"


def test_a_page_out_of_focus_is_illegible_and_nothing_is_made_up(reader: Reader, tmp_path: Path) -> None:
    page = page_of(one_of("ky"), Kind.TAX_CERTIFICATE).filter(ImageFilter.GaussianBlur(7))
    path = put(tmp_path, "scan.pdf", as_pdf(page))

    facts = recognised(reader, path, path.name)

    assert Fault.ILLEGIBLE in facts.faults
    assert facts.values == {}


def test_an_empty_page_and_a_picture_of_nothing_give_no_words(reader: Reader, tmp_path: Path) -> None:
    path = put(tmp_path, "scan.pdf", as_pdf(Image.new("L", (1240, 1754), 250)))

    facts = recognised(reader, path, path.name)

    assert (facts.kind, facts.values) == (Kind.OTHER, {})
    assert Fault.ILLEGIBLE in facts.faults


def test_of_a_long_scan_the_first_pages_are_read_and_a_certificate_gives_two(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    picture = reader.picture
    monkeypatch.setattr(
        reader, "picture", lambda path, name, number: asked.append(number) or picture(path, name, number)
    )
    pages = [as_jpeg(page_of(one_of("ru"), Kind.SOCIAL_CERTIFICATE))] * 3
    path = put(tmp_path, "Справка Соцфонда.pdf", printing.pdf_of_pictures(pages))

    before = reader.read(path, path.name)
    facts = ocr.recognise(reader, path, path.name, before)

    assert before.kind is Kind.SOCIAL_CERTIFICATE
    assert (asked, facts.pages) == ([1, 2], 3)


def as_jpeg(page: Image.Image) -> bytes:
    out = BytesIO()
    page.convert("L").save(out, "JPEG", quality=70)
    return out.getvalue()


def test_without_tesseract_what_inspection_saw_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ocr.available()
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert not ocr.available()


def test_a_recogniser_that_hangs_is_ended_and_the_page_is_illegible(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    slow = put(tools, "tesseract", b"#!/bin/sh\nsleep 300\n")
    slow.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setattr(ocr, "_SECONDS", 1)
    path = put(tmp_path, "scan.pdf", as_pdf(page_of(one_of("ru"), Kind.TAX_CERTIFICATE)))

    facts = recognised(reader, path, path.name)

    assert Fault.ILLEGIBLE in facts.faults
    assert Fault.NO_TEXT in facts.faults
