"""Witnesses of the log: asked to cosign each checkpoint, their cosignatures kept, an alarm when they are silent or refuse.

Sealing never waits for them. The policy says which witnesses there are and how many make a quorum (C2SP tlog-policy).
"""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Event as Waiting

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from flows.office import Office
from flows.steps import addresses
from schemas.customer import Customer, Role
from schemas.doer import CLOCK
from schemas.errors import AlreadyGiven, AsharError, BadSetting, BrokenTrail, NotFound
from schemas.event import Act, Checkpoint, Event
from schemas.witness import Cosignature, WitnessCall
from services.small_http import ask as post
from storage.cosigning import Cosigner, Policy, parts
from storage.engine import writing
from storage.ledger import Because
from storage.policy import locked_until
from storage.tiles import Tiles
from storage.witness import SIZE_TYPE, request_of
from storage.work import looking

PREFIX = "witnesses/"
SILENCE = timedelta(days=1)  # after which people are told
AGAIN = timedelta(hours=6)  # a head that stays the newest is cosigned anew, so that one sees that it is
SECONDS = 5.0  # for one answer
PAUSE = 5.0  # seconds between two rounds beside the notary
REST = timedelta(minutes=1)
ANSWER_LIMIT = 65_536
LOUD = frozenset({"fork", "restored", "inconsistent"})  # not the network's fault: people are told at once


