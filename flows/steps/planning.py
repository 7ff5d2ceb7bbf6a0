"""Stage 13: the plan of a contract on record: its milestones, reporting periods, and the reports that its tranches follow."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flows.office import Office
from flows.steps.moving import check_moment, in_words, move
from flows.steps.tranches import contest_and_pack
from rules import ladder, lifecycle, periods, tranches
from rules.packs import Pack
from rules.periods import PlannedPeriod
from schemas.application import Application
from schemas.contest import Contest
from schemas.contract import Contract, Tranche
from schemas.doer import Doer
from schemas.errors import BadMilestone
from schemas.event import Act
from schemas.facts import Checkpoint
from schemas.outbox import Errand
from schemas.report import NOT_BEGUN, Period, PeriodStatus
from schemas.wording import LANGUAGES, say
from storage import outbox
from storage.work import Work


def set_milestones(
    office: Office, doer: Doer, contract_id: UUID, milestones: Sequence[Checkpoint], reason: str
) -> None:
    """The milestones of a contract that is not signed yet, all anew; it is drafted again. The same ones again change nothing.

    Raises BadMilestone for one without a name, or on a day outside the project.
    """
    with office.acting(doer, Act.CONTRACT_PLAN) as work:
        contract = work.get(Contract, contract_id)
        check_moment(contract, Act.CONTRACT_PLAN)
        given = checked(contract.starts, contract.ends, milestones)
        if given == contract.milestones:
            return
        contract.milestones = given
        contest, pack = contest_and_pack(office, work, contract)
        place_tranches(work, pack, contract, preview(pack, contract, office.today(contest.zone)))
        move(work, contract, Act.CONTRACT_PLAN, because=in_words(reason, pack, milestones=len(given)))
        if not outbox.revive(work.session, Errand.DRAFT_CONTRACT, contract.application_id, now=work.at):
            application = work.get(Application, contract.application_id)
            work.errand(Errand.DRAFT_CONTRACT, application, f"{application.id}:{work.last_event}")


def checked(starts: date, ends: date, milestones: Sequence[Checkpoint]) -> list[dict[str, Any]]:
    """Milestones by their days, as a contract holds them. Raises BadMilestone."""
    for one in milestones:
        if not one.name.strip() or not starts <= date.fromisoformat(one.planned) <= ends:
            raise BadMilestone(day=one.planned, starts=starts, ends=ends)
    return [one.model_dump(mode="json") for one in sorted(milestones, key=lambda one: (one.planned, one.name))]


def ceiling_of(contest: Contest, application: Application) -> int:
    """The most that a project of its theme may get, in tyiyn."""
    return min([contest.budget, *(lot.ceiling for lot in contest.lots() if lot.code == application.theme)])


def preview(pack: Pack, contract: Contract, today: date) -> list[PlannedPeriod]:
    """The periods that signing the contract today would make."""
    return periods.plan(pack, periods.agreed(contract, since=today))


def make_plan(work: Work, pack: Pack, contract: Contract, today: date) -> list[PlannedPeriod]:
    """The contract is signed today: its periods, and after which of them each tranche is paid."""
    planned = preview(pack, contract, today)
    lay_out(work, pack, contract, planned, today)
    place_tranches(work, pack, contract, planned)
    return planned


def schedule(planned: Sequence[PlannedPeriod]) -> dict[str, str]:
    """The reports that are due, a line each, for a letter in any language."""
    return {
        language: "\n".join(
            say(
                "paper.schedule",
                language,
                period=one.number,
                of=planned[-1].number,
                starts=one.starts,
                ends=one.ends,
                due=one.due,
                title=say("paper.period.whole", language) if one.whole else one.title,
            )
            for one in planned
        )
        for language in LANGUAGES
    }


def place_tranches(work: Work, pack: Pack, contract: Contract, planned: Sequence[PlannedPeriod]) -> None:
    """After which report each tranche that is not ordered yet is paid."""
    for one in work.all(Tranche, contract_id=contract.id, order="number"):
        if one.status in tranches.WAITING:
            one.after_period = tranches.after_period(pack, one.number - 1, planned)


def fallen(periods: Sequence[Period]) -> dict[str, str]:
    """The periods that an amendment drops, a line each, for a letter in any language."""
    return {
        language: "\n".join(
            say(
                "paper.dropped",
                language,
                period=one.number,
                starts=one.starts,
                ends=one.ends,
                title=say("paper.period.whole", language) if one.whole else one.title,
            )
            for one in periods
        )
        for language in LANGUAGES
    }


def lay_out(work: Work, pack: Pack, contract: Contract, planned: Sequence[PlannedPeriod], today: date) -> None:
    """The planned periods on record: what was dropped comes back under its number, what is planned no more is dropped.

    One that has begun is the last if no other follows it; what is accepted stays as it was.
    """
    there = {one.number: one for one in work.all(Period, contract_id=contract.id)}
    new = {one.number for one in planned}
    of = max([*new, *(one.number for one in there.values() if one.status not in NOT_BEGUN)])
    for one in planned:
        told: dict[str, Any] = {"starts": one.starts, "ends": one.ends, "due": one.due, "final": one.final}
        told |= {"of": of, "lines": [line.model_dump() for line in one.lines], "title": one.title, "whole": one.whole}
        period = there.get(one.number)
        if period is None:
            period = Period(contract_id=contract.id, number=one.number, **told)
            work.new(period, stream=contract.stream_id, tenant=contract.tenant_id)
        else:
            for name, value in told.items():
                setattr(period, name, value)
            _turn(period, PeriodStatus.PLANNED)
        period.wakes_on = ladder.wakes_on(pack, period, period.status, today)
    for period in (one for one in there.values() if one.number not in new):
        if period.status is PeriodStatus.PLANNED:
            _turn(period, PeriodStatus.DROPPED)
            period.wakes_on = None
        elif period.status not in (PeriodStatus.DROPPED, PeriodStatus.ACCEPTED):
            period.of, period.final = of, period.number == of


def _turn(period: Period, to: PeriodStatus) -> None:
    """Under the amendment's own event."""
    period.status = PeriodStatus(lifecycle.move("period", period.status.value, Act.CONTRACT_AMEND, to))
