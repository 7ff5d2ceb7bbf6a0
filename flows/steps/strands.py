"""One stretch of the log read anew: 65,536 leaves at most, which nobody else needs to have read before.

Rows come raw from the driver, each body once. What reaches over the stretch's ends (chains, keys, roots) is handed back
to be joined with the stretches before and after (`flows.steps.verifying`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy.engine import Connection

from flows.office import Office
from schemas.errors import BrokenTrail
from schemas.event import ERASING
from storage import tiles
from storage.ledger import disclosure_digest
from storage.tiles import ENTRIES, HEIGHT, WIDTH
from storage.tree import Peaks, peaks_of

STRETCH = WIDTH * WIDTH  # leaves; one tile of the second level
_ERASING = frozenset(act.value for act in ERASING)
_DIGEST = b'{"sd":"'
_CHUNK = 16 * WIDTH  # leaves read at a time
_READERS = 4  # threads that read tiles

# `plain` forms on both kinds of database: ids as 32 digits, instants as SQLite keeps them
_ID = {"sqlite": "{0}", "postgresql": "replace({0}::text, '-', '')"}
_AT = {"sqlite": "{0}", "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"}
_EVENT = (
    "SELECT {place}, {told}, {entry}, e.body, e.seq, e.previous, {stream}, e.hash, {at}, {id}, {actor}, {subject}, "
    "e.act, e.noun, e.pack, e.actor_role, e.rule, e.run_id FROM {source} "
)
_SAID = itemgetter("seq", "previous", "act", "noun", "pack", "role", "rule", "run")
_TOLD = itemgetter(4, 5, 12, 13, 14, 15, 16, 17)  # of a row: the same
_sha256 = hashlib.sha256
_HIDDEN = (
    "SELECT l.position, d.digest, d.path, d.salt, d.value FROM leaf l JOIN disclosure d ON d.event_id = l.event_id "
    "WHERE l.position >= {first} AND l.position < {end}"
)


def events(dialect: str, *, waiting: bool) -> str:
    """The statement for events: those with a place between {first} and {end}, or those that wait for one."""
    ids = {"id": "e.id", "stream": "e.stream_id", "actor": "e.actor_id", "subject": "e.subject_id"}
    said = {name: _ID[dialect].format(column) for name, column in ids.items()} | {"at": _AT[dialect].format("e.at")}
    if waiting:
        said |= {"place": "u.id", "told": "e.hash", "entry": "NULL"}
        return _EVENT.format(source="unsealed u JOIN event e ON e.id = u.event_id ORDER BY u.id", **said)
    said |= {"place": "l.position", "told": "l.hash", "entry": "l.entry"}
    source = "leaf l LEFT JOIN event e ON e.id = l.event_id"
    between = " WHERE l.position >= {first} AND l.position < {end} ORDER BY l.position"
    return _EVENT.format(source=source, **said) + between


def names(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Keys of every stream, by its id as events have it here."""
    told = _ID[connection.dialect.name].format("s.id")
    found = rows(connection, f"SELECT {told}, s.key, a.key FROM stream s LEFT JOIN stream a ON a.id = s.parent_id")  # noqa: S608 -- names of our own
    return {one: (key, above) if above else (key,) for one, key, above in found}


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
    nodes: list[bytes] = field(default_factory=list)  # roots of its full groups of 256 leaves
    rest: list[bytes] = field(default_factory=list)  # leaves behind these
    peaks: dict[int, list[bytes]] = field(default_factory=dict)  # at the sizes that were asked for
    chains: dict[str, Chain] = field(default_factory=dict)  # by the stream's key
    events: int = 0
    head: tuple[int, str] | None = None  # the last head of the map: where it stands, the root it says
    held: dict[str, bytes] = field(default_factory=dict)  # leaf hashes by key, before that head
    after: dict[str, bytes] = field(default_factory=dict)  # and behind it
    lost: int = 0  # events of which only the skeleton is left
    missing: list[tuple[str, int, set[str]]] = field(default_factory=list)  # stream, number, digests without a value
    erased: dict[str, set[str]] = field(default_factory=dict)  # by stream: digests that an event says were erased


