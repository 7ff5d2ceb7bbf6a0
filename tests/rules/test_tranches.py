from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import packs, tranches
from rules.catalog import RULES
from schemas.contract import ContractStatus
from schemas.report import Mend, MendStatus, PeriodStatus
from tests.rules.makers import NOBODY, OWNED, PACK, SOM, changed, contract, period, report, rules_of, tranche

ACCEPTED, OPEN, RECEIVED, RETURNED = (
    PeriodStatus.ACCEPTED,
    PeriodStatus.OPEN,
    PeriodStatus.RECEIVED,
    PeriodStatus.RETURNED,
)
DUE = date(2019, 1, 11)  # of the makers' period; the ladder is past its reminders a week later
LATE = DUE + timedelta(days=7)
EVERYTHING = list(tranches.CONDITIONS)


def unmet(
    *,
    after: int = 1,
    conditions=EVERYTHING,
    periods=(),
    reports=(),
    pending=False,
    pack=PACK,
    today=DUE,
    lifted=(),
    **told,
):
    part = tranche(after_period=after, conditions=list(conditions), lifted=[{"condition": one} for one in lifted])
    return tranches.unmet(pack, part, contract(**told), periods, reports, today=today, appeal_pending=pending)


@given(st.integers(0, 10**12), st.sampled_from(packs.names()))
def test_the_parts_make_the_sum_to_the_tyiyn_and_the_advance_keeps_its_limit(amount: int, name: str):
    pack = packs.load(name)
    parts = tranches.plan(pack, amount)

    assert sum(one.amount for one in parts) == amount
    assert all(one.amount >= 0 for one in parts)
    assert parts[0].amount * 100 <= amount * pack.tranches.advance_limit.value


def test_the_first_part_follows_the_signing_and_each_other_a_report():
    parts = tranches.plan(packs.load("kg-814-2017"), 50_000 * SOM)

    assert [(one.amount, one.after_period) for one in parts] == [(2_000_000, 0), (2_000_000, 1), (1_000_000, 2)]
    assert parts[0].conditions == ("contract_signed", "no_appeal_pending")
    assert "report_accepted" in parts[1].conditions


def test_every_condition_of_the_shipped_packs_is_known():
    for name in packs.names():
        law = packs.load(name).tranches
        assert {*law.first.value, *law.later.value} <= set(tranches.CONDITIONS)


def test_when_everything_is_met_nothing_stands_in_the_way():
    assert unmet(periods=[period(1, ACCEPTED), period(2)], reports=[report(1)]) == []


def test_every_unmet_condition_is_told_at_once():
    late = period(2, RETURNED)
    off = report(1, remarks=[{"rule": "variance"}])

    found = unmet(after=2, periods=[period(1, RECEIVED), late], reports=[off], pending=True, today=LATE, signed_on=None)
    assert rules_of(found) == [
        *("not_signed", "appeal_pending", "report_not_accepted", "no_report", "report_overdue", "variance_open")
    ]
    assert set(rules_of(found)) <= set(RULES)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ContractStatus.DRAFTED, ["not_signed"]),
        (ContractStatus.SIGNED, []),
        (ContractStatus.EVALUATED, []),
        (ContractStatus.TERMINATED, ["contract_ended"]),
        (ContractStatus.CLOSED, ["contract_ended"]),
    ],
)
def test_money_flows_only_under_a_signed_contract_that_has_not_ended(status: ContractStatus, expected: list[str]):
    assert rules_of(unmet(after=0, conditions=["contract_signed"], status=status)) == expected


def test_an_appeal_stops_payment_if_the_pack_says_so():
    assert rules_of(unmet(after=0, conditions=["no_appeal_pending"], pending=True)) == ["appeal_pending"]
    pack = changed("appeal.pauses_contract", False)
    assert unmet(after=0, conditions=["no_appeal_pending"], pending=True, pack=pack) == []


def test_a_part_beyond_the_last_period_waits_for_the_last_and_without_periods_for_its_own():
    assert unmet(after=5, periods=[period(1, ACCEPTED), period(2, ACCEPTED)]) == []
    assert rules_of(unmet(after=2, conditions=["report_accepted"])) == ["no_report"]
    assert unmet(after=0, conditions=["report_accepted"]) == []


@pytest.mark.parametrize("status", [PeriodStatus.PLANNED, OPEN, RETURNED])
def test_a_report_is_overdue_by_its_day_whether_the_ladder_was_climbed_or_not(status: PeriodStatus):
    eve = LATE - timedelta(days=1)

    assert rules_of(unmet(after=0, periods=[period(2, status)], today=LATE)) == ["report_overdue"]
    assert unmet(after=0, periods=[period(2, status, rungs=["overdue_7"])], today=eve) == []


@pytest.mark.parametrize("status", [RECEIVED, ACCEPTED])
def test_a_report_in_checking_is_never_overdue(status: PeriodStatus):
    assert unmet(after=0, periods=[period(2, status, rungs=["overdue_7"])], today=LATE) == []


def test_a_variance_is_open_until_the_last_report_explains_it():
    first = report(1, remarks=[{"rule": "variance"}], round=1)
    second = report(1, remarks=[{"rule": "variance"}], round=2, explanation="fuel became dearer")
    periods = [period(1, ACCEPTED)]

    assert rules_of(unmet(periods=periods, reports=[first])) == ["variance_open"]
    assert unmet(periods=periods, reports=[second, first]) == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (MendStatus.ASKED, ["open_mend"]),
        (MendStatus.TOLD, ["open_mend"]),
        (MendStatus.MENDED, []),
        (MendStatus.WAIVED, []),
    ],
)
def test_what_a_visit_found_holds_until_it_is_mended_or_waived(status: MendStatus, expected: list[str]):
    part = tranche(conditions=["no_open_mend"])
    found = Mend(**OWNED, contract_id=part.contract_id, visit_id=NOBODY, number=1, what="x", until=DUE, status=status)
    told = tranches.unmet(PACK, part, contract(), [], [], [found], today=DUE, appeal_pending=False)

    assert rules_of(told) == expected


def test_a_condition_nobody_knows_is_not_met():
    assert [one.facts for one in unmet(conditions=["moon"])] == [{"condition": "moon"}]


def test_what_rests_on_a_placeholder_says_so():
    found = unmet(after=0, conditions=["contract_signed"], signed_on=None, pack=packs.load("kg-814-2017"))

    assert [one.placeholder for one in found] == [True]
    assert not unmet(after=0, conditions=["contract_signed"], signed_on=None)[0].placeholder


def test_a_condition_that_the_head_let_pass_stands_no_more():
    told = {"after": 0, "periods": [period(2, OPEN)], "today": LATE}

    assert rules_of(unmet(**told)) == ["report_overdue"]
    assert unmet(**told, lifted=["no_overdue_report"]) == []
