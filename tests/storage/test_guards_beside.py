"""What the database itself refuses beside the trail: other bytes, other letters, values and hashes of no event."""

import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from schemas.customer import Language
from schemas.document import Blob, BlobState
from schemas.event import Act
from schemas.hold import LegalHold, Scope
from schemas.outbox import Letter, Step
from schemas.programme import Problem
from storage import erasing
from storage.engine import connect, reading, writing
from storage.grants import grant
from storage.ledger import Because, withhold
from storage.trail import verify
from storage.work import working
from tests.storage.makers import CLERK, NOW, REASON, TENANT, problem, proposed

GROUND = Because(rule="redaction", facts={"order": "Мыйзам", "number": "58"})


@pytest.fixture
def role(engine: Engine, database: str) -> Iterator[Engine]:
    """The database as whoever attacks has it: on PostgreSQL as the application's own role."""
    if engine.dialect.name == "sqlite":
        yield engine
        return
    name = f"app_{secrets.token_hex(4)}"
    grant(database, name, "secret")
    address = make_url(database).set(username=name, password="secret")
    made = connect(address.render_as_string(hide_password=False))
    yield made
    made.dispose()


@pytest.fixture
def row(engine: Engine) -> Problem:
    """A problem with its event, which names a file."""
    with working(engine, CLERK, NOW) as work:
        told = proposed(work, None, problem())
        told.priority = 1
        work.record(Act.PROBLEM_PRIORITISE, told, because=REASON, files=["a" * 64])
    return told


def ident(engine: Engine, value: object) -> object:
    """An id as the database keeps it."""
    return value if engine.dialect.name == "postgresql" else getattr(value, "hex", value)


def refused(engine: Engine, match: str, statement: str, **values: object) -> None:
    told = {name: ident(engine, value) for name, value in values.items()}
    with pytest.raises(DBAPIError, match=match), engine.begin() as connection:
        connection.execute(text(statement), told)


def stands(engine: Engine, row: SQLModel) -> bool:
    """Whether a row is what it was."""
    with reading(engine) as session:
        return session.get_one(type(row), row.id).model_dump() == row.model_dump()  # type: ignore[attr-defined]


def hold(engine: Engine, stream: UUID) -> None:
    with working(engine, CLERK, NOW) as work:
        told = {"act": "Аныктама", "number": "1", "on": date(2018, 6, 1), "ordered_by": "сот"}
        one = work.new(LegalHold(scope=Scope.CASE, name="x", **told), stream=stream, tenant=TENANT)
        work.record(Act.HOLD_PLACE, one, because=Because(rule="hold_ordered"))


class TestBytes:
    @pytest.fixture
    def blob(self, engine: Engine) -> Blob:
        made = [Blob(tenant_id=TENANT, sha256=one * 64, key=one, size=1, touched_at=NOW) for one in "ab"]
        with writing(engine) as session:
            for one in made:
                one.state = BlobState.STORED
                session.add(one)
            identity = made[1].id
        with reading(engine) as session:
            return session.get_one(Blob, identity)

    @pytest.mark.parametrize("column", ["key", "sha256", "size", "tenant_id", "id"])
    def test_they_stay_those_that_they_are(self, role: Engine, blob: Blob, column: str):
        other: object = uuid4() if column.endswith("id") else 7 if column == "size" else "c" * 64
        refused(role, "stay what they are", f"UPDATE blob SET {column} = :other WHERE key = 'b'", other=other)
        assert stands(role, blob)

    def test_those_behind_two_documents_are_not_swapped(self, role: Engine, blob: Blob):
        swap = "SELECT {0} FROM blob other WHERE other.id <> blob.id"
        said = ", ".join(f"{name} = ({swap.format(name)})" for name in ("sha256", "size"))
        refused(role, "stay what they are", f"UPDATE blob SET {said}, key = key || '.'")
        if role.dialect.name == "sqlite":
            columns = "tenant_id, sha256, size, state, touched_at"
            refused(
                role,
                "on record stays",
                f"INSERT OR REPLACE INTO blob (id, key, {columns}) SELECT id, 'c', {columns} FROM blob",
            )
        assert stands(role, blob)

    @pytest.mark.parametrize("state", ["storing", "stored"])
    def test_a_tombstone_is_final(self, role: Engine, blob: Blob, state: str):
        with role.begin() as connection:
            connection.execute(text("UPDATE blob SET state = 'deleting'"))
        refused(role, "stay what they are", "UPDATE blob SET state = :state", state=state)

    def test_none_go_past_their_tombstone(self, role: Engine, blob: Blob):
        refused(role, "stay what they are", "DELETE FROM blob")
        refused(role, "stay what they are", "UPDATE blob SET state = 'storing'")
        with role.begin() as connection:
            connection.execute(text("UPDATE blob SET state = 'deleting'"))
            connection.execute(text("DELETE FROM blob"))


