"""Checkpoints of the log as C2SP signed notes, and the line by which anybody verifies them."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.errors import BadSetting, BrokenTrail
from storage.tree import HASH_BYTES

ED25519 = b"\x01"  # signature type of C2SP signed-note
NOTE_LIMIT = 100_000  # characters; 16 signatures of any kind fit several times


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: the log's name, its number of leaves, and its root."""

    origin: str
    size: int
    root: bytes


def note(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """A checkpoint of C2SP tlog-checkpoint, signed under the log's name."""
    if size < 0 or len(root) != HASH_BYTES:
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
