"""What would act by itself is found however it is written down; files without it are not walked."""

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from documents import acting, pdf


def script(*, packed: bool = False) -> bytes:
    """A page and a script that runs when the file is opened."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x()")})
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(action)
    if packed:
        writer.write(out := BytesIO())
        return _packed(out.getvalue())
    writer.write(out := BytesIO())
    return out.getvalue()


def _packed(plain: bytes) -> bytes:
    """The same with its objects in a compressed object stream, by hand: the name is nowhere to be read."""
    import zlib

    reader = PdfReader(BytesIO(plain))
    numbers = sorted(number for numbers in reader.xref.values() for number in numbers)
    bodies: list[bytes] = []
    for number in numbers:
        reader.get_object(number).write_to_stream(body := BytesIO())  # type: ignore[union-attr]
        bodies.append(body.getvalue())
    places = [sum(len(one) + 1 for one in bodies[:at]) for at in range(len(bodies))]
    head = " ".join(f"{number} {place}" for number, place in zip(numbers, places, strict=True)).encode() + b" "
    stream = zlib.compress(head + b" ".join(bodies))
    holder, table = max(numbers) + 1, max(numbers) + 2
    out = b"%PDF-1.7\n"
    at = len(out)
    out += b"%d 0 obj\n<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>stream\n" % (
        *(holder, len(numbers), len(head)),
        len(stream),
    )
    out += stream + b"\nendstream\nendobj\n"
    rows = {number: (2, holder, index) for index, number in enumerate(numbers)}
    rows |= {0: (0, 0, 255), holder: (1, at, 0), table: (1, len(out), 0)}
    entries = b"".join(
        bytes([kind]) + where.to_bytes(4, "big") + bytes([index])
        for kind, where, index in (rows.get(number, (0, 0, 255)) for number in range(table + 1))
    )
    start = len(out)
    root = reader.trailer.raw_get("/Root").idnum
    out += b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 1]/Root %d 0 R/Length %d>>stream\n" % (
        *(table, table + 1, root),
        len(entries),
    )
    return out + entries + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (script(), b"/JavaScript"),
        (script().replace(b"/JavaScript", b"/Java#53cript").replace(b"/JS ", b"/J#53 "), b"/J#53"),
        (script(packed=True), b"/ObjStm"),
    ],
    ids=["plain", "names with codes", "packed"],
)
def test_a_script_is_found_however_it_is_written(made: bytes, written: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(made)

    assert written in made
    assert not acting.plain(path)
    assert acting.acts(PdfReader(path)).runs


def test_a_file_that_names_nothing_of_the_kind_is_not_walked(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    path = tmp_path / "a.pdf"
    writer.write(path)

    assert acting.plain(path)
    assert acting.acts(PdfReader(path)) == acting.Acts()


def test_a_plain_file_whose_table_of_objects_is_wrong_is_read_with_patience(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    path = tmp_path / "a.pdf"
    writer.write(path)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"%PDF-", b"\n\n\n%PDF-", 1))  # every place in the table is now three bytes off

    assert acting.plain(path)
    assert pdf.read(path).pages == 1
