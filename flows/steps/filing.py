"""Produced papers: drafted, stored, registered beside the act that they belong to."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from documents.package import Unpacked
from documents.papers import Paper
from flows.office import Office
from flows.steps import telling
from flows.steps.telling import Stamp
from rules.packs import Pack
from schemas.base import Recorded
from schemas.document import Blob, Document
from schemas.facts import Facts, Kind, Media
from storage.blobs import Kept
from storage.objects import Hashed
from storage.work import Work, looking


def kept(office: Office, tenant_id: UUID, package: Unpacked) -> dict[str, Kept]:
    """A package's files in the object store, by their names."""
    stored = office.keep_all(tenant_id, [Hashed(file.path, file.sha256, file.size) for file in package.files])
    return {file.name: one for file, one in zip(package.files, stored, strict=True)}


@dataclass(frozen=True, slots=True)
class Written(Kept):
    """A stored paper, and the size of the log at the checkpoint that it tells; 0 where there was none yet."""

    told: int = 0


def written(office: Office, tenant_id: UUID, paper: Paper, *, of: UUID | None = None) -> Written:
    """The paper as docx in the object store, before the transaction that registers it.

    It tells the newest checkpoint of the trail; a receipt of event `of` the one that covers it, if that comes at once.
    """
    told = telling.stamp(office, of)
    return _entered(office.keep(tenant_id, _drafted(paper, told)), told)


def written_all(office: Office, tenant_id: UUID, papers: Mapping[UUID, Paper]) -> dict[UUID, Written]:
    """Receipts, by the event that each is of, as `written` has them. One that cannot be drafted is left out.

    What all share is asked for once: the checkpoint, the transaction that says what will come.
    """
    drafts: dict[UUID, tuple[bytes, Stamp | None]] = {}
    for (of, paper), told in zip(papers.items(), telling.stamps(office, list(papers)), strict=True):
        with suppress(Exception):  # whoever needs this one drafts it alone, and learns why
            drafts[of] = _drafted(paper, told), told
    kept = office.blobs.keep_all(tenant_id, [draft for draft, _ in drafts.values()])
    return {of: _entered(one, told) for one, (of, (_, told)) in zip(kept, drafts.items(), strict=True)}


def _drafted(paper: Paper, told: Stamp | None) -> bytes:
    from documents.draft import draft  # noqa: PLC0415 -- the template engine is dear to load and seldom needed

    if told is not None:
        covered = {"covered": told.covered} if "covered" in type(paper).model_fields else {}
        paper = paper.model_copy(update={"checkpoint": told.text, **covered})
    return draft(paper)


def _entered(kept: Kept, told: Stamp | None) -> Written:
    return Written(kept.blob_id, kept.sha256, kept.size, kept.key, told=told.size if told else 0)


def file_in(office: Office, work: Work, subject: Recorded, kept: Mapping[str, Kept], *, round_: int = 1) -> None:
    """A package's files, by their names, become documents of `subject`, a row of this work; its next event tells of them."""
    if kept:
        office.blobs.claim(work.session, *kept.values())
    for name, one in kept.items():
        document = Document(
            subject_id=subject.id,
            name=name[-400:],
            sha256=one.sha256,
            size=one.size,
            blob_id=one.blob_id,
            round=round_,
        )
        work.new(document, stream=subject.stream_id, tenant=subject.tenant_id)


def register(
    office: Office,
    work: Work,
    kept: Kept,
    *,
    subject: Recorded,
    kind: Kind,
    name: str,
    media: Media = Media.DOCX,
    round_: int = 1,
) -> Document:
    """The stored bytes become a document of `subject`; the caller's next event tells of it. The same bytes once."""
    known = work.one(Document, subject_id=subject.id, kind=kind, sha256=kept.sha256)
    if known is not None:
        return known
    office.blobs.claim(work.session, kept)
    document = work.new(
        Document(
            subject_id=subject.id,
            name=name,
            kind=kind,
            sha256=kept.sha256,
            size=kept.size,
            blob_id=kept.blob_id,
            round=round_,
            inspected=True,
            facts=Facts(media=media, kind=kind, kind_confidence=100).model_dump(mode="json"),
        ),
        stream=subject.stream_id,
        tenant=subject.tenant_id,
    )
    if isinstance(kept, Written) and kept.told:
        telling.note(work, kept.told, document)
    return document


def freeze(office: Office, papers: Sequence[Document], pack: Pack) -> None:
    """Put signed papers under the store's object lock for as long as the pack keeps them; the term is only extended."""
    until = office.now() + timedelta(days=366 * pack.retention.winners_years.value)
    with looking(office.engine, office.system) as look:
        blobs = look.all(Blob, id=[one.blob_id for one in papers if one.blob_id])
    for blob in blobs:
        office.objects.lock(blob.key, until)
