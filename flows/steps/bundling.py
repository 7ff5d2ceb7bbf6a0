"""The file for the commission: one PDF per application, made of everything that was handed in."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
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
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.facts import Fault, Kind, Media
from schemas.finding import Finding, FindingStatus
from schemas.outbox import Job
from schemas.wording import place_of, say
from storage.work import looking

PRODUCED = (Kind.RECEIPT, Kind.BUNDLE)
OFFICE_FILES = (Media.DOCX, Media.XLSX, Media.DOC, Media.XLS, Media.ODT, Media.RTF)
WITHHELD = (Fault.INFECTED, Fault.UNSCANNED)
LOCKED = (Fault.ENCRYPTED, Fault.DAMAGED, Fault.TRUNCATED, Fault.EMPTY, *WITHHELD)


def prepare(office: Office, jobs: Sequence[Job]) -> None:
    """Convert the office files of a whole batch by one call: starting LibreOffice costs more than most files."""
    with looking(office.engine, office.system) as look:
        documents = look.all(Document, subject_id=[one.subject_id for one in jobs], current=True, order="sha256")
    room = _room(office)
    with TemporaryDirectory(dir=office.spool) as folder:
        sources: dict[Path, Path] = {}
        for document in documents:
            if _convertible(document) and not (room / f"{document.sha256}.pdf").exists():
                source = Path(folder) / f"{document.sha256}.{document.seen().media.value}"
                office.blobs.copy_to(document.blob_id, source, document.sha256)  # pyright: ignore[reportArgumentType] -- convertible
                sources[source] = room / f"{document.sha256}.pdf"
        made = to_pdf(list(sources), Path(folder) / "pdf") if sources else {}
        for source, target in made.items():
            target.replace(sources[source])


def tidy(office: Office) -> None:
    """The converted copies are of no more use."""
    shutil.rmtree(_room(office), ignore_errors=True)


def _room(office: Office) -> Path:
    room = office.spool / f"converted-{os.getpid()}"
    room.mkdir(exist_ok=True)
    return room


def _convertible(document: Document) -> bool:
    facts = document.seen()
    return (
        document.blob_id is not None
        and document.kind not in PRODUCED
        and facts.media in OFFICE_FILES
        and not set(facts.faults) & set(LOCKED)
    )


def bundle_up(office: Office, job: Job) -> None:
    """Errand committee.bundle."""
    prepare(office, [job])
    with looking(office.engine, office.system) as look:
        application = look.get(Application, job.subject_id)
        contest = look.get(Contest, application.contest_id)
        customer = look.get(Customer, application.tenant_id)
        organisation = look.get(Organisation, application.organisation_id) if application.organisation_id else None
        everything = look.all(Document, subject_id=application.id, current=True, order="kind name")
        findings = look.all(
            Finding, application_id=application.id, status=FindingStatus.OPEN, order="severity rule"
        )  # what was cured or set aside stands no longer
    files = [one for one in everything if one.kind not in PRODUCED and one.blob_id is not None]
    language = Language.KY.value
    front = cover(contest, customer, application, organisation, files, findings, language)
    shown = {one.id for one in files}
    rest = [(_paper(one, language), _found(one, language)) for one in findings if one.document_id not in shown]
    content = bundle(replace(front, findings=rest), _parts(office, files, findings, language))
    kept = office.keep(application.tenant_id, content)
    with office.acting(CLOCK, Act.PAPER_REGISTER) as work:
        application = work.get(Application, job.subject_id)
        name = f"{contest.number}-{application.number}.pdf"
        filing.register(office, work, kept, subject=application, kind=Kind.BUNDLE, name=name, media=Media.PDF)
        because = by_rule(office.pack_of(contest), "bundle", files=len(files))
        work.record(Act.PAPER_REGISTER, application, because=because, files=[kept.sha256])
        work.finish(job)


def _parts(office: Office, files: list[Document], findings: list[Finding], language: str) -> list[Part]:
    parts: list[Part] = []
    for document in files:
        converted = _room(office) / f"{document.sha256}.pdf"
        shown = converted.read_bytes() if _convertible(document) and converted.exists() else None
        parts.append(_part(office, document, shown, findings, language))
    return parts


def _part(office: Office, document: Document, shown: bytes | None, findings: list[Finding], language: str) -> Part:
    assert document.blob_id is not None
    limit = office.settings.file_limit
    facts = document.seen()
    bad = [one for one in facts.faults if one in LOCKED]
    mine = [one for one in findings if one.document_id == document.id]
    return Part(
        name=document.name,
        label=say("media.signature" if facts.media is Media.SIGNATURE else f"kind.{document.kind.value}", language),
        content=b"" if set(bad) & set(WITHHELD) else office.blobs.read(document.blob_id, limit, document.sha256),
        media=facts.media,
        shown=shown,
        attach=bool(facts.signatures),  # the signature is over these bytes and no copy of them
        why=say(f"fault.{bad[0].value}", language, name=document.name) if bad else "",
        findings=[_found(one, language) for one in mine],
    )


def _paper(one: Finding, language: str) -> str:
    return say(f"kind.{one.kind.value}", language) if one.kind else "—"


def _found(one: Finding, language: str) -> str:
    """What was found, and where in the file."""
    sentence, place = (
        say(f"rule.{one.rule}", language, **{**one.facts, "kind": one.kind or ""}),
        place_of(one, language),
    )
    return f"{sentence} ({place})" if place else sentence
