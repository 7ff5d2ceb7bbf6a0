"""The timeline of a case: who reads it, and what stands in it. Sealing and verifying: tests/sealing, tests/threats."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from flows.office import Office
from flows.steps import audit, register
from flows.steps.moving import in_words
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.customer import Role
from schemas.doer import Doer
from schemas.errors import NotAllowed, NotFound, Sealed
from schemas.event import Act
from schemas.programme import Problem, Programme
from schemas.settings import Settings, Store
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


class TestTheTimeline:
    @pytest.mark.parametrize("language", ["ky", "ru", "en"])
    def test_it_says_who_did_what_and_on_what_ground(self, office: Office, tenant: UUID, language: str):
        propose(office, tenant)
        lines = audit.timeline(office, doer(tenant, Role.HEAD), tenant, language)
        assert [one.seq for one in lines] == [1, 2]
        assert lines[1].ground == "Асанов Бакыт"
        assert "⟨" not in audit.as_text(lines, "Asia/Bishkek")
        assert "29.06.2018 11:00:00" in audit.as_text(lines, "Asia/Bishkek")

    def test_each_reading_is_an_event_whoever_reads(self, office: Office, tenant: UUID):
        for role, events in ((Role.HEAD, 1), (Role.AUDITOR, 2), (Role.AUDITOR, 3), (Role.HEAD, 4)):
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
