"""Dossiers changed at random, for the two verifiers to argue about; the same seed makes the same dossiers.

`python -m tests.dossier.mutations 10000` writes what came of it (make fuzz-dossier).
"""

import json
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from time import monotonic
from typing import Any

import orjson

from tests.dossier.forgeries import forgeries
from tests.dossier.harmless import Honest, harmless, honest, judged
from tests.dossier.makers import VERIFIER, VERIFIERS
from tests.dossier.spoiling import POLICY, Sealed, sealed

BATCH = 100


@dataclass(frozen=True)
class Mutant:
    how: str
    of: Honest
    raw: bytes
    given: str
    receipts: tuple[str, ...] = ()


# -- ways to spoil ----------------------------------------------------------------------------------------------------


def flipped(rng: random.Random, raw: bytes) -> bytes:
    """One to three bits, bytes put in, taken out, overwritten or moved."""
    spoilt = bytearray(raw)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at, length = rng.randrange(len(spoilt) + 1), rng.randrange(1, 9)
        match rng.randrange(7):
            case 0 | 1 | 2 if at < len(spoilt):
                spoilt[at] ^= 1 << rng.randrange(8)
            case 3:
                spoilt[at:at] = rng.randbytes(length)
            case 4:
                del spoilt[at : at + length]
            case 5:
                spoilt[at : at + length] = bytes(length)
            case _:
                piece = spoilt[at : at + length]
                other = rng.randrange(len(spoilt) + 1)
                spoilt[other : other + len(piece)] = piece
    return bytes(spoilt)


def _zip(rng: random.Random, of: Honest) -> bytes:
    return flipped(rng, of.raw)


def _headers(rng: random.Random, of: Honest) -> bytes:
    """Bits of the directory and of the local headers alone."""
    spoilt = bytearray(of.raw)
    with zipfile.ZipFile(BytesIO(of.raw)) as archive:
        places = [one.header_offset + rng.randrange(30) for one in archive.infolist()]
        places += [rng.randrange(archive.start_dir, len(of.raw)) for _ in places]
    for at in rng.sample(places, rng.randrange(1, 3)):
        spoilt[at] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def _member(rng: random.Random, of: Honest) -> bytes:
    """A member changed, and the manifests made to fit."""
    name = rng.choice([one for one in of.parts if one.startswith("data/") and of.parts[one]])
    return sealed({**of.parts, name: flipped(rng, of.parts[name])}).zip()


def _members(rng: random.Random, of: Honest) -> bytes:
    """Members taken out, renamed, swapped with each other or with those of another dossier."""
    parts, other = dict(of.parts), honest(rng.randrange(12))
    names = [one for one in parts if one.startswith("data/")]
    one, two = rng.sample(names, 2)
    match rng.randrange(5):
        case 0:
            del parts[one]
        case 1:
            parts[one], parts[two] = parts[two], parts[one]
        case 2:
            parts[rng.choice((f"{one}x", one.upper(), f"/{one}", one.replace("data", "data/..", 1)))] = parts.pop(one)
        case 3:
            for name in rng.sample(sorted(other.parts), rng.randrange(1, 5)):
                parts[name] = other.parts[name]
        case _:
            spoilt = sealed(parts).parts
            spoilt[one] = flipped(rng, spoilt[one])  # and the manifest knows nothing of it
            return Sealed(spoilt).zip()
    return sealed(parts).zip()


def _tweaked(rng: random.Random, of: Honest) -> bytes:
    """A zip that is written otherwise in one place."""
    ways: list[dict[str, Any]] = [
        {"method": rng.choice((0, 8, 12, 14))},
        {"flags": 1 << rng.randrange(16)},
        {"size": rng.choice((0, 1, 1 << 28, (1 << 28) + 1, 0xFFFFFFFF))},
        {"crc": rng.getrandbits(32)},
        {"tail": rng.randbytes(rng.randrange(1, 5))},
        {"packed": rng.randbytes(rng.randrange(40))},
        {"where": rng.getrandbits(10)},
        {"mode": rng.getrandbits(32)},
        {"extra": rng.randbytes(4)},
        {"time": rng.getrandbits(16)},
        {"version": rng.choice((10, 45, 63))},
        {"other": rng.randbytes(5)},
    ]
    whole = sealed(dict(of.parts))
    whole.tweak = {rng.choice(sorted(whole.parts)): rng.choice(ways)}
    return whole.zip()


