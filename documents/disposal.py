"""What the certificate of disposal needs to be written."""

from datetime import date
from typing import ClassVar

from documents.clauses import Frozen, Party, Ruled, Text
from documents.papers import Paper


class Destroyed(Frozen):
    """One record that was disposed of: what it was, how long it was kept, how much of it went.

    `size` in bytes; `event` is the hash of the event that says so.
    """

    name: str
    kind: Text
    closed: date
    kept: Ruled
    values: int
    files: int
    size: int
    event: str


class Disposal(Paper):
    """The certificate of one disposal. `locked`: files that the store keeps until its own lock ends."""

    template: ClassVar[str] = "disposal"

    number: str
    issued_on: date
    city: Text
    customer: Party
    order: str
    order_number: str
    order_on: date
    items: tuple[Destroyed, ...]
    locked: int = 0
    decided_by: str = ""
