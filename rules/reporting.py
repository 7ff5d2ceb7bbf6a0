"""The shape of the law on reports: how a project is cut into periods, when a report is due, and the ladder of letters."""

from typing import Annotated, Literal

from pydantic import Field

from rules.deadlines import Term
from rules.items import Item, Percent, Strict
from schemas.customer import Role


class DayOfMonth(Strict):
    """That day of the month after the period's end ("by the 5th"), or the working day after it."""

    day: Annotated[int, Field(ge=1, le=31)]


class LastWorkingDay(Strict):
    """The last working day of the month (`months` after the one in which the period ends)."""

    last_working_day: Annotated[int, Field(ge=0)]


Due = Term | DayOfMonth | LastWorkingDay
EVERY = {"month": 1, "quarter": 3, "half_year": 6}  # months


class MonitoringRule(Strict):
    every: Item[Literal["month", "quarter", "half_year", "milestone", "end"]]  # length of a period
    align: Item[Literal["start", "calendar"]]  # cut from the project's first day, or where months and quarters end
    due: Item[Due]  # after the end of a period
    final_due: Item[Due]
    separate_final: Item[bool] | None = None  # a final report on the whole project besides the last period's; none: not
    check: Item[Term]  # of a report that came in, and of a fault that is told to be mended
    certified_copies: Item[bool]  # each expense is shown by a receipt
    receipts_percent: Item[Annotated[int, Field(ge=0)]]  # by which receipts may differ from a line
    photo_days: Item[Annotated[int, Field(ge=0)]]  # before and after the period: cameras have no zone
    cure: Item[Term]  # for a report that was returned
    refund: Item[Term]  # for what is to be paid back, from the day on which it is known
    return_at_once: Item[bool]  # what the contractor can cure goes back to him before an officer looks
    working_days_only: Item[bool]  # letters of the ladder leave on working days only


class LadderStep(Strict):
    """One step of a ladder: when (from the due day, or the period's last or first day), to whom, with which letter.

    `of` is what it waits for: the contractor's report, our check of it, a corrective act, our look at what is told to be
    mended, money to be paid back. `missed` is the letter in place of a reminder whose day went by and with it the due
    day; empty: none is written.
    """

    at: Term
    of: Literal["report", "check", "mend", "mend_check", "refund"] = "report"
    type: Literal["reminder", "overdue", "escalation"]
    to: Role
    letter: str
    since: Literal["due", "ends", "starts"] = "due"
    missed: str = ""


class Variance(Strict):
    threshold_percent: Item[Percent]
