"""Stage 5, behind the counter: scans and old formats are read too, one file at a time, in nobody's way.

Inspection leaves them: a page takes seconds. The check waits for the last of them.
"""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from documents import ocr
from documents.convert import to_docx
from flows.office import Office
from flows.steps.moving import by_rule
from flows.steps.understanding import supersede, understand
from rules.lifecycle import possible
from schemas.application import Application
from schemas.contest import Contest, ContestStatus
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.errors import NotFound
from schemas.event import Act
from schemas.facts import Facts, Fault, Media, Seen
from schemas.outbox import Errand, Job, JobState
from storage.work import Work, looking

SCANS = frozenset({Fault.NO_TEXT, Fault.BAD_TEXT})
OLD = frozenset({Media.DOC, Media.RTF, Media.ODT})
UNREADABLE = frozenset({Fault.ENCRYPTED, Fault.DAMAGED, Fault.TRUNCATED, Fault.EMPTY, Fault.INFECTED, Fault.UNSCANNED})


@cache
def _recognises() -> bool:
    return ocr.available()


def waits(facts: Facts) -> bool:
    """Whether a file that inspection has seen is still to be read: a scan, or an old format, where the means are there."""
    if UNREADABLE & set(facts.faults):
        return False
    if facts.media in OLD:
        return shutil.which("soffice") is not None
    return bool(SCANS & set(facts.faults)) and _recognises()


def waiting(office: Office) -> int:
    """How many files are still to be read."""
    with looking(office.engine, office.system) as look:
        return len(look.all(Job, errand=Errand.RECOGNISE, state=JobState.WAITING))


def recognise(office: Office, job: Job) -> None:
    """Errand intake.recognise: read one file that has no text of its own; the last one lets the check begin."""
    with looking(office.engine, office.system) as look:
        document = look.get(Document, job.subject_id)
        before = document.seen()
    after = before if document.inspected else _read(office, document, before)
    with office.acting(CLOCK, Act.APPLICATION_RECOGNISE) as work:
        document = work.get(Document, job.subject_id)
        application = work.get(Application, document.subject_id)
        if not document.inspected and Act.APPLICATION_RECOGNISE in possible("application", application.status):
            contest = work.get(Contest, application.contest_id)
            document.facts = after.model_dump(mode="json")
            document.kind = after.kind
            document.inspected = True
            supersede(work, document)
            if application.organisation_id is None:  # no file with a text of its own has said it
                understand(work, application, {after.kind: after})
            because = by_rule(office.pack_of(contest), "inspected", pages=after.recognised, round=document.round)
            work.record(Act.APPLICATION_RECOGNISE, application, because=because, files=[document.sha256])
            check_if_read(work, application, contest)
        work.finish(job)


def check_if_read(work: Work, application: Application, contest: Contest) -> None:
    """Leave the check once the contest is closed and every file of the package was read."""
    if contest.status is not ContestStatus.CLOSED:
        return
    waiting = work.all(Document, subject_id=application.id, inspected=False)
    if not [one for one in waiting if not one.inspected]:  # some are written down by this very transaction
        work.errand(Errand.CHECK, application, f"{application.id}:{application.round}")


def _read(office: Office, document: Document, before: Facts) -> Facts:
    if document.blob_id is None:
        raise NotFound(noun="document", id=str(document.id))
    with TemporaryDirectory(dir=office.spool) as folder:
        path = Path(folder) / f"file.{before.media.value}"
        office.blobs.copy_to(document.blob_id, path, document.sha256)
        if before.media not in OLD:
            return ocr.recognise(office.reader, path, document.name, before)
        made = to_docx([path], Path(folder) / "docx").get(path)
        if made is None:
            return before
        read = office.reader.read(made, document.name)
    # what the file is stays said of the original; what stands in it is the copy's
    faults = [*before.faults, *(one for one in read.faults if one not in (*before.faults, Fault.WRONG_NAME))]
    signed = Seen.SEEN if any(one.intact for one in before.signatures) else read.signed
    kept = {"media": before.media, "scanned": before.scanned, "signatures": before.signatures, "signed": signed}
    return read.model_copy(update={**kept, "faults": faults})
