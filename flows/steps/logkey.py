"""The log's key, its name and its policy, as this installation has them.

The private key is the sequencer's alone. Everybody else knows the policy in the store, which says whose word counts.
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flows.office import Office
from schemas.errors import BadSetting, BrokenTrail
from storage import log, policy
from storage.policy import Policy


def key_file(office: Office) -> Path:
    """Where the private key lies."""
    return office.settings.log_key or office.home / "keys" / "log.key"


def policy_of(office: Office) -> Policy:
    """The log's name and keys, for whoever verifies. Raises BrokenTrail where nothing was published yet."""
    found = policy.find(office.objects)
    if found is None:
        raise BrokenTrail(stream="log", why="policy")
    _same_origin(office, found[0])
    return found[0]


def own(office: Office) -> tuple[Ed25519PrivateKey, Policy]:
    """The key that signs now, and the policy that says so; both made where the log begins.

    Raises BadSetting where the key is not the newest of the policy, or the log's name was changed.
    """
    path = key_file(office)
    found = policy.find(office.objects)
    if found is None:
        key = log.make_key(path)
        origin = office.settings.log_origin or default_origin(key)
        fresh = policy.founded(origin, log.verifier_of(origin, key), office.machine_now())
        policy.publish(office.objects, fresh, [key], policy.locked_until(office.machine_now()))
        return key, fresh
    told, _ = found
    _same_origin(office, told)
    if _is(path, told.newest, told.origin):
        return log.load_key(path), told
    fresh = next_file(path)
    if not _is(fresh, told.newest, told.origin):
        raise BadSetting(setting="ASHAR_LOG_KEY")
    retire(path, fresh)  # a change of keys that was interrupted after it had been published
    return log.load_key(path), told


def default_origin(key: Ed25519PrivateKey) -> str:
    """A name that no other installation has."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"ashar/{hashlib.sha256(raw).hexdigest()[:12]}"


def next_file(path: Path) -> Path:
    """Where the key waits that is to follow."""
    return path.with_name(f"{path.name}.next")


def retire(path: Path, fresh: Path) -> None:
    """The next key takes the place of the one before, which is gone then: what it signed is verified without it."""
    fresh.replace(path)


def _is(path: Path, line: str, origin: str) -> bool:
    return path.exists() and log.verifier_of(origin, log.load_key(path)) == line


def _same_origin(office: Office, told: Policy) -> None:
    if office.settings.log_origin not in ("", told.origin):
        raise BadSetting(setting="ASHAR_LOG_ORIGIN")


def policy_text(office: Office) -> str:
    """The newest policy as it is signed. Raises BrokenTrail where there is none."""
    found = policy.find(office.objects)
    if found is None:
        raise BrokenTrail(stream="log", why="policy")
    return found[1]
