"""What is tried with bytes that nobody chose: each reader, and what must hold whatever the bytes are."""

import json
import logging
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from documents import dates, letters, reading, scan, signatures, values
from documents.package import unpack
from documents.pdf import limit_pypdf
from documents.sandbox import Reader
from schemas.errors import EmptyPackage, TooLarge, UnsafeArchive
from schemas.facts import Facts, Media
from tests.documents.hostile.offices import docx_parts, xlsx, zipped
from tests.fuzz.report_targets import REPORT_TARGETS

LIMIT = 1_000_000  # bytes of a file, and of a package
_ROOM = Path(tempfile.gettempdir())
limit_pypdf()
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def _read(data: bytes, name: str) -> Facts:
    with tempfile.NamedTemporaryFile(dir=_ROOM) as file:
        file.write(data)
        file.flush()
        found = reading.read(Path(file.name), name, file_limit=LIMIT)
    assert found.media is not Media.UNKNOWN or found.faults, "neither a type nor a fault"
    assert len(set(found.faults)) == len(found.faults), "a fault twice"
    assert Facts.model_validate_json(found.model_dump_json()) == found, "what is told is not what was found"
    return found


@cache
def _child() -> Reader:
    return Reader(cpu_seconds=2, memory=400_000_000, file_limit=LIMIT)


def _read_apart(data: bytes, name: str) -> None:
    """In a child: the library for workbooks has no limits of its own. It takes a place for every cell between two, say."""
    with tempfile.NamedTemporaryFile(dir=_ROOM) as file:
        file.write(data)
        file.flush()
        found = _child().read(Path(file.name), name)
    assert found.media is not Media.UNKNOWN or found.faults, "neither a type nor a fault"


def anything(data: bytes) -> None:
    """Any bytes under the name of any type."""
    suffix = ("pdf", "docx", "xlsx", "odt", "rtf", "doc", "xls", "jpg", "png", "zip", "txt", "")[
        (data or b"\0")[0] % 12
    ]
    _read(data[1:], f"any.{suffix}")


def pdf(data: bytes) -> None:
    _read(data if data.startswith(b"%PDF-") else b"%PDF-1.7\n" + data, "D02.pdf")


def docx(data: bytes) -> None:
    """The bytes are the main part of a .docx."""
    _read(zipped({**docx_parts(""), "word/document.xml": data}, 0), "D02.docx")


def docx_whole(data: bytes) -> None:
    _read(data, "D02.docx")


def xlsx_sheet(data: bytes) -> None:
    """The bytes are the inside of a sheet."""
    _read_apart(xlsx(data), "D04.xlsx")


def xlsx_whole(data: bytes) -> None:
    _read_apart(data, "D04.xlsx")


def odt(data: bytes) -> None:
    """The bytes are the content of an .odt."""
    _read(zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": data}, 0), "D07.odt")


def rtf(data: bytes) -> None:
    _read(rb"{\rtf1\ansicpg1251 " + data + b"}", "D13.rtf")


def text(data: bytes) -> None:
    _read(b"text: " + data, "financial report.txt")


def image(data: bytes) -> None:
    _read((b"\x89PNG\r\n\x1a\n" if data[:1] < b"\x80" else b"\xff\xd8\xff") + data[1:], "scan")


def old_office(data: bytes) -> None:
    _read_apart(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data, "D04.xls")


def package(data: bytes) -> None:
    """A package is laid out within its limits or refused by name, and nothing is left of what was refused."""
    with tempfile.TemporaryDirectory(dir=_ROOM) as folder:
        source, into = Path(folder) / "package.zip", Path(folder) / "into"
        source.write_bytes(data)
        try:
            laid = unpack(source, into, file_limit=LIMIT, package_limit=LIMIT)
        except (EmptyPackage, TooLarge, UnsafeArchive):
            assert list(into.iterdir()) == [], "something is left"
            return
        assert {file.path for file in laid.files} == set(into.iterdir()), "a file more or less than told"
        assert len({file.name for file in laid.files}) == len(laid.files), "one name twice"


def words(data: bytes) -> None:
    """Figures of papers: whatever the text, an answer, and each place lies in the text that it was asked of."""
    said = data.decode("utf-8", "replace")
    clean = letters.clean(said)
    assert letters.clean(clean) == clean, "clean twice is another text"
    for day in dates.dates(said):
        assert 0 <= day.start < day.end <= len(clean), "a date outside its text"
    for one in values.sums(said):
        assert 0 <= one.start < one.end <= len(clean), "a sum outside its text"
        assert 0 <= one.tyiyn <= values.MOST + 99, "no sum"
    for ask in (values.amount, values.number, values.count, values.inn, values.okpo, values.account, values.phone):
        ask(said)
    for ask in (values.email, values.organisation, values.organisation_key, values.commercial, values.arrears):
        ask(said)
    for ask in (values.registration_number, values.contest_number, values.contract_number):
        ask(said)
    letters.fold(said), letters.loose(said), letters.language(said), letters.sense(said.split())


def recognised(data: bytes) -> None:
    """Lines of a recognised page."""
    lines = [{"text": line, "confidence": 50} for line in data.decode("utf-8", "replace").splitlines()]
    with tempfile.NamedTemporaryFile(dir=_ROOM) as file:
        file.write(json.dumps({"pages": [{"number": 1, "lines": lines}], "of": 1}).encode())
        file.flush()
        scan.understand(Path(file.name), "D07.pdf")


def signature(data: bytes) -> None:
    """A signature in a file of its own, beside the file that it may be of."""
    with tempfile.NamedTemporaryFile(dir=_ROOM) as file:
        file.write(data)
        file.flush()
        found = signatures.detached(Path(file.name), "a.txt.p7s", [(Path(file.name), "a.txt")])
    assert found.signatures or found.faults, "no verdict"
    assert not any(one.trusted for one in found.signatures), "trusted by nobody"


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        *(anything, pdf, docx, docx_whole, xlsx_sheet, xlsx_whole, odt, rtf, text, image, old_office),
        *(package, words, recognised, signature),
        *REPORT_TARGETS,
    )
}

if __name__ == "__main__":
    sys.stdout.write(" ".join(TARGETS) + "\n")
