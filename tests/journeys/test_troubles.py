"""What goes wrong around the office and does no harm: two workers at once, a store or a database away, a poisoned case."""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from filelock import FileLock

from documents.sandbox import Reader
from flows.office import Office
from flows.steps import errands, housekeeping, intake
from schemas.errors import DatabaseBusy, StoreDown, Temporary
from schemas.event import Act, Event
from schemas.facts import Kind
from schemas.outbox import Errand, Job, JobState, Letter
from schemas.settings import Settings
from storage import engine, outbox
from storage.folder import FolderObjects
from storage.work import looking
from tests.journeys.kills import DEAD, children
from tests.journeys.papers import Counter
from tests.journeys.picture import differences, picture, troubles, undone
from tests.journeys.scenes import CHECKED, DECIDED, LETTERS, Play, at_work, hand_in, hand_in_letters, settings_of


def inspections(play: Play) -> list[int]:
    """How often each application was inspected, by number."""
    with looking(play.office.engine, play.office.system) as look:
        return [len(look.all(Event, stream_id=one.id, act=Act.APPLICATION_INSPECT)) for one in play.applications()]


# -- two workers ----------------------------------------------------------------------------------------------------


def test_two_workers_at_once_do_each_errand_once(
    home: Path, folder: Path, counter: Counter, readers: list[Reader]
) -> None:
    settings = Settings(home=home, store=settings_of(home).store, clock=home / "clock")
    with at_work(home, readers[0], settings=settings) as play:
        hand_in_letters(play, counter, 8)

    def worker(mine: int) -> int:
        with at_work(home, readers[mine], settings=settings) as play:
            folder.joinpath(f"ready-{mine}").touch()
            while not all(folder.joinpath(f"ready-{one}").exists() for one in range(2)):
                time.sleep(0.001)
            tally = errands.drain(play.office, [Errand.INSPECT, Errand.SEND_LETTER], size=2)
            assert tally.troubles == []
            return tally.done

    done = children([lambda: worker(0), lambda: worker(1)])
    assert sum(done) == 16  # an inspection and its receipt each
    with at_work(home, readers[0], settings=settings) as play:
        assert inspections(play) == [1] * 8
        assert troubles(play.office) == undone(home) == []
        assert len(list((home / "outbox").glob("*.eml"))) == 8


# -- the object store is away ---------------------------------------------------------------------------------------


class Stormy(FolderObjects):
    """One write in `every` finds the store away."""

    def __init__(self, path: Path, every: int) -> None:
        super().__init__(path)
        self.every = every
        self.asked = self.refused = 0

    def _weather(self) -> None:
        self.asked += 1
        if self.asked % self.every == 1:
            self.refused += 1
            raise StoreDown(why="storm")

    def put(self, key: str, source: BinaryIO, size: int, sha256: str, until: datetime | None = None) -> str:
        self._weather()
        return super().put(key, source, size, sha256, until)

    def lock(self, key: str, until: datetime, mark: str = "") -> None:
        self._weather()
        super().lock(key, until, mark)


def test_a_store_that_is_away_in_the_middle_changes_nothing_in_the_end(
    announced: Path, home: Path, folder: Path, counter: Counter, readers: list[Reader], at_once: None
) -> None:
    calm = shutil.copytree(announced, folder / "calm")
    steps = [hand_in(counter.package("taza-muun")), *CHECKED, *DECIDED, LETTERS]
    with at_work(calm, readers[0]) as play:
        for _, step in steps:
            step(play)
        assert undone(calm) != []  # the contract is yet to be drafted
    sea = Stormy(home / "objects", every=17)  # more than the files of a package, or none would ever get through
    with at_work(home, readers[0], objects=sea) as play:
        for _, step in steps:
            until_done(play, step)
            sea.every = 2
        assert sea.refused > 3
        assert differences(picture(calm), picture(home)) == []
        assert troubles(play.office) == []


def until_done(play: Play, step) -> None:
    """People try again; an errand that was put back is done by the next run."""
    for _ in range(20):
        try:
            step(play)
        except Temporary:
            continue
        except AssertionError as told:
            assert "StoreDown" in str(told)
            continue
        return
    raise AssertionError("never done")


# -- the database is locked -----------------------------------------------------------------------------------------


