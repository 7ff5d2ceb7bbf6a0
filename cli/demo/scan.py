"""Papers as a scanner or a telephone gives them: pictures without text, turned, grey, noisy. Always the same bytes."""

import random
from functools import cache
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from cli.demo import hands, printing
from cli.demo.wording import Block, Fields, Rows, Said, Sheet, Signed

_PAGE = (1240, 1754)  # A4 at 150 dots an inch
_KEPT = (1000, 1414)  # what the scanner keeps of it
_LEFT, _RIGHT, _TOP, _BOTTOM = 170, 1150, 110, 1640
_ORIENTATION = 0x0112
_TURNED = 6  # EXIF: the picture lies on its side and is to be shown turned by a quarter


class _Desk:
    """Sets words on pages, one line after another."""

    def __init__(self) -> None:
        self.pages: list[Image.Image] = []
        self._new()

    def _new(self) -> None:
        self.page = Image.new("RGB", _PAGE, "white")
        self.draw = ImageDraw.Draw(self.page)
        self.pages.append(self.page)
        self.y = _TOP

    def _room(self, height: int) -> None:
        if self.y + height > _BOTTOM:
            self._new()

    def words(self, text: str, *, bold: bool = False, size: int = 25, align: str = "left", indent: int = 0) -> None:
        font = hands.font("serif-bold" if bold else "serif", size)
        for part in text.replace("\t", "          ").split("\n"):
            line, first = "", True
            for word in [*part.split(" "), None]:
                trial = f"{line} {word}" if line else str(word)
                left = _LEFT + (indent if first else 0)
                if word is not None and self.draw.textlength(trial, font=font) <= _RIGHT - left:
                    line = trial
                    continue
                self._room(size + 10)
                width = self.draw.textlength(line, font=font)
                x = {"right": _RIGHT - width, "centre": (_LEFT + _RIGHT - width) / 2}.get(align, left)
                self.draw.text((x, self.y), line, font=font, fill=(30, 30, 34))
                self.y += size + 10
                line, first = word or "", False
        self.y += 10

    def table(self, rows: tuple[tuple[str, ...], ...]) -> None:
        for row in rows:
            self.words("  |  ".join(row), size=21)

    def signed(self, block: Signed) -> None:
        self._room(190)
        self.y += 50
        font = hands.font("serif", 25)
        self.draw.text((_LEFT, self.y), f"{block.label}:", font=font, fill=(30, 30, 34))
        self.draw.text((860, self.y), block.name, font=font, fill=(30, 30, 34))
        if block.by is None:
            self.draw.line((460, self.y + 30, 830, self.y + 30), fill=(60, 60, 60), width=2)
        else:
            picture = hands.signature(block.by, block.stamp)
            self.page.paste(picture, (430, self.y - 90), picture)
        self.y += 110

    def put(self, block: Block) -> None:
        match block:
            case Said(text, "title"):
                self.words(text, bold=True, size=30, align="centre")
            case Said(text, style):
                indent = 50 if style == "text" else 0
                self.words(text, bold=style == "head", align=style, indent=indent)
            case Fields(rows):
                for label, value in rows:
                    self.words(f"{label}: {value}")
            case Rows(header, rows):
                self.table((header, *rows))
            case Signed():
                self.signed(block)


def _set(sheet: Sheet) -> list[Image.Image]:
    desk = _Desk()
    for block in sheet:
        desk.put(block)
    return desk.pages