class Reading:
    """Compares rows with each other, in the order of the log."""

    def __init__(self, strand: Strand, streams: Mapping[str, tuple[str, ...]]) -> None:
        self.strand = strand
        self.held: defaultdict[str, list[bytes]] = defaultdict(list)
        self._touched: set[str] = set()  # keys since the last head
        self._cut: dict[str, int] = {}  # how many leaves of a key stand before it
        self._streams = {one: ('","k":["' + '","'.join(keys) + '"],"p":"', keys) for one, keys in streams.items()}

    def event(self, row: Sequence[Any]) -> tuple[bytes, bytes]:
        """Entry and leaf hash of an event's row. Raises BrokenTrail where they, the body and the columns disagree."""
        place, told, _, body, seq, previous, stream, event_hash, at, identity, actor, subject, act, *_ = row
        named = self._streams.get(stream)
        if named is None:
            raise BrokenTrail(stream="log", seq=place, why="changed")
        label, keys = named
        entry = f'{{"c":"{_sha256(body).hexdigest()}{label}{previous}","s":{seq},"t":"event","v":1}}'.encode()
        leaf = _sha256(b"\x00" + entry).digest()
        if leaf.hex() != told or told != event_hash:
            raise BrokenTrail(stream="log", seq=place, why="changed")
        says = orjson.loads(body)
        ids = f"{says['stream']} {says['id']} {says['actor']} {says['subject']}"
        if (
            _SAID(says) != _TOLD(row)
            or says["at"] != f"{at[:10]}T{at[11:]}Z"
            or ids.replace("-", "") != f"{stream} {identity} {actor} {subject}"
        ):
            raise BrokenTrail(stream=stream, seq=seq, why="changed")
        chain = self.strand.chains.get(keys[0])
        if chain is not None and seq == chain.last + 1 and previous == chain.head:
            chain.last, chain.head = seq, told
        else:
            self._follows(keys[0], seq, previous, told)
        if act in _ERASING:
            self.strand.erased.setdefault(stream, set()).update(_named(says))
        for one in keys:
            self.held[one].append(leaf)
        self._touched.update(keys)
        self.strand.events += 1
        return entry, leaf

    def _follows(self, key: str, seq: int, previous: str, told: str) -> None:
        chain = self.strand.chains.get(key)
        if chain is None:
            self.strand.chains[key] = Chain(seq, previous, seq, told)
            return
        if seq != chain.last + 1:
            raise BrokenTrail(stream=key, seq=chain.last + 1, why="gap")
        if previous != chain.head:
            raise BrokenTrail(stream=key, seq=seq, why="unlinked")
        chain.last, chain.head = seq, told

    def kept(self, row: Sequence[Any]) -> tuple[bytes, bytes]:
        """Entry and leaf hash of a leaf that has its bytes here: a head of the map, or what is left of an event."""
        place, told, entry = row[0], row[1], bytes(row[2])
        leaf = hashlib.sha256(b"\x00" + entry).digest()
        says = orjson.loads(entry)
        if leaf.hex() != told:
            raise BrokenTrail(stream="log", seq=place, why="map" if says["t"] == "map" else "changed")
        if says["t"] == "map":
            if says["n"] != place:
                raise BrokenTrail(stream="log", seq=place, why="map")
            self.strand.head = (place, says["r"])
            self._cut |= {key: len(self.held[key]) for key in self._touched}
            self._touched.clear()
        elif says["t"] == "event":
            self._follows(says["k"][0], says["s"], says["p"], told)
            for one in says["k"]:
                self.held[one].append(leaf)
                self._touched.add(one)
            self.strand.lost += 1
        return entry, leaf

    def close(self) -> None:
        """No more rows."""
        for key, leaves in self.held.items():
            cut = self._cut.get(key, 0)
            if cut:
                self.strand.held[key] = b"".join(leaves[:cut])
            if cut < len(leaves):
                self.strand.after[key] = b"".join(leaves[cut:])


