import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import ladder, monitoring, periods
from rules import reports as report_rules
from rules.catalog import NOTICE, TO_CURE
from rules.deadlines import is_working
from schemas.contract import Evaluation, TrancheStatus
from schemas.customer import Role
from schemas.facts import Fault, Indicator, Kind
from schemas.report import PeriodStatus
from tests.rules.makers import PACK, SOM, changed, contract, document, period, report, rules_of, tranche

DUE = date(2019, 1, 11)  # a Friday
PAPERS = [
    document(Kind.PROGRAMME_REPORT, number="BATKEN-2018-1/1", period=1),
    document(Kind.FINANCIAL_REPORT, arithmetic_holds=True),
]


def test_half_a_year_is_two_quarters_and_the_last_report_is_the_final_one():
    first, last = periods.plan(PACK, date(2018, 10, 1), date(2019, 3, 31))

    assert (first.starts, first.ends, first.due, first.final) == (
        *(date(2018, 10, 1), date(2018, 12, 31), date(2019, 1, 14), False),
    )
    assert (last.starts, last.ends, last.due, last.final) == (
        *(date(2019, 1, 1), date(2019, 3, 31), date(2019, 4, 19), True),
    )


@given(st.dates(date(2018, 1, 1), date(2027, 1, 1)), st.integers(0, 1000), st.integers(1, 12))
def test_periods_cover_the_term_without_gap_or_overlap(starts: date, days: int, months: int):
    ends = starts + timedelta(days=days)
    planned = periods.plan(changed("monitoring.months", months), starts, ends)

    assert (planned[0].starts, planned[-1].ends) == (starts, ends)
    assert [one.number for one in planned] == list(range(1, len(planned) + 1))
    assert [one.final for one in planned] == [False] * (len(planned) - 1) + [True]
    for before, after in itertools.pairwise(planned):
        assert after.starts == before.ends + timedelta(days=1)
    assert all(one.starts <= one.ends < one.due and is_working(one.due) for one in planned)


def rungs(today: date, *taken: str, status: PeriodStatus = PeriodStatus.OPEN) -> list[str]:
    return [one.code for one in ladder.rungs_due(PACK, period(1, status, due=DUE, rungs=list(taken)), today)]


@pytest.mark.parametrize(
    ("today", "taken", "expected"),
    [
        (date(2018, 12, 27), (), ["opened"]),
        (date(2018, 12, 27), ("opened",), []),
        (date(2018, 12, 28), (), ["soon"]),  # five working days before, over the New Year and Christmas holidays
        (date(2019, 1, 4), ("soon",), []),
        (DUE, ("soon",), ["due"]),
        (DUE, (), ["due"]),  # the missed one is not sent after its day
        (date(2019, 1, 17), ("soon", "due"), []),
        (date(2019, 1, 18), ("soon", "due"), ["overdue_7"]),
        (date(2019, 1, 18), (), ["overdue_7"]),  # no reminder any more
        (date(2019, 1, 25), ("overdue_7",), ["overdue_14"]),
        (date(2019, 1, 26), ("overdue_14",), []),  # nor a lower step after a higher one
        (date(2019, 2, 1), ("overdue_14",), ["overdue_21"]),
        (date(2019, 3, 1), (), ["overdue_14", "overdue_21", "head"]),
        (date(2019, 3, 1), ("overdue_14", "overdue_21", "head"), []),
    ],
)
def test_each_step_of_the_ladder_is_taken_once_on_its_day_or_caught_up(today: date, taken: tuple, expected: list):
    assert rungs(today, *taken) == expected


@pytest.mark.parametrize("status", PeriodStatus)
def test_what_is_received_accepted_or_not_begun_is_never_reminded_of(status: PeriodStatus):
    waiting = status in (PeriodStatus.OPEN, PeriodStatus.RETURNED)

    assert bool(rungs(date(2019, 3, 1), status=status)) is waiting


def test_a_step_says_to_whom_and_with_which_letter():
    last = ladder.rungs_due(PACK, period(1, due=DUE), date(2019, 3, 1))[-1]

    assert (last.to, last.letter) == (Role.HEAD, "report_escalated")