def _walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _walk(one, (*path, key))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _walk(one, (*path, at))


VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 2**53 - 1, 2**53, 1.5, 1.0, "", "x", "0" * 64, "\ud7ff", "\u2028", "é", "é"),
    *([], {}, [[]], {"sd": "0" * 64}, {"a": 1}, ["x"], "batken/2026-1/2", "contest", "case", "closing"),
)


def _value(rng: random.Random, of: Honest) -> bytes:
    """One value of one JSON line replaced, moved, taken out or put in, in canonical form."""
    name = rng.choice([one for one in of.parts if one.startswith("data/") and one.endswith(("json", "jsonl"))])
    lines = of.parts[name].split(b"\n")
    at = rng.randrange(len(lines))
    if not lines[at]:
        return _member(rng, of)
    value = orjson.loads(lines[at])
    path = rng.choice([one for one in _walk(value) if one] or [()])
    if not path:
        return _member(rng, of)
    inside = value
    for step in path[:-1]:
        inside = inside[step]
    old = inside[path[-1]]
    match rng.randrange(6):
        case 0:
            del inside[path[-1]]
        case 1 if isinstance(inside, dict):
            inside[rng.choice(("a", "v", "x_1", "A", "é", "constructor", "__proto__", "why"))] = rng.choice(VALUES)
        case 2 if isinstance(inside, list):
            inside.insert(path[-1], rng.choice((old, *VALUES)))
        case 3 if isinstance(old, int):
            inside[path[-1]] = old + rng.choice((-1, 1, 256, -256))
        case 4 if isinstance(old, str) and old:
            place = rng.randrange(len(old))
            inside[path[-1]] = old[:place] + rng.choice("0123456789abcdefAZ ü") + old[place + 1 :]
        case _:
            inside[path[-1]] = rng.choice(VALUES)
    lines[at] = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
        "utf-8", "surrogatepass"
    )
    return sealed({**of.parts, name: b"\n".join(lines)}).zip()


SPELLINGS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    lambda raw, _: raw.replace(b":", b": ", 1),
    lambda raw, _: raw.replace(b",", b",\n", 1),
    lambda raw, _: raw.replace(b"\n", b"\r\n", 1),
    lambda raw, _: raw.replace(b"\n", b"\x0b", 1),
    lambda raw, _: raw.replace(b"\n", "\u2028".encode(), 1),
    lambda raw, _: raw.replace(b"\n", "\x85".encode(), 1),
    lambda raw, _: raw.replace(b'"v":1', b'"v":1.0', 1),
    lambda raw, _: raw.replace(b'"v":1', b'"v":1e0', 1),
    lambda raw, _: raw.replace(b'"v":1', b'"v":01', 1),
    lambda raw, _: raw.replace(b'"v":1', b'"v":-0', 1),
    lambda raw, _: raw.replace(b'"v":1', b'"v":1,"v":1', 1),
    lambda raw, _: raw.replace(b"a", b"\\u0061", 1),
    lambda raw, _: raw.replace(b"/", b"\\/", 1),
    lambda raw, _: raw.replace(b'":"', b'":"\\ud800', 1),
    lambda raw, _: raw.replace(b'":"', b'":"\xed\xa0\x80', 1),
    lambda raw, _: raw.replace(b'":"', b'":"\xc0\x80', 1),
    lambda raw, _: raw.replace(b'":"', b'":"\x00', 1),
    lambda raw, _: raw.replace(b'":"', b'":"\\u0000', 1),
    lambda raw, _: raw.replace(b'":"', b'":"\x7f', 1),
    lambda raw, _: b"\xef\xbb\xbf" + raw,
    lambda raw, _: raw + b"\n",
    lambda raw, _: raw[:-1],
    lambda raw, _: raw.replace(b"null", b"NaN", 1),
    lambda raw, _: raw.replace(b"}", b",}", 1),
    lambda raw, rng: raw.replace(b"{", b"[" * rng.randrange(1, 3000), 1),
    lambda raw, rng: raw.replace(b"0", str(rng.choice((2**53, 2**64, 10**30))).encode(), 1),
)


