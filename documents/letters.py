"""Letters as people type them: one form for comparing, never for the record. Old fonts: `schemas/oldletters.py`."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from schemas.oldletters import decoded, modern

_LATIN_IN_CYRILLIC = str.maketrans("aceopxykmhtbniuö", "асеорхукмнтвпиуө")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("«»„“”‟〝〞＂", '"'),
        **dict.fromkeys("‘’‚‛′`´ʼʹ", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2007\u202f\u2009\u200a\u2002\u2003\t", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
    }
)
_BETWEEN = " \ue000 "  # a sign of private use, which nothing here changes
_WORDS_ENOUGH = 150
TELLS = 2_000  # characters that tell a text's language
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[a-zö]")
_ANY_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_KYRGYZ = re.compile(r"[ңөүӊ][^\W\d_]*")  # to the word's end, so that each word counts once
_VOWEL = re.compile(r"[aeiouyаеёиоуыэюяөү\u00c0-\u024f]")
# nothing taken is given back: a dotted line to sign on would else be tried in 2 to the power of its dots ways
_JOINED = re.compile(r"[^\W\d_'’.-]+(?:['’.-]++[^\W\d_'’.-]*+)*")
_DIGITS = re.compile(r"\d+")
_HONEST = re.compile(r"(?=\w*[аеёиоуыэюяөү])[А-ЯЁҢӨҮ]?[а-яёңөү]+")  # most words are no more than this
_SMALL_WORDS = {
    "ky": "жана үчүн менен боюнча бул тууралуу катары ошондой эле каржы долбоор уюм жылдын болуп",
    "ru": "и в на для по с не что от из при или также это года к проект организации",
    "en": "the of and to in for is by with on that as from or this be",
}
_RUSSIAN_ENDINGS = re.compile(r"(?:ого|ему|ный|ная|ное|ные|ных|ской|ский|ение|ения|ость|ости)(?![^\W\d_])")
_STOPS = {name: frozenset(words.split(" ")) for name, words in _SMALL_WORDS.items()}


def _any_of(table: Mapping[int, object]) -> re.Pattern[str]:
    """Looking whether a table has anything to do costs a tenth of letting it go through the text."""
    return re.compile("[" + "".join(re.escape(chr(code)) for code in table) + "]")


_ANY_SIGN = _any_of(_SIGNS)


@lru_cache(maxsize=512)
def clean(text: str) -> str:
    """NFC, ordinary quotes, dashes and spaces, no invisible characters; case and letters stay.

    What was decoded with the wrong table is decoded anew.
    """
    text = unicodedata.normalize("NFC", decoded(text))
    # a text has few kinds of signs: taking them one by one costs a fifth of letting a table go through it
    for sign in set(_ANY_SIGN.findall(text)):
        text = text.replace(sign, sign.translate(_SIGNS))
    return text


def _word(match: re.Match[str]) -> str:
    word = match.group()
    return word.translate(_LATIN_IN_CYRILLIC) if _CYRILLIC.search(word) and _LATIN.search(word) else word


def fold(text: str) -> str:
    """The text for comparison: case, look-alike letters, quotes, dashes and runs of spaces made equal."""
    text = clean(text).casefold()
    if _LATIN.search(text) and _CYRILLIC.search(text):
        text = _WORD.sub(_word, text)
    return " ".join(modern(text).split())


@lru_cache(maxsize=2048)
def loose(text: str) -> str:
    """As `fold`, and ң ө ү as н о у: many keyboards have only the Russian letters."""
    return fold(text).replace("ң", "н").replace("ө", "о").replace("ү", "у")


def loose_lines(text: str) -> list[str]:
    """Lines of a text as `loose` has each, without empty ones, at half the cost."""
    return [line for line in loose_each(text.splitlines()) if line]


def loose_each(texts: Sequence[str]) -> list[str]:
    """As `loose` has each of these texts, at a fifth of the cost: most of it is paid once for all."""
    folded = clean(_BETWEEN.join(texts)).casefold()
    if _LATIN.search(folded):
        parts = folded.split(_BETWEEN)
        mixed = (_LATIN.search(part) and _CYRILLIC.search(part) for part in parts)
        folded = _BETWEEN.join(
            _WORD.sub(_word, part) if both else part for part, both in zip(parts, mixed, strict=True)
        )
    folded = modern(folded).replace("ң", "н").replace("ө", "о").replace("ү", "у")
    if folded.count(_BETWEEN.strip()) != len(texts) - 1:  # one of them held the sign itself
        return [loose(text) for text in texts]
    return [" ".join(part.split()) for part in folded.split(_BETWEEN)]


def language(text: str) -> str | None:
    """ky, ru or en by Kyrgyz letters and small words; None where there is too little text to say."""
    folded = clean(text[:TELLS]).casefold()
    words = _WORD.findall(folded)
    if len(words) < 3:
        return None
    often = Counter(words)
    hits = {name: sum(often[word] for word in stops if word in often) for name, stops in _STOPS.items()}
    # names have Kyrgyz letters in Russian papers too, so Russian endings weigh as much
    hits["ky"] += len(_KYRGYZ.findall(folded))
    hits["ru"] += len(_RUSSIAN_ENDINGS.findall(folded))
    best = max(hits, key=lambda name: hits[name])
    if hits[best]:
        return best
    latin = sum(bool(_LATIN.search(word)) for word in words)
    return "en" if latin * 2 > len(words) else "ru"


def sense(words: Iterable[str]) -> float | None:
    """Share of words of three and more letters that are of one alphabet with no capital inside; None under 20 words.

    A text layer whose glyphs were numbered anew scores under 0.6, an honest one about 0.98 (measured on 144 files).
    Of a long text some words from all over it stand for the rest.
    """
    whole = good = 0
    words = list(words)
    for word in words[:: max(1, len(words) // _WORDS_ENOUGH)]:
        text = word.strip(".,;:!?()[]\"'«»“”-–—")
        if len(text) > 3 and _HONEST.fullmatch(text):
            whole, good = whole + 1, good + 1
            continue
        text = _DIGITS.sub("", text)
        if len(text) < 3:
            continue
        whole += 1
        lower = text.casefold()
        plain = text.isalpha() or _JOINED.fullmatch(text) is not None
        mixed = _CYRILLIC.search(lower) is not None and _ANY_LATIN.search(text) is not None
        inner = text[1:] != text[1:].lower() and not text.isupper() and "-" not in text
        good += plain and not mixed and not inner and (len(text) <= 4 or _VOWEL.search(lower) is not None)
    return good / whole if whole >= 20 else None
