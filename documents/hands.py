"""Where a paper is signed by hand without the word "signature": a post, a line or a picture, and a name."""

import re

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
