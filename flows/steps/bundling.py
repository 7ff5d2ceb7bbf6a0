"""The file for the commission: one PDF per application, made of everything that was handed in."""

from pathlib import Path
from tempfile import TemporaryDirectory

from documents.bundle import Part, bundle
from documents.convert import to_pdf
from flows.office import Office
from flows.papers.cover import cover
from flows.steps import filing
from flows.steps.moving import by_rule
from schemas.application import Application, Organisation
from schemas.contest import Contest
from schemas.customer import Customer, Language
from schemas.document import Document, Fault, Kind, Media
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.finding import Finding
from schemas.outbox import Job
from schemas.wording import say
from storage.work import looking

PRODUCED = (Kind.RECEIPT, Kind.BUNDLE)
OFFICE_FILES = (Media.DOCX, Media.XLSX, Media.DOC, Media.XLS, Media.ODT, Media.RTF)
LOCKED = (Fault.ENCRYPTED, Fault.DAMAGED, Fault.TRUNCATED, Fault.EMPTY)


def bundle_up(office: Office, job: Job) -> None:
    """Errand committee.bundle."""
    with looking(office.engine, office.system) as look:
        application = look.get(Application, job.subject_id)
        contest = look.get(Contest, application.contest_id)
        customer = look.get(Customer, application.tenant_id)
        organisation = look.get(Organisation, application.organisation_id) if application.organisation_id else None
        everything = look.all(Document, subject_id=application.id, current=True, order="kind name")
        findings = look.all(Finding, application_id=application.id, order="severity rule")
    files = [one for one in everything if one.kind not in PRODUCED and one.blob_id is not None]
    language = Language.KY.value
    front = cover(contest, customer, application, organisation, files, findings, language)
    content = bundle(front, _parts(office, files, findings, language))
    kept = office.keep(application.tenant_id, content)
    with office.acting(CLOCK, Act.PAPER_REGISTER) as work:
        application = work.get(Application, job.subject_id)
        name = f"{contest.number}-{application.number}.pdf"
        filing.register(office, work, kept, subject=application, kind=Kind.BUNDLE, name=name, media=Media.PDF)
        because = by_rule(office.pack_of(contest), "bundle", files=len(files))
        work.record(Act.PAPER_REGISTER, application, because=because, files=[kept.sha256])
        work.finish(job)


def _parts(office: Office, files: list[Document], findings: list[Finding], language: str) -> list[Part]:
    with TemporaryDirectory(dir=office.spool) as folder:
        room = Path(folder)
        paths: dict[Path, Document] = {}
        for index, document in enumerate(files):
            facts = document.seen()
            if facts.media in OFFICE_FILES and not set(facts.faults) & set(LOCKED):
                path = room / f"{index}.{facts.media.value}"
                office.blobs.copy_to(document.blob_id, path)  # pyright: ignore[reportArgumentType] -- chosen above
                paths[path] = document
        made = to_pdf(list(paths), room / "pdf") if paths else {}
        shown = {paths[source].id: target.read_bytes() for source, target in made.items()}
        return [_part(office, one, shown.get(one.id), findings, language) for one in files]


def _part(office: Office, document: Document, shown: bytes | None, findings: list[Finding], language: str) -> Part:
    assert document.blob_id is not None
    facts = document.seen()
    bad = [one for one in facts.faults if one in LOCKED]
    mine = [one for one in findings if one.document_id == document.id]
    return Part(
        name=document.name,
        label=say(f"kind.{document.kind.value}", language),
        content=office.blobs.read(document.blob_id, office.settings.file_limit),
        media=facts.media,
        shown=shown,
        why=say(f"fault.{bad[0].value}", language, name=document.name) if bad else "",
        findings=[say(f"rule.{one.rule}", language, **{**one.facts, "kind": one.kind or ""}) for one in mine],
    )