@cache
def _grain() -> Image.Image:
    """Noise of a cheap scanner, the same on each call."""
    chance = random.Random("grain")  # noqa: S311 — dust, not a secret
    raw = Image.frombytes("L", _KEPT, chance.randbytes(_KEPT[0] * _KEPT[1]))
    return raw.filter(ImageFilter.GaussianBlur(0.7)).point([(value - 128) // 6 + 128 for value in range(256)])


@cache
def _glass() -> Image.Image:
    """The lid does not lie flat: darker to one edge."""
    slope = Image.linear_gradient("L").rotate(90).resize(_KEPT)
    return slope.point([206 + value * 49 // 255 for value in range(256)])


def _scanned(page: Image.Image, seed: str) -> bytes:
    chance = random.Random(seed)  # noqa: S311 — a slant, not a secret
    grey = page.resize(_KEPT, Image.Resampling.BILINEAR).rotate(
        chance.choice((-1, 1)) * chance.uniform(0.5, 1.4),
        resample=Image.Resampling.BILINEAR,
        fillcolor=(238, 238, 236),
        translate=(chance.randint(-9, 9), chance.randint(-9, 9)),
    )
    shade = Image.merge("RGB", [_glass()] * 3)
    dusty = ImageChops.add(ImageChops.multiply(grey, shade), Image.merge("RGB", [_grain()] * 3), offset=-128)
    draw = ImageDraw.Draw(dusty)
    for _ in range(chance.randint(3, 9)):
        x, y, size = chance.randint(0, 990), chance.randint(0, 1400), chance.randint(1, 4)
        draw.ellipse((x, y, x + size, y + size), fill=(70, 70, 70))
    if chance.random() < 0.5:  # holes of the folder that it was taken from
        for y in (450, 960):
            draw.ellipse((27, y, 60, y + 33), fill=(150, 150, 150))
    out = BytesIO()
    dusty.save(out, "JPEG", quality=38)
    return out.getvalue()


@cache
def scan(sheet: Sheet) -> bytes:
    """A paper printed, signed, stamped and put on a scanner: a PDF of pictures."""
    pages = _set(sheet)
    return printing.pdf_of_pictures([_scanned(page, f"{sheet!r} {number}") for number, page in enumerate(pages)])


@cache
def photograph(sheet: Sheet) -> bytes:
    """The first page on a table, taken with a telephone held sideways: JPEG with an EXIF orientation."""
    chance = random.Random(repr(sheet))  # noqa: S311 — a slant, not a secret
    page = ImageOps.expand(_set(sheet)[0], border=2, fill=(190, 186, 176))
    view = (1500, 2000)
    table = Image.new("RGB", view, (121, 84, 52))
    draw = ImageDraw.Draw(table)
    for x in range(0, view[0], 7):
        tone = chance.randint(-14, 14)
        draw.line((x, 0, x + chance.randint(-30, 30), view[1]), fill=(121 + tone, 84 + tone, 52 + tone), width=6)
    corners = [(150 + chance.randint(0, 50), 130), (110, 1880), (1400, 1850 - chance.randint(0, 40)), (1340, 160)]
    away = _perspective(corners, page.size)
    laid = page.transform(view, Image.Transform.PERSPECTIVE, away, resample=Image.Resampling.BILINEAR)
    mask = Image.new("L", view, 0)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    faint = mask.resize((375, 500)).filter(ImageFilter.GaussianBlur(5)).point([value // 3 for value in range(256)])
    shadow = faint.resize(view)
    table.paste((30, 20, 12), (10, 14), shadow)
    table.paste(laid, (0, 0), mask)
    lamp = ImageOps.invert(Image.radial_gradient("L")).resize((3200, 3200)).crop((300, 200, 1800, 2200))
    warm = Image.merge(
        "RGB", [lamp.point([min(255, 95 + value * gain // 255) for value in range(256)]) for gain in (196, 186, 160)]
    )
    lit = ImageChops.multiply(table, warm)
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURNED
    exif[0x010F], exif[0x0110], exif[0x0132] = "Xiaomi", "Redmi 4X", "2018:07:25 18:41:07"
    out = BytesIO()
    # stored lying on its side, as the sensor saw it; a viewer that heeds the mark turns it back
    lit.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=62, exif=exif)
    return out.getvalue()


def _perspective(corners: list[tuple[int, int]], size: tuple[int, int]) -> list[float]:
    """Coefficients that carry a point of the view back to the page (Pillow's PERSPECTIVE), by Gauss's elimination."""
    width, height = size
    page = [(0, 0), (0, height), (width, height), (width, 0)]
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, page, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        pivot = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(8):
            if other != at and rows[other][at]:
                factor = rows[other][at]
                rows[other] = [value - factor * base for value, base in zip(rows[other], rows[at], strict=True)]
    return [row[8] for row in rows]
