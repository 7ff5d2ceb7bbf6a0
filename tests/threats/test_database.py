"""The study's table, the side of the database: each attack is really done; it is refused, or it shows.

Refused: what the application's role tries, and accidents of the owner. Shown: what somebody does who can take the
guards away. `docs/audit.md` names the test of each line.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import Engine, make_url, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from flows.steps import holds, logkey, sealing, watching
from flows.steps.holds import Order
from schemas.customer import Person, Role
from schemas.errors import Altered, BrokenTrail, NotAllowed
from schemas.event import Act, Event
from schemas.outbox import Letter
from schemas.programme import Problem
from schemas.tables import METADATA
from storage import log, trail
from storage.engine import connect, writing
from storage.grants import grant
from storage.ledger import leaf, skeleton
from storage.work import looking
from tests.threats.makers import AT, Attacked, attacked

OUTSIDE = "INSERT INTO leaf (position, event_id, hash) VALUES (-7, {}, 'f')"
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def home(database: str, tmp_path: Path) -> Iterator[Attacked]:
    made = attacked(database, tmp_path)
    yield made
    made.office.close()


def shows(home: Attacked, *whys: str) -> None:
    """`ashar audit verify` finds it."""
    with pytest.raises(BrokenTrail) as broken:
        sealing.verify_all(home.office)
    assert broken.value.facts["why"] in whys


def refused(engine: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement)


def whole(home: Attacked) -> None:
    assert sealing.verify_all(home.office)[0] >= 1


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def role(home: Attacked, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The database as a role reaches it that owns nothing; `erases` as the parameter: the role of retention."""
    erases = getattr(request, "param", "") == "erases"
    name = f"app_{uuid4().hex[:8]}"
    grant(home.office.settings.database, name, "secret", erases=erases)
    address = make_url(home.office.settings.database).set(username=name, password="secret")
    engine = connect(address.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("role", ["works", "erases"], indirect=True)
@pytest.mark.parametrize(
    "trick",
    [
        "UPDATE event SET act = act",
        "DELETE FROM event",
        "TRUNCATE event CASCADE",
        "UPDATE leaf SET hash = 'x'",
        "DELETE FROM unsealed",
        "UPDATE disclosure SET value = 'x'",
        "DELETE FROM disclosure",
        "TRUNCATE disclosure",
        "UPDATE legalhold SET status = 'lifted'",
        "UPDATE problem SET priority = 7",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_a_role_that_owns_nothing_changes_nothing(home: Attacked, role: Engine, trick: str):
    court = Order("Аныктама", "AC-7/18", AT.date(), "сот")
    holds.place(home.office, home.doer(Role.LAWYER), home.tenant, court)
    before = home.rows("SELECT count(*) FROM disclosure")
    with pytest.raises((ProgrammingError, DBAPIError)), role.begin() as connection:
        connection.exec_driver_sql(trick)
    assert home.rows("SELECT count(*) FROM disclosure") == before
    whole(home)


def test_a_bulk_update_past_the_orm_is_refused(home: Attacked):
    with pytest.raises(DBAPIError, match="without its event"), writing(home.office.engine) as session:
        session.execute(update(Problem).values(priority=1))
    assert home.rows("SELECT count(*) FROM problem WHERE priority = 1") == [(0,)]
    whole(home)


@SQLITE
@pytest.mark.parametrize("table", ["event", "eventfile", "leaf", "checkpoint", "disclosure", "stream", "problem"])
def test_insert_or_replace_overwrites_nothing(home: Attacked, table: str):
    for verb in ("INSERT OR REPLACE INTO", "REPLACE INTO"):
        if home.rows(f"SELECT count(*) FROM {table}") != [(0,)]:
            refused(home.office.engine, f"{verb} {table} SELECT * FROM {table}")
    whole(home)


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "table", ["event", "eventfile", "leaf", "checkpoint", "disclosure", "stream", "unsealed", "problem", "blob"]
)
def test_truncate_is_refused_for_the_owner_too(home: Attacked, table: str):
    refused(home.office.engine, f"TRUNCATE {table} CASCADE")
    whole(home)


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "statement", ["UPDATE event SET rule = 'x'", "DELETE FROM disclosure", "UPDATE problem SET priority = 7"]
)
def test_a_superuser_under_the_replica_role_still_meets_the_guards(home: Attacked, statement: str):
    with pytest.raises(DBAPIError), home.office.engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(statement)
    whole(home)


def test_nobody_acts_under_a_role_that_is_not_his(home: Attacked):
    """The operator cannot make himself an officer of a case, nor anybody the clock."""
    from flows.steps import redaction, register

    operator, order = home.doer(Role.OPERATOR), Order("Буйрук", "1", AT.date())
    with pytest.raises(NotAllowed):
        redaction.of_event(home.office, operator, home.tenant, 1, order)
    with pytest.raises(NotAllowed):
        register.register_person(
            home.office,
            home.doer(Role.HEAD),
            tenant_id=home.tenant,
            login="x",
            name="x",
            email="",
            roles={Role.SYSTEM: None},
        )


# -- shown ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "whys"),
    [
        pytest.param("UPDATE event SET rule = 'x' WHERE seq = 2", ("changed",), id="a column"),
        pytest.param("UPDATE event SET actor_id = id WHERE seq = 2", ("changed",), id="impersonation: who acted"),
        pytest.param("DELETE FROM disclosure WHERE path LIKE '%proposed_by%'", ("erased",), id="a personal value"),
        pytest.param("UPDATE disclosure SET value = 'Башка'", ("changed",), id="what somebody said"),
        pytest.param("UPDATE leaf SET hash = 'ab' WHERE position = 0", ("changed",), id="a leaf"),
        pytest.param("DELETE FROM leaf WHERE position = 0", ("unplaced",), id="a leaf taken out"),
        pytest.param("DELETE FROM leaf", ("unplaced",), id="the whole log"),
        pytest.param("UPDATE checkpoint SET root = 'ab'", ("checkpoint",), id="what was signed"),
    ],
)
def test_what_the_owner_does_shows(home: Attacked, statement: str, whys: tuple[str, ...]):
    home.steal(statement)
    shows(home, *whys)


