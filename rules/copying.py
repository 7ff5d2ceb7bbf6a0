"""Was it copied? The very same file, or most of a text, from another organisation: a notice for the officer, never more.

Of a text only a sketch is known: how many different sequences of five words it has, and the 256 smallest of their
numbers (Broder, "On the resemblance and containment of documents", 1997). Below the smaller of both sketches' largest
numbers each sketch is complete, and what lies there is a random sample of its text: the part of this text's numbers
there that the other has too is the part of the whole text that stands in the other. From n numbers the standard error
is √(share · (1 − share) / n): with 256, two texts of one length, the share is within 6 points in 19 of 20 cases; with
fewer than 32, where the other is more than eight times as long, nothing is said. Short texts are known whole.

Whoever is checked later finds what was opened before him: of two applications to one contest mostly each finds the
other, of two contests only the later one. Who wrote first is for a person to find out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.catalog import NOTICE, remark
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus
from schemas.document import Document
from schemas.facts import SKETCH, Fault, Kind, Sketch
from schemas.finding import Remark

SURE = 32  # numbers below which a share is a guess
MOST = 3  # other applications that are named for one file


@dataclass(frozen=True)
class Other:
    """A file of another application: its case, how people call it, its hash and its text's sketch."""

    application: Application
    number: str  # CONTEST/NUMBER
    sha256: str
    sketch: Sketch | None = None


def shared(mine: Sketch, other: Sketch) -> tuple[int, int]:
    """How many of so many numbers of `mine` the other text has too. (0, 0) where there are too few to say."""
    ours, theirs = mine.numbers(), other.numbers()
    ends = [numbers[-1] for numbers in (ours, theirs) if len(numbers) == SKETCH]
    sample = [one for one in ours if not ends or one <= min(ends)]
    if len(sample) < SURE:
        return 0, 0
    return len(set(sample).intersection(theirs)), len(sample)


def own(documents: Sequence[Document]) -> list[Document]:
    """The files that an organisation has for itself alone: what others issue, consents and declarations may be alike.

    An empty file and a form that nobody filled in are nobody's.
    """
    kinds = (
        *(Kind.LETTER, Kind.PROJECT, Kind.PLAN, Kind.BUDGET, Kind.REGISTRATION, Kind.CHARTER, Kind.TAX_CERTIFICATE),
        *(Kind.SOCIAL_CERTIFICATE, Kind.HEAD_APPOINTMENT, Kind.BANK_DETAILS, Kind.STAFF_CV, Kind.PAST_PROJECTS),
        *(Kind.ANNUAL_REPORT,),
    )
    return [one for one in documents if one.current and one.kind in kinds and not _blank(one)]


def _blank(document: Document) -> bool:
    facts = document.seen()
    written = any(facts.fields.values()) or facts.lines or (facts.sketch is not None and facts.sketch.of)
    return Fault.EMPTY in facts.faults or ("form" in facts.values and not written)


def _another(application: Application, other: Application) -> bool:
    """Whether another organisation applies, and its case is open to the office.

    Where the papers of one of them do not say who applies, another sender is another organisation.
    """
    if other.status in (ApplicationStatus.RECEIVED, ApplicationStatus.TURNED_AWAY):
        return False
    if application.organisation_id is None or other.organisation_id is None:
        return application.sender != other.sender
    return application.organisation_id != other.organisation_id


def _same_file(document: Document, others: Sequence[Other]) -> Iterator[Remark]:
    """What an organisation has for itself alone is not, byte by byte, another's too. Blank forms are nobody's."""
    # what was taken back may never have been opened; its text is known only where it was
    there = [one for one in others if one.application.status is not ApplicationStatus.WITHDRAWN]
    numbers = sorted({one.number for one in there if one.sha256 == document.sha256})
    if numbers and own([document]):
        for number in numbers[:MOST]:
            yield remark("same_file", NOTICE, of=document, other=number)


def _shared_text(pack: Pack, document: Document, others: Sequence[Other]) -> Iterator[Remark]:
    """No more of a project's or plan's text than the pack lets pass stands in another organisation's project or plan."""
    most, mine = pack.eligibility.shared_text_percent, document.sketch()
    if document.kind not in (Kind.PROJECT, Kind.PLAN) or mine is None:
        return
    found = dict[str, int]()
    for other in others:
        if other.sketch is None or other.sha256 == document.sha256:
            continue
        common, of = shared(mine, other.sketch)
        if 100 * common > most.value * of:
            found[other.number] = max(found.get(other.number, 0), 100 * common // of)
    for number in sorted(found, key=lambda one: (-found[one], one))[:MOST]:
        yield remark("shared_text", NOTICE, of=document, rests_on=[most], other=number, percent=found[number])


def remarks(
    pack: Pack, application: Application, documents: Sequence[Document], others: Sequence[Other]
) -> list[Remark]:
    """All that another organisation has handed in too. `others` are files of the same customer's cases, opened ones."""
    strangers = [one for one in others if _another(application, one.application)]
    found = list[Remark]()
    for document in documents:
        if document.current:
            found += [*_same_file(document, strangers), *_shared_text(pack, document, strangers)]
    return found