@given(st.lists(st.integers(-20, 60), min_size=1, max_size=30))
def test_however_often_the_sweep_runs_no_step_is_taken_twice(days: list[int]):
    taken: list[str] = []
    for day in sorted(days):
        taken += rungs(DUE + timedelta(days=day), *taken)

    assert len(taken) == len(set(taken))
    if any(day >= 28 and is_working(DUE + timedelta(days=day)) for day in days):
        assert "head" in taken


def found(*, lines=None, indicators=None, earlier=(), papers=PAPERS, number=1, about=None, **told):
    given = {key: value for key, value in (("lines", lines), ("indicators", indicators)) if value is not None}
    one = about or period(number, PeriodStatus.RECEIVED)
    return report_rules.remarks(PACK, contract(), one, report(number, **given, **told), earlier, papers)


def final(**told):
    return found(number=2, about=period(2, PeriodStatus.RECEIVED, final=True), papers=[*PAPERS[1:], SECOND], **told)


SECOND = document(Kind.PROGRAMME_REPORT, period=2)
DONE = {"Үй-бүлөлөр": 100}


def test_a_report_that_says_everything_has_no_remark():
    assert found() == []


def test_both_reports_are_there_and_can_be_read():
    assert [one.kind for one in found(papers=[])] == [Kind.PROGRAMME_REPORT, Kind.FINANCIAL_REPORT]
    locked = document(Kind.FINANCIAL_REPORT, faults=[Fault.ENCRYPTED])
    assert [(one.rule, one.severity) for one in found(papers=[PAPERS[0], locked])] == [
        ("report_missing", TO_CURE),
        ("report_unreadable", TO_CURE),
    ]
    photo = document(Kind.OTHER, faults=[Fault.DAMAGED, Fault.NO_TEXT])
    assert [(one.rule, one.severity) for one in found(papers=[*PAPERS, photo])] == [("report_unreadable", NOTICE)]
    assert found(papers=[*PAPERS, document(Kind.OTHER, period=9)]) == []


@pytest.mark.parametrize(("sure", "severity"), [(100, TO_CURE), (70, NOTICE)])
def test_a_report_speaks_of_its_contract_and_its_period(sure: int, severity):
    astray = document(Kind.PROGRAMME_REPORT, number="OSH-1/1", period=2, sure=sure)

    remarks = found(papers=[astray, PAPERS[1]])
    assert [(one.rule, one.severity) for one in remarks] == [("wrong_period", severity), ("wrong_contract", severity)]


def test_a_financial_report_adds_up():
    slip = document(Kind.FINANCIAL_REPORT, arithmetic_holds=False)

    assert rules_of(found(papers=[PAPERS[0], slip])) == ["report_arithmetic"]
    assert rules_of(found(spent=1)) == ["report_arithmetic"]
    assert found(lines={}, spent=0) == []


@pytest.mark.parametrize(
    ("planned", "spent", "expected"),
    [
        (15_000, 16_500, []),  # ten per cent is not above ten
        (15_000, 16_575, [("variance", 11)]),  # 10.5 is rounded half up
        (15_000, 13_000, [("variance", 13)]),
        (15_000, 18_000, [("variance", 20)]),
        (30_000, 5_000, []),  # the whole line as plan: the term is not over
        (0, 10_000, []),
        (30_000, 33_000, [("over_line", None)]),
        (30_000, 36_000, [("variance", 20)]),
    ],
)
def test_a_variance_above_the_threshold_is_explained(planned: int, spent: int, expected: list):
    remarks = found(lines={"Салыктар": (planned, spent)})

    assert [(one.rule, one.facts.get("percent")) for one in remarks] == expected


def test_an_explained_variance_is_a_notice():
    off = {"Салыктар": (15_000, 18_000)}

    assert [one.severity for one in found(lines=off)] == [TO_CURE]
    assert [one.severity for one in found(lines=off, explanation="fuel became dearer")] == [NOTICE]


def test_at_the_end_what_was_left_unspent_is_a_variance_too():
    first = report(1, lines={"Салыктар": (30_000, 15_000)})
    rest = {"Салыктар": (30_000, 8_000), "Жабдуу": (20_000, 20_000)}

    remarks = final(lines=rest, earlier=[first], indicators=DONE)
    assert [(one.rule, one.facts["spent_tyiyn"]) for one in remarks] == [("variance", 2_300_000)]
    assert final(lines={**rest, "Салыктар": (30_000, 15_000)}, earlier=[first], indicators=DONE) == []