class TestALetter:
    @pytest.fixture
    def letter(self, engine: Engine, row: Problem) -> Letter:
        """One that left."""
        return self.written(engine, row, "once", sent=True)

    def written(self, engine: Engine, row: Problem, key: str, *, sent: bool = False, **told: Any) -> Letter:
        said = {"code": "receipt", "facts": {"number": "7", "lines": "1. Каттоо"}, **told}
        with working(engine, CLERK, NOW) as work:
            work.record(Act.LETTER_WRITE, work.get(Problem, row.id), because=Because(rule="letter"))
            papers = [uuid4()]
            found = work.letter(
                key, row, to="a@example.kg", language=Language.KY, attachments=papers, **{"fresh": True, **said}
            )
            assert found is not None
        if sent:
            self.move(engine, found, sent_at=NOW)
        with reading(engine) as session:
            return session.get_one(Letter, found)

    def move(self, engine: Engine, letter: UUID, **told: Any) -> None:
        with writing(engine) as session:
            one = session.get_one(Letter, letter)
            for name, value in told.items():
                setattr(one, name, value)

    @pytest.mark.parametrize(
        "change",
        [
            """facts = '{"number": "8"}'""",
            "facts = '{}'",
            "\"to\" = 'b@example.kg'",
            "\"to\" = ''",
            "attachments = '[]'",
            "code = 'rejection'",
            "language = 'ru'",
            "key = 'twice'",
            "event_id = (SELECT id FROM event WHERE seq = 1)",
            "written_at = sent_at, sent_at = NULL",
            "sent_at = NULL",
            "stream_id = id",
            "tenant_id = id",
            "rung = 'x'",
            "gathered = (1 = 1)",
        ],
    )
    @pytest.mark.parametrize("sent", [True, False], ids=["sent", "waiting"])
    def test_what_was_written_stays(self, engine: Engine, role: Engine, row: Problem, change: str, sent: bool):
        letter = self.written(engine, row, "once", sent=sent)
        if not sent and "sent_at" in change:
            change = f"{change}, void_at = written_at, cycle = 7"
        refused(role, "as it was written", f"UPDATE letter SET {change}")
        assert stands(role, letter)

    def test_it_does_not_take_the_place_of_another(self, role: Engine, letter: Letter):
        if role.dialect.name == "sqlite":
            refused(role, "on record stays", "INSERT OR REPLACE INTO letter SELECT * FROM letter")
        else:
            replace = "INSERT INTO letter SELECT * FROM letter ON CONFLICT (key) DO UPDATE SET code = 'x'"
            refused(role, "as it was written", replace)
        assert stands(role, letter)

    def test_an_erasing_act_empties_it(self, engine: Engine, role: Engine, row: Problem, letter: Letter):
        with working(engine, CLERK, NOW) as work:
            assert erasing.empty_letters(work.all(Letter)) == 1
            erasing.erase(work, Act.TRAIL_REDACT, work.get(Problem, row.id), values=[], because=GROUND)
        with reading(role) as session:
            told = session.get_one(Letter, letter.id)
            assert (told.to, told.facts, told.attachments) == ("", {}, letter.attachments)
        refused(role, "as it was written", "UPDATE letter SET \"to\" = 'b@example.kg'")

    def test_it_is_not_emptied_once_the_stream_went_on(self, engine: Engine, role: Engine, row: Problem):
        letter = self.written(engine, row, "once", sent=True)
        with working(engine, CLERK, NOW) as work:
            erasing.erase(work, Act.TRAIL_REDACT, work.get(Problem, row.id), values=[], because=GROUND)
            work.record(Act.CASE_READ, work.get(Problem, row.id), because=Because(rule="audit"))
        refused(role, "as it was written", "UPDATE letter SET \"to\" = ''")
        assert stands(role, letter)

    @pytest.mark.parametrize("change", ["\"to\" = ''", "facts = '{}'", """facts = '{"lines": ""}'"""])
    def test_under_a_hold_nothing_of_it_goes(self, engine: Engine, role: Engine, row: Problem, change: str):
        letter = self.written(engine, row, "once", sent=True)
        with working(engine, CLERK, NOW) as work:
            erasing.erase(work, Act.TRAIL_REDACT, work.get(Problem, row.id), values=[], because=GROUND)
        hold(engine, row.stream_id)
        refused(role, "hold covers", f"UPDATE letter SET {change}")
        assert stands(role, letter)

    def test_a_digest_goes_shorter_only_before_it_leaves_and_behind_a_line_that_is_void(
        self, engine: Engine, role: Engine, row: Problem
    ):
        step = Step("period", row.id, 1, "soon", "head")
        line = self.written(engine, row, "line", gathered=True, step=step)
        digest = self.written(engine, row, "digest:1", code="digest")
        self.move(role, line.id, gathered=False, digest_id=digest.id)
        shorter = {**digest.facts, "lines": ""}

        with pytest.raises(DBAPIError, match="as it was written"):
            self.move(role, digest.id, facts=shorter)
        self.move(role, line.id, void_at=NOW)
        with pytest.raises(DBAPIError, match="as it was written"):
            self.move(role, digest.id, facts={**shorter, "number": "8"})
        with pytest.raises(DBAPIError, match="as it was written"):
            self.move(role, line.id, void_at=NOW + timedelta(days=1))
        with pytest.raises(DBAPIError, match="as it was written"):
            self.move(role, line.id, digest_id=None)
        self.move(role, digest.id, facts=shorter)
        self.move(role, digest.id, sent_at=NOW)
        with pytest.raises(DBAPIError, match="as it was written"):
            self.move(role, digest.id, facts=digest.facts)


