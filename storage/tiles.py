"""The log as C2SP tlog-tiles: immutable objects of 256 hashes or entries, full ones under lock, and proofs from them.

`log/tile/<L>/<N>` holds the hashes of level 8·L, `log/tile/entries/<N>` the entries (skeletons, heads of the map), each
after its length in two bytes. What does not fill a tile yet lies beside it, as `<N>.p/<width>`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import TypeVar

from schemas.errors import AlreadyGiven, BrokenTrail, NotFound
from storage.objects import Objects
from storage.tree import HASH_BYTES, Proofs, leaf_hash, node_hash, peaks_of

PREFIX = "log/"
HEIGHT = 8
WIDTH = 1 << HEIGHT
BESIDE = ".p/"  # before the width of what is not full
ENTRIES = -1  # the "level" of entry bundles
LONGEST = 65_535  # bytes of one entry
LARGEST = WIDTH * (LONGEST + 2)
One = TypeVar("One")
Told = TypeVar("Told")


def name_of(level: int, index: int, width: int = WIDTH) -> str:
    """The object's name: `log/tile/0/x001/234`, `log/tile/entries/273.p/112`."""
    told = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        told = f"x{index % 1000:03d}/{told}"
    kind = "entries" if level == ENTRIES else str(level)
    return f"{PREFIX}tile/{kind}/{told}" + ("" if width == WIDTH else f"{BESIDE}{width}")


def bundled(entries: Iterable[bytes]) -> bytes:
    """Entries one after another, each behind its length."""
    return b"".join(len(one).to_bytes(2, "big") + one for one in entries)


