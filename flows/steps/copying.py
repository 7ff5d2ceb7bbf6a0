"""Stage 7: what was copied from another application. Compared within one customer only, and only what has been opened."""

from collections.abc import Sequence
from uuid import UUID

from rules import copying
from rules.packs import Pack
from schemas.application import Application
from schemas.contest import Contest
from schemas.document import Document
from schemas.finding import Remark
from storage import copies
from storage.work import Look, Work


def remember(work: Work, application: Application, documents: Sequence[Document]) -> None:
    """An opened application is what later ones are compared with, whatever becomes of it."""
    copies.remember(work, application.tenant_id, documents)


def remarks(
    look: Look, pack: Pack, application: Application, documents: Sequence[Document], siblings: Sequence[Application]
) -> list[Remark]:
    """What this application shares with others. `siblings` are its organisation's own, which it may repeat."""
    besides = {application.id, *(one.id for one in siblings)}
    tenant = application.tenant_id
    same = [(sha256, case) for sha256, case in copies.same(look, tenant, copying.own(documents)) if case not in besides]
    alike = copies.alike(look, tenant, documents, besides)
    cases = _cases(look, {case for _, case in same} | {one.subject_id for one in alike})
    others = [copying.Other(*cases[case], sha256) for sha256, case in same if case in cases]
    others += [copying.Other(*cases[one.subject_id], one.sha256, one.sketch()) for one in alike]
    return copying.remarks(pack, application, documents, others)


def _cases(look: Look, wanted: set[UUID]) -> dict[UUID, tuple[Application, str]]:
    """Other cases, and how people call them. A file of something else, as a report, is of no case."""
    if not wanted:
        return {}
    cases = look.all(Application, id=wanted)
    homes = {one.id: one.number for one in look.all(Contest, id={one.contest_id for one in cases})}
    return {one.id: (one, f"{homes[one.contest_id]}/{one.number}") for one in cases}
