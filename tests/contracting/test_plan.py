"""The plan of a contract: made at the signing, cut by milestones where the pack says so, made anew by amendments."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document as Docx

from flows.steps import contracting, monitoring, overview, planning, results, sitting, tranches
from rules import packs
from schemas.contract import Contract, ContractStatus, Tranche, TrancheStatus
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.errors import BadAmount, BadMilestone, NotFound, OverCeiling, WrongMoment
from schemas.event import Act, Event
from schemas.facts import BudgetLine, Checkpoint, Kind
from schemas.report import Period, PeriodStatus, Report
from storage.ledger import Because
from storage.work import looking
from tests.offices import Desk

Open = Callable[..., Desk]
DAY = timedelta(days=1)
SET, LESSONS = (
    Checkpoint(name="Контейнерлер коюлду", planned="2018-11-30"),
    Checkpoint(name="Сабактар", planned="2019-02-10"),
)


@pytest.fixture
def under(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The contest of a desk is held to the example pack with other values in its file."""

    def put(desk: Desk, **told: str) -> None:
        text = (Path(packs.__file__).parent / "packs" / "example.toml").read_text(encoding="utf-8")
        for name, value in told.items():
            before, mark, rest = text.partition(f"\n{name} = {{ value = ")
            text = f"{before}{mark}{value}, status{rest.partition(', status')[2]}"
        folder = tmp_path / "packs"
        folder.mkdir()
        name = f"example-{tmp_path.name}".lower()
        folder.joinpath(f"{name}.toml").write_text(text, encoding="utf-8")
        monkeypatch.setattr(packs, "FOLDER", folder)
        with desk.office.acting(CLOCK, Act.CONTEST_CLOSE) as work:
            contest = work.get(type(desk.contest), desk.contest.id)
            contest.pack, contest.pack_sha256 = name, packs.load(name).sha256
            work.record(Act.CONTEST_CLOSE, contest, because=Because(reason="another pack"))

    return put


def publish(desk: Desk) -> list[tuple[str, str, str]]:
    """The minutes are signed, the results public; the troubles of what follows."""
    sitting.sign_minutes(desk.office, desk.member(1), desk.meeting().id)
    results.publish(desk.office, desk.who("head"), desk.contest.id)
    return desk.work().troubles


def sign(desk: Desk, on: date | None = None) -> Contract:
    until = results.appeal_until(desk.office, desk.contest)
    assert until is not None
    zone = desk.journey.towns[0].zone
    desk.at(datetime.combine(on, time(10), zone) if on else until + timedelta(hours=10))
    contracting.sign(desk.office, desk.who("head"), desk.contract().id)
    assert desk.work().troubles == []
    return desk.contract()


def planned(desk: Desk) -> list[Period]:
    return desk.all(Period, contract_id=desk.contract().id, order="number")


def paper(desk: Desk) -> str:
    """The text of the newest paper of our contract, table cells too."""
    newest = desk.all(Document, subject_id=desk.contract().id, kind=Kind.CONTRACT, order="round name")[-1]
    assert newest.blob_id is not None
    document = Docx(BytesIO(desk.office.blobs.read(newest.blob_id, 10_000_000)))
    return "\n".join("".join(one.itertext()) for one in document.element.body.iter() if one.tag.endswith("}p")).replace(
        "\u00a0", " "
    )


# -- at the signing ---------------------------------------------------------------------------------------------------------


def test_a_draft_has_no_periods_on_record_and_shows_those_that_the_signing_makes(desk_at: Open) -> None:
    desk = desk_at("published")
    assert planned(desk) == []
    for each in ("2018-жылдын 1-октябрынан", "с 1 января 2019 г. по 31 марта 2019 г."):
        assert each in paper(desk)
    sign(desk)
    assert [(one.number, one.of, one.starts, one.ends, one.due) for one in planned(desk)] == [
        (1, 2, date(2018, 10, 1), date(2018, 12, 31), date(2019, 1, 14)),
        (2, 2, date(2019, 1, 1), date(2019, 3, 31), date(2019, 4, 19)),
    ]
    assert [one.wakes_on for one in planned(desk)] == [one.starts for one in planned(desk)]


def test_who_signs_late_has_no_report_that_was_due_before(desk_at: Open) -> None:
    desk = desk_at("published")
    sign(desk, date(2019, 2, 1))
    (only,) = planned(desk)
    assert (only.starts, only.ends, only.due, only.final) == (
        date(2018, 10, 1),
        date(2019, 3, 31),
        date(2019, 4, 19),
        True,
    )
    assert sum(one["amount"] for one in only.lines) == desk.contract().amount


