"""After an older database was restored nobody works on it, or looks into a case, until it has back what was signed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows.office import Office
from flows.steps import errands, housekeeping, rotating, sealing
from flows.steps.notary import Notary
from flows.steps.sequencer import WORK
from schemas.customer import Customer, Role
from schemas.doer import Doer
from schemas.errors import BrokenTrail
from schemas.event import Act, Stream
from schemas.outbox import Errand
from services import notary
from storage.engine import sole
from storage.work import looking
from tests.sealing.conftest import Happen, number_of
from tests.sealing.test_notary import until
from tests.sealing.test_rotating import BOTH, SQLITE, copy_of, restore
from tests.storage.makers import CLERK, TENANT, problem, proposed

CLERKS = Doer(CLERK.id, TENANT, frozenset({Role.COORDINATOR}))


def command(office: Office, *words: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", "--home", str(office.home), *words]


def given(office: Office) -> dict[str, object]:
    own = {"ASHAR_DATABASE_URL": office.settings.database, "ASHAR_STORE": "folder"}
    return {"env": {**os.environ, **own, "ASHAR_CLOCK": str(office.settings.clock)}, "cwd": Path(__file__).parents[2]}


@contextmanager
def notary_of(office: Office) -> Iterator[None]:
    process = subprocess.Popen(command(office, "notary", "run"), **given(office))  # type: ignore[call-overload]
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def case_of(office: Office) -> UUID:
    with looking(office.engine, office.system) as look:
        return look.session.scalars(select(col(Stream.id)).where(col(Stream.kind) == "case")).all()[0]


def look(office: Office) -> None:
    """One look of a notary that has just started."""
    Notary(office)._look(Event())


def propose(office: Office, stream: UUID) -> None:
    with office.acting(CLERKS, Act.PROBLEM_PROPOSE) as work:
        proposed(work, stream, problem())


@BOTH
def test_acts_and_readings_are_refused_until_it_is_put_right(office: Office, happen: Happen, tmp_path: Path):
    happen(3)
    sealing.seal(office)
    case = case_of(office)
    propose(office, case)  # nobody looks yet, so nothing is known to be amiss
    copy_of(office, tmp_path / "copy")
    happen(3)
    sealing.seal(office)
    restore(office, tmp_path / "copy")
    with notary_of(office):
        assert until(lambda: notary.behind(office.home), 30)
        refused = [
            lambda: propose(office, case),
            lambda: read(office, CLERKS),
            lambda: read(office, Doer(CLERK.id, TENANT, frozenset({Role.AUDITOR}))),
            lambda: erase(office),
        ]
        for one in refused:
            with pytest.raises(BrokenTrail) as broken:
                one()
            assert (broken.value.facts["stream"], broken.value.facts["why"]) == ("log", "behind")
        read(office, Doer(CLERK.id, TENANT, frozenset({Role.APPLICANT})))  # which is no event
        done = subprocess.run(
            command(office, "notary", "recover"),
            capture_output=True,
            text=True,
            check=False,
            **given(office),  # type: ignore[call-overload]
        )
        assert done.returncode == 0, done.stderr
        assert not notary.behind(office.home)
        assert notary.seen(office.home)[0]  # and whoever keeps the notary sees that it lives
        propose(office, case)
        assert until(lambda: whole(office) == 8, 90)
    assert sealing.verify_all(office)[1] == 8


def read(office: Office, doer: Doer) -> None:
    with office.looking(doer) as look:
        look.all(Customer)


def erase(office: Office) -> None:
    with office.erasing(Doer(CLERK.id, TENANT, frozenset({Role.HEAD})), Act.TRAIL_DISPOSE):
        pass


def whole(office: Office) -> int:
    try:
        return sealing.verify_all(office)[1]
    except BrokenTrail:
        return 0


@SQLITE
def test_the_sign_outlives_other_troubles_and_the_notary_itself(office: Office, happen: Happen, tmp_path: Path):
    happen(3)
    copy_of(office, tmp_path / "copy")
    sealing.seal(office)
    restore(office, tmp_path / "copy")
    look(office)
    assert office.behind
    objects = office.home / "objects"
    objects.rename(office.home / "away")
    objects.touch()
    look(office)  # the store is away
    notary.Notary(office.home, office.home / "log").stop()
    assert office.behind
    objects.unlink()
    (office.home / "away").rename(objects)
    with sole(office.engine, WORK) as mine:
        assert mine
        look(office)  # another holds the lock: this one sees nothing
    assert office.behind
    rotating.recover(office)
    look(office)
    assert not office.behind


@SQLITE
def test_meanwhile_no_errand_is_claimed_and_nothing_deleted(office: Office, happen: Happen):
    happen(1)
    case = case_of(office)
    propose(office, case)
    with office.acting(CLERKS, Act.PROBLEM_PROPOSE) as work:
        work.errand(Errand.INSPECT, proposed(work, case, problem()), "waits")
    notary.tell_behind(office.home)
    assert errands.chunk(office, [Errand.INSPECT]) == errands.Tally()
    with pytest.raises(BrokenTrail):
        housekeeping.keep_house(office, dry_run=False)
    assert number_of(office, "job") == 1
    notary.put_right(office.home)
    assert errands.chunk(office, [Errand.INSPECT]).taken == 1


def test_another_trouble_of_the_notary_stops_nobody(tmp_path: Path):
    assert not notary.behind(tmp_path)
    notary.file_of(tmp_path).parent.mkdir()
    notary.file_of(tmp_path).write_text("17\nBrokenTrail\n")
    assert not notary.behind(tmp_path)
    notary.tell_behind(tmp_path)
    assert notary.behind(tmp_path)
    assert notary.seen(tmp_path) == (17, "BrokenTrail")
    notary.put_right(tmp_path)
    notary.put_right(tmp_path)
    assert not notary.behind(tmp_path)
