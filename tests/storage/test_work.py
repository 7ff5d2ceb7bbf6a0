"""Nothing is written without its event, nobody reads another customer's rows, and of two at once one is told so."""

import time
from threading import Barrier, Event
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.event import listen
from sqlmodel import col, select

from schemas.customer import Language, Person
from schemas.errors import NotFound, Overtaken, TooLong
from schemas.event import Act, Disclosure, Stream
from schemas.event import Event as Record
from schemas.outbox import Errand, Job, Letter
from schemas.programme import Problem
from services.child import until
from storage.engine import reading
from storage.trail import trail, verify
from storage.work import Work, looking, working
from tests.storage.makers import (
    CLERK,
    NOW,
    REASON,
    STRANGER,
    SYSTEM,
    TENANT,
    in_threads,
    person,
    prioritise,
    problem,
    propose,
    proposed,
)


def count(engine: Engine, model: type) -> int:
    with reading(engine) as session:
        return len(session.scalars(select(model)).all())


class TestAnotherCustomersRow:
    def test_it_is_answered_like_a_missing_one(self, engine: Engine):
        row = propose(engine)
        for by, there in ((CLERK, True), (SYSTEM, True), (STRANGER, False)):
            with looking(engine, by) as look:
                assert (look.one(Problem, id=row.id) is not None) is there
                assert (len(look.all(Problem)) == 1) is there
                if there:
                    assert look.get(Problem, row.id).title == row.title
                    continue
                with pytest.raises(NotFound) as theirs:
                    look.get(Problem, row.id)
                with pytest.raises(NotFound) as missing:
                    look.get(Problem, uuid4())
                assert theirs.value.facts.keys() == missing.value.facts.keys()

    def test_it_cannot_be_taken_for_a_change(self, engine: Engine):
        row = propose(engine)
        with pytest.raises(NotFound):
            prioritise(engine, row, 1, by=STRANGER)

    def test_nor_be_held(self, engine: Engine):
        row = propose(engine)
        for by in (CLERK, SYSTEM):
            with working(engine, by, NOW) as work:
                work.hold(Problem, row.id)
        with pytest.raises(NotFound), working(engine, STRANGER, NOW) as work:
            work.hold(Problem, row.id)

    def test_what_belongs_to_no_customer_is_shown_to_none(self, engine: Engine):
        propose(engine)
        with looking(engine, CLERK) as look, pytest.raises(TypeError):
            look.all(Disclosure)
        with looking(engine, SYSTEM) as look:
            assert len(look.all(Disclosure)) == 1


def test_rows_are_asked_for_by_value_by_one_of_many_and_by_nothing(engine: Engine):
    rows = [propose(engine) for _ in range(3)]
    prioritise(engine, rows[0], 1)
    prioritise(engine, rows[1], 2)
    with looking(engine, CLERK) as look:
        assert [one.priority for one in look.all(Problem, priority=[2, 1], order="priority")] == [1, 2]
        assert [one.id for one in look.all(Problem, priority=None)] == [rows[2].id]
        assert look.all(Problem, id=[]) == []


def test_whether_there_is_such_a_row_is_told_within_one_customer(engine: Engine):
    row = propose(engine)
    for by, there in ((CLERK, True), (SYSTEM, True), (STRANGER, False)):
        with looking(engine, by) as look:
            assert look.some(Problem, id=[row.id, uuid4()]) is there
            assert look.some(Problem, id=uuid4()) is False


def test_a_change_without_an_event_is_not_committed(engine: Engine):
    row = propose(engine)
    with pytest.raises(ValueError, match="without an event: problem"), working(engine, CLERK, NOW) as work:
        work.get(Problem, row.id).priority = 7
    with pytest.raises(ValueError, match="without an event: problem"), working(engine, CLERK, NOW) as work:
        work.new(problem(), stream=row.stream_id)
    with looking(engine, CLERK) as look:
        assert [one.priority for one in look.all(Problem)] == [None]


def test_an_event_tells_only_of_its_own_stream(engine: Engine):
    first, second = propose(engine), propose(engine)
    with pytest.raises(ValueError, match="without an event"), working(engine, CLERK, NOW) as work:
        work.get(Problem, first.id).priority = 1
        work.get(Problem, second.id).priority = 2
        work.record(Act.PROBLEM_PRIORITISE, work.get(Problem, first.id), because=REASON)


def test_a_value_put_back_before_the_event_is_no_change(engine: Engine):
    row = propose(engine)
    with working(engine, CLERK, NOW) as work:
        told = work.get(Problem, row.id)
        told.priority, told.numbers = 7, row.numbers
        told.priority = None
        work.record(Act.CASE_READ, told, because=REASON)
    with looking(engine, CLERK) as look:
        assert look.get(Problem, row.id).version == 1
        assert trail(look.session, row.stream_id)[-1].body["changes"] == []


def test_whatever_goes_wrong_takes_everything_back(engine: Engine):
    row = propose(engine)
    with pytest.raises(RuntimeError), working(engine, CLERK, NOW) as work:
        leave(work, work.get(Problem, row.id))
        raise RuntimeError
    assert [count(engine, one) for one in (Record, Letter, Job)] == [1, 0, 0]
    with reading(engine) as session:
        assert verify(session, row.stream_id) == 1


