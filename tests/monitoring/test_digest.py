"""What one reader is told by the ladders on a morning is one letter: an officer's, and a contractor's with several contracts."""

from collections.abc import Callable
from datetime import timedelta

from flows.steps import errands, monitoring
from schemas.customer import Language, Role
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import Errand, Job, Letter
from schemas.wording import say
from storage.ledger import Because
from tests.monitoring.test_ladder import multiply, next_begun, put_clock
from tests.offices import Desk

Open = Callable[..., Desk]


def test_an_officer_gets_one_letter_a_day_of_all_that_is_overdue(desk_at: Open) -> None:
    desk = desk_at("reporting")
    multiply(desk, 3)
    put_clock(desk, desk.period().due + timedelta(days=21))
    monitoring.sweep(desk.office)
    (digest,) = desk.all(Letter, code="digest")
    told = desk.all(Letter, code="report_overdue_office")
    assert ({one.digest_id for one in told}, len(told), {one.to for one in told}) == ({digest.id}, 4, {digest.to})
    assert [line.partition(". ")[0] for line in digest.facts["lines"].splitlines()] == ["1", "2", "3", "4"]
    monitoring.sweep(desk.office)
    errands.drain(desk.office, [Errand.SEND_LETTER])
    assert desk.all(Letter, code="digest")[0].sent_at is not None
    assert all(one.sent_at for one in desk.all(Letter, code="report_overdue_office"))
    mails = [one for one in (desk.home / "outbox").glob("*.eml") if f"To: {digest.to}" in one.read_text()]
    assert len(mails) == len([one for one in desk.all(Letter, to=digest.to) if one.digest_id is None])


def test_a_single_thing_comes_as_its_own_letter(desk_at: Open) -> None:
    desk = desk_at("reporting")
    next_begun(desk)
    known = {one.id for one in desk.all(Letter)}
    put_clock(desk, desk.period().due + timedelta(days=21))
    monitoring.sweep(desk.office)
    new = [one for one in desk.all(Letter, order="code") if one.id not in known]
    assert [one.code for one in new] == ["report_overdue", "report_overdue_office"]
    for alone in new:
        assert (alone.gathered, alone.digest_id) == (False, None)
        assert desk.all(Job, subject_id=alone.id, errand=Errand.SEND_LETTER) != []


def test_an_officers_letter_names_the_contractor(desk_at: Open) -> None:
    desk = desk_at("reporting")
    put_clock(desk, desk.period().due + timedelta(days=28))
    monitoring.sweep(desk.office)
    for code in ("report_overdue_office", "report_escalated"):
        (one,) = desk.all(Letter, code=code)
        assert "⟨" not in say(f"letter.{code}.body", "ky", **one.facts)


def test_a_contractor_with_several_contracts_gets_his_reminders_of_a_morning_in_one_letter(desk_at: Open) -> None:
    desk = desk_at("reporting")
    multiply(desk, 2)
    next_begun(desk)
    errands.drain(desk.office, [Errand.SEND_LETTER])
    put_clock(desk, desk.period().due)
    monitoring.sweep(desk.office)
    due = desk.all(Letter, code="report_due", order="written_at key")
    told = [one for one in due if one.to == desk.case(1).sender]  # the contract with another address has its own letter
    digest = desk.get(Letter, told[0].digest_id or told[0].id)
    assert digest.code == "digest_contractor"
    assert ({one.digest_id for one in told}, {one.to for one in told}) == ({digest.id}, {digest.to})
    assert digest.language is Language.KY
    lines = digest.facts["lines"].splitlines()
    until = say("form.fact", "ky", fact=desk.period().due)
    for letter, line in zip(told, lines, strict=True):
        assert f"№ {letter.facts['number']} " in line
        assert f"{letter.facts['period']}-мезгилдин ({letter.facts['of']} ичинен)" in line
        assert say("ground.due", "ky") in line
        assert until in line
    before = len(list((desk.home / "outbox").glob("*.eml")))
    errands.drain(desk.office, [Errand.SEND_LETTER])
    assert len(list((desk.home / "outbox").glob("*.eml"))) == before + 2


def test_what_another_run_has_taken_leaves_the_rest_to_this_one(desk_at: Open) -> None:
    """Of two letters that a killed sweep gathered one was sent meanwhile: the other does not wait for a third run."""
    desk = desk_at("reporting")
    with desk.office.acting(CLOCK, Act.PERIOD_REMIND) as work:
        work.record(Act.PERIOD_REMIND, work.get(type(desk.period()), desk.period().id), because=Because(rule="due"))
        for number in range(2):
            told = {"to": "a@example.kg", "language": Language.KY, "code": "mend_reminder", "facts": {}}
            work.letter(f"test:{number}", desk.contract(), **told, gathered=True)  # type: ignore[arg-type]
    monitoring.sweep(desk.office)
    assert desk.all(Letter, gathered=True) == []
    assert len(desk.all(Letter, code="digest", to="a@example.kg")) == 1


def test_officers_and_contractors_are_told_apart(desk_at: Open) -> None:
    desk = desk_at("reporting")
    multiply(desk, 2)
    put_clock(desk, desk.period().due + timedelta(days=21))
    monitoring.sweep(desk.office)
    roles = {one.id: one.role for one in desk.all(Letter) if one.role}
    for code, role in (("digest", Role.COORDINATOR), ("digest_contractor", Role.APPLICANT)):
        digest = desk.all(Letter, code=code)[0]
        assert {roles[one.id] for one in desk.all(Letter, digest_id=digest.id)} == {role.value}
