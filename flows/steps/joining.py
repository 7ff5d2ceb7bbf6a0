"""What the stretches of the log told, joined in order: chains, roots, and what each key holds.

Memory grows with the number of streams, not of events. Of the map's heads, each must stand where it says; their roots are
reckoned anew at the last one, and at one in every million leaves before.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

from flows.steps.rereading import Chain, Strand
from flows.steps.strands import STRETCH
from schemas.errors import BrokenTrail
from storage.keymap import KeyMap, value_of
from storage.tiles import rooted
from storage.tree import Peaks

MAPS_EVERY = 16 * STRETCH  # leaves between two heads of the map that are reckoned anew
AT_HAND = 4 * STRETCH  # leaves that wait to be added to the trees of their keys: many at once cost half


class Joined:
    """The log as far as it was read. What does not fit to what was read before is a BrokenTrail."""

    def __init__(self, count: int, signed: Sequence[tuple[int, str, str]]) -> None:
        """So many leaves are to come; `signed` are size, root and note of each checkpoint."""
        self.groups: list[bytes] = []  # roots of full groups of 256 leaves
        self.read = self.lost = 0  # events, and those of which only the skeleton is left
        self._count, self._signed = count, signed
        self._before = Peaks()  # of full groups
        self._chains: dict[str, Chain] = {}  # by the stream's key
        self._missing: list[tuple[str, int, set[str]]] = []  # as a strand has them
        self._erased: defaultdict[str, set[str]] = defaultdict(set)
        self._mapped = 0  # leaves before the last head whose map was reckoned
        self._held = _Held()

    def add(self, strand: Strand) -> None:
        """The next stretch."""
        end = strand.first + strand.count
        for size, root, _ in self._signed:
            if strand.first < size <= end and rooted([*self._before.peaks, *strand.peaks[size]]).hex() != root:
                raise BrokenTrail(stream="log", seq=size, why="checkpoint")
        self._take(strand)
        self._hold(strand, end)
        self.groups += strand.nodes
        self._before.extend(strand.nodes)

    def _take(self, strand: Strand) -> None:
        for stream, chain in strand.chains.items():
            before = self._chains.get(stream)
            seq, head = (before.last, before.head) if before else (0, "")
            if chain.first != seq + 1:
                raise BrokenTrail(stream=stream, seq=seq + 1, why="gap")
            if chain.previous != head:
                raise BrokenTrail(stream=stream, seq=chain.first, why="unlinked")
            self._chains[stream] = chain
        self.read += strand.events
        self.lost += strand.lost
        self._missing += strand.missing
        for stream, digests in strand.erased.items():
            self._erased[stream].update(digests)

    def _hold(self, strand: Strand, end: int) -> None:
        last = end == self._count
        place, root = strand.head or (-1, "")
        if last and place != end - 1:  # each batch ends with one
            raise BrokenTrail(stream="log", seq=end - 1, why="map")
        if strand.head and (last or end - self._mapped >= MAPS_EVERY):
            self._held.add(strand, 0, place - strand.first)
            self._held.same_map(place, root)
            self._held.add(strand, place - strand.first, strand.count)
            self._mapped = end
        else:
            self._held.add(strand, 0, strand.count)
        if self._held.waiting >= min(AT_HAND, self._count - end):  # what is left for the end, one process adds alone
            self._held.grow()

    def grow(self) -> None:
        """Something to do while there is no stretch."""
        self._held.grow()

    def end(self, waiting: Strand, streams: Mapping[str, tuple[int, str]]) -> list[tuple[str, int, set[str]]]:
        """No more stretches, but events that wait for a place; number and hash of each stream's newest event must be these.

        Which personal values are gone though no event says that they were erased: stream, number, digests.
        """
        self._take(waiting)
        for stream, (seq, head) in streams.items():
            chain = self._chains.pop(stream, Chain(1, "", 0, ""))
            if (chain.last, chain.head) != (seq, head):
                raise BrokenTrail(stream=stream, seq=chain.last + 1, why="tail")
        gone = [(stream, seq, digests - self._erased[stream]) for stream, seq, digests in self._missing]
        return [one for one in gone if one[2]]

    def same_ranges(self, told: Mapping[str, tuple[int, bytes]]) -> None:
        """Raises BrokenTrail where what the database keeps of a key, to prove it complete, is not what the key holds."""
        held = self._held.ranges()
        for key in sorted(held.keys() | told.keys()):
            if held.get(key) != told.get(key):
                raise BrokenTrail(stream=key, seq=self._count, why="map")


class _Held:
    """The tree of each key over its leaves."""

    def __init__(self) -> None:
        self.waiting = 0  # leaves that are not in these yet
        self._trees: defaultdict[str, Peaks] = defaultdict(Peaks)
        self._leaves: defaultdict[str, list[bytes]] = defaultdict(list)

    def add(self, strand: Strand, begin: int, end: int) -> None:
        """Leaves of a stretch, from one of them up to another, are the next ones of their keys; they wait to be added."""
        leaf = strand.leaves.__getitem__
        for key, places in strand.places.items():
            these = places[bisect_left(places, begin) : bisect_left(places, end)]
            self._leaves[key].extend(map(leaf, these))
            self.waiting += len(these)

    def grow(self) -> None:
        """Add what waits to the trees."""
        for key, leaves in self._leaves.items():
            self._trees[key].extend(leaves)
        self._leaves.clear()
        self.waiting = 0

    def ranges(self) -> dict[str, tuple[int, bytes]]:
        """How many leaves each key holds, and the peaks of its tree."""
        self.grow()
        return {key: (one.size, one.dump()) for key, one in self._trees.items()}

    def same_map(self, place: int, root: str) -> None:
        """Raises BrokenTrail where the map over these is not what its head at that place says."""
        self.grow()
        drawn = KeyMap((bytes.fromhex(key), value_of(one.size, one.root())) for key, one in self._trees.items())
        if drawn.root().hex() != root:
            raise BrokenTrail(stream="log", seq=place, why="map")