def policy_of(office: Office) -> Policy:
    """The policy of this installation; without its file nobody is asked. Raises BadSetting."""
    path = office.settings.witness_policy or office.home / "policy.txt"
    if not path.exists():
        if office.settings.witness_policy is None:
            return Policy()
        raise BadSetting(setting="ASHAR_WITNESS_POLICY")
    try:
        return Policy.read(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadSetting(setting="ASHAR_WITNESS_POLICY") from wrong


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of asking one witness: `trouble` is empty when it signed; `size` as far as it knows the log."""

    witness: str
    trouble: str
    size: int


# -- asking ---------------------------------------------------------------------------------------------------------


def keep_asking(office: Office, stopped: Waiting, pause: float = PAUSE) -> None:
    """Ask for whatever is newest until told to stop; one in trouble is left alone for a minute. Beside the notary, in a thread."""
    while not stopped.wait(pause):
        with suppress(AsharError):  # what is away comes back; `watch` tells people what stays wrong
            ask(office, rest=REST)


def ask(office: Office, *, rest: timedelta = timedelta(0)) -> list[Answered]:
    """Every witness of the policy for the newest checkpoint, unless it has signed it lately. None of them stops another.

    One in trouble is asked again after `rest`.
    """
    policy = policy_of(office)
    if not policy.urls:
        return []
    with looking(office.engine, office.system) as look:
        newest = _newest(look.session)
        if newest is None:
            return []
        signed = {one.witness: one.at for one in look.all(Cosignature, size=newest.size, order="at")}
        known = {one.witness: one for one in look.all(WitnessCall)}
    lately = office.now() - AGAIN
    told: list[Answered] = []
    for name, url in policy.urls.items():
        cosigner = policy.witnesses[name]
        call = known.get(cosigner.short)
        if cosigner.short in signed and call is not None and call.answered_at is not None and call.answered_at > lately:
            continue
        if call is not None and call.trouble and office.now() - call.asked_at < rest:
            continue
        one = _ask(office, cosigner, f"{url}/add-checkpoint", newest, call.size if call else 0)
        _remember(office, one)
        told.append(one)
    return told


def _ask(office: Office, cosigner: Cosigner, url: str, newest: Checkpoint, old: int) -> Answered:
    for _ in range(2):  # once more from the size that it says it knows
        if old > newest.size:
            newest = _newer(office, newest)
        if old > newest.size:
            return Answered(cosigner.short, "restored", old)
        body = request_of(old, consistency(office, old, newest.size), newest.note)
        came = post(url, body, limit=ANSWER_LIMIT, seconds=SECONDS)
        if came is None:
            return Answered(cosigner.short, "silent", old)
        status, kind, content = came
        if status == 200:
            return _kept(office, cosigner, newest, content)
        size = _size(content) if status == 409 and kind == SIZE_TYPE else None
        if size is None:
            return Answered(cosigner.short, _TROUBLES.get(status, "answer"), old)
        if size == old:  # it knows this very size, and another root
            return Answered(cosigner.short, "fork", old)
        old = size
    restored = old > _newer(office, newest).size
    return Answered(cosigner.short, "restored" if restored else "answer", old)


def _newer(office: Office, known: Checkpoint) -> Checkpoint:
    """What is newest by now: another may have asked for it meanwhile."""
    with looking(office.engine, office.system) as look:
        return _newest(look.session) or known


_TROUBLES = {403: "unsigned", 404: "unknown", 422: "inconsistent", 429: "silent", 503: "silent"}


def _size(content: bytes) -> int | None:
    digits = content[:-1]
    plain = content[-1:] == b"\n" and digits.isdigit() and len(digits) < 19 and str(int(digits)).encode() == digits
    return int(digits) if plain else None


def _kept(office: Office, cosigner: Cosigner, newest: Checkpoint, content: bytes) -> Answered:
    try:
        lines = content.decode().split("\n")
        found = cosigner.time_of(parts(newest.note)[0], lines)
    except (UnicodeDecodeError, BrokenTrail):
        found = None
    if found is None:
        return Answered(cosigner.short, "answer", 0)
    # an old cosignature said again would hide that nobody answers
    if abs(found[0] - office.machine_now().timestamp()) > SILENCE.total_seconds():
        return Answered(cosigner.short, "clock", 0)
    keep(office, cosigner, newest.size, *found)
    return Answered(cosigner.short, "", newest.size)


def keep(office: Office, cosigner: Cosigner, size: int, at: int, line: str) -> None:
    """A verified cosignature: first the bytes beside the checkpoint in the locked store, then its row."""
    name = f"{PREFIX}{size:012d}/{cosigner.key_id.hex()}-{at}"
    raw = f"{line}\n".encode()
    until = locked_until(office.machine_now())
    try:
        office.objects.put(name, BytesIO(raw), len(raw), hashlib.sha256(raw).hexdigest(), until)
    except AlreadyGiven:  # Ed25519 signs alike each time: other bytes are another's with the same key id
        return
    row = Cosignature(size=size, witness=cosigner.short, at=datetime.fromtimestamp(at, UTC), line=line)
    with suppress(IntegrityError), writing(office.engine) as session:  # two asked at once: one row is enough
        if session.get(Cosignature, (row.size, row.witness, row.at)) is None:
            session.add(row)


def _remember(office: Office, one: Answered) -> None:
    now = office.now()
    try:
        with writing(office.engine) as session:
            row = session.get(WitnessCall, one.witness, with_for_update=True)
            if row is None:
                row = WitnessCall(witness=one.witness, first_asked_at=now, asked_at=now)
            row.asked_at, row.trouble = now, one.trouble
            row.size = max(one.size, row.size) if one.trouble in ("", *LOUD) else row.size
            if not one.trouble:
                row.answered_at = now
            session.add(row)
    except IntegrityError:  # two asked at once, and the other has written it down
        return


def consistency(office: Office, old: int, size: int) -> list[bytes]:
    """RFC 9162 proof that the log of `size` leaves continues that of `old`."""
    if old in (0, size):
        return []
    return Tiles(office.objects, size).consistency(old)


def _newest(session: Session) -> Checkpoint | None:
    return session.scalars(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)).one_or_none()


# -- by hand --------------------------------------------------------------------------------------------------------


def offer(office: Office, name: str = "") -> bytes:
    """A request to be carried to a witness: from the size that the witness of this name (of the policy) knows.

    Raises NotFound; BrokenTrail before the first checkpoint.
    """
    policy = policy_of(office)
    if name and name not in policy.witnesses:
        raise NotFound(noun="witness", id=name)
    with looking(office.engine, office.system) as look:
        newest = _newest(look.session)
        if newest is None:
            raise BrokenTrail(stream="ashar", seq=0, why="checkpoint")
        call = look.session.get(WitnessCall, policy.witnesses[name].short) if name else None
        signed = name and look.session.scalar(
            select(func.max(col(Cosignature.size))).where(col(Cosignature.witness) == policy.witnesses[name].short)
        )
    old = max(int(signed or 0), call.size if call else 0)
    return request_of(old, consistency(office, old, newest.size), newest.note)


def take_back(office: Office, signed: str) -> list[Answered]:
    """The answer that was carried back: the checkpoint's note with cosignatures. Raises BrokenTrail, NotFound."""
    text, lines = parts(signed)
    told_size = text.split("\n")[1]
    size = int(told_size) if re.fullmatch(r"[0-9]{1,18}", told_size, re.ASCII) else 0
    with looking(office.engine, office.system) as look:
        ours = look.all(Checkpoint, size=size)
    if not ours or parts(ours[0].note)[0] != text:
        raise BrokenTrail(stream=text.partition("\n")[0][:80], seq=size, why="checkpoint")
    told: list[Answered] = []
    for cosigner in policy_of(office).witnesses.values():
        found = cosigner.time_of(text, lines)
        if found is not None and found[0] <= (office.machine_now() + SILENCE).timestamp():
            keep(office, cosigner, ours[0].size, *found)
            told.append(Answered(cosigner.short, "", ours[0].size))
            _remember(office, told[-1])
    if not told:
        raise NotFound(noun="witness", id=text.split("\n")[0])
    return told


# -- who signed what ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one witness of the policy."""

    name: str
    verifier: str
    size: int  # of the newest checkpoint that it cosigned
    signed_at: datetime | None  # by its own clock
    asked_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class Overview:
    """How it stands with all: the newest checkpoint, the newest one with a quorum, and since when nobody has answered."""

    newest: int
    quorum: int | None
    silent_since: datetime | None
    witnesses: tuple[Standing, ...]


def overview(office: Office) -> Overview:
    """Who signed what and when."""
    policy = policy_of(office)
    by_key = {cosigner.short: name for name, cosigner in policy.witnesses.items()}
    with looking(office.engine, office.system) as look:
        newest = _newest(look.session)
        calls = {one.witness: one for one in look.all(WitnessCall)}
        best = {
            one.witness: (one.size, one.at)
            for one in look.session.execute(
                select(
                    col(Cosignature.witness),
                    func.max(col(Cosignature.size)).label("size"),
                    func.max(col(Cosignature.at)).label("at"),
                ).group_by(col(Cosignature.witness))
            )
        }
        quorum = _quorum(look.session, policy, by_key) if newest else None
    standings = []
    for name, cosigner in policy.witnesses.items():
        call = calls.get(cosigner.short)
        size, at = best.get(cosigner.short, (0, None))
        asked, trouble = (call.asked_at, call.trouble) if call else (None, "")
        standings.append(Standing(name, cosigner.line, size, at, asked, trouble))
    followed = [calls[one] for one in by_key if one in calls]
    answered = [one.answered_at for one in followed if one.answered_at]
    since = max(answered) if answered else min((one.first_asked_at for one in followed), default=None)
    return Overview(newest.size if newest else 0, quorum, since, tuple(standings))


def _quorum(session: Session, policy: Policy, by_key: dict[str, str]) -> int | None:
    """The newest checkpoint that enough witnesses have cosigned."""
    signed: dict[int, set[str]] = {}
    rows = session.execute(
        select(col(Cosignature.size), col(Cosignature.witness)).order_by(col(Cosignature.size).desc()).limit(10_000)
    )
    for size, witness in rows:
        if witness in by_key:
            signed.setdefault(size, set()).add(by_key[witness])
    if policy.quorum == "none":
        return session.scalar(select(func.max(col(Checkpoint.size))))
    return next((size for size, names in signed.items() if policy.enough(names)), None)


def cosigned(session: Session, checkpoint: Checkpoint) -> str:
    """The checkpoint's note with the newest cosignature of each witness under the log's own signature."""
    lines: dict[str, str] = {}
    rows = session.scalars(
        select(Cosignature).where(col(Cosignature.size) == checkpoint.size).order_by(col(Cosignature.at))
    )
    for one in rows:
        lines[one.witness] = one.line
    return checkpoint.note + "".join(f"{lines[one]}\n" for one in sorted(lines))


# -- the alarm ------------------------------------------------------------------------------------------------------


def watch(office: Office) -> int:
    """Tell coordinator and head of each customer when no witness has answered for a day, or some refuse the log; once a day.

    Returns how many events that made.
    """
    seen = overview(office)
    told = 0
    refuse = [one for one in seen.witnesses if one.trouble in LOUD]
    if refuse:
        names = ", ".join(one.name for one in refuse)
        told += _tell(office, "witness_refuses", {"witness": names, "why": refuse[0].trouble})
    if seen.silent_since is not None and office.now() - seen.silent_since > SILENCE:
        told += _tell(office, "witness_silent", {"since": seen.silent_since.isoformat()})
    return told


def _tell(office: Office, code: str, facts: dict[str, str]) -> int:
    with looking(office.engine, office.system) as look:
        customers: Sequence[Customer] = look.all(Customer, order="code")
    told = 0
    for customer in customers:
        with office.acting(CLOCK, Act.WITNESS_ALARM) as work:
            held = work.get(Customer, customer.id)  # held, so that two rounds at once tell it once
            lately = select(col(Event.id)).where(
                col(Event.stream_id) == held.stream_id,
                col(Event.act) == Act.WITNESS_ALARM,
                col(Event.subject_id) == held.id,
                col(Event.rule) == code,
                col(Event.at) > work.at - SILENCE,
            )
            if work.session.scalar(lately.limit(1)) is not None:
                continue
            event = work.record(
                Act.WITNESS_ALARM,
                held,
                because=Because(rule="witness_refuses" if len(facts) > 1 else "witness_silent", facts=facts),
            )
            for role in (Role.COORDINATOR, Role.HEAD):
                addresses.to_role(work, held, role, code, f"{code}:{event}", {"zone": held.zone, **facts})
            told += 1
    return told
