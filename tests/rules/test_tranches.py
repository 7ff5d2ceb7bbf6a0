from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import packs, tranches
from rules import periods as periods_of
from rules.catalog import RULES
from rules.deadlines import add_months
from rules.periods import Agreed
from schemas.contract import ContractStatus, TrancheStatus
from schemas.errors import IncompletePack
from schemas.report import Mend, MendStatus, PeriodStatus
from tests.rules.makers import NOBODY, OWNED, PACK, SOM, changed, contract, period, report, rules_of, tranche, uid

ACCEPTED, OPEN, RECEIVED, RETURNED = (
    PeriodStatus.ACCEPTED,
    PeriodStatus.OPEN,
    PeriodStatus.RECEIVED,
    PeriodStatus.RETURNED,
)
DUE = date(2019, 1, 11)  # of the makers' period; the ladder is past its reminders a week later
LATE = DUE + timedelta(days=7)
EVERYTHING = list(tranches.CONDITIONS)
DAY = timedelta(days=1)
OFF = {"rule": "variance", "facts": {"line": "Жабдуу"}}  # a line off its plan


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
    off = report(1, remarks=[OFF])

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
    first = report(1, remarks=[OFF], round=1)
    second = report(1, remarks=[OFF], round=2, explanation="fuel became dearer")
    periods = [period(1, ACCEPTED)]

    assert rules_of(unmet(periods=periods, reports=[first])) == ["variance_open"]
    assert unmet(periods=periods, reports=[second, first]) == []


def test_the_lines_that_stay_unexplained_are_named():
    other = {"rule": "variance", "facts": {"line": "Салыктар"}}
    one = report(1, remarks=[OFF, other, OFF, {"rule": "late_report", "facts": {}}])
    periods = [period(1, ACCEPTED, of=12)]

    assert [found.facts for found in unmet(periods=periods, reports=[one])] == [
        {"period": 1, "of": 12, "lines": "«Жабдуу», «Салыктар»"}
    ]
    one.explanations = [{"line": "ЖАБДУУ", "text": "баа өстү"}, {"line": "Салыктар", "text": " "}]
    assert [found.facts["lines"] for found in unmet(periods=periods, reports=[one])] == ["«Салыктар»"]


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


# -- after which report a part is paid ---------------------------------------------------------------------------------------


def monthly(pack=PACK, months: int = 12):
    by_month = changed("monitoring.every", "month", pack=pack)
    return periods_of.plan(by_month, Agreed(date(2019, 1, 1), add_months(date(2019, 1, 1), months) - DAY))


def after(*told):
    """The example's pack with 30/70 or 40/40/20, and what is told of the reports that each part follows."""
    split = [30, 70] if len(told) == 2 else [30, 40, 30]
    pack = changed("tranches.split", split)
    rule = pack.tranches.model_copy(update={"after": pack.tranches.split.model_copy(update={"value": list(told)})})
    return pack.model_copy(update={"tranches": rule})


@pytest.mark.parametrize(
    ("told", "months", "expected"),
    [
        ((0, 1), 12, [0, 1]),
        ((0, 6), 12, [0, 6]),
        ((0, "1/2"), 12, [0, 6]),
        ((0, "1/2"), 5, [0, 3]),  # half of five is over with the third
        ((0, "1/3", "2/3"), 12, [0, 4, 8]),
        ((0, "1/1"), 12, [0, 12]),
        ((0, "final"), 12, [0, 12]),
        ((1, "final"), 12, [1, 12]),
        ((0, 6), 5, [0, 5]),  # where the plan has fewer, the last takes its place
    ],
)
def test_the_pack_says_after_which_report_a_part_is_paid(told: tuple, months: int, expected: list[int]):
    parts = tranches.plan(after(*told), 50_000 * SOM, monthly(months=months))

    assert [one.after_period for one in parts] == expected
    assert [one.conditions == tuple(PACK.tranches.first.value) for one in parts] == [not one for one in expected]


