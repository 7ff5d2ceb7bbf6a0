"""The index of events: written behind their checkpoint; what it says can be reckoned from the events."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError

from schemas.event import Act
from storage import eventindex, grants, state
from storage.engine import connect, reading, writing
from storage.search import Query, Sight
from storage.work import working
from tests.storage.makers import CLERK, NOW, OTHER, REASON, STRANGER, TENANT, prioritise, propose
from tests.storage.test_search import page, placed, sealed


def wrong(engine: Engine) -> int:
    with reading(engine) as session:
        return eventindex.wrong(session)


def held(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(text("SELECT count(*) FROM eventindex")) or 0


def young(engine: Engine) -> tuple[bool, int | None]:
    with reading(engine) as session:
        ticket, behind = eventindex.young(session)
    return ticket is not None, behind


def test_an_event_comes_into_it_once_it_is_sealed(engine: Engine):
    row = propose(engine)
    prioritise(engine, row, 3)
    assert (held(engine), young(engine)) == (0, (True, None))
    sealed(engine)
    assert (held(engine), young(engine)) == (0, (False, 0))
    placed(engine)
    assert (held(engine), young(engine)) == (2, (False, None))
    prioritise(engine, row, 4)
    assert (held(engine), young(engine)) == (2, (True, None))
    sealed(engine)
    prioritise(engine, row, 5)
    assert (held(engine), young(engine)) == (2, (True, 2))
    placed(engine)
    assert (held(engine), young(engine), wrong(engine)) == (4, (False, None), 0)


def test_so_many_at_a_time_and_none_twice(engine: Engine):
    row = propose(engine)
    for priority in range(1, 7):
        prioritise(engine, row, priority)
    sealed(engine)
    told = []
    for _ in range(4):
        with writing(engine) as session:
            told.append(eventindex.index(session, 3))
    assert told == [3, 3, 1, 0]
    assert (held(engine), wrong(engine)) == (7, 0)


def test_a_row_of_its_that_stands_there_already_stops_nobody(engine: Engine):
    row = propose(engine)
    sealed(engine)
    with writing(engine) as session:
        assert eventindex.rebuild(session) == 1
        session.execute(text("UPDATE indexed SET size = 0"))
        assert eventindex.index(session, 10) == 1
    prioritise(engine, row, 3)
    placed(engine)
    assert (held(engine), wrong(engine)) == (2, 0)


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM eventindex WHERE seq = 2",
        "UPDATE eventindex SET rule = 'x' WHERE seq = 2",
        "UPDATE eventindex SET seq = 7 WHERE seq = 2",
        "INSERT INTO eventindex SELECT tenant_id, at, stream_id, 9, contest_id, actor_id, act, rule FROM eventindex WHERE seq = 1",
        "UPDATE eventindex SET contest_id = stream_id WHERE seq = 2",
        "UPDATE indexed SET size = 4",
    ],
)
def test_what_it_does_not_hold_as_it_is_shows_and_can_be_put_right(engine: Engine, attack: str):
    row = propose(engine)
    prioritise(engine, row, 3)
    prioritise(engine, row, 4)
    placed(engine)
    prioritise(engine, row, 5)
    sealed(engine)  # which is not in it yet, and not missed
    assert wrong(engine) == 0
    with writing(engine) as session:
        session.execute(text(attack))
    assert wrong(engine) > 0
    with writing(engine) as session:
        assert eventindex.rebuild(session) == 4
    assert (wrong(engine), young(engine)) == (0, (False, None))
    placed(engine)
    assert (held(engine), wrong(engine)) == (4, 0)


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_a_case_as_of_a_moment_is_the_same_whatever_waits(engine: Engine, before: int):
    row = propose(engine)
    for number in range(1, 4):
        if number == before:
            placed(engine)
        with working(engine, CLERK, NOW + timedelta(minutes=10 * number)) as work:
            work.get(type(row), row.id).priority = number
            work.record(Act.PROBLEM_PRIORITISE, work.get(type(row), row.id), because=REASON)
    other = propose(engine)
    for minutes, seq in ((-1, 0), (0, 1), (9, 1), (10, 2), (29, 3), (30, 4), (99, 4)):
        with reading(engine) as session:
            assert state.until(session, row.stream_id, NOW + timedelta(minutes=minutes))[1] == seq
    with reading(engine) as session:
        assert state.until(session, other.stream_id, NOW)[1] == 1
        assert state.until(session, uuid4(), NOW)[1] == 0


def test_in_which_streams_something_was_done(engine: Engine):
    first, second = propose(engine), propose(engine)
    prioritise(engine, first, 3)
    propose(engine, by=STRANGER)
    for step in (lambda: None, lambda: sealed(engine), lambda: placed(engine), lambda: prioritise(engine, second, 3)):
        step()
        with reading(engine) as session:
            prioritised = eventindex.streams_of(session, TENANT, Act.PROBLEM_PRIORITISE)
            assert eventindex.streams_of(session, TENANT, Act.PROBLEM_PROPOSE) == {first.stream_id, second.stream_id}
            assert eventindex.streams_of(session, OTHER, Act.PROBLEM_PRIORITISE) == set()
    assert prioritised == {first.stream_id, second.stream_id}


@pytest.mark.parametrize("notary", [False, True], ids=["application", "notary"])
def test_on_postgresql_its_owner_alone_makes_it_anew(engine: Engine, database: str, notary: bool):
    propose(engine)
    placed(engine)
    with reading(engine) as session:
        assert grants.may_reindex(session)
    if engine.dialect.name != "postgresql":
        return
    name = f"role_{uuid4().hex[:8]}"
    grants.grant(database, name, "secret", notary=notary)
    role = connect(make_url(database).set(username=name, password="secret").render_as_string(hide_password=False))
    try:
        with reading(role) as session:
            assert not grants.may_reindex(session)
        attacks = ["DELETE FROM eventindex", "UPDATE eventindex SET rule = 'x'", "DELETE FROM indexed"]
        if not notary:
            attacks += ["UPDATE indexed SET size = 9", "INSERT INTO eventindex SELECT * FROM eventindex"]
        for attack in attacks:
            with pytest.raises(DBAPIError, match="permission denied"), writing(role) as session:
                session.execute(text(attack))
        propose(engine)
        sealed(engine)
        if notary:
            with writing(role) as session:
                assert eventindex.index(session, 10) == 1
            assert (held(engine), wrong(engine)) == (2, 0)
    finally:
        role.dispose()


@pytest.mark.parametrize(
    "query", [{}, {"actor": CLERK.id}, {"acts": (Act.CASE_READ,)}, {"rule": "quorum"}, {"under": TENANT}], ids=str
)
@pytest.mark.parametrize(
    ("step", "first"),
    [
        (sealed, "SEARCH leaf USING INTEGER PRIMARY KEY (rowid>?)"),
        (lambda _: None, "SEARCH unsealed USING INTEGER PRIMARY KEY (rowid>?)"),
    ],
)
def test_what_is_not_in_it_is_looked_through_beginning_with_what_is_young(
    sqlite_template: Path, tmp_path: Path, query: dict[str, Any], step: Callable[[Engine], None], first: str
):
    copyfile(sqlite_template, tmp_path / "a.db")
    engine = connect(f"sqlite:///{tmp_path / 'a.db'}")
    propose(engine)
    step(engine)
    asked: list[tuple[str, tuple[object, ...]]] = []
    listen(engine, "before_cursor_execute", lambda _c, _k, statement, given, *_: asked.append((statement, given)))
    page(engine, Query(**query))
    statement, given = next(one for one in asked if one[0].startswith("SELECT event.id"))
    with engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
    engine.dispose()
    assert plan[0] == first


@pytest.mark.parametrize(
    "forged",
    [
        {"at": "(SELECT max(at) FROM eventindex)"},
        {"tenant_id": "(SELECT tenant_id FROM eventindex WHERE tenant_id <> i.tenant_id LIMIT 1)"},
    ],
    ids=str,
)
def test_a_row_that_says_another_time_or_customer_tells_of_no_event(engine: Engine, forged: dict[str, str]):
    row = propose(engine)
    with working(engine, CLERK, NOW + timedelta(hours=1)) as work:
        work.get(type(row), row.id).priority = 3
        work.record(Act.PROBLEM_PRIORITISE, work.get(type(row), row.id), because=REASON)
    propose(engine, by=STRANGER)
    placed(engine)
    seen = {sight: [one.id for one in page(engine, Query(), Sight(sight)).rows] for sight in (TENANT, OTHER)}
    names = ["tenant_id", "at", "stream_id", "seq", "contest_id", "actor_id", "act", "rule"]
    values = ", ".join(forged.get(name, f"i.{name}") for name in names)
    with writing(engine) as session:
        put = f"INSERT INTO eventindex ({', '.join(names)}) SELECT {values} FROM eventindex i WHERE i.seq = 1"
        assert session.execute(text(f"{put} AND i.stream_id = :one"), {"one": _bound(engine, row)}).rowcount == 1  # pyright: ignore[reportAttributeAccessIssue]
    assert wrong(engine) > 0
    assert seen == {sight: [one.id for one in page(engine, Query(), Sight(sight)).rows] for sight in (TENANT, OTHER)}


def _bound(engine: Engine, row: Any) -> Any:
    return row.stream_id.hex if engine.dialect.name == "sqlite" else row.stream_id
