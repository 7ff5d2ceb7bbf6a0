"""What becomes of a report: only what was wrong comes again, and what was refused was never given."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.demo.reports import ReportSituation
from flows.steps import monitoring
from schemas.customer import Role
from schemas.errors import NoReason, WrongMoment
from schemas.event import Act, Event
from schemas.outbox import Letter
from schemas.report import PeriodStatus, Report
from tests.offices import Desk

Open = Callable[..., Desk]


def only(package: Path, ending: str, into: Path) -> Path:
    """Of a package the files that end so."""
    into.mkdir()
    for one in package.iterdir():
        if one.suffix == ending:
            shutil.copy(one, into / one.name)
    return into


def test_only_the_named_part_comes_again_and_the_other_stands(desk_at: Open) -> None:
    desk = desk_at("reported")
    first = monitoring.latest(desk.office, desk.period().id)
    monitoring.return_report(
        desk.office, desk.who("coordinator"), desk.period().id, "сумма туура эмес", parts=["financial"]
    )
    assert desk.period().parts == ["financial"]
    (letter,) = desk.all(Letter, code="report_returned")
    assert letter.facts["kinds"] == ["financial_report"]

    corrected = only(desk.report(1, ReportSituation.CLEAN), ".xlsx", desk.home / "corrected")
    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, corrected)
    assert desk.work().troubles == []

    second = monitoring.latest(desk.office, desk.period().id)
    assert (second.round, second.parts, desk.period().parts) == (2, ["financial"], [])
    assert second.indicators == first.indicators != []
    assert second.lines != first.lines
    assert "report_missing" not in [one["rule"] for one in second.remarks]
    monitoring.accept(desk.office, desk.who("coordinator"), desk.period().id)
    assert desk.contract().spent == second.spent


def test_without_names_the_whole_report_comes_again_and_a_strange_part_is_refused(desk_at: Open) -> None:
    desk = desk_at("reported")
    coordinator, period = desk.who("coordinator"), desk.period().id
    with pytest.raises(WrongMoment):
        monitoring.return_report(desk.office, coordinator, period, "негиз", parts=["photos"])
    monitoring.return_report(desk.office, coordinator, period, "негиз")

    alone = only(desk.report(1, ReportSituation.CLEAN), ".xlsx", desk.home / "alone")
    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, alone)
    desk.work()
    assert "report_missing" in [one["rule"] for one in monitoring.latest(desk.office, period).remarks]


def test_a_refused_report_counts_as_not_given_and_a_whole_one_is_due_anew(desk_at: Open) -> None:
    desk = desk_at("reported")
    coordinator, before = desk.who("coordinator"), desk.period()
    with pytest.raises(NoReason):
        monitoring.refuse(desk.office, coordinator, before.id, " ")
    monitoring.refuse(desk.office, coordinator, before.id, "отчёт башка долбоор жөнүндө")
    assert desk.work().troubles == []

    after = desk.period()
    assert (after.status, after.received_at, after.late, after.cycle) == (
        PeriodStatus.OPEN,
        None,
        False,
        before.cycle + 1,
    )
    assert after.due > desk.office.now().date()
    assert [one.refused for one in desk.all(Report)] == [True]
    assert [one["rule"] for one in desk.tranche(2).unmet] == ["no_report"]
    assert [one.act for one in desk.all(Event)].count(Act.REPORT_REFUSE) == 1
    head = desk.office.doer("batken", "batken.head")
    assert Role.HEAD in head.roles
    assert {one.code for one in desk.all(Letter)} >= {"report_refused", "report_refused_office"}

    monitoring.hand_in_report(desk.office, desk.ngo(1), desk.contract().id, 1, desk.report(1, ReportSituation.CLEAN))
    assert desk.work().troubles == []
    monitoring.accept(desk.office, coordinator, after.id)
    assert desk.contract().spent == monitoring.latest(desk.office, after.id).spent
