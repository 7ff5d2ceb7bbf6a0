"""A full witness: it reads every entry of the log anew, and says under a key of its own that the map of cases is honest.

Entries are skeletons, without anybody's affairs. What it knows is reckoned from them and proved by the checkpoint's root,
so its file is only there to save work; that no two histories are signed is seen to by the witness itself.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import BrokenTrail
from storage import log
from storage.canonical import canonical
from storage.keymap import KeyMap, value_of
from storage.tiles import ENTRIES, PREFIX, WIDTH, name_of, unbundled

Fetch = Callable[[str], bytes | None]
"""A public object of the log by its name, `tile/entries/273.p/112`; None where it is not there."""

PATIENCE = 3.0  # seconds of reading for one request; a long log is read over several
SAVED = 4096  # entries after which what is known is written down anew


class Replay:
    """The log's entries from the first on: chains of streams, what keys hold, and each head of the map against them."""

    def __init__(self) -> None:
        self.peaks = log.Peaks()
        self.keys: dict[str, log.Peaks] = {}
        self.streams: dict[str, tuple[int, str, tuple[str, ...]]] = {}  # by own key: last number, hash, keys above
        self.mapped = False  # whether the last entry is a head of the map
        self.fault: BrokenTrail | None = None  # of the first entry that does not follow; those after it are only hashed
        self._map = KeyMap()
        self._touched: set[str] = set()

    @property
    def size(self) -> int:
        return self.peaks.size

    def take(self, entry: bytes) -> None:
        """The next entry."""
        leaf = log.leaf_hash(entry)
        if self.fault is None:
            try:
                self._follow(entry, leaf)
            except BrokenTrail as wrong:
                self.fault = wrong
        self.peaks.append(leaf)

    def _follow(self, entry: bytes, leaf: bytes) -> None:
        told = self._read(entry)
        if told["t"] == "event":
            self._event(told, leaf)
        elif told["t"] == "map":
            for key in self._touched:
                self._map.set(bytes.fromhex(key), value_of(self.keys[key].size, self.keys[key].root()))
            self._touched.clear()
            if (told.get("n"), told.get("r")) != (self.size, self._map.root().hex()):
                raise BrokenTrail(stream="log", seq=self.size, why="map")
        self.mapped = told["t"] == "map"

    def _read(self, entry: bytes) -> dict[str, Any]:
        try:
            told = orjson.loads(entry)
            if isinstance(told, dict) and isinstance(told.get("t"), str) and canonical(told) == entry:
                return told
        except (ValueError, TypeError):
            pass
        raise BrokenTrail(stream="log", seq=self.size, why="changed")

    def _event(self, told: dict[str, Any], leaf: bytes) -> None:
        keys, number, previous = told.get("k"), told.get("s"), told.get("p")
        if set(told) != {"c", "k", "p", "s", "t", "v"} or not isinstance(keys, list) or not isinstance(number, int):
            raise BrokenTrail(stream="log", seq=self.size, why="changed")
        if not 1 <= len(keys) <= 2 or any(
            not isinstance(one, str) or len(one) != 64 or one.strip("0123456789abcdef") for one in keys
        ):
            raise BrokenTrail(stream="log", seq=self.size, why="changed")
        last, head, above = self.streams.get(keys[0], (0, "", tuple(keys[1:])))
        if number != last + 1:
            raise BrokenTrail(stream=keys[0], seq=self.size, why="gap")
        if previous != head or above != tuple(keys[1:]):
            raise BrokenTrail(stream=keys[0], seq=self.size, why="unlinked")
        self.streams[keys[0]] = number, leaf.hex(), above
        for key in keys:
            self.keys.setdefault(key, log.Peaks()).append(leaf)
            self._touched.add(key)

    # -- kept -------------------------------------------------------------------------------------------------------

    def dump(self) -> str:
        """As text; only where the last entry is a head of the map."""
        return json.dumps(
            {
                "v": 1,
                "size": self.size,
                "peaks": self.peaks.dump().hex(),
                "keys": {key: [one.size, one.dump().hex()] for key, one in self.keys.items()},
                "streams": {key: list(one) for key, one in self.streams.items()},
            }
        )

    @classmethod
    def load(cls, text: str) -> "Replay":
        """As it was dumped. Raises ValueError, KeyError, TypeError for anything else."""
        told, made = json.loads(text), cls()
        made.peaks = log.Peaks.load(told["size"], bytes.fromhex(told["peaks"]))
        made.keys = {key: log.Peaks.load(count, bytes.fromhex(raw)) for key, (count, raw) in told["keys"].items()}
        made.streams = {key: (last, head, tuple(above)) for key, (last, head, above) in told["streams"].items()}
        made._map = KeyMap((bytes.fromhex(key), value_of(one.size, one.root())) for key, one in made.keys.items())
        made.mapped = True
        return made


class FullReader:
    """Keeps up with one log. `path` is where what it knows is kept."""

    def __init__(self, path: Path, fetch: Fetch, write: Callable[[Path, str], None]) -> None:
        self._path, self._fetch, self._write = path, fetch, write
        self._replay: Replay | None = None
        self._saved = 0

    def agrees(self, size: int, root: bytes) -> bool | None:
        """Whether the log's first `size` entries say what its heads of the map say; None when they could not be read in time.

        Raises BrokenTrail for the first entry that does not fit, once the root has shown that it is the log's own.
        """
        replay = self._replay or self._load()
        if replay.size > size:
            return None  # read further already, for a newer head
        self._replay = None  # whatever happens below, an unproved reading is not gone on with
        end = time.monotonic() + PATIENCE
        while replay.size < size:
            index, within = divmod(replay.size, WIDTH)
            width = min(WIDTH, size - index * WIDTH)
            bundle = self._bundle(index, width)
            if bundle is None:
                return None
            for entry in bundle[within:width]:
                replay.take(entry)
            if time.monotonic() > end and replay.size < size:
                self._replay = replay  # goes on with the next request; proved at its end
                return None
        if replay.peaks.root() != root:
            return None  # these were not the entries of the log: no fault of the log's
        if replay.fault is not None:
            raise replay.fault
        if not replay.mapped:
            raise BrokenTrail(stream="log", seq=size, why="map")
        self._replay = replay
        if replay.size - self._saved >= SAVED or not self._path.exists():
            self._write(self._path, replay.dump() + "\n")
            self._saved = replay.size
        return True

    def _bundle(self, index: int, width: int) -> list[bytes] | None:
        for name in dict.fromkeys((name_of(ENTRIES, index, width), name_of(ENTRIES, index))):
            raw = self._fetch(name.removeprefix(PREFIX))
            if raw is None:
                continue
            try:
                entries = unbundled(raw)
            except ValueError:
                continue
            if len(entries) >= width:
                return entries
        return None

    def _load(self) -> Replay:
        try:
            made = Replay.load(self._path.read_text("utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return Replay()
        self._saved = made.size
        return made
