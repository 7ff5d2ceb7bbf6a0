"""Tools to spoil a dossier with: its JSON, its lines, its chain, the bytes of its zip."""

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson

from storage.canonical import canonical
from storage.keymap import key_of
from storage.ledger import leaf
from tests.dossier.makers import (
    CONTEST,
    VERIFIER,
    WITNESS,
    Parts,
    World,
    cosigned,
    parts_of,
    witness_line,
    world,
)

CASE, OTHER = f"{CONTEST}/1", f"{CONTEST}/2"
POLICY = f"log {VERIFIER}\nwitness w {witness_line('w.example.kg', WITNESS)}\nquorum w\n"
SIGNED = (("w.example.kg", WITNESS),)


@dataclass(frozen=True)
class Forgery:
    """What is handed to a verifier, and the code of what is wrong with it."""

    code: str
    zip: bytes
    given: str = VERIFIER
    receipts: tuple[str, ...] = ()


Tweak = Mapping[str, Mapping[str, Any]]


@dataclass
class Sealed:
    """Parts with manifests of their own, as a zip that may be written wrongly in any place."""

    parts: Parts
    tweak: Tweak = field(default_factory=dict)  # name -> what is written otherwise
    end: Mapping[str, Any] = field(default_factory=dict)
    twice: str = ""

    def zip(self) -> bytes:
        body, directory, where = b"", b"", 0
        members = [*self.parts.items(), *((self.twice, self.parts[self.twice]) for _ in self.twice[:1])]
        for name, content in members:
            odd = self.tweak.get(name, {})
            method = odd.get("method", 0 if name.startswith("data/files/") else 8)
            packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -15)
            packed = odd.get("packed", content if method != 8 else packer.compress(content) + packer.flush())
            packed += odd.get("tail", b"")
            label = odd.get("label", name).encode()
            told = struct.pack(
                "<5H3L2H",
                odd.get("version", 20),
                odd.get("flags", 0),
                method,
                odd.get("time", 0),
                odd.get("day", 33),
                odd.get("crc", zlib.crc32(content)),
                len(packed),
                odd.get("size", len(content)),
                len(label),
                len(odd.get("extra", b"")),
            )
            local = odd.get("local", told)
            body += b"PK\3\4" + local + odd.get("other", label) + odd.get("extra", b"") + packed
            rest = struct.pack(
                "<3HLL", 0, 0, odd.get("inner", 0), odd.get("mode", 0o600 << 16), odd.get("where", where)
            )
            made = odd.get("made", b"\x14\3")
            directory += b"PK\1\2" + made + told + rest + label + odd.get("extra", b"")
            where = len(body)
        count = self.end.get("count", len(members))
        start = self.end.get("start", len(body))
        end = struct.pack(
            "<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), start, len(self.end.get("comment", b""))
        )
        return self.end.get("before", b"") + body + directory + end + self.end.get("comment", b"")


def sealed(parts: Parts, **more: Any) -> Sealed:
    """With the manifests that fit."""
    whole = {"bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", **parts}
    for name, data in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
        names = sorted(one for one in whole if one.startswith("data/") is data)
        whole[name] = "".join(f"{hashlib.sha256(whole[one]).hexdigest()}  {one}\n" for one in names).encode()
    return Sealed(whole, **more)


@cache
def honest() -> World:
    return world(7, cases=3, each=4)


@cache
def _parts(kind: str, name: str) -> Parts:
    return parts_of(honest(), kind, name, witnesses=SIGNED)


def parts(kind: str = "case", name: str = CASE) -> Parts:
    """Those of an honest dossier, to be spoilt."""
    return dict(_parts(kind, name))


def json_of(given: Parts, name: str) -> Any:
    return orjson.loads(given[name])


def with_json(given: Parts, name: str, change: Callable[[Any], object]) -> Parts:
    """The parts with one JSON member changed in place, in canonical form."""
    value = json_of(given, name)
    change(value)
    return {**given, name: canonical(value)}


def rows(given: Parts, name: str = "data/events.jsonl") -> list[bytes]:
    return given[name].split(b"\n")[:-1]


def with_rows(given: Parts, told: list[bytes], name: str = "data/events.jsonl") -> Parts:
    return {**given, name: b"".join(one + b"\n" for one in told)}


def edited(row: bytes, **change: Any) -> bytes:
    """A line with some of its values changed."""
    return canonical({**orjson.loads(row), **change})


def rehashed(given: Parts, told: list[bytes], *, count: bool = True) -> Parts:
    """A chain that was written anew from these bodies: numbers and links are in order again."""
    stream = json_of(given, "data/about.json")["streams"][0]
    keys = [key_of(stream["kind"], stream["name"]).hex(), key_of(*stream["above"]).hex()]
    head, made = "", []
    for seq, row in enumerate(told, 1):
        body = edited(row, seq=seq, previous=head, stream=stream["id"])
        head = leaf(body, keys, seq, head)
        made.append(body)
    fresh = with_rows(given, made)
    return with_json(fresh, "data/proof.json", lambda one: one.update(count=len(made))) if count else fresh


def packed(code: str, given: Parts, key: str = VERIFIER, *receipts: str, **more: Any) -> Forgery:
    return Forgery(code, sealed(given, **more).zip(), key, receipts)


def altered(note: bytes, line: int) -> bytes:
    """The note with one sign of a signature changed."""
    told = note.decode().split("\n")
    old = told[line][-20]
    told[line] = told[line][:-20] + ("A" if old != "A" else "B") + told[line][-19:]
    return "\n".join(told).encode()


def left_over(note: bytes) -> bytes:
    """The root in another spelling of the same bytes."""
    lines = note.split(b"\n")
    signs = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    lines[2] = lines[2][:-2] + signs[signs.index(lines[2][-2:-1]) | 1 :][:1] + b"="
    return b"\n".join(lines)


def at_another_time(note: bytes) -> bytes:
    honest_note = note.decode().split("\n")
    moved = cosigned("\n".join(honest_note[:5]) + "\n", "w.example.kg", WITNESS, 1_800_000_000).split("\n")[5]
    old, new = (one.rpartition(" ")[2] for one in (honest_note[5], moved))
    # the time of one, the signature of the other: 12 bytes are 16 signs
    honest_note[5] = f"— w.example.kg {new[:16]}{old[16:]}"
    return "\n".join(honest_note).encode()
