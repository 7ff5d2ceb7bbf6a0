"""Where fuzzing starts: our own blank forms, small files of each type, and words that papers hold."""

import zipfile
from io import BytesIO

from PIL import Image

from documents.forms import blank
from tests.documents.hostile import offices, pdfs
from tests.documents.hostile.texts import WORDS
from tests.documents.signers import sign_apart, sign_pdf

PAPER = (
    "Коомдук фонд «Таза Шаар», ИНН 01707201410029, ОКПО 12345678, a@b.kg, +996 555 12-34-56\n"
    "2026-жылдын 5-марты, 05.03.2026, 5 марта 2026 года, March 5, 2026\n"
    "Итого: 1 245 600,50 сом (бир миллион), 12 миң сом\nПодпись: ______ (Асанов)\nДоговор № 12/3, конкурс BATKEN-2018-1"
)


def _part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read(name)


def _picture(kind: str) -> bytes:
    out = BytesIO()
    Image.new("L", (16, 16), "white").save(out, kind)
    return out.getvalue()


def seeds(target: str) -> list[bytes]:
    """The first inputs of a target."""
    form, budget = blank("application-form", "ky"), blank("budget", "ru")
    small = offices.docx(offices.paragraph(PAPER))
    page = pdfs.written([b"Public fund, INN 01707201410029, 05.03.2026", b"Signature: ______"])
    told = [PAPER.encode(), PAPER.encode("cp1251", "replace"), *[word.encode() for word in WORDS.values()]]
    rich = [PAPER.encode("cp1251", "replace").replace(b"\n", rb"\par "), rb"\u1050?\'d3 {\pict 00}{\*\a{b}} \cell\row"]
    table = "<b:table><b:table-row><b:table-cell><t:p>1</t:p></b:table-cell></b:table-row></b:table>"
    known: dict[str, list[bytes]] = {
        "pdf": [
            page,
            pdfs.nested_forms(2, 2),
            pdfs.fields(3),
            pdfs.jbig2(9),
            pdfs.image(9, b"/DCTDecode", _picture("JPEG")),
        ],
        "docx": [
            _part(form, "word/document.xml"),
            _part(offices.nested_tables(3), "word/document.xml"),
            _part(offices.nested_boxes(2), "word/document.xml"),
            _part(small, "word/document.xml"),
        ],
        "docx_whole": [small, form],
        "xlsx_sheet": [b"<sheetData><row><c><v>1</v></c></row></sheetData>", _part(budget, "xl/worksheets/sheet1.xml")],
        "xlsx_whole": [budget, offices.cells(2, 2)],
        "odt": [_part(offices.odt("<t:p>ИНН 01707201410029</t:p>" + table), "content.xml")],
        "rtf": rich,
        "image": [_picture("PNG")[7:], b"\xff" + _picture("JPEG")[3:]],
        "old_office": [offices.ole("circle")[8:], offices.ole("noise")[8:2_000]],
        "package": [
            offices.zipped({"a.txt": b"a", "in.zip": offices.zipped({"b.txt": b"b", "deep.zip": small})}),
            offices.archive("lying"),
        ],
    }
    if target == "signature":
        return [sign_apart(b"a"), sign_apart(b"a", inside=True)]
    if target == "pdf":
        known["pdf"].append(sign_pdf(page))
    whole = [page, small, budget, _picture("PNG"), _picture("JPEG"), offices.ole("noise")[:2_000], rb"{\rtf1 a}"]
    return known.get(target, [bytes([at]) + one for at, one in enumerate(whole)] if target == "anything" else told)
