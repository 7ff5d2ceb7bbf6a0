"""A dossier read (docs/dossier.md), once it is seen to be whole."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rules.packs import Pack, parse
from schemas.errors import BrokenTrail
from storage import keymap, log
from storage.ledger import disclosure_digest, leaf

MOST = 1 << 30  # bytes of one member
PACKS = "data/packs/"


@dataclass(frozen=True)
class Stream:
    """A chain of events: its kind and public name, and those of the one that it is under."""

    id: str
    kind: str
    name: str
    above: tuple[str, str] | None

    @property
    def keys(self) -> tuple[str, ...]:
        own = keymap.key_of(self.kind, self.name).hex()
        return (own, keymap.key_of(*self.above).hex()) if self.above else (own,)


@dataclass(frozen=True)
class Dossier:
    """What replay needs of a dossier. `laws`: packs and calendars as they were, by their hash."""

    kind: str
    name: str
    streams: Mapping[str, Stream]
    bodies: list[bytes]
    disclosed: Mapping[str, Mapping[str, str]]  # event -> digest -> text
    laws: Mapping[str, bytes]
    packs: dict[tuple[str, str], Pack] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether it is a contest's, with all its cases."""
        return self.kind == "contest"

    def events(self) -> Iterator[dict[str, Any]]:
        for body in self.bodies:
            yield json.loads(body)

    def pack(self, name: str, sha256: str) -> Pack | None:
        """The pack of that hash; None where the dossier has it not. Raises IncompletePack."""
        if (name, sha256) not in self.packs and sha256 in self.laws:
            self.packs[name, sha256] = parse(name, self.laws[sha256])
        return self.packs.get((name, sha256))


def read(path: Path) -> Dossier:
    """A dossier that holds: manifest, signature, chains, map, disclosures. Raises BrokenTrail at the first that does not."""
    parts = _parts(path)
    about = json.loads(_part(parts, "data/about.json", path))
    streams = {
        one["id"]: Stream(one["id"], one["kind"], one["name"], tuple(one["above"]) if one["above"] else None)
        for one in about["streams"]
    }
    bodies = _part(parts, "data/events.jsonl", path).splitlines()
    _prove(parts, about, streams, bodies)
    disclosed: dict[str, dict[str, str]] = {}
    for line in parts.get("data/disclosures.jsonl", b"").splitlines():
        one = json.loads(line)
        if disclosure_digest(one["salt"], one["path"], one["value"]) != one["digest"]:
            raise BrokenTrail(stream=about["name"], seq=0, why="changed")
        disclosed.setdefault(one["event"], {})[one["digest"]] = one["value"]
    laws = {name.removeprefix(PACKS)[:64]: content for name, content in parts.items() if name.startswith(PACKS)}
    if any(hashlib.sha256(content).hexdigest() != sha256 for sha256, content in laws.items()):
        raise BrokenTrail(stream=about["name"], seq=0, why="changed")
    return Dossier(about["kind"], about["name"], streams, bodies, disclosed, laws)


def _part(parts: Mapping[str, bytes], name: str, path: Path) -> bytes:
    if name not in parts:
        raise BrokenTrail(stream=path.name, seq=0, why="gap")
    return parts[name]


def _parts(path: Path) -> dict[str, bytes]:
    """All members but the files of the case, each as the manifest has it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len({one.filename for one in members}) != len(members) or any(one.file_size > MOST for one in members):
                raise BrokenTrail(stream=path.name, seq=0, why="changed")
            wanted = [one for one in members if not one.filename.startswith("data/files/")]
            parts = {one.filename: archive.read(one) for one in wanted}
    except (zipfile.BadZipFile, OSError) as broken:
        raise BrokenTrail(stream=path.name, seq=0, why="changed") from broken
    lines = _part(parts, "manifest-sha256.txt", path).decode().splitlines()
    listed = dict(line.split(None, 1)[::-1] for line in lines)
    for name, content in parts.items():
        if name.startswith("data/") and listed.get(name) != hashlib.sha256(content).hexdigest():
            raise BrokenTrail(stream=path.name, seq=0, why="changed")
    return parts


def _prove(
    parts: Mapping[str, bytes], about: Mapping[str, Any], streams: Mapping[str, Stream], bodies: list[bytes]
) -> None:
    """The events are those of the key, all of them, in the log that was signed."""
    told, name = json.loads(parts["data/proof.json"]), about["name"]
    head = log.verify_note(parts["data/checkpoint.txt"].decode(), about["key"])
    last = json.dumps(told["head"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    proof = [bytes.fromhex(one) for one in told["inclusion"]]
    at = (told["size"] - 1, told["size"])
    fits = head.size == told["size"] and told["head"]["n"] == at[0]
    if not fits or not log.verify_inclusion(log.leaf_hash(last), *at, proof, head.root):
        raise BrokenTrail(stream=name, seq=told["size"], why="checkpoint")
    leaves: list[bytes] = []
    before: dict[str, tuple[int, str]] = {}
    for body in bodies:
        event = json.loads(body)
        seq, previous = before.get(event["stream"], (0, ""))
        if event["stream"] not in streams or (event["seq"], event["previous"]) != (seq + 1, previous):
            raise BrokenTrail(stream=name, seq=event["seq"], why="gap")
        found = leaf(body, streams[event["stream"]].keys, event["seq"], previous)
        before[event["stream"]] = (event["seq"], found)
        leaves.append(bytes.fromhex(found))
    key = keymap.key_of(about["kind"], name)
    value = keymap.value_of(len(leaves), log.root(leaves))
    way = keymap.Proof(tuple(bytes.fromhex(one) for one in told["map"]))
    if told["count"] != len(leaves) or not keymap.verify(bytes.fromhex(told["head"]["r"]), key, value, way):
        raise BrokenTrail(stream=name, seq=len(leaves), why="map")
