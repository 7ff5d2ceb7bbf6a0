"""What becomes of a report: only what was wrong comes again, and what was refused was never given."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.demo.reports import ReportSituation
from flows.steps import monitoring
from schemas.customer import Role
from schemas.doer import CLOCK
from schemas.errors import NoReason, NotFound, WrongMoment
from schemas.event import Act, Event
from schemas.outbox import Letter
from schemas.report import PeriodStatus, Report
from storage.ledger import Because
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


def test_an_explanation_that_names_a_line_explains_that_line_alone(desk_at: Open) -> None:
    """Two lines are off: the one that stays unexplained is named where the tranche is held."""
    desk = desk_at("reported")
    period = desk.period()
    report = monitoring.latest(desk.office, period.id)
    (first,) = [one["facts"]["line"] for one in report.remarks if one["rule"] == "variance"]
    second = next(one["name"] for one in desk.contract().lines if one["name"] != first)
    with desk.office.acting(CLOCK, Act.REPORT_READ) as work:
        row = work.get(Report, report.id)
        twin = next(one for one in row.remarks if one["rule"] == "variance")
        row.remarks = [*row.remarks, {**twin, "facts": {**twin["facts"], "line": second}}]
        work.record(Act.REPORT_READ, row, because=Because(reason="a second line"))

    with pytest.raises(NotFound):
        monitoring.explain(desk.office, desk.ngo(), period.id, "кымбаттады", line="жок сап")
    monitoring.explain(desk.office, desk.ngo(), period.id, "кымбаттады", line=first.upper())
    assert desk.work().troubles == []
    (unmet,) = [one for one in desk.tranche(2).unmet if one["rule"] == "variance_open"]
    assert unmet["facts"] == {"period": 1, "of": 2, "lines": f"«{second}»"}
    with pytest.raises(WrongMoment) as refused:
        monitoring.accept(desk.office, desk.who("coordinator"), period.id)
    assert refused.value.facts["waiting"] == "variance"

    monitoring.explain(desk.office, desk.ngo(), period.id, "кечикти", line=second)
    monitoring.explain(desk.office, desk.ngo(), period.id, "кардан кечикти", line=second)
    assert [one["text"] for one in monitoring.latest(desk.office, period.id).explanations] == [
        "кымбаттады",
        "кардан кечикти",
    ]
    monitoring.accept(desk.office, desk.who("coordinator"), period.id)


def test_the_timeline_says_which_period_of_how_many(desk_at: Open) -> None:
    desk = desk_at("reported")
    told = {one.act: one.body.decode() for one in desk.all(Event, noun="period")}
    assert Act.REPORT_RECEIVE in told
    assert [act for act, body in told.items() if '"of":2' not in body or '"period":1' not in body] == []
