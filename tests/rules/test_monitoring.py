from datetime import date

import pytest

from rules import monitoring
from rules import reports as report_rules
from rules.catalog import NOTICE, TO_CURE, remark
from schemas.contract import Evaluation, TrancheStatus
from schemas.facts import BudgetLine, Fault, Indicator, Kind, Media
from schemas.report import PeriodStatus
from tests.rules.makers import PACK, SOM, changed, contract, document, period, report, rules_of, tranche, uid

BARE = changed("monitoring.certified_copies", False)  # receipts have tests of their own
DUE = date(2019, 1, 11)  # a Friday
PAPERS = [
    document(Kind.PROGRAMME_REPORT, number="BATKEN-2018-1/1", period=1),
    document(Kind.FINANCIAL_REPORT, arithmetic_holds=True),
]


NOTHING = {"Салыктар": (0, 0), "Жабдуу": (0, 0)}  # each line of the contract is reported, with nothing spent


def found(*, lines=None, indicators=None, earlier=(), papers=PAPERS, number=1, about=None, plan=None, **told):
    lines = NOTHING | {"Салыктар": (15_000, 15_000)} if lines is None else lines and NOTHING | lines
    given = {key: value for key, value in (("lines", lines), ("indicators", indicators)) if value is not None}
    ours = [{"name": name, "amount": amount * SOM} for name, amount in (plan or {}).items()]
    one = about or period(number, PeriodStatus.RECEIVED, lines=ours)
    return report_rules.remarks(BARE, contract(), one, report(number, **given, **told), earlier, papers)


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
    slip = document(Kind.FINANCIAL_REPORT, arithmetic_holds=True, spent=16_000 * SOM)
    told = {"spent_tyiyn": 1_600_000, "lines_tyiyn": 1_500_000}
    assert [one.facts for one in found(papers=[PAPERS[0], slip])] == [told]
    unsure = document(Kind.FINANCIAL_REPORT, spent=16_000 * SOM, sure=70)
    assert found(papers=[PAPERS[0], unsure]) == []


def test_a_financial_report_without_a_table_is_not_taken_for_one_that_spent_nothing():
    printed = document(Kind.FINANCIAL_REPORT, name="отчёт.pdf", spent=16_000 * SOM)
    told = {"code": "financial_report", "name": "отчёт.pdf", "spent_tyiyn": 1_600_000}
    remarks = found(lines={}, spent=16_000 * SOM, papers=[PAPERS[0], printed])
    assert [(one.rule, one.severity, one.page, one.facts) for one in remarks] == [
        ("lines_cannot_tell", TO_CURE, 1, told)
    ]
    assert [one.facts["spent_tyiyn"] for one in found(lines={}, spent=0)] == [""]
    assert found(lines=NOTHING) == []


def filled(*lines, name="a.xlsx", kind=Kind.FINANCIAL_REPORT, **seen):
    rows = [BudgetLine(name=line, total=spent * SOM, requested=0) for line, spent in lines]
    return document(kind, name=name, lines=[one.model_dump() for one in rows], **seen)


def counted(reached: int | None, name: str):
    return document(Kind.PROGRAMME_REPORT, name=name, indicators=[Indicator(name="Үй-бүлөлөр", reached=reached)])


def test_a_second_paper_of_a_kind_is_a_print_of_the_first_or_to_be_cured():
    sheet = filled(("Салыктар", 15_000), ("Жабдуу", 0))
    same = document(Kind.FINANCIAL_REPORT, name="b.pdf", spent=15_000 * SOM)
    empty = document(Kind.FINANCIAL_REPORT, name="c.pdf")
    assert found(papers=[PAPERS[0], same, sheet, empty]) == []
    for other in (
        filled(("Салыктар", 14_000), ("Жабдуу", 1_000), name="b.xlsx"),
        document(Kind.FINANCIAL_REPORT, name="b.xlsx", spent=14_000 * SOM),
    ):
        remarks = found(papers=[PAPERS[0], sheet, other])
        told = {"code": "financial_report", "name": "b.xlsx", "beside": "a.xlsx"}
        assert [(one.rule, one.facts) for one in remarks] == [("two_reports", told)]
    assert found(papers=[counted(40, "a"), counted(None, "b"), sheet]) == []
    assert rules_of(found(papers=[counted(40, "a"), counted(50, "b"), sheet])) == ["two_reports"]


def test_the_fullest_paper_of_a_kind_comes_first_and_none_that_cannot_be_read():
    printed, locked = document(Kind.FINANCIAL_REPORT), filled(("Салыктар", 1), faults=[Fault.ENCRYPTED])
    sheet = filled(("Салыктар", 15_000))
    assert report_rules.readable([printed, locked, sheet, *PAPERS[:1]], Kind.FINANCIAL_REPORT) == [sheet, printed]


