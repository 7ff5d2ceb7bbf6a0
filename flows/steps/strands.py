"""One stretch of the log read anew, which nobody else needs to have read before.

Rows come raw from the driver, each body once. What reaches over the stretch's ends (chains, keys, roots) is handed back
to be joined with the stretches before and after (`flows.steps.verifying`).
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.engine import Connection

from flows.office import Office
from flows.steps.rereading import Reading, Strand
from schemas.errors import BrokenTrail
from storage import tiles
from storage.ledger import disclosure_digest
from storage.tiles import ENTRIES, HEIGHT, WIDTH
from storage.tree import Peaks, peaks_of

STRETCH = WIDTH * WIDTH  # leaves; those of one tile of the second level
SHORTEST = STRETCH // 16  # of those that are read last, so that nobody waits long for whoever reads the last one
_DIGEST = b'{"sd":"'
CHUNK = 2 * WIDTH  # leaves read at a time: so many bodies stay in a processor's cache
_READERS = 4  # threads that read tiles

# a year before Christ would read as one after
_UTC = """CASE WHEN {0} > '0001-01-02' THEN to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END"""
# PostgreSQL tells ids and instants as a body has them, SQLite as it keeps them
_ID = {"sqlite": "{0}", "postgresql": "{0}::text"}
_AT = {"sqlite": "{0}", "postgresql": _UTC}
_EVENT = (
    "SELECT {place}, {told}, {entry}, e.body, e.seq, e.previous, {stream}, {same}, {at}, {id}, {actor}, {subject}, "
    "e.act, e.noun, e.pack, e.actor_role, e.rule, e.run_id FROM {source} "
)
_BETWEEN = " WHERE l.position >= {mark} AND l.position < {mark} ORDER BY l.position"
_HIDDEN = "SELECT l.position, d.digest, d.path, d.salt, d.value FROM leaf l JOIN disclosure d ON d.event_id = l.event_id{between}"
_MARK = {"sqlite": "?", "postgresql": "%s"}
_STREAM = {"sqlite": "?", "postgresql": "%s::uuid"}


def events(dialect: str) -> str:
    """The statement for events with a place, from one up to another."""
    said = _columns(dialect)
    # an entry beside an event would be read in its place
    kept = "CASE WHEN l.event_id IS NULL THEN l.entry END"
    said |= {"place": "l.position", "told": "l.hash", "entry": kept, "same": "e.hash = l.hash AND l.entry IS NULL"}
    return _EVENT.format(source="leaf l LEFT JOIN event e ON e.id = l.event_id" + between(dialect), **said)


def waiting(dialect: str) -> str:
    """The statement for events that wait for a place."""
    said = {"place": "u.id", "told": "e.hash", "entry": "NULL", "same": "TRUE"}
    return _EVENT.format(
        source="unsealed u JOIN event e ON e.id = u.event_id ORDER BY u.id", **said, **_columns(dialect)
    )


def later(dialect: str) -> str:
    """The statement for events of a stream behind one of its numbers."""
    said = {"place": "e.seq", "told": "e.hash", "entry": "NULL", "same": "TRUE"}
    source = f"event e WHERE e.stream_id = {_STREAM[dialect]} AND e.seq > {_MARK[dialect]} ORDER BY e.seq"
    return _EVENT.format(source=source, **said, **_columns(dialect))


def _columns(dialect: str) -> dict[str, str]:
    ids = {"id": "e.id", "stream": "e.stream_id", "actor": "e.actor_id", "subject": "e.subject_id"}
    return {name: _ID[dialect].format(column) for name, column in ids.items()} | {"at": _AT[dialect].format("e.at")}


def between(dialect: str) -> str:
    """The end of a statement about leaves from one place up to another."""
    return _BETWEEN.format(mark=_MARK[dialect])


def names(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Keys of every stream, by its id as events have it here."""
    told = _ID[connection.dialect.name].format("s.id")
    found = rows(connection, f"SELECT {told}, s.key, a.key FROM stream s LEFT JOIN stream a ON a.id = s.parent_id")  # noqa: S608 -- names of our own
    return {one: (key, above) if above else (key,) for one, key, above in found}


