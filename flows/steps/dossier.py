"""The dossier: one zip that proves what happened to a case or a contest, and that nothing is left out (docs/dossier.md)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Row, func, select
from sqlmodel import col

from documents.bag import Bag, bag
from flows.office import Office
from flows.steps import audit, laws, logkey, sealing, witnessing
from flows.steps.people import only_own
from flows.steps.readings import Place
from flows.steps.telling import told_checkpoints
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest, ContestStatus
from schemas.customer import Customer, Person, Role
from schemas.document import Document
from schemas.doer import Doer
from schemas.errors import BrokenTrail, NotFound, Sealed, WrongMoment
from schemas.event import Act, Checkpoint, Disclosure, Event, Leaf, Stream
from schemas.finding import INSIDE
from schemas.wording import LANGUAGES, say
from storage import log
from storage.canonical import canonical
from storage.ledger import Because, skeleton
from storage.tiles import Tiles
from storage.trail import Entry, Skeleton, skeletons
from storage.work import Look

AT_ONCE = 500  # events held in memory
# what an applicant gets of the personal values in his own case
HIS = (
    *("appeal.", "application.", "document.", "finding.", "item.", "mend.", "organisation.", "report.", "sheet."),
    *("tranche.", "visit.", "reason"),
)
INNER = frozenset({Act.CONFLICT_DECLARE, Act.ASSIGNMENT_DECLINE})  # whose reasons are a member's own affair
BEFORE_PUBLISHED = frozenset({"sheet", "assignment", "declaration", "ballot", "item"})
PUBLISHED = frozenset({ContestStatus.PUBLISHED, ContestStatus.FINISHED})


@dataclass(frozen=True)
class Made:
    """A dossier, and what it holds."""

    path: Path
    kind: str
    name: str
    size: int  # leaves of the log: up to where it is complete
    events: int
    withheld: int  # events of which it has no body


@dataclass
class _Reader:
    """Who gets it, and what is kept from him."""

    applicant: bool = False
    stranger: bool = False  # a certificate is for anybody
    sealed: frozenset[UUID] = frozenset()  # streams of packages that nobody opened yet
    published: bool = True
    own: UUID | None = None  # the contest of a certificate
    closed: bool = False

    def sees(self, stream_id: UUID, body: bytes, told: Mapping[str, Any]) -> bool:
        """Whether he gets the body."""
        if self.stranger:
            if stream_id != self.own or self.closed:
                return False
            self.closed = told["act"] == Act.CONTEST_CLOSE
            return True
        if stream_id in self.sealed:
            return False
        if not self.applicant:
            return True
        if any(f'"{rule}"'.encode() in body for rule in INSIDE):  # tells of another's case
            return False
        nouns = {told["noun"], *(change["noun"] for change in told["changes"])}
        return self.published or not nouns & BEFORE_PUBLISHED

    def reads(self, act: str, path: str) -> bool:
        """Whether he gets a personal value."""
        if self.stranger:
            return False
        return not self.applicant or (path.startswith(HIS) and not (path == "reason" and act in INNER))


def dossier(office: Office, doer: Doer, stream_id: UUID, target: Path) -> Made:
    """The dossier of a case or a contest, up to now.

    A sealed package is nobody's but the applicant's; an applicant gets his own case, without what is others' affair.
    Raises NotAllowed, NotFound, Sealed, BrokenTrail.
    """
    with office.acting(doer, Act.TRAIL_EXPORT) as work:
        stream = work.get(Stream, stream_id)
        reader = _reader(work, doer, stream)
        work.record(Act.TRAIL_EXPORT, Place(stream_id, stream_id), because=Because(rule="audit"))
    with sealing.sealed(office) as look:
        return _Writing(office, look, look.get(Stream, stream_id), reader).write(target)


def certificate(office: Office, doer: Doer, contest_id: UUID, target: Path) -> Made:
    """The closing certificate: these were all the applications at the closing, and nothing of what was inside.

    Raises WrongMoment before the closing, NotAllowed, NotFound, BrokenTrail.
    """
    with office.acting(doer, Act.TRAIL_EXPORT) as work:
        contest = work.get(Contest, contest_id)
        if work.by.role is Role.APPLICANT:
            raise NotFound(noun="contest", id=str(contest_id))
        if not work.some(Event, stream_id=contest.stream_id, act=Act.CONTEST_CLOSE):
            raise WrongMoment(act=Act.TRAIL_EXPORT, noun="contest", status=contest.status)
        work.record(
            Act.TRAIL_EXPORT, Place(contest.stream_id, contest.stream_id), because=Because(rule="audit_certificate")
        )
    with sealing.sealed(office) as look:
        stream = look.get(Stream, contest.stream_id)
        return _Writing(office, look, stream, _Reader(stranger=True, own=stream.id)).write(target)


def _reader(look: Look, doer: Doer, stream: Stream) -> _Reader:
    application = look.session.get(Application, stream.id)
    applicant = look.by.role is Role.APPLICANT
    if application is None:
        if applicant:
            raise NotFound(noun="stream", id=str(stream.id))
        return _Reader()
    only_own(look, doer, application)
    contest = look.get(Contest, application.contest_id)
    if application.status is ApplicationStatus.RECEIVED and not applicant:
        raise Sealed(application=str(application.id), cutoff=contest.cutoff)
    return _Reader(applicant=applicant, published=contest.status in PUBLISHED)


@dataclass
class _Parts:
    """What grows side by side while events are read; on the disk, so that memory does not grow with them."""

    events: BinaryIO
    skeletons: BinaryIO
    disclosures: BinaryIO
    timelines: dict[str, BinaryIO]
    whole: int = 0
    without: int = 0
    spoken: dict[str, UUID] = field(default_factory=dict)  # hash of a file -> stream that speaks of it
    laws: set[str] = field(default_factory=set)  # hashes of packs and calendars
    streams: dict[UUID, None] = field(default_factory=dict)  # in the order of their first events


class _Writing:
    def __init__(self, office: Office, look: Look, stream: Stream, reader: _Reader) -> None:
        self.office, self.look, self.stream, self.reader = office, look, stream, reader
        self.proof = sealing.completeness(look.session, stream.key)
        children = col(Stream.parent_id) == stream.id
        self.streams = {one.id: one for one in look.session.scalars(select(Stream).where(children))}
        self.streams[stream.id] = stream
        above = look.session.get(Stream, stream.parent_id) if stream.parent_id else None
        self.above = {**dict.fromkeys(self.streams, stream), stream.id: above}
        self.kind = "closing" if reader.stranger else stream.kind
        if not reader.applicant and not reader.stranger:
            sealed = look.all(Application, id=list(self.streams), status=ApplicationStatus.RECEIVED)
            reader.sealed = frozenset(one.id for one in sealed)

    @property
    def _within(self) -> ColumnElement[bool]:
        """Events of this stream and of those under it, by name: asked for by "or", PostgreSQL goes through all there are."""
        return col(Event.stream_id).in_(self.streams)

    @cached_property
    def zone(self) -> str:
        return self.look.get(Customer, self.stream.tenant_id).zone

    def write(self, target: Path) -> Made:
        with ExitStack() as stack:

            def spooled() -> BinaryIO:
                return cast("BinaryIO", stack.enter_context(TemporaryFile(dir=self.office.spool)))

            parts = _Parts(spooled(), spooled(), spooled(), {one: spooled() for one in LANGUAGES})
            for rows in self._rows():
                self._tell(parts, rows)
            self._tell_lost(parts, self.proof.size)
            if parts.whole + parts.without != self.proof.count:
                raise BrokenTrail(stream=str(self.stream.id), seq=parts.whole + parts.without, why="gap")
            filling = stack.enter_context(bag(target))
            self._fill(filling, parts)
        return Made(target, self.kind, self.stream.name, self.proof.size, self.proof.count, parts.without)

    # -- events -----------------------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[Sequence[Row[Any]]]:
        """The events of the key up to the checkpoint, in the log's order."""
        return self.look.session.execute(
            select(
                *(col(Event.id), col(Event.stream_id), col(Event.seq), col(Event.body)),
                *(col(Event.previous), col(Event.hash), col(Leaf.position)),
            )
            .join(Leaf, col(Leaf.event_id) == col(Event.id))
            .where(self._within, col(Leaf.position) < self.proof.size)
            .order_by(col(Leaf.position)),
            execution_options={"yield_per": AT_ONCE},
        ).partitions()

    @cached_property
    def lost(self) -> list[Skeleton]:
        """Events that an older database took with it, the last first; the log has their skeletons."""
        placed = self.look.session.scalar(
            select(func.count(col(Leaf.position)))
            .join(Event, col(Event.id) == col(Leaf.event_id))
            .where(self._within, col(Leaf.position) < self.proof.size)
        )
        if placed == self.proof.count:  # or every dossier would look through all that the log has of its own
            return []
        return [one for one in skeletons(self.look.session, self.stream.key) if one.position < self.proof.size][::-1]

    def _tell_lost(self, parts: _Parts, position: int) -> None:
        """Those that stand before this place and are not told yet."""
        streams = {one.key: one for one in self.streams.values()}
        while self.lost and self.lost[-1].position < position:
            one = self.lost.pop()
            stream = streams.get(one.keys[0])
            if stream is None or log.leaf_hash(one.entry).hex() != one.hash:
                raise BrokenTrail(stream=str(self.stream.id), seq=one.seq, why="gap")
            parts.streams.setdefault(stream.id)
            parts.skeletons.write(one.entry + b"\n")
            parts.without += 1
            self._say(parts, stream, one.seq, None, {})

    def _tell(self, parts: _Parts, rows: Sequence[Row[Any]]) -> None:
        bodies = {one.id: orjson.loads(one.body) for one in rows}
        seen = {one.id for one in rows if self.reader.sees(one.stream_id, bytes(one.body), bodies[one.id])}
        values: dict[UUID, list[Disclosure]] = {}
        for one in self.look.all(Disclosure, event_id=list(seen), order="digest"):
            values.setdefault(one.event_id, []).append(one)
        actors = {UUID(bodies[one]["actor"]) for one in seen}
        names = {one.id: one.name for one in self.look.all(Person, id=actors)} if not self.reader.stranger else {}
        for row in rows:
            self._tell_lost(parts, row.position)
            told, body, stream = bodies[row.id], bytes(row.body), self.streams[row.stream_id]
            above = self.above[stream.id]
            entry = skeleton(body, [stream.key, above.key] if above else [stream.key], row.seq, row.previous)
            if log.leaf_hash(entry).hex() != row.hash:
                raise BrokenTrail(stream=str(stream.id), seq=row.seq, why="changed")
            parts.streams.setdefault(stream.id)
            parts.skeletons.write(entry + b"\n")
            if row.id not in seen:
                parts.without += 1
                self._say(parts, stream, row.seq, None, names)
                continue
            parts.whole += 1
            parts.events.write(body + b"\n")
            parts.spoken.update(dict.fromkeys(spoken(told), stream.id))
            parts.laws |= laws.named(told)
            disclosed: dict[str, str] = {}
            for one in values.get(row.id, ()):
                line: dict[str, Any] = {"digest": one.digest, "event": row.id}
                if self.reader.reads(told["act"], one.path):
                    line |= {"path": one.path, "salt": one.salt, "value": one.value}
                    disclosed[one.digest] = one.value
                else:
                    line["why"] = "reader"
                parts.disclosures.write(canonical(line) + b"\n")
            self._say(parts, stream, row.seq, Entry.of(told, row.hash, disclosed), names)

    def _say(self, parts: _Parts, stream: Stream, seq: int, entry: Entry | None, names: dict[UUID, str]) -> None:
        for language, out in parts.timelines.items():
            lines = f"      {say('dossier.untold', language)}\n"
            if entry is not None:
                lines = audit.as_text([audit.line(entry, names, language)], self.zone)
            out.write(f"{stream.name} · {seq}\n{lines}\n".encode())

    # -- what is beside them --------------------------------------------------------------------------------------

    def _fill(self, filling: Bag, parts: _Parts) -> None:
        """The members; the files last, since they are many."""
        made, proof = self.office.now(), self.proof
        known = logkey.policy_of(self.office)
        key = known.key_for(proof.size)
        for part in (parts.events, parts.skeletons, parts.disclosures, *parts.timelines.values()):
            part.seek(0)
        day = made.astimezone(UTC).date().isoformat()
        info = f"Bagging-Date: {day}\nExternal-Identifier: {self.kind} {self.stream.name}\nBag-Software-Agent: ashar\n"
        filling.add("bag-info.txt", info.encode())
        for language in LANGUAGES:
            words = say("dossier.readme", language, name=self.stream.name, size=proof.size, log=key)
            filling.add(f"README-{language}.txt", f"{words}\n".encode())
            filling.add(f"data/timeline-{language}.txt", parts.timelines[language])
        for name in ("verify.py", "verify.html"):
            filling.add(name, files("documents").joinpath("verifiers", name).read_bytes())
        about = {
            "v": 1,
            "kind": self.kind,
            "name": self.stream.name,
            "origin": known.origin,
            "key": key,
            "made": made,
            "streams": [self._named(self.streams[one]) for one in parts.streams],
        }
        filling.add("data/about.json", canonical(about))
        filling.add("data/checkpoint.txt", self._cosigned().encode())
        filling.add("data/events.jsonl", parts.events)
        if parts.without:
            filling.add("data/skeletons.jsonl", parts.skeletons)
        filling.add("data/disclosures.jsonl", parts.disclosures)
        filling.add(
            "data/proof.json",
            canonical(
                {
                    "v": 1,
                    "count": proof.count,
                    "size": proof.size,
                    "head": orjson.loads(proof.head),
                    "inclusion": [one.hex() for one in proof.inclusion],
                    "map": [one.hex() for one in proof.map.siblings],
                    "earlier": self._earlier(),
                }
            ),
        )
        for name, text in laws.members(parts.laws, self.office.objects).items():
            filling.add(name, text)
        filling.add("data/files.json", canonical(self._files(filling, parts.spoken)))

    def _cosigned(self) -> str:
        """The checkpoint, with what witnesses have signed of it so far."""
        newest = select(Checkpoint).where(col(Checkpoint.size) == self.proof.size)
        known = self.look.session.scalars(newest).one_or_none()
        return witnessing.cosigned(self.look.session, known) if known else self.proof.note

    def _named(self, stream: Stream) -> dict[str, Any]:
        above = self.above[stream.id]
        return {
            "id": stream.id,
            "kind": stream.kind,
            "name": stream.name,
            "above": [above.kind, above.name] if above else None,
        }

    def _earlier(self) -> list[dict[str, Any]]:
        """The checkpoints that papers and letters of the case told, shown to be beginnings of this one."""
        told = [one for one in told_checkpoints(self.look.session, self.stream.id) if one < self.proof.size]
        rows = self.look.session.scalars(select(Checkpoint).where(col(Checkpoint.size).in_(told)))
        known = {one.size: one.root for one in rows}
        tree = Tiles(self.office.objects, self.proof.size)
        return [
            {"size": size, "root": root, "path": [one.hex() for one in tree.consistency(size)]}
            for size, root in sorted(known.items())
        ]

    def _files(self, filling: Bag, spoken_of: Mapping[str, UUID]) -> dict[str, Any]:
        """Encloses what the events speak of, and lists it; what is not there is listed with the reason."""
        listed: list[dict[str, Any]] = []
        withheld: dict[str, str] = {}
        documents: dict[str, list[Document]] = {}
        for stream_id in sorted(set(spoken_of.values())) if not self.reader.stranger else ():
            for one in self.look.all(Document, stream_id=stream_id, order="sha256 name kind round"):
                documents.setdefault(one.sha256, []).append(one)
        for sha256 in sorted(spoken_of):
            kept = [one for one in documents.get(sha256, ()) if one.blob_id is not None]
            if not kept:
                withheld[sha256] = "not_asked" if self.reader.stranger else "gone"
            elif filling.full(kept[0].size):
                withheld[sha256] = "large"
            elif not self._enclose(filling, sha256, kept[0]):
                withheld[sha256] = "gone"
            else:
                listed += [
                    {"sha256": sha256, "name": one.name, "kind": one.kind, "round": one.round, "size": one.size}
                    for one in documents[sha256]
                ]
        return {"v": 1, "files": listed, "withheld": [{"sha256": one, "why": why} for one, why in withheld.items()]}

    def _enclose(self, filling: Bag, sha256: str, document: Document) -> bool:
        assert document.blob_id is not None
        try:
            source = self.office.blobs.open(document.blob_id, document.sha256)
        except NotFound:
            return False
        with source:
            filling.add(f"data/files/{sha256}", source, stored=True)
        return True


def spoken(told: Mapping[str, Any]) -> set[str]:
    """Hashes of the files that an event speaks of."""
    rows = (one["new"] for one in told["changes"] if (one["noun"], one["field"]) == ("document", "sha256"))
    return {*told["files"], *(one for one in rows if isinstance(one, str))}
