"""Files that something is wrong with, and honest ones that look alike: one label for each fault of a file."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from importlib.resources import files as resources

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from cli.demo import printing
from cli.demo.archives import zipped
from cli.demo.wording import Said
from documents import forms
from schemas.facts import Fault
from tests.documents.hostile import offices
from tests.quality.labelled import File
from tests.quality.whole import plain_word

FILE_LIMIT = 3_000_000  # bytes, of the reader that reads the set
_SAID = ("Таза көчө үчүн долбоор жана анын максаты тууралуу маалымат", "Бул жерде экинчи сап да бар, үчүнчүсү да бар")
_LINK = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="http://x.kg/t.dotm" '
    b'TargetMode="External"/></Relationships>'
)
_BODY, _SETTINGS = "word/document.xml", "word/_rels/settings.xml.rels"


def _docx() -> bytes:
    return plain_word(*_SAID)


def _pdf(password: str = "") -> bytes:
    return printing.pdf(tuple(Said(one) for one in _SAID), password=password)


def locked() -> bytes:
    """A PDF that asks for a password."""
    return _pdf("batken2018")


def _part_of(whole: bytes, percent: int) -> bytes:
    return whole[: len(whole) * percent // 100]


def cut() -> bytes:
    """The first part of a Word file."""
    return _part_of(_docx(), 40)


def _with(name: str, content: bytes) -> bytes:
    """The Word file with this part more, or instead."""
    with zipfile.ZipFile(io.BytesIO(_docx())) as archive:
        kept = [(one, archive.read(one)) for one in archive.namelist() if one != name]
    return zipped([*kept, (name, content)])


def _tracked() -> bytes:
    with zipfile.ZipFile(io.BytesIO(_docx())) as archive:
        body = archive.read(_BODY)
    inserted = b'<w:p><w:ins w:id="1" w:author="a"><w:r><w:t>new</w:t></w:r></w:ins></w:p><w:p>'
    return _with(_BODY, body.replace(b"<w:p>", inserted, 1))


def _acting(act: Callable[[PdfWriter], object]) -> bytes:
    out = io.BytesIO()
    written = PdfWriter(PdfReader(io.BytesIO(_pdf())))
    act(written)
    written.write(out)
    return out.getvalue()


def _script(written: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    written.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def _dynamic(written: PdfWriter) -> None:
    form = DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>"), NameObject("/Fields"): ArrayObject()})
    written.root_object[NameObject("/AcroForm")] = form


def _of_pages(count: int, *, printing_forbidden: bool = False) -> bytes:
    out = io.BytesIO()
    locked = StandardEncryption("", "owner", canPrint=0, strength=40) if printing_forbidden else None
    canvas = Canvas(out, invariant=1, encrypt=locked)
    for page in range(count):
        canvas.drawString(60, 780, f"page {page} of a long report about streets and waste containers here")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _glyphs() -> bytes:
    """Words as fonts with glyphs numbered anew give them."""
    chance = random.Random("glyphs")
    said = ["".join(chance.choice("Mhegucdh^_kAБ]\\[Zжш") for _ in range(8)) for _ in range(80)]
    return printing.pdf((Said(" ".join(said)),))


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    small = Image.frombytes("RGB", (60, 80), random.Random("picture").randbytes(60 * 80 * 3))
    small.resize((600, 800), Image.Resampling.BILINEAR).save(out, kind)
    return out.getvalue()


def _ole(*streams: str) -> bytes:
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + directory).ljust(4096, b"\0")


def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def _entities() -> bytes:
    levels = b"".join(b'<!ENTITY e%d "%s">' % (at, b"&e%d;" % (at - 1) * 10) for at in range(1, 10))
    return _with(_BODY, b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "lol">' + levels + b"]><d>&e9;</d>")


def _book() -> bytes:
    return forms.blank("budget", "ru")


def _old_plan() -> bytes:
    return resources("cli.demo").joinpath("material", "plan.doc").read_bytes()


_F = Fault
_BROKEN = (_F.TRUNCATED, _F.DAMAGED)
_LINE = b"a b c d\n"
_MADE: tuple[tuple[str, Callable[[], bytes], tuple[Fault, ...], str], ...] = (
    ("honest.docx", _docx, (), "a Word file of two paragraphs"),
    ("honest.pdf", _pdf, (), "a PDF of two paragraphs"),
    ("honest.xlsx", _book, (), "the empty budget form"),
    ("honest.txt", lambda: "\n".join(_SAID).encode(), (), "two lines"),
    ("honest old.txt", lambda: "Привет из прошлого века".encode("cp1251"), (), "a line in the code page 1251"),
    ("not printable.pdf", lambda: _of_pages(1, printing_forbidden=True), (), "opens without a password, printing forbidden"),
    ("web address.docx", lambda: _with(_SETTINGS, _LINK % b"hyperlink"), (), "a web address to click on"),
    ("two hundred pages.pdf", lambda: _of_pages(200), (), "200 pages"),
    ("three hundred pages.pdf", lambda: _of_pages(300), (), "300 pages, the most that are read"),
    ("HONEST.PDF", _pdf, (), "the name in capitals"),
    ("no suffix", _docx, (), "a name without a suffix"),
    ("just small enough.txt", lambda: _LINE * (FILE_LIMIT // 8), (), "exactly as large as the limit"),
    ("empty.docx", lambda: b"", (_F.EMPTY,), "no bytes"),
    ("empty.pdf", lambda: b"", (_F.EMPTY,), "no bytes"),
    ("zeroes.pdf", lambda: bytes(2000), (_F.EMPTY,), "zeroes only"),
    ("blank.txt", lambda: b"  \n\n", (_F.EMPTY,), "spaces only"),
    ("setup.exe", lambda: b"MZ\x90\0" + _noise(3000), (_F.PROGRAM,), "a program"),
    ("clip.mp4", lambda: b"\0\0\0\x18ftypmp42" + _noise(3000), (_F.UNKNOWN_TYPE,), "a film"),
    ("site.html", lambda: b"<!DOCTYPE html><html><body>x</body></html>", (_F.UNKNOWN_TYPE,), "a web page"),
    ("is word.pdf", _docx, (_F.WRONG_NAME,), "a Word file called a PDF"),
    ("is pdf.docx", _pdf, (_F.WRONG_NAME,), "a PDF called a Word file"),
    ("is picture.pdf", lambda: _picture("JPEG"), (_F.WRONG_NAME, _F.NO_TEXT), "a photograph called a PDF"),
    ("is book.docx", _book, (_F.WRONG_NAME,), "a workbook called a Word file"),
    ("locked.pdf", locked, (_F.ENCRYPTED,), "asks for a password"),
    ("locked.docx", lambda: _ole("EncryptionInfo", "EncryptedPackage"), (_F.ENCRYPTED,), "Word under a password"),
    ("locked.xlsx", lambda: _ole("EncryptionInfo", "EncryptedPackage"), (_F.ENCRYPTED,), "Excel under a password"),
    ("text.pdf", lambda: "\n".join(_SAID).encode(), (_F.DAMAGED,), "text called a PDF"),
    ("noise.pdf", lambda: b"%PDF-1.5\n" + _noise(4000) + b"\n%%EOF", (_F.DAMAGED,), "a PDF of noise"),
    ("bad part.docx", lambda: _with(_BODY, b"<w:document><w:p>"), (_F.DAMAGED,), "its XML breaks off"),
    ("entities.docx", _entities, (_F.DAMAGED,), "an entity bomb"),
    ("cut at 40.docx", cut, _BROKEN, "the first 40 per cent"),
    ("cut at 90.docx", lambda: _part_of(_docx(), 90), _BROKEN, "the first 90 per cent"),
    ("cut at 60.xlsx", lambda: _part_of(_book(), 60), _BROKEN, "the first 60 per cent"),
    ("cut at 50.jpg", lambda: _part_of(_picture("JPEG"), 50), _BROKEN, "the first half of a photograph"),
    ("cut at 50.png", lambda: _part_of(_picture("PNG"), 50), _BROKEN, "the first half of a picture"),
    ("large.txt", lambda: _LINE * (FILE_LIMIT // 8 + 1), (_F.TOO_LARGE,), "eight bytes above the limit"),
    ("many pages.pdf", lambda: _of_pages(301), (_F.TOO_MANY_PAGES,), "301 pages"),
    ("many rows.xlsx", lambda: offices.cells(5_001, 1), (_F.ROWS_CUT,), "5,001 rows"),
    ("script.pdf", lambda: _acting(_script), (_F.ACTIVE_CONTENT,), "a script that starts by itself"),
    ("file in it.pdf", lambda: _acting(lambda one: one.add_attachment("x.exe", b"MZ")), (_F.ACTIVE_CONTENT,), "a program in it"),
    ("dynamic form.pdf", lambda: _acting(_dynamic), (_F.XFA,), "a form that only one program shows"),
    ("object.docx", lambda: _with("word/embeddings/oleObject1.bin", b"x"), (_F.ACTIVE_CONTENT,), "another program's object"),
    ("macro.docm", lambda: _with("word/vbaProject.bin", b"x"), (_F.MACROS,), "macros"),
    ("macro.docx", lambda: _with("word/vbaProject.bin", b"x"), (_F.MACROS,), "macros under an honest name"),
    ("template.docx", lambda: _with(_SETTINGS, _LINK % b"attachedTemplate"), (_F.EXTERNAL_LINKS,), "a template from outside"),
    ("picture.docx", lambda: _with(_SETTINGS, _LINK % b"image"), (_F.EXTERNAL_LINKS,), "a picture from outside"),
    ("tracked.docx", _tracked, (_F.TRACKED_CHANGES,), "an insertion that nobody accepted"),
    ("swells.docx", lambda: _with("word/media/a.bin", bytes(60_000_000)), (_F.UNSAFE_ARCHIVE,), "swells 1000-fold"),
    ("inner.zip", lambda: zipped([("a.txt", b"a")]), (_F.UNSAFE_ARCHIVE,), "an archive that lies too deep"),
    ("plan.doc", _old_plan, (_F.LEGACY,), "saved by an old Word"),
    ("picture.jpg", lambda: _picture("JPEG"), (_F.NO_TEXT,), "a photograph of nothing"),
    ("picture.png", lambda: _picture("PNG"), (_F.NO_TEXT,), "a picture of nothing"),
    ("pictures.pdf", lambda: printing.pdf_of_pictures([_picture("JPEG")]), (_F.NO_TEXT,), "a PDF of one picture"),
    ("glyphs.pdf", _glyphs, (_F.BAD_TEXT,), "a text layer whose glyphs were numbered anew"),
)  # fmt: skip


def spoilt() -> Iterator[File]:
    """Each file with the faults that an inspector must tell, and no others; no text is recognised in them."""
    for name, make, faults, recipe in _MADE:
        yield File(
            name=name,
            make=make,
            kind=None,
            language="",
            medium=name.rpartition(".")[2].lower() if "." in name else "none",
            wording="none",
            recipe=recipe,
            faults=frozenset(faults),
        )
