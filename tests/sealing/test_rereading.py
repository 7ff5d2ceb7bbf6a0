"""A row of the trail is compared with its body in everything that both say."""

from uuid import UUID

import pytest

from flows.steps.rereading import Reading, Strand
from schemas.errors import BrokenTrail
from storage.canonical import dumped
from storage.ledger import leaf, skeleton

STREAM, KEYS = UUID(int=7), ("a" * 64, "b" * 64)
FIELDS = (
    *("place", "told", "kept", "body", "seq", "previous", "stream", "same", "at", "id", "actor", "subject"),
    *("act", "noun", "pack", "role", "rule", "run"),
)


def row(seq: int = 1, previous: str = "", body: bytes | None = None, **other: object) -> tuple[object, ...]:
    """A row as the database gives it, of an event that holds; `other` columns are written over."""
    ids = {name: str(UUID(int=at)) for at, name in enumerate(("id", "actor", "subject"), 100)}
    said = {"act": "case:note", "noun": "note", "pack": "kg 1", "role": "secretary", "rule": "places", "run": "r"}
    said |= {"at": "2026-01-31T05:00:00.000000Z", "stream": str(STREAM), **ids}
    told = {"seq": seq, "previous": previous, "changes": [], "facts": {}, "files": [], "reason": None, "v": 1}
    body = dumped(said | told) if body is None else body
    columns = said | {name: one.replace("-", "") for name, one in (ids | {"stream": str(STREAM)}).items()}
    columns |= {"place": seq - 1, "seq": seq, "previous": previous, "body": body, "kept": None, "same": True}
    columns |= {"told": leaf(body, KEYS, seq, previous)} | other
    return tuple(columns[name] for name in FIELDS)


def reading() -> Reading:
    return Reading(Strand(0, 0), {STREAM.hex: KEYS})


def why(*rows: tuple[object, ...]) -> object:
    with pytest.raises(BrokenTrail) as told:
        reading().take(rows)
    return told.value.facts["why"]


def test_a_chain_that_holds_is_handed_on():
    first = row()
    second = row(2, str(first[1]))
    seen = reading()
    entries, leaves = seen.take([first, second])
    seen.close()
    assert entries == [skeleton(one[3], KEYS, one[4], one[5]) for one in (first, second)]
    chain = seen.strand.chains[KEYS[0]]
    assert (chain.first, chain.previous, chain.last, chain.head) == (1, "", 2, second[1])
    assert seen.strand.after == {key: b"".join(leaves) for key in KEYS}
    assert seen.strand.events == 2


@pytest.mark.parametrize("column", [one for one in FIELDS if one not in {"place", "body", "kept", "same"}])
def test_no_column_may_say_another_thing(column: str):
    held = dict(zip(FIELDS, row(), strict=True))
    for other in (2, 0) if column == "seq" else (f"{held[column]}x", str(held[column])[:-1], ""):
        if other != held[column]:
            assert why(tuple((held | {column: other}).values())) == "changed"
    assert why(row(same=None)) == "changed"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"act":1}', b"\xff", b"[" * 5_000, b"{}"])
def test_a_body_that_is_none_is_a_changed_one(body: bytes):
    assert why(row(body=body)) == "changed"


def test_an_event_that_does_not_follow_is_told():
    first = row()
    assert why(first, row(3, str(first[1]))) == "gap"
    assert why(first, row(2, "f" * 64)) == "unlinked"


def test_a_stream_nobody_knows_is_told():
    assert why(row(stream=UUID(int=9).hex)) == "changed"


def test_what_is_left_of_an_event_goes_into_the_same_chain():
    first = row()
    entry = skeleton(first[3], KEYS, 1, "")
    lost = tuple(entry if name == "kept" else one for name, one in zip(FIELDS, first, strict=True))
    second = row(2, str(first[1]))
    seen = reading()
    _, leaves = seen.take([lost, second])
    seen.close()
    assert (seen.strand.lost, seen.strand.events) == (1, 1)
    assert seen.strand.chains[KEYS[0]].last == 2
    assert seen.strand.after == {key: b"".join(leaves) for key in KEYS}
    assert why(lost, row(2, "f" * 64)) == "unlinked"
