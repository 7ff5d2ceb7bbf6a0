"""Honest dossiers, and what of a spoilt one a good verdict may be given for."""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import orjson

from documents.verifiers import verify
from storage.keymap import key_of
from tests.dossier.makers import CONTEST, Parts, World, parts_of, world
from tests.dossier.spoiling import CASE, OTHER, POLICY, SIGNED, sealed

KINDS = (("case", CASE), ("case", OTHER), ("contest", CONTEST), ("closing", CONTEST))
DIGEST = re.compile(rb'{"sd":"([0-9a-f]{64})"}')


@dataclass(frozen=True)
class Honest:
    """A dossier as it was made, and what verify.py says of it."""

    kind: str
    name: str
    parts: Parts
    raw: bytes
    told: dict[str, Any]
    bodies: list[bytes]  # all of them, enclosed or not
    entries: list[bytes]  # what the log has of them
    open: frozenset[str]  # digests of all values that still exist
    files: frozenset[str]  # hashes of all files, enclosed or not


def judged(raw: bytes, given: str, receipts: tuple[str, ...] = ()) -> dict[str, Any]:
    """The verdict of verify.py, as it tells programs."""
    try:
        return {"good": True, **verify.verify(BytesIO(raw), given, receipts)}
    except verify.Wrong as wrong:
        return {"good": False, "code": wrong.args[0], "place": wrong.args[1]}


@cache
def log_of(seed: int) -> World:
    return world(seed, cases=3, each=4, erased=seed % 3)


@cache
def honest(number: int) -> Honest:
    kind, name = KINDS[number % len(KINDS)]
    made = log_of(100 + number % 3)
    parts = parts_of(made, kind, name, withheld=number % 3, witnesses=SIGNED)
    raw = sealed(parts).zip()
    key = key_of("contest" if kind == "closing" else kind, name).hex()
    told = [one for one in made.told if key in one.chain.keys]
    bodies, entries = [one.raw for one in told], [one.entry for one in told]
    left = frozenset(line["digest"] for one in made.told for line in one.disclosures)
    files = frozenset(hashlib.sha256(one).hexdigest() for some in told for one in some.files)
    return Honest(kind, name, parts, raw, judged(raw, POLICY), bodies, entries, left, files)


def harmless(raw: bytes, told: dict[str, Any]) -> bool:
    """Whether everything that counts is what it was: the events, what the log holds, and no value or file of another's."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for number in range(12):  # members brought from another honest dossier may have made that one
        other = honest(number)
        if _same(parts, other, told["unaccounted"]):
            return True
    return False


def _same(parts: Parts, other: Honest, unaccounted: int) -> bool:
    honest_parts = other.parts
    keys = ("kind", "name", "origin", "key")
    about, old = (orjson.loads(one["data/about.json"]) for one in (parts, honest_parts))
    note, old_note = (one["data/checkpoint.txt"].partition(b"\n\n")[0] for one in (parts, honest_parts))
    events, entries = (parts.get(f"data/{one}.jsonl", b"").split(b"\n")[:-1] for one in ("events", "skeletons"))
    # a body may be left out where its skeleton is not: that is told, like whatever is withheld
    same = entries == other.entries and set(events) <= set(other.bodies) if entries else events == other.bodies
    told, values = (
        {one["digest"]: one for one in map(orjson.loads, some["data/disclosures.jsonl"].splitlines())}
        for some in (parts, honest_parts)
    )
    # a value that exists may lack only where that is told
    lacking = {one.decode() for body in events for one in DIGEST.findall(body)} & other.open - told.keys()
    files = {name.removeprefix("data/files/"): one for name, one in parts.items() if name.startswith("data/files/")}
    return (
        same
        and len(lacking) <= unaccounted
        and note == old_note
        and all(about[key] == old[key] for key in keys)
        and all("why" in one or (values.get(digest) in (one, None) and _true(one)) for digest, one in told.items())
        # a contest's own dossier, called a certificate, is one that says more
        and all(name in other.files and hashlib.sha256(one).hexdigest() == name for name, one in files.items())
    )


def _true(one: dict[str, str]) -> bool:
    return verify.sha256(orjson.dumps([one["salt"], one["path"], one["value"]])).hex() == one["digest"]