class TestWhatHangsOnAnEvent:
    def test_a_value_that_the_event_does_not_say_is_not_added(self, role: Engine, row: Problem):
        salt, digest, value = withhold("Башка", "reason")
        add = "INSERT INTO disclosure (event_id, digest, path, salt, value) VALUES (:event, :digest, 'reason', :salt, :value)"
        refused(role, "does not say this", add, event=row.event_id, digest=digest, salt=salt, value=value)
        refused(role, "does not say this", add, event=row.event_id, digest="a" * 64, salt=salt, value=value)
        refused(role, "does not say this", add, event=row.event_id, digest="", salt=salt, value=value)
        refused(role, "does not say this", add, event=uuid4(), digest=digest, salt=salt, value=value)
        with reading(role) as session:
            assert verify(session, row.stream_id) == 2

    def test_nor_one_that_was_erased_or_never_kept_once_the_event_has_its_place(
        self, engine: Engine, role: Engine, row: Problem
    ):
        with working(engine, CLERK, NOW) as work:
            known = work.get(Problem, row.id)
            values = erasing.disclosures(work, row.stream_id)
            erasing.empty(known, sorted(Problem.personal))
            erasing.erase(work, Act.TRAIL_REDACT, known, values=values, because=GROUND)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO leaf (position, event_id, hash) SELECT seq - 1, id, hash FROM event"))
        add = (
            "INSERT INTO disclosure (event_id, digest, path, salt, value) VALUES (:event, :digest, 'reason', 's', 'v')"
        )
        assert values
        for one in values:
            refused(role, "does not say this", add, event=one.event_id, digest=one.digest)
            refused(role, "does not say this", add, event=known.event_id, digest=one.digest)

    def test_a_file_that_the_event_does_not_name_is_not_found_by_it(self, role: Engine, row: Problem):
        add = "INSERT INTO eventfile (event_id, sha256) VALUES (:event, :hash)"
        refused(role, "does not say this", add, event=row.event_id, hash="b" * 64)
        refused(role, "does not say this", add, event=row.event_id, hash="a" * 63)
        first = "INSERT INTO eventfile (event_id, sha256) SELECT id, :hash FROM event WHERE seq = 1"
        refused(role, "does not say this", first, hash="a" * 64)
        with role.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM eventfile")).scalar_one() == 1
