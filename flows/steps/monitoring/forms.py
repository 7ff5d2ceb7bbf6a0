"""Stage 15: the forms of a report, handed out."""

from flows.papers.report_forms import Form, report_forms
from flows.steps.people import only_own
from flows.steps.tranches import standing
from schemas.application import Application, Organisation
from schemas.contract import Contract
from schemas.doer import Doer
from schemas.errors import WrongMoment
from schemas.event import Act
from schemas.report import Period, PeriodStatus
from storage.work import Look


def forms_of(look: Look, period: Period, doer: Doer | None = None) -> list[Form]:
    """Both forms of a period as they are to be filled in; an applicant gets those of his own contracts.

    Raises WrongMoment for a period that was dropped.
    """
    contract = look.get(Contract, period.contract_id)
    application = look.get(Application, contract.application_id)
    if doer is not None:
        only_own(look, doer, application)
    if period.status is PeriodStatus.DROPPED:
        raise WrongMoment(act=Act.REPORT_RECEIVE, noun="period", status=period.status)
    organisation = look.get(Organisation, contract.organisation_id)
    number = {one.id: one.number for one in look.all(Period, contract_id=contract.id)}
    before = [one for one in standing(look, contract) if number[one.period_id] < period.number]
    told = {"organisation": organisation.name, "title": application.title, "head": organisation.head}
    return list(report_forms(contract, period, before, **told))