def test_who_signs_after_the_last_day_has_his_term_from_the_signing(desk_at: Open) -> None:
    desk = desk_at("published")
    sign(desk, date(2019, 6, 3))
    assert [one.due for one in planned(desk)] == [date(2019, 6, 25)]


# -- milestones ------------------------------------------------------------------------------------------------------------


def test_under_a_pack_of_milestones_nothing_is_drafted_without_one_and_the_officer_gives_them(
    desk_at: Open, under: Callable[..., None]
) -> None:
    desk = desk_at("decided")
    under(desk, every='"milestone"')
    assert [(name, what) for name, _, what in publish(desk)] == [("contracting.draft", "NoMilestones")]
    contract = desk.contract()
    assert (contract.status, desk.all(Document, subject_id=contract.id)) == (ContractStatus.PREPARED, [])

    with pytest.raises(BadMilestone):
        late = Checkpoint(name="Кийин", planned="2019-04-01")
        planning.set_milestones(desk.office, desk.who("lawyer"), contract.id, [SET, late], "план")
    with pytest.raises(BadMilestone):
        planning.set_milestones(
            desk.office, desk.who("lawyer"), contract.id, [Checkpoint(name=" ", planned="2019-03-01")], "x"
        )
    planning.set_milestones(desk.office, desk.who("lawyer"), contract.id, [LESSONS, SET], "арыз ээсинин планы")
    assert desk.work().troubles == []
    assert desk.contract().status is ContractStatus.DRAFTED
    for each in ("Контейнерлер коюлду", "Сабактар", "30 ноября 2018"):
        assert each in paper(desk)

    sign(desk)
    assert [(one.ends, one.title, one.final) for one in planned(desk)] == [
        (date(2018, 11, 30), "Контейнерлер коюлду", False),
        (date(2019, 2, 10), "Сабактар", False),
        (date(2019, 3, 31), "", True),
    ]


def test_milestones_given_anew_are_drafted_anew_and_only_the_new_paper_is_signed(desk_at: Open) -> None:
    desk = desk_at("published")
    lawyer, contract = desk.who("lawyer"), desk.contract().id
    planning.set_milestones(desk.office, lawyer, contract, [SET], "план")
    events = len(desk.all(Event))
    planning.set_milestones(desk.office, lawyer, contract, [SET], "план")
    assert len(desk.all(Event)) == events
    with pytest.raises(WrongMoment):
        sign(desk)
    assert desk.work().troubles == []
    desk.at(desk.office.now() + DAY)
    planning.set_milestones(desk.office, lawyer, contract, [LESSONS], "башка план")
    assert desk.work().troubles == []
    papers = desk.all(Document, subject_id=contract, kind=Kind.CONTRACT, order="round")
    assert [one.current for one in papers] == [False] * (len(papers) - 1) + [True]
    sign(desk)
    with pytest.raises(WrongMoment):
        planning.set_milestones(desk.office, lawyer, contract, [SET], "план")


# -- tranches ---------------------------------------------------------------------------------------------------------------


def test_half_of_the_money_is_not_paid_after_one_month_of_six(desk_at: Open, under: Callable[..., None]) -> None:
    desk = desk_at("decided")
    under(desk, every='"month"', split='[30, 70], source = "x", status = "verified" }\nafter = { value = [0, "1/2"]')
    assert publish(desk) == []
    sign(desk)
    assert [one.after_period for one in desk.all(Tranche, contract_id=desk.contract().id, order="number")] == [0, 3]
    assert len(planned(desk)) == 6


def test_who_signs_late_has_half_of_fewer_periods(desk_at: Open, under: Callable[..., None]) -> None:
    desk = desk_at("decided")
    under(desk, every='"month"', split='[30, 70], source = "x", status = "verified" }\nafter = { value = [0, "1/2"]')
    assert publish(desk) == []
    assert desk.tranche(2).after_period == 3
    sign(desk, date(2019, 2, 2))
    assert (len(planned(desk)), desk.tranche(2).after_period) == (2, 1)


# -- amendments -----------------------------------------------------------------------------------------------------------


def line(desk: Desk, at: int = 0) -> BudgetLine:
    return BudgetLine.model_validate(desk.contract().lines[at])


