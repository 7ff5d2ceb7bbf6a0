"""How a word is sought, whoever wrote it and on whatever keyboard: case, look-alike letters and ң ө ү typed as н о у are one.

Wider than `rules.likeness`: what two writings share here may still be two words. For seeking only.
"""

import re
import unicodedata
from typing import Final

LONGEST: Final = 40  # letters of a word that are kept
_WORD: Final = re.compile(r"[^\W_]+")
_GROUPED: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")  # 50 000 is one number
_ONE_FOR: Final = str.maketrans(
    {
        **dict(zip("aceopxykmhtbniuö", "асеорхукмнтвпиуо", strict=True)),
        **dict(zip("ңөүӊӈҥқҡҝғґұҕәһіӣӱӧҩѳё", "ноунннкккггугахииуооое", strict=True)),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u0301"),
    }
)


def spelt(text: str) -> list[str]:
    """The words and numbers of a text as they are sought, in order."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold().translate(_ONE_FOR))
    return [word[:LONGEST] for word in _WORD.findall(_GROUPED.sub("", plain))]


def after(beginning: str) -> str:
    """The first text, by code points, that lies behind all that begin with `beginning`."""
    return beginning[:-1] + chr(ord(beginning[-1]) + 1)
