"""The index of events: written by the database alone, as they get their place; what it says can be reckoned from the events."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from schemas.event import Act
from storage import eventindex, grants, state
from storage.engine import connect, reading, writing
from storage.work import working
from tests.storage.makers import CLERK, NOW, OTHER, REASON, STRANGER, TENANT, prioritise, propose
from tests.storage.test_search import placed


def wrong(engine: Engine) -> int:
    with reading(engine) as session:
        return eventindex.wrong(session)


def held(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(text("SELECT count(*) FROM eventindex")) or 0


def test_an_event_comes_into_it_with_its_place(engine: Engine):
    row = propose(engine)
    prioritise(engine, row, 3)
    assert held(engine) == 0
    with reading(engine) as session:
        assert eventindex.waits(session)
    placed(engine)
    prioritise(engine, row, 4)
    assert held(engine) == 2
    placed(engine)
    assert held(engine) == 3
    assert wrong(engine) == 0
    with reading(engine) as session:
        assert not eventindex.waits(session)


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM eventindex WHERE seq = 2",
        "UPDATE eventindex SET rule = 'x' WHERE seq = 2",
        "UPDATE eventindex SET seq = 7 WHERE seq = 2",
        "INSERT INTO eventindex SELECT tenant_id, at, stream_id, 9, contest_id, actor_id, act, rule FROM eventindex WHERE seq = 1",
        "UPDATE eventindex SET contest_id = stream_id WHERE seq = 2",
    ],
)
def test_what_it_does_not_hold_as_it_is_shows_and_can_be_put_right(engine: Engine, attack: str):
    row = propose(engine)
    prioritise(engine, row, 3)
    prioritise(engine, row, 4)
    placed(engine)
    prioritise(engine, row, 5)  # which waits, and is not missed
    assert wrong(engine) == 0
    with writing(engine) as session:
        session.execute(text(attack))
    assert wrong(engine) > 0
    with writing(engine) as session:
        assert eventindex.rebuild(session) == 3
    assert wrong(engine) == 0
    placed(engine)
    assert (held(engine), wrong(engine)) == (4, 0)


def test_a_leaf_that_is_refused_leaves_nothing(engine: Engine):
    row = propose(engine)
    placed(engine)
    with pytest.raises(DBAPIError), writing(engine) as session:
        session.execute(text("INSERT INTO leaf (position, event_id, hash) SELECT 7, event_id, hash FROM leaf"))
    assert held(engine) == 1
    assert row.id


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
    for step in (lambda: None, lambda: placed(engine), lambda: prioritise(engine, second, 3)):
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
        for attack in ("DELETE FROM eventindex", "UPDATE eventindex SET rule = 'x'"):
            with pytest.raises(DBAPIError, match="permission denied"), writing(role) as session:
                session.execute(text(attack))
    finally:
        role.dispose()
