"""A row of the trail is compared with its body in everything that both say."""

import pickle
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


def row(
    seq: int = 1, previous: str = "", body: bytes | None = None, *, as_said: bool = False, **other: object
) -> tuple[object, ...]:
    """A row as the database gives it, of an event that holds; `other` columns are written over."""
    ids = {name: str(UUID(int=at)) for at, name in enumerate(("id", "actor", "subject"), 100)}
    said = {"act": "case:note", "noun": "note", "pack": "kg 1", "role": "secretary", "rule": "places", "run": "r"}
    said |= {"at": "2026-01-31T05:00:00.000000Z", "stream": str(STREAM), **ids}
    told = {"seq": seq, "previous": previous, "changes": [], "facts": {}, "files": [], "reason": None, "v": 1}
    body = dumped(said | told) if body is None else body
    columns = dict(said)
    if not as_said:
        columns |= {name: one.replace("-", "") for name, one in (ids | {"stream": str(STREAM)}).items()}
        columns["at"] = "2026-01-31 05:00:00.000000"
    columns |= {"place": seq - 1, "seq": seq, "previous": previous, "body": body, "kept": None, "same": True}
    columns |= {"told": leaf(body, KEYS, seq, previous)} | other
    return tuple(columns[name] for name in FIELDS)


def reading(*, as_said: bool = False) -> Reading:
    return Reading(Strand(0, 0), {str(STREAM) if as_said else STREAM.hex: KEYS}, as_said=as_said)


def why(*rows: tuple[object, ...], as_said: bool = False) -> object:
    with pytest.raises(BrokenTrail) as told:
        reading(as_said=as_said).take(rows)
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
    assert (seen.strand.leaves, seen.strand.places) == (leaves, {key: [0, 1] for key in KEYS})
    assert seen.strand.events == 2


@pytest.mark.parametrize("as_said", [False, True])
@pytest.mark.parametrize("column", [one for one in FIELDS if one not in {"place", "body", "kept", "same"}])
def test_no_column_may_say_another_thing(column: str, as_said: bool):
    held = dict(zip(FIELDS, row(as_said=as_said), strict=True))
    assert len(reading(as_said=as_said).take([tuple(held.values())])[0]) == 1
    for other in (2, 0) if column == "seq" else (f"{held[column]}x", str(held[column])[:-1], ""):
        if other != held[column]:
            assert why(tuple((held | {column: other}).values()), as_said=as_said) == "changed"
    assert why(row(same=None, as_said=as_said), as_said=as_said) == "changed"


@pytest.mark.parametrize("column", ["at", "id", "actor", "subject", "stream"])
def test_a_column_that_says_it_in_another_way_is_changed(column: str):
    """It means the same, but is found by no question and stands elsewhere in the order of time."""
    here, there = (dict(zip(FIELDS, row(as_said=as_said), strict=True)) for as_said in (False, True))
    assert why(tuple((here | {column: there[column]}).values())) == "changed"
    assert why(tuple((there | {column: here[column]}).values()), as_said=True) == "changed"


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("at", 2026),
        ("at", b"2026-01-31 05:00:00.000000"),
        ("at", "2026-01-31T05:00:00.000000"),
        ("actor", UUID(int=101).bytes),
        ("subject", 102),
        ("body", "{}"),
        ("kept", "{}"),
        ("kept", b"{}"),
        ("previous", None),
    ],
)
def test_whatever_a_column_holds_is_told_of(column: str, other: object):
    """SQLite keeps what it is given."""
    held = dict(zip(FIELDS, row(), strict=True))
    assert why(tuple((held | {column: other}).values())) == "changed"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"act":1}', b"\xff", b"[" * 5_000, b"{}"])
def test_a_body_that_is_none_is_a_changed_one(body: bytes):
    assert why(row(body=body)) == "changed"


def test_an_event_that_does_not_follow_is_told():
    first = row()
    assert why(first, row(3, str(first[1]))) == "gap"
    assert why(first, row(2, "f" * 64)) == "unlinked"


def test_a_strand_arrives_in_another_process_as_it_left():
    seen = reading()
    seen.take([row()])
    seen.close()
    seen.strand.nodes.append(b"n" * 32)
    there = pickle.loads(pickle.dumps(seen.strand))
    assert {key: list(places) for key, places in there.places.items()} == seen.strand.places
    assert (there.leaves, there.chains, there.nodes) == (seen.strand.leaves, seen.strand.chains, seen.strand.nodes)


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
    assert (seen.strand.leaves, seen.strand.places) == (leaves, {key: [0, 1] for key in KEYS})
    assert why(lost, row(2, "f" * 64)) == "unlinked"
