"""An overview as it is to be shown: titles, rows and drawings, ready to read, in one language. HTML and PDF draw the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing

from documents.words import Language


@dataclass(frozen=True)
class Columns:
    """A table. `widths` in mm make 170; `right`: which columns hold figures."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Section:
    """A part of an overview: what is drawn (no drawing is higher than a page), what is tabled, and words about it."""

    title: str
    drawings: Sequence[Drawing] = ()
    table: Columns | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Page:
    """A whole overview. `facts` are label and value; `foot` says of what day it is."""

    language: Language
    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    foot: str
