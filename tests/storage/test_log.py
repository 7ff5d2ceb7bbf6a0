"""The log's hashes, proofs and notes are those of RFC 6962, RFC 9162 and C2SP, and nothing else is taken for them."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import BadSetting, BrokenTrail
from storage import log

# The eight leaves and their roots of the Certificate Transparency reference implementations.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [log.leaf_hash(bytes.fromhex(data)) for data in INPUTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCIES = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (8, 8): [],
}
# The example of golang.org/x/mod/sumdb/note, where C2SP signed-note comes from.
PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SIGNED = f"{PETER_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ORIGIN = "ashar.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = log.verifier_of(ORIGIN, KEY)
ROOT = bytes.fromhex(ROOTS[8])


def hexes(proof: list[bytes]) -> list[str]:
    return [one.hex() for one in proof]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, to the letter."""
    if not leaves:
        return log.EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return log.node_hash(naive_root(leaves[:half]), naive_root(leaves[half:]))


def many(count: int) -> list[bytes]:
    return [log.leaf_hash(n.to_bytes(4, "big")) for n in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int):
    assert log.root(LEAVES[:size]).hex() == ROOTS[size]
    assert log.Tree(LEAVES).root(size).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSIONS)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int):
    proof = log.inclusion(LEAVES[:size], index)

    assert hexes(proof) == INCLUSIONS[index, size]
    assert log.verify_inclusion(LEAVES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCIES)
def test_consistency_proofs_are_the_published_ones(old: int, new: int):
    proof = log.consistency(LEAVES[:new], old)

    assert hexes(proof) == CONSISTENCIES[old, new]
    assert log.verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), proof)


def test_every_proof_of_every_small_log_holds_and_only_at_its_own_place():
    tree = log.Tree(many(33))
    for size in range(1, 34):
        root = tree.root(size)
        assert root == naive_root(many(size))
        for index in range(size):
            proof = tree.inclusion(index, size)
            leaf = many(size)[index]
            holds = [at for at in range(size) if log.verify_inclusion(leaf, at, size, proof, root)]
            assert holds == [index]
        for old in range(size + 1):
            proof = tree.consistency(old, size)
            holds = [
                other for other in range(size + 1) if log.verify_consistency(other, size, tree.root(old), root, proof)
            ]
            assert holds == [old]


@given(st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=60, deadline=None)
def test_a_log_taken_up_again_from_its_peaks_has_the_same_root(before: int, after: int):
    leaves = many(before + after)
    first = log.Peaks()
    for leaf in leaves[:before]:
        first.append(leaf)
    again = log.Peaks(first.size, first.peaks)
    for leaf in leaves[before:]:
        again.append(leaf)

    assert again.root() == naive_root(leaves) == log.Tree(leaves).root()


def test_peaks_of_another_size_are_not_taken():
    with pytest.raises(ValueError, match="peaks"):
        log.Peaks(3, many(1))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_changed_proof_holds(data: st.DataObject):
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    tree = log.Tree(many(size))
    included, consistent = tree.inclusion(index), tree.consistency(old)

    def changed(proof: list[bytes]) -> list[bytes]:
        how = data.draw(st.sampled_from(["flip", "drop", "double", "more", "short"]))
        at = data.draw(st.integers(0, len(proof) - 1))
        if how == "flip":
            bit = data.draw(st.integers(0, 255))
            flipped = (int.from_bytes(proof[at], "big") ^ (1 << bit)).to_bytes(32, "big")
            return [*proof[:at], flipped, *proof[at + 1 :]]
        return {
            "drop": [*proof[:at], *proof[at + 1 :]],
            "double": [*proof[: at + 1], *proof[at:]],
            "more": [*proof, proof[at]],
            "short": [*proof[:at], proof[at][:-1], *proof[at + 1 :]],
        }[how]

    leaf = many(size)[index]
    assert not log.verify_inclusion(leaf, index, size, changed(included), tree.root())
    assert not log.verify_consistency(old, size, tree.root(old), tree.root(), changed(consistent))


def test_a_rewritten_beginning_is_not_consistent():
    honest, forged = log.Tree(many(10)), log.Tree([log.leaf_hash(b"forged"), *many(20)[1:]])

    assert not log.verify_consistency(10, 20, honest.root(), forged.root(), forged.consistency(10))


@pytest.mark.parametrize(("index", "size"), [(-1, 8), (8, 8), (0, 0)])
def test_a_leaf_outside_the_log_has_no_proof(index: int, size: int):
    assert not log.verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])
    with pytest.raises(ValueError, match="no such leaf"):
        log.Tree(LEAVES[:size]).inclusion(index)


def test_a_shorter_log_is_no_continuation():
    assert not log.verify_consistency(8, 7, bytes.fromhex(ROOTS[8]), bytes.fromhex(ROOTS[7]), [])
    for old, size in ((8, 7), (0, 9)):
        with pytest.raises(ValueError, match="shorter"):
            log.Tree(LEAVES).consistency(old, size)


def test_everything_continues_the_empty_log_and_only_the_empty_one():
    assert log.verify_consistency(0, 8, log.EMPTY, ROOT, [])
    assert not log.verify_consistency(0, 8, LEAVES[0], ROOT, [])


