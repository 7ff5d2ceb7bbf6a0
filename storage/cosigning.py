"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519, type 0x04) and the policy that says how many are enough (tlog-policy).

A cosignature says: at this time the newest head of this log that I have seen, and it continues all that I have seen before.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.errors import BadSetting, BrokenTrail

COSIGNATURE = b"\x04"
KEY_BYTES = 32
SIGNED_BYTES = 4 + 8 + 64  # key id, time, signature
LATEST = 2**63 - 1  # seconds since 1970
LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
MEMBERS = 32  # witnesses, and groups: as many as every reader of such a policy has to take


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness by its public key; `line` is what it publishes, `name+key id+key`."""

    name: str
    key_id: bytes
    public: Ed25519PublicKey
    line: str

    @classmethod
    def read(cls, line: str) -> Self:
        """Raises BadSetting for a line that is none, or of another kind of key."""
        match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})", line)
        raw = unbase64(match[3]) if match else None
        if match is None or raw is None or raw[:1] != COSIGNATURE or len(raw) != 1 + KEY_BYTES:
            raise BadSetting(setting="witness verifier key")
        found = cls.of(match[1], Ed25519PublicKey.from_public_bytes(raw[1:]))
        if found.line != line:
            raise BadSetting(setting="witness verifier key")
        return found

    @classmethod
    def of(cls, name: str, key: Ed25519PrivateKey | Ed25519PublicKey) -> Self:
        """Raises BadSetting for a name with spaces, a plus or control characters."""
        if not re.fullmatch(r"[^\s+\x00-\x1f\x7f\ud800-\udfff]{1,200}", name):
            raise BadSetting(setting="witness name")
        public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
        raw = COSIGNATURE + public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        return cls(name, key_id, public, f"{name}+{key_id.hex()}+{base64.b64encode(raw).decode()}")

    @property
    def short(self) -> str:
        """Name and key id: one witness may have had several keys."""
        return f"{self.name}+{self.key_id.hex()}"

    def time_of(self, text: str, lines: Iterable[str]) -> tuple[int, str] | None:
        """The latest time at which it signed this note's text, with the line; None where it did not.

        Raises BrokenTrail when a line of its key does not hold: whoever forges one spoils the whole note.
        """
        found: tuple[int, str] | None = None
        for line in lines:
            match = LINE.fullmatch(line)
            raw = unbase64(match[2]) if match else None
            if match is None or raw is None or match[1] != self.name or raw[:4] != self.key_id:
                continue
            at = int.from_bytes(raw[4:12], "big")
            if not self._holds(raw, text, at):
                raise BrokenTrail(stream=self.name, why="signature")
            if found is None or at > found[0]:
                found = at, line
        return found

    def _holds(self, raw: bytes, text: str, at: int) -> bool:
        try:
            self.public.verify(raw[12:], _message(text, at))
        except InvalidSignature:
            return False
        return len(raw) == SIGNED_BYTES and at <= LATEST


def cosign(text: str, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """The line, without its newline, by which a witness signs a note's text at `at` (seconds since 1970)."""
    if not text.endswith("\n") or not 0 <= at <= LATEST:
        raise ValueError("a note ends with a newline, a time fits in 63 bits")
    signed = Cosigner.of(name, key).key_id + at.to_bytes(8, "big") + key.sign(_message(text, at))
    return f"— {name} {base64.b64encode(signed).decode()}"


def parts(signed: str) -> tuple[str, list[str]]:
    """Text and signature lines of a signed note, none of them verified. Raises BrokenTrail where it is no note."""
    text, gap, lines = signed.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise BrokenTrail(stream=text.partition("\n")[0][:80], why="note")
    return f"{text}\n", lines[:-1].split("\n")


def unbase64(text: str) -> bytes | None:
    """The bytes, if they are spelled in the one way there is."""
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return value if base64.b64encode(value).decode() == text else None


def _message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


# -- the policy ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose logs, which witnesses, and how many of them make a checkpoint valid. Names are the policy's own."""

    logs: tuple[str, ...] = ()
    witnesses: dict[str, Cosigner] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = "none"

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises BadSetting with the number of the line that is wrong; of the last one where the quorum is not named."""
        found = _Reading()
        lines = text.split("\n")
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
            raise BadSetting(setting="witness policy")
        for number, line in enumerate(lines, 1):
            words = re.split(r"[ \t]+", line.strip(" \t"))
            try:
                if words[0] and not words[0].startswith("#"):
                    found.take(words)
            except (ValueError, IndexError, BadSetting) as wrong:
                raise BadSetting(setting=f"witness policy, line {number}") from wrong
        if found.quorum is None:
            raise BadSetting(setting=f"witness policy, line {len(lines)}")
        return cls(tuple(found.logs), found.witnesses, found.urls, found.groups, found.quorum)

    def enough(self, names: Collection[str]) -> bool:
        """Whether cosignatures of these witnesses make the quorum."""
        return self.quorum == "none" or self._holds(self.quorum, names)

    def _holds(self, name: str, names: Collection[str]) -> bool:
        if name in self.witnesses:
            return name in names
        needed, members = self.groups[name]
        return sum(self._holds(one, names) for one in members) >= needed


class _Reading:
    def __init__(self) -> None:
        self.logs: list[str] = []
        self.witnesses: dict[str, Cosigner] = {}
        self.urls: dict[str, str] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.quorum: str | None = None
        self._keys: set[bytes] = set()
        self._members: set[str] = set()

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", line] | ["log", line, _]:
                if line in self.logs:
                    raise ValueError(line)
                self.logs.append(line)
            case ["witness", name, line, *url] if len(url) < 2:
                cosigner = Cosigner.read(line)
                raw = cosigner.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
                self._fresh(name, self.witnesses)
                if raw in self._keys:  # one key counts once, whatever it is called
                    raise ValueError(line)
                self._keys.add(raw)
                self.witnesses[name] = cosigner
                self.urls |= {name: url[0].rstrip("/")} if url else {}
            case ["group", name, needed, *members] if members:
                self._fresh(name, self.groups)
                if any(one not in self.witnesses and one not in self.groups for one in members):
                    raise ValueError(members)
                if len(set(members)) < len(members) or self._members & set(members):
                    raise ValueError(members)
                count = {"any": 1, "all": len(members)}.get(needed) or _count(needed)
                if not 1 <= count <= len(members):
                    raise ValueError(needed)
                self._members |= set(members)
                self.groups[name] = count, tuple(members)
            case ["quorum", name] if self.quorum is None and (
                name == "none" or name in self.witnesses or name in self.groups
            ):
                self.quorum = name
            case _:
                raise ValueError(words)

    def _fresh(self, name: str, among: Collection[str]) -> None:
        if name == "none" or name in self.witnesses or name in self.groups or len(among) >= MEMBERS:
            raise ValueError(name)


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text, re.ASCII):
        raise ValueError(text)
    return int(text)
