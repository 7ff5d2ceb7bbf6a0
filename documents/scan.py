"""Scans: a page as a plain grey picture for text recognition, and what was recognised as facts. Runs inside the sandbox."""

import base64
import io
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageFilter, ImageOps
from pydantic import BaseModel

from documents import facts, inspect, letters, recognise, sketch
from documents.content import Content, Passage
from schemas.facts import Facts, Media, Picture, Value

DPI = 200  # 300 costs a fifth more time and reads no better (findings: documents, 4)
_LONGEST = 3_300  # pixels of the longer side
_SHADE = 16  # pixels on a side over which light is taken as even
_PIXELS = 200_000_000


class Line(BaseModel):
    """A recognised line; confidence of its least sure word in per cent."""

    text: str
    confidence: int


class Page(BaseModel):
    """A recognised page: its number from one, lines, the mean confidence of its words, and how it lay."""

    number: int
    lines: list[Line] = []
    confidence: int = 0
    turned: bool = False

    @property
    def words(self) -> int:
        return sum(len(line.text.split()) for line in self.lines)


class Recognised(BaseModel):
    """What text recognition made of the pages that were looked at."""

    pages: list[Page]
    of: int  # pages of the whole file


def picture(path: Path, name: str, number: int, *, file_limit: int) -> Picture:
    """Page `number` (from one) of a PDF, or the photograph itself, upright where the camera noted how it was held."""
    media = inspect.look(path, name, file_limit=file_limit).media
    if media is Media.PDF:
        with pypdfium2.PdfDocument(str(path)) as document:
            page = document[number - 1]
            scale = min(DPI / 72, _LONGEST / max(page.get_size()))
            drawn = page.render(scale=scale, grayscale=True)  # pyright: ignore[reportArgumentType] -- any scale will do
            return _as_png(drawn.to_pil(), len(document))
    Image.MAX_IMAGE_PIXELS = _PIXELS
    with Image.open(path) as photograph:
        if photograph.width * photograph.height > _PIXELS:
            raise MemoryError
        photograph.draft("L", (_LONGEST, _LONGEST))
        upright = ImageOps.exif_transpose(photograph)
        upright.thumbnail((_LONGEST, _LONGEST))
        return _as_png(upright, 1)


def _as_png(image: Image.Image, pages: int) -> Picture:
    grey = ImageOps.autocontrast(_evenly_lit(image.convert("L")), cutoff=(1, 10))
    buffer = io.BytesIO()
    grey.save(buffer, "PNG", compress_level=1)
    return Picture(png=base64.b64encode(buffer.getvalue()).decode(), pages=pages)


def _evenly_lit(grey: Image.Image) -> Image.Image:
    """Without the shades of a lamp, a fold or the scanner's lid: on a grey slope tesseract finds no page at all."""
    small = (max(1, grey.width // _SHADE), max(1, grey.height // _SHADE))
    light = (
        grey.resize(small, Image.Resampling.BOX).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(2))
    )
    return ImageChops.invert(ImageChops.subtract(light.resize(grey.size, Image.Resampling.BILINEAR), grey))


def understand(path: Path, name: str) -> Facts:
    """Facts of recognised text, which lies as JSON in the file. No value is surer than the line it stands in."""
    told = Recognised.model_validate_json(path.read_bytes())
    passages = [
        Passage("\n".join(line.text for line in page.lines), f"page {page.number}") for page in told.pages if page.lines
    ]
    content = Content(passages=passages, pages=told.of)
    found = Facts(pages=told.of, language=letters.language(content.text(letters.TELLS)), recognised=len(told.pages))
    found.kind, found.kind_confidence = recognise.kind_of(content, name)
    facts.fill(found, content)
    found.sketch = sketch.sketch(content) if found.kind in sketch.KINDS else None
    lines = [line for page in told.pages for line in page.lines]
    sure = max((page.confidence for page in told.pages), default=0)
    found.values = {key: _capped(value, lines, sure) for key, value in found.values.items()}
    return found


def _capped(value: Value, lines: list[Line], otherwise: int) -> Value:
    """Recognised words are as sure as their line: a date by its year, anything else by its first word."""
    text = str(value.value)
    wanted = text[:4] if isinstance(value.value, str) and text[4:5] == "-" else text.split(" ", maxsplit=1)[0]
    standing = [line.confidence for line in lines if wanted and wanted in line.text]
    return value.model_copy(update={"confidence": min(value.confidence, max(standing, default=otherwise))})
