"""A long paper is read at its beginning and its end where its kind is sure (decision 0016), else through."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from documents import recognise
from documents.pdf import read as content_of
from schemas.facts import Kind, Seen
from tests.documents.test_reading import read


def test_of_a_long_charter_the_beginning_and_the_end_are_read(pdf: Any) -> None:
    clause = "Уюмдун максаты коомдук пайдалуу иштерди жүргүзүү болуп саналат, башкаруу органы жалпы чогулуш."
    first = ["УСТАВ", 'коомдук фонд "Таза Шаар"', *[f"{at}. {clause}" for at in range(1, 24)]]
    pages = [first, *[[f"{page}.{at}. {clause}" for at in range(1, 26)] for page in range(2, 20)]]
    path = pdf("устав.pdf", *pages, ["Каттоо номери: 12345-3301-ОФ", "Директор ______________ А. Осмонова"])

    content = content_of(path, partial(recognise.enough, name=path.name))
    facts = read(path)

    assert (content.pages, len(content.passages) < 10, content.passages[-1].place) == (20, True, "page 20")
    assert (facts.kind, facts.pages, facts.signed) == (Kind.CHARTER, 20, Seen.NOT_SEEN)
    assert facts.text("registration_number") == "12345-3301-ОФ"


def test_a_long_yearly_report_with_pictures_at_both_ends_is_no_scan(pdf: Any, scan: bytes) -> None:
    line = "Отчеттук жылда уюмдун мүчөлөрү үч иш-чара өткөрүп, жүз элүү адам катышты, каражат толук сарпталды."
    first = ["Жылдык отчет", "коомдук фонд", *[f"{at}. {line}" for at in range(1, 25)]]
    path = pdf("жылдык отчет.pdf", scan, first, *[[f"{at}. {line}" for at in range(26)] for _ in range(6)], scan)

    facts = read(path)

    assert (facts.kind, facts.pages, facts.text_layer, facts.faults) == (Kind.ANNUAL_REPORT, 9, True, [])
    assert facts.signed is Seen.CANNOT_TELL


def test_a_long_yearly_report_that_was_scanned_with_its_words_shows_what_was_on_paper(
    tmp_path: Path, pdf: Any, scan: bytes
) -> None:
    line = "Отчеттук жылда уюмдун мүчөлөрү үч иш-чара өткөрүп, жүз элүү адам катышты, каражат толук сарпталды."
    first = ["Жылдык отчет", "коомдук фонд", *[f"{at}. {line}" for at in range(1, 25)]]
    words = PdfWriter(clone_from=pdf("words.pdf", first, *[[f"{at}. {line}" for at in range(26)] for _ in range(6)]))
    picture = PdfReader(pdf("picture.pdf", scan)).pages[0]
    for page in words.pages:
        page.merge_page(picture)
    path = tmp_path / "жылдык отчет.pdf"
    words.write(path)

    assert (read(path).kind, read(path).signed) == (Kind.ANNUAL_REPORT, Seen.SEEN)


@pytest.mark.parametrize("name", ["план.pdf", "scan0001.pdf"])
def test_a_long_paper_of_another_kind_or_of_none_is_read_through(name: str, pdf: Any) -> None:
    line = "Биринчи айда волонтерлор менен чогулуш өткөрүлөт, экинчи айда таштанды үчүн челектер орнотулат."
    path = pdf(name, *[[f"{at}. {line}" for at in range(26)] for _ in range(12)])

    assert len(content_of(path, partial(recognise.enough, name=name)).passages) == 12
