"""A small log of one contest with its cases, and dossiers of it as parts, to be spoilt before they are packed."""

import base64
import hashlib
import random
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from documents.bag import bag
from storage import log
from storage.canonical import canonical
from storage.keymap import KeyMap, key_of, value_of
from storage.ledger import disclosure_digest, skeleton

ORIGIN, CONTEST = "ashar", "batken/2026-1"
VERIFIERS = Path(__file__).parents[2] / "documents" / "verifiers"
TAGS = ("bag-info.txt", "README-ky.txt", "README-ru.txt", "README-en.txt", "verify.py", "verify.html")
TIMELINES = tuple(f"data/timeline-{one}.txt" for one in ("ky", "ru", "en"))

ORDER = {"order": "Мыйзам {number}\n«58»", "number": "58", "on": "2008-04-14"}

Parts = dict[str, bytes]


def key_from(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"key {seed}".encode()).digest())


KEY, FOREIGN, WITNESS = key_from(1), key_from(2), key_from(3)
VERIFIER = log.verifier_of(ORIGIN, KEY)


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def witness_line(name: str, key: Ed25519PrivateKey) -> str:
    """A witness's key as a verifier line of C2SP, type 4."""
    typed = b"\x04" + raw(key)
    mark = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4].hex()
    return f"{name}+{mark}+{base64.b64encode(typed).decode()}"


def cosigned(note: str, name: str, key: Ed25519PrivateKey, time: int = 1_790_000_000) -> str:
    """The note with one more line: a cosignature of C2SP tlog-cosignature."""
    text = note.rpartition("\n\n")[0] + "\n"
    mark = hashlib.sha256(name.encode() + b"\n\x04" + raw(key)).digest()[:4]
    signature = key.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    return f"{note}— {name} {base64.b64encode(mark + time.to_bytes(8, 'big') + signature).decode()}\n"


@dataclass
class Chain:
    """A stream while it is written."""

    id: str
    kind: str
    name: str
    above: tuple[str, str] | None
    seq: int = 0
    head: str = ""

    @property
    def keys(self) -> list[str]:
        own = key_of(self.kind, self.name).hex()
        return [own, key_of(*self.above).hex()] if self.above else [own]


@dataclass
class Told:
    """One event of the log."""

    chain: Chain
    body: dict[str, Any]
    raw: bytes
    entry: bytes
    disclosures: list[dict[str, Any]]
    files: list[bytes]


