"""After an older database was restored nobody works on it, or looks into a case, until it has back what was signed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows.office import Office
from flows.steps import sealing
from schemas.customer import Customer, Role
from schemas.doer import Doer
from schemas.errors import BrokenTrail
from schemas.event import Act, Stream
from services import notary
from storage.work import looking
from tests.sealing.conftest import Happen
from tests.sealing.test_notary import until
from tests.sealing.test_rotating import BOTH, copy_of, restore
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


def propose(office: Office, stream: UUID) -> None:
    with office.acting(CLERKS, Act.PROBLEM_PROPOSE) as work:
        proposed(work, stream, problem())


@BOTH
def test_acts_and_readings_are_refused_until_it_is_put_right(office: Office, happen: Happen, tmp_path: Path):
    happen(3)
    sealing.seal(office)
    with looking(office.engine, office.system) as look:
        case = look.session.scalars(select(col(Stream.id)).where(col(Stream.kind) == "case")).first()
    assert case is not None
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


def test_another_trouble_of_the_notary_stops_nobody(tmp_path: Path):
    sign = notary.file_of(tmp_path)
    sign.parent.mkdir()
    for trouble, stops in (
        ("", False),
        ("StoreDown", False),
        ("BrokenTrail fork", False),
        ("BrokenTrail behind", True),
    ):
        sign.write_text(f"17\n{trouble}\n")
        assert notary.behind(tmp_path) is stops
    notary.put_right(tmp_path)
    assert notary.seen(tmp_path) == (17, "")
    sign.write_bytes(b"\xff\xfe")
    assert not notary.behind(tmp_path)
    sign.unlink()
    assert not notary.behind(tmp_path)
    notary.put_right(tmp_path)
    assert not sign.exists()
