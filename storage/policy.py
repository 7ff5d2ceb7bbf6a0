"""What the log publishes beside its tiles: checkpoints, the policy that says which key signs which of them, and laws.

Checkpoints and policies are found newest first, without a look at all of them: names count down, in folders of a thousand.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.errors import AlreadyGiven, BrokenTrail
from storage.canonical import canonical
from storage.notes import NOTE_LIMIT, Head, read_signed, sign, verify_note
from storage.objects import Objects

CHECKPOINTS = "checkpoints/"
POLICIES = "policies/"
LAWS = "laws/"  # rule packs and calendars of working days, by hash
KEPT = timedelta(days=366)
TITLE = "ashar log policy\n"
_LAST = 10**12 - 1


def _counting_down(prefix: str, number: int) -> str:
    told = f"{_LAST - number:012d}"
    return prefix + "/".join(told[at : at + 3] for at in range(0, 12, 3))


def _number(prefix: str, name: str) -> int:
    return _LAST - int(name.removeprefix(prefix).replace("/", ""))


def checkpoint_name(size: int) -> str:
    """Where the checkpoint of that size lies: `checkpoints/999/999/995/288` is that of 4711 leaves."""
    return _counting_down(CHECKPOINTS, size)


def sizes(objects: Objects) -> Iterator[int]:
    """Sizes of what was signed, newest first; whoever wants the newest takes one."""
    for one in objects.keys(CHECKPOINTS):
        yield _number(CHECKPOINTS, one.key)


def newest_size(objects: Objects) -> int | None:
    """Size of the newest checkpoint in the store."""
    one = objects.first(CHECKPOINTS)
    return None if one is None else _number(CHECKPOINTS, one)


@dataclass(frozen=True, slots=True)
class Window:
    """One key of the log: its verifier line, and the checkpoints that it signs, by their sizes; `last` is None for the newest.

    `lost`: the key before it was no longer there to say that this one follows; whoever trusts it was told by other ways.
    """

    key: str
    first: int
    last: int | None
    since: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The log's name and its keys, oldest first; their windows neither overlap nor leave a gap."""

    origin: str
    keys: tuple[Window, ...]

    @property
    def newest(self) -> str:
        """Verifier line of the key that signs now."""
        return self.keys[-1].key

    @property
    def trusted(self) -> list[str]:
        """Verifier lines that a reader may believe, newest first: back to the last key that followed a lost one."""
        lines: list[str] = []
        for one in reversed(self.keys):
            lines.append(one.key)
            if one.lost:
                break
        return lines

    def key_for(self, size: int) -> str:
        """Verifier line of the key that signs a checkpoint of that size."""
        return next(one.key for one in reversed(self.keys) if size >= one.first)

    def read(self, note: str) -> Head:
        """What a checkpoint says, once the key of its size is seen to have signed it. Raises BrokenTrail."""
        size = re.match(r"[^\n]*\n(0|[1-9][0-9]{0,18})\n", note)
        return verify_note(note, self.key_for(int(size[1]) if size else 0))

    def followed(self, line: str, last: int, since: datetime, *, lost: bool = False) -> "Policy":
        """The same with one key more, which signs whatever is longer than `last` leaves."""
        ended = (*self.keys[:-1], replace(self.keys[-1], last=last))
        return Policy(self.origin, (*ended, Window(line, last + 1, None, since.isoformat(), lost)))

    def text(self) -> str:
        """As it is signed."""
        keys = [asdict(one) for one in self.keys]
        return f"{TITLE}{canonical({'v': 1, 'origin': self.origin, 'keys': keys}).decode()}\n"


def founded(origin: str, line: str, since: datetime) -> Policy:
    """The policy of a log that begins."""
    return Policy(origin, (Window(line, 0, None, since.isoformat()),))


def publish(objects: Objects, policy: Policy, signers: Sequence[Ed25519PrivateKey], until: datetime) -> str:
    """Put the policy beside those before it, signed by the key that ends and the one that begins; what was put."""
    text = policy.text()
    signed = [sign(text, policy.origin, one) for one in signers]
    whole = signed[0] + "".join(one.rpartition("\n\n")[2] for one in signed[1:])
    raw, name = whole.encode(), _counting_down(POLICIES, len(policy.keys) - 1)
    objects.put(name, BytesIO(raw), len(raw), hashlib.sha256(raw).hexdigest(), until)
    return whole


def find(objects: Objects) -> tuple[Policy, str] | None:
    """The newest policy and its text, each traced back to the first; None before there is one. Raises BrokenTrail."""
    names = [one.key for one in objects.keys(POLICIES)]
    found: Policy | None = None
    text = ""
    for number, name in enumerate(reversed(names)):
        text = _text(objects, name)
        before, found = found, parse(text)
        whole = len(found.keys) == number + 1 and _number(POLICIES, name) == number
        # what was said of the keys before stays, but that the last of them has ended
        follows = before is None or (found.origin == before.origin and _begins(found.keys, before.keys))
        if not whole or not follows:
            raise BrokenTrail(stream="log", seq=number, why="policy")
        signers = [found.newest] if before is None or found.keys[-1].lost else [before.newest, found.newest]
        for line in signers:
            read_signed(text, line)
    return None if found is None else (found, text)


def _begins(keys: Sequence[Window], before: Sequence[Window]) -> bool:
    *ended, fresh = keys
    return fresh.first == (ended[-1].last or 0) + 1 and [
        *ended[:-1],
        replace(ended[-1], last=None),
    ] == list(before)


def parse(text: str) -> Policy:
    """What a policy says; nothing of its signatures. Raises BrokenTrail."""
    try:
        told = orjson.loads(text.removeprefix(TITLE).partition("\n")[0])
        policy = Policy(told["origin"], tuple(Window(**one) for one in told["keys"]))
        whole = text.startswith(policy.text() + "\n") and policy.keys
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise BrokenTrail(stream="log", why="policy") from wrong
    if not whole:
        raise BrokenTrail(stream="log", why="policy")
    return policy


def locked_until(now: datetime) -> datetime:
    """How long what is published now stays locked; `renewed_until` extends it, long before it ends."""
    return now + KEPT


def renewed_until(now: datetime) -> datetime:
    """To when locks are extended: the same for half a year, so that each is extended twice a year and not more often."""
    return datetime(now.year + 2, 1 if now.month <= 6 else 7, 1, tzinfo=UTC)


def note_of(objects: Objects, size: int) -> str:
    """The checkpoint of that size. Raises NotFound."""
    return _text(objects, checkpoint_name(size))


def put_checkpoint(objects: Objects, size: int, note: str, until: datetime) -> None:
    """Put a checkpoint, locked at once; also one that was put by a run that was killed is locked then.

    Raises BrokenTrail where another one of this size was signed.
    """
    raw, name = note.encode(), checkpoint_name(size)
    try:
        objects.put(name, BytesIO(raw), len(raw), hashlib.sha256(raw).hexdigest(), until)
    except AlreadyGiven as other:
        raise BrokenTrail(stream="log", seq=size, why="fork") from other


def _text(objects: Objects, name: str) -> str:
    try:
        return objects.read(name, NOTE_LIMIT * 4).decode()
    except UnicodeDecodeError as wrong:
        raise BrokenTrail(stream=name, why="note") from wrong
