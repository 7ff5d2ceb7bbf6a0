"""Every act that a person can do, as one line each: what is done, where it is too early or too late for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from flows.steps import (
    announcement,
    audit,
    committee,
    completeness,
    contracting,
    dossier,
    holds,
    intake,
    monitoring,
    planning,
    redaction,
    register,
    results,
    retention,
    retrieval,
    sitting,
    tranches,
)
from schemas.base import Words
from schemas.commission import Assignment, Background, Choice, Member, Seat
from schemas.contract import Appeal
from schemas.customer import Role
from schemas.doer import Doer
from schemas.event import Act
from schemas.facts import Checkpoint
from schemas.hold import LegalHold
from schemas.programme import Problem, Programme
from schemas.report import Mend
from storage.search import Query
from tests.offices import FILES, OURS, Desk

ORDER = holds.Order("Соттун аныктамасы", "AC-1/18", date(2018, 11, 1), "Баткен райондук соту")
WORDS: Words = {"ky": "Жаңы", "ru": "Новое", "en": "New"}
Do = Callable[[Desk, Doer], object]


@dataclass(frozen=True)
class Door:
    """`do` at the wrong stages `wrong` raises WrongMoment, unless `wrong` is empty (no stage forbids it)."""

    name: str
    act: Act
    do: Do
    wrong: tuple[str, ...] = ()
    others: bool = True  # it is about a thing that another customer may try to reach

    def __str__(self) -> str:
        return self.name


def _problem(desk: Desk) -> Problem:
    return next(one for one in desk.all(Problem, tenant_id=desk.contest.tenant_id) if one.status.value == "funded")


def _programme(desk: Desk) -> Programme:
    return desk.get(Programme, desk.contest.programme_id)


def _appeal(desk: Desk) -> Appeal:
    return desk.all(Appeal)[0]


def _package(desk: Desk) -> Path:
    place = desk.home / "package"
    place.mkdir(exist_ok=True)
    place.joinpath("a.txt").write_bytes(b"a letter")
    return place


def _prioritise(desk: Desk, doer: Doer) -> None:
    register.prioritise(desk.office, doer, _problem(desk).id, 2, "кезек")


def _draft_contest(desk: Desk, doer: Doer) -> None:
    announcement.draft_contest(desk.office, doer, _programme(desk).id, FILES / "batken-contest.toml")


def _given(desk: Desk, doer: Doer) -> UUID:
    """An application that the doer was given to review; the routing is drawn, so not always the first."""
    mine = [seat.id for seat in desk.all(Member, person_id=doer.id)]
    given = desk.all(Assignment, member_id=mine)
    return given[0].application_id if given else desk.case(1).id


def _appoint(desk: Desk, doer: Doer) -> None:
    person = desk.who("lawyer")
    seat, background = Seat.MEMBER, Background.OFFICIAL
    announcement.appoint(
        desk.office, doer, desk.contest.id, person.id, seat=seat, background=background, relations=[], order="№ 2-К"
    )


def _hand_in(desk: Desk, doer: Doer) -> None:
    intake.hand_in(desk.office, doer, desk.contest, _package(desk), sender="a@b.example")


def _register_person(desk: Desk, doer: Doer) -> None:
    register.register_person(
        desk.office,
        doer,
        tenant_id=desk.contest.tenant_id,
        login="new.person",
        name="Жаңы Адам",
        email="new@batken.example",
        roles={},
    )


def _draft_programme(desk: Desk, doer: Doer) -> None:
    days = {"starts": date(2018, 9, 1), "ends": date(2019, 9, 1)}
    register.draft_programme(
        desk.office, doer, _problem(desk).id, title=WORDS, budget_line="9-9-9", amount=100_00, **days
    )


def _visit(desk: Desk, doer: Doer) -> None:
    monitoring.record_visit(desk.office, doer, desk.contract().id, on=date(2018, 11, 1), seen="Барып көрүлдү.")


def _mend(desk: Desk) -> UUID:
    return desk.all(Mend)[0].id


def _sheet(desk: Desk, doer: Doer) -> None:
    committee.submit_sheet(desk.office, doer, desk.case(1).id, {}, {})


EARLY, LATE = "published", "evaluated"
DOORS = (
    Door("register_person", Act.PERSON_REGISTER, _register_person),
    Door(
        "revoke_role",
        Act.ROLE_REVOKE,
        lambda d, who: register.revoke_role(d.office, who, d.who("lawyer").id, Role.LAWYER, "кетти"),
    ),
    Door("prioritise", Act.PROBLEM_PRIORITISE, _prioritise, (EARLY, LATE)),
    Door(
        "shelve",
        Act.PROBLEM_SHELVE,
        lambda d, who: register.shelve(d.office, who, _problem(d).id, "акча жок"),
        (EARLY, LATE),
    ),
    Door("draft_programme", Act.PROGRAMME_DRAFT, _draft_programme),
    Door(
        "approve_programme",
        Act.PROGRAMME_APPROVE,
        lambda d, who: register.approve_programme(d.office, who, _programme(d).id, "№ 5"),
        (EARLY, LATE),
    ),
    Door("draft_contest", Act.CONTEST_DRAFT, _draft_contest),
    Door("appoint", Act.MEMBER_APPOINT, _appoint, (EARLY, LATE)),
    Door(
        "release",
        Act.MEMBER_RELEASE,
        lambda d, who: announcement.release(d.office, who, d.seat(6).id, "ооруду"),
        (EARLY, LATE),
    ),
    Door(
        "announce",
        Act.CONTEST_ANNOUNCE,
        lambda d, who: announcement.announce(d.office, who, d.contest.id),
        ("announced", EARLY, LATE),
    ),
    Door(
        "cancel",
        Act.CONTEST_CANCEL,
        lambda d, who: announcement.cancel(d.office, who, d.contest.id, "каражат жок"),
        (EARLY, LATE),
    ),
    Door("hand_in", Act.APPLICATION_RECEIVE, _hand_in),
    Door(
        "cure",
        Act.APPLICATION_CURE,
        lambda d, who: intake.cure(d.office, who, d.case(1).id, _package(d)),
        ("received", "checked", EARLY, LATE),
    ),
    Door(
        "withdraw",
        Act.APPLICATION_WITHDRAW,
        lambda d, who: intake.withdraw(d.office, who, d.case(1).id, "ойлондук"),
        ("signed", LATE),
    ),
    Door(
        "close",
        Act.CONTEST_CLOSE,
        lambda d, who: completeness.close(d.office, who, d.contest.id),
        ("announced", EARLY, LATE),
    ),
    Door(
        "override",
        Act.FINDING_OVERRIDE,
        lambda d, who: completeness.override(d.office, who, d.all_findings("cured")[0].id, "негиз"),
        ("cured", LATE),
    ),
    Door(
        "declare",
        Act.CONFLICT_DECLARE,
        lambda d, who: committee.declare(d.office, who, d.case(1).id, conflict=True, reason="тууган"),
        ("received", EARLY, LATE),
    ),
    Door(
        "ask_to_route",
        Act.CONTEST_ROUTE,
        lambda d, who: committee.ask_to_route(d.office, who, d.contest.id),
        ("announced", "checked", EARLY, LATE),
    ),
    Door(
        "decline",
        Act.ASSIGNMENT_DECLINE,
        lambda d, who: committee.decline(d.office, who, _given(d, who), "убакыт жок"),
        ("open", LATE),
    ),
    Door("submit_sheet", Act.SHEET_SUBMIT, _sheet),
    Door(
        "convene",
        Act.SITTING_CONVENE,
        lambda d, who: sitting.convene(d.office, who, d.contest.id, d.office.now(), "Мэрия"),
        ("checked", "routed", EARLY, LATE),
    ),
    Door(
        "open_sitting",
        Act.SITTING_OPEN,
        lambda d, who: sitting.open_sitting(d.office, who, d.meeting().id, [d.seat(1).id]),
        ("open", EARLY, LATE),
    ),
    Door(
        "vote",
        Act.ITEM_VOTE,
        lambda d, who: sitting.vote(d.office, who, d.item(1).id, Choice.AGAINST),
        (EARLY, LATE),
    ),
    Door("decide_item", Act.ITEM_DECIDE, lambda d, who: sitting.decide_item(d.office, who, d.item(1).id, "негиз")),
    Door(
        "close_sitting",
        Act.SITTING_CLOSE,
        lambda d, who: sitting.close_sitting(d.office, who, d.meeting().id),
        ("open",),
    ),
    Door(
        "sign_minutes",
        Act.MINUTES_SIGN,
        lambda d, who: sitting.sign_minutes(d.office, who, d.meeting().id),
        ("open",),
    ),
    Door(
        "publish",
        Act.CONTEST_PUBLISH,
        lambda d, who: results.publish(d.office, who, d.contest.id),
        ("announced", "open", "decided"),
    ),
    Door(
        "lodge_appeal",
        Act.APPEAL_LODGE,
        lambda d, who: results.lodge_appeal(d.office, who, d.case(2).id, "макул эмесмин"),
        ("checked", "open"),
    ),
    Door(
        "decide_appeal",
        Act.APPEAL_DECIDE,
        lambda d, who: results.decide_appeal(d.office, who, _appeal(d).id, upheld=False, answer="негизсиз"),
    ),
    Door(
        "set_milestones",
        Act.CONTRACT_PLAN,
        lambda d, who: planning.set_milestones(
            d.office, who, d.contract().id, [Checkpoint(name="Контейнерлер", planned="2018-12-01")], "план"
        ),
        ("signed", LATE),
    ),
    Door("sign", Act.CONTRACT_SIGN, lambda d, who: contracting.sign(d.office, who, d.contract().id), (EARLY, LATE)),
    Door(
        "amend",
        Act.CONTRACT_AMEND,
        lambda d, who: contracting.amend(
            d.office, who, d.contract().id, ends=d.contract().ends + timedelta(days=30), reason="кыш"
        ),
        (EARLY, LATE),
    ),
    Door(
        "terminate",
        Act.CONTRACT_TERMINATE,
        lambda d, who: contracting.terminate(d.office, who, d.contract().id, "аткарылган жок"),
        (LATE,),
    ),
    Door(
        "lift",
        Act.TRANCHE_LIFT,
        lambda d, who: tranches.lift(d.office, who, d.tranche().id, "variance_explained", "кыш"),
        (EARLY, "signed", LATE),
    ),
    Door(
        "pay",
        Act.TRANCHE_PAY,
        lambda d, who: tranches.pay(d.office, who, d.tranche().id, "башка-T1"),
        (EARLY, "signed", LATE),
    ),
    Door(
        "extend",
        Act.PERIOD_EXTEND,
        lambda d, who: monitoring.extend(d.office, who, d.period().id, d.period().due + timedelta(days=9), "кар жаады"),
        ("reported", LATE),
    ),
    Door(
        "pause",
        Act.PERIOD_PAUSE,
        lambda d, who: monitoring.pause(d.office, who, d.period().id, "жол жабык"),
        ("signed", "reported", LATE),
    ),
    Door(
        "resume",
        Act.PERIOD_RESUME,
        lambda d, who: monitoring.resume(d.office, who, d.period().id, "жол ачылды"),
        ("signed", "reporting", "reported", LATE),
    ),
    Door(
        "hand_in_report",
        Act.REPORT_RECEIVE,
        lambda d, who: monitoring.hand_in_report(d.office, who, d.contract().id, 1, _package(d)),
        (EARLY, "signed", LATE),
    ),
    Door(
        "explain",
        Act.VARIANCE_EXPLAIN,
        lambda d, who: monitoring.explain(d.office, who, d.period().id, "кымбаттады"),
        ("reporting", LATE),
    ),
    Door(
        "return_report",
        Act.REPORT_RETURN,
        lambda d, who: monitoring.return_report(d.office, who, d.period().id, "кемчилик бар"),
        ("reporting", LATE),
    ),
    Door(
        "refuse",
        Act.REPORT_REFUSE,
        lambda d, who: monitoring.refuse(d.office, who, d.period().id, "отчёт жараксыз"),
        ("reporting", LATE),
    ),
    Door(
        "accept",
        Act.REPORT_ACCEPT,
        lambda d, who: monitoring.accept(d.office, who, d.period().id),
        ("reporting", "reported"),
    ),
    Door("tell_mended", Act.MEND_TELL, lambda d, who: monitoring.tell_mended(d.office, who, _mend(d), "оңдолду")),
    Door("accept_mended", Act.MEND_ACCEPT, lambda d, who: monitoring.accept_mended(d.office, who, _mend(d), "көрдүм")),
    Door(
        "return_mend",
        Act.MEND_RETURN,
        lambda d, who: monitoring.return_mend(d.office, who, _mend(d), date(2030, 1, 1), "дагы эле сынык"),
    ),
    Door("waive_mend", Act.MEND_WAIVE, lambda d, who: monitoring.waive_mend(d.office, who, _mend(d), "кереги жок")),
    Door("record_visit", Act.VISIT_RECORD, _visit, (EARLY, LATE)),
    Door(
        "evaluate",
        Act.CONTRACT_EVALUATE,
        lambda d, who: monitoring.evaluate(d.office, who, d.contract().id),
        (EARLY, "signed", "reported"),
    ),
    Door(
        "return_balance",
        Act.BALANCE_RETURN,
        lambda d, who: monitoring.return_balance(d.office, who, d.contract().id, 1, "№ 1"),
        (EARLY, "signed"),
    ),
    Door(
        "close_contract",
        Act.CONTRACT_CLOSE,
        lambda d, who: monitoring.close(d.office, who, d.contract().id),
        (EARLY, LATE),
    ),
    Door("sheets_for", Act.CASE_READ, lambda d, who: committee.sheets_for(d.office, who, d.case(1).id)),
    Door("timeline", Act.TRAIL_READ, lambda d, who: audit.timeline(d.office, who, d.case(1).id, "ky")),
    Door("dossier", Act.TRAIL_EXPORT, lambda d, who: dossier.dossier(d.office, who, d.case(1).id, d.home / "case.zip")),
    Door("find", Act.TRAIL_READ, lambda d, who: retrieval.find(d.office, who, Query(), "ky"), others=False),
    Door(
        "table", Act.TRAIL_EXPORT, lambda d, who: list(retrieval.csv_lines(d.office, who, Query(), "ky")), others=False
    ),
    Door(
        "certificate",
        Act.TRAIL_EXPORT,
        lambda d, who: dossier.certificate(d.office, who, d.contest.id, d.home / "closing.zip"),
        ("received",),
    ),
    Door("redact", Act.TRAIL_REDACT, lambda d, who: redaction.of_event(d.office, who, d.case(1).id, 1, ORDER)),
    Door("dispose", Act.TRAIL_DISPOSE, lambda d, who: retention.dispose(d.office, who, [d.case(1).id], ORDER)),
    Door("place_hold", Act.HOLD_PLACE, lambda d, who: holds.place(d.office, who, d.case(1).id, ORDER)),
    Door("lift_hold", Act.HOLD_LIFT, lambda d, who: holds.lift(d.office, who, d.all(LegalHold)[0].id, ORDER)),
)

CUSTOMER = OURS