@contextmanager
def writers_turn(home: Path) -> Iterator[None]:
    """Somebody of ours writes for long."""
    with FileLock(f"{home / 'ashar.db'}.turn"):
        yield


@contextmanager
def foreign_lock(home: Path) -> Iterator[None]:
    """Another program holds the database file."""
    with closing(sqlite3.connect(home / "ashar.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.parametrize("lock", [writers_turn, foreign_lock])
def test_a_locked_database_is_told_as_temporary_and_nothing_is_half_written(
    lock, home: Path, counter: Counter, readers: list[Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT", 1)
    package = counter.package("taza-muun", only=(Kind.LETTER,))
    before = picture(home)
    with at_work(home, readers[0]) as play:
        secretary, contest = play.doer("secretary"), play.contest
        play.clock.set(package.arrives_at)
        with lock(home):
            with pytest.raises(DatabaseBusy) as busy:
                intake.hand_in(play.office, secretary, contest, package.path, sender=package.sender)
            assert isinstance(busy.value, Temporary)
            assert busy.value.exit_code == 75
            with pytest.raises(DatabaseBusy):
                errands.drain(play.office, [Errand.INSPECT])
            assert differences(before, picture(home)) == []
        given = intake.hand_in(play.office, secretary, contest, package.path, sender=package.sender)
        assert (given.number, given.again) == (1, False)


# -- a poisoned case ------------------------------------------------------------------------------------------------


def stuck(play: Play) -> list[Job]:
    with looking(play.office.engine, play.office.system) as look:
        return look.all(Job, state=JobState.FOR_A_PERSON)


def test_a_poisoned_case_stops_no_other_and_becomes_a_persons_task(
    home: Path, counter: Counter, readers: list[Reader], at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(office: Office, job: Job) -> None:
        if job.subject_id == bad:
            raise RuntimeError("nobody knows this")
        intake.inspect(office, job)

    with at_work(home, readers[0]) as play:
        hand_in_letters(play, counter, 4)
        bad = play.applications()[1].id
        with monkeypatch.context() as patch:
            patch.setitem(errands.HANDLERS, Errand.INSPECT, poisoned)
            for _ in range(play.office.settings.attempts):
                errands.drain(play.office, [Errand.INSPECT])
        assert inspections(play) == [1, 0, 1, 1]
        assert [(one.subject_id, one.trouble) for one in stuck(play)] == [(bad, "RuntimeError: nobody knows this")]

        assert [housekeeping.keep_house(play.office).handed_over for _ in range(2)] == [1, 0]
        LETTERS[1](play)
        with looking(play.office.engine, play.office.system) as look:
            told = [one for one in look.all(Letter, code="errand_for_a_person") if one.sent_at]
        assert [one.to for one in told] == ["g.isakova@batken.example"]  # the coordinator of the city

        outbox.again(play.office.engine, stuck(play)[0].id, now=play.office.machine_now())
        assert errands.drain(play.office, [Errand.INSPECT]).done == 1
        assert inspections(play) == [1, 1, 1, 1]
        assert troubles(play.office) == []


def test_an_errand_that_kills_its_worker_takes_no_other_along(
    home: Path, counter: Counter, readers: list[Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadly(office: Office, job: Job) -> None:
        if job.subject_id == bad:
            os.kill(os.getpid(), signal.SIGKILL)
        intake.inspect(office, job)

    with at_work(home, readers[0]) as play:
        hand_in_letters(play, counter, 4)
        bad = play.applications()[1].id
    monkeypatch.setitem(errands.HANDLERS, Errand.INSPECT, deadly)

    def worker() -> int:
        with at_work(home, readers[0]) as play:
            housekeeping.keep_house(play.office)
            return errands.drain(play.office, [Errand.INSPECT]).done

    ends = [children([worker])[0] for _ in range(6)]
    assert ends == [DEAD] * 5 + [0]
    with at_work(home, readers[0]) as play:
        assert inspections(play) == [1, 0, 1, 1]
        assert [one.subject_id for one in stuck(play)] == [bad]
        with looking(play.office.engine, play.office.system) as look:
            tried = [one.attempts for one in look.all(Job, errand=Errand.INSPECT) if one.subject_id != bad]
        assert max(tried) <= 2