def test_another_sum_is_shared_by_what_is_not_ordered_and_told_field_by_field(desk_at: Open) -> None:
    desk = desk_at("signed")
    was, one = desk.contract(), line(desk)
    before = [part.amount for part in desk.all(Tranche, contract_id=was.id, order="number")]
    less = one.requested - 100_000
    contracting.amend(desk.office, desk.who("lawyer"), was.id, lines={one.name: less}, reason="арзандады")
    now = desk.contract()
    assert (now.amount, line(desk).requested) == (was.amount - 100_000, less)
    after = [part.amount for part in desk.all(Tranche, contract_id=was.id, order="number")]
    assert (before, after) == ([2_000_000, 2_000_000, 1_000_000], [2_000_000, 1_933_333, 966_667])
    assert sum(one["amount"] for period in planned(desk) for one in period.lines) == now.amount
    (told,) = desk.all(Event, act=Act.CONTRACT_AMEND)
    body = told.body.decode()
    for each in (f'"was":{was.amount}', f'"now":{now.amount}', '"field":"line"', '"field":"amount"'):
        assert each in body
    for each in ("Жаңы смета", "Транштардын жаңы графиги", "Алдыдагы отчеттук мезгилдер", "1-тиркеме"):
        assert each in paper(desk)


def test_a_sum_stays_within_the_ceiling_and_above_what_is_ordered_and_spent(desk_at: Open) -> None:
    desk = desk_at("signed")
    lawyer, contract, one = desk.who("lawyer"), desk.contract(), line(desk)
    before = len(desk.all(Event))
    refusals = [
        (OverCeiling, {one.name: desk.contest.budget + 1}),
        (BadAmount, {one["name"]: 0 for one in contract.lines}),
        (BadAmount, {row["name"]: 1 for row in contract.lines}),
    ]
    for error, lines in refusals:
        with pytest.raises(error):
            contracting.amend(desk.office, lawyer, contract.id, lines=lines, reason="x")
    with pytest.raises(NotFound):
        contracting.amend(desk.office, lawyer, contract.id, targets={"жок көрсөткүч": 3}, reason="x")
    with pytest.raises(WrongMoment):
        contracting.amend(desk.office, lawyer, contract.id, lines={one.name: one.requested}, reason="x")
    assert len(desk.all(Event)) == before


def test_what_the_sum_grows_by_after_the_last_order_is_a_tranche_of_its_own(desk_at: Open) -> None:
    desk = desk_at("accepted")
    assert {one.status for one in desk.all(Tranche, contract_id=desk.contract().id)} == {TrancheStatus.PAID}
    contract, one = desk.contract(), line(desk)
    with desk.office.acting(CLOCK, Act.CONTEST_CLOSE) as work:  # room above the sum
        contest = work.get(type(desk.contest), desk.contest.id)
        contest.budget += 500
        contest.themes = [{**theme, "ceiling": theme["ceiling"] + 500} for theme in contest.themes]
        work.record(Act.CONTEST_CLOSE, contest, because=Because(reason="more"))
    paid = [(part.amount, part.order_number) for part in desk.all(Tranche, contract_id=contract.id, order="number")]
    contracting.amend(
        desk.office, desk.who("lawyer"), contract.id, lines={one.name: one.requested + 500}, reason="кымбаттады"
    )
    parts = desk.all(Tranche, contract_id=contract.id, order="number")
    assert [(part.amount, part.order_number) for part in parts[:-1]] == paid
    assert (parts[-1].amount, parts[-1].after_period) == (500, 2)
    assert desk.work().troubles == []
    assert desk.tranche(len(parts)).status is TrancheStatus.ORDERED


def test_accepted_periods_keep_everything_when_targets_and_the_last_day_change(desk_at: Open) -> None:
    desk = desk_at("accepted")
    contract, before = desk.contract(), planned(desk)
    indicator = contract.indicators[0]
    contracting.amend(
        desk.office,
        desk.who("lawyer"),
        contract.id,
        ends=contract.ends + 61 * DAY,
        targets={indicator["name"]: indicator["target"] + 9},
        reason="узартуу",
    )
    after = planned(desk)
    assert [one.model_dump() for one in after[: len(before)]] == [one.model_dump() for one in before]
    assert (after[-1].status, after[-1].starts) == (PeriodStatus.PLANNED, before[-1].ends + DAY)
    assert desk.contract().indicators[0] == {**indicator, "target": indicator["target"] + 9}


