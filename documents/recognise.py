"""What a file is for: by its words first, then by its name. Phrases and words are data (`phrases.toml`, `vocabulary.toml`)."""

import math
import re
from collections import defaultdict
from functools import cache, lru_cache
from itertools import islice
from pathlib import PurePosixPath

from documents import report_tables
from documents.content import Content, data
from documents.letters import loose, loose_lines
from schemas.facts import Kind

_HEADING = 700  # folded characters in which a paper says what it is
_SAYS = 4_000  # characters from which its words are taken
_CODE = re.compile(r"(?:^|[^a-zа-я0-9])[dд][\s_-]?(0[1-9]|1[0-8])(?![0-9])")
_FIRST_LINES = 3
_WORD = re.compile(r"[^\W_]+")
_FIRST_WORD = re.compile(r"[^\W_]*")
_MOST = 3  # phrases of a kind that count
# Where no phrase stands as the tables have it, its words still speak, one by one and with any ending. The limits were chosen
# on 63 papers that the tables of that time did not know (44 right, 4 wrong) and 29 files of quite other matters (none taken
# for a paper); docs/quality.md has what they give now.
_STEM = 5  # letters of a word that count
_STEM_WORD = re.compile(r"[^\W\d_]{4,}")
_BEGINNING, _WHOLE = 400, 3_000  # letters in which a word counts twice, and in which it counts
_ENOUGH = 0.5  # of the sum of what the words say, by the root of their number
_LEAD = 1.15  # times what the second best kind has
_FROM_STEMS = 40
_FROM_NAME = 60  # per cent
_FROM_TABLES = 65
_SURE_OF_ANOTHER = 60
_REPORTS = frozenset({Kind.PROGRAMME_REPORT, Kind.FINANCIAL_REPORT})
_FROM_CODE = 80
# letters after which the middle of a long paper is left out; who has a charter may stand on its second page
_LONG_PAPERS, _SURE = {Kind.CHARTER: 4_000, Kind.ANNUAL_REPORT: 1_800}, 75


@cache
def _phrases() -> dict[Kind, dict[str, tuple[str, ...]]]:
    return {
        Kind(kind): {part: tuple(loose(phrase) for phrase in phrases) for part, phrases in groups.items()}
        for kind, groups in data("phrases.toml").items()
    }


@cache
def _by_first_word(part: str) -> dict[str, list[tuple[Kind, str]]]:
    """Phrases under what has to begin a word of a text that they stand in; those under "" may stand in any."""
    found: dict[str, list[tuple[Kind, str]]] = defaultdict(list)
    for kind, groups in _phrases().items():
        for phrase in groups[part]:
            match = _FIRST_WORD.match(phrase)
            first = match[0] if match else ""
            found[first[:_STEM] if len(first) >= _STEM or first != phrase else ""].append((kind, phrase))
    return dict(found)


def _possible(text: str, part: str) -> dict[Kind, list[str]]:
    """Phrases that a text may hold. Its words rule out most, at a tenth of what looking for each through the text costs."""
    phrases = _by_first_word(part)
    found: dict[Kind, list[str]] = defaultdict(list)
    for begun in {word[:_STEM] for word in _WORD.findall(text)} & phrases.keys() | {""}:
        for kind, phrase in phrases.get(begun, ()):
            found[kind].append(phrase)
    return found


def _has(text: str, phrase: str) -> bool:
    """The phrase begins at the start of a word; Kyrgyz and Russian endings may follow a long one."""
    at = text.find(phrase)
    while at >= 0:
        after = text[at + len(phrase) : at + len(phrase) + 1]
        if (at == 0 or not text[at - 1].isalnum()) and (len(phrase) > 6 or not after.isalnum()):
            return True
        at = text.find(phrase, at + 1)
    return False


def _as_title(phrase: str, lines: list[str], joined: str) -> int:
    """How much a phrase looks like the title: alone on its line, at an end of it, or just within the heading."""
    # one word of the heading's prose names a subject, not the paper: every paper here speaks of a project
    best = 14 + min(len(phrase), 30) if " " in phrase and _has(joined, phrase) else 0
    for at, line in enumerate(lines):
        if phrase not in line:
            continue
        short = len(line) < 3 * len(phrase) + 12
        after = line[len(phrase) : len(phrase) + 1]
        if line == phrase:
            score = 66
        elif short and line.startswith(phrase) and (len(phrase) > 8 or not after.isalnum()):
            score = 54
        elif short and line.endswith(" " + phrase):
            score = 50
        else:
            continue
        best = max(best, score + min(len(phrase), 20) + (15 if at < _FIRST_LINES else 0))
    return best


@lru_cache(maxsize=4)
def _by_words(text: str) -> tuple[Kind, int]:
    """Best kind and confidence in per cent by what the file says."""
    lines = loose_lines(text)
    heading, whole = "", "\n".join(lines)
    for line in lines[:30]:
        heading += line + "\n"
        if len(heading) > _HEADING:
            break
    head_lines = heading.splitlines()
    joined = heading.replace("\n", " ")  # a heading is often set on two lines
    titles, bodies = _possible(joined, "title"), _possible(whole, "body")
    scores: dict[Kind, int] = {}
    for kind in _phrases():
        score = max((_as_title(one, head_lines, joined) for one in titles.get(kind, ()) if one in joined), default=0)
        score += 12 * len(list(islice((one for one in bodies.get(kind, ()) if _has(whole, one)), _MOST)))
        if score:
            scores[kind] = score
    if not scores:
        return Kind.OTHER, 0
    ranked = sorted(scores, key=lambda kind: -scores[kind])
    best = ranked[0]
    lead = scores[best] - (scores[ranked[1]] if len(ranked) > 1 else 0)
    if scores[best] < 20:
        return Kind.OTHER, 0
    return best, max(20, min(95, scores[best] - max(0, 12 - lead)))


