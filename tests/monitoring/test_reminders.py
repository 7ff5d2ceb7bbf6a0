"""A reminder that waited for the mail server is asked whether it is still true before it leaves."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from flows.steps import contracting, monitoring
from schemas.event import Act, Event
from schemas.outbox import Errand, Job, JobState, Letter
from storage import outbox
from storage.work import looking
from tests.monitoring.test_ladder import multiply, next_begun, put_clock
from tests.offices import Desk
from tests.smtp import Peer, body, listening

Open = Callable[..., Desk]
LATER = timedelta(days=3)


class Mail:
    """A real mail server that can be away."""

    def __init__(self, peer: Peer, port: int) -> None:
        self.peer, self.port = peer, port
        self.settings = {"smtp_host": "127.0.0.1", "smtp_port": port, "attempts": 1}

    def away(self, desk: Desk) -> None:
        """All that waits is tried in vain, and becomes a person's."""
        desk.office.settings.smtp_port = 1
        desk.work(Errand.SEND_LETTER)

    def back(self, desk: Desk) -> list[str]:
        """A person sends on what got stuck; the subjects of what comes, of letters of the ladders only."""
        desk.office.settings.smtp_port = self.port
        for job in desk.all(Job, errand=Errand.SEND_LETTER, state=JobState.FOR_A_PERSON):
            outbox.again(desk.office.engine, job.id, now=desk.office.machine_now())
        assert desk.work(Errand.SEND_LETTER).troubles == []
        with looking(desk.office.engine, desk.office.system) as look:
            sent = [one for one in look.all(Letter, order="written_at key") if one.sent_at and not one.digest_id]
        return [one.code for one in sent if one.rung or one.code.startswith("digest")]


@pytest.fixture
def mail() -> Iterator[Mail]:
    peer = Peer()
    with listening(peer) as controller:
        yield Mail(peer, controller.port)


def reminded(desk_at: Open, mail: Mail, days: int = 7) -> Desk:
    """The report is a week late: a letter says so, and cannot leave."""
    desk = desk_at("reporting", **mail.settings)
    next_begun(desk)
    mail.back(desk)
    mail.peer.taken.clear()
    put_clock(desk, desk.period().due + timedelta(days=days))
    monitoring.sweep(desk.office)
    mail.away(desk)
    assert mail.peer.taken == []
    return desk


def hand_in(desk: Desk) -> None:
    monitoring.hand_in_report(desk.office, desk.ngo(), desk.contract().id, 1, desk.report(1))


def extend(desk: Desk) -> None:
    until = desk.office.today("Asia/Bishkek") + timedelta(days=40)
    monitoring.extend(desk.office, desk.who("head"), desk.period().id, until, "кар жаады")


def pause(desk: Desk) -> None:
    monitoring.pause(desk.office, desk.who("head"), desk.period().id, "жол жабык")


def terminate(desk: Desk) -> None:
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "аткарылган жок")


def test_what_is_still_true_leaves_when_the_mail_server_is_back(desk_at: Open, mail: Mail) -> None:
    desk = reminded(desk_at, mail)
    put_clock(desk, desk.period().due + timedelta(days=7) + LATER)
    assert mail.back(desk).count("report_overdue") == 1
    assert desk.all(Event, act=Act.LETTER_VOID) == []


@pytest.mark.parametrize("happens", [hand_in, extend, pause, terminate])
def test_a_reminder_that_is_no_longer_true_does_not_leave_and_stays_on_record(
    desk_at: Open, mail: Mail, happens: Callable[[Desk], None]
) -> None:
    desk = reminded(desk_at, mail)
    put_clock(desk, desk.period().due + timedelta(days=7) + LATER)
    happens(desk)
    assert "report_overdue" not in mail.back(desk)
    (void,) = desk.all(Letter, code="report_overdue")
    assert (void.sent_at, void.void_at) == (None, desk.office.now())
    (event,) = desk.all(Event, act=Act.LETTER_VOID)
    assert (event.subject_id, event.rule) == (void.id, "no_longer_true")
    assert [one.state for one in desk.all(Job, subject_id=void.id)] == [JobState.DONE]


