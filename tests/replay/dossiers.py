"""Dossiers of an office, and what becomes of them when something else had been recorded: chained and signed anew."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from documents.bag import bag
from flows.office import Office
from flows.steps import dossier, laws
from schemas.wording import LANGUAGES
from storage import keymap, log
from storage.canonical import canonical
from storage.ledger import disclosure_digest, leaf

Body = dict[str, Any]
STREAMS = """SELECT s.id, s.kind, s.name, a.kind AS akind, a.name AS aname FROM stream s LEFT JOIN stream a ON a.id = s.parent_id
WHERE s.name = :name OR (:kind = 'contest' AND s.parent_id = (SELECT id FROM stream WHERE name = :name AND kind = :kind))"""
EVENTS = "SELECT e.body, e.stream_id FROM event e ORDER BY e.rowid"


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


@dataclass
class Material:
    """What a dossier is made of; `alter` and `redact` give another one."""

    kind: str
    name: str
    streams: list[Stream]
    bodies: list[Body]
    disclosures: list[Body]
    packs: dict[str, bytes]

    def alter(self, change: Callable[[Body], None], *, act: str, last: bool = False, **where: Any) -> "Material":
        """The same with one event of that act changed: the first, or the last, that has these values."""
        bodies = deepcopy(self.bodies)
        found = [
            one for one in bodies if one["act"] == act and all(one[name] == value for name, value in where.items())
        ]
        change(found[-1 if last else 0])
        return Material(self.kind, self.name, self.streams, bodies, self.disclosures, self.packs)

    def redact(self, path: str) -> "Material":
        """The same without the personal values at that place; without a place, without any. Events say so, one a stream."""
        left = [one for one in self.disclosures if path and one["path"] != path]
        events = {one["id"]: one for one in self.bodies}
        gone: dict[str, tuple[Body, set[str]]] = {}
        for one in self.disclosures:
            if one not in left:
                event = events[one["event"]]
                gone.setdefault(event["stream"], (event, set()))[1].add(one["digest"])
        said = {"act": "trail:redact", "rule": "redaction", "reason": None, "changes": [], "files": []}
        bodies = [
            {**event, **said, "id": str(uuid4()), "at": self.bodies[-1]["at"], "facts": {"erased": sorted(digests)}}
            for event, digests in gone.values()
        ]
        return Material(self.kind, self.name, self.streams, self.bodies + bodies, left, self.packs)

    def without_packs(self) -> "Material":
        return Material(self.kind, self.name, self.streams, self.bodies, self.disclosures, {})

    def write(self, path: Path) -> Path:
        """Chained, put into a log of its own and signed."""
        key = log.make_key(path.with_suffix(".key"))
        parts: dict[str, bytes] = {f"data/timeline-{one}.txt": b"" for one in LANGUAGES}
        parts |= {f"README-{one}.txt": b"" for one in LANGUAGES} | self.packs
        parts |= dict.fromkeys(("bag-info.txt", "verify.py", "verify.html"), b"")
        streams = {one.id: one for one in self.streams}
        heads: dict[str, tuple[int, str]] = {}
        lines: list[bytes] = []
        leaves: list[bytes] = []
        files: set[str] = set()
        for told in self.bodies:
            seq, previous = heads.get(told["stream"], (0, ""))
            body = canonical({**told, "seq": seq + 1, "previous": previous})
            found = leaf(body, streams[told["stream"]].keys, seq + 1, previous)
            heads[told["stream"]] = (seq + 1, found)
            lines.append(body + b"\n")
            leaves.append(bytes.fromhex(found))
            files |= dossier.spoken(told)
        mapped = keymap.KeyMap([(keymap.key_of(self.kind, self.name), keymap.value_of(len(leaves), log.root(leaves)))])
        at = "2026-01-01T00:00:00.000000Z"
        head = {"v": 1, "t": "map", "n": len(leaves), "r": mapped.root().hex(), "at": at}
        whole = [*leaves, log.leaf_hash(canonical(head))]
        parts["data/events.jsonl"] = b"".join(lines)
        places = {one["id"]: place for place, one in enumerate(self.bodies)}
        told_of = {one["id"]: json.dumps(one) for one in self.bodies}
        there = [one for one in self.disclosures if one["digest"] in told_of[one["event"]]]
        hidden = sorted(there, key=lambda one: (places[one["event"]], one["digest"]))
        parts["data/disclosures.jsonl"] = b"".join(canonical(one) + b"\n" for one in hidden)
        parts["data/checkpoint.txt"] = log.note("test", len(whole), log.root(whole), key).encode()
        proof = {"v": 1, "count": len(leaves), "size": len(whole), "head": head, "earlier": []}
        proof |= {"inclusion": [one.hex() for one in log.inclusion(whole, len(leaves))]}
        proof |= {"map": [one.hex() for one in mapped.prove(keymap.key_of(self.kind, self.name)).siblings]}
        parts["data/proof.json"] = canonical(proof)
        gone = [{"sha256": one, "why": "gone"} for one in sorted(files)]
        parts["data/files.json"] = canonical({"v": 1, "files": [], "withheld": gone})
        begun = list(dict.fromkeys(one["stream"] for one in self.bodies))
        named = [{**vars(streams[one]), "above": list(streams[one].above or ()) or None} for one in begun]
        about = {"v": 1, "kind": self.kind, "name": self.name, "origin": "test", "made": at, "streams": named}
        parts["data/about.json"] = canonical({**about, "key": log.verifier_of("test", key)})
        with bag(path) as filling:
            for name, content in parts.items():
                filling.add(name, content)
        return path


def material(office: Office, kind: str, name: str) -> Material:
    """A contest or a case as its office has it, by its public name."""
    with office.engine.connect() as connection:
        rows = connection.execute(text(STREAMS), {"kind": kind, "name": name}).all()
        streams = [
            Stream(_id(one.id), one.kind, one.name, (one.akind, one.aname) if one.akind else None) for one in rows
        ]
        there = {one.id for one in streams}
        events = [bytes(one.body) for one in connection.execute(text(EVENTS)) if _id(one.stream_id) in there]
        hidden = connection.execute(text("SELECT event_id, digest, path, salt, value FROM disclosure")).all()
    bodies = [json.loads(one) for one in events]
    ids = {one["id"] for one in bodies}
    disclosures = [
        {"event": _id(one.event_id), "digest": one.digest, "path": one.path, "salt": one.salt, "value": one.value}
        for one in hidden
        if _id(one.event_id) in ids
    ]
    assert all(disclosure_digest(one["salt"], one["path"], one["value"]) == one["digest"] for one in disclosures)
    return Material(
        kind, name, streams, bodies, disclosures, laws.members(set().union(*map(laws.named, bodies)), office.objects)
    )


def _id(raw: str) -> str:
    plain = raw.replace("-", "")
    return "-".join([plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]])


def field(body: Body, noun: str, name: str, value: Any) -> None:
    """What the event says of a field, another way."""
    next(one for one in body["changes"] if (one["noun"], one["field"]) == (noun, name))["new"] = value
