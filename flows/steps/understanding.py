"""Stage 5: what the files of a package say of it: who applies, for what and for how much, and which file is now the one."""

from collections.abc import Mapping

from schemas.application import Application, Organisation
from schemas.document import Document
from schemas.facts import Facts, Kind
from storage.work import Work


def supersede(work: Work, document: Document) -> None:
    """A file of a later round takes the place of the earlier ones of its kind."""
    if document.kind is Kind.OTHER or document.round == 1:
        return
    for older in work.all(Document, subject_id=document.subject_id, kind=document.kind, current=True):
        if older.round < document.round:
            older.current = False


def understand(work: Work, application: Application, seen: Mapping[Kind, Facts]) -> None:
    """The form, the letter, the budget and the certificate say who applies, for what and for how much."""
    sources = [seen[kind] for kind in (Kind.PROJECT, Kind.LETTER, Kind.BUDGET, Kind.REGISTRATION) if kind in seen]

    def told(name: str) -> str | None:
        return next((text for one in sources if (text := one.text(name))), None)

    def sum_of(name: str) -> int | None:
        return next((amount for one in sources if (amount := one.amount(name)) is not None), None)

    application.title = (told("title") or application.title)[:400]
    application.theme = (told("theme") or application.theme)[:32]
    application.requested = sum_of("requested") or application.requested
    application.own_contribution = sum_of("own_contribution") or application.own_contribution
    inn, name = told("inn"), told("organisation")
    if application.organisation_id is None and inn and name:
        organisation = work.one(Organisation, tenant_id=application.tenant_id, inn=inn)
        if organisation is None:
            certificate = seen.get(Kind.REGISTRATION)
            organisation = Organisation(
                name=name[:300],
                inn=inn,
                okpo=told("okpo") or "",
                registered_on=certificate.day("registered_on") if certificate else None,
                commercial=told("commercial") is not None,
                address=(told("address") or "")[:300],
                head=(told("head") or "")[:200],
                phone=(told("phone") or "")[:40],
                email=(told("email") or "")[:200],
                bank_account=(told("bank_account") or "")[:40],
            )
            work.new(organisation, stream=application.id, tenant=application.tenant_id)
        application.organisation_id = organisation.id
