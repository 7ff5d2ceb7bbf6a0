"""The map: one root for what it holds, whatever the order; proofs that hold for the truth and for nothing else."""

import hashlib
import secrets
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.keymap import EMPTY, KeyMap, Proof, key_of, value_of, verify

WORDS = st.binary(min_size=32, max_size=32)
NEAR = st.integers(0, 7).map(lambda number: bytes(31) + bytes([number]))  # keys that part only at the very end


def naive(pairs: dict[bytes, bytes], depth: int = 0) -> bytes:
    """The root by its definition."""
    if not pairs:
        return EMPTY
    if len(pairs) == 1:
        [(key, value)] = pairs.items()
        return hashlib.sha256(b"\x02" + key + value).digest()
    halves: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
    for key, value in pairs.items():
        halves[key[depth // 8] >> (7 - depth % 8) & 1][key] = value
    return hashlib.sha256(b"\x03" + naive(halves[0], depth + 1) + naive(halves[1], depth + 1)).digest()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(WORDS | NEAR, WORDS), max_size=12), st.randoms())
def test_the_root_is_that_of_the_definition_in_any_order(pairs: list[tuple[bytes, bytes]], order: object):
    held = dict(pairs)
    shuffled = list(held.items())
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    grown = KeyMap()
    for key, value in shuffled:
        grown.set(key, b"\x00" * 32)
        grown.root()  # so that a node reckoned before must be reckoned anew
        grown.set(key, value)
    assert grown.root() == KeyMap(pairs).root() == naive(held)


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(WORDS | NEAR, WORDS, max_size=12), WORDS | NEAR)
def test_a_proof_shows_what_a_key_holds_and_nothing_else(pairs: dict[bytes, bytes], other: bytes):
    held = KeyMap(pairs.items())
    root = held.root()
    for key in {*pairs, other}:
        value, proof = pairs.get(key), held.prove(key)
        assert verify(root, key, value, proof)
        wrong = hashlib.sha256(value or b"").digest()
        assert not verify(root, key, wrong, proof)
        assert not verify(secrets.token_bytes(32), key, value, proof)
        if value is not None:
            assert not verify(root, key, None, proof)
            assert not verify(root, key, value, replace(proof, other=(other, value)))
        for at in sorted({0, 1, len(proof.siblings) // 2, len(proof.siblings) - 1} & set(range(len(proof.siblings)))):
            bent = (*proof.siblings[:at], wrong, *proof.siblings[at + 1 :])
            assert not verify(root, key, value, replace(proof, siblings=bent))
        if proof.siblings:
            assert not verify(root, key, value, replace(proof, siblings=proof.siblings[:-1]))


def test_another_keys_leaf_shows_absence_only_on_ones_own_way():
    here, there = bytes(32), b"\xff" * 32
    held = KeyMap([(here, EMPTY), (there, EMPTY)])
    near = bytes(31) + b"\x01"
    proof = held.prove(near)
    assert proof.other == (here, EMPTY)
    assert verify(held.root(), near, None, proof)
    assert not verify(held.root(), b"\xff" * 31 + b"\x01", None, proof)


@pytest.mark.parametrize("siblings", [(b"short",), (bytes(32),) * 257])
def test_what_is_no_proof_shows_nothing(siblings: tuple[bytes, ...]):
    assert not verify(bytes(32), bytes(32), None, Proof(siblings))


def test_keys_and_values_are_those_that_anybody_can_reckon():
    assert key_of("case", "batken/2026-1/7") == hashlib.sha256(b"ashar:case:batken/2026-1/7").digest()
    assert value_of(3, bytes(32)) == hashlib.sha256(b"\x04" + (3).to_bytes(8, "big") + bytes(32)).digest()
    with pytest.raises(ValueError, match="256"):
        KeyMap([(b"short", bytes(32))])
