"""Behind the checkpoint events come into their index, many at once; where that fails nothing else does."""

from threading import Event, Thread

import pytest

from flows.office import Office
from flows.steps import sealing, sequencer
from flows.steps.notary import Notary
from flows.steps.sequencer import Sequencer
from schemas.errors import DatabaseBusy
from storage import eventindex
from storage.engine import reading
from tests.sealing.conftest import Happen, number_of
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


class Hindered(Sequencer):
    """One whose index cannot be written."""

    def index(self, *, least: int = 1, stop: object = None) -> None:
        raise DatabaseBusy(why="turn")


def test_where_it_fails_all_is_sealed_and_the_next_takes_it_in(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sequencer, "DUE", 1)
    happen(6)
    assert Hindered(office).drain() is not None
    assert sealing.verify_all(office) == (3, 6)
    assert behind(office) == (7, 0)
    happen(1)
    assert sealing.seal(office) is not None
    assert behind(office) == (0, 0)


def test_one_that_is_told_to_stop_goes_on_the_next_time(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sequencer, "CHUNK", 2)
    happen(6)
    assert sealing.seal(office) is not None
    told = iter([False, False, True])
    Sequencer(office).index(stop=lambda: next(told))
    assert behind(office) == (3, 0)
    Sequencer(office).index()
    assert behind(office) == (0, 0)


def test_several_at_once_take_in_each_event_once_and_all_end(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sequencer, "CHUNK", 2)
    happen(40)
    assert sealing.seal(office) is not None
    threads = [Thread(target=Sequencer(office).index) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
        assert not one.is_alive()
    assert (number_of(office, "eventindex"), behind(office)) == (40, (0, 0))
