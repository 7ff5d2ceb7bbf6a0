"""Cosignatures and policies are those of C2SP tlog-cosignature and tlog-policy, and nothing else is taken for them."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.errors import BadSetting, BrokenTrail
from storage import log
from storage.cosigning import LATEST, LINE, Cosigner, Policy, cosign, parts, unbase64

# The example of tlog-cosignature, whose key is not published: its form can be checked, and the time it tells.
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
EXAMPLE = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
NAME = "chamber.example/w1"
WHO = Cosigner.of(NAME, KEY)


def test_the_published_example_is_read_as_key_time_and_signature():
    match = LINE.fullmatch(EXAMPLE)
    raw = unbase64(match[2]) if match else None

    assert raw is not None and len(raw) == 4 + 8 + 64
    assert int.from_bytes(raw[4:12], "big") == 1679315147


def test_a_cosignature_signs_what_the_specification_says():
    line = cosign(TEXT, NAME, KEY, 1679315147)
    raw = base64.b64decode(line.split(" ")[2])

    assert raw[:4] == hashlib.sha256(NAME.encode() + b"\n\x04" + RAW).digest()[:4]
    KEY.public_key().verify(raw[12:], b"cosignature/v1\ntime 1679315147\n" + TEXT.encode())
    assert WHO.time_of(TEXT, [EXAMPLE, line]) == (1679315147, line)


def test_the_verifier_line_has_type_four_and_is_read_back():
    raw = base64.b64encode(b"\x04" + RAW).decode()
    assert WHO.line == f"{NAME}+{WHO.key_id.hex()}+{raw}"
    assert Cosigner.read(WHO.line).line == WHO.line


@pytest.mark.parametrize(
    "line",
    [
        "",
        log.verifier_of(NAME, KEY),  # a log's key
        WHO.line.replace(WHO.key_id.hex(), "00000000"),
        WHO.line + "=",
        WHO.line.replace("chamber", "other"),
        WHO.line + "\n",
    ],
    ids=lambda _: "one",  # keys are made anew, and names of tests stay
)
def test_what_is_no_witness_key_is_refused(line: str):
    with pytest.raises(BadSetting):
        Cosigner.read(line)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:11] + bytes([raw[11] ^ 1]) + raw[12:],  # another time
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        lambda raw: raw + b"\0",
        lambda raw: raw[:12],
        lambda raw: raw[:4] + b"\xff" + raw[5:],
    ],
)
def test_a_forged_line_of_a_known_key_spoils_the_note(spoil):
    raw = base64.b64decode(cosign(TEXT, NAME, KEY, 5).split(" ")[2])
    with pytest.raises(BrokenTrail):
        WHO.time_of(TEXT, [f"— {NAME} {base64.b64encode(spoil(raw)).decode()}"])


def test_lines_of_others_are_passed_over_and_the_newest_of_ones_own_counts():
    other = cosign(TEXT, "other.example/w", Ed25519PrivateKey.generate(), 9)
    lines = [cosign(TEXT, NAME, KEY, 5), other, cosign(TEXT, NAME, KEY, 7), cosign(TEXT, NAME, KEY, 6), "rubbish"]

    found = WHO.time_of(TEXT, lines)
    assert found is not None and found[0] == 7
    assert WHO.time_of(TEXT, [other]) is None


@pytest.mark.parametrize("at", [-1, LATEST + 1])
def test_a_time_fits_in_63_bits(at: int):
    with pytest.raises(ValueError):
        cosign(TEXT, NAME, KEY, at)


def test_a_note_is_parted_at_its_last_empty_line():
    assert parts("a\n\nb\n\n— x y\n— z w\n") == ("a\n\nb\n", ["— x y", "— z w"])
    with pytest.raises(BrokenTrail):
        parts("a\nb\n")


def lines(count: int) -> list[str]:
    return [Cosigner.of(f"w{n}.example", Ed25519PrivateKey.generate()).line for n in range(count)]


def test_the_specifications_example_of_two_levels_holds_as_it_says():
    named = dict(zip(("X1", "X2", "X3", "Y1", "Y2", "Y3"), lines(6), strict=True))
    told = [f"log {log.verifier_of('l.example', KEY)}", *(f"witness {name} {line}" for name, line in named.items())]
    told += [
        "group X-witnesses 2 X1 X2 X3",
        "group Y-witnesses any Y1 Y2 Y3",
        "group X-and-Y all X-witnesses Y-witnesses",
    ]
    policy = Policy.read("\n".join([*told, "quorum X-and-Y", ""]))

    assert policy.enough({"X1", "X3", "Y2"})
    assert not policy.enough({"X1", "Y1", "Y2", "Y3"})
    assert not policy.enough({"X1", "X2", "X3"})


def test_spaces_comments_and_addresses_are_allowed_and_none_needs_nobody():
    [line] = lines(1)
    policy = Policy.read(f"\n  # күбөлөр\n\twitness  a\t{line}   http://127.0.0.1:1/w/ \nquorum none\n")

    assert policy.urls == {"a": "http://127.0.0.1:1/w"}
    assert policy.enough(())


A, B = lines(2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"witness a {A}",
        f"witness a {A}\nquorum b",
        f"witness none {A}\nquorum none",
        f"witness a {A}\nwitness a {B}\nquorum a",
        f"witness a {A}\nwitness b {A}\nquorum a",  # one key twice
        f"witness a {A}\ngroup g 2 a\nquorum g",
        f"witness a {A}\ngroup g 0 a\nquorum g",
        f"witness a {A}\ngroup g 01 a\nquorum g",
        f"witness a {A}\ngroup g any a a\nquorum g",
        f"witness a {A}\ngroup g any\nquorum g",
        f"witness a {A}\ngroup g any a\ngroup h any a\nquorum g",  # counted twice
        f"witness a {A}\ngroup g any g\nquorum g",
        f"witness a {A}\nquorum a\nquorum a",
        f"witness a {A}\rquorum a\nquorum a",
        f"witness a {A} http://x y\nquorum a",
        "friend a\nquorum none",
        "quorum none\x0b",
    ],
    ids=lambda _: "one",  # keys are made anew, and names of tests stay
)
def test_a_policy_that_says_something_else_is_refused(text: str):
    with pytest.raises(BadSetting):
        Policy.read(text)