def test_each_line_of_the_contract_is_in_the_report_and_none_is_below_nothing():
    one = report(1, lines={"Салыктар": (15_000, 15_000)})
    assert rules_of(report_rules.remarks(BARE, contract(), period(1), one, [], PAPERS)) == ["line_missing"]
    remarks = found(lines={"Салыктар": (15_000, 15_000), "Жабдуу": (0, -100)})
    assert [(one.rule, one.severity, one.facts["spent_tyiyn"]) for one in remarks] == [
        ("line_negative", TO_CURE, -10_000)
    ]


def test_what_was_returned_and_handed_in_again_is_spent_once():
    rounds = [report(1, id=uid(600 + number), round=number, lines={"Салыктар": (30_000, 20_000)}) for number in (2, 1)]
    lines = {"Салыктар": (30_000, 10_000)}
    assert found(number=2, papers=[SECOND, PAPERS[1]], lines=lines, earlier=rounds) == []


@pytest.mark.parametrize(
    ("planned", "spent", "expected"),
    [
        (15_000, 16_500, []),  # ten per cent is not above ten
        (15_000, 16_575, [("variance", 11)]),  # 10.5 is rounded half up
        (15_000, 13_000, [("variance", 13)]),
        (15_000, 18_000, [("variance", 20)]),
        (None, 5_000, []),  # no plan for this line: the term is not over
        (0, 10_000, [("variance", 100)]),
        (30_000, 33_000, [("over_line", None)]),
        (30_000, 36_000, [("variance", 20)]),
    ],
)
def test_a_variance_above_the_threshold_is_explained(planned: int | None, spent: int, expected: list):
    plan = {} if planned is None else {"Салыктар": planned}
    remarks = found(plan=plan, lines={"Салыктар": (spent, spent)})

    assert [(one.rule, one.facts.get("percent")) for one in remarks] == expected


def test_a_plan_that_the_report_gives_itself_hides_nothing():
    honest, flattering = {"Салыктар": (15_000, 18_000)}, {"Салыктар": (18_000, 18_000)}

    assert rules_of(found(plan={"Салыктар": 15_000}, lines=honest)) == ["variance"]
    assert found(plan={"Салыктар": 15_000}, lines=honest) == found(plan={"Салыктар": 15_000}, lines=flattering)


def test_an_explained_variance_is_a_notice():
    off = {"Салыктар": (15_000, 18_000)}

    plan = {"Салыктар": 15_000}

    assert [one.severity for one in found(plan=plan, lines=off)] == [TO_CURE]
    assert [one.severity for one in found(plan=plan, lines=off, explanation="fuel became dearer")] == [NOTICE]


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
    remarks = report_rules.remarks(BARE, contract(lines=lines), period(1), one, [one], PAPERS)
    assert [(one.rule, one.facts.get("percent")) for one in remarks] == [("variance", 100)]


def test_every_indicator_is_reported_and_at_the_end_the_shortfall_shown():
    assert rules_of(found(indicators={})) == ["indicator_missing"]
    assert rules_of(found(indicators={"Үй-бүлөлөр": None})) == ["indicator_missing"]
    whole = {"Салыктар": (30_000, 30_000), "Жабдуу": (20_000, 20_000)}
    assert rules_of(final(lines=whole, indicators={"Үй-бүлөлөр": 99})) == ["indicator_behind"]
    assert final(lines=whole, indicators=DONE) == []


def falling(**told):
    return [Indicator(name="Таштанды", baseline=100, target=10, **told).model_dump()]


def test_an_indicator_never_goes_back():
    first, silent = report(1, indicators={"Үй-бүлөлөр": 40}), report(3, indicators={"Үй-бүлөлөр": None}, lines=NOTHING)
    for stood, expected in ((40, []), (41, []), (39, [("indicator_fell", {"reached": 39, "before": 40})])):
        remarks = found(number=2, papers=[SECOND, PAPERS[1]], indicators={"Үй-бүлөлөр": stood}, earlier=[silent, first])
        told = [(one.rule, {key: one.facts[key] for key in ("reached", "before")}) for one in remarks]
        assert told == expected
    of = contract(indicators=falling())
    for stood, expected in ((50, []), (61, ["indicator_fell"])):
        before = report(1, indicators={}).model_copy(update={"indicators": falling(reached=60)})
        now = report(2, lines=NOTHING).model_copy(update={"indicators": falling(reached=stood)})
        assert rules_of(report_rules.remarks(BARE, of, period(2), now, [before], [SECOND, PAPERS[1]])) == expected


@pytest.mark.parametrize(("told", "expected"), [(0, []), (10, []), (12, [(12, 10)])])
def test_an_indicator_begins_where_the_contract_says(told: int, expected: list):
    of = contract(indicators=[Indicator(name="Үй-бүлөлөр", baseline=10, target=100).model_dump()])
    row = Indicator(name="Үй-бүлөлөр", baseline=told, target=100, reached=40, place="table 3, row 2").model_dump()
    one = report(1, lines=NOTHING).model_copy(update={"indicators": [row]})
    remarks = report_rules.remarks(BARE, of, period(1), one, [], PAPERS)
    assert [(one.facts["found"], one.facts["expected"]) for one in remarks] == expected
    assert {one.facts["place"] for one in remarks} <= {"table 3, row 2"}


