"""The final report on the whole project."""

from datetime import date

from rules import monitoring
from rules import reports as report_rules
from rules.catalog import NOTICE, TO_CURE
from schemas.contract import TrancheStatus
from schemas.facts import Kind
from schemas.report import PeriodStatus
from tests.rules.makers import PACK, SOM, changed, contract, document, period, report, tranche

BARE = changed("monitoring.certified_copies", False)  # receipts have tests of their own
FINANCIAL = document(Kind.FINANCIAL_REPORT, arithmetic_holds=True)
SECOND = document(Kind.PROGRAMME_REPORT, period=2)
NOTHING = {"Салыктар": (0, 0), "Жабдуу": (0, 0)}  # each line of the contract is reported, with nothing spent
DONE = {"Үй-бүлөлөр": 100}


def whole(lines, *, earlier=(), **told):
    """What stands against a final report as period 3; its lines as {name: som}."""
    one = report(
        3, lines={name: (0, spent) for name, spent in lines.items()}, whole=True, **{"indicators": DONE, **told}
    )
    about = period(3, PeriodStatus.RECEIVED, final=True, whole=True, ends=date(2019, 3, 31))
    papers = [document(Kind.PROGRAMME_REPORT, period=3), FINANCIAL]
    return report_rules.remarks(PACK, contract(), about, one, earlier, papers)


QUARTERS = [
    report(1, lines=NOTHING | {"Салыктар": (0, 20_000)}, closing=7),
    report(2, lines={"Салыктар": (0, 10_000), "Жабдуу": (0, 20_000)}),
]


def test_a_final_report_says_of_each_line_what_the_periods_spent_and_shows_no_receipt_again():
    assert whole({"Салыктар": 30_000, "Жабдуу": 20_000}, earlier=QUARTERS, opening=0) == []

    remarks = whole({"Салыктар": 29_000, "Жабдуу": 20_000}, earlier=QUARTERS)
    told = {"line": "Салыктар", "spent_tyiyn": 29_000 * SOM, "expected_tyiyn": 30_000 * SOM}
    assert [(one.rule, one.severity, one.facts["line"]) for one in remarks] == [("whole_unequal", TO_CURE, "Салыктар")]
    assert told.items() <= remarks[0].facts.items()


def test_a_final_report_has_every_line_and_indicator_against_the_plan_and_the_target():
    remarks = whole(
        {"Салыктар": 10_000}, earlier=[report(1, lines={"Салыктар": (0, 10_000)})], indicators={"Үй-бүлөлөр": 60}
    )

    assert [(one.rule, one.severity) for one in remarks] == [
        ("variance", TO_CURE),
        ("line_missing", TO_CURE),
        ("indicator_behind", NOTICE),
    ]


def test_spending_counts_once_where_a_final_report_sums_it_up():
    last = report(3, lines={"Салыктар": (0, 30_000)}, whole=True)
    more = report(4, lines={"Салыктар": (0, 1_000)})

    assert report_rules.counted(QUARTERS) == QUARTERS
    assert report_rules.counted([*QUARTERS, last]) == [last]
    assert report_rules.counted([*QUARTERS, last, more]) == [last, more]
    paid = [tranche(1, amount=50_000 * SOM, status=TrancheStatus.PAID)]
    assert monitoring.balance(contract(), paid, [*QUARTERS, last]) == 20_000 * SOM


def test_a_final_report_is_no_report_of_a_period_before_or_after():
    last = report(1, lines={"Салыктар": (0, 30_000), "Жабдуу": (0, 20_000)}, whole=True)

    assert (
        report_rules.remarks(
            BARE, contract(), period(2, PeriodStatus.RECEIVED), report(2, lines=NOTHING), [last], [SECOND, FINANCIAL]
        )
        == []
    )
