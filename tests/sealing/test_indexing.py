"""Behind the checkpoint events come into their index, many at once; where that fails nothing else does."""

import time
from threading import Event, Thread

import pytest
from sqlalchemy import text

from flows import audit as nightly
from flows.office import Office
from flows.steps import sealing, sequencer
from flows.steps.notary import Notary
from flows.steps.sequencer import Sequencer
from storage import eventindex
from storage.engine import WAIT, alone, reading, writing
from tests.sealing.conftest import Happen, number_of, without_guards
from tests.sealing.test_notary import until

pytestmark = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True
)


def behind(office: Office) -> tuple[int, int]:
    """Leaves that wait for it, and events that it does not hold as it should."""
    with reading(office.engine) as session:
        return eventindex.waiting(session), eventindex.wrong(session)


def test_few_wait_and_many_are_taken_in_with_their_seal(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sequencer, "DUE", 10)
    monkeypatch.setattr(sequencer, "CHUNK", 4)
    happen(8)
    assert sealing.seal(office) is not None
    assert (number_of(office, "eventindex"), behind(office)) == (0, (9, 0))
    happen(3)
    assert sealing.seal(office) is not None
    assert (number_of(office, "eventindex"), behind(office)) == (11, (0, 0))


def test_a_notary_at_rest_takes_in_what_is_left(office: Office, happen: Happen):
    happen(5)
    stopped = Event()
    own = Office(office.settings)
    thread = Thread(target=Notary(own).keep, args=(stopped,))
    thread.start()
    try:
        assert until(lambda: number_of(office, "eventindex") == 5, 20)
        happen(2)
        assert until(lambda: number_of(office, "eventindex") == 7, 20)
    finally:
        stopped.set()
        thread.join(20)
        own.close()
    assert behind(office) == (0, 0)


def test_where_it_fails_all_is_sealed_and_the_next_takes_it_in(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(sequencer, "DUE", 1)
    happen(6)
    with office.engine.begin() as connection:
        connection.execute(text("ALTER TABLE eventindex RENAME TO elsewhere"))
    assert sealing.seal(office) is not None
    assert "index of events" in caplog.text
    assert sealing.verify_all(office) == (3, 6)
    with office.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO eventindex"))
    assert behind(office) == (7, 0)
    happen(1)
    assert sealing.seal(office) is not None
    assert behind(office) == (0, 0)


def test_nobody_who_seals_waits_for_whoever_makes_it_anew(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sequencer, "DUE", 1)
    happen(6)
    if office.engine.dialect.name == "postgresql":
        with writing(office.engine) as session:
            alone(session, eventindex.WORK)
            began = time.monotonic()
            assert sealing.seal(office) is not None
            assert time.monotonic() - began < WAIT / 2
        assert behind(office) == (7, 0)
    happen(1)
    assert sealing.seal(office) is not None
    assert behind(office) == (0, 0)


def test_what_takes_long_is_left_for_the_next_look(office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch):
    happen(6)
    assert sealing.seal(office) is not None
    monkeypatch.setattr(sequencer, "INDEXING", 0)
    Sequencer(office).index()
    assert behind(office) == (7, 0)
    monkeypatch.undo()
    Sequencer(office).index()
    assert behind(office) == (0, 0)


def test_several_at_once_take_in_each_leaf_once_and_all_end(office: Office, happen: Happen):
    happen(40)
    assert sealing.seal(office) is not None
    took: list[int] = []

    def take() -> None:
        while behind(office)[0]:
            with writing(office.engine) as session:
                some = eventindex.index(session, 2)
            took.append(some)

    threads = [Thread(target=take) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
        assert not one.is_alive()
    assert sum(took) == number_of(office, "leaf") == 41
    assert (number_of(office, "eventindex"), behind(office)) == (40, (0, 0))


def test_the_nightly_check_tells_what_the_index_misses(
    office: Office, happen: Happen, caplog: pytest.LogCaptureFixture
):
    happen(3)
    sealing.seal(office)
    Sequencer(office).index()
    assert nightly.verify.fn(office) == (3, 3, 0)
    assert "ashar db index" not in caplog.text
    without_guards(office, "DELETE FROM eventindex")
    assert nightly.verify.fn(office) == (3, 3, 3)
    assert "ashar db index" in caplog.text
