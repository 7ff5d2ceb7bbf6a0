"""Each line of the second table of docs/bad-input.md, from a real mailbox to what people read."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from email.utils import parseaddr
from pathlib import Path

import pytest

from flows.steps import collection, monitoring
from schemas.collection import Mailbox, Obstacle, Parcel
from schemas.contract import Contract
from schemas.document import Document
from schemas.facts import Indicator, PlannedLine
from schemas.finding import Remark, Severity
from schemas.outbox import Letter
from schemas.report import Period, PeriodStatus, Report
from scripts.make_bad_input import TARGET, page, sentence
from tests.collection.bad_makers import Bench, papers
from tests.collection.bad_reports import BAD_REPORTS, BadReport, Same
from tests.collection.imap_server import PASSWORD, USER, ImapServer
from tests.collection.test_correspondents import neighbours
from tests.collection.test_hostile_mail import killed_while_opening
from tests.offices import Desk, Stages
from tests.quality.report_files import Told

pytestmark = pytest.mark.server
SOM = 100


@pytest.fixture(scope="module")
def running() -> Iterator[ImapServer]:
    server = ImapServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def source(running: ImapServer) -> Mailbox:
    running.empty()
    told = {"customer": "batken", "host": "127.0.0.1", "port": running.plain, "security": "none"}
    return Mailbox.model_validate({**told, "user": USER, "password": PASSWORD})


def told_of(contract: Contract, period: Period, *, opening: float, share: int) -> Told:
    """A good report: each line spent as planned, with a receipt, every indicator `share` per cent of its way."""
    lines = [(one.name, one.amount / SOM) for one in map(PlannedLine.model_validate, period.lines) if one.amount]
    indicators = [Indicator.model_validate(one) for one in contract.indicators]
    spent = sum(som for _, som in lines)
    return Told(
        number=contract.number,
        period=period.number,
        lines=tuple((name, som, som) for name, som in lines),
        receipts=tuple((f"{period.number}-{at}", period.starts, name, som) for at, (name, som) in enumerate(lines, 1)),
        indicators=tuple(
            (one.name, one.baseline, one.target, one.baseline + (one.target - one.baseline) * share // 100)
            for one in indicators
        ),
        steps=(),
        cash=(opening, spent - opening, 0),
    )


def at_day(desk: Desk, day: date, hour: int = 11) -> None:
    desk.at(datetime.combine(day, time(hour), desk.journey.towns[0].zone))


def bench_of(desk: Desk) -> Bench:
    contract, period = desk.contract(), desk.period(2)
    told = told_of(contract, period, opening=0, share=100)
    return Bench(contract.number, parseaddr(desk.case(1).sender)[1], told, period.starts, period.ends)


@pytest.fixture(scope="module")
def second(played: Stages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the report of the first period is accepted and the second period is open."""
    home = tmp_path_factory.mktemp("second")
    desk = played.desk("reporting", home)
    contract, period = desk.contract(), desk.period()
    package = tmp_path_factory.mktemp("first")
    for name, content in papers(told_of(contract, period, opening=0, share=40)):
        (package / name).write_bytes(content)
    at_day(desk, period.ends + timedelta(days=1))
    monitoring.hand_in_report(desk.office, desk.ngo(), contract.id, 1, package)
    assert desk.work().troubles == []
    assert [one for one in desk.all(Report)[0].remarks if one["severity"] != Severity.NOTICE] == []
    monitoring.accept(desk.office, desk.who("coordinator"), period.id)
    at_day(desk, desk.period(2).ends)
    monitoring.sweep(desk.office)
    assert desk.work().troubles == []
    desk.close()
    return home


@pytest.fixture
def desk(case: BadReport, second: Path, played: Stages, tmp_path: Path, desk_at: Callable[..., Desk]) -> Iterator[Desk]:
    if case.before == "two periods wait":
        yield desk_at("reporting")
        return
    shutil.copytree(second, tmp_path / "home")
    desk = Desk(tmp_path / "home", played.papers, played.reader, dict(case.settings))
    yield desk
    desk.close()