def reading(strand: Strand, streams: Mapping[str, tuple[str, ...]], dialect: str) -> Reading:
    """A reading of rows that `events` gives."""
    return Reading(strand, streams, as_said=dialect == "postgresql")


def read(
    office: Office,
    streams: Mapping[str, tuple[str, ...]],
    first: int,
    end: int,
    sizes: Sequence[int],
    signed: int,
    *,
    disclosures: bool,
) -> Strand:
    """Read leaves `first` to `end`. `sizes` are those whose peaks are wanted; tiles are there up to `signed`.

    `first` is a multiple of SHORTEST, and of as many leaves as are read at most; `streams` are those of `names`.
    Raises BrokenTrail at the first row, tile or bundle that does not fit.
    """
    strand = Strand(first, end - first)
    asked, grown = iter([*sizes, 0]), Peaks()
    wanted = next(asked)
    statement = events(office.engine.dialect.name)
    with (
        ThreadPoolExecutor(_READERS) as crew,
        office.engine.connect().execution_options(reads=True) as connection,
    ):
        seen = reading(strand, streams, office.engine.dialect.name)
        for begin in range(first, end, CHUNK):
            until = min(begin + CHUNK, end)
            hidden = _hidden(connection, begin, until) if disclosures else {}
            found = rows(connection, statement, begin, until)
            places = [row[0] for row in found]
            if places != [*range(begin, until)]:  # what stands before the first that is wrong is read, and told first
                found = found[: next((at for at, one in enumerate(places) if one != begin + at), len(places))]
            entries, leaves = seen.take(found)
            if disclosures:
                for row in found:
                    if row[2] is None:
                        _disclosed(strand, row, hidden.get(row[0], ()))
            if len(leaves) != until - begin:
                raise BrokenTrail(stream="log", seq=begin + len(leaves), why="gap")
            for at in range(0, len(leaves), WIDTH):
                group = leaves[at : at + WIDTH]
                while begin + at < wanted < begin + at + WIDTH and wanted <= until:
                    strand.peaks[wanted] = [*grown.peaks, *peaks_of(group[: wanted - begin - at])]
                    wanted = next(asked)
                if len(group) < WIDTH:
                    continue
                strand.nodes += peaks_of(group)
                grown.append(strand.nodes[-1])
                if wanted == begin + at + WIDTH:
                    strand.peaks[wanted] = list(grown.peaks)
                    wanted = next(asked)
            list(crew.map(lambda job: _same(office, *job), _stored(begin, entries, leaves, signed)))
    seen.close()
    return strand


def rows(connection: Connection, statement: str, *said: int | str) -> list[tuple[Any, ...]]:
    """Rows as the driver gives them: turning a million of them into objects takes longer than to verify them."""
    driver = connection.connection.driver_connection
    # some hundred rows are no burden, and a cursor on the server's side costs a round trip for each hundred
    cursor = driver.cursor(binary=True) if connection.dialect.name == "postgresql" else driver.cursor()  # pyright: ignore[reportOptionalMemberAccess, reportCallIssue]
    try:
        cursor.execute(statement, said)
        return cursor.fetchall()
    finally:
        cursor.close()


def _hidden(connection: Connection, first: int, end: int) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for place, *told in rows(connection, _HIDDEN.format(between=between(connection.dialect.name)), first, end):
        found.setdefault(place, []).append(tuple(told))
    return found


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


def upper(office: Office, groups: Sequence[bytes], signed: int) -> None:
    """Compare the tiles above the first level, made of the roots of full groups of 256 leaves. Raises BrokenTrail."""
    level, nodes = 1, list(groups)
    while nodes:
        there = signed >> HEIGHT * level
        for at in range(0, min(len(nodes), there), WIDTH):
            width = min(WIDTH, there - at)
            _same(office, level, at // WIDTH, width, b"".join(nodes[at : at + width]))
        full = range(0, len(nodes) - WIDTH + 1, WIDTH)
        nodes = [peak for at in full for peak in peaks_of(nodes[at : at + WIDTH])]
        level += 1