FORGED = "01a21d00-0000-7000-8000-00000000f0f0"


def forged(home: Attacked) -> str:
    """A whole event that nobody recorded, put in by hand; its id as the database writes it."""
    columns = [column.name for column in METADATA.tables["event"].c]
    identity = f"'{FORGED}'" if home.postgresql else f"'{FORGED.replace('-', '')}'"
    new = {"id": identity, "seq": "9999", "hash": "'f'"}
    told = ", ".join(new.get(one, one) for one in columns)
    home.steal(f"INSERT INTO event ({', '.join(columns)}) SELECT {told} FROM event WHERE seq = 2")
    return identity


@pytest.mark.parametrize(
    "place", ["UPDATE leaf SET event_id = {} WHERE position = (SELECT max(position) FROM leaf)", OUTSIDE]
)
def test_an_event_that_is_put_in_where_nobody_reads_shows(home: Attacked, place: str):
    """Behind the bytes of a head of the map, or at a place before the first: there are as many places as events."""
    identity = forged(home)
    home.steal("DELETE FROM unsealed", place.format(identity))
    shows(home, "changed", "unplaced")


def test_an_event_that_is_changed_behind_its_own_skeleton_shows(home: Attacked):
    [(place, body, seq, previous)] = home.rows(
        "SELECT l.position, e.body, e.seq, e.previous FROM leaf l JOIN event e ON e.id = l.event_id WHERE e.seq = 2"
    )
    with looking(home.office.engine, home.office.system) as look:
        [keys] = trail.keys_of(look.session, [home.tenant]).values()
    entry = skeleton(bytes(body), keys, int(str(seq)), str(previous))  # type: ignore[arg-type]
    raw = f"'\\x{entry.hex()}'::bytea" if home.postgresql else f"x'{entry.hex()}'"
    home.steal(f"UPDATE leaf SET entry = {raw} WHERE position = {place}", "UPDATE event SET rule = 'x' WHERE seq = 2")
    shows(home, "changed")


def test_an_instant_that_reads_like_another_shows(home: Attacked):
    """Before Christ, or in a form that stands elsewhere in the order of time."""
    moved = (
        "replace(at, ' ', 'T')" if home.office.engine.dialect.name == "sqlite" else "(at::text || ' BC')::timestamptz"
    )
    home.steal(f"UPDATE event SET at = {moved} WHERE seq = 2")
    shows(home, "changed")