def cash(**told):
    return document(Kind.FINANCIAL_REPORT, arithmetic_holds=True, **told)


@pytest.mark.parametrize(
    ("opening", "left", "expected"),
    [(500, [700, 500], []), (501, [700, 500], [(501, 500)]), (501, [500, None], [(501, 500)]), (None, [500], [])],
)
def test_a_period_opens_with_what_was_left_at_the_end_of_the_one_before(opening, left: list, expected: list):
    earlier = [report(number, closing=one, lines={}, indicators={}) for number, one in enumerate(left, 1)]
    paper = cash(opening=opening) if opening else cash()
    remarks = found(number=3, papers=[document(Kind.PROGRAMME_REPORT), paper], earlier=earlier, opening=opening)
    assert [(one.facts["found_tyiyn"], one.facts["expected_tyiyn"]) for one in remarks] == expected
    assert all((one.rule, one.page) == ("opening_unequal", 1) for one in remarks)
    assert found(number=3, papers=PAPERS[:1], earlier=earlier, opening=opening)[0].rule == "report_missing"
    kept = found(number=3, papers=[document(Kind.PROGRAMME_REPORT), cash()], earlier=earlier, opening=opening)
    assert len(kept) == len(expected)


@pytest.mark.parametrize(
    ("closing", "came", "expected"),
    [(85_000, 100_000, []), (86_000, 100_000, [(8_600_000, 8_500_000)]), (86_000, None, []), (None, 100_000, [])],
)
def test_what_is_left_is_what_came_and_was_not_spent(closing, came, expected: list):
    paper = cash(received=came * SOM) if came else cash()
    told = {"opening": 0, "closing": closing * SOM if closing else None}
    remarks = found(papers=[PAPERS[0], paper], **told)
    assert [(one.facts["found_tyiyn"], one.facts["expected_tyiyn"]) for one in remarks] == expected
    paper = cash(closing=1, received=(came or 0) * SOM)
    assert rules_of(found(papers=[PAPERS[0], paper], **told)) == ["balance_unequal"] * (
        closing != 85_000 and bool(closing)
    )


def test_spending_of_a_later_period_counts_but_its_balance_and_indicators_do_not():
    later = report(2, lines={"Жабдуу": (20_000, 20_000)}, indicators={"Үй-бүлөлөр": 90}, closing=7)
    one = report(1, lines=NOTHING | {"Салыктар": (30_000, 30_000), "Жабдуу": (0, 100)}, opening=1)
    remarks = report_rules.remarks(BARE, contract(), period(1), one, [], PAPERS, [later])
    assert rules_of(remarks) == ["over_line", "over_contract"]


def test_receipts_and_photographs_are_asked_for_together_with_the_rest():
    photo = document(Kind.OTHER, media=Media.JPEG)
    remarks = report_rules.remarks(
        PACK, contract(), period(1), report(1, lines=NOTHING | {"Жабдуу": (0, 1)}), [], [*PAPERS, photo]
    )
    assert rules_of(remarks) == ["receipts_missing", "photo_undated"]


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


def test_of_each_period_the_last_round_counts():
    first, again, other = report(1, round=1), report(1, round=2), report(2, round=1)

    assert report_rules.standing([again, first, other]) == [again, other]
    assert monitoring.balance(contract(), [], [], paying=7) == 7


def test_a_workbook_that_was_not_read_to_its_end_is_told_and_its_figures_still_count():
    cut = document(Kind.FINANCIAL_REPORT, arithmetic_holds=True, faults=[Fault.ROWS_CUT], rows_cut=5_000)
    other = document(Kind.OTHER, faults=[Fault.ROWS_CUT])
    told = found(papers=[PAPERS[0], cut, other])
    assert [(one.rule, one.severity, one.page) for one in told] == [
        ("rows_cut", TO_CURE, 1),
        ("rows_cut", NOTICE, None),
    ]


@pytest.mark.parametrize(
    ("at_once", "rules", "expected"),
    [
        (True, [("line_missing", TO_CURE)], True),
        (False, [("line_missing", TO_CURE)], False),
        (True, [], False),
        (True, [("photo_undated", NOTICE)], False),
        (True, [("variance", TO_CURE)], False),
        (True, [("variance", TO_CURE), ("line_missing", TO_CURE)], True),
    ],
    ids=["a fault", "not in this pack", "nothing", "a notice", "a word is asked for", "a word and a fault"],
)
def test_the_clock_returns_what_has_to_be_corrected(at_once, rules, expected):
    facts = {"line_missing": {"line": "a"}, "photo_undated": {"count": 1}}
    facts["variance"] = {"line": "a", "spent_tyiyn": 1, "planned_tyiyn": 2, "percent": 50, "threshold": 10}
    told = [remark(rule, severity, facts=facts[rule]) for rule, severity in rules]
    assert report_rules.goes_back(changed("monitoring.return_at_once", at_once), told) is expected
