"""The one Merkle log of all streams: hashing and proofs of RFC 6962 and 9162, checkpoints as C2SP signed notes.

Everything works on leaf hashes (32 bytes); an event's hash is its leaf hash. A verifier trusts nothing but the
checkpoint's key, so the `verify_…` functions follow the algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2, step by step.
"""

import base64
import binascii
import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from schemas.errors import BadSetting, BrokenTrail

EMPTY = hashlib.sha256(b"").digest()
HASH_BYTES = 32
ED25519 = b"\x01"  # signature type of C2SP signed-note
NOTE_LIMIT = 100_000  # characters; 16 signatures of any kind fit several times

# -- tree ------------------------------------------------------------------------------------------------------------


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

    def root(self) -> bytes:
        """Root of the log as it stands."""
        if not self.peaks:
            return EMPTY
        above = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            above = node_hash(peak, above)
        return above


class Tree:
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
            return self._levels[length.bit_length() - 1][begin // length]
        middle = begin + _split(length)
        return node_hash(self._subtree(begin, middle), self._subtree(middle, end))


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


# -- notes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: the log's name, its number of leaves, and its root."""

    origin: str
    size: int
    root: bytes


def note(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """A checkpoint of C2SP tlog-checkpoint, signed under the log's name."""
    if size < 0 or not _hashes(root):
        raise ValueError("a checkpoint has a size and a root of 32 bytes")
    return sign(f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n", origin, key)


def verify_note(text: str, verifier: str) -> Head:
    """What the checkpoint says, once the key of `verifier` is seen to have signed it. Raises BrokenTrail."""
    origin, _, _ = _verifier(verifier)
    lines = read_signed(text, verifier).split("\n")
    # Lines after the third are extensions, which a reader passes over; the signature covers them.
    if len(lines) < 4 or lines[0] != origin or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1], re.ASCII):
        raise BrokenTrail(stream=origin, why="checkpoint")
    root = _unbase64(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise BrokenTrail(stream=origin, why="checkpoint")
    return Head(origin=lines[0], size=int(lines[1]), root=root)


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Any text as a C2SP signed note with one signature."""
    _check_name(name)
    if not text.endswith("\n") or _controls(text):
        raise ValueError("a note ends with a newline and has no other control characters")
    signature = _key_id(name, key.public_key()) + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def read_signed(signed: str, verifier: str) -> str:
    """The text of a signed note, once the key of `verifier` is seen to have signed it. Raises BrokenTrail.

    Signatures of other keys are passed over; one of this key that does not hold spoils the whole note.
    """
    name, key_id, public = _verifier(verifier)
    text, gap, signatures = signed.rpartition("\n\n")
    if not gap or len(signed) > NOTE_LIMIT or _controls(signed) or not signatures.endswith("\n"):
        raise BrokenTrail(stream=name, why="note")
    text += "\n"
    seen = False
    # Not splitlines(): it takes more than a newline for an end of line, and then two readers disagree.
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
        signature = _unbase64(match[2]) if match else None
        if match is None or signature is None or len(signature) < 5:
            raise BrokenTrail(stream=name, why="note")
        if match[1] == name and signature[:4] == key_id:
            try:
                public.verify(signature[4:], text.encode())
            except InvalidSignature as wrong:
                raise BrokenTrail(stream=name, why="signature") from wrong
            seen = True
    if not seen:
        raise BrokenTrail(stream=name, why="unsigned")
    return text


def verifier_of(name: str, key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """The line to publish, by which anybody verifies: `name+key id+key`."""
    _check_name(name)
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return f"{name}+{_key_id(name, public).hex()}+{base64.b64encode(ED25519 + _raw(public)).decode()}"


def _verifier(line: str) -> tuple[str, bytes, Ed25519PublicKey]:
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})", line)
    encoded = _unbase64(match[3]) if match else None
    if match is None or encoded is None or encoded[:1] != ED25519 or len(encoded) != 1 + HASH_BYTES:
        raise BadSetting(setting="log verifier key")
    public = Ed25519PublicKey.from_public_bytes(encoded[1:])
    if _key_id(match[1], public).hex() != match[2]:
        raise BadSetting(setting="log verifier key")
    return match[1], bytes.fromhex(match[2]), public


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + _raw(key)).digest()[:4]


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[^\s+]+", name) or _controls(name):
        raise ValueError("a key's name has no spaces and no plus")


def _controls(text: str) -> bool:
    # Lone surrogates cannot be written as UTF-8.
    return any((char < " " and char != "\n") or "\ud800" <= char <= "\udfff" for char in text)


def _unbase64(text: str) -> bytes | None:
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    # One value has one spelling: left-over bits must be zero.
    return value if base64.b64encode(value).decode() == text else None


# -- the log's key ---------------------------------------------------------------------------------------------------


def make_key(path: Path) -> Ed25519PrivateKey:
    """The key at `path`, made there if absent (PEM, mode 0600). Of two makers at once, both get the first one's key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return load_key(path)


def load_key(path: Path) -> Ed25519PrivateKey:
    """The log's key. Raises BadSetting when it is missing, unreadable, or open to others than its owner."""
    try:
        open_to_others = path.stat().st_mode & 0o077
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as trouble:
        raise BadSetting(setting="log key") from trouble
    if open_to_others or not isinstance(key, Ed25519PrivateKey):
        raise BadSetting(setting="log key")
    return key