def test_shares_are_of_the_periods_and_the_final_report_is_besides_them():
    law = PACK.monitoring.model_copy(update={"separate_final": PACK.monitoring.certified_copies})
    planned = monthly(PACK.model_copy(update={"monitoring": law}))

    assert [one.after_period for one in tranches.plan(after(0, "1/1"), 9, planned)] == [0, 12]
    assert [one.after_period for one in tranches.plan(after(0, "final"), 9, planned)] == [0, 13]


def test_where_the_pack_says_nothing_each_part_follows_the_next_report():
    assert [one.after_period for one in tranches.plan(PACK, 50_000 * SOM, monthly())] == [
        number for number, _ in enumerate(PACK.tranches.split.value)
    ]


def test_a_pack_says_it_of_each_part():
    text = (packs.FOLDER / "example.toml").read_bytes()
    short = b'[tranches]\nafter = { value = [0], source = "x", status = "verified" }'

    with pytest.raises(IncompletePack) as refused:
        packs.parse("x", text.replace(b"[tranches]", short))
    assert "after" in str(refused.value.facts["missing"])
    packs.parse("x", text.replace(b"[tranches]", short.replace(b"[0]", b'[0, "1/2"]')))


# -- another sum, another plan -------------------------------------------------------------------------------------------------


def parts(*told):
    """Tranches by (amount, status)."""
    rows = enumerate(told, 1)
    return [tranche(number, amount=amount, status=status, conditions=["x"]) for number, (amount, status) in rows]


PAID, HELD, PLANNED = TrancheStatus.PAID, TrancheStatus.HELD, TrancheStatus.PLANNED


@pytest.mark.parametrize(
    ("amount", "there", "expected"),
    [
        (100, parts((30, PAID), (40, HELD), (30, PLANNED)), [40, 30]),
        (170, parts((30, PAID), (40, HELD), (30, PLANNED)), [80, 60]),
        (32, parts((30, PAID), (40, HELD), (30, PLANNED)), [1, 1]),
        (31, parts((30, PAID), (40, HELD), (30, PLANNED)), None),
        (29, parts((30, PAID), (40, PAID)), None),
        (70, parts((30, PAID), (40, PAID)), []),
        (75, parts((30, PAID), (40, PAID)), [5]),
        (100, parts((30, PAID), (40, PAID), (20, PAID), (6, HELD)), [10]),
    ],
)
def test_what_is_not_ordered_yet_shares_what_is_left(amount: int, there: list, expected: list[int] | None):
    made = tranches.replan(after(0, 1, 2), amount, there, monthly())

    assert (None if made is None else [one.amount for one in made]) == expected


def test_a_part_of_its_own_follows_the_last_report_and_the_others_their_own():
    (more,) = tranches.replan(after(0, "1/2"), 80, parts((30, PAID), (40, PAID)), monthly()) or []
    assert (more.after_period, more.conditions) == (12, tuple(PACK.tranches.later.value))
    assert more.row(uid(300), 3).after_period == 12

    (second,) = tranches.replan(after(0, "1/2"), 100, parts((30, PAID), (70, PLANNED)), monthly(months=24)) or []
    assert (second.amount, second.after_period, second.conditions) == (70, 12, ("x",))


@given(st.integers(1, 10**10), st.integers(1, 10**10), st.sampled_from(packs.names()), st.integers(0, 3))
def test_whatever_the_sum_becomes_the_parts_make_it_and_nothing_that_is_paid_moves(
    was: int, now: int, name: str, paid: int
):
    pack = packs.load(name)
    planned = enumerate(tranches.plan(pack, was), 1)
    there = [tranche(number, amount=one.amount, status=PAID if number <= paid else HELD) for number, one in planned]

    made = tranches.replan(pack, now, there, monthly())
    given_out = sum(one.amount for one in there if one.status is PAID)
    if made is None:
        assert now - given_out < len([one for one in there if one.status is HELD])
    else:
        assert given_out + sum(one.amount for one in made) == now
        assert all(one.amount >= 0 for one in made)