@dataclass
class World:
    """The log, and everything that dossiers are made of."""

    rng: random.Random
    told: list[Told] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    held: dict[str, log.Peaks] = field(default_factory=dict)
    notes: list[tuple[int, str, bytes]] = field(default_factory=list)  # size, note, map head

    def uuid(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def tell(
        self,
        chain: Chain,
        act: str,
        *,
        files: int = 0,
        facts: dict[str, Any] | None = None,
        rich: bool = True,
        forget: bool = False,
    ) -> Told:
        """One more event, with a personal value in it and so many files; `forget`: of the value only its digest stays."""
        at = f"2026-03-{1 + len(self.told) // 600 % 28:02}T{8 + len(self.told) // 60 % 10:02}:{len(self.told) % 60:02}:00.000000Z"
        contents = [f"{chain.name} {chain.seq} {one} ".encode() * 20 for one in range(files)]
        hashes = sorted(hashlib.sha256(one).hexdigest() for one in contents)
        event_id, subject = self.uuid(), self.uuid()
        disclosures: list[dict[str, Any]] = []

        def hidden(path: str, value: str) -> dict[str, str]:
            salt = f"{self.rng.getrandbits(128):032x}"
            digest = disclosure_digest(salt, path, value)
            disclosures.append({"digest": digest, "event": event_id, "path": path, "salt": salt, "value": value})
            return {"sd": digest}

        changes: list[dict[str, Any]] = [
            {"noun": "application", "id": subject, "field": "number", "old": None, "new": len(self.told)},
        ]
        if rich:
            side, other = ("old", "new") if forget else ("new", "old")
            name = hidden(f"application.sender.{side}", f"Асанов Бакыт №{len(self.told)}")
            changes.append({"noun": "application", "id": subject, "field": "sender", side: name, other: None})
            if forget:
                disclosures.clear()
        changes += [{"noun": "document", "id": subject, "field": "sha256", "old": None, "new": one} for one in hashes]
        body = {
            "v": 1,
            "id": event_id,
            "stream": chain.id,
            "seq": chain.seq + 1,
            "act": act,
            "at": at,
            "actor": self.uuid(),
            "role": "secretary",
            "noun": "application",
            "subject": subject,
            "rule": "in_time",
            "pack": "example/1",
            "reason": hidden("reason", "кечикти, себеби бар") if rich and self.rng.random() < 0.3 else None,
            "facts": facts or {"text": 'Ысык-Көл\n\u2028 "ү" \\ 7'},
            "run": "",
            "changes": changes,
            "files": hashes[:1],
            "previous": chain.head,
        }
        one = Told(chain, body, canonical(body), b"", disclosures, contents)
        one.entry = skeleton(one.raw, chain.keys, chain.seq + 1, chain.head)
        leaf = log.leaf_hash(one.entry)
        chain.seq, chain.head = chain.seq + 1, leaf.hex()
        self.told.append(one)
        self.leaves.append(leaf)
        for key in chain.keys:
            self.held.setdefault(key, log.Peaks()).append(leaf)
        return one

    def erase(self, chain: Chain, count: int, act: str = "trail:redact", **facts: Any) -> Told:
        """The first values of a chain are gone, and an event says so."""
        held = [(one, line) for one in self.told if one.chain is chain for line in one.disclosures][:count]
        for one, line in held:
            one.disclosures.remove(line)
        named = {"values": len(held), "erased": sorted(line["digest"] for _, line in held)}
        return self.tell(chain, act, facts={**ORDER, **named, **facts}, forget=True)

    def map(self) -> KeyMap:
        return KeyMap((bytes.fromhex(key), value_of(one.size, one.root())) for key, one in self.held.items())

    def seal(self, key: Ed25519PrivateKey = KEY) -> None:
        """A head of the map, and a checkpoint over it."""
        at = f"2026-04-01T{len(self.notes) % 24:02}:00:00.000000Z"
        head = canonical({"v": 1, "t": "map", "n": len(self.leaves), "r": self.map().root().hex(), "at": at})
        self.leaves.append(log.leaf_hash(head))
        note = log.note(ORIGIN, len(self.leaves), log.root(self.leaves), key)
        self.notes.append((len(self.leaves), note, head))


def world(seed: int = 1, *, cases: int = 3, each: int = 4, rich: bool = True, erased: int = 0) -> World:
    """A contest with so many cases, closed, one application turned away and one come after the closing.

    `erased`: so many values of the first case, and of the contest, are gone with an event each.
    """
    made = World(random.Random(seed))
    contest = Chain(made.uuid(), "contest", CONTEST, ("customer", "batken"))
    other = Chain(made.uuid(), "case", "osh/2026-4/1", ("contest", "osh/2026-4"))
    made.tell(contest, "contest:draft", rich=rich)
    made.tell(contest, "contest:announce", files=1, rich=rich)
    made.seal()
    chains: list[Chain] = []
    register: list[dict[str, Any]] = []
    for number in range(1, cases + 1):
        late = number == cases
        chain = Chain(made.uuid(), "case", f"{CONTEST}/{number}", ("contest", CONTEST))
        one = made.tell(chain, "application:turn_away" if late else "application:receive", files=number % 3, rich=rich)
        chains += [] if late else [chain]
        sha256 = hashlib.sha256(chain.name.encode()).hexdigest()
        register.append({"number": number, "received": one.body["at"], "sha256": sha256, "turned_away": late})
        made.tell(other, "application:receive", rich=rich)
    made.seal()
    made.tell(contest, "contest:close", facts={"register": register}, rich=rich)
    after = Chain(made.uuid(), "case", f"{CONTEST}/{cases + 1}", ("contest", CONTEST))
    made.tell(after, "application:turn_away", rich=rich)
    for turn in range(each - 1):
        for chain in chains:
            made.tell(chain, f"application:act_{turn}", files=made.rng.randrange(2), rich=rich)
        made.tell(other, "application:open", rich=rich)
        if turn % 50 == 1:
            made.seal()
    if erased:
        made.erase(chains[0], erased)
        made.erase(contest, erased, "trail:dispose")
    made.seal()
    return made


def parts_of(
    made: World,
    kind: str = "case",
    name: str = f"{CONTEST}/1",
    *,
    withheld: int = 0,
    witnesses: tuple[tuple[str, Ed25519PrivateKey], ...] = (),
) -> Parts:
    """The dossier at the newest checkpoint, as parts. So many values are kept from the reader."""
    size, note, head = made.notes[-1]
    subject = "contest" if kind == "closing" else kind, name
    key = key_of(*subject)
    told = [one for one in made.told if key.hex() in one.chain.keys]
    tree = log.Tree(made.leaves)
    close = next((at for at, one in enumerate(told) if one.body["act"] == "contest:close"), len(told))
    whole = [
        kind != "closing" or ((one.chain.kind, one.chain.name) == subject and at <= close)
        for at, one in enumerate(told)
    ]
    shown = [one for one, yes in zip(told, whole, strict=True) if yes]
    chains = {one.chain.id: one.chain for one in told}
    values = [line for one in shown for line in sorted(one.disclosures, key=lambda line: line["digest"])]
    lines = [
        {"digest": one["digest"], "event": one["event"], "why": "reader"} if at < withheld else one
        for at, one in enumerate(values)
    ]
    contents = {hashlib.sha256(raw).hexdigest(): raw for one in shown for raw in one.files} if kind != "closing" else {}
    spoken = {hashlib.sha256(raw).hexdigest() for one in shown for raw in one.files}
    for name_, signer in witnesses:
        note = cosigned(note, name_, signer)
    about = {
        "v": 1,
        "kind": kind,
        "name": name,
        "origin": ORIGIN,
        "key": VERIFIER,
        "made": "2026-05-01T00:00:00.000000Z",
        "streams": [
            {"id": one.id, "kind": one.kind, "name": one.name, "above": list(one.above) if one.above else None}
            for one in chains.values()
        ],
    }
    proof = {
        "v": 1,
        "count": len(told),
        "size": size,
        "head": orjson.loads(head),
        "inclusion": [one.hex() for one in tree.inclusion(size - 1, size)],
        "map": [one.hex() for one in made.map().prove(key).siblings],
        "earlier": [
            {"size": old, "root": tree.root(old).hex(), "path": [one.hex() for one in tree.consistency(old, size)]}
            for old, _, _ in made.notes[:-1]
        ],
    }
    files = {
        "v": 1,
        "files": [
            {"sha256": one, "name": f"Устав {one[:4]}.docx", "kind": "charter", "round": 1, "size": len(contents[one])}
            for one in sorted(contents)
        ],
        "withheld": [{"sha256": one, "why": "not_asked"} for one in sorted(spoken - set(contents))],
    }
    parts = {name: f"{name}\n".encode() for name in (*TAGS, *TIMELINES)}
    parts |= {
        "data/about.json": canonical(about),
        "data/checkpoint.txt": note.encode(),
        "data/events.jsonl": b"".join(one.raw + b"\n" for one in shown),
        "data/disclosures.jsonl": b"".join(canonical(one) + b"\n" for one in lines),
        "data/proof.json": canonical(proof),
        "data/files.json": canonical(files),
        **{f"data/files/{one}": raw for one, raw in contents.items()},
    }
    if len(shown) < len(told):
        parts["data/skeletons.jsonl"] = b"".join(one.entry + b"\n" for one in told)
    return parts


def packed(parts: Parts) -> bytes:
    """The zip, with manifests that fit the parts."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "case.zip"
        with bag(target) as filling:
            for name, content in parts.items():
                if name != "bagit.txt":
                    filling.add(name, BytesIO(content), stored=name.startswith("data/files/"))
        return target.read_bytes()