def word_stems(text: str) -> set[str]:
    """Beginnings of the longer words of a folded text."""
    return {word[:_STEM] for word in _STEM_WORD.findall(text)}


@cache
def _stems() -> dict[str, dict[Kind, float]]:
    """What a word says for each kind: the more, the fewer kinds have it, and the fewer words a kind has."""
    kinds: dict[str, set[Kind]] = defaultdict(set)
    size: dict[Kind, int] = {}
    for kind, groups in _phrases().items():
        words = word_stems(" ".join((*groups["title"], *groups["body"])))
        words |= set(data("vocabulary.toml").get(kind.value, {"words": ""})["words"].split())
        size[kind] = len(words)
        for word in words:
            kinds[word].add(kind)
    return {
        word: {kind: math.log(len(size) / len(some)) / math.sqrt(size[kind]) for kind in some}
        for word, some in kinds.items()
    }


def _by_stems(content: Content) -> tuple[Kind, int]:
    """Best kind by single words; OTHER and 0 where they say too little or speak for two kinds alike."""
    text = loose(content.text(_WHOLE))
    words, twice = word_stems(text), word_stems(text[:_BEGINNING])
    scores: dict[Kind, float] = defaultdict(float)
    for word in sorted(words):
        for kind, weight in _stems().get(word, {}).items():
            scores[kind] += weight * (2 if word in twice else 1)
    ranked = sorted(scores, key=lambda kind: -scores[kind])
    if not ranked or scores[ranked[0]] < _ENOUGH * math.sqrt(len(words)):
        return Kind.OTHER, 0
    if len(ranked) > 1 and scores[ranked[0]] < _LEAD * scores[ranked[1]]:
        return Kind.OTHER, 0
    return ranked[0], _FROM_STEMS


def by_name(name: str) -> tuple[Kind, int]:
    """Kind and confidence by the file's name and folder; OTHER and 0 if it says nothing."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = loose(re.sub(r"[_.]+", " ", path.stem))
    code = _CODE.search(stem)
    if code:
        return Kind(f"D{code[1]}"), _FROM_CODE
    for text, confidence in ((stem, _FROM_NAME), (loose(" ".join(path.parts[:-1])), _FROM_NAME // 2)):
        if not text:
            continue
        hits = {
            kind: max(len(word) for word in found)
            for kind, groups in _phrases().items()
            if (found := [word for word in groups["name"] if word in text and _begins(text, word)])
        }
        # a report names its subject too ("financial report on the project"), so the more special kinds go first
        for special in (Kind.FINANCIAL_REPORT, Kind.PROGRAMME_REPORT):
            if special in hits and re.search(r"отч|report|otchet", text):
                return special, confidence
            hits.pop(special, None)
        if hits:
            return max(hits, key=lambda kind: (kind is not Kind.PROJECT, hits[kind])), confidence
    return Kind.OTHER, 0


def _begins(text: str, word: str) -> bool:
    """Whether a word of the text begins so; a pattern would be compiled anew for each of a hundred words in each child."""
    at = text.find(word)
    while at > 0 and ("a" <= text[at - 1] <= "z" or "а" <= text[at - 1] <= "я"):
        at = text.find(word, at + 1)
    return at >= 0


def by_form(form: str) -> Kind | None:
    """Kind of one of the city's own blank forms, or None."""
    known = data("labels.toml")["form"].get(form.split(" ", maxsplit=1)[0] if form else "")
    return Kind(known["kind"]) if known else None


def enough(content: Content, name: str) -> bool | None:
    """Whether these first pages are of a paper whose middle no rule asks about: a charter, a yearly report.

    False: surely of another. None: not sure yet, or of one of these and too few of its pages.
    """
    kind, sure = kind_of(content, name)
    if sure < _SURE or sum(len(one.text) for one in content.passages) < _LONG_PAPERS.get(kind, 0):
        return None
    if kind in _LONG_PAPERS:
        content.known = kind, sure
    return kind in _LONG_PAPERS


def kind_of(content: Content | None, name: str) -> tuple[Kind, int]:
    """Kind and confidence in per cent. A form of the city's own is sure; agreement of words and name is nearly so."""
    if content is not None and content.known is not None and content.text_layer:
        return content.known
    if content is not None and (own := by_form(content.form)):
        return own, 100
    named, sure_of_name = by_name(name)
    said, sure = _by_words(content.text(_SAYS)) if content is not None and content.text_layer else (Kind.OTHER, 0)
    # tables of a report are its own; only words that surely say another paper, an application's, outweigh them
    another = said not in _REPORTS | {Kind.OTHER} and sure >= _SURE_OF_ANOTHER
    if content is not None and content.grids and not another and (report := report_tables.kind(content)) is not None:
        if said is not report:
            return report, _FROM_TABLES
        return report, min(98, max(sure, _FROM_TABLES) + (15 if named is report else 0))
    if said is Kind.OTHER and named is Kind.OTHER and content is not None and content.text_layer:
        printed = None if content.grids else report_tables.kind(content)
        return (printed, _FROM_STEMS) if printed else _by_stems(content)
    if said is Kind.OTHER:
        return named, sure_of_name
    if said is named:
        return said, min(98, max(sure, sure_of_name) + 15)
    return (named, sure_of_name) if sure < 45 and sure_of_name > sure else (said, sure)
