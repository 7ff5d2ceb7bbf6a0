"""The trail is sealed, verified, told and taken out, and nothing that was done to it stays hidden."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from flows.office import Office
from flows.steps import audit, register
from flows.steps.moving import in_words
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.customer import Role
from schemas.doer import Doer
from schemas.errors import BrokenTrail, NotAllowed, NotFound, Sealed
from schemas.event import Act
from schemas.programme import Problem, Programme
from schemas.settings import Settings, Store
from storage import log
from storage.ledger import Actor
from storage.work import working

AT = datetime(2018, 6, 29, 5, tzinfo=UTC)
WORDS = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "clock").write_text(AT.isoformat())
    office = Office(Settings(home=tmp_path, store=Store.FOLDER, clock=tmp_path / "clock"))
    yield office
    office.close()


@pytest.fixture
def tenant(office: Office) -> UUID:
    return register.register_customer(
        office, register.OPERATOR, code="batken", name=WORDS, city=WORDS, zone="Asia/Bishkek"
    )


def doer(tenant: UUID | None, *roles: Role, organisations: frozenset[UUID] = frozenset()) -> Doer:
    return Doer(id=uuid4(), tenant_id=tenant, roles=frozenset(roles), organisations=organisations)


def propose(office: Office, tenant: UUID, title: str = "Таштанды") -> UUID:
    words = dict.fromkeys(("ky", "ru", "en"), title)
    clerk = doer(tenant, Role.COORDINATOR)
    return register.propose_problem(
        office, clerk, title=words, description=words, numbers="7", proposed_by="Асанов Бакыт"
    )


def case(office: Office, tenant: UUID, status: ApplicationStatus = ApplicationStatus.RECEIVED) -> UUID:
    """An application with its event, in a stream of its own."""
    stream, day = uuid4(), AT.date()
    with working(office.engine, Actor(uuid4(), Role.SYSTEM, tenant), AT) as work:
        problem = work.all(Problem)[0]
        programme = Programme(problem_id=problem.id, title=WORDS, budget_line="1", amount=1, starts=day, ends=day)
        work.new(programme, stream=tenant)
        contest = Contest(
            programme_id=programme.id,
            number="B-1",
            title=WORDS,
            goal=WORDS,
            tasks=[],
            problem=WORDS,
            themes=[],
            budget=1,
            announced_on=day,
            cutoff=AT,
            zone="Asia/Bishkek",
            project_starts=day,
            project_ends=day,
            pack="example",
            pack_version="1",
            pack_sha256="",
        )
        work.new(contest, stream=tenant)
        work.record(Act.CONTEST_DRAFT, contest, because=in_words("test"))
        work.open_stream(stream, tenant, "case")
        application = Application(
            id=stream,
            contest_id=contest.id,
            number=1,
            received_at=AT,
            package_sha256="0" * 64,
            sender="Асанов Бакыт",
            status=status,
        )
        work.new(application, stream=stream)
        work.record(Act.APPLICATION_RECEIVE, application, because=in_words("test"))
    return stream


def as_owner(office: Office, *statements: str) -> None:
    with office.engine.begin() as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for statement in statements:
            connection.exec_driver_sql(statement)


class TestSealing:
    def test_new_events_get_a_signed_head_and_nothing_new_gets_none(self, office: Office, tenant: UUID):
        first = audit.seal(office)
        assert first is not None
        assert first.size == 1
        assert audit.seal(office) is None
        propose(office, tenant)
        second = audit.seal(office)
        assert second is not None
        assert second.size == 2
        key = log.verifier_of(audit.ORIGIN, log.load_key(office.home / "keys" / "log.key"))
        assert log.verify_note(second.note, key).root.hex() == second.root
        assert [one.key for one in office.objects.keys(audit.PREFIX)] == [f"{audit.PREFIX}{n:012d}" for n in (1, 2)]

    def test_nothing_is_sealed_before_anything_happened(self, office: Office):
        assert audit.seal(office) is None

    def test_a_restored_database_that_knows_less_than_was_signed_is_not_signed(self, office: Office, tenant: UUID):
        propose(office, tenant)
        audit.seal(office)
        as_owner(
            office,
            "DELETE FROM leaf WHERE position = 1",
            "DELETE FROM problem",
            "DELETE FROM disclosure",
            "DELETE FROM event WHERE seq = 2",
        )
        with pytest.raises(BrokenTrail) as broken:
            audit.seal(office)
        assert broken.value.facts["why"] == "fork"

    def test_a_head_that_was_published_and_not_noted_is_noted(self, office: Office, tenant: UUID):
        """Killed between the store and the row."""
        audit.seal(office)
        as_owner(office, "DELETE FROM checkpoint")
        again = audit.seal(office)
        assert again is not None
        assert again.size == 1
        assert audit.seal(office) is None


class TestVerifying:
    def test_it_counts_what_holds(self, office: Office, tenant: UUID):
        propose(office, tenant)
        audit.seal(office)
        propose(office, tenant, "экинчи")
        assert audit.verify_all(office) == (1, 3)

    @pytest.mark.parametrize(
        ("attack", "why"),
        [
            ("UPDATE event SET rule = 'x' WHERE seq = 2", "changed"),
            ("DELETE FROM leaf WHERE position = 0", "gap"),
            ("UPDATE leaf SET hash = 'ab' WHERE position = 1", "changed"),
            ("UPDATE checkpoint SET root = 'ab'", "checkpoint"),
            ("DELETE FROM leaf", "fork"),
        ],
    )
    def test_what_was_done_to_it_shows(self, office: Office, tenant: UUID, attack: str, why: str):
        propose(office, tenant)
        audit.seal(office)
        as_owner(office, attack)
        with pytest.raises(BrokenTrail) as broken:
            audit.verify_all(office)
        assert broken.value.facts["why"] == why

    def test_a_chain_that_was_rewritten_whole_is_not_the_one_that_was_signed(self, office: Office, tenant: UUID):
        propose(office, tenant)
        audit.seal(office)
        with office.engine.connect() as connection:
            body = bytes(connection.execute(text("SELECT body FROM event WHERE seq = 2")).scalar_one())
        forged = body.replace("Таштанды".encode(), "Башкасы!".encode())
        told = hashlib.sha256(b"\x00" + forged).hexdigest()
        as_owner(
            office,
            f"UPDATE event SET body = x'{forged.hex()}', hash = '{told}' WHERE seq = 2",
            f"UPDATE stream SET head = '{told}'",
        )
        with pytest.raises(BrokenTrail) as broken:
            audit.verify_all(office)
        assert (broken.value.facts["stream"], broken.value.facts["why"]) == ("ashar", "changed")


class TestTheTimeline:
    @pytest.mark.parametrize("language", ["ky", "ru", "en"])
    def test_it_says_who_did_what_and_on_what_ground(self, office: Office, tenant: UUID, language: str):
        propose(office, tenant)
        lines = audit.timeline(office, doer(tenant, Role.HEAD), tenant, language)
        assert [one.seq for one in lines] == [1, 2]
        assert lines[1].ground == "Асанов Бакыт"
        assert "⟨" not in audit.as_text(lines, "Asia/Bishkek")
        assert "29.06.2018 11:00:00" in audit.as_text(lines, "Asia/Bishkek")

    def test_an_auditors_reading_is_an_event_and_others_is_not(self, office: Office, tenant: UUID):
        for role, events in ((Role.HEAD, 1), (Role.AUDITOR, 1), (Role.AUDITOR, 2), (Role.HEAD, 3)):
            assert len(audit.timeline(office, doer(tenant, role), tenant, "en")) == events

    def test_another_customer_and_another_role_read_nothing(self, office: Office, tenant: UUID):
        with pytest.raises(NotFound):
            audit.timeline(office, doer(uuid4(), Role.HEAD), tenant, "en")
        with pytest.raises(NotAllowed):
            audit.timeline(office, doer(tenant, Role.PUBLIC), tenant, "en")

    def test_a_sealed_package_is_not_told_of(self, office: Office, tenant: UUID):
        propose(office, tenant)
        stream = case(office, tenant)
        head = doer(tenant, Role.HEAD)
        with pytest.raises(Sealed):
            audit.timeline(office, head, stream, "en")

    def test_an_applicant_reads_no_case_of_another(self, office: Office, tenant: UUID):
        propose(office, tenant)
        stream = case(office, tenant, ApplicationStatus.OPENED)
        assert len(audit.timeline(office, doer(tenant, Role.SECRETARY), stream, "en")) == 1
        with pytest.raises(NotFound):
            audit.timeline(office, doer(tenant, Role.APPLICANT, organisations=frozenset({uuid4()})), stream, "en")
