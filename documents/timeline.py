"""A timeline as it is to be shown: who did what, when, on what ground, and what changed by it, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass

from documents.words import Language


@dataclass(frozen=True)
class Change:
    """A field that changed; `old` is empty where nothing stood before."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Touched:
    """A row that an act changed, as people call it, and its fields. `fresh`: it was not there before."""

    name: str
    changes: Sequence[Change]
    fresh: bool = False


@dataclass(frozen=True)
class Moment:
    """One act. `files` are name and hash."""

    number: int
    day: str
    clock: str
    what: str
    ground: str
    pack: str
    hash: str
    files: Sequence[tuple[str, str]]
    touched: Sequence[Touched]


@dataclass(frozen=True)
class Timeline:
    """A whole timeline. `facts` are label and value, `warning` says what it is not, `labels` what the parts are called."""

    language: Language
    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    warning: str
    moments: Sequence[Moment]
    ground: str
    pack: str
    files: str
    hash: str
    foot: str
