"""What the database itself refuses, whoever asks past the unit of work."""

import secrets
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlmodel import col

from schemas.customer import Role
from schemas.event import Act, Stream
from schemas.outbox import Errand
from schemas.programme import Problem
from storage import outbox
from storage.engine import connect, reading
from storage.grants import grant
from storage.keymap import key_of
from storage.ledger import Actor, Because
from storage.trail import keys_of, verify
from storage.work import working
from tests.storage.makers import CLERK, NOW, REASON, TENANT, person, prioritise, problem, propose, proposed

FILES = ["a" * 64]


@pytest.fixture
def row(engine: Engine) -> Problem:
    """A problem with two events, a file, a disclosure, a leaf and a checkpoint."""
    with working(engine, CLERK, NOW) as work:
        told = proposed(work, None, problem())
        told.priority = 1
        work.record(Act.PROBLEM_PRIORITISE, told, because=REASON, files=FILES)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO leaf (position, event_id, hash) SELECT seq - 1, id, hash FROM event"))
        connection.execute(
            text(
                "INSERT INTO checkpoint (id, size, root, note, at) SELECT id, 2, 'r', 'n', at FROM event WHERE seq = 2"
            )
        )
        connection.execute(
            text("INSERT INTO cosignature (size, witness, at, line) SELECT 2, 'w', at, 'l' FROM event WHERE seq = 2")
        )
        connection.execute(
            text(
                "INSERT INTO told (id, stream_id, size, noun, row_id, at) "
                "SELECT id, stream_id, 2, 'letter', id, at FROM event WHERE seq = 2"
            )
        )
    return told


def refused(engine: Engine, statement: str, **values: object) -> None:
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement), values)


def ident(engine: Engine, value: object) -> object:
    """An id as the database keeps it."""
    return value if engine.dialect.name == "postgresql" else getattr(value, "hex", value)


