"""Is it signed, and does the signature hold? A digital signature has a verdict; of one on paper the machine has seen a trace."""

from collections.abc import Callable, Iterator, Sequence

from rules.catalog import NOTICE, TO_CURE, remark
from rules.papers import Case, Paper
from schemas.facts import Media, Seen, Signature
from schemas.finding import Remark


def unsigned(case: Case) -> Iterator[Remark]:
    """What has to be signed is signed; where the machine cannot tell, the officer looks."""
    for kind, rule in case.pack.documents.items():
        papers = case.of(kind)
        if not papers or not rule.signed.value or any(_bears_one(paper) for paper in papers):
            continue
        if any(paper.facts.signed is Seen.CANNOT_TELL for paper in papers):
            yield remark("signature_cannot_tell", NOTICE, of=papers[0].document, rests_on=[rule.signed])
        else:
            severity = TO_CURE if case.needs(kind) else NOTICE
            yield remark("unsigned", severity, of=papers[0].document, rests_on=[rule.signed])


def _bears_one(paper: Paper) -> bool:
    """A digital signature that does not hold has a remark of its own."""
    return paper.facts.signed is Seen.SEEN or bool(paper.facts.signatures)


def _bearing(papers: Sequence[Paper], wanted: Callable[[Signature], bool]) -> Iterator[Paper]:
    """Those that bear such a digital signature; a signature's own file is no paper."""
    for paper in papers:
        if paper.facts.media is not Media.SIGNATURE and any(wanted(one) for one in paper.facts.signatures):
            yield paper


def signature_broken(case: Case) -> Iterator[Remark]:
    """What was signed digitally was not changed afterwards, or was signed anew. A paper nobody asked for is only shown."""
    for paper in _bearing(case.papers, _is_broken):
        told = paper.facts.signatures
        if not {one.by for one in told if _is_broken(one)} <= {one.by for one in told if one.intact}:
            severity = TO_CURE if paper.kind in case.pack.documents else NOTICE
            yield remark("signature_broken", severity, of=paper.document)


def _is_broken(one: Signature) -> bool:
    return one.checked and not one.intact


def signature_unchecked(case: Case) -> Iterator[Remark]:
    """A digital signature that could not be checked is looked at by the officer."""
    for paper in _bearing(case.papers, lambda one: not one.checked):
        yield remark("signature_unchecked", NOTICE, of=paper.document)


def signature_changed_after(case: Case) -> Iterator[Remark]:
    """What was added to a file after signing, though it touches nothing that was signed, is shown to the officer."""
    for paper in _bearing(case.papers, lambda one: one.intact and not one.whole):
        yield remark("signature_changed_after", NOTICE, of=paper.document)


def signature_untrusted(case: Case) -> Iterator[Remark]:
    """Whoever signed is known to a certification centre that the office trusts; else the officer asks."""
    for paper in _bearing(case.papers, lambda one: one.intact and not one.trusted):
        yield remark("signature_untrusted", NOTICE, of=paper.document)


def signature_without_file(case: Case) -> Iterator[Remark]:
    """A signature in a file of its own comes with the file that it is of."""
    for paper in case.papers:
        if paper.facts.media is Media.SIGNATURE and paper.readable and paper.facts.text("signs") is None:
            yield remark("signature_without_file", NOTICE, of=paper.document)


RULES = (
    *(unsigned, signature_broken, signature_unchecked),
    *(signature_changed_after, signature_untrusted, signature_without_file),
)
