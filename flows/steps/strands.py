"""One stretch of the log read anew: 65,536 leaves at most, which nobody else needs to have read before.

Rows come raw from the driver, each body once. What reaches over the stretch's ends (chains, keys, roots) is handed back
to be joined with the stretches before and after (`flows.steps.verifying`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy.engine import Connection

from flows.office import Office
from schemas.errors import BrokenTrail
from storage import tiles
from storage.ledger import disclosure_digest
from storage.tiles import ENTRIES, HEIGHT, WIDTH
from storage.tree import Peaks, peaks_of

STRETCH = WIDTH * WIDTH  # leaves; one tile of the second level
_CHUNK = 16 * WIDTH  # leaves read at a time
_READERS = 4  # threads that read tiles

# `plain` forms on both kinds of database: ids as 32 digits, instants as SQLite keeps them
_ID = {"sqlite": "{0}", "postgresql": "replace({0}::text, '-', '')"}
_AT = {"sqlite": "{0}", "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"}
_EVENT = (
    "SELECT {place}, {hash}, {entry}, e.seq, e.previous, e.body, s.key, a.key, {id}, {stream}, e.act, {at}, {actor}, "
    "e.actor_role, e.noun, {subject}, e.rule, e.pack, e.run_id FROM {source} "
    "JOIN stream s ON s.id = e.stream_id LEFT JOIN stream a ON a.id = s.parent_id "
)
_HIDDEN = (
    "SELECT l.position, d.digest, d.path, d.salt, d.value FROM leaf l JOIN disclosure d ON d.event_id = l.event_id "
    "WHERE l.position >= {first} AND l.position < {end}"
)


def events(dialect: str, *, waiting: bool) -> str:
    """The statement for events: those with a place between {first} and {end}, or those that wait for one."""
    names = {"id": "e.id", "stream": "e.stream_id", "actor": "e.actor_id", "subject": "e.subject_id"}
    told = {name: _ID[dialect].format(column) for name, column in names.items()}
    told["at"] = _AT[dialect].format("e.at")
    if waiting:
        told |= {"place": "u.id", "hash": "e.hash", "entry": "NULL"}
        source, end = "unsealed u JOIN event e ON e.id = u.event_id", "ORDER BY u.id"
    else:
        told |= {"place": "l.position", "hash": "l.hash", "entry": "l.entry"}
        source = "leaf l LEFT JOIN event e ON e.id = l.event_id"
        end = "WHERE l.position >= {first} AND l.position < {end} ORDER BY l.position"
        return _EVENT.format(source=source, **told).replace("JOIN stream s", "LEFT JOIN stream s") + end
    return _EVENT.format(source=source, **told) + end


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


class Reading:
    """Compares rows with each other, in the order of the log."""

    def __init__(self, strand: Strand) -> None:
        self.strand = strand
        self.held: dict[str, list[bytes]] = {}
        self._touched: set[str] = set()  # keys since the last head
        self._cut: dict[str, int] = {}  # how many leaves of a key stand before it
        self._keys: dict[tuple[str, str | None], tuple[str, tuple[str, ...]]] = {}

    def event(self, row: Sequence[Any]) -> tuple[bytes, bytes]:
        """Entry and leaf hash of an event's row. Raises BrokenTrail where they, the body and the columns disagree."""
        (place, told, _, seq, previous, body, key, above, identity, stream, act, at, actor, role) = row[:14]
        if body is None:
            raise BrokenTrail(stream="log", seq=place, why="changed")
        noun, subject, rule, pack, run = row[14:]
        body = bytes(body)
        named = self._keys.get((key, above))
        if named is None:
            keys = (key, above) if above else (key,)
            named = self._keys[key, above] = ('","k":["' + '","'.join(keys) + '"],"p":"', keys)
        content = hashlib.sha256(body).hexdigest()
        entry = f'{{"c":"{content}{named[0]}{previous}","s":{seq},"t":"event","v":1}}'.encode()
        leaf = hashlib.sha256(b"\x00" + entry).digest()
        if leaf.hex() != told:
            raise BrokenTrail(stream="log", seq=place, why="changed")
        says = orjson.loads(body)
        if (
            says["seq"] != seq
            or says["previous"] != previous
            or says["act"] != act
            or says["rule"] != rule
            or says["pack"] != pack
            or says["noun"] != noun
            or says["role"] != role
            or says["run"] != run
            or says["at"] != f"{at[:10]}T{at[11:]}Z"
            or says["stream"].replace("-", "") != stream
            or says["id"].replace("-", "") != identity
            or says["actor"].replace("-", "") != actor
            or says["subject"].replace("-", "") != subject
        ):
            raise BrokenTrail(stream=stream, seq=seq, why="changed")
        self._follows(key, seq, previous, told)
        for one in named[1]:
            found = self.held.get(one)
            if found is None:
                self.held[one] = [leaf]
            else:
                found.append(leaf)
        self._touched.update(named[1])
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
                self.held.setdefault(one, []).append(leaf)
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
    seen, asked, grown = Reading(strand), iter([*sizes, 0]), Peaks()
    wanted = next(asked)
    statement = events(office.engine.dialect.name, waiting=False)
    with (
        ThreadPoolExecutor(_READERS) as crew,
        office.engine.connect().execution_options(reads=True) as connection,
    ):
        for begin in range(first, end, _CHUNK):
            until = min(begin + _CHUNK, end)
            hidden = _hidden(connection, begin, until) if disclosures else {}
            entries, leaves = list[bytes](), list[bytes]()
            for place, row in enumerate(rows(connection, statement.format(first=begin, end=until)), begin):
                if row[0] != place:
                    raise BrokenTrail(stream="log", seq=place, why="gap")
                entry, leaf = seen.event(row) if row[2] is None else seen.kept(row)
                if place in hidden:
                    _disclosed(row, hidden[place])
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


def _disclosed(row: Sequence[Any], told: Sequence[tuple[Any, ...]]) -> None:
    body = bytes(row[5])
    for digest, path, salt, value in told:
        if disclosure_digest(salt, path, value) != digest or f'{{"sd":"{digest}"}}'.encode() not in body:
            raise BrokenTrail(stream=row[9], seq=row[3], why="changed")


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
    if level == ENTRIES:
        same = tiles.bundled(tiles.entries(office.objects, index, width)) == body
    else:
        same = b"".join(tiles.hashes(office.objects, level, index, width)) == body
    if not same:
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
