"""Where a paper is signed by hand: the label of a signature, or without it a post, a line or a picture, and a name."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

from documents.content import data, label, plain
from documents.letters import loose_each

_SMALL, _CAPITAL = "a-zа-яёөүң", "A-ZА-ЯЁӨҮҢ"
_WORD = rf"[{_CAPITAL}][{_SMALL}]+(?:-[{_CAPITAL}]?[{_SMALL}]+)?"
_INITIALS = rf"(?:[{_CAPITAL}]\.\s?){{1,2}}"
NAME = rf"(?:{_INITIALS}{_WORD}|{_WORD}\s+{_INITIALS}|{_WORD}(?:\s+{_WORD}){{1,2}})"
_LINE = r"(?:_{4,}|\.{6,}|…{2,})"
_LINES = ("____", "......", "……")
_WAITS = re.compile(rf"^[^\n_]{{2,60}}?{_LINE}[\s/(|]*{NAME}", re.MULTILINE)
_NAMED = re.compile(NAME)
_SHORT = 110  # letters of a line that names who signs; a sentence is longer


def waits(text: str) -> bool:
    """A post, an empty line and a name: «Директор ______ А. Осмонова»."""
    return any(line in text for line in _LINES) and _WAITS.search(text) is not None


def names_one(text: str) -> bool:
    """Whether what stands beside a picture is a post and a name, and no sentence."""
    return len(text) <= _SHORT and _NAMED.search(text) is not None


_PARTS, _BRACKETED = re.compile(r"[\t\n:]|_{2,}"), re.compile(r"\([^()]*\)")


def labels(text: str) -> bool:
    """Whether a part of this text is the label of a signature."""
    parts = (part for part in [*_PARTS.split(text), *_BRACKETED.findall(text)] if part.strip())
    return any("signature" in label("line", part, exact=True) for part in parts)


def labelled(texts: Sequence[str]) -> Iterator[int]:
    """Which of these texts are labels of a signature; a long file has thousands, so they are folded and searched as one."""
    folded = loose_each(texts)
    whole = "\n".join(folded)
    firsts, alone = _first_words()
    # the pattern by itself would be tried at each letter
    places = sorted(at for word in firsts for at in _places(whole, word) if alone.match(whole, at))
    ends = list(accumulate(len(text) + 1 for text in folded))
    for number in dict.fromkeys(bisect_right(ends, at) for at in places):
        if labels(texts[number]):
            yield number


def _places(whole: str, word: str) -> Iterator[int]:
    at = whole.find(word)
    while at >= 0:
        yield at
        at = whole.find(word, at + 1)


@cache
def _first_words() -> tuple[list[str], re.Pattern[str]]:
    """What labels begin with, one of which stands in every text that has a label; and the pattern of such a word alone."""
    variants = [one for some in data("labels.toml")["line"]["signature"].values() for one in some]
    firsts = sorted({plain(one).split(" ")[0] for one in variants})
    return firsts, re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, firsts))})(?![^\W\d_])")