def unbundled(raw: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError where it ends in the middle of one."""
    entries, at = list[bytes](), 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise ValueError("a bundle ends within an entry")
        entries.append(raw[at + 2 : end])
        at = end
    return entries


def shape(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, index, width) of what the last, unfilled tile of each level is in a log of that size."""
    level, count = 0, size
    while count:
        if count % WIDTH:
            yield level, count // WIDTH, count % WIDTH
        level, count = level + 1, count // WIDTH


@dataclass(frozen=True, slots=True)
class Tile:
    """One object on its way to the store."""

    level: int
    index: int
    width: int
    body: bytes

    @property
    def name(self) -> str:
        return name_of(self.level, self.index, self.width)

    @property
    def full(self) -> bool:
        return self.width == WIDTH


class Edge:
    """The right edge of a growing log: of every level the tile that is not full yet, and what has to be written."""

    def __init__(self) -> None:
        self.size = 0
        self.levels: list[list[bytes]] = [[]]
        self.entries: list[bytes] = []
        self._filled: list[Tile] = []
        self._told: dict[int, tuple[int, int]] = {}  # level: (index, width) that was handed out already

    def append(self, entry: bytes, leaf: bytes | None = None) -> bytes:
        """Add an entry; `leaf` is its hash where that is known. Returns the leaf hash."""
        if len(entry) > LONGEST:
            raise ValueError("an entry of the log is shorter than 64 KB")
        leaf = leaf or leaf_hash(entry)
        nodes = self.levels[0]
        nodes.append(leaf)
        self.entries.append(entry)
        self.size += 1
        if len(nodes) == WIDTH:
            self._filled.append(Tile(ENTRIES, self.size // WIDTH - 1, WIDTH, bundled(self.entries)))
            self.entries = []
            self._fill(0)
        return leaf

    def _fill(self, level: int) -> None:
        nodes = self.levels[level]
        self._filled.append(Tile(level, (self.size >> HEIGHT * (level + 1)) - 1, WIDTH, b"".join(nodes)))
        [above] = peaks_of(nodes)
        self.levels[level] = []
        if level + 1 == len(self.levels):
            self.levels.append([])
        self.levels[level + 1].append(above)
        if len(self.levels[level + 1]) == WIDTH:
            self._fill(level + 1)

    def peaks(self) -> list[bytes]:
        """Roots of the complete subtrees, largest first, as `tree.Peaks` has them."""
        return [peak for nodes in reversed(self.levels) for peak in peaks_of(nodes)]

    def root(self) -> bytes:
        """Root of the log as it stands."""
        return rooted(self.peaks())

    def unwritten(self) -> list[Tile]:
        """What is new since this was last asked: tiles that were filled, then the unfilled ones of this very size."""
        new, self._filled = self._filled, []
        for level, index, width in shape(self.size):
            if self._told.get(level) == (index, width):
                continue
            self._told[level] = (index, width)
            new.append(Tile(level, index, width, b"".join(self.levels[level])))
            if level == 0:
                new.append(Tile(ENTRIES, index, width, bundled(self.entries)))
        return new


def rooted(peaks: Sequence[bytes]) -> bytes:
    """Root of the log with these peaks."""
    if not peaks:
        return hashlib.sha256(b"").digest()
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node_hash(peak, found)
    return found


def restored(objects: Objects, size: int, root: bytes) -> Edge:
    """The right edge at a size that was signed, read from the store. Raises BrokenTrail where it has another root."""
    edge = Edge()
    edge.size = size
    for level, index, width in shape(size):
        edge.levels += [[] for _ in range(level + 1 - len(edge.levels))]
        edge.levels[level] = hashes(objects, level, index, width)
        edge._told[level] = (index, width)  # noqa: SLF001 -- it lies there
        if level == 0:
            edge.entries = entries(objects, index, width)
    if edge.root() != root or [leaf_hash(one) for one in edge.entries] != edge.levels[0]:
        raise BrokenTrail(stream="log", seq=size, why="tiles")
    return edge


def hashes(objects: Objects, level: int, index: int, width: int = WIDTH) -> list[bytes]:
    """The first `width` hashes of a tile. Raises BrokenTrail where it is missing or too short."""
    raw = _read(objects, level, index, width)
    if len(raw) % HASH_BYTES or len(raw) < width * HASH_BYTES:
        raise BrokenTrail(stream=name_of(level, index, width), why="tiles")
    return [raw[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)]


def entries(objects: Objects, index: int, width: int = WIDTH) -> list[bytes]:
    """The first `width` entries of a bundle. Raises BrokenTrail where it is missing or too short."""
    try:
        told = unbundled(_read(objects, ENTRIES, index, width))
    except ValueError as broken:
        raise BrokenTrail(stream=name_of(ENTRIES, index, width), why="tiles") from broken
    if len(told) < width:
        raise BrokenTrail(stream=name_of(ENTRIES, index, width), why="tiles")
    return told[:width]


def same(objects: Objects, level: int, index: int, width: int, body: bytes) -> bool:
    """Whether this is what the store holds there; of a tile that was filled since, its beginning. Raises BrokenTrail."""
    raw = _read(objects, level, index, width)
    return raw == body or (width < WIDTH and raw.startswith(body))


def _read(objects: Objects, level: int, index: int, width: int) -> bytes:
    # An unfilled tile may be gone once it is full.
    for name in dict.fromkeys((name_of(level, index, width), name_of(level, index))):
        try:
            return objects.read(name, LARGEST)
        except NotFound:
            continue
    raise BrokenTrail(stream=name_of(level, index, width), why="tiles")


def publish(objects: Objects, new: Sequence[Tile], crew: Executor | None = None) -> dict[str, str]:
    """Put these objects. Returns their names with the marks that the store gave. Raises BrokenTrail where it holds others."""

    def put(tile: Tile) -> tuple[str, str]:
        sha256 = hashlib.sha256(tile.body).hexdigest()
        try:
            return tile.name, objects.put(tile.name, BytesIO(tile.body), len(tile.body), sha256)
        except AlreadyGiven as other:
            raise BrokenTrail(stream=tile.name, why="tiles") from other

    return dict(_each(put, new, crew))


def lock(objects: Objects, marks: Mapping[str, str], until: datetime, crew: Executor | None = None) -> None:
    """Keep the full ones of what was put, once a checkpoint says what they hold."""
    full = [name for name in marks if BESIDE not in name]
    _each(lambda name: objects.lock(name, until, marks[name]), full, crew)


def _each(do: Callable[[One], Told], those: Sequence[One], crew: Executor | None) -> list[Told]:
    return list(map(do, those) if crew is None or len(those) < 3 else crew.map(do, those))


def drop_beyond(objects: Objects, size: int) -> int:
    """Remove what no checkpoint speaks of: tiles of a log longer than `size`. Returns how many. Raises Retained."""
    count = 0
    for one in list(objects.keys(f"{PREFIX}tile/")):
        level, end = reaching(one.key)
        if end > size >> HEIGHT * max(level, 0):
            objects.delete(one.key)
            count += 1
    return count


def full(objects: Objects, size: int) -> Iterator[str]:
    """Names of the full tiles in a log of that size."""
    for one in objects.keys(f"{PREFIX}tile/"):
        level, end = reaching(one.key)
        if not end % WIDTH and end <= size >> HEIGHT * max(level, 0):
            yield one.key


def reaching(name: str) -> tuple[int, int]:
    """Level of a tile, and behind which hash or entry of that level it ends."""
    kind, *places = name.removeprefix(f"{PREFIX}tile/").split("/")
    width = WIDTH
    if places[-2:-1] and places[-2].endswith(".p"):
        width = int(places.pop())
    number = int("".join(one.removeprefix("x").removesuffix(".p") for one in places))
    return ENTRIES if kind == "entries" else int(kind), number * WIDTH + width


class Unfilled:
    """What lies half full in the store beside tiles that will be full; `since`: how many leaves there were before.

    Tiles that begin behind those have no other forms than the ones told of here.
    """

    def __init__(self, since: int = 0) -> None:
        self._since = since
        self._marks: dict[str, dict[str, str]] = {}

    def add(self, marks: Mapping[str, str]) -> None:
        """Remember the unfilled ones of what was put."""
        for name, mark in marks.items():
            tile, beside, _ = name.partition(BESIDE)
            if beside:
                self._marks.setdefault(tile, {})[name] = mark

    def sweep(self, objects: Objects, marks: Mapping[str, str]) -> None:
        """Remove the unfilled forms of the full ones of what was put; readers of an older checkpoint take the full one."""
        known: dict[str, str] = {}
        for name in marks:
            if BESIDE in name:
                continue
            known |= self._marks.pop(name, {})
            level, end = reaching(name)
            if end - WIDTH << HEIGHT * max(level, 0) < self._since:
                objects.clear(f"{name}{BESIDE}")  # who began it may have left more
        if known:
            objects.drop(known)


class Tiles(Proofs):
    """A log of `size` leaves as its tiles tell it: proofs that read a few objects, whatever the size.

    What they tell is proved by the root of a checkpoint alone.
    """

    def __init__(self, objects: Objects, size: int) -> None:
        self._objects, self._count = objects, size
        self._tile: Callable[[int, int], list[bytes]] = lru_cache(maxsize=1024)(self._load)

    def __len__(self) -> int:
        return self._count

    def leaves(self, index: int) -> list[bytes]:
        """The leaf hashes of a tile."""
        return self._tile(0, index)

    def _load(self, level: int, index: int) -> list[bytes]:
        there = (self._count >> HEIGHT * level) - index * WIDTH
        return hashes(self._objects, level, index, min(there, WIDTH))

    def _node(self, level: int, index: int) -> bytes:
        tile, within = divmod(level, HEIGHT)
        first = index << within
        nodes = self._tile(tile, first // WIDTH)[first % WIDTH :][: 1 << within]
        [found] = peaks_of(nodes)
        return found
