"""Stage 5: a signature and the file that it is of may come one after the other, the later one as a cure."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from documents import detached
from documents.detached import File
from flows.office import Office
from schemas.document import Document
from schemas.facts import Facts


def across_rounds(
    office: Office, fresh: Sequence[tuple[Document, Facts]], older: Sequence[Document]
) -> dict[UUID, Facts]:
    """Facts of older files that change by what came now; those of the new files change in place."""
    before = [(one, one.seen()) for one in older if one.blob_id is not None]
    loose = [one for one in fresh if detached.alone(one[1])]
    # one that lacks its file waits for the very bytes: a file of that name may be a later version, signed anew
    orphans = [one for one in before if detached.alone(one[1])]
    changed: dict[UUID, Facts] = {}
    if not (loose and before) and not (orphans and fresh):
        return changed
    with TemporaryDirectory(dir=office.spool) as folder:
        now, then = _copies(office, Path(folder) / "now", fresh), _copies(office, Path(folder) / "then", before)
        for document, _ in loose[: detached.AT_MOST]:
            signed = detached.match(office.reader, now[document.id], list(then.values()))
            changed |= {identity: facts for identity, (_, _, facts) in then.items() if facts is signed}
        for document, facts in orphans[: detached.AT_MOST]:
            if detached.match(office.reader, then[document.id], list(now.values()), by_digest=True) is not None:
                changed[document.id] = facts
    return changed


def _copies(office: Office, folder: Path, files: Sequence[tuple[Document, Facts]]) -> dict[UUID, File]:
    folder.mkdir()
    copies: dict[UUID, File] = {}
    for at, (document, facts) in enumerate(files):
        if document.blob_id is not None:
            path = folder / str(at)
            office.blobs.copy_to(document.blob_id, path, document.sha256)
            copies[document.id] = (path, document.name, facts)
    return copies
