"""What was just stored is at hand once, and never in place of other bytes."""

import hashlib
from pathlib import Path

from storage import near


def given(spool: Path, raw: bytes) -> str:
    """Bytes left in the spool, from a file that is gone afterwards."""
    sha256 = hashlib.sha256(raw).hexdigest()
    source = spool / "package.pdf"
    source.write_bytes(raw)
    near.leave(spool, sha256, source)
    source.unlink()
    return sha256


def test_bytes_are_at_hand_once(tmp_path: Path) -> None:
    sha256 = given(tmp_path, b"one")

    assert near.take(tmp_path, sha256, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert not near.take(tmp_path, sha256, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_bytes_that_changed_meanwhile_are_not_given_out(tmp_path: Path) -> None:
    source, sha256 = tmp_path / "package.pdf", hashlib.sha256(b"one").hexdigest()
    source.write_bytes(b"one")
    near.leave(tmp_path, sha256, source)
    source.write_bytes(b"two")  # the same file under two names

    assert not near.take(tmp_path, sha256, tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package.pdf"]


def test_what_cannot_be_kept_at_hand_is_no_error(tmp_path: Path) -> None:
    near.leave(tmp_path / "none", "0" * 64, tmp_path / "missing")

    assert not near.take(tmp_path / "none", "0" * 64, tmp_path / "a")
