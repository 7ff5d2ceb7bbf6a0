"""When two writings mean the same: names, numbers, places, surnames. For comparing only; the original stays."""

import re
import unicodedata
from difflib import SequenceMatcher
from itertools import pairwise

from schemas.oldletters import decoded, modern

# letters that look alike in both alphabets, and look-alikes that old files carry for Kyrgyz letters
_ALIKE = str.maketrans("авекмнорстухіәѳұқғӊһ", "abekmhopctyxiөөүkгңh")
_CYRILLIC = re.compile(r"[\u0400-\u052f\u03bc]+")  # with the sign of micro, which old fonts drew as ө
_CLOSE = 0.86  # of a typing slip in a name; not a value of the law
_QUOTED = re.compile(r"[«“„\"]([^«»“”„\"]+)[»”“\"]")
_FEMININE = ("ова", "ева", "ёва", "ина", "ына")
_CHILD = ("уулу", "кызы")
_SURNAMES = tuple(map(re.compile, (r"(?:ов|ев|ёв|ова|ева|ёва|ский|ская)$", r"(?:ин|ын|ина|ына)$")))
_SHORTEST = 7  # digits of a telephone number that tell it apart


def plain(text: str) -> str:
    """Letters and digits, one space between words, lower case; letters of old fonts as those of today."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", decoded(text)).casefold())
    return " ".join(modern(word) if _CYRILLIC.fullmatch(word) else word for word in words)


def number(text: str) -> str:
    """A number or code without spaces and signs; look-alike letters of both alphabets are one."""
    return plain(text).replace(" ", "").replace("_", "").translate(_ALIKE)


def name(text: str) -> str:
    """An organisation's name: what stands in quotation marks if there is such, look-alike letters made one."""
    quoted = _QUOTED.search(text)
    return number(quoted[1] if quoted else text)


def close(one: str, other: str) -> bool:
    """Whether two names differ by no more than a slip, or by words that one of them leaves out."""
    left, right = name(one), name(other)
    if not (left and right):
        return False
    return left in right or right in left or SequenceMatcher(None, left, right, autojunk=False).ratio() >= _CLOSE


def misread(one: str, other: str) -> bool:
    """Whether text recognition may have read one code for the other: the same digits, and letters that differ by a slip."""
    left, right = number(one), number(other)
    same = re.findall(r"\d", left) == re.findall(r"\d", right)
    return same and SequenceMatcher(None, left, right, autojunk=False).ratio() >= _CLOSE


def phone(text: str) -> str:
    """The digits that a telephone number has in any way of writing it: the last nine."""
    digits = re.sub(r"\D", "", text)
    return digits[-9:] if len(digits) >= _SHORTEST else ""


def address(text: str) -> str:
    """An address without the words that people write in many ways."""
    words = plain(text).split()
    return " ".join(sorted(word for word in words if word not in _PLACE_WORDS))


_PLACE_WORDS = frozenset(
    {"г", "город", "ул", "улица", "шаар", "шаары", "көчө", "көчөсү", "көч", "д", "дом", "үй", "үйү"}
)


def surname(full_name: str) -> str:
    """The family name in one form for men and women; the first word where no word looks like one."""
    words = plain(full_name).split()
    for before, word in pairwise(words):
        if word in _CHILD:
            return before
    likely = [word for form in _SURNAMES for word in words if form.search(word)]
    family = (likely or words or [""])[0]
    return family[:-1] if family.endswith(_FEMININE) else family