def first(desk: Desk, case: BadReport, bench: Bench, source: Mailbox, running: ImapServer) -> None:
    """What went before."""
    if case.before == "another contract of the same contractor":
        neighbours(desk, 1, sender=bench.contractor)
    if case.before == "two periods wait":
        at_day(desk, desk.period(2).starts)
        monitoring.sweep(desk.office)
        assert {one.status for one in desk.all(Period, contract_id=desk.contract().id)} == {PeriodStatus.OPEN}
    if case.before == "the day after its term":
        at_day(desk, desk.period(2).due + timedelta(days=1))
    if case.before == "returned":
        running.deliver(bench.mail(papers(bench.told), identity="first"))
        assert collection.collect(desk.office, source).filed == 1
        assert desk.work().troubles == []
        monitoring.return_report(desk.office, desk.who("coordinator"), desk.period(2).id, "Сүрөттөр жок.")
        assert desk.work().troubles == []


@pytest.mark.parametrize("case", BAD_REPORTS, ids=str)
def test_what_comes_of(case: BadReport, desk: Desk, source: Mailbox, running: ImapServer) -> None:
    bench = bench_of(desk)
    first(desk, case, bench, source, running)
    letters, reports = len(desk.all(Letter)), len(desk.all(Report))
    running.deliver(*case.make(bench))
    if case.before.startswith("killed"):
        for _ in range(2):
            killed_while_opening(desk, source)

    found = collection.collect(desk.office, source)

    assert found.trouble == ""
    assert desk.work().troubles == []
    told = desk.all(Letter, order="written_at key")[letters:]
    if isinstance(case.told, Obstacle):
        assert (found.filed, found.waiting) == (0, 1)
        waits_in_the_tray(desk, case, bench, told)
        assert len(desk.all(Report)) == reports
    elif isinstance(case.told, Same):
        [letter] = told
        assert (letter.code, parseaddr(letter.to)[1]) == ("report_same", bench.contractor)
        assert (desk.period(2).status, len(desk.all(Report))) == (PeriodStatus.RETURNED, reports)
    else:
        assert found.waiting == 0
        assert len(desk.all(Report)) == reports + 1
        assert [one.code for one in told] == ["report_received"]
        is_read(desk, case.told)


def waits_in_the_tray(desk: Desk, case: BadReport, bench: Bench, told: list[Letter]) -> None:
    [parcel] = [one for one in desk.all(Parcel) if one.report_id is None]
    assert parcel.obstacle is case.told
    assert bool(desk.all(Document, subject_id=parcel.id)) == case.kept
    to = {one.code: parseaddr(one.to)[1] for one in told}
    assert set(to) == {"parcel_waiting"} | ({"parcel_unclear"} if case.hears else set())
    if case.hears:
        assert to["parcel_unclear"] == bench.contractor
    for letter in told:
        assert set(letter.facts) >= {"received", "obstacle"}
        assert ("files" in letter.facts) == case.kept


def is_read(desk: Desk, told: Remark | None) -> None:
    report = monitoring.latest(desk.office, desk.period(2).id)
    assert report.read
    assert desk.all(Document, subject_id=report.id)
    against = [one for one in report.remarks if one["severity"] != Severity.NOTICE]
    if told is None:
        assert against == []
        return
    found = [(one["rule"], one["severity"], one["facts"]) for one in report.remarks]
    assert (told.rule, told.severity.value, told.facts) in found, found
    if told.severity is Severity.NOTICE:
        assert against == []


def test_the_page_is_made_from_the_list_and_says_everything() -> None:
    assert TARGET.read_text(encoding="utf-8") == page()
    assert len(BAD_REPORTS) >= 25
    assert len({case.name for case in BAD_REPORTS}) == len(BAD_REPORTS)
    for case in BAD_REPORTS:
        for language in ("ky", "ru", "en"):
            said = sentence(case, language)
            assert ("⟨" in said, len(said) > 40 or case.told is None) == (False, True), (case.name, said)