def read(office: Office, first: int, end: int, sizes: Sequence[int], signed: int, *, disclosures: bool) -> Strand:
    """Read leaves `first` to `end`. `sizes` are those whose peaks are wanted; tiles are there up to `signed`.

    Raises BrokenTrail at the first row, tile or bundle that does not fit.
    """
    strand = Strand(first, end - first)
    asked, grown = iter([*sizes, 0]), Peaks()
    wanted = next(asked)
    statement = events(office.engine.dialect.name, waiting=False)
    with (
        ThreadPoolExecutor(_READERS) as crew,
        office.engine.connect().execution_options(reads=True) as connection,
    ):
        seen = Reading(strand, names(connection))
        for begin in range(first, end, _CHUNK):
            until = min(begin + _CHUNK, end)
            hidden = _hidden(connection, begin, until) if disclosures else {}
            entries, leaves = list[bytes](), list[bytes]()
            for place, row in enumerate(rows(connection, statement.format(first=begin, end=until)), begin):
                if row[0] != place:
                    raise BrokenTrail(stream="log", seq=place, why="gap")
                entry, leaf = seen.event(row) if row[2] is None else seen.kept(row)
                if disclosures and row[2] is None:
                    _disclosed(strand, row, hidden.get(place, ()))
                entries.append(entry)
                leaves.append(leaf)
            if len(leaves) != until - begin:
                raise BrokenTrail(stream="log", seq=begin + len(leaves), why="gap")
            for at in range(0, len(leaves), WIDTH):
                group = leaves[at : at + WIDTH]
                while begin + at < wanted < begin + at + WIDTH and wanted <= until:
                    strand.peaks[wanted] = [*grown.peaks, *peaks_of(group[: wanted - begin - at])]
                    wanted = next(asked)
                if len(group) < WIDTH:
                    strand.rest = group
                    continue
                strand.nodes += peaks_of(group)
                grown.append(strand.nodes[-1])
                if wanted == begin + at + WIDTH:
                    strand.peaks[wanted] = list(grown.peaks)
                    wanted = next(asked)
            list(crew.map(lambda job: _same(office, *job), _stored(begin, entries, leaves, signed)))
    seen.close()
    if len(strand.nodes) == WIDTH and signed >= end:
        _same(office, 1, first // STRETCH, WIDTH, b"".join(strand.nodes))
    return strand


def rows(connection: Connection, statement: str) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver gives them: turning a million of them into objects takes longer than to verify them."""
    driver = connection.connection.driver_connection
    # 5,000 rows of some hundred bytes are no burden, and a cursor on the server's side costs a round trip for each hundred
    cursor = driver.cursor(binary=True) if connection.dialect.name == "postgresql" else driver.cursor()  # pyright: ignore[reportOptionalMemberAccess, reportCallIssue]
    try:
        cursor.execute(statement)
        yield from cursor.fetchall()
    finally:
        cursor.close()


def _hidden(connection: Connection, first: int, end: int) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for place, *told in rows(connection, _HIDDEN.format(first=first, end=end)):
        found.setdefault(place, []).append(tuple(told))
    return found


def _named(says: dict[str, Any]) -> Iterator[str]:
    """Digests that an erasing event names, and those of what stood in its rows before, which nobody could ever open."""
    yield from says["facts"].get("erased", ())
    before = (change["old"] for change in says["changes"])
    yield from (old["sd"] for old in before if isinstance(old, dict) and "sd" in old)


def _disclosed(strand: Strand, row: Sequence[Any], told: Sequence[tuple[Any, ...]]) -> None:
    body = bytes(row[3])
    if body.count(_DIGEST) > len(told):
        there = {part[:64].decode() for part in body.split(_DIGEST)[1:]}
        strand.missing.append((row[6], row[4], there - {one[0] for one in told}))
    for digest, path, salt, value in told:
        if disclosure_digest(salt, path, value) != digest or f'{{"sd":"{digest}"}}'.encode() not in body:
            raise BrokenTrail(stream=row[6], seq=row[4], why="changed")


def _stored(
    begin: int, entries: Sequence[bytes], leaves: Sequence[bytes], signed: int
) -> Iterator[tuple[int, int, int, bytes]]:
    # Only what was signed is in the store for certain.
    for at in range(0, len(leaves), WIDTH):
        width = min(WIDTH, len(leaves) - at, signed - begin - at)
        if width > 0:
            index = (begin + at) // WIDTH
            yield 0, index, width, b"".join(leaves[at : at + width])
            yield ENTRIES, index, width, tiles.bundled(entries[at : at + width])


def _same(office: Office, level: int, index: int, width: int, body: bytes) -> None:
    """Raises BrokenTrail where the store has another tile."""
    if not tiles.same(office.objects, level, index, width, body):
        raise BrokenTrail(stream=tiles.name_of(level, index, width), why="tiles")


def upper(office: Office, roots: Sequence[bytes], signed: int) -> None:
    """Compare the tiles above the second level, made of the roots of full stretches. Raises BrokenTrail."""
    level, nodes = 2, list(roots)
    while nodes:
        there = signed >> HEIGHT * level
        for at in range(0, min(len(nodes), there), WIDTH):
            width = min(WIDTH, there - at)
            _same(office, level, at // WIDTH, width, b"".join(nodes[at : at + width]))
        groups = [nodes[at : at + WIDTH] for at in range(0, len(nodes) - WIDTH + 1, WIDTH)]
        nodes = [peak for group in groups for peak in peaks_of(group)]
        level += 1
