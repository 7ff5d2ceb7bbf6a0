"""The ladder's day: missed days, days off, ended periods, pauses, and when there is something to do next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import ladder
from rules.deadlines import is_working
from rules.reporting import LadderStep
from schemas.contract import Contract, ContractStatus
from schemas.report import Mend, MendStatus, Period, PeriodStatus
from tests.rules.makers import NOBODY, OWNED, PACK, changed, contract, period

ENDS = date(2018, 12, 31)
DUE = date(2019, 1, 11)
ANY_DAY = changed("monitoring.working_days_only", value=False)


def letters(today: date, *taken: str, pack=PACK, **told) -> list[str]:
    one = period(1, **{"due": DUE, "rungs": list(taken), **told})
    return [rung.letter for rung in ladder.rungs_due(pack, one, today)]


def test_the_letter_of_a_missed_due_day_does_not_say_today():
    assert letters(DUE, "soon", "ended") == ["report_due"]
    assert letters(DUE + timedelta(days=3), "soon", "ended") == ["report_due_missed"]
    assert letters(DUE + timedelta(days=3), "soon", "ended", "due") == []


def test_a_reminder_without_words_for_a_missed_day_is_not_written():
    told = PACK.ladder["due"].value.model_dump()
    pack = changed("ladder.due", LadderStep(**{**told, "missed": ""}))

    assert letters(DUE, "soon", "ended", pack=pack) == ["report_due"]
    assert letters(DUE + timedelta(days=3), "soon", "ended", pack=pack) == []


def test_no_letter_leaves_on_a_day_off_where_the_pack_says_so():
    sunday = date(2019, 1, 20)  # seven days after a due day on a Sunday

    assert letters(sunday, due=date(2019, 1, 13)) == []
    assert letters(sunday + timedelta(days=1), due=date(2019, 1, 13)) == ["report_overdue"]
    assert letters(sunday, due=date(2019, 1, 13), pack=ANY_DAY) == ["report_overdue"]


def test_a_period_that_ended_is_reported_on_once_and_not_after_a_return():
    holiday = date(2019, 1, 7)

    assert letters(ENDS + timedelta(days=1), "soon", pack=ANY_DAY) == ["period_ended"]
    assert letters(holiday, "soon") == []
    assert letters(holiday + timedelta(days=1), "soon") == ["period_ended"]
    assert letters(date(2019, 1, 9), status=PeriodStatus.RETURNED, due=date(2019, 3, 1)) == []
    assert ladder.taken_for_good(PACK, period(1, rungs=["ended", "soon", "of another pack"])) == ["ended"]


def test_a_paused_period_is_not_reminded_of():
    assert letters(date(2019, 3, 1), paused_on=date(2019, 1, 9)) == []
    assert waking(PeriodStatus.OPEN, date(2019, 3, 1), paused_on=date(2019, 1, 9)) is None


def waking(status: PeriodStatus, today: date, pack=PACK, **told) -> date | None:
    return ladder.wakes_on(pack, period(1, **{"due": DUE, **told}), status, today)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PeriodStatus.PLANNED, date(2019, 1, 1)),
        (PeriodStatus.RECEIVED, None),
        (PeriodStatus.ACCEPTED, None),
    ],
)
def test_what_waits_for_no_report_does_not_wake_but_to_open(status: PeriodStatus, expected: date | None):
    assert waking(status, date(2018, 11, 1), starts=date(2019, 1, 1), ends=date(2019, 3, 31)) == expected


CODES = sorted(PACK.ladder)


@given(
    days=st.integers(-40, 60),
    due=st.integers(0, 400),
    taken=st.sets(st.sampled_from(CODES)),
    status=st.sampled_from(ladder.WAITING),
    pack=st.sampled_from([PACK, ANY_DAY]),
)
def test_the_ladder_wakes_on_the_first_day_that_has_a_step_due_and_no_other(days, due, taken, status, pack):
    last = DUE + timedelta(days=due)
    today = last + timedelta(days=days)
    one: Period = period(1, status, due=last, ends=last - timedelta(days=9), rungs=sorted(taken))
    ahead = (today + timedelta(days=n) for n in range(140))
    first = next((day for day in ahead if ladder.rungs_due(pack, one, day)), None)

    assert ladder.wakes_on(pack, one, status, today) == first
    assert first is None or pack is ANY_DAY or is_working(first)


def test_a_period_opens_on_its_first_day_and_is_told_of_when_letters_leave():
    holiday, told = date(2019, 1, 1), {"starts": date(2019, 1, 1), "ends": date(2019, 3, 31), "due": date(2019, 4, 5)}

    assert waking(PeriodStatus.PLANNED, date(2018, 11, 1), **told) == holiday
    assert letters(holiday, **told) == []
    assert letters(date(2019, 1, 8), **told) == ["period_opened"]
    assert letters(date(2019, 4, 1), **told) == ["period_ended"]


# -- the other ladders --------------------------------------------------------------------------------------------------

MONDAY = date(2019, 1, 14)


def mend(status: MendStatus = MendStatus.ASKED, **told) -> Mend:
    usual = {"contract_id": NOBODY, "visit_id": NOBODY, "number": 1, "what": "Дарбаза", "until": MONDAY, "rungs": []}
    return Mend(**OWNED, **{**usual, "status": status, **told})


def over(status: ContractStatus = ContractStatus.TERMINATED, **told) -> Contract:
    return contract(**{"status": status, "balance": 500, "refund_until": MONDAY, "rungs": [], **told})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (period(1, PeriodStatus.RECEIVED, check_until=MONDAY, rungs=[]), date(2019, 1, 15)),
        (period(1, PeriodStatus.RECEIVED, check_until=None), None),
        (period(1, PeriodStatus.ACCEPTED, check_until=MONDAY), None),
        (mend(), date(2019, 1, 9)),
        (mend(rungs=["mend_soon"]), MONDAY),
        (mend(MendStatus.TOLD, check_until=MONDAY), date(2019, 1, 15)),
        (mend(MendStatus.TOLD), None),
        (mend(MendStatus.MENDED, check_until=MONDAY), None),
        (mend(MendStatus.WAIVED), None),
        (over(), date(2019, 1, 8)),
        (over(ContractStatus.EVALUATED, rungs=["refund_soon"]), MONDAY),
        (over(ContractStatus.CLOSED), None),
        (over(ContractStatus.SIGNED), None),
        (over(returned=500), None),
        (over(refund_until=None), None),
    ],
)
def test_each_ladder_wakes_for_what_it_waits_for_and_for_nothing_else(row: ladder.Waiting, expected: date | None):
    assert ladder.wakes_on(PACK, row, row.status, date(2019, 1, 8)) == expected
    if expected is None:
        assert ladder.rungs_due(PACK, row, date(2019, 6, 3)) == []
        assert ladder.standing(PACK, row, date(2019, 6, 3)) == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            period(1, PeriodStatus.RECEIVED, check_until=MONDAY),
            [("coordinator", "check_overdue"), ("head", "check_escalated")],
        ),
        (mend(MendStatus.TOLD, check_until=MONDAY), [("coordinator", "mend_unseen"), ("head", "mend_unseen")]),
        (
            mend(),
            [("applicant", "mend_overdue"), ("coordinator", "mend_overdue_office"), ("head", "mend_escalated")],
        ),
        (
            over(),
            [("applicant", "refund_overdue"), ("coordinator", "refund_overdue_office"), ("head", "refund_escalated")],
        ),
    ],
)
def test_in_the_end_everybody_who_has_to_has_heard(row: ladder.Waiting, told: list):
    due = ladder.rungs_due(PACK, row, date(2019, 6, 3))

    assert [(one.to.value, one.letter) for one in due] == told


def test_a_step_that_was_taken_is_stood_on_until_a_higher_one_takes_its_place():
    row = mend(rungs=["mend_soon"])

    assert ladder.rungs_due(PACK, row, date(2019, 1, 9)) == []
    assert [one.code for one in ladder.standing(PACK, row, date(2019, 1, 9))] == ["mend_soon"]
    assert [one.code for one in ladder.standing(PACK, row, date(2019, 1, 12))] == ["mend_soon"]  # a day off too
    assert [one.code for one in ladder.standing(PACK, row, MONDAY)] == ["mend_due"]
    assert [one.letter for one in ladder.standing(PACK, row, date(2019, 1, 15))] == ["mend_overdue"]
