"""The unit of work: load, decide, record, in one transaction. Nothing is written without a because."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from inspect import unwrap
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, SQLModel

from schemas.base import Recorded
from schemas.customer import Language, Role
from schemas.errors import NotFound, Overtaken, TooLong
from schemas.event import Act
from schemas.outbox import Errand, Job, JobState, Letter, Step
from schemas.tables import METADATA
from storage import engine as engines
from storage import ledger, questions
from storage.ledger import Actor, Because
from storage.ledger import noun as noun_of

_ORDER = {table.name: at for at, table in enumerate(METADATA.sorted_tables)}
_QUIETLY = unwrap(Session._flush)  # noqa: SLF001 -- see `_flush_some`

R = TypeVar("R", bound=Recorded)
T = TypeVar("T", bound=SQLModel)


class Look:
    """Reading what belongs to one customer; the system (no tenant) reads all. Another customer's row is answered like a missing one."""

    def __init__(self, session: Session, by: Actor) -> None:
        self.session = session
        self.by = by
        self.opened: set[UUID] = set()  # streams of the rows that were asked for one by one
        self.listed: set[UUID] = set()  # of rows with personal values that an auditor was given many at a time

    def _mine(self, row: SQLModel) -> bool:
        # what belongs to no customer is nobody's but the system's
        return self.by.tenant_id is None or getattr(row, "tenant_id", None) == self.by.tenant_id

    def get(self, model: type[T], identity: UUID) -> T:
        """The row, or NotFound."""
        row = self.session.get(model, identity)
        if row is None or not self._mine(row):
            raise NotFound(noun=model.__name__.lower(), id=str(identity))
        return self._opened(row)

    def one(self, model: type[T], **where: Any) -> T | None:
        """The single row that fits, or None."""
        row = next(iter(self.all(model, **where)), None)
        return None if row is None else self._opened(row)

    def _opened(self, row: T) -> T:
        if isinstance(row, Recorded):
            self.opened.add(row.stream_id)
        return row

    def all(self, model: type[T], *, order: str = "", **where: Any) -> list[T]:
        """Rows of this customer whose columns equal, or are among, what is given."""
        rows = self.session.scalars(questions.rows(model, self._shape(model, where), order), self._values(where)).all()
        if self.by.role is Role.AUDITOR and issubclass(model, Recorded) and model.personal:
            self.listed.update(row.stream_id for row in rows if isinstance(row, Recorded))
        return list(rows)

    def some(self, model: type[T], **where: Any) -> bool:
        """Whether there is a row that `all` would give. None is loaded."""
        return self.session.scalar(questions.some(model, self._shape(model, where)), self._values(where)) is not None

    def _shape(self, model: type[SQLModel], where: Mapping[str, Any]) -> questions.Shape:
        if self.by.tenant_id is None:
            return questions.shape(where)
        if "tenant_id" not in model.model_fields:
            raise TypeError(f"a {model.__name__} belongs to no customer")
        return (("tenant_id", questions.OWN), *questions.shape(where))

    def _values(self, where: Mapping[str, Any]) -> dict[str, Any]:
        given = questions.values(where)
        return given if self.by.tenant_id is None else {**given, questions.OWN: self.by.tenant_id}


