"""Checking: an override has a reason and its moment, a cure comes once."""

from collections.abc import Callable

import pytest

from flows.steps import completeness, intake
from schemas.application import ApplicationStatus
from schemas.errors import WrongMoment
from schemas.facts import Kind
from schemas.finding import Severity
from tests.offices import CURED, Desk

Open = Callable[..., Desk]


def test_intake_is_not_closed_before_the_cutoff_nor_in_its_second(desk_at: Open) -> None:
    desk = desk_at("received")
    desk.at(desk.contest.cutoff)
    with pytest.raises(WrongMoment):
        completeness.close(desk.office, desk.who("secretary"), desk.contest.id)
    desk.after_cutoff(seconds=1)
    completeness.close(desk.office, desk.who("secretary"), desk.contest.id)


def test_an_override_admits_when_nothing_else_stands_and_is_done_once(desk_at: Open) -> None:
    desk = desk_at("checked")
    mine = [one for one in desk.all_findings("open") if one.application_id == desk.case(2).id]
    (gap,) = [one for one in mine if one.severity is Severity.TO_CURE]
    completeness.override(desk.office, desk.who("secretary"), gap.id, "Түп нускасы кагаз түрүндө көрүлдү.")
    assert desk.case(2).status is ApplicationStatus.COMPLETE
    with pytest.raises(WrongMoment):
        completeness.override(desk.office, desk.who("secretary"), gap.id, "Дагы бир жолу.")


def test_a_cure_comes_once_and_only_when_it_is_asked_for(desk_at: Open) -> None:
    desk = desk_at("checked")
    missing = desk.papers.package(CURED, only=(Kind.SOCIAL_CERTIFICATE,))
    intake.cure(desk.office, desk.ngo(2), desk.case(2).id, missing)
    other = desk.papers.package(CURED, only=(Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE, Kind.BANK_DETAILS))
    (other / "дагы.txt").write_bytes(b"something else")
    with pytest.raises(WrongMoment):
        intake.cure(desk.office, desk.ngo(2), desk.case(2).id, other)
    with pytest.raises(WrongMoment):
        intake.cure(desk.office, desk.ngo(1), desk.case(1).id, other)
    assert desk.case(2).round == 2
