"""A contract that is cut shorter: what its plan has no more is on record as dropped, and nobody counts it or asks for it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from docx import Document as Docx

from flows.steps import contracting, monitoring, overview, seeing, tranches
from flows.steps.letters import compose
from flows.steps.worklist import worklist
from schemas.contract import ContractStatus, Tranche, TrancheStatus
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.errors import WrongMoment
from schemas.event import Act, Event
from schemas.facts import BudgetLine, Kind
from schemas.outbox import Letter
from schemas.report import Period, PeriodStatus, Report
from storage.ledger import Because
from storage.work import looking
from tests.contracting.test_plan import publish, sign, under
from tests.offices import Desk

__all__ = ["under"]
Open = Callable[..., Desk]
D, P = PeriodStatus.DROPPED, PeriodStatus.PLANNED
MONTHS = {"every": '"month"', "split": '[30, 70], source = "x", status = "verified" }\nafter = { value = [0, "final"]'}


@pytest.fixture
def desk(desk_at: Open, under: Callable[..., None]) -> Desk:
    """Signed for six months, October to March; the second half of the money follows the last report."""
    desk = desk_at("decided")
    under(desk, **MONTHS)
    assert publish(desk) == []
    sign(desk)
    return desk


def plan(desk: Desk) -> list[Period]:
    return desk.all(Period, contract_id=desk.contract().id, order="number")


def amend(desk: Desk, ends: date) -> None:
    contracting.amend(desk.office, desk.who("lawyer"), desk.contract().id, ends=ends, reason="акча кыскарды")


def noon(desk: Desk, on: date) -> None:
    desk.at(datetime.combine(on, time(12), ZoneInfo(desk.contest.zone)))


def accepted(desk: Desk, number: int) -> None:
    """A report that came and is in order; what the reader would find is not the matter here."""
    package = desk.home / f"package{number}"
    package.mkdir()
    package.joinpath("report.txt").write_text(f"report {number}")
    monitoring.hand_in_report(desk.office, desk.who("secretary"), desk.contract().id, number, package)
    with desk.office.acting(CLOCK, Act.REPORT_READ) as work:
        (report,) = work.all(Report, period_id=desk.period(number).id)
        report.read, report.spent = True, 100
        report.lines = [BudgetLine(name=desk.contract().lines[0]["name"], total=100, requested=0).model_dump()]
        work.record(Act.REPORT_READ, report, because=Because(reason="read"))
    monitoring.accept(desk.office, desk.who("coordinator"), desk.period(number).id)


def test_periods_that_the_new_plan_has_no_more_stay_on_record_as_dropped(desk: Desk) -> None:
    before = plan(desk)
    amend(desk, date(2018, 12, 15))
    after = plan(desk)
    assert [(one.number, one.of, one.status, one.final) for one in after] == [
        *((1, 3, P, False), (2, 3, P, False), (3, 3, P, True)),
        *((4, 6, D, False), (5, 6, D, False), (6, 6, D, True)),
    ]
    assert [one.wakes_on for one in after[3:]] == [None] * 3
    assert [(one.id, one.starts, one.due) for one in after[3:]] == [(one.id, one.starts, one.due) for one in before[3:]]
    (event,) = desk.all(Event, act=Act.CONTRACT_AMEND)
    assert {one.event_id for one in after} == {event.id}
    assert '"field":"period","name":"№ 5","now":null,"was":"2019-03-07"' in event.body.decode()
    assert sum(line["amount"] for one in after[:3] for line in one.lines) == desk.contract().amount
    assert monitoring.check_agenda(desk.office) == monitoring.Reckoned()


def test_the_contractor_is_told_which_periods_fall_away(desk: Desk) -> None:
    amend(desk, date(2018, 12, 15))
    (letter,) = desk.all(Letter, code="amended")
    with looking(desk.office.engine, desk.office.system) as look:
        message = compose(desk.office, look, letter)
    body = message.get_body(("plain",))
    assert body is not None
    told = " ".join(body.get_content().split()).replace("\u00a0", " ")
    assert "пландан чыгарылды, алар боюнча отчёт талап кылынбайт: № 4:" in told
    assert [f"№ {number}:" in told for number in range(1, 7)] == [False] * 3 + [True] * 3
    assert "3 (3 ичинен)" in told
    newest = desk.all(Document, subject_id=desk.contract().id, kind=Kind.CONTRACT, order="round")[-1]
    assert newest.blob_id is not None
    paper = Docx(BytesIO(desk.office.blobs.read(newest.blob_id, 10_000_000)))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert [any(f"№ {number}: —" in one for one in cells) for number in range(1, 7)] == [False] * 3 + [True] * 3


def test_nobody_counts_or_asks_for_what_was_dropped(desk: Desk) -> None:
    amend(desk, date(2018, 12, 15))
    dropped = [one.id for one in plan(desk)[3:]]
    number = desk.contract().number
    assert desk.tranche(2).after_period == 3
    with looking(desk.office.engine, desk.office.system) as look:
        head, on = desk.who("head"), date(2019, 6, 1)
        one = overview.view(look, head, desk.contract().id, on)
        whole = overview.of_contest(look, head, desk.contest.id, on)
    assert ([each.number for each in one.periods], [each.number for each in one.dropped]) == ([1, 2, 3], [4, 5, 6])
    assert whole.periods == {P: 3}
    assert [point.planned for point in whole.curve] == [point.planned for point in overview.spending(one)]
    assert whole.curve[-1].planned == desk.contract().amount

    ics = seeing.calendar(desk.office, desk.who("head"), desk.contest.id, "en")["ics"].decode().replace("\r\n ", "")
    events = {part.partition("@ashar")[0]: part for part in ics.split("UID:period-")[1:]}
    assert {key: "STATUS:CANCELLED" in part for key, part in events.items()} == {
        str(each.id): each.id in dropped for each in plan(desk)
    }
    assert not any("VALARM" in events[str(each)] for each in dropped)
    book = openpyxl.load_workbook(BytesIO(seeing.export(desk.office, desk.who("head"), desk.contest.id, "en")["xlsx"]))
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True) if row[0] == number]
    assert 3 in rows[0]
    assert 6 not in rows[0]
    assert all("dropped" not in str(cell) for row in rows for cell in row)

    for day in (date(2018, 10, 2), date(2018, 11, 2), date(2018, 12, 2), date(2019, 1, 30), date(2019, 4, 30)):
        noon(desk, day)
        assert monitoring.sweep(desk.office).troubles == []
    assert desk.work().troubles == []
    lists = worklist(desk.office)
    assert {each.period for each in (*lists.due, *lists.overdue)} == {"1 / 3", "2 / 3", "3 / 3"}
    assert {each.facts["of"] for each in desk.all(Letter) if "period" in each.facts} == {3}
    assert {each.facts["period"] for each in desk.all(Letter) if "period" in each.facts} == {1, 2, 3}
    assert not {each.row_id for each in desk.all(Letter)} & set(dropped)


def test_nothing_can_be_done_for_what_was_dropped(desk: Desk) -> None:
    amend(desk, date(2018, 12, 15))
    office, coordinator, four = desk.office, desk.who("coordinator"), desk.period(4)
    package = desk.home / "package"
    package.mkdir()
    package.joinpath("report.txt").write_text("report")
    with office.looking(coordinator) as look, pytest.raises(WrongMoment):
        monitoring.forms_of(look, four)
    for act in (
        lambda: monitoring.hand_in_report(office, desk.who("secretary"), desk.contract().id, 4, package),
        lambda: monitoring.extend(office, coordinator, four.id, date(2020, 1, 1), "x"),
        lambda: monitoring.pause(office, coordinator, four.id, "x"),
    ):
        with pytest.raises(WrongMoment):
            act()
    assert desk.period(4) == four


def test_what_was_dropped_holds_no_tranche_and_no_evaluation(desk: Desk) -> None:
    tranches.pay(desk.office, desk.who("finance"), desk.tranche(1).id, desk.tranche(1).order_number or "")
    amend(desk, date(2018, 11, 30))
    noon(desk, date(2019, 5, 1))
    monitoring.sweep(desk.office)
    for number in (1, 2):
        accepted(desk, number)
    assert desk.work().troubles == []
    assert desk.tranche(2).status is TrancheStatus.ORDERED
    monitoring.evaluate(desk.office, desk.who("coordinator"), desk.contract().id)
    assert desk.work().troubles == []
    assert desk.contract().status is ContractStatus.EVALUATED
    (closing,) = [one for one in desk.all(Document, kind=Kind.NOTICE) if one.name.startswith("closing")]
    assert closing.blob_id is not None
    paper = Docx(BytesIO(desk.office.blobs.read(closing.blob_id, 10_000_000)))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert not any("пландан чыгарылды" in one for one in cells)


def test_a_longer_contract_takes_up_again_what_was_dropped(desk: Desk) -> None:
    before = plan(desk)
    amend(desk, date(2018, 12, 15))
    desk.at(desk.office.now() + timedelta(hours=1))
    amend(desk, date(2019, 4, 30))
    after = plan(desk)
    assert [(one.number, one.of, one.status) for one in after] == [(number, 7, P) for number in range(1, 8)]
    assert [one.id for one in after[:6]] == [one.id for one in before]
    assert [one.wakes_on for one in after] == [one.starts for one in after]
    assert [one.final for one in after] == [False] * 6 + [True]
    assert desk.tranche(2).after_period == 7
    assert [one.facts.get("dropped") is None for one in desk.all(Letter, code="amended", order="written_at key")] == [
        False,
        True,
    ]


def test_a_contract_may_end_with_the_last_period_that_has_begun_and_not_before(desk: Desk) -> None:
    noon(desk, date(2018, 11, 2))
    monitoring.sweep(desk.office)
    events = len(desk.all(Event))
    with pytest.raises(WrongMoment):
        amend(desk, date(2018, 11, 29))
    assert len(desk.all(Event)) == events
    amend(desk, date(2018, 11, 30))
    assert [(one.of, one.status, one.final) for one in plan(desk)[:3]] == [
        (2, PeriodStatus.OPEN, False),
        (2, PeriodStatus.OPEN, True),
        (6, D, False),
    ]
    assert {one.after_period for one in desk.all(Tranche) if one.number > 1} == {2}
    (letter,) = desk.all(Letter, code="amended")
    assert letter.facts["schedule"] == ""


def test_the_final_report_on_the_whole_takes_the_number_after_the_last_period_that_is_left(
    desk_at: Open,
    under: Callable[..., None],
) -> None:
    desk = desk_at("decided")
    under(desk, every='"month"', align='"start", source = "x", status = "verified" }\nseparate_final = { value = true')
    assert publish(desk) == []
    sign(desk)
    amend(desk, date(2018, 12, 31))
    assert [(one.number, one.of, one.whole, one.status) for one in plan(desk)] == [
        *((1, 4, False, P), (2, 4, False, P), (3, 4, False, P), (4, 4, True, P)),
        *((5, 7, False, D), (6, 7, False, D), (7, 7, True, D)),
    ]
    assert (desk.period(4).starts, desk.period(4).wakes_on) == (date(2018, 10, 1), date(2018, 12, 31))
    amend(desk, date(2019, 1, 31))
    assert [(one.number, one.whole, one.status) for one in plan(desk)][3:6] == [
        (4, False, P),
        (5, True, P),
        (6, False, D),
    ]
    assert desk.period(4).starts == date(2019, 1, 1)
