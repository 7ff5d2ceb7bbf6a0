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

REPORT = (
    "Договор\tBATKEN-2018-1/1\nПериод\t2\nОстаток на начало периода\t7 000,00\nПоступило\t20000\nОстаток на конец\t9100\n"
    "Статья\tПлан\tФакт\tОстаток\nЗарплата\t9000\t9000.5\t-0.5\nТранспорт\t3 000,00\t3100\t\nИтого\t12000\t12100.5\n"
)
REGISTER = (
    "Чектин №\tКүнү\tКимге төлөндү\tСметанын сабы\tСуммасы\n2-1\t31.01.2019\tАк-Соода\tАйлык\t4000\n"
    "\t2019-02-30\t\tАйлык\t1e400\nБардыгы\t\t\t\t4000\n"
)
INDICATORS = "Indicator\tBaseline\tTarget\tReached\nFamilies\t10\t100\t70\nMeetings\t-1\t0\t1 000 000\n"
STEPS = "Этап\tДата по плану\tДата выполнения\nОбучение\t01.02.2019\t30.01.2019\nРейд\t31.03.2019\t\n"
REMARKS = "отчёт.xlsx\tsheet Чеки, F5\t2-1\t2019-01-01\n\tpage 3\t=1+1\nа.docx\ttable 2, row 7\tСемьи\t5\n"
_TAKEN = b"II*\0\x08\0\0\0\x01\0\x32\x01\x02\0\x14\0\0\0\x1a\0\0\0\0\0\0\0" + b"2019:02:28 12:00:00\0"


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
        "report_tables": [one.encode() for one in (REPORT, REGISTER, INDICATORS, STEPS, REPORT + REGISTER)],
        "report_print": [one.replace("\t", ": ").encode() for one in (REPORT, REGISTER + "\f" + REPORT, INDICATORS)],
        "camera": [_TAKEN, b"MM\0*\0\0\0\x08\0\0"],
        "fault_table": [REMARKS.encode(), REMARKS.replace("\t", "\t\0").encode()],
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
