"""Where reports come from: mailboxes, watched folders, watched buckets. Each hands its arrivals over one by one."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schemas.collection import Mark


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail or package, its files laid out in a folder that lives until the next one is asked for.

    `about` is where a contract may be named: a subject and a text, or the name of the entry. `at` is its number in the
    source, where the source counts.
    """

    folder: Path
    about: str
    subject: str = ""
    sender: str = ""
    reference: str = ""  # what is the same when the same mail is delivered again
    at: int = 0
    too_large: int = 0  # bytes, where it was left in the source for its size


class Inbox(Protocol):
    """An opened source. Nothing is removed from it before `taken` was called."""

    epoch: int

    def arrivals(self, mark: Mark | None, spool: Path, /) -> Iterator[Arrival]:
        """What came after the mark, the oldest first. Raises SourceDown."""
        ...

    def taken(self, arrival: Arrival) -> None:
        """It is safe with us now."""
        ...


class Opener(Protocol):
    """Opens a source for one round. Raises SourceDown."""

    def __call__(self) -> AbstractContextManager[Inbox]: ...