def leave(work: Work, row: Problem) -> None:
    """An event with a letter and an errand."""
    row.priority = (row.priority or 0) + 1
    work.record(Act.PROBLEM_PRIORITISE, row, because=REASON)
    work.errand(Errand.INSPECT, row, "once")
    work.letter("once", row, to="a@example.kg", language=Language.KY, code="receipt", facts={"ө": 1})


def test_one_letter_and_one_errand_for_each_key(engine: Engine):
    row = propose(engine)
    for _ in range(2):
        with working(engine, CLERK, NOW) as work:
            leave(work, work.get(Problem, row.id))
            leave(work, work.get(Problem, row.id))
    assert [count(engine, one) for one in (Record, Letter, Job)] == [5, 1, 2]


def test_the_same_key_from_two_streams_at_once_is_one_errand(engine: Engine):
    rows, ready = [propose(engine) for _ in range(2)], Barrier(2)

    def task(number: int) -> None:
        ready.wait()
        with working(engine, CLERK, NOW) as work:
            leave(work, work.get(Problem, rows[number].id))
            time.sleep(0.05)

    assert {type(one) for one in in_threads(2, task)} <= {Overtaken}
    assert [count(engine, one) for one in (Letter, Job)] == [1, 2]


def test_a_letter_follows_an_event(engine: Engine):
    row = propose(engine)
    with pytest.raises(ValueError, match="follows an event"), working(engine, CLERK, NOW) as work:
        work.letter("k", row, to="a@example.kg", language=Language.KY, code="receipt", facts={})


def test_of_two_who_change_what_they_saw_one_is_overtaken(engine: Engine):
    """Rows read without a hold: whoever comes second learns that he decided on old news."""
    row, seen = propose(engine), Barrier(2)

    def task(number: int) -> None:
        with working(engine, CLERK, NOW) as work:
            told = work.all(Problem, id=row.id)[0]
            if engine.dialect.name == "postgresql":
                seen.wait(20)
            told.priority = number + 1
            work.record(Act.PROBLEM_PRIORITISE, told, because=REASON)

    raised = in_threads(2, task)
    events = 2 if engine.dialect.name == "postgresql" else 3  # SQLite lets the second see what the first did
    assert [type(one) for one in raised] == [Overtaken] * (3 - events)
    with reading(engine) as session:
        assert verify(session, row.stream_id) == events


def test_the_same_login_at_once_is_one_person(engine: Engine):
    ready = Barrier(2)

    def task(_: int) -> None:
        ready.wait()
        propose(engine, row=person(login="head"))

    assert [type(one) for one in in_threads(2, task)] == [Overtaken]
    assert count(engine, Person) == 1


def test_eight_at_one_stream_leave_no_gap(engine: Engine):
    row = propose(engine)

    def task(number: int) -> None:
        for turn in range(5):
            prioritise(engine, row, number * 10 + turn + 1)

    assert in_threads(8, task) == []
    with reading(engine) as session:
        assert verify(session, row.stream_id) == 41
        assert session.scalar(select(col(Stream.seq)).where(col(Stream.id) == row.stream_id)) == 41
        assert session.get_one(Problem, row.id).version == 41


def _prioritised(work: Work, row: Problem, priority: int) -> None:
    held = work.get(Problem, row.id)
    held.priority = priority
    work.record(Act.PROBLEM_PRIORITISE, held, because=REASON)


def test_no_rows_are_asked_for_and_none_are_found(engine: Engine):
    with working(engine, CLERK, NOW) as work:
        assert work.get_all(Problem, []) == {}
        assert work.get_all(Letter, []) == {}


def test_the_head_of_a_stream_comes_with_its_row(engine: Engine):
    row, asked = propose(engine), list[str]()
    listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2].split()[0]))

    with working(engine, CLERK, NOW) as work:
        _prioritised(work, row, 1)

    # the row, its event, the row again, and the words of the reason
    assert [verb for verb in asked if verb != "BEGIN"] == ["SELECT", "INSERT", "UPDATE", "INSERT"]


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("waits", [False, True])
def test_a_head_that_moved_on_since_it_was_read_is_asked_for(engine: Engine, waits: bool):
    """Two rows of one stream: who comes second has read the head before the first wrote, or moves when it commits."""
    first = propose(engine)
    second = propose(engine, first.stream_id)
    read, written, committed = Event(), Event(), Event()

    def task(number: int) -> None:
        with working(engine, CLERK, NOW) as work:
            if number == 0:
                read.wait(20)
                _prioritised(work, first, 1)
                written.set()
                if waits:
                    _until_one_waits(engine)
            else:
                held = work.get(Problem, second.id)
                read.set()
                (written if waits else committed).wait(20)
                for priority in (2, 3):  # the second time it goes on from what it has written
                    held.priority = priority
                    work.record(Act.PROBLEM_PRIORITISE, held, because=REASON)
        committed.set()

    assert in_threads(2, task) == []
    with reading(engine) as session:
        assert verify(session, first.stream_id) == 5
        assert session.get_one(Problem, second.id).priority == 3


