"""The same office on PostgreSQL, under a role that owns nothing: from a registered customer to inspected packages."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from docx import Document as Word
from pydantic import SecretStr
from sqlalchemy import make_url

from cli.demo import cities
from cli.demo.journey import Clock, Journey, Town
from flows.office import Office
from flows.steps import audit, completeness, errands, housekeeping, intake
from schemas.application import ApplicationStatus
from schemas.doer import CLOCK
from schemas.outbox import Errand
from schemas.settings import Settings, Store
from services.postgres import Postgres
from storage import migrate
from storage.grants import grant

pytestmark = pytest.mark.server


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    folder = Path(tempfile.mkdtemp(prefix="ashar-postgres-"))
    server = Postgres(folder)
    server.start()
    migrate.upgrade(server.url)
    grant(server.url, "ashar_app", "secret")
    url = make_url(server.url).set(username="ashar_app", password="secret")
    address = SecretStr(url.render_as_string(hide_password=False))
    office = Office(Settings(home=tmp_path, database_url=address, store=Store.FOLDER, clock=tmp_path / "clock"))
    yield office
    office.close()
    server.stop()
    shutil.rmtree(folder)


def test_a_contest_is_announced_and_a_package_taken_in_inspected_opened_and_checked(office: Office, tmp_path: Path):
    town = Town(cities.load("batken"), [])
    journey = Journey(office, [town], Clock(tmp_path / "clock"), lambda *_: None)
    journey.clock.set(town.city.cutoff - timedelta(days=90))
    journey.problems()
    journey.announce(Path(cities.__file__).parent / "cities")
    package = tmp_path / "package"
    package.mkdir()
    paper = Word()
    paper.add_paragraph("Арыз. Баткен шаарынын мэриясына. ИНН 01234567890123")
    paper.save(str(package / "Арыз.docx"))
    journey.clock.set(town.city.cutoff - timedelta(hours=1))
    secretary, contest = journey.doer(town, "secretary"), journey.contest(town)

    given = intake.hand_in(office, secretary, contest, package, sender="ngo@example.kg")
    assert intake.hand_in(office, secretary, contest, package, sender="ngo@example.kg").again
    tally = errands.drain(office, list(Errand))
    assert (tally.put_back, tally.for_a_person, tally.troubles) == (0, 0, [])

    journey.clock.set(town.city.cutoff + timedelta(minutes=5))
    completeness.close(office, CLOCK, contest.id)
    tally = errands.drain(office, list(Errand))
    assert (tally.put_back, tally.for_a_person, tally.troubles) == (0, 0, [])
    [application] = journey.applications(town)
    assert (application.number, application.id) == (1, given.application_id)
    assert application.status in (ApplicationStatus.TO_CURE, ApplicationStatus.REFUSED)
    assert housekeeping.keep_house(office).handed_over == 0
    assert audit.seal(office) is not None
    streams, events = audit.verify_all(office)
    assert streams > 5
    assert events > streams
    head = journey.doer(town, "head")
    assert audit.export(office, head, application.id, tmp_path / "case.zip").stat().st_size > 1000
