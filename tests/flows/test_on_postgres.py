"""The same office on PostgreSQL, under a role that owns nothing: from a registered customer to inspected packages."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from docx import Document as Word
from pydantic import SecretStr
from sqlalchemy import make_url

from cli.demo import cities
from cli.demo.journey import Clock, Journey, Town
from flows.office import Office
from flows.steps import completeness, dossier, errands, housekeeping, intake, monitoring, sealing
from flows.steps.notary import Notary
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import Errand, Letter
from schemas.report import Period
from schemas.settings import Settings, Store
from services.postgres import Postgres
from storage import migrate
from storage.grants import grant
from storage.ledger import Because
from storage.work import looking

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
    with notary_beside(server.url, tmp_path):
        yield office
    office.close()
    server.stop()
    shutil.rmtree(folder)


@contextmanager
def notary_beside(owner: str, home: Path) -> Iterator[None]:
    """Whoever seals has a role of its own, as on a real installation."""
    grant(owner, "ashar_notary", "secret", notary=True)
    address = make_url(owner).set(username="ashar_notary", password="secret").render_as_string(hide_password=False)
    settings = Settings(home=home, database_url=SecretStr(address), store=Store.FOLDER, clock=home / "clock")
    office, stopped = Office(settings), Event()
    thread = Thread(target=Notary(office).keep, args=(stopped,))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(30)
        office.close()


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
    sealing.seal(office)  # waits for the notary where it was not quicker
    streams, events = sealing.verify_all(office)
    assert streams > 5
    assert events > streams
    head = journey.doer(town, "head")
    made = dossier.dossier(office, head, application.id, tmp_path / "case.zip")
    assert made.path.stat().st_size > 1000


def test_two_sweeps_at_once_take_each_step_once(office: Office, tmp_path: Path):
    town = Town(cities.load("batken"), [])
    journey = Journey(office, [town], Clock(tmp_path / "clock"), lambda *_: None)
    journey.clock.set(town.city.cutoff - timedelta(days=90))
    journey.problems()
    journey.announce(Path(cities.__file__).parent / "cities")
    for number in range(1, 41):
        signed(office, journey.contest(town), number)
    (tmp_path / "clock").write_text("2019-01-08T02:00:00+00:00")  # the first working day after the end

    with ThreadPoolExecutor(2) as pool:
        swept = list(pool.map(lambda size: monitoring.sweep(office, size=size), (7, 5)))

    assert [one.troubles for one in swept] == [[], []]
    assert sum(one.opened for one in swept) == 40
    with looking(office.engine, office.system) as look:
        told = Counter((one.code, one.facts["number"]) for one in look.all(Letter) if "period" in one.facts)
    assert told == Counter({("period_ended", f"T-{number}"): 1 for number in range(1, 41)})


def signed(office: Office, contest: Contest, number: int) -> None:
    """A contract with a period that has begun and ended."""
    case, begins, ends = uuid4(), date(2018, 10, 1), date(2018, 12, 31)
    with office.acting(CLOCK, Act.CONTRACT_PREPARE) as work:
        work.open_stream(case, contest.tenant_id, "case")
        of = {"stream": case, "tenant": contest.tenant_id}
        organisation = work.new(Organisation(inn=f"{number:014}", name="Таза Муун", head="А. Б."), **of)
        told = {"sender": "ngo@example.kg", "received_at": office.now(), "package_sha256": f"{number:064}"}
        work.new(
            Application(id=case, contest_id=contest.id, organisation_id=organisation.id, number=number, **told), **of
        )
        contract = Contract(
            application_id=case,
            organisation_id=organisation.id,
            number=f"T-{number}",
            amount=100,
            starts=begins,
            ends=ends,
            lines=[],
            indicators=[],
            status=ContractStatus.SIGNED,
        )
        work.new(contract, **of)
        days = {"starts": begins, "ends": ends, "due": date(2019, 1, 18), "wakes_on": begins}
        work.new(Period(contract_id=contract.id, number=1, of=1, **days), **of)
        work.record(Act.CONTRACT_PREPARE, contract, because=Because(rule="winner"))