def test_milestones_to_come_are_planned_anew(desk_at: Open, under: Callable[..., None]) -> None:
    desk = desk_at("decided")
    under(desk, every='"milestone"')
    publish(desk)
    planning.set_milestones(desk.office, desk.who("lawyer"), desk.contract().id, [SET, LESSONS], "план")
    desk.work()
    sign(desk)
    more = [SET, Checkpoint(name="Сабактар", planned="2019-01-20"), Checkpoint(name="Жыйынтык", planned="2019-03-31")]
    contracting.amend(desk.office, desk.who("lawyer"), desk.contract().id, milestones=more, reason="эрте башталат")
    assert [(one.ends, one.title) for one in planned(desk)] == [
        (date(2018, 11, 30), "Контейнерлер коюлду"),
        (date(2019, 1, 20), "Сабактар"),
        (date(2019, 3, 31), "Жыйынтык"),
    ]
    assert "Сабактар: 2019-жылдын 10-февралы" in paper(desk)
    contracting.amend(desk.office, desk.who("lawyer"), desk.contract().id, milestones=[SET], reason="азыраак")
    assert [(one.ends, one.title, one.status, one.of) for one in planned(desk)] == [
        (date(2018, 11, 30), "Контейнерлер коюлду", PeriodStatus.PLANNED, 2),
        (date(2019, 3, 31), "", PeriodStatus.PLANNED, 2),
        (date(2019, 3, 31), "Жыйынтык", PeriodStatus.DROPPED, 3),
    ]


# -- the final report ---------------------------------------------------------------------------------------------------------


def test_a_final_report_on_the_whole_follows_the_last_period_and_waits_for_the_last_day(
    desk_at: Open, under: Callable[..., None]
) -> None:
    desk = desk_at("decided")
    under(desk, align='"start", source = "x", status = "verified" }\nseparate_final = { value = true')
    assert publish(desk) == []
    assert "бүткүл долбоор боюнча жыйынтыктоочу отчёт" in paper(desk)
    sign(desk)
    last = planned(desk)[-1]
    assert (last.number, last.of, last.whole, last.final) == (3, 3, True, True)
    assert (last.starts, last.wakes_on) == (date(2018, 10, 1), date(2019, 3, 31))


def handed_in(desk: Desk, number: int, spent: int) -> None:
    """A report with this spending; what the reader would find is not the matter here."""
    package = desk.home / f"package{number}"
    package.mkdir()
    package.joinpath("report.txt").write_text(f"report {number}")
    period = desk.period(number)
    monitoring.hand_in_report(desk.office, desk.who("secretary"), desk.contract().id, number, package)
    with desk.office.acting(CLOCK, Act.REPORT_READ) as work:
        (report,) = work.all(Report, period_id=period.id)
        name = desk.contract().lines[0]["name"]
        report.read, report.spent = True, spent
        report.lines = [BudgetLine(name=name, total=spent, requested=0).model_dump()]
        work.record(Act.REPORT_READ, report, because=Because(reason="read"))


def test_the_final_report_is_accepted_last_and_the_evaluation_and_the_balance_rest_on_it(
    desk_at: Open, under: Callable[..., None]
) -> None:
    desk = desk_at("decided")
    under(desk, align='"start", source = "x", status = "verified" }\nseparate_final = { value = true')
    assert publish(desk) == []
    sign(desk)
    order = desk.tranche(1).order_number or ""
    tranches.pay(desk.office, desk.who("finance"), desk.tranche(1).id, order)
    zone, coordinator, contract = desk.journey.towns[0].zone, desk.who("coordinator"), desk.contract().id
    desk.at(datetime.combine(date(2019, 4, 1), time(9), zone))
    assert monitoring.sweep(desk.office).opened == 3
    for number, spent in ((1, 300), (2, 200), (3, 500)):
        handed_in(desk, number, spent)
    monitoring.accept(desk.office, coordinator, desk.period(1).id)
    with pytest.raises(WrongMoment):
        monitoring.accept(desk.office, coordinator, desk.period(3).id)
    monitoring.accept(desk.office, coordinator, desk.period(2).id)
    assert desk.contract().spent == 500
    with pytest.raises(WrongMoment):
        monitoring.evaluate(desk.office, coordinator, contract)
    monitoring.accept(desk.office, coordinator, desk.period(3).id)
    assert desk.contract().spent == 500
    monitoring.evaluate(desk.office, coordinator, contract)
    assert desk.contract().balance == desk.tranche(1).amount - 500
    assert desk.work().troubles == []
    closing = desk.all(Document, subject_id=contract, kind=Kind.NOTICE)
    assert [one.name for one in closing if one.name.startswith("closing")] != []
    with looking(desk.office.engine, desk.office.system) as look:
        seen = overview.views(look, [desk.contract()], desk.contest, desk.office.today(desk.contest.zone))[0]
    assert (seen.spent, seen.lines[0].spent, overview.spending(seen)[-1].spent) == (500, 500, 500)