class Work(Look):
    """Reading and writing. Rows change freely; `record` writes the event and lets them rest on it."""

    def __init__(self, session: Session, by: Actor, at: datetime) -> None:
        super().__init__(session, by)
        self.at = at
        self.last_event: UUID | None = None
        self.ledger = ledger.Ledger(session)
        self.asked: dict[Any, Any] = {}  # what was asked for and stays so for this transaction
        self._written: set[str] = set()  # keys of letters and errands of this transaction, which are not flushed yet
        self._gathers = False
        self._resting: dict[
            UUID, list[tuple[Recorded, dict[str, Any]]]
        ] = {}  # by stream: recorded, and not written yet
        self._rests: set[int] = set()  # these rows, by their identity

    def get(self, model: type[T], identity: UUID) -> T:
        return self.get_all(model, [identity])[identity]

    def get_all(self, model: type[T], identities: Collection[UUID]) -> dict[UUID, T]:
        """Many rows at once, by their ids. Raises NotFound if one of them is missing."""
        rows: Iterable[Any]
        if len(identities) != 1:
            rows = self.session.scalars(questions.held(model), {"id": list(identities)})
        elif issubclass(model, Recorded):
            rows = self._with_head(model, *identities)
        else:
            rows = self.session.scalars(questions.held(model, questions.ONE), {"id": next(iter(identities))})
        found: dict[UUID, T] = {row.id: row for row in rows}
        for identity in identities:
            if identity not in found or not self._mine(found[identity]):
                raise NotFound(noun=model.__name__.lower(), id=str(identity))
        return found

    def _with_head(self, model: type[R], identity: UUID) -> list[R]:
        one = self.session.execute(questions.with_head(model), {"id": identity}).first()
        if one is None:
            return []
        row, *head = one
        self.ledger.seen(row, head)
        return [row]

    def hold(self, model: type[T], identity: UUID) -> None:
        """Nobody else changes the row until the end of this work; it is not loaded. Raises NotFound."""
        where = {"id": identity}
        if self.session.scalar(questions.holding(model, self._shape(model, where)), self._values(where)) is None:
            raise NotFound(noun=model.__name__.lower(), id=str(identity))

    def open_stream(
        self, stream_id: UUID, tenant_id: UUID, kind: str, *, name: str = "", under: UUID | None = None
    ) -> None:
        """Begin a chain of events; its public name follows that of the stream it is `under`."""
        self.ledger.open(stream_id, tenant_id, kind, name=name, under=under)

    def new(self, row: R, *, stream: UUID, tenant: UUID | None = None) -> R:
        """A row to be recorded with the next event of `stream`."""
        row.tenant_id = tenant or self.by.tenant_id or row.tenant_id
        row.stream_id = stream
        self.session.add(row)
        return row

    def gather(self) -> None:
        """From now on events and the rows that rest on them are written many at a time: in `write`, at the end, or before
        the next event of a stream whose rows wait. A recorded row must stay as it is until then.
        """
        self._gathers = True

    def write(self) -> None:
        """Write what was gathered. Raises Overtaken."""
        self.ledger.write()
        waiting = [one for rows in self._resting.values() for one in rows]
        self._resting, self._rests = {}, set()
        for row, told in waiting:
            if _values(row) != told:
                raise ValueError(f"a {noun_of(row)} was changed after its event")
        if waiting:
            self._flush([row for row, _ in waiting], waiting[0][0])

    def record(
        self, act: Act, subject: ledger.Placed, *, because: Because, files: Iterable[str] = (), forget: bool = False
    ) -> UUID:
        """One event for all that changed in the subject's stream since the last one.

        `forget`: what stood in personal fields before is not kept. Raises Overtaken when somebody else changed one of
        the rows meanwhile, TooLong.
        """
        if subject.stream_id in self._resting:  # a row rests on the newest event of its stream
            self.write()
        changed = [row for row in self._touched() if row.stream_id == subject.stream_id]
        changes = [(row, name, old, new) for row in changed for name, old, new in _differences(row)]
        for row, name, _, value in changes:
            _check_length(row, name, value)
        told = {row.id for row, *_ in changes}
        changed = [row for row in changed if row.id in told]
        event_id = self.ledger.append(
            act=act,
            subject=subject,
            changed=changed,
            changes=changes,
            because=because,
            by=self.by,
            at=self.at,
            files=files,
            forget=forget,
            later=self._gathers,
        )
        if self._gathers and changed:
            self._resting[subject.stream_id] = [(row, _values(row)) for row in changed]
            self._rests.update(map(id, changed))
        elif changed:
            self._flush(changed, subject)
        self.last_event = event_id
        return event_id

    def _flush(self, rows: Sequence[Recorded], subject: ledger.Placed) -> None:
        noun, identity = noun_of(subject), str(subject.id)  # not to be asked for once the transaction is lost
        together: dict[str, list[Recorded]] = {}
        for row in rows:
            together.setdefault(noun_of(row), []).append(row)
        try:
            # parents before children: rows know each other by id, not by relationship
            for table in sorted(together, key=_ORDER.__getitem__) if len(together) > 1 else together:
                _flush_some(self.session, together[table])
        except (IntegrityError, StaleDataError) as clash:
            raise Overtaken(noun=noun, id=identity) from clash

    def _touched(self) -> list[Recorded]:
        """Rows that were made or set since their last event; one may be as it was."""
        rows = [*self.session.new, *self.session.dirty]
        return [row for row in rows if isinstance(row, Recorded) and id(row) not in self._rests]

    def _pending(self) -> list[Recorded]:
        return [row for row in self._touched() if self.session.is_modified(row)]

    def errand(self, errand: Errand, subject: Recorded, key: str, *, not_before: datetime | None = None) -> None:
        """Leave work for a flow, once for each key."""
        key = f"{errand}:{key}"
        if not self._left(Job, key):
            self.session.add(
                Job(
                    tenant_id=subject.tenant_id,
                    stream_id=subject.stream_id,
                    errand=errand,
                    subject_id=subject.id,
                    key=key,
                    not_before=not_before or self.at,
                    created_at=self.at,
                )
            )
            self._written.add(key)

    def letter(
        self,
        key: str,
        subject: Recorded,
        *,
        to: str,
        language: Language,
        code: str,
        facts: dict[str, Any],
        attachments: Iterable[UUID] = (),
        gathered: bool = False,
        step: Step | None = None,
        fresh: bool = False,
    ) -> UUID | None:
        """Leave a letter in the outbox, once for each key; it rests on the event just recorded. None: it was left before.

        `gathered` ones are not sent before `post`; what a ladder writes names its `step`. `fresh`: whoever asks has seen to
        it that it was not left before.
        """
        if self.last_event is None:
            raise ValueError("a letter follows an event")
        # a step is taken once under the lock of its row, with its letter: no need to ask whether that is there
        if key in self._written if step or fresh else self._left(Letter, key):
            return None
        self._written.add(key)
        letter = Letter(
            tenant_id=subject.tenant_id,
            stream_id=subject.stream_id,
            event_id=self.last_event,
            key=key,
            to=to,
            language=language,
            code=code,
            facts=facts,
            attachments=[str(one) for one in attachments],
            written_at=self.at,
            gathered=gathered,
            **(step._asdict() if step else {}),
        )
        self.session.add(letter)
        if not gathered:
            self.post(letter)
        return letter.id

    def post(self, letter: Letter) -> None:
        """Send a letter that is written."""
        self.session.add(
            Job(
                tenant_id=letter.tenant_id,
                stream_id=letter.stream_id,
                errand=Errand.SEND_LETTER,
                subject_id=letter.id,
                key=f"{Errand.SEND_LETTER}:{letter.key}",
                not_before=self.at,
                created_at=self.at,
            )
        )

    def _left(self, model: type[Job | Letter], key: str) -> bool:
        # whoever's it is: a key is one for all
        where = {"key": key}
        return (
            key in self._written
            or self.session.scalar(questions.some(model, questions.shape(where)), where) is not None
        )

    def finish(self, job: Job) -> None:
        """The errand is done, in the same transaction as its effect. Raises Overtaken if its lease went to another."""
        held = self.session.get(Job, job.id, with_for_update=True, populate_existing=True)
        if (
            held is None
            or held.state is not JobState.HELD
            or (held.attempts, held.lease_until) != (job.attempts, job.lease_until)
        ):
            raise Overtaken(noun="job", id=str(job.id))
        held.state = JobState.DONE
        held.done_at = self.at
        held.lease_until = None
        held.trouble = ""


