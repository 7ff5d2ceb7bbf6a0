"""The words of sample papers by kind, as `documents/vocabulary.toml`: from the texts of other offices, never from unseen ones."""

import re
import textwrap
from collections import defaultdict

from documents.letters import loose
from documents.recognise import word_stems
from schemas.facts import Kind
from tests.house.tree import ROOT
from tests.quality.wording import LANGUAGES, texts

FILE = ROOT / "documents" / "vocabulary.toml"
_ABOUT = (
    "# Words of sample papers by kind, each by its first letters as `documents/recognise.py` cuts them. Made by\n"
    "# `python -m tests.quality --words` from `tests/quality/texts`; do not edit.\n"
)
_VALUE = re.compile(r"\{[^}]*\}")


def made() -> str:
    """The file as the texts make it."""
    words: dict[Kind, set[str]] = defaultdict(set)
    for language in LANGUAGES:
        for text in texts(language):
            words[text.kind] |= word_stems(loose(_VALUE.sub(" ", " ".join(text.lines))))
    parts = [_ABOUT]
    for kind in Kind:
        if kind in words:
            told = textwrap.fill(" ".join(sorted(words[kind])), 118)
            parts.append(f'[{kind.value}]\nwords = """\n{told}\n"""\n')
    return "".join(parts)


def write() -> None:
    FILE.write_text(made(), encoding="utf-8")