def test_the_published_note_is_signed_and_read_alike():
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(PETER_SEED)[1:])

    assert log.verifier_of("PeterNeumann", key) == PETER
    assert log.sign(PETER_TEXT, "PeterNeumann", key) == PETER_SIGNED
    assert log.read_signed(PETER_SIGNED, PETER) == PETER_TEXT


def test_a_checkpoint_says_name_size_and_root():
    text = log.note(ORIGIN, 8, ROOT, KEY)

    assert text.split("\n")[:4] == [ORIGIN, "8", base64.b64encode(ROOT).decode(), ""]
    assert log.verify_note(text, VERIFIER) == log.Head(ORIGIN, 8, ROOT)


def test_signatures_of_witnesses_are_passed_over():
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    text = log.note(ORIGIN, 8, ROOT, KEY)
    cosigned = text + log.sign(text.split("\n\n")[0] + "\n", "witness.example", witness).split("\n\n")[1]

    assert log.verify_note(cosigned, VERIFIER).size == 8
    assert log.read_signed(cosigned, log.verifier_of("witness.example", witness))


def signed(text: str, name: str = ORIGIN) -> str:
    return log.sign(text, name, KEY)


ENCODED = base64.b64encode(ROOT).decode()
GOOD = log.note(ORIGIN, 8, ROOT, KEY)
SIGNATURE = GOOD.split("\n\n")[1]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n8\n", "\n9\n"),
        GOOD.replace(ENCODED, base64.b64encode(bytes(32)).decode()),
        GOOD.replace(f"{ORIGIN}\n", f"{ORIGIN}\n\n", 1),
        GOOD.replace("— ", "- "),
        GOOD.replace("— ", "—\x0b"),
        GOOD.replace("\n\n", "\n"),
        GOOD[:-1],
        GOOD + SIGNATURE.replace(SIGNATURE[-12:-2], "AAAAAAAAAA"),
        GOOD + "\n",
        GOOD + "word\n",
        GOOD.replace("\n— ", "\r\n— "),
        GOOD.split("\n\n")[0] + "\n\n",
        "",
        "\n\n",
        GOOD + SIGNATURE * 1000,
        "\ud800" + GOOD,
        signed(f"another.example\n8\n{ENCODED}\n"),
        signed(f"{ORIGIN}\n08\n{ENCODED}\n"),
        signed(f"{ORIGIN}\n-8\n{ENCODED}\n"),
        signed(f"{ORIGIN}\n٨\n{ENCODED}\n"),
        signed(f"{ORIGIN}\n8\n{ENCODED[:-2]}==\n"),
        signed(f"{ORIGIN}\n8\n\n"),
        signed(f"{ORIGIN}\n8\n"),
        log.sign(f"{ORIGIN}\n8\n{ENCODED}\n", "another.example", KEY),
    ],
)
def test_a_note_that_was_touched_is_refused(text: str):
    with pytest.raises(BrokenTrail):
        log.verify_note(text, VERIFIER)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_changed_character_passes(data: st.DataObject):
    at = data.draw(st.integers(0, len(GOOD) - 1))
    other = data.draw(st.characters(exclude_characters=GOOD[at], codec="utf-8"))
    with pytest.raises(BrokenTrail):
        log.verify_note(GOOD[:at] + other + GOOD[at + 1 :], VERIFIER)


@pytest.mark.parametrize(
    "verifier", ["", "a+b", VERIFIER[:-4], VERIFIER.replace(ORIGIN, "x"), PETER.replace("ARpc", "AhPc"), PETER + "="]
)
def test_a_wrong_verifier_key_is_named_as_a_setting(verifier: str):
    with pytest.raises(BadSetting):
        log.read_signed(PETER_SIGNED, verifier)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_a_name_with_spaces_or_plus_signs_nothing(name: str):
    with pytest.raises(ValueError, match="name"):
        log.sign("text\n", name, KEY)


@pytest.mark.parametrize("text", ["no newline", "tab\t\n", ""])
def test_a_text_that_is_no_note_is_not_signed(text: str):
    with pytest.raises(ValueError, match="newline"):
        log.sign(text, ORIGIN, KEY)


@pytest.mark.parametrize(("size", "root"), [(-1, ROOT), (1, b"short")])
def test_a_checkpoint_of_nonsense_is_not_signed(size: int, root: bytes):
    with pytest.raises(ValueError, match="checkpoint"):
        log.note(ORIGIN, size, root, KEY)


def test_the_key_is_made_once_and_is_the_owners_only(tmp_path: Path):
    path = tmp_path / "keys" / "log.pem"

    first, second = log.make_key(path), log.make_key(path)

    assert log.verifier_of(ORIGIN, first) == log.verifier_of(ORIGIN, second)
    assert log.verifier_of(ORIGIN, log.load_key(path)) == log.verifier_of(ORIGIN, first)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["log.pem"]


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path):
    path = tmp_path / "log.pem"
    log.make_key(path)
    path.chmod(0o640)
    with pytest.raises(BadSetting):
        log.load_key(path)


@pytest.mark.parametrize("content", [None, b"", b"not a key"])
def test_a_missing_or_broken_key_is_named_as_a_setting(tmp_path: Path, content: bytes | None):
    path = tmp_path / "log.pem"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(BadSetting):
        log.load_key(path)
