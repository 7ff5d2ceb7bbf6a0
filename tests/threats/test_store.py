"""What is under hold is locked in the store itself: a real S3 server with object lock, or a folder."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from flows.office import Office
from flows.steps import filing, holds
from flows.steps.holds import Order
from schemas.customer import Customer, Role
from schemas.document import Blob, Document
from schemas.errors import Retained
from schemas.event import Act
from schemas.facts import Kind
from storage.folder import machine_clock
from storage.ledger import Because
from storage.objects import Objects
from storage.work import looking
from tests.storage.test_objects import s3_objects
from tests.threats.makers import Attacked, attacked

COURT = Order("Баткен райондук сотунун аныктамасы", "AC-7/18", date(2018, 11, 1), "Баткен райондук соту")


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.server)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Attacked]:
    """A customer with a paper of its own."""
    objects: Objects | None = None
    if request.param == "s3":
        objects = s3_objects(request.getfixturevalue("s3"), f"hold-{uuid4().hex[:12]}")
    made = attacked(f"sqlite:///{tmp_path / 'ashar.db'}", tmp_path)
    office = made.office
    if objects is not None:
        office.close()
        made.office = office = Office(office.settings, objects=objects)
    paper(made, b"the order")
    yield made
    office.close()


def paper(home: Attacked, content: bytes) -> str:
    """A paper of the customer on record; the key of its bytes."""
    office = home.office
    kept = office.keep(home.tenant, content)
    with office.acting(replace(home.doer(Role.SECRETARY)), Act.PAPER_REGISTER) as work:
        row = work.get(Customer, home.tenant)
        filing.register(office, work, kept, subject=row, kind=Kind.NOTICE, name="буйрук.docx")
        work.record(Act.PAPER_REGISTER, row, because=Because(rule="minutes"), files=[kept.sha256])
    return kept.key


def keys(home: Attacked) -> list[str]:
    with looking(home.office.engine, home.office.system) as look:
        held = [one.blob_id for one in look.all(Document) if one.blob_id]
        return sorted(one.key for one in look.all(Blob, id=held))


def test_nobody_deletes_its_bytes_past_the_program(home: Attacked):
    [key] = keys(home)
    holds.place(home.office, home.doer(Role.LAWYER), home.tenant, COURT)
    with pytest.raises(Retained) as kept:
        home.office.objects.delete(key)
    assert kept.value.facts["until"] > machine_clock() + timedelta(days=365)
    assert home.office.objects.size(key) == len(b"the order")


def test_what_comes_later_is_locked_by_the_flow_and_an_end_is_kept_to(home: Attacked):
    last = home.office.machine_now().date() + timedelta(days=3000)
    holds.place(home.office, home.doer(Role.LAWYER), home.tenant, COURT, last)
    later = paper(home, b"a later order")
    assert holds.lock_all(home.office) == 2
    for key in keys(home):
        with pytest.raises(Retained) as kept:
            home.office.objects.delete(key)
        assert kept.value.facts["until"].date() > last
    assert later in keys(home)
    assert holds.lock_all(home.office) == 2  # again is harmless