def _flush_some(session: Session, rows: Sequence[Recorded]) -> None:
    """As `Session.flush` of these rows: the only way to write some now and others with their own event.

    It goes in SQLAlchemy 2.2 and warns of that each time; to find out that nobody listens costs as much as writing a row.
    """
    session._flushing = True  # noqa: SLF001
    try:
        _QUIETLY(session, rows)
    finally:
        session._flushing = False  # noqa: SLF001


def _values(row: Recorded) -> dict[str, Any]:
    return {name: value for name, value in row.__dict__.items() if name != "_sa_instance_state"}


def _check_length(row: Recorded, name: str, value: Any) -> None:
    """SQLite would take a text of any length, PostgreSQL would end the transaction with an error of its own."""
    limit = getattr(row.__table__.c[name].type, "length", None)  # type: ignore[attr-defined]
    if isinstance(value, str) and limit is not None and len(value) > limit:
        raise TooLong(begins=value[:40], length=len(value), limit=limit)


def _differences(row: Recorded) -> Iterator[tuple[str, Any, Any]]:
    state: Any = inspect(row)
    for attribute in state.attrs:
        if attribute.key in ledger.UNTOLD:
            continue
        if state.key is None:  # a new row tells all it has
            yield attribute.key, None, attribute.value
            continue
        history = attribute.history
        if not history.has_changes():
            continue
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        if old != new:
            yield attribute.key, old, new


@contextmanager
def working(engine: Engine, by: Actor, at: datetime) -> Iterator[Work]:
    """One transaction of one actor. Raises DatabaseBusy, Overtaken; refuses to commit what was changed without an event."""
    with engines.writing(engine) as session:
        session.autoflush = False
        work = Work(session, by, at)
        yield work
        work.write()
        left = work._pending()  # noqa: SLF001 -- the two are one thing
        if left:
            raise ValueError(f"changed without an event: {', '.join(sorted({noun_of(row) for row in left}))}")
        try:
            work.ledger.settle()
            session.flush()
        except IntegrityError as clash:  # the same letter or errand was left by another at this moment
            raise Overtaken(noun="job", id=str(work.last_event or "")) from clash


@contextmanager
def looking(engine: Engine, by: Actor) -> Iterator[Look]:
    """Reading without waiting for writers."""
    with engines.reading(engine) as session:
        yield Look(session, by)
