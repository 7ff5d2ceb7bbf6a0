"""The file of the log's private key: made once, readable by its owner alone."""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from schemas.errors import BadSetting


def make_key(path: Path) -> Ed25519PrivateKey:
    """The key at `path`, made there if absent (PEM, mode 0600). Of two makers at once, both get the first one's key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return load_key(path)


def load_key(path: Path) -> Ed25519PrivateKey:
    """The log's key. Raises BadSetting when it is missing, unreadable, or open to others than its owner."""
    try:
        open_to_others = path.stat().st_mode & 0o077
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as trouble:
        raise BadSetting(setting="log key") from trouble
    if open_to_others or not isinstance(key, Ed25519PrivateKey):
        raise BadSetting(setting="log key")
    return key
