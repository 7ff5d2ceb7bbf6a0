"""Text recognition: tesseract, Kyrgyz before Russian (findings: documents, 4), then English where these make no sense of a page.

It is shown pictures of our own making only.

The stranger's file is decoded in the sandbox; what leaves it is a page of grey pixels. One processor each, low priority.
"""

import base64
import contextlib
import io
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from documents.sandbox import Reader
from documents.scan import DPI, Line, Page, Recognised
from schemas.facts import Facts, Fault, Kind

LANGUAGES: Final = ("kir", "rus")
ENGLISH: Final = ("eng",)
# mean confidence of words under which its letters may be Latin: Cyrillic ones give 89 to 95, English ones 52 to 65
SURE_LETTERS: Final = 80
SURE_PAGE: Final = 65  # mean confidence of words, in per cent, under which a page may be lying on its side
LEGIBLE: Final = 55  # … and under which, upright, nobody can rely on it
FEW_WORDS: Final = 6
PAGES: Final = 10  # pages of one file that are recognised
PAGES_OF_CERTIFICATE: Final = 2  # what counts in a certificate stands on its first page
_SECONDS: Final = 120
_CPU_SECONDS: Final = 60
_MEMORY: Final = 1_500_000_000
_CERTIFICATES: Final = (
    *(Kind.REGISTRATION, Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE, Kind.HEAD_APPOINTMENT, Kind.LICENCE),
    Kind.BANK_DETAILS,
)
_TURN = re.compile(r"Rotate: (\d+).*?Orientation confidence: ([\d.]+)", re.DOTALL)
_TURN_SURE: Final = 1.0
_LONG_WORD: Final = 4  # letters from which on an upright word is wider than tall


def available() -> bool:
    """Whether tesseract is installed here with both languages."""
    if shutil.which("tesseract") is None:
        return False
    told = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout.split()
    return set(LANGUAGES) <= set(told)


def recognise(reader: Reader, path: Path, name: str, before: Facts) -> Facts:
    """What stands on a scan. The facts that inspection found stay, but for the words it could not read.

    Faults: TURNED where a page lay on its side, ILLEGIBLE where most of what was looked at cannot be relied on.
    """
    most = PAGES_OF_CERTIFICATE if before.kind in _CERTIFICATES else PAGES
    count = min(before.pages or 1, most)
    pages: list[Page] = []
    for number in range(1, count + 1):
        shown = reader.picture(path, name, number)
        if not shown.png:
            break  # what stopped the picture stopped the reading before it
        pages.append(_page(base64.b64decode(shown.png), number))
    if not pages:
        return before
    legible = [page for page in pages if page.confidence >= LEGIBLE and page.words >= FEW_WORDS]
    lost = {Fault.NO_TEXT, Fault.BAD_TEXT} if legible else set[Fault]()
    faults = [fault for fault in before.faults if fault not in lost]
    if any(page.turned for page in pages):
        faults.append(Fault.TURNED)
    if len(legible) * 2 < len([page for page in pages if page.words]) or not legible:
        faults.append(Fault.ILLEGIBLE)
    told = Recognised(pages=legible, of=before.pages or len(pages))
    with tempfile.TemporaryDirectory() as room:
        lines = Path(room) / "lines.json"
        lines.write_text(told.model_dump_json(), encoding="utf-8")
        read = reader.understand(lines, name)
    kind = {} if read.kind_confidence <= before.kind_confidence else {"kind": read.kind}
    kind |= {"kind_confidence": max(read.kind_confidence, before.kind_confidence)}
    kept = {
        "media": before.media,
        "faults": faults,
        "pages": before.pages,
        "signed": before.signed,
        "signatures": before.signatures,
        "kind": before.kind,
    }
    return read.model_copy(update={**kept, **kind, "text_layer": False, "scanned": before.scanned})


def _page(png: bytes, number: int) -> Page:
    page = _by_letters(png, number)
    if page.confidence >= SURE_PAGE and page.words >= FEW_WORDS and not page.turned:
        return page
    turn = _turn(png)
    if not turn:
        return page
    with Image.open(io.BytesIO(png)) as image:
        buffer = io.BytesIO()
        image.rotate(-turn, expand=True).save(buffer, "PNG", compress_level=1)
    upright = _by_letters(buffer.getvalue(), number)
    better = upright.confidence > page.confidence or (page.turned and upright.confidence >= SURE_PAGE)
    return upright.model_copy(update={"turned": True}) if better else page


def _by_letters(png: bytes, number: int) -> Page:
    """The page in Cyrillic letters, or in Latin ones where it is surer of these."""
    page = _words(png, number, LANGUAGES)
    if page.confidence >= SURE_LETTERS or page.words < FEW_WORDS:
        return page
    english = _words(png, number, ENGLISH)
    return english if english.confidence > page.confidence else page


def _words(png: bytes, number: int, languages: Sequence[str]) -> Page:
    """Lines in the order of reading, with how sure each is.

    A page on its side is read in one of its two directions without a turn, but not well: its words stand taller than wide.
    """
    told = _tesseract(png, "--psm", "3", "--dpi", str(DPI), "-l", "+".join(languages), "tsv")
    lines: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    tall = wide = 0
    for place, (width, height), confidence, word in _rows(told):
        lines.setdefault(place, []).append((word, confidence))
        if len(word) >= _LONG_WORD:
            tall, wide = tall + (height > width), wide + (height <= width)
    words = [pair for line in lines.values() for pair in line]
    letters = sum(len(word) for word, _ in words)
    mean = sum(len(word) * confidence for word, confidence in words) / letters if letters else 0
    return Page(
        number=number,
        lines=[
            Line(text=" ".join(word for word, _ in line), confidence=int(min(confidence for _, confidence in line)))
            for line in lines.values()
        ],
        confidence=int(mean),
        turned=tall > wide,
    )


def _rows(told: str) -> Iterator[tuple[tuple[str, ...], tuple[int, int], float, str]]:
    """Of each word: its line, width and height in pixels, how sure it is, itself."""
    for row in told.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == 12 and cells[0] == "5" and cells[11].strip():
            yield tuple(cells[1:5]), (int(cells[8]), int(cells[9])), float(cells[10]), cells[11].strip()


def _turn(png: bytes) -> int:
    """By how many degrees clockwise the page must be turned to be upright; 0 where that is not plain."""
    found = _TURN.search(_tesseract(png, "--psm", "0", "--dpi", str(DPI), "-l", "osd"))
    return int(found[1]) if found and float(found[2]) >= _TURN_SURE else 0


def _tesseract(png: bytes, *options: str) -> str:
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
    with subprocess.Popen(
        ["nice", "-n", "10", "tesseract", "stdin", "stdout", *options],
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        for limit, value in ((resource.RLIMIT_CPU, _CPU_SECONDS), (resource.RLIMIT_AS, _MEMORY)):
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process.pid, limit, (value, value))
        try:
            told, _ = process.communicate(png, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            told = b""
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return told.decode("utf-8", "replace")
