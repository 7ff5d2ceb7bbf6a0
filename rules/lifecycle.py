"""The journey as one table: what may happen to which noun, from where, to where, by whom, and what it needs.

`docs/lifecycle.md` is made from this table, permissions are derived from it, and a test walks every cell of it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from schemas.application import ApplicationStatus as A
from schemas.collection import ParcelStatus
from schemas.commission import AssignmentStatus, ItemStatus, SittingStatus
from schemas.contest import ContestStatus as C
from schemas.contract import AppealStatus, ContractStatus, TrancheStatus
from schemas.customer import Role
from schemas.errors import WrongMoment
from schemas.event import Act
from schemas.finding import FindingStatus
from schemas.hold import HoldStatus
from schemas.programme import ProblemStatus, ProgrammeStatus
from schemas.report import MendStatus, PeriodStatus

NEW = ""  # the noun does not exist yet
HEAD, COORDINATOR, SECRETARY, FINANCE = Role.HEAD, Role.COORDINATOR, Role.SECRETARY, Role.FINANCE
LAWYER, COUNCIL, CHAIR, MEMBER = Role.LAWYER, Role.COUNCIL, Role.CHAIR, Role.MEMBER
APPLICANT, SYSTEM = Role.APPLICANT, Role.SYSTEM

STATUSES: dict[str, tuple[str, ...]] = {
    "problem": tuple(ProblemStatus),
    "programme": tuple(ProgrammeStatus),
    "contest": tuple(C),
    "application": tuple(A),
    "finding": tuple(FindingStatus),
    "assignment": tuple(AssignmentStatus),
    "sitting": tuple(SittingStatus),
    "item": tuple(ItemStatus),
    "appeal": tuple(AppealStatus),
    "contract": tuple(ContractStatus),
    "tranche": tuple(TrancheStatus),
    "period": tuple(PeriodStatus),
    "mend": tuple(MendStatus),
    "parcel": tuple(ParcelStatus),
    "legalhold": tuple(HoldStatus),
}


class Row(NamedTuple):
    """From any of `sources`, `act` leads to one of `ends` (none = the status stays)."""

    noun: str
    sources: tuple[str, ...]
    act: Act
    ends: tuple[str, ...]
    who: tuple[Role, ...]
    needs: str = ""


def _problem() -> Iterator[Row]:
    p, noun = ProblemStatus, "problem"
    yield Row(noun, (NEW,), Act.PROBLEM_PROPOSE, (p.PROPOSED,), (COORDINATOR, HEAD, APPLICANT), "title and description")
    known = (p.PROPOSED, p.PRIORITISED, p.SHELVED)
    yield Row(noun, known, Act.PROBLEM_PRIORITISE, (p.PRIORITISED,), (COORDINATOR, HEAD, COUNCIL), "a place")
    yield Row(noun, (p.PRIORITISED,), Act.PROBLEM_FUND, (p.FUNDED,), (HEAD, COUNCIL), "a programme")
    yield Row(noun, (p.PROPOSED, p.PRIORITISED), Act.PROBLEM_SHELVE, (p.SHELVED,), (HEAD, COUNCIL), "a reason")


def _programme() -> Iterator[Row]:
    p, noun = ProgrammeStatus, "programme"
    yield Row(noun, (NEW,), Act.PROGRAMME_DRAFT, (p.DRAFTED,), (COORDINATOR, FINANCE), "a problem and a budget line")
    yield Row(noun, (p.DRAFTED,), Act.PROGRAMME_APPROVE, (p.APPROVED,), (COUNCIL,), "the council's decision")


def _contest() -> Iterator[Row]:
    noun = "contest"
    seated = (C.DRAFTED, C.ANNOUNCED, C.CLOSED, C.REVIEWING)
    yield Row(noun, (NEW,), Act.CONTEST_DRAFT, (C.DRAFTED,), (COORDINATOR, SECRETARY), "an approved programme")
    yield Row(noun, seated, Act.MEMBER_APPOINT, (), (HEAD,), "an order")
    yield Row(noun, seated, Act.MEMBER_RELEASE, (), (HEAD,), "a reason")
    yield Row(
        noun, (C.DRAFTED,), Act.CONTEST_ANNOUNCE, (C.ANNOUNCED,), (HEAD,), "a commission and the rule pack in force"
    )
    yield Row(noun, seated, Act.CONTEST_CANCEL, (C.CANCELLED,), (HEAD,), "a reason")
    yield Row(noun, (C.ANNOUNCED,), Act.CONTEST_CLOSE, (C.CLOSED,), (SYSTEM, SECRETARY), "the cut-off has passed")
    routing = (C.CLOSED, C.REVIEWING)
    yield Row(noun, routing, Act.CONTEST_ROUTE, (C.REVIEWING,), (SYSTEM, SECRETARY, CHAIR), "every declaration is in")
    by = (CHAIR, SECRETARY, SYSTEM)
    yield Row(noun, (C.REVIEWING,), Act.CONTEST_DECIDE, (C.DECIDED,), by, "every item is decided")
    yield Row(noun, (C.DECIDED,), Act.CONTEST_PUBLISH, (C.PUBLISHED,), (HEAD, SECRETARY), "signed minutes")
    by = (HEAD, COORDINATOR, SYSTEM)
    yield Row(noun, (C.PUBLISHED,), Act.CONTEST_FINISH, (C.FINISHED,), by, "every contract is closed")
    again = (C.DECIDED, C.PUBLISHED)
    yield Row(noun, again, Act.APPEAL_DECIDE, (C.REVIEWING,), (HEAD,), "an upheld appeal: the results no longer stand")


def _application() -> Iterator[Row]:
    noun, office, hands = "application", (SYSTEM, SECRETARY), (APPLICANT, SECRETARY)
    checked = (A.OPENED, A.TO_CURE)
    judged = (A.WINNER, A.RESERVE, A.PASSED_OVER)
    alive = (A.RECEIVED, *checked, A.COMPLETE, A.ELIGIBLE, A.IN_REVIEW, A.WINNER, A.RESERVE)
    yield Row(noun, (NEW,), Act.APPLICATION_RECEIVE, (A.RECEIVED,), (*hands, SYSTEM), "a package, in time")
    yield Row(noun, (NEW,), Act.APPLICATION_TURN_AWAY, (A.TURNED_AWAY,), office, "a package after the cut-off")
    yield Row(noun, (A.RECEIVED, *checked), Act.APPLICATION_INSPECT, (), (SYSTEM,), "the bytes of its files")
    yield Row(noun, (A.RECEIVED, *checked), Act.APPLICATION_RECOGNISE, (), (SYSTEM,), "a file without text of its own")
    yield Row(noun, alive, Act.APPLICATION_WITHDRAW, (A.WITHDRAWN,), hands, "the applicant's word; no signed contract")
    yield Row(noun, (A.RECEIVED,), Act.APPLICATION_OPEN, (A.OPENED,), office, "the cut-off has passed")
    yield Row(noun, (A.OPENED,), Act.APPLICATION_ASK_FOR_MORE, (A.TO_CURE,), office, "all gaps at once, with a term")
    yield Row(noun, (A.TO_CURE,), Act.APPLICATION_CURE, (A.OPENED,), hands, "a package within the term")
    yield Row(noun, (A.TO_CURE, A.REFUSED), Act.APPLICATION_TURN_AWAY, (), office, "what came after the term of cure")
    yield Row(noun, checked, Act.APPLICATION_ADMIT, (A.COMPLETE,), office, "no open gap")
    yield Row(noun, (*checked, A.COMPLETE), Act.APPLICATION_REFUSE, (A.REFUSED,), office, "a ground")
    yield Row(noun, (A.COMPLETE,), Act.APPLICATION_QUALIFY, (A.ELIGIBLE,), office, "no ground for refusal")
    declared = (A.COMPLETE, A.ELIGIBLE, A.IN_REVIEW)
    yield Row(noun, declared, Act.CONFLICT_DECLARE, (), (MEMBER, CHAIR), "yes or no; a reason if yes")
    by = (SYSTEM, SECRETARY, CHAIR)
    yield Row(noun, (A.ELIGIBLE, A.IN_REVIEW), Act.APPLICATION_ASSIGN, (A.IN_REVIEW,), by, "members without a conflict")
    yield Row(noun, (A.IN_REVIEW,), Act.SHEET_SUBMIT, (), (MEMBER, CHAIR), "an assignment of one's own")
    by = (SYSTEM, CHAIR, SECRETARY)
    ranked = (A.IN_REVIEW, *judged)  # ranked again after an upheld appeal
    yield Row(noun, ranked, Act.APPLICATION_WIN, (A.WINNER,), by, "a place above the cut, or a winner left")
    yield Row(noun, ranked, Act.APPLICATION_RESERVE, (A.RESERVE,), by, "a place below the cut")
    yield Row(noun, ranked, Act.APPLICATION_PASS_OVER, (A.PASSED_OVER,), (*by, HEAD), "a reason")
    yield Row(noun, (A.TURNED_AWAY, A.REFUSED, *judged), Act.APPEAL_LODGE, (), (APPLICANT,), "the term of appeal")
    yield Row(noun, (A.REFUSED,), Act.APPEAL_DECIDE, (A.OPENED,), (HEAD,), "upheld: it is checked again")
    yield Row(
        noun, (A.TURNED_AWAY,), Act.APPEAL_DECIDE, (A.TO_CURE,), (HEAD,), "upheld: it may be handed in, with a term"
    )
    yield Row(
        noun, judged, Act.APPEAL_DECIDE, (A.ELIGIBLE,), (HEAD,), "upheld: reviewed again, by others where it can be"
    )


def _finding() -> Iterator[Row]:
    f, noun, office = FindingStatus, "finding", (SYSTEM, SECRETARY)
    verdicts = (Act.APPLICATION_ASK_FOR_MORE, Act.APPLICATION_ADMIT, Act.APPLICATION_REFUSE, Act.APPLICATION_QUALIFY)
    for act in verdicts:
        yield Row(noun, (NEW,), act, (f.OPEN,), office, "a rule that found it")
        yield Row(noun, (f.OPEN,), act, (f.OPEN, f.CURED), office, "cured if a later check finds it no more")
    yield Row(noun, (f.OPEN,), Act.FINDING_OVERRIDE, (f.OVERRIDDEN,), (SECRETARY, LAWYER, HEAD), "a reason")


def _review() -> Iterator[Row]:
    s, noun = AssignmentStatus, "assignment"
    by = (SYSTEM, SECRETARY, CHAIR)
    yield Row(noun, (NEW,), Act.APPLICATION_ASSIGN, (s.ASSIGNED,), by, "no conflict")
    yield Row(noun, (s.ASSIGNED,), Act.ASSIGNMENT_DECLINE, (s.DECLINED,), (MEMBER, CHAIR), "a reason")
    yield Row(noun, (s.ASSIGNED,), Act.CONFLICT_DECLARE, (s.ASSIGNED, s.DECLINED), (MEMBER, CHAIR), "declined if yes")
    yield Row(noun, (s.ASSIGNED,), Act.SHEET_SUBMIT, (s.DONE,), (MEMBER, CHAIR), "points for every criterion")


def _sitting() -> Iterator[Row]:
    s, i, desk = SittingStatus, ItemStatus, (SECRETARY, CHAIR)
    yield Row("sitting", (NEW,), Act.SITTING_CONVENE, (s.CONVENED,), desk, "a time, a place, an agenda")
    yield Row("sitting", (s.CONVENED,), Act.SITTING_OPEN, (s.OPEN,), desk, "who is present")
    yield Row("sitting", (s.OPEN,), Act.SITTING_CLOSE, (s.CLOSED,), desk)
    yield Row("sitting", (s.CLOSED,), Act.MINUTES_DRAFT, (), (SYSTEM, SECRETARY), "the recorded events")
    yield Row("sitting", (s.CLOSED,), Act.MINUTES_SIGN, (s.SIGNED,), (CHAIR,), "minutes")
    yield Row("item", (NEW,), Act.SITTING_CONVENE, (i.OPEN,), desk, "an application in review")
    yield Row("item", (i.OPEN,), Act.ITEM_VOTE, (), (MEMBER, CHAIR), "presence, no conflict, one's own vote")
    yield Row(
        "item", (i.OPEN,), Act.ITEM_DECIDE, (i.RECOMMENDED, i.NOT_RECOMMENDED), desk, "quorum on this item; a reason"
    )


def _appeal() -> Iterator[Row]:
    a, noun = AppealStatus, "appeal"
    yield Row(noun, (NEW,), Act.APPEAL_LODGE, (a.LODGED,), (APPLICANT,), "a text, within the term")
    yield Row(noun, (a.LODGED,), Act.APPEAL_DECIDE, (a.UPHELD, a.REJECTED), (HEAD,), "an answer")


def _contract() -> Iterator[Row]:
    c, noun = ContractStatus, "contract"
    unsigned = (c.PREPARED, c.DRAFTED)
    by = (SYSTEM, COORDINATOR, LAWYER)
    yield Row(noun, (NEW,), Act.CONTRACT_PREPARE, (c.PREPARED,), by, "a winner")
    yield Row(noun, (c.TERMINATED,), Act.CONTRACT_PREPARE, (c.PREPARED,), by, "never signed, and a winner again")
    yield Row(noun, unsigned, Act.CONTRACT_PLAN, (c.PREPARED,), (COORDINATOR, LAWYER), "milestones; it is drafted anew")
    yield Row(noun, unsigned, Act.CONTRACT_DRAFT, (c.DRAFTED,), (SYSTEM, LAWYER), "budget, schedule, indicators")
    yield Row(noun, (c.DRAFTED,), Act.CONTRACT_SIGN, (c.SIGNED,), (HEAD,), "no appeal pending, the term of appeal over")
    yield Row(noun, (c.SIGNED,), Act.CONTRACT_AMEND, (), (LAWYER, HEAD), "a reason and the article")
    yield Row(noun, (*unsigned, c.SIGNED), Act.CONTRACT_TERMINATE, (c.TERMINATED,), (HEAD,), "a reason")
    yield Row(noun, (c.SIGNED, c.TERMINATED), Act.VISIT_RECORD, (), (COORDINATOR, FINANCE, HEAD), "what was seen")
    by = (COORDINATOR, HEAD, SYSTEM)
    yield Row(noun, (c.SIGNED,), Act.CONTRACT_EVALUATE, (c.EVALUATED,), by, "an accepted final report")
    over = (c.EVALUATED, c.TERMINATED)
    yield Row(noun, over, Act.BALANCE_REMIND, (), (SYSTEM,), "money owed, a rung that is due and was not taken")
    yield Row(noun, over, Act.BALANCE_RETURN, (), (FINANCE,), "a payment")
    yield Row(noun, (c.EVALUATED,), Act.CONTRACT_CLOSE, (c.CLOSED,), (COORDINATOR, HEAD), "nothing left to return")


def _tranche() -> Iterator[Row]:
    t, noun = TrancheStatus, "tranche"
    waiting = (t.PLANNED, t.HELD)
    yield Row(noun, (NEW,), Act.CONTRACT_PREPARE, (t.PLANNED,), (SYSTEM, COORDINATOR, LAWYER), "the pack's split")
    yield Row(noun, (NEW,), Act.CONTRACT_AMEND, (t.PLANNED,), (LAWYER, HEAD), "a sum above what all others make")
    yield Row(noun, waiting, Act.TRANCHE_HOLD, (t.HELD,), (SYSTEM, FINANCE), "every unmet condition")
    yield Row(noun, waiting, Act.TRANCHE_LIFT, (), (HEAD,), "a condition that the pack lets be lifted, and a reason")
    yield Row(noun, waiting, Act.TRANCHE_ORDER, (t.ORDERED,), (FINANCE, SYSTEM), "no unmet condition")
    yield Row(noun, (t.ORDERED,), Act.TRANCHE_PAY, (t.PAID,), (FINANCE,), "a payment order")


def _period() -> Iterator[Row]:
    p, noun = PeriodStatus, "period"
    due, desk = (p.OPEN, p.RETURNED), (COORDINATOR, FINANCE)
    yield Row(noun, (NEW,), Act.CONTRACT_SIGN, (p.PLANNED,), (HEAD,), "the pack's periods")
    by = (LAWYER, HEAD)
    yield Row(noun, (NEW,), Act.CONTRACT_AMEND, (p.PLANNED,), by, "a longer project, or more milestones")
    yield Row(noun, (p.PLANNED,), Act.CONTRACT_AMEND, (p.PLANNED, p.DROPPED), by, "dropped if the new plan has fewer")
    yield Row(noun, (p.DROPPED,), Act.CONTRACT_AMEND, (p.PLANNED,), by, "a plan that has it again")
    yield Row(noun, (p.PLANNED,), Act.PERIOD_OPEN, (p.OPEN,), (SYSTEM,), "its first day, a signed contract")
    waiting = (*due, p.RECEIVED)
    yield Row(noun, waiting, Act.PERIOD_REMIND, (), (SYSTEM, COORDINATOR), "a rung that is due and was not taken")
    yield Row(noun, (p.PLANNED, *due), Act.PERIOD_EXTEND, (), (COORDINATOR, HEAD), "a reason and a later day")
    yield Row(noun, due, Act.PERIOD_PAUSE, (), (COORDINATOR, HEAD), "a reason")
    yield Row(noun, due, Act.PERIOD_RESUME, (), (COORDINATOR, HEAD), "a pause and a reason")
    by = (APPLICANT, SECRETARY, COORDINATOR, SYSTEM)
    yield Row(noun, due, Act.REPORT_RECEIVE, (p.RECEIVED,), by, "a package")
    yield Row(noun, (p.RECEIVED,), Act.REPORT_READ, (), (SYSTEM,), "the bytes of its files")
    yield Row(noun, (p.RECEIVED,), Act.REPORT_RETURN, (p.RETURNED,), (*desk, SYSTEM), "all remarks at once")
    yield Row(
        noun, (p.RECEIVED,), Act.REPORT_REFUSE, (p.OPEN,), (COORDINATOR, HEAD), "a reason; it counts as not given"
    )
    yield Row(noun, (p.RECEIVED, p.RETURNED), Act.VARIANCE_EXPLAIN, (), (APPLICANT,), "an explanation in words")
    yield Row(noun, (p.RECEIVED,), Act.REPORT_ACCEPT, (p.ACCEPTED,), desk, "no open remark")


def _mend() -> Iterator[Row]:
    m, noun = MendStatus, "mend"
    yield Row(noun, (NEW,), Act.VISIT_RECORD, (m.ASKED,), (COORDINATOR, FINANCE, HEAD), "what is wrong, and until when")
    yield Row(noun, (m.ASKED, m.TOLD), Act.MEND_REMIND, (), (SYSTEM,), "a rung that is due and was not taken")
    yield Row(noun, (m.ASKED,), Act.MEND_TELL, (m.TOLD,), (APPLICANT, COORDINATOR), "what was done")
    yield Row(noun, (m.ASKED, m.TOLD), Act.MEND_ACCEPT, (m.MENDED,), (COORDINATOR, HEAD), "it was seen to be done")
    needs = "it was seen not to be done; a reason and a later day"
    yield Row(noun, (m.TOLD,), Act.MEND_RETURN, (m.ASKED,), (COORDINATOR, HEAD), needs)
    yield Row(noun, (m.ASKED, m.TOLD), Act.MEND_WAIVE, (m.WAIVED,), (HEAD,), "a reason")


def _parcel() -> Iterator[Row]:
    p, noun, desk = ParcelStatus, "parcel", (COORDINATOR, SECRETARY)
    yield Row(noun, (NEW,), Act.PARCEL_TAKE, (p.WAITING, p.FILED), (SYSTEM,), "a mail or a package from a source")
    yield Row(noun, (p.WAITING, p.SET_ASIDE), Act.PARCEL_FILE, (p.FILED,), desk, "a contract and a period")
    yield Row(noun, (p.WAITING,), Act.PARCEL_SET_ASIDE, (p.SET_ASIDE,), desk, "a reason")


def _hold() -> Iterator[Row]:
    h, noun = HoldStatus, "legalhold"
    yield Row(noun, (NEW,), Act.HOLD_PLACE, (h.PLACED,), (LAWYER, HEAD), "an act: title, number, date, who ordered it")
    yield Row(
        noun, (h.PLACED,), Act.HOLD_LIFT, (h.LIFTED,), (HEAD, SYSTEM), "an act that lifts it; or its term is over"
    )


_PARTS = (
    *(_problem, _programme, _contest, _application, _finding, _review),
    *(_sitting, _appeal, _contract, _tranche, _period, _mend, _parcel, _hold),
)
TABLE: tuple[Row, ...] = tuple(row for part in _PARTS for row in part())
_CELLS: dict[tuple[str, str, Act], Row] = {(row.noun, source, row.act): row for row in TABLE for source in row.sources}


def row(noun: str, status: str, act: Act) -> Row:
    """The row of this cell. Raises WrongMoment where the table has none. Status "" = does not exist yet."""
    found = _CELLS.get((noun, str(status), act))
    if found is None:
        raise WrongMoment(act=act.value, noun=noun, status=str(status))
    return found


def move(noun: str, status: str, act: Act, to: str | None = None) -> str:
    """The status after the act; the same one if the act changes none.

    Where an act may end in several (a vote, an appeal), `to` says in which. Raises WrongMoment.
    """
    ends = row(noun, status, act).ends or (status,)
    if to is None and len(ends) == 1:
        return str(ends[0])
    if to is None or to not in ends:
        raise WrongMoment(act=act.value, noun=noun, status=str(status))
    return str(to)


def possible(noun: str, status: str) -> list[Act]:
    """What can happen next, in the order of the table."""
    return [row.act for row in TABLE if row.noun == noun and str(status) in row.sources]


def who(act: Act) -> frozenset[Role]:
    """The roles that the table names for this act, over all nouns."""
    return frozenset(role for row in TABLE if row.act == act for role in row.who)


def markdown() -> str:
    """docs/lifecycle.md."""
    lines = [
        "# The journey, act by act",
        "",
        "Made from `rules/lifecycle.py` by `scripts/make_docs.py`; do not edit. “—” = does not exist yet; “same” = the",
        "status stays; several statuses after an act: the act says which.",
    ]
    for noun in STATUSES:
        lines += ["", f"## {noun}", "", "| from | act | to | who | needs |", "|---|---|---|---|---|"]
        for one in (one for one in TABLE if one.noun == noun):
            source = ", ".join(str(status) or "—" for status in one.sources)
            end = " / ".join(str(status) for status in one.ends) or "same"
            roles = ", ".join(role.value for role in one.who)
            lines.append(f"| {source} | `{one.act.value}` | {end} | {roles} | {one.needs} |")
    return "\n".join(lines) + "\n"
