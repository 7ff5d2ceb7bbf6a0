"""Events folded into the rows that they tell of, as they were at any moment. Of plain bodies alone: no database, no tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Fields = dict[str, Any]


@dataclass(frozen=True)
class Redacted:
    """In place of a personal value of which only the digest is left."""

    digest: str


@dataclass(frozen=True)
class Change:
    """One field of one row, old → new, as an event tells it."""

    noun: str
    id: str
    field: str
    old: Any
    new: Any


def changes(body: Mapping[str, Any], disclosed: Mapping[str, str]) -> Iterator[Change]:
    """What an event says was changed; personal values as text where they are still disclosed."""
    for one in body["changes"]:
        old, new = (_value(one[side], disclosed) for side in ("old", "new"))
        yield Change(one["noun"], one["id"], one["field"], old, new)


def _value(told: Any, disclosed: Mapping[str, str]) -> Any:
    if isinstance(told, dict) and told.keys() == {"sd"}:
        digest = told["sd"]
        return Disclosed(disclosed[digest]) if digest in disclosed else Redacted(digest)
    return told


class Disclosed(str):
    """A personal value as it was withheld: a text as it is, anything else as canonical JSON."""

    __slots__ = ()


class Fold:
    """Rows as of the last event that was taken. Ids of other rows lead to the rows that name them."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Fields]] = defaultdict(dict)
        self._naming: dict[tuple[str, str, str], list[str]] = defaultdict(list)

    def take(self, told: list[Change]) -> None:
        """One event more."""
        for one in told:
            row = self.rows[one.noun].setdefault(one.id, {})
            if one.field.endswith("_id") and isinstance(one.new, str) and row.get(one.field) != one.new:
                self._naming[one.noun, one.field, one.new].append(one.id)
            row[one.field] = one.new

    def row(self, noun: str, identity: str) -> Fields | None:
        """Fields of a row, or None where no event told of it."""
        return self.rows[noun].get(identity)

    def ids(self, noun: str, where: Mapping[str, Any]) -> Iterator[str]:
        """Rows among which those are whose fields have these values: by the first that leads to few, else all."""
        for field, value in where.items():
            if field.endswith("_id") and isinstance(value, str | list):
                wanted = [value] if isinstance(value, str) else value
                found = (identity for one in wanted for identity in self._naming[noun, field, one])
                yield from dict.fromkeys(found)
                return
        yield from list(self.rows[noun])
