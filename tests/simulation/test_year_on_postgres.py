"""A year of the same life on PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from cli.demo import cities
from schemas.application import Application, Organisation
from schemas.contract import Contract, ContractStatus
from schemas.doer import CLOCK
from schemas.event import Act
from services.postgres import Postgres
from storage import migrate
from storage.grants import grant
from storage.ledger import Because
from tests.offices import FILES, OURS, Desk, Papers
from tests.simulation.test_five_years import lived

pytestmark = pytest.mark.server


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    folder = Path(tempfile.mkdtemp(prefix="ashar-postgres-"))
    server = Postgres(folder)
    server.start()
    migrate.upgrade(server.url)
    grant(server.url, "ashar_app", "secret")
    url = make_url(server.url).set(username="ashar_app", password="secret")
    address = SecretStr(url.render_as_string(hide_password=False))
    desk = Desk(tmp_path, Papers(tmp_path / "papers"), settings={"database_url": address})
    desk.journey.towns = desk.journey.towns[:1]
    desk.journey.problems()
    desk.journey.announce(FILES)
    like(desk)
    yield desk
    desk.office.close()
    server.stop()
    shutil.rmtree(folder)


def like(desk: Desk) -> None:
    """A case with a contract that is over, for the contracts of the simulation to be like."""
    case, contest = uuid4(), desk.contest
    with desk.office.acting(CLOCK, Act.CONTRACT_PREPARE) as work:
        work.open_stream(case, contest.tenant_id, "case")
        of = {"stream": case, "tenant": contest.tenant_id}
        organisation = work.new(Organisation(inn="01234567890123", name="Таза Муун", head="А. Б."), **of)
        told = {"sender": "ngo@example.kg", "received_at": desk.office.now(), "package_sha256": f"{1:064}"}
        at = {"contest_id": contest.id, "organisation_id": organisation.id, "number": 1}
        work.new(Application(id=case, **at, **told), **of)
        days = {"starts": date(2018, 10, 1), "ends": date(2019, 3, 31)}
        figures = {
            "amount": 100,
            "lines": [],
            "indicators": [],
            "status": ContractStatus.TERMINATED,
            "signed_on": date(2018, 9, 20),
        }
        contract = Contract(application_id=case, organisation_id=organisation.id, number="T-1", **days, **figures)
        work.new(contract, **of)
        work.record(Act.CONTRACT_PREPARE, contract, because=Because(rule="winner"))


def test_every_letter_of_a_year_is_known_to_the_oracle_and_none_is_missing(desk: Desk) -> None:
    assert cities.load(OURS).number == desk.contest.number
    teller = lived(desk, 7, date(2021, 12, 31))

    assert {name for _, name, *_ in teller.story} >= {"hand_in", "accept", "visit", "killed", "sweep", "mail"}