@pytest.mark.parametrize("table", ["event", "eventfile", "leaf", "checkpoint", "cosignature", "told"])
def test_the_trail_is_only_ever_added_to(engine: Engine, row: Problem, table: str):
    column = {"event": "act", "eventfile": "sha256", "leaf": "hash", "checkpoint": "note"}.get(table)
    column = column or {"cosignature": "line", "told": "noun"}[table]
    before = count(engine, table)

    refused(engine, f"UPDATE {table} SET {column} = {column}")
    refused(engine, f"DELETE FROM {table}")
    if engine.dialect.name == "sqlite":
        refused(engine, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        refused(engine, f"REPLACE INTO {table} SELECT * FROM {table}")
        refused(engine, f"UPDATE OR REPLACE {table} SET {column} = 'x'")
    else:
        keys = {"eventfile": "event_id, sha256", "leaf": "position", "cosignature": "size, witness, at"}
        key = keys.get(table, "id")
        refused(engine, f"TRUNCATE {table} CASCADE")
        refused(
            engine,
            f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = EXCLUDED.{column}",
        )
    assert count(engine, table) == before > 0


def test_a_disclosure_is_never_edited_nor_deleted_without_a_word(engine: Engine, row: Problem):
    before = count(engine, "disclosure")
    refused(engine, "UPDATE disclosure SET value = 'башка'")
    refused(engine, "DELETE FROM disclosure")
    if engine.dialect.name == "sqlite":
        refused(
            engine, "INSERT OR REPLACE INTO disclosure SELECT event_id, digest, path, salt, 'башка' FROM disclosure"
        )
    else:
        refused(engine, "TRUNCATE disclosure")
    assert count(engine, "disclosure") == before

    with reading(engine) as session:
        assert verify(session, row.stream_id) == 2


@pytest.mark.parametrize(
    ("seq", "previous"),
    [("4", "hash"), ("3", "'0'"), ("0", "''"), ("-1", "''"), ("1", "''"), ("2", "hash")],
    ids=["a gap", "a forged link", "before the first", "below nothing", "a second first", "a second second"],
)
def test_an_event_only_follows_the_newest(engine: Engine, row: Problem, seq: str, previous: str):
    columns = "tenant_id, stream_id, act, at, actor_id, actor_role, noun, subject_id, rule, pack, run_id, body"
    refused(
        engine,
        f"INSERT INTO event (id, seq, previous, hash, {columns}) "
        f"SELECT :id, {seq}, {previous}, 'h', {columns} FROM event WHERE seq = 2",
        id=ident(engine, uuid4()),
    )


@pytest.mark.parametrize("act", ["problem:forget", "", "PROBLEM:PROPOSE", "problem:propose,problem:prioritise"])
def test_an_event_has_one_of_the_acts_that_there_are(engine: Engine, row: Problem, act: str):
    columns = "tenant_id, stream_id, at, actor_id, actor_role, noun, subject_id, rule, pack, run_id, body"
    statement = (
        f"INSERT INTO event (id, seq, previous, hash, act, {columns}) "
        f"SELECT :id, 3, hash, 'h', :act, {columns} FROM event WHERE seq = 2"
    )

    with pytest.raises(DBAPIError, match="there is no such act"), engine.begin() as connection:
        connection.execute(text(statement), {"id": ident(engine, uuid4()), "act": act})


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_postgresql_recomputes_the_hash_of_an_event(engine: Engine, row: Problem):
    columns = "tenant_id, stream_id, act, at, actor_id, actor_role, noun, subject_id, rule, pack, run_id, body"
    insert_ = (
        f"INSERT INTO event (id, seq, previous, hash, {columns}) "
        f"SELECT :id, 3, hash, %s, {columns} FROM event WHERE seq = 2"
    )
    refused(engine, insert_ % "'h'", id=uuid4())
    refused(engine, insert_ % "encode(sha256(body), 'hex')", id=uuid4())
    skeleton = (
        """'{"c":"' || encode(sha256(body), 'hex') || '","k":["' || (SELECT key FROM stream WHERE id = stream_id) """
        """|| '"],"p":"' || hash || '","s":3,"t":"event","v":1}'"""
    )
    with engine.begin() as connection:  # so that it is the hash alone that is refused
        right = rf"encode(sha256('\x00'::bytea || convert_to({skeleton}, 'UTF8')), 'hex')"
        connection.exec_driver_sql((insert_ % right.replace("%", "%%")).replace(":id", f"'{uuid4()}'"))


def test_an_event_is_of_a_stream_that_there_is(engine: Engine, row: Problem):
    columns = "tenant_id, act, at, actor_id, actor_role, noun, subject_id, rule, pack, run_id, body"
    refused(
        engine,
        f"INSERT INTO event (id, stream_id, seq, previous, hash, {columns}) "
        f"SELECT :id, :stream, 1, '', 'h', {columns} FROM event WHERE seq = 2",
        id=ident(engine, uuid4()),
        stream=ident(engine, uuid4()),
    )


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_an_event_that_gives_way_to_another_moves_nothing(engine: Engine, row: Problem):
    heads = count(engine, "stream WHERE seq = 2"), count(engine, "unsealed")
    with engine.begin() as connection:
        done = connection.execute(text("INSERT INTO event SELECT * FROM event WHERE seq = 2 ON CONFLICT DO NOTHING"))
        assert done.rowcount == 0
    assert (count(engine, "stream WHERE seq = 2"), count(engine, "unsealed")) == heads == (1, 2)


class TestAnEventOnItsWayToTheLog:
    def test_it_waits_by_the_databases_own_hand(self, engine: Engine):
        told = propose(engine)
        prioritise(engine, told, 1)
        assert count(engine, "unsealed") == 2
        assert count(engine, "unsealed JOIN event ON event.id = event_id WHERE stream_id IS NOT NULL") == 2

    def test_it_is_not_taken_away_before_it_has_its_place(self, engine: Engine):
        propose(engine)
        refused(engine, "DELETE FROM unsealed")
        refused(engine, "UPDATE unsealed SET id = id + 1")
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO leaf (position, event_id, hash) SELECT 0, id, hash FROM event"))
            connection.execute(text("DELETE FROM unsealed"))
        assert count(engine, "unsealed") == 0


class TestAStream:
    @pytest.mark.parametrize("column", ["name", "key", "kind", "id", "tenant_id", "parent_id"])
    def test_it_keeps_what_it_is(self, engine: Engine, row: Problem, column: str):
        value = ident(engine, uuid4()) if column.endswith("id") else "x"
        refused(engine, f"UPDATE stream SET {column} = :value", value=value)
        refused(engine, "DELETE FROM stream")

    @pytest.mark.server
    @pytest.mark.parametrize("database", ["postgres"], indirect=True)
    @pytest.mark.parametrize(("seq", "head"), [(5, ""), (0, "a" * 64), (5, "a" * 64)])
    def test_it_begins_before_its_first_event(self, engine: Engine, seq: int, head: str):
        """Or whoever opens one says himself what its next event has to follow."""
        values = {"id": uuid4(), "tenant": TENANT, "seq": seq, "head": head}
        refused(
            engine,
            "INSERT INTO stream (id, tenant_id, kind, name, key, seq, head) "
            "VALUES (:id, :tenant, 'case', 'x', 'x', :seq, :head)",
            **values,
        )

    def test_its_name_follows_that_of_the_one_above_and_is_given_once(self, engine: Engine):
        city, contest, case = uuid4(), uuid4(), uuid4()
        with working(engine, CLERK, NOW) as work:
            work.open_stream(city, TENANT, "customer", name="batken")
            work.open_stream(contest, TENANT, "contest", name="2026-1", under=city)
            work.open_stream(case, TENANT, "case", name="7", under=contest)
        with reading(engine) as session:
            assert session.scalar(select(col(Stream.name)).where(col(Stream.id) == case)) == "batken/2026-1/7"
            assert keys_of(session, [case])[case] == (
                key_of("case", "batken/2026-1/7").hex(),
                key_of("contest", "batken/2026-1").hex(),
            )
        with pytest.raises(IntegrityError), working(engine, CLERK, NOW) as work:
            work.open_stream(uuid4(), TENANT, "case", name="7", under=contest)


class TestARowWithoutItsEvent:
    def test_it_is_not_changed(self, engine: Engine, row: Problem):
        refused(engine, "UPDATE problem SET priority = 7")
        refused(engine, "UPDATE problem SET priority = 7, version = version + 1")
        refused(engine, "UPDATE problem SET event_id = (SELECT id FROM event WHERE seq = 1), version = version + 1")
        assert count(engine, "problem WHERE priority = 1") == 1

    def test_it_is_not_deleted_nor_truncated(self, engine: Engine, row: Problem):
        refused(engine, "DELETE FROM problem")
        if engine.dialect.name == "postgresql":
            refused(engine, "TRUNCATE problem CASCADE")
        assert count(engine, "problem") == 1

    def test_it_is_not_added(self, engine: Engine, row: Problem):
        columns = "tenant_id, stream_id, event_id, version, title, description, numbers, proposed_by, status"
        add = f"INSERT INTO problem (id, {columns}) SELECT :id, {columns} FROM problem"
        refused(engine, add, id=ident(engine, uuid4()))

    def test_it_does_not_borrow_an_event_of_another_stream(self, engine: Engine, row: Problem):
        other = propose(engine)
        borrow = "UPDATE problem SET event_id = :event, version = version + 1, priority = 7 WHERE id = :id"
        refused(engine, borrow, event=ident(engine, other.event_id), id=ident(engine, row.id))

    def test_it_does_not_borrow_the_newest_event_of_its_stream_which_tells_of_another_row(self, engine: Engine):
        home = uuid4()
        with working(engine, CLERK, NOW) as work:
            work.open_stream(home, TENANT, "case")
            first = proposed(work, home, problem("биринчи"))
        second = propose(engine, home, row=problem("экинчи"))
        borrow = "UPDATE problem SET event_id = :event, version = version + 1, priority = 7 WHERE id = :id"

        refused(engine, borrow, event=ident(engine, second.event_id), id=ident(engine, first.id))

    def test_it_does_not_borrow_an_event_that_only_names_its_stream(self, engine: Engine):
        home = uuid4()
        with working(engine, CLERK, NOW) as work:
            work.open_stream(home, TENANT, "case")
            case = proposed(work, home, Problem(id=home, title={}, description={}))
        with working(engine, CLERK, NOW) as work:
            event = work.record(Act.CASE_READ, work.get(Problem, case.id), because=Because(rule="audit"))
        borrow = "UPDATE problem SET event_id = :event, version = version + 1, priority = 7"

        refused(engine, borrow, event=ident(engine, event))

    def test_an_event_is_not_told_of_twice_nor_with_a_wrong_version(self, engine: Engine, row: Problem):
        for version in ("version", "version + 2", "version - 1"):
            refused(engine, f"UPDATE problem SET priority = 7, version = {version}")

    def test_no_row_takes_the_place_of_another(self, engine: Engine):
        home = uuid4()
        with working(engine, CLERK, NOW) as work:
            work.open_stream(home, TENANT, "person")
            first = proposed(work, home, person(login="head"))
            second = proposed(work, home, person(login="clerk"))
        assert first.id != second.id
        # `second` rests on the newest event: only the key stands between it and the first
        if engine.dialect.name == "sqlite":
            columns = "tenant_id, stream_id, event_id, version, name, email, phone, language"
            refused(
                engine, f"INSERT OR REPLACE INTO person (id, login, {columns}) SELECT id, 'head', {columns} FROM person"
            )
            refused(engine, "UPDATE OR REPLACE person SET login = 'head' WHERE login = 'clerk'")
        refused(engine, "UPDATE person SET id = :id WHERE login = 'clerk'", id=ident(engine, uuid4()))
        assert count(engine, "person") == 2


@pytest.fixture
def role(database: str, row: Problem) -> Iterator[Engine]:
    """The database as the application's own role reaches it."""
    name, password = f"app_{secrets.token_hex(4)}", "кирүү'сөз\" 1"
    grant(database, name, password)
    grant(database, name, password)  # again is harmless
    address = make_url(database).set(username=name, password=password)
    engine = connect(address.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
class TestTheApplicationsRole:
    def test_it_does_the_daily_work(self, role: Engine, row: Problem):
        prioritise(role, row, 3)
        with working(role, CLERK, NOW) as work:
            work.errand(Errand.INSPECT, work.get(Problem, row.id), "once")
        [job] = outbox.claim(role, [Errand.INSPECT], limit=1, lease=NOW - NOW, now=NOW)
        with working(role, Actor(uuid4(), Role.SYSTEM, None), NOW) as work:
            work.finish(job)
        with reading(role) as session:
            assert verify(session, row.stream_id) == 3

    @pytest.mark.parametrize(
        "trick",
        [
            "UPDATE event SET act = act",
            "DELETE FROM event",
            "TRUNCATE event CASCADE",
            "ALTER TABLE event DISABLE TRIGGER ALL",
            "ALTER TABLE problem DISABLE TRIGGER guard_problem_change",
            "ALTER TABLE event ALTER COLUMN rule TYPE text USING 'x'",
            "DROP TRIGGER guard_event_row ON event",
            "DROP TABLE event CASCADE",
            "CREATE OR REPLACE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
            "SET session_replication_role = replica",
            "INSERT INTO event SELECT * FROM event ON CONFLICT (id) DO UPDATE SET rule = 'x'",
            "UPDATE problem SET priority = 7",
            "UPDATE problem SET priority = 7, version = version + 1",
            "DELETE FROM problem",
            "TRUNCATE problem CASCADE",
            "DELETE FROM disclosure",
            "UPDATE stream SET tenant_id = id",
            "DELETE FROM stream",
            "UPDATE alembic_version SET version_num = 'x'",
            "CREATE TABLE public.mine (id int)",
            "CREATE TEMP TABLE event (LIKE public.event)",
            "SET ROLE ashar",
            "COPY event FROM PROGRAM 'true'",
        ],
    )
    def test_no_trick_gets_it_past_the_guards(self, role: Engine, row: Problem, trick: str):
        with pytest.raises((ProgrammingError, IntegrityError, DBAPIError)), role.begin() as connection:
            connection.exec_driver_sql(trick)
        with reading(role) as session:
            assert verify(session, row.stream_id) == 2

    def test_a_temporary_table_of_that_name_is_no_evidence_even_where_it_may_be_made(
        self, engine: Engine, role: Engine, row: Problem
    ):
        with engine.begin() as connection:
            connection.exec_driver_sql(f'GRANT TEMP ON DATABASE "{engine.url.database}" TO PUBLIC')
        with pytest.raises(DBAPIError, match="nothing changes"), role.begin() as connection:
            connection.exec_driver_sql("CREATE TEMP TABLE event (LIKE public.event)")
            forged = "INSERT INTO pg_temp.event SELECT * FROM public.event WHERE seq = 1"
            connection.exec_driver_sql(forged)
            connection.exec_driver_sql(
                "UPDATE problem SET priority = 7, version = version + 1, event_id = (SELECT id FROM pg_temp.event)"
            )

    def test_the_guards_hold_for_the_owner_too_unless_he_takes_them_away(self, engine: Engine, row: Problem):
        refused(engine, "UPDATE event SET act = act")
        with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql("UPDATE event SET rule = 'x'")


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
