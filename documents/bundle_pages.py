"""The pages of a bundle that Ashar draws itself: cover, contents, pictures, reasons, findings, stamps.

They repeat exactly, for they have neither dates nor random names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageOps
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Spacer

from documents.typeset import GREY, RULE, built, faces, said, shortened, style, table
from documents.words import Language, figures

LINES_PER_SHEET: Final = 34
_LINE: Final = 7 * mm
_TOP: Final = A4[1] - 42 * mm
_LEFT: Final = 22 * mm
_RIGHT: Final = A4[0] - 18 * mm

PIXELS_AT_MOST: Final = 80_000_000
_SHARP: Final = (2480, 3508)  # A4 at 300 dots per inch


@dataclass(frozen=True)
class Said:
    """What the drawn pages say in one language."""

    cover: str
    contents: str
    findings: str
    none: str
    file: str
    size: str
    page: str
    attached: str
    no_view: str
    locked: str
    too_long: str
    empty: str
    broken: str


SAID: Final[dict[Language, Said]] = {
    "ky": Said(
        cover="Мукаба",
        contents="Мазмуну",
        findings="Табылган кемчиликтер",
        none="Кемчилик табылган жок.",
        file="Файл",
        size="байт",
        page="Барак",
        attached="Файлдын түп нускасы ушул PDF-ке тиркелген.",
        no_view="Бул түрдөгү файлды барак катары көрсөтүүгө болбойт.",
        locked="Файл сырсөз менен корголгон.",
        too_long="Файлда {count} барак бар, бул өтө көп.",
        empty="Файлда бир да барак жок.",
        broken="Файл бузулган же аны окууга мүмкүн эмес.",
    ),
    "ru": Said(
        cover="Обложка",
        contents="Содержание",
        findings="Найденные недостатки",
        none="Недостатков не найдено.",
        file="Файл",
        size="байт",
        page="Стр.",
        attached="Подлинник файла приложен к этому PDF.",
        no_view="Файл этого вида нельзя показать как страницы.",
        locked="Файл защищён паролем.",
        too_long="В файле {count} стр., это слишком много.",
        empty="В файле нет ни одной страницы.",
        broken="Файл повреждён или не читается.",
    ),
    "en": Said(
        cover="Cover",
        contents="Contents",
        findings="Findings",
        none="Nothing was found wrong.",
        file="File",
        size="bytes",
        page="Page",
        attached="The file itself is attached to this PDF.",
        no_view="A file of this kind cannot be shown as pages.",
        locked="The file is protected by a password.",
        too_long="The file has {count} pages, which is too many.",
        empty="The file has no page.",
        broken="The file is damaged or cannot be read.",
    ),
}


def cover(
    title: str,
    number: str,
    rows: Sequence[tuple[str, str]],
    files: Sequence[tuple[str, str, int, str]],
    language: Language,
) -> bytes:
    """Title, number, what is known of the receipt, and every file with its size and digest."""
    say = SAID[language]
    story: list[Any] = [
        Spacer(1, 16 * mm),
        said(title, style(18, bold=True, after=6, align=1)),
        said(number, style(14, bold=True, after=24, align=1)),
    ]
    if rows:
        facts = [[said(label, style(9.5, bold=True)), said(value, style(9.5))] for label, value in rows]
        story += [table(facts, (52, 118), head=False), Spacer(1, 8 * mm)]
    small, head = style(8.5), style(8.5, bold=True)
    listed: list[list[Any]] = [[said(text, head) for text in ("№", say.file, say.size, "SHA-256")]]
    for at, (label, name, size, sha256) in enumerate(files, 1):
        listed.append(
            [
                said(str(at), small),
                [said(label, style(8.5, bold=True, after=0)), said(name, style(8.5, breaks=True))],
                said(figures(size, language), style(8.5, align=2)),
                said(sha256, style(7.5, breaks=True)),
            ]
        )
    return built([*story, table(listed, (10, 78, 24, 58), head=True)])


def contents(entries: Sequence[tuple[str, str, int]], language: Language) -> bytes:
    """One line each: label, name (shortened to fit; the cover has it in full), page."""
    plain, bold = faces()
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for first in range(0, max(len(entries), 1), LINES_PER_SHEET):
        canvas.setFont(bold, 14)
        canvas.drawString(_LEFT, A4[1] - 30 * mm, SAID[language].contents)
        for at, (label, name, page) in enumerate(entries[first : first + LINES_PER_SHEET]):
            y = _TOP - at * _LINE
            canvas.setFont(plain, 10)
            text = shortened(f"{label}   {name}".strip(), plain, 10, _RIGHT - _LEFT - 16 * mm)
            canvas.drawString(_LEFT, y, text)
            canvas.drawRightString(_RIGHT, y, str(page))
            canvas.setStrokeColor(RULE)
            canvas.setDash(0.5, 2)
            canvas.line(_LEFT + pdfmetrics.stringWidth(text, plain, 10) + 3, y, _RIGHT - 10 * mm, y)
            canvas.setDash()
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def contents_line(at: int) -> tuple[int, tuple[float, float, float, float]]:
    """Which contents page a line stands on, and its rectangle there."""
    sheet, line = divmod(at, LINES_PER_SHEET)
    y = _TOP - line * _LINE
    return sheet, (_LEFT, y - 2 * mm, _RIGHT, y + 4 * mm)


def apology(label: str, name: str, why: str, language: Language) -> bytes:
    """A page in place of a file that cannot be shown."""
    return built(
        [
            Spacer(1, 60 * mm),
            said(label, style(13, bold=True, after=6, align=1)),
            said(name, style(11, after=18, align=1, breaks=True)),
            said(why, style(12, after=8, align=1)),
            said(SAID[language].attached, style(10, align=1)),
        ]
    )


def findings(found: Sequence[tuple[str, str, str]], language: Language) -> bytes:
    """Every finding with its file; a sentence when there is none."""
    say = SAID[language]
    story: list[Any] = [said(say.findings, style(14, bold=True, after=10))]
    if not found:
        return built([*story, said(say.none, style(11))])
    head, small = style(9, bold=True), style(9)
    rows: list[list[Any]] = [[said(text, head) for text in ("№", say.file, say.findings)]]
    for at, (label, name, sentence) in enumerate(found, 1):
        file = [said(label, style(9, bold=True, after=0)), said(name, style(8.5, breaks=True))]
        rows.append([said(str(at), small), file, said(sentence, small)])
    return built([*story, table(rows, (10, 62, 98), head=True)])


def picture(content: bytes) -> bytes:
    """A photo on an A4 page, turned as the camera says. ValueError or what the decoder raises when it is not readable."""
    with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as opened:
        if opened.width * opened.height > PIXELS_AT_MOST:
            raise ValueError("more pixels than are drawn")
        opened.draft("RGB", _SHARP)
        turned = ImageOps.exif_transpose(opened)
        upright = turned.height >= turned.width
        turned.thumbnail(_SHARP if upright else (_SHARP[1], _SHARP[0]))
        flat = Image.new("RGB", turned.size, "white")
        with_alpha = turned.convert("RGBA")
        flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
    packed = BytesIO()
    flat.save(packed, "JPEG", quality=85)
    packed.seek(0)
    width, height = A4 if upright else A4[::-1]
    room = width - 20 * mm, height - 28 * mm
    scale = min(room[0] / flat.width, room[1] / flat.height)
    size = flat.width * scale, flat.height * scale
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1)
    canvas.drawImage(ImageReader(packed), (width - size[0]) / 2, 16 * mm + (room[1] - size[1]) / 2, *size)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def stamps(wanted: Sequence[tuple[float, float, str, str]]) -> bytes:
    """One transparent page per (width, height, number, label): a line along the foot, on white so that it is readable."""
    plain, _ = faces()
    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    for width, height, number, label in wanted:
        canvas.setPageSize((width, height))
        size = max(5.0, min(8.0, width / 60))
        right = pdfmetrics.stringWidth(number, plain, size)
        text = shortened(label, plain, size, max(width - right - 5 * size, 0))
        left = pdfmetrics.stringWidth(text, plain, size)
        canvas.setFillColorRGB(1, 1, 1)
        for x, length in ((1.5 * size, left), (width - 2.5 * size - right, right)):
            if length:
                canvas.rect(x, 0.6 * size, length + size, 1.5 * size, stroke=0, fill=1)
        canvas.setFillColor(GREY)
        canvas.setFont(plain, size)
        canvas.drawString(2 * size, size, text)
        canvas.drawRightString(width - 2 * size, size, number)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