def _until_one_waits(engine: Engine) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert until(lambda: connection.scalar(text(waiting)) > 0, 20)


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_two_streams_do_not_wait_for_each_other(engine: Engine):
    """Nor does a row that only names one which is held."""
    first, second, held, done = propose(engine), propose(engine), Event(), Event()

    def task(number: int) -> None:
        if number == 0:
            with working(engine, CLERK, NOW) as work:
                work.get(Problem, first.id).priority = 1
                work.record(Act.PROBLEM_PRIORITISE, work.get(Problem, first.id), because=REASON)
                held.set()
                assert done.wait(20), "the other stream waited"
        else:
            held.wait(20)
            prioritise(engine, second, 2)
            with engine.begin() as connection:  # a foreign key to the held row, as a new application has to its contest
                naming = "SELECT 1 FROM problem WHERE id = :id FOR KEY SHARE"
                connection.execute(text("SET LOCAL lock_timeout = '2s'"))
                connection.execute(text(naming), {"id": first.id})
            done.set()

    assert in_threads(2, task) == []


def test_a_stream_of_several_nouns_is_written_parents_first(engine: Engine):
    with working(engine, CLERK, NOW) as work:
        home = uuid4()
        work.open_stream(home, TENANT, "person")
        work.new(person(), stream=home)
        proposed(work, home, problem())
    with reading(engine) as session:
        assert verify(session, home) == 1


def test_a_text_longer_than_its_place_is_refused_alike_on_every_database(engine: Engine):
    with pytest.raises(TooLong) as refused:
        propose(engine, row=Problem(title={"ky": "x"}, description={"ky": "x"}, proposed_by="а" * 201))
    assert (refused.value.facts["length"], refused.value.facts["limit"]) == (201, 200)
    with reading(engine) as session:
        assert session.scalars(select(Problem)).all() == []


class TestGathering:
    def test_what_is_gathered_is_what_would_have_been_written_one_by_one(self, engine: Engine):
        rows = [propose(engine) for _ in range(7)]
        statements: list[str] = []
        listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        with working(engine, CLERK, NOW) as work:
            work.gather()
            for number, row in enumerate(work.get_all(Problem, [one.id for one in rows]).values()):
                row.priority = number
                work.record(Act.PROBLEM_PRIORITISE, row, because=REASON)
                work.letter(f"one:{number}", row, to="a@b.kg", language=Language.KY, code="receipt", facts={})
        assert [one.partition(" INTO ")[2].partition(" ")[0] for one in statements].count("event") == 1
        with looking(engine, CLERK) as look:
            for number, row in enumerate(sorted(rows, key=lambda one: one.id.hex)):
                held, entries = look.get(Problem, row.id), trail(look.session, row.stream_id)
                assert (held.priority, held.version, entries[-1].body["changes"][0]["new"]) == (number, 2, number)
                assert verify(look.session, row.stream_id) == 2
            assert len(look.all(Letter)) == 7
        prioritise(engine, rows[0], 9)  # whoever comes next goes on from there

    def test_another_event_of_a_stream_comes_after_what_waits_there(self, engine: Engine):
        row = propose(engine)
        other = propose(engine, row.stream_id)
        with working(engine, CLERK, NOW) as work:
            work.gather()
            one, two = work.get(Problem, row.id), work.get(Problem, other.id)
            one.priority = 1
            work.record(Act.PROBLEM_PRIORITISE, one, because=REASON)
            two.priority = 2
            work.record(Act.PROBLEM_PRIORITISE, two, because=REASON)
            one.priority = 3
            work.record(Act.PROBLEM_PRIORITISE, one, because=REASON)
        with looking(engine, CLERK) as look:
            told = [entry.body["changes"][0]["new"] for entry in trail(look.session, row.stream_id)[2:]]
            assert told == [1, 2, 3]
            assert verify(look.session, row.stream_id) == 5

    def test_a_row_is_not_changed_between_its_event_and_its_writing(self, engine: Engine):
        row = propose(engine)
        with pytest.raises(ValueError, match="changed after its event"), working(engine, CLERK, NOW) as work:
            work.gather()
            held = work.get(Problem, row.id)
            held.priority = 1
            work.record(Act.PROBLEM_PRIORITISE, held, because=REASON)
            held.priority = 2
            work.record(Act.PROBLEM_PRIORITISE, held, because=REASON)
        with looking(engine, CLERK) as look:
            assert look.get(Problem, row.id).priority is None

    def test_what_was_changed_without_an_event_is_refused_as_ever(self, engine: Engine):
        row = propose(engine)
        other = propose(engine)
        with pytest.raises(ValueError, match="without an event"), working(engine, CLERK, NOW) as work:
            work.gather()
            held = work.get(Problem, row.id)
            held.priority = 1
            work.record(Act.PROBLEM_PRIORITISE, held, because=REASON)
            work.get(Problem, other.id).priority = 2