def test_a_case_rewritten_with_all_its_hashes_is_not_the_one_that_was_signed(home: Attacked):
    """The superuser's best: body, hash, links, leaves; only the checkpoint outside he does not have."""
    [(event_id, body, previous, seq)] = home.rows("SELECT id, body, previous, seq FROM event WHERE seq = 3")
    told = bytes(body) if isinstance(body, bytes | memoryview) else body  # type: ignore[arg-type]
    forged = told.replace(b'"act":"problem:propose"', b'"act":"problem:shelve" ')  # type: ignore[union-attr]
    assert forged != told
    with looking(home.office.engine, home.office.system) as look:
        hashed = leaf(forged, trail.keys_of(look.session, [home.tenant])[home.tenant], int(str(seq)), str(previous))
    raw = f"'\\x{forged.hex()}'::bytea" if home.postgresql else f"x'{forged.hex()}'"
    [(position,)] = home.rows("SELECT position FROM leaf WHERE event_id = (SELECT id FROM event WHERE seq = 3)")
    home.steal(
        f"UPDATE event SET body = {raw}, hash = '{hashed}', act = 'problem:shelve' WHERE seq = 3",
        f"UPDATE stream SET head = '{hashed}' WHERE seq = 3",
        f"UPDATE leaf SET hash = '{hashed}' WHERE position = {position}",
    )
    assert event_id
    shows(home, "tiles", "checkpoint", "map")


def test_a_tail_cut_off_shows_against_the_checkpoint_in_the_store(home: Attacked):
    """Cut so that the chain ends well: no chain shows it."""
    [(hashed,)] = home.rows("SELECT hash FROM event WHERE seq = 2")
    last = "(SELECT id FROM event WHERE seq = 3)"
    home.steal(
        f"DELETE FROM disclosure WHERE event_id = {last}",
        f"DELETE FROM problem WHERE event_id = {last}",
        "DELETE FROM leaf WHERE position >= 3",
        f"DELETE FROM unsealed WHERE event_id = {last}",
        "DELETE FROM checkpoint WHERE size > 3",
        "DELETE FROM event WHERE seq = 3",
        f"UPDATE stream SET seq = 2, head = '{hashed}'",
    )
    with looking(home.office.engine, home.office.system) as look:
        assert trail.verify(look.session, home.tenant) == 2  # the chain alone has nothing to say
    shows(home, "behind")


