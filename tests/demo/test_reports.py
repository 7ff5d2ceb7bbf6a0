"""The demo's reports read back as what was meant."""

from datetime import date
from pathlib import Path

import pytest

from cli.demo.reports import ContractFacts, ReportPackage, ReportSituation, reports
from documents import reading
from schemas.facts import Facts, Kind

CONTRACT = ContractFacts(
    number="BATKEN-2018-1/01",
    organisation="«Таза Муун» коомдук фонду",
    title="Таштандыдан — бакчага",
    head="Абдыраимова Нурзат Кубатовна",
    lines=[("Иргөө контейнерлери", 1_920_000), ("Көчөттөр", 800_000), ("Координатор", 1_140_050), ("Басуу", 300_000)],
    indicators=[("Иргеген үй-бүлөлөр", 180), ("Жоюлган үймөктөр", 5)],
    periods=[(date(2018, 10, 1), date(2018, 12, 31)), (date(2019, 1, 1), date(2019, 3, 31))],
    units={"Иргеген үй-бүлөлөр": "үй-бүлө"},
)


def read(package: ReportPackage, kind: Kind) -> Facts:
    name = next(name for name, one in package.kinds.items() if one is kind)
    return reading.read(package.path / name, name, file_limit=10_000_000)


@pytest.mark.parametrize("situation", ReportSituation)
@pytest.mark.parametrize("period", [1, 2])
def test_a_report_reads_back_with_its_contract_period_money_and_results(tmp_path: Path, situation, period):
    package = reports("batken", CONTRACT, period, tmp_path, situation=situation)
    money, told = read(package, Kind.FINANCIAL_REPORT), read(package, Kind.PROGRAMME_REPORT)

    assert (money.kind, told.kind) == (Kind.FINANCIAL_REPORT, Kind.PROGRAMME_REPORT)
    assert money.amount("period") == told.amount("period") == period
    assert money.text("number") == CONTRACT.number
    assert money.amount("spent") == package.spent == sum(line.total for line in money.lines)
    assert [(line.name, line.requested, line.total) for line in money.lines] == list(package.lines)
    assert money.arithmetic_holds
    assert [(one.name, one.reached) for one in told.indicators] == list(package.reached)


def test_one_line_is_off_the_plan_and_the_second_hand_in_says_why(tmp_path: Path):
    first = reports("batken", CONTRACT, 1, tmp_path, situation=ReportSituation.VARIANCE)
    again = reports("batken", CONTRACT, 1, tmp_path, situation=ReportSituation.VARIANCE_EXPLAINED)
    off = [name for name, planned, spent in first.lines if abs(spent - planned) * 10 > planned]

    assert len(off) == 1
    assert first.explanation == ""
    assert off[0] in again.explanation
    assert again.lines == first.lines
    assert again.arrives_at > first.arrives_at


def test_late_comes_weeks_after_the_period_and_the_others_within_days(tmp_path: Path):
    late = reports("batken", CONTRACT, 1, tmp_path, situation=ReportSituation.LATE)
    clean = reports("batken", CONTRACT, 1, tmp_path)

    assert (late.arrives_at.date() - date(2018, 12, 31)).days == 24
    assert (clean.arrives_at.date() - date(2018, 12, 31)).days == 3
    assert late.lines == clean.lines


def test_both_periods_together_keep_to_the_contract_and_leave_a_little(tmp_path: Path):
    spent = sum(reports("batken", CONTRACT, period, tmp_path).spent for period in (1, 2))
    planned = sum(amount for _, amount in CONTRACT.lines)

    assert 0.9 * planned < spent < planned


def test_the_same_report_comes_out_byte_by_byte_each_time(tmp_path: Path):
    one, two = (reports("batken", CONTRACT, 1, tmp_path / name).path for name in ("one", "two"))

    for path in one.iterdir():
        assert path.read_bytes() == two.joinpath(path.name).read_bytes()
