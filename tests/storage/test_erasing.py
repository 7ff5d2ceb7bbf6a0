"""Personal values go only with an event that names them, never under a hold, and the trail stays whole."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from schemas.customer import Person
from schemas.document import Blob, BlobState, Document
from schemas.errors import BrokenTrail, Overtaken
from schemas.event import Act, Disclosure
from schemas.hold import HoldStatus, LegalHold, Scope
from storage import erasing
from storage.engine import reading
from storage.ledger import Because
from storage.trail import trail, verify
from storage.work import working
from tests.storage.makers import CLERK, NOW, TENANT, person, propose

GROUND = Because(rule="redaction", facts={"order": "Мыйзам", "number": "58", "on": date(2008, 4, 14)})


@pytest.fixture
def row(engine: Engine) -> Person:
    """Somebody with a name, an address and a number, whose record is a stream of its own under a customer's."""
    with working(engine, CLERK, NOW) as work:
        work.open_stream(TENANT, TENANT, "customer", name="batken")
        work.open_stream(identity := uuid4(), TENANT, "person")
        work.new(person(id=identity, email="g@example.kg", phone="0555"), stream=identity, tenant=TENANT)
        told = next(iter(work.session.new))
        work.record(Act.PERSON_REGISTER, told, because=Because(reason="кирди"))
    return told  # type: ignore[return-value]


def erase(engine: Engine, row: Person, act: Act = Act.TRAIL_REDACT) -> int:
    with working(engine, CLERK, NOW) as work:
        known = work.get(Person, row.id)
        values = erasing.disclosures(work, row.stream_id)
        erasing.empty(known, sorted(Person.personal))
        erasing.erase(work, act, known, values=values, because=GROUND)
    return len(values)


def hold(engine: Engine, stream: UUID, scope: Scope = Scope.PERSON) -> None:
    with working(engine, CLERK, NOW) as work:
        told = {"act": "Аныктама", "number": "1", "on": date(2018, 6, 1), "ordered_by": "сот"}
        one = work.new(LegalHold(scope=scope, name="x", **told), stream=stream, tenant=TENANT)
        work.record(Act.HOLD_PLACE, one, because=Because(rule="hold_ordered"))


def refused(engine: Engine, statement: str, match: str) -> None:
    with pytest.raises(DBAPIError, match=match), engine.begin() as connection:
        connection.execute(text(statement))


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_what_is_erased_is_gone_everywhere_and_the_trail_is_whole_without_it(engine: Engine, row: Person):
    assert erase(engine, row) == 5  # login, name, email, phone; why

    with reading(engine) as session:
        assert verify(session, row.stream_id) == 2
        known = session.get_one(Person, row.id)
        assert (known.name, known.email, known.phone) == ("", "", "")
        entry = trail(session, row.stream_id)[-1]
    # the row's new login is the only value that is left, and what stood before is in no table
    assert list(entry.disclosed.values()) == [f"erased-{row.id.hex[-12:]}"]
    assert (entry.body["facts"]["number"], entry.body["facts"]["values"]) == ("58", 5)
    assert count(engine, "disclosure") == 1


@pytest.mark.parametrize("act", [Act.TRAIL_REDACT, Act.TRAIL_DISPOSE])
def test_it_goes_with_the_one_act_as_with_the_other(engine: Engine, row: Person, act: Act):
    assert erase(engine, row, act) == 5


def test_no_value_goes_without_an_event_that_names_it(engine: Engine, row: Person):
    before = count(engine, "disclosure")
    refused(engine, "DELETE FROM disclosure", "without an event that names it")
    with working(engine, CLERK, NOW) as work:  # an event of the right kind that names another
        erasing.erase(work, Act.TRAIL_REDACT, work.get(Person, row.id), values=[], because=GROUND)
    refused(engine, "DELETE FROM disclosure", "without an event that names it")
    with working(engine, CLERK, NOW) as work:  # and one that names it, and is of no such kind
        digests = [one.digest for one in erasing.disclosures(work, row.stream_id)]
        because = Because(rule="audit", facts={"erased": digests})
        work.record(Act.CASE_READ, work.get(Person, row.id), because=because)
    refused(engine, "DELETE FROM disclosure", "without an event that names it")
    assert count(engine, "disclosure") == before


def test_an_event_of_another_stream_names_nothing_here(engine: Engine, row: Person):
    other = propose(engine)
    with working(engine, CLERK, NOW) as work:
        digests = [one.digest for one in erasing.disclosures(work, row.stream_id)]
        facts = {**GROUND.facts, "erased": digests}
        work.record(Act.TRAIL_REDACT, other, because=Because(rule="redaction", facts=facts))
    refused(engine, "DELETE FROM disclosure", "without an event that names it")