@SQLITE
class TestAnOldBackup:
    @pytest.fixture
    def restored(self, home: Attacked, tmp_path: Path) -> str:
        """The database as it was before its newest act; returns the checkpoint that somebody was told meanwhile."""
        file = Path(home.office.settings.database.removeprefix("sqlite:///"))
        backup = tmp_path / "backup.db"
        with sqlite3.connect(file) as source, sqlite3.connect(backup) as target:
            source.backup(target)
        home.propose("Жарык")
        home.seal()
        receipt = str(home.rows("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")[0][0])
        home.office.engine.dispose()
        for end in ("", "-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        shutil.copy(backup, file)
        return receipt

    def test_the_store_knows_more_than_it_and_nothing_more_is_signed(self, home: Attacked, restored: str):
        shows(home, "behind")
        home.propose("Башка")
        with pytest.raises(BrokenTrail) as broken:
            sealing.seal(home.office)
        assert broken.value.facts["why"] in ("fork", "behind")

    def test_with_the_store_emptied_too_a_receipt_still_shows_it(self, home: Attacked, restored: str):
        shutil.rmtree(home.office.home / "objects")
        with pytest.raises(BrokenTrail):  # the database remembers that something was signed
            sealing.seal(home.office)
        with home.office.engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER guard_checkpoint_delete")
            connection.exec_driver_sql("DELETE FROM checkpoint")
            connection.exec_driver_sql("DELETE FROM keyrange")
        home.propose("Башка")
        home.propose("Дагы башка")
        home.seal()  # a false history, signed by the true key
        whole(home)
        told = logkey.policy_of(home.office).read(restored)
        tree = log.Tree(bytes.fromhex(str(one)) for (one,) in home.rows("SELECT hash FROM leaf ORDER BY position"))
        assert told.size <= len(tree)
        assert tree.root(told.size) != told.root  # no proof of consistency can join the two


def test_an_object_swapped_in_the_store_is_not_given_out(home: Attacked, tmp_path: Path):
    office = home.office
    kept = office.keep(home.tenant, "чыныгы кат".encode())
    with writing(office.engine) as session:
        office.blobs.claim(session, kept)
    assert office.blobs.verify() == []
    [file] = [one for one in (office.home / "objects").rglob("*") if one.is_file() and kept.sha256 in one.name]
    file.chmod(0o600)
    file.write_bytes("башка  кат".encode().ljust(kept.size))
    assert office.blobs.verify() == [f"{kept.blob_id} altered"]
    with pytest.raises(Altered):
        office.blobs.read(kept.blob_id, 1000)


def test_a_time_before_the_head_that_the_log_had_already_is_told(home: Attacked):
    assert list(watching.backdated(home.office)) == []
    home.later(days=1)
    home.propose("Жол")
    home.seal()
    home.at(AT)  # the clock of the machine is put back
    home.propose("Көпүрө")
    home.later(days=2)
    home.seal()

    [told] = watching.backdated(home.office)
    assert (told.stream, told.seq, told.at) == ("batken", 5, AT)
    assert told.head > told.at
    whole(home)  # nothing is broken: who wrote the time has to explain it


class TestAnEventHeldBack:
    def test_after_a_minute_operator_and_head_are_told_once_an_hour(self, home: Attacked):
        from flows.steps import register

        for login, roles in (("head", {Role.HEAD: None}), ("operator", {Role.OPERATOR: None})):
            told = {"login": login, "name": login, "email": f"{login}@example.kg", "roles": roles}
            register.register_person(home.office, register.OPERATOR, tenant_id=home.tenant, **told)
        home.seal()
        home.propose("Жол")
        home.later(seconds=60)
        assert watching.held_back(home.office) == []
        home.later(seconds=1)
        [late] = watching.held_back(home.office)
        assert (late.tenant_id, late.events) == (home.tenant, 1)

        assert watching.alarm(home.office) == 1
        assert watching.alarm(home.office) == 1  # still so, and told already
        assert self.letters(home) == ["head@example.kg", "operator@example.kg"]
        home.later(hours=1, seconds=1)
        watching.alarm(home.office)
        assert len(self.letters(home)) == 4

    def test_once_it_has_its_place_there_is_nothing_to_tell(self, home: Attacked):
        home.propose("Жол")
        home.later(hours=1)
        home.seal()
        assert watching.alarm(home.office) == 0

    def letters(self, home: Attacked) -> list[str]:
        with looking(home.office.engine, home.office.system) as look:
            return sorted(one.to for one in look.all(Letter, code="held_back"))


def test_a_name_is_not_guessed_from_what_is_left_of_it(home: Attacked):
    """A dictionary of a hundred thousand names, the right one among them, against the digest alone."""
    with looking(home.office.engine, home.office.system) as look:
        event = look.all(Event, act=Act.PROBLEM_PROPOSE, order="seq")[0]
    body = orjson.loads(event.body)
    digests = {
        change["new"]["sd"] for change in body["changes"] if isinstance(change["new"], dict) and "sd" in change["new"]
    } | {body["reason"]["sd"]}
    names = [f"{family} {name}" for family in _many("ов", 400) for name in _many("бек", 250)] + ["Асанов Бакыт"]
    tries = (
        lambda name, path: name.encode(),
        lambda name, path: orjson.dumps(["", path, name]),
        lambda name, path: orjson.dumps([path, name]),
    )
    for path in ("problem.proposed_by.new", "reason"):
        for name in names:
            for made in tries:
                assert hashlib.sha256(made(name, path)).hexdigest() not in digests


def _many(end: str, count: int) -> list[str]:
    letters = "абгдежзийклмнопрстуфхчш"
    return [f"{a.upper()}{b}{c}{end}" for a in letters for b in letters for c in letters][:count]


def test_the_person_behind_an_event_is_an_id_and_no_name(home: Attacked):
    for (body,) in home.rows("SELECT body FROM event"):
        assert "Асанов".encode() not in bytes(body)  # type: ignore[arg-type]
    assert "name" in Person.personal