def _spelling(rng: random.Random, of: Honest) -> bytes:
    """The same, or nearly the same, in another spelling."""
    name = rng.choice(
        [one for one in of.parts if one.startswith("data/") and one.endswith(("json", "jsonl", "point.txt"))]
    )
    lines = of.parts[name].split(b"\n")
    at = rng.randrange(len(lines))
    spoilt = rng.choice(SPELLINGS)(b"\n".join(lines[at:]), rng)
    return sealed({**of.parts, name: b"\n".join([*lines[:at], spoilt])}).zip()


def _lines(rng: random.Random, of: Honest) -> bytes:
    """Lines taken out, doubled, swapped, or brought from another dossier."""
    name = rng.choice([one for one in of.parts if one.endswith((".jsonl", "checkpoint.txt"))])
    lines = of.parts[name].split(b"\n")[:-1]
    other = honest(rng.randrange(12)).parts.get(name, b"x\n").split(b"\n")[:-1]
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(lines) + 1)
        match rng.randrange(5):
            case 0:
                del lines[at : at + 1]
            case 1:
                lines[at:at] = lines[at : at + 1]
            case 2:
                del lines[at:]
            case 3 if other:
                lines.insert(at, rng.choice(other))
            case _:
                rng.shuffle(lines)
    return sealed({**of.parts, name: b"".join(one + b"\n" for one in lines)}).zip()


WAYS = (_zip, _headers, _member, _members, _tweaked, _value, _value, _spelling, _lines)


def mutants(seed: int, count: int) -> Iterator[Mutant]:
    """So many of them: the crafted forgeries first, and then at random."""
    rng = random.Random(seed)
    left = count
    for name, one in forgeries().items():
        if left == 0:
            return
        left -= 1
        yield Mutant(name, honest(0), one.zip, one.given, tuple(one.receipts))
    for number in range(left):
        way, of = WAYS[number % len(WAYS)], honest(rng.randrange(12))
        given = rng.choice(("", VERIFIER, VERIFIER, POLICY))
        size, root = of.told["size"], of.told["root"]
        receipts = rng.choice(((), (), (f"ashar {size} {root[:16]}",)))
        yield Mutant(way.__name__, of, way(rng, of), given, receipts)


# -- the argument ------------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """How an argument went: nothing may be in `false_accepts` and `quarrels`."""

    seen: int = 0
    codes: Counter[str] = None  # type: ignore[assignment]
    false_accepts: list[str] = None  # type: ignore[assignment]
    quarrels: list[str] = None  # type: ignore[assignment]


def argue(page: Any, seed: int, count: int, tell: Callable[[Outcome], object] = bool) -> Outcome:
    """Both verifiers on so many dossiers; every verdict must be the same to the last word."""
    outcome = Outcome(0, Counter(), [], [])
    batch: list[Mutant] = []

    def settle() -> None:
        theirs = page.judge([(one.raw, one.given, one.receipts) for one in batch])
        for one, their in zip(batch, theirs, strict=True):
            ours = judged(one.raw, one.given, one.receipts)
            outcome.seen += 1
            outcome.codes["good" if ours["good"] else ours["code"]] += 1
            if ours != their:
                outcome.quarrels.append(f"{outcome.seen} {one.how}: {ours} {their}")
            if ours["good"] and not harmless(one.raw, ours):
                outcome.false_accepts.append(f"{outcome.seen} {one.how}: {ours}")
        batch.clear()
        tell(outcome)

    for one in mutants(seed, count):
        batch.append(one)
        if len(batch) == BATCH:
            settle()
    if batch:
        settle()
    return outcome


def _progress(outcome: Outcome) -> None:
    if outcome.seen % 1000 == 0:
        wrong = len(outcome.false_accepts) + len(outcome.quarrels)
        sys.stdout.write(f"{outcome.seen}: {wrong} wrong\n")
        sys.stdout.flush()


def main(count: int, seed: int) -> int:
    from tests.dossier.browser import page

    begun = monotonic()
    with page() as tab:
        tab.open(VERIFIERS / "verify.html")
        outcome = argue(tab, seed, count, _progress)
    sys.stdout.write(f"{outcome.seen} dossiers, seed {seed}, {monotonic() - begun:.0f} s\n")
    sys.stdout.write(" ".join(f"{code} {times}" for code, times in sorted(outcome.codes.items())) + "\n")
    for name, found in (("false accepts", outcome.false_accepts), ("disagreements", outcome.quarrels)):
        sys.stdout.write(f"{name}: {len(found)}\n" + "".join(f"  {one}\n" for one in found[:20]))
    return 1 if outcome.false_accepts or outcome.quarrels else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
