"""What a visit finds wrong holds the money until it is mended or the head waives it."""

from collections.abc import Callable
from datetime import date

import pytest

from flows.steps import monitoring
from flows.steps.letters import compose
from schemas.errors import NoReason, NotFound, WrongMoment
from schemas.outbox import Letter
from schemas.report import Mend, MendStatus, Visit
from storage.work import looking
from tests.monitoring.test_gate import unmet, waits_for, weigh
from tests.offices import Desk

Open = Callable[..., Desk]
ON, UNTIL = date(2018, 10, 20), date(2018, 11, 10)
FOUND = [("Дарбаза сынган", UNTIL), ("Жазуу жок", UNTIL)]


def visit(desk: Desk) -> list[Mend]:
    for _ in range(2):  # told twice, recorded once
        coordinator = desk.who("coordinator")
        monitoring.record_visit(desk.office, coordinator, desk.contract().id, on=ON, seen="Барып көрдүк.", mends=FOUND)
    return desk.all(Mend, order="number")


def test_a_visit_asks_for_corrective_acts_and_the_contractor_hears_of_each(desk_at: Open) -> None:
    desk = desk_at("reporting")
    asked = visit(desk)

    assert len(desk.all(Visit)) == 1
    assert [(one.number, one.what, one.until, one.status) for one in asked] == [
        (1, "Дарбаза сынган", UNTIL, MendStatus.ASKED),
        (2, "Жазуу жок", UNTIL, MendStatus.ASKED),
    ]
    assert desk.letters(desk.contract().stream_id).count("mend_asked") == 2


def test_told_done_is_not_yet_mended_and_each_has_its_end(desk_at: Open) -> None:
    desk = desk_at("reporting")
    waits_for(desk, 2, "no_open_mend")
    first, second = visit(desk)
    weigh(desk, 2)
    assert unmet(desk, 2) == ["open_mend", "open_mend"]

    with pytest.raises(NotFound):
        monitoring.tell_mended(desk.office, desk.ngo(3), first.id, "оңдолду")
    with pytest.raises(NoReason):
        monitoring.tell_mended(desk.office, desk.ngo(1), first.id, " ")
    monitoring.tell_mended(desk.office, desk.ngo(1), first.id, "жаңы дарбаза коюлду")
    with pytest.raises(WrongMoment):
        monitoring.tell_mended(desk.office, desk.ngo(1), first.id, "дагы бир жолу")
    weigh(desk, 2)
    assert unmet(desk, 2) == ["open_mend", "open_mend"]

    monitoring.accept_mended(desk.office, desk.who("coordinator"), first.id, "барып көрдүм")
    assert desk.work().troubles == []
    assert unmet(desk, 2) == ["open_mend"]
    with pytest.raises(NoReason):
        monitoring.waive_mend(desk.office, desk.who("head"), second.id, "")
    monitoring.waive_mend(desk.office, desk.who("head"), second.id, "жазуу керек эмес")
    assert desk.work().troubles == []

    assert [one.status for one in desk.all(Mend, order="number")] == [MendStatus.MENDED, MendStatus.WAIVED]
    assert desk.tranche(2).order_number
    assert "mend_told" in desk.letters(desk.contract().stream_id)


def test_what_was_told_and_seen_not_to_be_mended_goes_back_with_a_reason_and_a_later_day(desk_at: Open) -> None:
    desk = desk_at("reporting")
    waits_for(desk, 2, "no_open_mend")
    first, _ = visit(desk)
    coordinator, later, today = desk.who("coordinator"), date(2018, 12, 3), desk.office.today(desk.contest.zone)

    with pytest.raises(WrongMoment):  # nobody told anything yet
        monitoring.return_mend(desk.office, coordinator, first.id, later, "дагы эле сынык")
    monitoring.tell_mended(desk.office, desk.ngo(1), first.id, "жаңы дарбаза коюлду")
    with pytest.raises(NoReason):
        monitoring.return_mend(desk.office, coordinator, first.id, later, " ")
    with pytest.raises(WrongMoment):
        monitoring.return_mend(desk.office, coordinator, first.id, today, "дагы эле сынык")
    monitoring.return_mend(desk.office, coordinator, first.id, later, "дагы эле сынык")
    with pytest.raises(WrongMoment):
        monitoring.return_mend(desk.office, coordinator, first.id, later, "дагы эле сынык")
    assert desk.work().troubles == []
    assert [one["facts"].get("until") for one in desk.tranche(2).unmet][:1] == [later.isoformat()]

    (letter,) = desk.all(Letter, code="mend_returned")
    assert letter.language == desk.contract().language
    with looking(desk.office.engine, desk.office.system) as look:
        message = compose(desk.office, look, letter)
    body = message.get_body(("plain",))
    assert body is not None
    told = " ".join(body.get_content().split()).replace("\u00a0", " ")
    for each in ("Дарбаза сынган", "жаңы дарбаза коюлду", "дагы эле сынык", "2018-жылдын 3-декабрына чейин"):
        assert each in told
    monitoring.tell_mended(desk.office, desk.ngo(1), first.id, "эми оңдолду")
    monitoring.accept_mended(desk.office, coordinator, first.id, "көрдүм")
    assert desk.all(Mend, number=1)[0].status is MendStatus.MENDED