def test_a_value_that_went_past_the_guards_is_missed(engine: Engine, row: Person):
    drop = "ALTER TABLE disclosure DISABLE TRIGGER ALL"
    if engine.dialect.name == "sqlite":
        drop = "DROP TRIGGER guard_disclosure_delete"
    with engine.begin() as connection:
        connection.exec_driver_sql(drop)
        connection.exec_driver_sql("DELETE FROM disclosure WHERE path = 'person.phone.new'")

    with reading(engine) as session, pytest.raises(BrokenTrail) as broken:
        verify(session, row.stream_id)
    assert (broken.value.facts["seq"], broken.value.facts["why"]) == (1, "erased")


class TestAHold:
    @pytest.mark.parametrize("scope", [Scope.PERSON, Scope.CUSTOMER])
    def test_nothing_is_erased_while_it_stands(self, engine: Engine, row: Person, scope: Scope):
        hold(engine, row.id if scope is Scope.PERSON else TENANT, scope)
        before = count(engine, "disclosure")
        with pytest.raises(DBAPIError, match="hold covers"):
            erase(engine, row)
        refused(engine, "DELETE FROM disclosure", "hold covers")
        assert count(engine, "disclosure") == before
        with reading(engine) as session:
            assert session.get_one(Person, row.id).name == "Исакова Гүлзат"

    def test_an_event_from_before_the_hold_opens_nothing(self, engine: Engine, row: Person):
        """After an older state of the database was restored, what was erased is there again, and now it is held."""
        with working(engine, CLERK, NOW) as work:
            digests = [one.digest for one in erasing.disclosures(work, row.stream_id)]
            facts = {**GROUND.facts, "erased": digests}
            work.record(Act.TRAIL_REDACT, work.get(Person, row.id), because=Because(rule="redaction", facts=facts))
        hold(engine, row.id)
        refused(engine, "DELETE FROM disclosure", "hold covers")

    def test_what_a_held_person_did_elsewhere_is_held_with_the_person(self, engine: Engine, row: Person):
        told = propose(engine, by=type(CLERK)(row.id, CLERK.role, TENANT))
        hold(engine, row.id)
        with working(engine, CLERK, NOW) as work:
            values = erasing.disclosures(work, told.stream_id)
            assert values
            with pytest.raises(DBAPIError, match="hold covers"):
                erasing.erase(work, Act.TRAIL_REDACT, told, values=values, because=GROUND)
            work.session.rollback()
            work.ledger._heads.clear()

    def test_once_lifted_the_way_is_free(self, engine: Engine, row: Person):
        hold(engine, row.id)
        with working(engine, CLERK, NOW) as work:
            [one] = work.all(LegalHold)
            one.status = HoldStatus.LIFTED
            work.record(Act.HOLD_LIFT, one, because=Because(rule="hold_lifted"))
        assert erase(engine, row) > 5

    def test_a_hold_is_not_taken_away_past_its_event(self, engine: Engine, row: Person):
        hold(engine, row.id)
        refused(engine, "UPDATE legalhold SET status = 'lifted'", "without its event")
        refused(engine, "DELETE FROM legalhold", "on record|never changed")


def test_bytes_are_let_go_only_by_an_erasing_act(engine: Engine, row: Person):
    with working(engine, CLERK, NOW) as work:
        blob = Blob(tenant_id=TENANT, sha256="a" * 64, key="k", size=1, state=BlobState.STORED, touched_at=NOW)
        work.session.add(blob)
        work.session.flush()
        document = work.new(
            Document(subject_id=row.id, name="арыз.pdf", sha256="a" * 64, size=1, blob_id=blob.id),
            stream=row.id,
            tenant=TENANT,
        )
        work.record(Act.PAPER_REGISTER, document, because=Because(rule="minutes"))
    refused(engine, "UPDATE blob SET state = 'deleting'", "rests on these bytes")
    with pytest.raises(Overtaken) as clash, working(engine, CLERK, NOW) as work:
        work.get(Document, document.id).blob_id = None
        work.record(Act.PAPER_REGISTER, work.get(Document, document.id), because=Because(rule="minutes"))
    assert "without an event that names it" in str(clash.value.__cause__)
    with working(engine, CLERK, NOW) as work:
        known = work.get(Document, document.id)
        known.blob_id = None
        erasing.erase(work, Act.TRAIL_DISPOSE, known, values=[], because=GROUND)
    hold(engine, TENANT, Scope.CUSTOMER)
    refused(engine, "UPDATE blob SET state = 'deleting'", "hold covers")
    refused(engine, "DELETE FROM blob", "hold covers")


def test_a_disclosure_is_a_digest_of_a_salt_that_nobody_can_guess(engine: Engine, row: Person):
    with reading(engine) as session:
        salts = set(session.scalars(select(col(Disclosure.salt))))
    assert len(salts) == count(engine, "disclosure")
    assert {len(bytes.fromhex(one)) for one in salts} == {16}
