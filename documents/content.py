"""What a reader hands on: the words and tables of one file, with their places. It lives in memory only."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from documents.letters import loose
from schemas.facts import Fault, Kind, Seen

_BRACKETS = re.compile(r"\([^()]*\)")
_NUMBERED = re.compile(r"^\s*[\divx]{1,4}(?:[.)]\d*)+\s*")
_POINTS = re.compile(r"[:*_№\"'.,;]+")
Cell = str | int | float | bool | date | datetime | Decimal | None


@dataclass(frozen=True)
class Passage:
    """A paragraph or a page, and where it stands."""

    text: str
    place: str


@dataclass(eq=False)
class Grid:
    """A table: rows of cells, and how its cells are called. What was seen in one is remembered, so its rows stay as they are."""

    rows: list[list[Cell]]
    name: str
    sheet: bool = False
    first_row: int = 1
    first_column: int = 1

    def place(self, row: int, column: int = 0) -> str:
        """Words for the place of a cell; row and column count from 0."""
        if not self.sheet:
            return f"{self.name}, row {row + self.first_row}"
        letters, rest = "", column + self.first_column
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        return f"{self.name}, {letters}{row + self.first_row}"


@dataclass
class Content:
    """Everything that one reader saw in one file."""

    passages: list[Passage] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    tagged: dict[str, Passage] = field(default_factory=dict)
    form: str = ""  # "application-form 1 ky" of the city's own blank forms
    pages: int | None = None
    text_layer: bool = True
    signed: Seen = Seen.CANNOT_TELL
    digital: bool = False  # a digital signature lies in the file
    faults: list[Fault] = field(default_factory=list)
    taken_on: str = ""  # the day that a photograph carries, ISO
    known: tuple[Kind, int] | None = None  # what it is for, where its first pages told so
    cut_at: str = ""  # the place up to which a workbook was read, where it goes on
    parsed: object = field(default=None, repr=False)  # the tree of a Word file: see `reading.read`

    def text(self, most: int | None = None) -> str:
        """All passages and cells, one to a line, in reading order as far as it is known; of a long text the first `most` letters."""
        if most is None:
            return "\n".join(self._lines())
        lines, left = list[str](), most
        for line in self._lines():
            lines.append(line)
            left -= len(line) + 1
            if left < 0:
                break
        return "\n".join(lines)[:most]

    def _lines(self) -> Iterator[str]:
        for passage in self.passages:
            if passage.text.strip():
                yield passage.text
        for grid in self.grids:
            for row in grid.rows:
                line = "\t".join(map(words, row))
                if line.strip():
                    yield line


def words(cell: Cell) -> str:
    """A cell as a person would read it."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell).strip()


@cache
def data(name: str) -> dict[str, Any]:
    """A file of words beside this module."""
    return tomllib.loads(files("documents").joinpath(name).read_text(encoding="utf-8"))


def plain(label: str) -> str:
    """A label without its number, brackets, colon and look-alike letters."""
    text = loose(label)
    if "(" in text and not text.startswith("("):
        text = _BRACKETS.sub(" ", text)
    return " ".join(_POINTS.sub(" ", _NUMBERED.sub("", text)).split())


_LETTER = re.compile(r"[^\W\d_]")
_PARAGRAPH = 250  # letters of what is no label, brackets and all
_BEGINS = 4  # letters of the shortest label that may begin a longer one: «Уюм жөнүндө» does not ask for a name


@cache
def _labels(group: str) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for key, by_language in data("labels.toml")[group].items():
        for variants in by_language.values():
            for variant in variants:
                for form in {plain(variant), plain(variant.split(",")[0])}:
                    if form and key not in named.setdefault(form, []):
                        named[form].append(key)
    return named


@lru_cache(maxsize=4096)
def label(group: str, text: str, *, exact: bool = False) -> list[str]:
    """Keys of `labels.toml` that a label may stand for: the same words, or the longest that it begins with.

    None where its end asks for something else: «Аткаруучу директор» is no «Аткаруучу».
    """
    wanted = plain(text) if len(text) < _PARAGRAPH and _LETTER.search(text) else ""
    if not wanted or len(wanted) > 90:
        return []
    named = _labels(group)
    if wanted in named:
        return named[wanted]
    if exact:
        return []
    spaces = [at for at, letter in enumerate(wanted) if letter == " "]
    longest = next((start for at in reversed(spaces) if at >= _BEGINS and (start := wanted[:at]) in named), None)
    if longest is None:
        return []
    ends = next((end for at in spaces if at >= len(longest) and (end := wanted[at + 1 :]) in named), longest)
    return named[longest] if set(named[longest]) & set(named[ends]) else []


_FORM_MARK = re.compile(r"([a-z-]{1,40})[ ,;]+(\d{1,4})[ ,;]+(ky|ru|en)")


def form_mark(keywords: str) -> str:
    """Name, version and language of a blank form by a file's keywords; empty if they are others.

    The mark inside the form gets lost when another program saves it; its keywords come along, even into a PDF. Some
    programs put commas between their words.
    """
    mark = _FORM_MARK.fullmatch(keywords.strip())
    return " ".join(mark.groups()) if mark else ""


_LINES = re.compile(r"[\W_]+")
_LINES_OF_A_DATE = re.compile(r"(?<!\d)20(?!\d)|\b(?:г(?:ода?)?|ж(?:ыл\w*)?|year)\b|[\W_]+", re.IGNORECASE)


@cache
def _prompts() -> frozenset[str]:
    return frozenset(plain(text) for prompt in data("labels.toml")["prompt"].values() for text in prompt.values())


def blank(text: str) -> bool:
    """Whether a field still stands empty: nothing, a line to write on, a date to complete, or the form's own prompt."""
    left = _LINES_OF_A_DATE.sub("", text.replace("_", " ")) if "__" in text else _LINES.sub("", text)
    return not left or plain(text) in _prompts()


@cache
def printed_labels() -> frozenset[str]:
    """Labels as the city's forms print them in any language, and all others of several words."""
    lines = data("labels.toml")["line"].values()
    variants = [variants for line in lines for variants in line.values()]
    return frozenset(name for some in variants for at, name in enumerate(some) if at == 0 or " " in name)


def first_label(key: str, language: str, group: str = "line") -> str:
    """The label that the city's own forms print."""
    return data("labels.toml")[group][key][language][0]
