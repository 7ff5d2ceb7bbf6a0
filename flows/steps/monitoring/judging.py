"""Stage 15: what becomes of a report: explained, refused, accepted."""

from typing import Any
from uuid import UUID

from flows.office import Office
from flows.steps import addresses
from flows.steps.monitoring.reports import last
from flows.steps.monitoring.waiting import about, begin_cycle, move_waiting
from flows.steps.moving import check_moment, check_reason, edition, in_words, move, reckoned
from flows.steps.people import only_own
from flows.steps.tranches import contest_and_pack, standing, weigh_next
from rules import deadlines
from rules.likeness import plain
from rules.reports import EXPLAINED, counted, explained
from schemas.application import Application, Organisation
from schemas.contract import Contract
from schemas.customer import Role
from schemas.doer import Doer
from schemas.errors import NoReason, NotFound, WrongMoment
from schemas.event import Act
from schemas.finding import Remark, Severity
from schemas.report import Period, PeriodStatus, Report


def explain(office: Office, doer: Doer, period_id: UUID, text: str, *, line: str = "") -> None:
    """The contractor explains a variance: of a line that is off the plan, or of all of them where none is named.

    Raises NotFound for a line of which no explanation is asked for.
    """
    if not text.strip():
        raise NoReason(act=Act.VARIANCE_EXPLAIN)
    with office.acting(doer, Act.VARIANCE_EXPLAIN) as work:
        period = work.get(Period, period_id)
        contract = work.get(Contract, period.contract_id)
        only_own(work, doer, work.get(Application, contract.application_id))
        check_moment(period, Act.VARIANCE_EXPLAIN)
        report = last(work, period_id)
        told: dict[str, Any] = {"line": line} if line else {}
        if line:
            off = [one["facts"]["line"] for one in report.remarks if one["rule"] == "variance"]
            called = next((one for one in off if plain(one) == plain(line)), None)
            if called is None:
                raise NotFound(noun="line", id=line)
            others = [one for one in report.explanations if plain(one["line"]) != plain(called)]
            report.explanations = [*others, {"line": called, "text": text}]
        else:
            report.explanation = text
        move(work, period, Act.VARIANCE_EXPLAIN, because=in_words(text, None, **told))
        weigh_next(work, contract)


def refuse(office: Office, doer: Doer, period_id: UUID, reason: str) -> None:
    """The report counts as not handed in: a whole one is due anew within the pack's term, and the head hears of it."""
    check_reason(reason, Act.REPORT_REFUSE)
    with office.acting(doer, Act.REPORT_REFUSE) as work:
        period = work.get(Period, period_id)
        check_moment(period, Act.REPORT_REFUSE)
        contract = work.get(Contract, period.contract_id)
        contest, pack = contest_and_pack(office, work, contract)
        today = office.today(contest.zone)
        report = last(work, period_id)
        report.refused = True
        period.received_at, period.late, period.parts = None, False, []
        begin_cycle(pack, period, max(period.due, deadlines.add(today, pack.monitoring.cure.value)))
        because = in_words(reason, pack, **edition())
        move_waiting(work, pack, period, Act.REPORT_REFUSE, today, because=because)
        facts = {**about(contract, period), "reason": reason}
        addresses.to_contractor(work, contract, "report_refused", f"report_refused:{report.id}", facts)
        organisation = work.get(Organisation, contract.organisation_id)
        facts = {**facts, "organisation": organisation.name}
        addresses.to_role(work, period, Role.HEAD, "report_refused_office", f"report_refused:{report.id}", facts)
        weigh_next(work, contract)


def open_remarks(report: Report) -> list[Remark]:
    """What still stands against a report: remarks to cure; a variance no more once it is explained."""
    remarks = [
        Remark(rule=one["rule"], severity=one["severity"], facts=one["facts"], placeholder=one["placeholder"])
        for one in report.remarks
    ]
    open_ones = [one for one in remarks if one.severity is not Severity.NOTICE]
    return [one for one in open_ones if not (one.rule in EXPLAINED and explained(report, str(one.facts["line"])))]


def accept(office: Office, doer: Doer, period_id: UUID) -> None:
    """The report is accepted; its spending counts and the next tranche is weighed. Raises WrongMoment on open remarks."""
    with office.acting(doer, Act.REPORT_ACCEPT) as work:
        period = work.get(Period, period_id)
        if period.status is PeriodStatus.ACCEPTED:
            return
        check_moment(period, Act.REPORT_ACCEPT)
        report = last(work, period_id)
        still_open = open_remarks(report)
        if still_open or not report.read:
            rules = ", ".join(sorted({one.rule for one in still_open}))
            raise WrongMoment(act=Act.REPORT_ACCEPT, noun="period", status=period.status, waiting=rules or "reading")
        contract = work.get(Contract, period.contract_id)
        before = [one for one in work.all(Period, contract_id=contract.id) if one.number < period.number]
        waiting = [one for one in before if period.whole and one.status is not PeriodStatus.ACCEPTED]
        if waiting:  # it sums them up
            raise WrongMoment(act=Act.REPORT_ACCEPT, noun="period", status=period.status, waiting=len(waiting))
        contest, pack = contest_and_pack(office, work, contract)
        others = [one for one in standing(work, contract) if one.period_id != period.id]
        contract.spent = report.spent + (0 if period.whole else sum(one.spent for one in counted(others)))
        because = reckoned(pack, "report_in_order", spent=report.spent)
        move_waiting(work, pack, period, Act.REPORT_ACCEPT, office.today(contest.zone), because=because)
        facts = about(contract, period)
        addresses.to_contractor(work, contract, "report_accepted", f"report_accepted:{report.id}", facts)
        weigh_next(work, contract)
