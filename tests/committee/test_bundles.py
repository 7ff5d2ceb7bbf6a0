"""The file for the commission: what it says of findings is what stands."""

from collections.abc import Callable
from io import BytesIO

import pytest
from pypdf import PdfReader

from documents.bundle_pages import SAID
from schemas.application import Application
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import Finding, FindingStatus, Severity
from schemas.outbox import Errand
from schemas.wording import say
from storage.ledger import Because
from storage.work import looking
from tests.offices import Desk


def last_page(desk: Desk, case: Application) -> str:
    """The words of the page of findings, of a bundle that is made now."""
    with desk.office.acting(CLOCK, Act.APPLICATION_ASSIGN) as work:
        work.errand(Errand.BUNDLE, work.get(Application, case.id), "again")
    assert desk.work(Errand.BUNDLE).troubles == []
    made = next(one for one in desk.files(case.id).values() if one.kind is Kind.BUNDLE)
    assert made.blob_id is not None
    pages = PdfReader(BytesIO(desk.office.blobs.read(made.blob_id, 10**9))).pages
    text = " ".join(pages[-1].extract_text().split())
    assert SAID["ky"].findings in text
    return text


def said(one: Finding) -> str:
    """Its sentence, without spaces: lines break where the page wants."""
    return "".join(say(f"rule.{one.rule}", "ky", **{**one.facts, "kind": one.kind or ""}).split())


def noted(desk: Desk, case: Application, finding: Finding) -> Finding:
    with desk.office.acting(CLOCK, Act.APPLICATION_QUALIFY) as work:
        work.new(finding, stream=case.id, tenant=case.tenant_id)
        work.record(Act.APPLICATION_QUALIFY, work.get(Application, case.id), because=Because(reason="a test"))
    return finding


@pytest.mark.parametrize("status", [FindingStatus.CURED, FindingStatus.OVERRIDDEN, FindingStatus.OPEN])
def test_of_a_file_what_stands_is_told_and_nothing_else(desk_at: Callable[..., Desk], status: FindingStatus) -> None:
    desk = desk_at("cured")
    case = desk.case(2)
    about = next(one for one in desk.files(case.id).values() if one.kind is Kind.BUDGET and one.current)
    of = {"application_id": case.id, "document_id": about.id, "kind": about.kind, "round": 1, "status": status}
    facts = {"code": about.kind.value, "name": about.name}
    finding = noted(desk, case, Finding(rule="not_on_form", severity=Severity.NOTICE, facts=facts, **of))

    text = last_page(desk, case)

    assert (said(finding) in "".join(text.split())) is (status is FindingStatus.OPEN)


def test_a_finding_about_no_file_is_told_too(desk_at: Callable[..., Desk]) -> None:
    desk = desk_at("cured")
    case = desk.case(2)
    with looking(desk.office.engine, desk.office.system) as look:
        before = look.all(Finding, application_id=case.id, rule="missing")[0]
    assert before.status is FindingStatus.CURED
    finding = Finding(application_id=case.id, rule="missing", severity=Severity.NOTICE, kind=before.kind, round=2)
    finding.facts = before.facts
    noted(desk, case, finding)

    text = last_page(desk, case)

    assert said(before) in "".join(text.split())
