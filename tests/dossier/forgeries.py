"""Dossiers that somebody spoilt on purpose, each with the code that both verifiers must find."""

import hashlib
from typing import Any

import orjson

from storage import log
from storage.canonical import canonical
from storage.ledger import disclosure_digest
from tests.dossier import erasures
from tests.dossier.makers import (
    CONTEST,
    FOREIGN,
    KEY,
    VERIFIER,
    Chain,
    Parts,
    World,
    key_from,
    parts_of,
    witness_line,
    world,
)
from tests.dossier.spoiling import (
    OTHER,
    POLICY,
    Forgery,
    Sealed,
    altered,
    at_another_time,
    edited,
    honest,
    left_over,
    packed,
    parts,
    rehashed,
    rows,
    sealed,
    with_json,
    with_rows,
)


def _set(name: str, *path: Any, to: Any) -> Parts:
    def change(value: Any) -> None:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = to

    return with_json(parts(), name, change)


def _older(given: Parts, place: int) -> Parts:
    """The checkpoint and head of an earlier moment beside today's events."""
    size, note, head = honest().notes[place]
    tree = log.Tree(honest().leaves[:size])
    change = {"size": size, "head": orjson.loads(head), "inclusion": [one.hex() for one in tree.inclusion(size - 1)]}
    fresh = with_json(given, "data/proof.json", lambda one: one.update(**change, earlier=[]))
    return {**fresh, "data/checkpoint.txt": note.encode()}


def _foreign(given: Parts) -> Parts:
    """Signed by another's key, which the dossier calls its own."""
    size, root = honest().notes[-1][0], log.root(honest().leaves)
    fresh = with_json(given, "data/about.json", lambda one: one.update(key=log.verifier_of("ashar", FOREIGN)))
    return {**fresh, "data/checkpoint.txt": log.note("ashar", size, root, FOREIGN).encode()}


def _swapped_file(given: Parts) -> Parts:
    name = next(one for one in given if one.startswith("data/files/"))
    return {**given, name: bytes(reversed(given[name]))}


def _bare(given: Parts) -> Parts:
    """A dossier of which no file is enclosed, and which does not say so."""
    fresh = {name: one for name, one in given.items() if not name.startswith("data/files/")}
    return with_json(fresh, "data/files.json", lambda one: one.update(files=[]))


def _disclosed(value: str, *, event: str = "", path: str = "reason", salt: str = "00") -> bytes:
    told = {"digest": disclosure_digest(salt, path, value), "path": path, "salt": salt, "value": value}
    first = orjson.loads(rows(parts())[0])["id"]
    return canonical({**told, "event": event or first}) + b"\n"


def _untrue_register(**change: Any) -> Parts:
    """A closing whose list of applications, signed as it is, is not what the log holds."""
    made = world(9, cases=3, each=2)
    for one in made.told:
        if one.body["act"] == "contest:close":
            register = one.body["facts"]["register"]
            register[0].update(change) if change else register.pop()
    fresh = World(made.rng)
    chains: dict[str, Chain] = {}
    for one in made.told:
        old = one.chain
        chain = chains.setdefault(old.id, Chain(old.id, old.kind, old.name, old.above))
        fresh.tell(chain, one.body["act"], facts=one.body["facts"])
    fresh.seal()
    return parts_of(fresh, "closing", CONTEST)


