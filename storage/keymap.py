"""A verifiable map from keys to what each of them holds in the log: how a case's trail is shown to be complete.

A sparse Merkle tree over keys of 256 bits, in its compact form: a subtree without keys is 32 zero bytes, one with a
single key is that key's leaf, every other one is a node of its two halves. A root has thus one value for a key, or none
(findings: audit, section 4; the form is that of Diem's Jellyfish Merkle tree).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

EMPTY = bytes(32)
BITS = 256


def key_of(kind: str, name: str) -> bytes:
    """The key of a stream: anybody who knows its public name can reckon it."""
    return hashlib.sha256(f"ashar:{kind}:{name}".encode()).digest()


def value_of(count: int, root: bytes) -> bytes:
    """What the map holds for a key: so many events, with this RFC 6962 root over their leaf hashes in the log's order."""
    return hashlib.sha256(b"\x04" + count.to_bytes(8, "big") + root).digest()


def _leaf(key: bytes, value: bytes) -> bytes:
    return hashlib.sha256(b"\x02" + key + value).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x03" + left + right).digest()


def _bit(number: int, depth: int) -> int:
    return number >> (BITS - 1 - depth) & 1


@dataclass(frozen=True, slots=True)
class Proof:
    """The halves beside a key's way down, from the root on; `other` is the leaf (key, value) found in its place, if any."""

    siblings: tuple[bytes, ...]
    other: tuple[bytes, bytes] | None = None


# A leaf is (hash, key as a number, key, value); a node is [hash or None where it is to be reckoned anew, left, right].
_Node = Any


class KeyMap:
    """The map in memory: about 0.5 KB a key."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self._root: _Node = None
        for key, value in pairs:
            self.set(key, value)

    def set(self, key: bytes, value: bytes) -> None:
        """Let the key hold this value."""
        if len(key) * 8 != BITS:
            raise ValueError("a key of the map has 256 bits")
        self._root = _put(self._root, (_leaf(key, value), int.from_bytes(key, "big"), key, value), 0)

    def root(self) -> bytes:
        """The root over all keys; 32 zero bytes where there is none."""
        return _hash(self._root)

    def prove(self, key: bytes) -> Proof:
        """Proof of what the key holds, or that it holds nothing."""
        number, node, siblings = int.from_bytes(key, "big"), self._root, list[bytes]()
        while isinstance(node, list):
            bit = _bit(number, len(siblings))
            siblings.append(_hash(node[2 - bit]))
            node = node[1 + bit]
        other = (node[2], node[3]) if node is not None and node[2] != key else None
        return Proof(tuple(siblings), other)


def _put(node: _Node, leaf: tuple[bytes, int, bytes, bytes], depth: int) -> _Node:
    if node is None:
        return leaf
    if isinstance(node, tuple):
        if node[1] == leaf[1]:
            return leaf
        beside: list[_Node] = [None, None, None]
        beside[1 + _bit(node[1], depth)] = node
        node = beside
    side = 1 + _bit(leaf[1], depth)
    node[side] = _put(node[side], leaf, depth + 1)
    node[0] = None
    return node


def _hash(node: _Node) -> bytes:
    if node is None:
        return EMPTY
    if node[0] is None:
        node[0] = _node(_hash(node[1]), _hash(node[2]))
    return node[0]


def verify(root: bytes, key: bytes, value: bytes | None, proof: Proof) -> bool:
    """Whether the map of that root holds the value for the key; for None, whether it holds nothing."""
    number, depth = int.from_bytes(key, "big"), len(proof.siblings)
    if depth > BITS or any(len(one) != len(EMPTY) for one in proof.siblings):
        return False
    if value is not None:
        found = _leaf(key, value) if proof.other is None else None
    elif proof.other is None:
        found = EMPTY
    else:
        other, held = proof.other
        apart = int.from_bytes(other, "big") ^ number
        found = _leaf(other, held) if apart and apart >> (BITS - depth) == 0 else None
    if found is None:
        return False
    for level in range(depth - 1, -1, -1):
        beside = proof.siblings[level]
        found = _node(beside, found) if _bit(number, level) else _node(found, beside)
    return found == root
