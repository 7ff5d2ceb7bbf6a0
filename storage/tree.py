"""The Merkle tree of the one log: hashing and proofs of RFC 6962 and 9162.

Everything works on leaf hashes (32 bytes); an event's hash is its leaf hash. A verifier trusts nothing but the
checkpoint's key, so the `verify_…` functions follow the algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2, step by step.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Self

EMPTY = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(data: bytes) -> bytes:
    """Hash of one entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Peaks:
    """A growing log by its peaks alone: the roots of its complete subtrees, largest first; at most 64 hashes."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count() or any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError("a log of this size has another number of peaks")

    @classmethod
    def load(cls, size: int, raw: bytes) -> Self:
        """As `dump` wrote them."""
        return cls(size, (raw[start : start + HASH_BYTES] for start in range(0, len(raw), HASH_BYTES)))

    def dump(self) -> bytes:
        """The peaks, one after another."""
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        for _ in range(_trailing_ones(self.size)):
            leaf = node_hash(self.peaks.pop(), leaf)
        self.peaks.append(leaf)
        self.size += 1

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add many leaf hashes, at half the cost of one by one."""
        if len(leaves) == 1:
            self.append(leaves[0])
            return
        sha, size, nodes = hashlib.sha256, self.size, list(leaves)
        self.size += len(nodes)
        kept, level = list[bytes](), 0
        while nodes:
            if size >> level & 1:
                nodes.insert(0, self.peaks.pop())
            if len(nodes) & 1:
                kept.append(nodes.pop())
            pairs = iter(nodes)
            nodes = [sha(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            level += 1
        self.peaks += reversed(kept)

    def root(self) -> bytes:
        """Root of the log as it stands."""
        if not self.peaks:
            return EMPTY
        above = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            above = node_hash(peak, above)
        return above


class Proofs(ABC):
    """Roots and proofs of a log, at this size or any smaller one, from the roots of its complete subtrees."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _node(self, level: int, index: int) -> bytes:
        """Root of the subtree over the 2^level leaves from `index * 2^level` on."""

    def root(self, size: int | None = None) -> bytes:
        """Root of the log's first `size` leaves; of all of them if not told."""
        size = self._size(size)
        return self._subtree(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Proof that leaf `index` is in the log of `size` leaves, from the leaf up (RFC 9162, 2.1.3.1)."""
        size = self._size(size)
        if not 0 <= index < size:
            raise ValueError("the log has no such leaf")
        proof, begin, end = [], 0, size
        while end - begin > 1:
            middle = begin + _split(end - begin)
            if index < middle:
                proof.append(self._subtree(middle, end))
                end = middle
            else:
                proof.append(self._subtree(begin, middle))
                begin = middle
        return proof[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Proof that the log of `old` leaves is the beginning of the log of `size` leaves (RFC 9162, 2.1.4.1)."""
        size = self._size(size)
        if not 0 <= old <= size:
            raise ValueError("a log does not get shorter")
        if old in (0, size):
            return []
        proof, begin, end, known = [], 0, size, True
        while end > old:
            middle = begin + _split(end - begin)
            if old <= middle:
                proof.append(self._subtree(middle, end))
                end = middle
            else:
                proof.append(self._subtree(begin, middle))
                begin, known = middle, False
        if not known:
            proof.append(self._subtree(begin, end))
        return proof[::-1]

    def _size(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise ValueError("the log is shorter than that")
        return size

    def _subtree(self, begin: int, end: int) -> bytes:
        length = end - begin
        if length & (length - 1) == 0:  # complete, and the splits keep it aligned
            return self._node(length.bit_length() - 1, begin // length)
        middle = begin + _split(length)
        return node_hash(self._subtree(begin, middle), self._subtree(middle, end))


class Tree(Proofs):
    """A log with all its complete subtrees (64 bytes a leaf), for many proofs at many sizes without hashing anew."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        level = 0
        self._levels[0].append(leaf)
        while len(self._levels[level]) % 2 == 0:
            left, right = self._levels[level][-2:]
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node_hash(left, right))

    def _node(self, level: int, index: int) -> bytes:
        return self._levels[level][index]


def peaks_of(nodes: Sequence[bytes]) -> list[bytes]:
    """Roots of the largest complete subtrees over these, one after another."""
    found = Peaks()
    found.extend(nodes)
    return found.peaks


def root(leaves: Iterable[bytes]) -> bytes:
    """Root of a log of these leaf hashes."""
    peaks = Peaks()
    for leaf in leaves:
        peaks.append(leaf)
    return peaks.root()


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Proof that leaf `index` is in the log of these leaf hashes."""
    return Tree(leaves).inclusion(index)


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Proof that the log of the first `old` leaf hashes is the beginning of the log of all of them."""
    return Tree(leaves).consistency(old)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that `leaf` stands at `index` in the log of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _hashes(leaf, root, *proof):
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the log of `old` leaves is the beginning of the log of `new` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new or not _hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not proof or not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def _split(length: int) -> int:
    # The largest power of two below the length.
    return 1 << (length - 1).bit_length() - 1


def _trailing_ones(number: int) -> int:
    return (~number & number + 1).bit_length() - 1


def _hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