def forgeries() -> dict[str, Forgery]:
    """All of them, by name."""
    case, events = parts(), rows(parts())
    closing, contest = parts("closing", CONTEST), parts("contest", CONTEST)
    note = case["data/checkpoint.txt"]
    first = next(one for one in case if one.startswith("data/files/"))
    whole = sealed(case)
    raw = whole.zip()
    other = rows(parts("case", OTHER))
    size = honest().notes[-1][0]
    quorum = POLICY.replace("witness w ", "witness v ").replace(
        "quorum w", f"witness w {witness_line('x.kg', key_from(8))}\nquorum w"
    )
    cut = with_rows(case, events[:-1])
    return {
        # the zip
        "cut off": Forgery("E01", raw[:-1]),
        "something after its end": Forgery("E01", raw + b"\0"),
        "something before its beginning": packed("E01", case, end={"before": b"MZ"}),
        "empty": Forgery("E01", b""),
        "a comment": packed("E01", case, end={"comment": b"hello"}),
        "fewer members than it has": packed("E01", case, end={"count": len(whole.parts) - 1}),
        "another time": packed("E01", case, tweak={"data/about.json": {"time": 1}}),
        "a flag": packed("E01", case, tweak={"data/about.json": {"flags": 8}}),
        "an extra field": packed("E01", case, tweak={"data/about.json": {"extra": b"\1\0\0\0"}}),
        "another name inside": packed("E01", case, tweak={"data/proof.json": {"other": b"data/prooF.json"}}),
        "a member that lies over another": packed("E01", case, tweak={"data/proof.json": {"where": 0}}),
        "a link": packed("E01", case, tweak={"data/proof.json": {"mode": 0o120777 << 16}}),
        "a text that is not packed": packed("E01", case, tweak={"data/proof.json": {"method": 0}}),
        "a file that is packed": packed("E01", case, tweak={first: {"method": 8}}),
        "a member twice": packed("E02", case, twice="data/events.jsonl"),
        "a stray member": packed("E02", {**case, "data/more.json": b"{}"}),
        "a member outside": packed("E02", {**case, "../etc/passwd": b"x"}),
        "a folder": packed("E02", {**case, "data/files/": b""}),
        "a name of other letters": packed("E02", {**case, "data/аbout.json": b"{}"}),
        "a member is missing": packed(
            "E02", {name: one for name, one in case.items() if name != "data/timeline-ky.txt"}
        ),
        "a bomb": packed("E03", case, tweak={"data/timeline-ky.txt": {"size": (1 << 28) + 1}}),
        "many bombs": packed(
            "E03", case, tweak={f"data/timeline-{one}.txt": {"size": 1 << 28} for one in ("ky", "ru")}
        ),
        "more than it says": packed("E04", case, tweak={"data/timeline-ky.txt": {"size": 3}}),
        "less than it says": packed("E04", case, tweak={"data/timeline-ky.txt": {"size": 300}}),
        "another checksum": packed("E04", case, tweak={"data/events.jsonl": {"crc": 1}}),
        "another checksum of a file": packed("E04", case, tweak={first: {"crc": 1}}),
        "something after the packed bytes": packed("E04", case, tweak={"data/events.jsonl": {"tail": b"\0"}}),
        "nothing where packed bytes should be": packed("E04", case, tweak={"data/events.jsonl": {"packed": b""}}),
        "a member under another's hash": Forgery(
            "E05", Sealed({**whole.parts, "data/timeline-ky.txt": b"x"}).zip(), VERIFIER
        ),
        "another bag": Forgery("E05", Sealed({**whole.parts, "bagit.txt": b"BagIt-Version: 0.97\n"}).zip(), VERIFIER),
        # JSON
        "a space": packed("E06", {**case, "data/about.json": case["data/about.json"].replace(b":", b": ", 1)}),
        "a float": packed("E06", {**case, "data/proof.json": case["data/proof.json"].replace(b'"v":1}', b'"v":1.0}')}),
        "a key twice": packed("E06", {**case, "data/about.json": b'{"key":"x",' + case["data/about.json"][1:]}),
        "keys in another order": packed(
            "E06", {**case, "data/files.json": b'{"v":1,' + case["data/files.json"][1:-7] + b"}"}
        ),
        "a byte order mark": packed("E06", {**case, "data/about.json": b"\xef\xbb\xbf" + case["data/about.json"]}),
        "half a character": packed(
            "E06", {**case, "data/about.json": case["data/about.json"].replace(b'"case"', b'"\\ud800"', 1)}
        ),
        "an escape that need not be": packed(
            "E06", {**case, "data/about.json": case["data/about.json"].replace(b"ashar", b"\\u0061shar", 1)}
        ),
        "no line's end": packed("E06", {**case, "data/events.jsonl": case["data/events.jsonl"][:-1]}),
        "an empty line": packed("E06", {**case, "data/events.jsonl": case["data/events.jsonl"] + b"\n"}),
        "another end of line": packed(
            "E06", {**case, "data/events.jsonl": case["data/events.jsonl"].replace(b"\n", b"\x0b", 1)}
        ),
        "a large number": packed(
            "E06",
            _set("data/proof.json", "v", to=1)
            | {"data/proof.json": case["data/proof.json"].replace(b'"v":1}', b'"v":9007199254740993}')},
        ),
        "a deep nest": packed("E06", {**case, "data/about.json": b"[" * 100_000 + b"]" * 100_000}),
        "a key of capitals": packed("E06", {**case, "data/about.json": b'{"V":1,' + case["data/about.json"][1:]}),
        "an unknown key": packed("E07", _set("data/about.json", "note", to="x")),
        "a key is missing": packed("E07", with_json(case, "data/proof.json", lambda one: one.pop("earlier"))),
        "another version": packed("E07", _set("data/about.json", "v", to=2)),
        "a hidden key of a disclosure": packed(
            "E07",
            with_rows(
                case, [edited(one, more="x") for one in rows(case, "data/disclosures.jsonl")], "data/disclosures.jsonl"
            ),
        ),
        "true is no number": packed("E07", _set("data/proof.json", "v", to=True)),
        # the checkpoint
        "a note with a control character": packed(
            "E08", {**case, "data/checkpoint.txt": note.replace("—".encode(), "\x0b—".encode(), 1)}
        ),
        "a note with an end of line of its own": packed(
            "E08", {**case, "data/checkpoint.txt": note.replace("\n—".encode(), "\u2028—".encode(), 1)}
        ),
        "a note without an end": packed("E08", {**case, "data/checkpoint.txt": note[:-1]}),
        "base64 with bits left over": packed("E08", {**case, "data/checkpoint.txt": left_over(note)}),
        "a size with a zero before": packed("E08", {**case, "data/checkpoint.txt": note.replace(b"\n", b"\n0", 1)}),
        "no key": Forgery("E09", raw, "ashar+00000000+AAAA"),
        "a key that anything is signed by": Forgery("E09", raw, _small()),
        "a policy without a quorum": Forgery("E09", raw, f"log {VERIFIER}\n"),
        "a policy with a witness in two groups": Forgery(
            "E09", raw, POLICY.replace("quorum w", "group a any w\ngroup b any w\nquorum a")
        ),
        "another's key is expected": Forgery("E10", raw, log.verifier_of("ashar", FOREIGN)),
        "signed by another's key": packed("E10", _foreign(case)),
        "an altered signature": packed("E11", {**case, "data/checkpoint.txt": altered(note, 4)}),
        "another root under the signature": packed(
            "E11", {**case, "data/checkpoint.txt": note.replace(note.split(b"\n")[2][:4], b"AAAA", 1)}
        ),
        "an altered cosignature": packed("E12", {**case, "data/checkpoint.txt": altered(note, 5)}, POLICY),
        "a cosignature at another time": packed("E12", {**case, "data/checkpoint.txt": at_another_time(note)}, POLICY),
        "the witness did not sign": Forgery("E13", raw, quorum),
        "no witness signed": packed(
            "E13", {**case, "data/checkpoint.txt": b"\n".join(note.split(b"\n")[:5]) + b"\n"}, POLICY
        ),
        "a proof of another size": packed("E14", _set("data/proof.json", "size", to=size - 1)),
        "another log's name": packed("E14", _set("data/about.json", "origin", to="ashar2")),
        "another key inside than given": packed(
            "E14", _set("data/about.json", "key", to=log.verifier_of("ashar", FOREIGN))
        ),
        "a head that covers less": packed("E15", _set("data/proof.json", "head", "n", to=size - 2)),
        "a head that is no map": packed("E15", _set("data/proof.json", "head", "t", to="event")),
        "another map": packed("E16", _set("data/proof.json", "head", "r", to="00" * 32)),
        "another day": packed("E16", _set("data/proof.json", "head", "at", to="2020-01-01T00:00:00.000000Z")),
        "a path too short": packed("E16", with_json(case, "data/proof.json", lambda one: one["inclusion"].pop())),
        "a path too long": packed(
            "E16", with_json(case, "data/proof.json", lambda one: one["inclusion"].append("00" * 32))
        ),
        # events
        "another name": packed("E17", _set("data/about.json", "name", to=OTHER)),
        "a case that is called a contest": packed("E17", _set("data/about.json", "kind", to="contest")),
        "two streams of one case": packed(
            "E17",
            with_json(case, "data/about.json", lambda one: one["streams"].append({**one["streams"][0], "id": "x"})),
        ),
        "a name that is cut elsewhere": packed(
            "E17",
            with_json(
                with_json(case, "data/about.json", lambda one: one.update(kind="case:batken/2026-1", name="1")),
                *("data/about.json", lambda one: one["streams"][0].update(kind="case:batken/2026-1", name="1")),
            ),
        ),
        "no stream": packed("E17", _set("data/about.json", "streams", to=[])),
        "a stream without events": packed(
            "E17",
            with_json(
                contest,
                "data/about.json",
                lambda one: one["streams"].append({**one["streams"][1], "id": "x", "name": f"{CONTEST}/99"}),
            ),
        ),
        "an event of another case": packed("E18", with_rows(case, [*events, other[0]])),
        "the middle one is gone": packed("E19", with_rows(case, events[:1] + events[2:])),
        "the first is gone": packed("E19", with_rows(case, events[1:])),
        "two changed places": packed("E19", with_rows(case, [events[1], events[0], *events[2:]])),
        "one is there twice": packed("E19", with_rows(case, [*events[:1], events[0], *events[1:]])),
        "one is changed": packed("E20", with_rows(case, [edited(events[0], act="application:refuse"), *events[1:]])),
        "a link to nowhere": packed(
            "E20", with_rows(case, [events[0], edited(events[1], previous="ab" * 32), *events[2:]])
        ),
        "one is changed where only skeletons tell": packed(
            "E21", with_rows(closing, [edited(rows(closing)[0], act="contest:cancel"), *rows(closing)[1:]])
        ),
        "a body that no skeleton has": packed(
            "E21", with_rows(closing, [*rows(closing), edited(rows(contest)[-1], rule="x")])
        ),
        "the last is gone": packed("E22", cut),
        "all are gone": packed("E17", with_rows(case, [])),
        "the last is gone, and its number": packed(
            "E23", with_json(cut, "data/proof.json", lambda one: one.update(count=len(events) - 1))
        ),
        "the last one is changed": packed(
            "E23", with_rows(case, [*events[:-1], edited(events[-1], act="application:refuse")])
        ),
        "the chain is written anew": packed(
            "E23", rehashed(case, [edited(events[0], act="application:refuse"), *events[1:]])
        ),
        "one is put in, and the chain written anew": packed(
            "E23", rehashed(case, [events[0], edited(events[0], id="x"), *events[1:]])
        ),
        "one is put at the end": packed("E23", rehashed(case, [*events, edited(events[0], id="x")])),
        "one is taken out, and the chain written anew": packed("E23", rehashed(case, events[:1] + events[2:])),
        "another case under this name": packed("E23", rehashed(case, other)),
        "a path of the map too short": packed("E23", with_json(case, "data/proof.json", lambda one: one["map"].pop())),
        "a path of the map too long": packed(
            "E23", with_json(case, "data/proof.json", lambda one: one["map"].append("00" * 32))
        ),
        "a path of the map without end": packed(
            "E23", with_json(case, "data/proof.json", lambda one: one["map"].extend(["00" * 32] * 300))
        ),
        "an older head of the map": packed("E23", _older(case, 1)),
        "skeletons of another case": packed("E18", {**case, "data/skeletons.jsonl": closing["data/skeletons.jsonl"]}),
        "skeletons where nothing is missing": packed(
            "E02", {**contest, "data/skeletons.jsonl": closing["data/skeletons.jsonl"]}
        ),
        "a skeleton is gone": packed(
            "E19",
            with_rows(
                closing,
                [one for at, one in enumerate(rows(closing, "data/skeletons.jsonl")) if at != 2],
                "data/skeletons.jsonl",
            ),
        ),
        # what is beside them
        "another value": packed("E24", {**case, "data/disclosures.jsonl": _other_value(case)}),
        "a value of another's event": packed(
            "E25", {**case, "data/disclosures.jsonl": case["data/disclosures.jsonl"] + _disclosed("x", event="no such")}
        ),
        "a value that no event has": packed(
            "E25", {**case, "data/disclosures.jsonl": _disclosed("x") + case["data/disclosures.jsonl"]}
        ),
        "a value twice": packed(
            "E25",
            {
                **case,
                "data/disclosures.jsonl": rows(case, "data/disclosures.jsonl")[0]
                + b"\n"
                + case["data/disclosures.jsonl"],
            },
        ),
        "a swapped file": packed("E26", _swapped_file(case)),
        "a pack that is another one": packed("E26", {**case, f"data/packs/{'0' * 64}.toml": b"version = 1"}),
        "a pack that is no pack": packed("E02", {**case, "data/packs/kg-604-2022.toml": b"version = 1"}),
        "files that nobody misses": packed("E27", _bare(case)),
        "a file that no event speaks of": packed("E27", _more_file(case)),
        "a file of another size": packed(
            "E27", with_json(case, "data/files.json", lambda one: one["files"][0].update(size=1))
        ),
        "an earlier checkpoint of another log": packed(
            "E28", _set("data/proof.json", "earlier", 0, "root", to="00" * 32)
        ),
        "an earlier checkpoint that is later": packed(
            "E28", _set("data/proof.json", "earlier", 0, "size", to=size + 1)
        ),
        "a receipt of another log": Forgery("E29", raw, VERIFIER, (f"ashar {size} 0000000000000000",)),
        "a receipt of another's log": Forgery(
            "E29", raw, VERIFIER, (f"osh {size} {log.root(honest().leaves).hex()[:16]}",)
        ),
        "a receipt that cannot be compared": Forgery("E30", raw, VERIFIER, ("ashar 5 0000000000000000",)),
        "no receipt": Forgery("E32", raw, VERIFIER, ("hello",)),
        "a register that leaves one out": packed("E31", _untrue_register()),
        "a register with another number": packed("E31", _untrue_register(number=77)),
        "a certificate of a contest that was not closed": packed(
            "E31",
            with_json(parts("contest", CONTEST), "data/about.json", lambda one: one.update(kind="closing"))
            | _unclosed(),
        ),
        **erasures.forgeries(),
    }


def _small() -> str:
    """A key for which signatures come by themselves: the neutral point."""
    return log.verifier_of("ashar", _Neutral())  # type: ignore[arg-type]


class _Neutral:
    def public_bytes(self, *_: object) -> bytes:
        return (1).to_bytes(32, "little")


def _other_value(given: Parts) -> bytes:
    told = rows(given, "data/disclosures.jsonl")
    return b"".join(one + b"\n" for one in [edited(told[0], value="Башка Бирөө"), *told[1:]])


def _more_file(given: Parts) -> Parts:
    sha256 = hashlib.sha256(b"more").hexdigest()
    line = {"sha256": sha256, "name": "x", "kind": "other", "round": 1, "size": 4}
    fresh = with_json(given, "data/files.json", lambda one: one["files"].append(line))
    return {**fresh, f"data/files/{sha256}": b"more"}


def _unclosed() -> Parts:
    """A world whose contest never closed, as a certificate."""
    made = World(world(5).rng)
    chain = Chain(made.uuid(), "contest", CONTEST, ("customer", "batken"))
    made.tell(chain, "contest:draft")
    made.seal(KEY)
    return parts_of(made, "closing", CONTEST)
