"""What was copied from another applicant is told to the office, and to no applicant."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cli import naming
from cli.demo.cities import Applicant
from cli.demo.papers import Writer
from flows.steps import completeness, copying, intake
from flows.steps.letters import compose
from schemas.application import Application, ApplicationStatus
from schemas.contest import Contest
from schemas.customer import Role
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import INSIDE, Finding, Severity
from schemas.outbox import Errand, Letter
from schemas.wording import LANGUAGES, say_remark
from storage.ledger import Because
from storage.work import looking
from tests.intake.makers import checked
from tests.offices import CURED, OURS, THEIRS, WINNER, Desk

Open = Callable[..., Desk]


def handed_in(desk: Desk, one: Applicant, *, lent: dict[Kind, bytes] | None = None, to: str = OURS) -> None:
    """The whole package of an applicant; `lent` are files that somebody else wrote."""
    place = desk.home / "incoming" / f"{to}-{one.key}"
    place.mkdir(parents=True)
    writer = Writer(desk.papers.city, one)
    for kind in writer.kinds():
        paper = writer.paper(kind)
        (place / paper.name).write_bytes((lent or {}).get(kind, paper.content))
    contest = intake.contest_of(desk.office, to, desk.journey.towns[to == THEIRS].city.number)
    intake.hand_in(desk.office, desk.who("secretary", to), contest, place, sender=f"{one.key}@ngo.example")


@pytest.fixture
def desk(desk_at: Open) -> Desk:
    desk = desk_at("announced")
    desk.after_cutoff(days=-5)
    return desk


def copier(desk: Desk) -> Applicant:
    """Another organisation with the same project in its form: problem, goal, solution and the rest word for word."""
    source = desk.papers.applicant(WINNER)
    return replace(desk.papers.applicant(CURED), texts=source.texts, language=source.language)


def inside(desk: Desk, number: int) -> list[Finding]:
    return [one for one in desk.all(Finding, application_id=desk.case(number).id) if one.rule in INSIDE]


def test_a_copied_project_is_a_notice_for_the_officer_with_the_share_and_the_other_case(desk: Desk) -> None:
    handed_in(desk, desk.papers.applicant(WINNER))
    handed_in(desk, copier(desk))
    checked(desk)

    assert [desk.case(number).status for number in (1, 2)] == [ApplicationStatus.ELIGIBLE] * 2
    for mine, other in ((1, 2), (2, 1)):
        [told] = inside(desk, mine)
        assert (told.rule, told.kind, told.severity) == ("shared_text", Kind.PROJECT, Severity.NOTICE)
        assert told.facts["other"] == f"{desk.contest.number}/{other}"
        assert 50 < told.facts["percent"] < 100
        for language in LANGUAGES:
            assert "⟨" not in say_remark(told, language)
            assert f"{told.facts['percent']} %" in say_remark(told, language)


def test_two_projects_on_the_same_form_are_no_copies_of_each_other(desk: Desk) -> None:
    handed_in(desk, desk.papers.applicant(WINNER))
    handed_in(desk, desk.papers.applicant(CURED))
    checked(desk)

    assert [inside(desk, number) for number in (1, 2)] == [[], []]


def test_the_very_same_budget_of_two_organisations_is_a_notice(desk: Desk) -> None:
    budget = Writer(desk.papers.city, desk.papers.applicant(WINNER)).paper(Kind.BUDGET).content
    handed_in(desk, desk.papers.applicant(WINNER))
    handed_in(desk, desk.papers.applicant(CURED), lent={Kind.BUDGET: budget})
    checked(desk)

    told = [(one.rule, one.kind, one.facts["other"]) for one in inside(desk, 1)]
    assert told == [("same_file", Kind.BUDGET, f"{desk.contest.number}/2")]


def test_what_was_taken_back_before_anybody_opened_it_is_compared_with_nothing(desk: Desk) -> None:
    budget = Writer(desk.papers.city, desk.papers.applicant(WINNER)).paper(Kind.BUDGET).content
    handed_in(desk, desk.papers.applicant(WINNER))
    handed_in(desk, copier(desk), lent={Kind.BUDGET: budget})
    assert desk.work(Errand.INSPECT).troubles == []
    intake.withdraw(desk.office, desk.who("secretary"), desk.case(1).id, "Уюм баш тартты.")
    checked(desk)

    assert (desk.case(1).status, inside(desk, 2)) == (ApplicationStatus.WITHDRAWN, [])


def test_whoever_comes_later_is_compared_with_a_case_that_was_refused(desk: Desk) -> None:
    handed_in(desk, replace(desk.papers.applicant(WINNER), legal="company"))
    handed_in(desk, copier(desk))
    checked(desk)

    assert desk.case(1).status is ApplicationStatus.REFUSED
    assert [one.rule for one in inside(desk, 2)] == ["shared_text"]


def test_a_case_of_an_earlier_contest_of_the_same_customer_is_compared_with(desk: Desk) -> None:
    paper = Writer(desk.papers.city, desk.papers.applicant(WINNER)).paper(Kind.PROJECT)
    (desk.home / paper.name).write_bytes(paper.content)
    [facts] = desk.office.read_paths([(desk.home / paper.name, paper.name)])
    with desk.office.acting(CLOCK, Act.APPLICATION_OPEN) as work:
        usual = {"stream_id", "event_id", "version", "id", "number", "status"}
        earlier = Contest(**desk.contest.model_dump(exclude=usual), number="BATKEN-2017-4", status="finished")
        case = Application(contest_id=earlier.id, number=7, received_at=work.at, package_sha256="", status="winner")
        told = {"name": paper.name, "kind": facts.kind, "sha256": "", "size": 1, "facts": facts.model_dump(mode="json")}
        project = Document(subject_id=case.id, **told)
        for row in (earlier, case, project):
            stream = earlier.id if row is earlier else case.id
            if row is not project:
                work.open_stream(stream, earlier.tenant_id, "case")
            work.new(row, stream=stream, tenant=earlier.tenant_id)
        for row in (earlier, case):
            work.record(Act.APPLICATION_OPEN, row, because=Because(rule="cutoff"))
        copying.remember(work, case, [project])
    handed_in(desk, copier(desk))
    checked(desk)

    assert [(one.rule, one.facts["other"]) for one in inside(desk, 1)] == [("shared_text", "BATKEN-2017-4/7")]


def test_another_customers_case_is_never_compared_with(desk: Desk) -> None:
    handed_in(desk, desk.papers.applicant(WINNER), to=THEIRS)
    handed_in(desk, copier(desk))
    assert desk.work(Errand.INSPECT).troubles == []
    theirs = intake.contest_of(desk.office, THEIRS, desk.journey.towns[1].city.number)
    desk.at(max(theirs.cutoff, desk.contest.cutoff).replace(hour=23))
    for contest in (theirs, desk.contest):
        completeness.close(desk.office, CLOCK, contest.id)
    assert desk.work().troubles == []

    assert desk.case(1).status is ApplicationStatus.ELIGIBLE
    assert [one for one in desk.all(Finding) if one.rule in INSIDE] == []


def test_no_letter_to_an_applicant_and_no_look_of_his_tells_of_anothers_case(desk: Desk) -> None:
    handed_in(desk, desk.papers.applicant(WINNER))
    handed_in(desk, copier(desk))
    checked(desk)
    other, case = f"{desk.contest.number}/1", desk.case(2)

    with looking(desk.office.engine, desk.office.system) as look:
        letters = look.all(Letter, stream_id=case.id)
        bodies = [compose(desk.office, look, one).get_body(("plain",)) for one in letters]
        sent = [one.get_content() for one in bodies if one is not None]
        assert {one.code for one in letters} >= {"receipt", "admitted", "qualified"}
        assert all(desk.contest.number in one for one in sent)
        assert [one for one in sent if other in one or "%" in one] == []
        applicant, secretary = replace(desk.ngo(2), roles=frozenset({Role.APPLICANT})), desk.who("secretary")
        assert len(naming.findings(look, secretary, case.id)) == len(naming.findings(look, applicant, case.id)) + 1


def test_a_letter_that_asks_for_more_leaves_out_what_was_found_before(desk_at: Open) -> None:
    desk = desk_at("checked")
    case = desk.case(2)
    with desk.office.acting(CLOCK, Act.APPLICATION_RECOGNISE) as work:
        # graver than it ever is: a notice is no ground for a refusal anyway
        facts = {"code": "D02", "name": "form.docx", "percent": 90, "other": f"{desk.contest.number}/1"}
        finding = Finding(application_id=case.id, rule="shared_text", severity=Severity.TO_CURE, facts=facts)
        work.new(finding, stream=case.id, tenant=case.tenant_id)
        work.record(Act.APPLICATION_RECOGNISE, case, because=Because(rule="inspected"))
    desk.after_cutoff(days=60)
    completeness.refuse_uncured(desk.office, case.id)

    [refusal] = [one for one in desk.all(Letter, stream_id=case.id) if one.code == "refused"]
    assert [one["rule"] for one in refusal.facts["ground"]] == ["missing"]