def test_money_goes_only_where_the_contract_says_and_no_more_than_its_sum():
    assert rules_of(found(lines={"Майрам": (0, 500)})) == ["line_unknown"]
    assert found(lines={"Майрам": (500, 0)}) == []
    first = report(1, lines={"Салыктар": (30_000, 30_000)})
    over = {"Салыктар": (30_000, 1_000), "Жабдуу": (20_000, 20_000)}
    assert rules_of(found(number=2, papers=[SECOND, PAPERS[1]], lines=over, earlier=[first])) == [
        *("over_line", "over_contract")
    ]


def test_a_line_without_a_plan_is_off_by_all_of_it():
    lines = [{"name": "Салыктар", "total": 0, "requested": 0}]

    one = report(1, lines={"Салыктар": (0, 100)})
    remarks = report_rules.remarks(PACK, contract(lines=lines), period(1), one, [one], PAPERS)
    assert [(one.rule, one.facts.get("percent")) for one in remarks] == [("variance", 100)]


def test_every_indicator_is_reported_and_at_the_end_the_shortfall_shown():
    assert rules_of(found(indicators={})) == ["indicator_missing"]
    assert rules_of(found(indicators={"Үй-бүлөлөр": None})) == ["indicator_missing"]
    whole = {"Салыктар": (30_000, 30_000)}
    assert rules_of(final(lines=whole, indicators={"Үй-бүлөлөр": 99})) == ["indicator_behind"]
    assert final(lines=whole, indicators=DONE) == []


def test_a_late_report_is_told():
    assert rules_of(found(about=period(1, PeriodStatus.RECEIVED, late=True))) == ["late_report"]


@pytest.mark.parametrize(
    ("reached", "late", "expected"),
    [
        (100, 0, Evaluation.SUCCESSFUL),
        (90, 1, Evaluation.SUCCESSFUL),
        (90, 2, Evaluation.SATISFACTORY),
        (89, 0, Evaluation.SATISFACTORY),
        (60, 0, Evaluation.SATISFACTORY),
        (59, 0, Evaluation.UNSATISFACTORY),
        (-5, 0, Evaluation.UNSATISFACTORY),
    ],
)
def test_the_project_is_judged_by_its_indicators_and_its_punctuality(reached: int, late: int, expected: Evaluation):
    periods = [period(n, PeriodStatus.ACCEPTED, late=n <= late) for n in (1, 2)]
    reports = [report(2, indicators={"Үй-бүлөлөр": reached}), report(1, indicators={"Үй-бүлөлөр": 7})]

    assert monitoring.evaluation(PACK, contract(), periods, reports) is expected


def test_without_indicators_a_project_is_satisfactory_at_best_and_without_reports_it_is_not():
    assert monitoring.evaluation(PACK, contract(indicators=[]), [], []) is Evaluation.SATISFACTORY
    assert monitoring.evaluation(PACK, contract(), [], []) is Evaluation.UNSATISFACTORY


@pytest.mark.parametrize(("reached", "expected"), [(10, Evaluation.SUCCESSFUL), (9, Evaluation.UNSATISFACTORY)])
def test_an_indicator_that_was_to_be_kept_is_kept_or_not(reached: int, expected: Evaluation):
    kept = [Indicator(name="Үй-бүлөлөр", baseline=10, target=10).model_dump()]

    one = report(1, indicators={"Үй-бүлөлөр": reached})
    assert monitoring.evaluation(PACK, contract(indicators=kept), [], [one]) is expected


def test_what_was_paid_and_not_spent_is_returned():
    paid = [tranche(1, amount=700, status=TrancheStatus.PAID), tranche(2, amount=300, status=TrancheStatus.ORDERED)]

    assert monitoring.balance(contract(), paid, [report(1, spent=600)]) == 100
    assert monitoring.balance(contract(), paid, [report(1, spent=900)]) == 0
    assert (
        monitoring.balance(
            contract(), [tranche(1, amount=5_000_000, status=TrancheStatus.PAID)], [report(1, spent=99 * 50_000 * SOM)]
        )
        == 0
    )
