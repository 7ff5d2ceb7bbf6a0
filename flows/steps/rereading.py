"""Rows of the trail compared with their bodies, their hashes and each other, in the order of the log.

It is done a million times in a verification, so it goes by what is dear: a body is parsed whole, but only what columns say
too becomes objects; ids and instants are compared as the database has them; a stream is looked up once for each of its events.
"""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from schemas.errors import BrokenTrail
from schemas.event import ERASING
from storage.tree import HASH_BYTES

_ERASING = frozenset(act.value for act in ERASING)
_GROUPS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))  # of the digits of an id
_DIGITS = 32
_PLACE = "H"  # of an array: two bytes, as a stretch has no more leaves than these can count


@dataclass
class Chain:
    """What a stretch has of one stream: where it begins and where it ends."""

    first: int
    previous: str
    last: int
    head: str


@dataclass
class Strand:
    """What a stretch told."""

    first: int
    count: int
    leaves: list[bytes] = field(default_factory=list)
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)  # by key: which of these leaves it holds
    nodes: list[bytes] = field(default_factory=list)  # roots of its full groups of 256 leaves
    peaks: dict[int, list[bytes]] = field(default_factory=dict)  # at the sizes that were asked for
    chains: dict[str, Chain] = field(default_factory=dict)  # by the stream's key
    events: int = 0
    head: tuple[int, str] | None = None  # the last head of the map: where it stands, the root it says
    lost: int = 0  # events of which only the skeleton is left
    missing: list[tuple[str, int, set[str]]] = field(default_factory=list)  # stream, number, digests without a value
    erased: dict[str, set[str]] = field(default_factory=dict)  # by stream: digests that an event says were erased

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which would be handed each leaf and each place for itself."""
        places = {key: array(_PLACE, held).tobytes() for key, held in self.places.items()}
        return {**self.__dict__, "leaves": b"".join(self.leaves), "places": places}

    def __setstate__(self, told: dict[str, Any]) -> None:
        packed = told["leaves"]
        leaves = [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)]
        places = {key: array(_PLACE, held) for key, held in told["places"].items()}
        self.__dict__.update(told, leaves=leaves, places=places)


class _Said(msgspec.Struct, gc=False):
    """What a body says that columns say too; the rest is parsed and left aside."""

    act: str
    actor: str
    at: str
    id: str
    noun: str
    pack: str
    previous: str
    role: str
    rule: str
    run: str
    seq: int
    stream: str
    subject: str


_said = msgspec.json.Decoder(_Said).decode


class _Followed:
    """A stream as far as it was read: its newest event, and what is done with a leaf of it."""

    __slots__ = ("above", "chain", "head", "held", "keys", "label", "last", "name")

    def __init__(self, keys: tuple[str, ...], name: str, places: Mapping[str, list[int]]) -> None:
        self.keys, self.name = keys, name
        self.label = '","k":["' + '","'.join(keys) + '"],"p":"'
        self.held = places[keys[0]].append
        self.above = places[keys[1]].append if len(keys) > 1 else None
        self.chain: tuple[int, str] | None = None  # number and hash before of the first event here
        self.last, self.head = 0, ""

    def goes_on(self, seq: int, previous: str, told: str) -> None:
        """One event more. Raises BrokenTrail where it does not follow the one before."""
        if self.chain is None:
            self.chain = seq, previous
        elif seq != self.last + 1:
            raise BrokenTrail(stream=self.keys[0], seq=self.last + 1, why="gap")
        elif previous != self.head:
            raise BrokenTrail(stream=self.keys[0], seq=seq, why="unlinked")
        self.last, self.head = seq, told


class Reading:
    """Compares rows with each other, in the order of the log."""

    def __init__(self, strand: Strand, streams: Mapping[str, tuple[str, ...]], *, as_said: bool = False) -> None:
        """`as_said`: rows have ids and instants as bodies do; else ids as 32 digits, instants with a blank and no zone."""
        self.strand = strand
        self._as_said = as_said
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._streams = streams
        self._followed: dict[str, _Followed] = {}  # by the stream's id
        self._by_key: dict[str, _Followed] = {}
        self._names: dict[str, str] = {}  # ids as a body writes them

    def take(self, rows: Iterable[Sequence[Any]]) -> tuple[list[bytes], list[bytes]]:
        """Entries and leaf hashes of these rows, which stand in their order.

        Raises BrokenTrail where entry, hash, body and columns of one disagree, or where it does not follow the one before.
        """
        # a million times: what stands in a local name costs least
        sha256, said, followed = hashlib.sha256, _said, self._followed
        names, name, told_as_said = self._names, self._name, self._as_said
        entries, leaves, others = list[bytes](), list[bytes](), 0
        place = 0
        try:
            for at, row in enumerate(rows, len(self.strand.leaves)):
                (
                    place,
                    told,
                    kept,
                    body,
                    seq,
                    previous,
                    stream,
                    same,
                    when,
                    identity,
                    actor,
                    subject,
                    act,
                    noun,
                    pack,
                    role,
                    rule,
                    run,
                ) = row
                if kept is not None:
                    entry, leaf = self._kept(at, place, told, bytes(kept))
                    entries.append(entry)
                    leaves.append(leaf)
                    others += 1
                    continue
                one = followed.get(stream) or self._follow(stream, place)
                entry = (
                    f'{{"c":"{sha256(body).hexdigest()}{one.label}{previous}","s":{seq},"t":"event","v":1}}'.encode()
                )
                leaf = sha256(b"\x00" + entry).digest()
                if leaf.hex() != told or not same:
                    raise BrokenTrail(stream="log", seq=place, why="changed")
                try:
                    says = said(body)
                except (msgspec.MsgspecError, ValueError, RecursionError) as trouble:
                    raise BrokenTrail(stream=stream, seq=seq, why="changed") from trouble
                if (
                    says.seq != seq
                    or says.previous != previous
                    or says.stream != one.name
                    or (says.id if told_as_said else says.id.replace("-", "")) != identity
                    or says.actor != (names.get(actor) or name(actor))
                    or says.subject != (names.get(subject) or name(subject))
                    or (says.at if told_as_said else says.at.replace("T", " ")[:-1]) != when
                    or says.act != act
                    or says.noun != noun
                    or says.role != role
                    or says.rule != rule
                    or says.pack != pack
                    or says.run != run
                ):
                    raise BrokenTrail(stream=stream, seq=seq, why="changed")
                if seq == one.last + 1 and previous == one.head and one.chain is not None:
                    one.last, one.head = seq, told
                else:
                    one.goes_on(seq, previous, told)
                if act in _ERASING:
                    self.strand.erased.setdefault(stream, set()).update(erased_by(orjson.loads(body)))
                one.held(at)
                if one.above is not None:
                    one.above(at)
                entries.append(entry)
                leaves.append(leaf)
        except (AttributeError, TypeError, ValueError, LookupError) as other:  # SQLite keeps whatever it is given
            raise BrokenTrail(stream="log", seq=place, why="changed") from other
        self.strand.events += len(leaves) - others
        self.strand.leaves += leaves
        return entries, leaves

    def _follow(self, stream: str, place: int) -> _Followed:
        keys = self._streams.get(stream)
        if keys is None:
            raise BrokenTrail(stream="log", seq=place, why="changed")
        one = self._by_key.get(keys[0])
        if one is None or not one.name:  # its first event, or its first that is not lost
            begun, one = one, _Followed(keys, self._name(stream), self._places)
            if begun is not None:
                one.chain, one.last, one.head = begun.chain, begun.last, begun.head
            self._by_key[keys[0]] = one
        self._followed[stream] = one
        return one

    def _name(self, digits: str) -> str:
        """An id as a body writes it."""
        if self._as_said:
            return digits
        # what is longer would else lose its end, and be another's id
        name = "-".join(digits[at:end] for at, end in _GROUPS) if len(digits) == _DIGITS else ""
        self._names[digits] = name
        return name

    def _kept(self, at: int, place: int, told: str, entry: bytes) -> tuple[bytes, bytes]:
        """Entry and leaf hash of a leaf that has its bytes here: a head of the map, or what is left of an event."""
        leaf = hashlib.sha256(b"\x00" + entry).digest()
        says = orjson.loads(entry)
        if leaf.hex() != told:
            raise BrokenTrail(stream="log", seq=place, why="map" if says["t"] == "map" else "changed")
        if says["t"] == "map":
            if says["n"] != place:
                raise BrokenTrail(stream="log", seq=place, why="map")
            self.strand.head = (place, says["r"])
        elif says["t"] == "event":
            key, *above = says["k"]
            one = self._by_key.get(key)
            if one is None:
                one = self._by_key[key] = _Followed((key, *above), "", self._places)  # its stream may be gone too
            one.goes_on(says["s"], says["p"], told)
            for each in says["k"]:
                self._places[each].append(at)
            self.strand.lost += 1
        return entry, leaf

    def close(self) -> None:
        """No more rows."""
        for key, one in self._by_key.items():
            if one.chain is not None:
                self.strand.chains[key] = Chain(*one.chain, one.last, one.head)
        self.strand.places = {key: held for key, held in self._places.items() if held}


def erased_by(says: dict[str, Any]) -> Iterator[str]:
    """Digests that an erasing event names, and those of what stood in its rows before, which nobody could ever open."""
    yield from says["facts"].get("erased", ())
    before = (change["old"] for change in says["changes"])
    yield from (old["sd"] for old in before if isinstance(old, dict) and "sd" in old)
