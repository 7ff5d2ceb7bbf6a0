"""Where reports come from: mailboxes, watched folders, watched buckets. Each lists what it has, and opens it one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from schemas.collection import Mark


@dataclass(frozen=True, slots=True)
class Listed:
    """What a source has for us, before anything of it is fetched.

    `key` is its own for good: other contents under the same name have another one. `at` is its number in the source,
    where the source counts; `modified` its last change, where the source tells that.
    """

    key: str
    name: str
    at: int = 0
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail or package, its files laid out in a folder.

    `about` is where a contract may be named: a subject and a text, or the name of the entry. Texts are without signs that
    cannot be printed, of which a database may take none.
    """

    folder: Path
    about: str
    subject: str = ""
    sender: str = ""
    reference: str = ""  # what is the same when the same mail is delivered again
    too_large: int = 0  # bytes, where it was left in the source for its size
    broken: str = ""  # class of the error that reading it raised; the folder then holds it as it came

    def __post_init__(self) -> None:
        for name in ("about", "subject", "sender", "reference"):
            object.__setattr__(self, name, _printable(getattr(self, name)))


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


class Inbox(Protocol):
    """An opened source. Nothing is removed from it before `taken` was called. All raise SourceDown."""

    epoch: int

    def listed(self, mark: Mark | None, /) -> Sequence[Listed]:
        """What came after the mark, the oldest first."""
        ...

    def opened(self, one: Listed, folder: Path, /) -> Arrival | None:
        """Its files into the empty folder. None: it is no longer there."""
        ...

    def taken(self, one: Listed, /) -> bool:
        """It is safe with us now. False: it may not be moved aside, and lies there still."""
        ...
