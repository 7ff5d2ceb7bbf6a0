"""The one log of all streams: its tree, the notes that are signed of it, and the key that signs them, under one name."""

from storage.logkeys import load_key, make_key
from storage.notes import ED25519, NOTE_LIMIT, Head, note, read_signed, sign, verifier_of, verify_note
from storage.tree import (
    EMPTY,
    HASH_BYTES,
    Peaks,
    Proofs,
    Tree,
    consistency,
    inclusion,
    leaf_hash,
    node_hash,
    peaks_of,
    root,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "ED25519",
    "EMPTY",
    "HASH_BYTES",
    "NOTE_LIMIT",
    "Head",
    "Peaks",
    "Proofs",
    "Tree",
    "consistency",
    "inclusion",
    "leaf_hash",
    "load_key",
    "make_key",
    "node_hash",
    "note",
    "peaks_of",
    "read_signed",
    "root",
    "sign",
    "verifier_of",
    "verify_consistency",
    "verify_inclusion",
    "verify_note",
]
