"""A text as a sketch: enough to know a copy again, not enough to read it. Runs inside the sandbox.

Shingles and lowest hashes after Broder, "On the resemblance and containment of documents" (1997). Case, signs, figures
and look-alike letters do not count, so that changing those hides no copy; what our own blank forms say is nobody's.
"""

import base64
import re
import struct
import unicodedata
import zlib
from functools import cache
from pathlib import Path

from documents import word
from documents.content import Content, data
from schemas.facts import SKETCH, Kind, Sketch

KINDS = frozenset({Kind.PROJECT, Kind.PLAN})  # what an applicant has to have thought of himself
TOGETHER = 5  # words of a shingle
_LETTERS = 1_000_000  # of one text: some 500 full pages
_WORD = re.compile(r"[^\W\d_]+")
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# Wider than `letters.loose`: a word all in Latin letters may stand for a Cyrillic one. What an English text becomes is
# no word any more, and still the same for a copy.
_ONE_FOR = (
    *((sign, "") for sign in _INVISIBLE),
    *zip("aceopxykmhtbniuö", "асеорхукмнтвпиуо", strict=True),
    *zip("ңөүӊӈҥқҡҝғґұҕәһіӣӱӧҩѳё", "ноунннкккггугахииуооое", strict=True),
)
_WIDE = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15  # odd, its bits as good as random
_LEAVES = pow(_STEP, TOGETHER + 1, 1 << 64)


def _words(text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text[:_LETTERS]).casefold()
    for sign, plain in _ONE_FOR:
        if sign in text:
            text = text.replace(sign, plain)
    return _WORD.findall(text)


def shingles(text: str) -> set[int]:
    """Hashes, under 2^32, of every five words in a row; the same on every machine and in every run.

    Codes of words are linear in their bits; rolled up in 64 bits, of which the upper half is kept, the sums are not.
    """
    codes = [zlib.crc32(one) for one in " ".join(_words(text)).encode().split(b" ")]
    rolled, found = 0, list[int]()
    for code, sixth in zip(codes, (*[0] * TOGETHER, *codes), strict=False):
        rolled = ((rolled + code) * _STEP - sixth * _LEAVES) & _WIDE
        found.append(rolled >> 32)
    return set(found[TOGETHER - 1 :])


def sketch(content: Content) -> Sketch:
    """The sketch of a file's text, without what our own blank forms say."""
    found = shingles(content.text()).difference(_blanks())
    lowest = sorted(found)[:SKETCH]
    return Sketch(of=len(found), hashes=base64.b64encode(struct.pack(f">{len(lowest)}I", *lowest)).decode("ascii"))


@cache
def _blanks() -> frozenset[int]:
    """What our own blank forms of these kinds say, in any language."""
    forms = [name for name, told in data("labels.toml")["form"].items() if Kind(told["kind"]) in KINDS]
    folder = Path(__file__).parent / "templates"
    texts = (word.read(path).text() for name in sorted(forms) for path in sorted(folder.glob(f"{name}-*.docx")))
    return frozenset(hash_ for text in texts for hash_ in shingles(text))