def test_today_is_not_said_the_day_after(desk_at: Open, mail: Mail) -> None:
    desk = reminded(desk_at, mail, days=0)
    put_clock(desk, desk.period().due + timedelta(days=1))
    assert "report_due" not in mail.back(desk)
    (anew,) = desk.all(Letter, code="report_due_missed")
    assert (anew.sent_at is not None, anew.to) == (True, desk.all(Letter, code="report_due")[0].to)
    monitoring.sweep(desk.office)
    assert len(desk.all(Letter, code="report_due_missed")) == 1


def test_a_higher_step_takes_the_place_of_one_that_has_not_left(desk_at: Open, mail: Mail) -> None:
    desk = reminded(desk_at, mail)
    put_clock(desk, desk.period().due + timedelta(days=14))
    monitoring.sweep(desk.office)
    assert mail.back(desk).count("report_overdue") == 1
    left = [one for one in desk.all(Letter, code="report_overdue") if one.sent_at]
    assert [one.rung for one in left] == ["overdue_14"]


def test_a_digest_leaves_without_the_lines_that_are_no_longer_true(desk_at: Open, mail: Mail) -> None:
    desk = desk_at("reporting", **mail.settings)
    multiply(desk, 2)
    put_clock(desk, desk.period().due + timedelta(days=21))
    monitoring.sweep(desk.office)
    mail.away(desk)
    hand_in(desk)
    mail.back(desk)
    (digest,) = desk.all(Letter, code="digest")
    assert [line.partition(". ")[0] for line in digest.facts["lines"].splitlines()] == ["1", "2"]
    assert desk.contract().number not in digest.facts["lines"].replace("/100", "").split()
    (told,) = [one for one in mail.peer.taken if one["To"] == digest.to and "1. " in body(one)]
    assert "3. " not in body(told)
    void = [one for one in desk.all(Letter, digest_id=digest.id) if one.void_at]
    assert [(one.facts["number"], one.sent_at) for one in void] == [(desk.contract().number, None)]


def test_a_digest_of_nothing_that_is_true_is_void_itself(desk_at: Open, mail: Mail) -> None:
    desk = desk_at("reporting", **mail.settings)
    multiply(desk, 1)
    next_begun(desk)
    put_clock(desk, desk.period().due + timedelta(days=7))
    monitoring.sweep(desk.office)
    mail.away(desk)
    terminate(desk)
    other = next(one for one in desk.all(type(desk.contract())) if one.id != desk.contract().id)
    contracting.terminate(desk.office, desk.who("head"), other.id, "аткарылган жок")
    mail.back(desk)
    digest = next(one for one in desk.all(Letter, code="digest_contractor") if one.void_at)
    assert (digest.sent_at, digest.void_at) == (None, desk.office.now())
    void = {one.subject_id for one in desk.all(Event, act=Act.LETTER_VOID)}
    assert void >= {digest.id, *(one.id for one in desk.all(Letter, digest_id=digest.id))}


def test_a_reminder_of_money_tells_the_sum_that_is_owed_on_the_day_it_leaves(desk_at: Open, mail: Mail) -> None:
    desk = desk_at("evaluated", **mail.settings)
    mail.back(desk)
    contract = desk.contract()
    assert contract.refund_until is not None
    put_clock(desk, contract.refund_until)
    monitoring.sweep(desk.office)
    mail.away(desk)
    monitoring.return_balance(desk.office, desk.who("finance"), contract.id, 100, "№ 1")
    assert mail.back(desk) != []
    told = [one.facts["owed_tyiyn"] for one in desk.all(Letter, code="refund_reminder") if one.sent_at]
    assert told == [contract.balance - 100]
