"""What the rules say of signatures, on paper and digital."""

import pytest

from rules import completeness
from rules.catalog import NOTICE, TO_CURE
from schemas.document import Document
from schemas.facts import Fault, Kind, Media, Seen, Signature
from schemas.finding import Remark
from tests.rules.makers import PACK, contest, document, package


def found(**replaced: Document | None) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in remarks(**replaced)]


def remarks(**replaced: Document | None) -> list[Remark]:
    return completeness.remarks(PACK, contest(), package(**replaced))


def bearing(*verdicts: Signature, kind: Kind = Kind.HEAD_APPOINTMENT, signed: Seen = Seen.SEEN, **more) -> Document:
    return document(kind, signed=signed, signatures=list(verdicts), **more)


def verdict(*, intact: bool = True, trusted: bool = True, whole: bool = True, checked: bool = True) -> Signature:
    return Signature(by="Асанова Айгүл", intact=intact, trusted=trusted, whole=whole, checked=checked)


GOOD = verdict()
BROKEN = verdict(intact=False, trusted=False)
ANOTHERS = BROKEN.model_copy(update={"by": "Маматов Эркин"})


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([GOOD], []),
        ([GOOD, GOOD], []),
        ([BROKEN], [("signature_broken", TO_CURE)]),
        ([GOOD, ANOTHERS], [("signature_broken", TO_CURE)]),
        ([BROKEN, GOOD], []),
        ([BROKEN, ANOTHERS, GOOD], [("signature_broken", TO_CURE)]),
        ([verdict(trusted=False)], [("signature_untrusted", NOTICE)]),
        ([verdict(whole=False)], [("signature_changed_after", NOTICE)]),
        ([verdict(intact=False, checked=False)], [("signature_unchecked", NOTICE)]),
        ([GOOD, verdict(trusted=False, whole=False)], [("signature_changed_after", NOTICE), ("signature_untrusted", NOTICE)]),
    ],
)  # fmt: skip
def test_each_verdict_on_a_digital_signature_has_its_remark(verdicts: list[Signature], expected: list):
    assert found(D09=bearing(*verdicts)) == expected


def test_a_paper_whose_signature_does_not_hold_is_not_called_unsigned_too():
    assert found(D09=bearing(BROKEN, signed=Seen.NOT_SEEN)) == [("signature_broken", TO_CURE)]
    assert found(D09=bearing(signed=Seen.NOT_SEEN)) == [("unsigned", TO_CURE)]


def test_a_broken_signature_on_a_paper_that_nobody_asked_for_is_only_shown():
    other = bearing(BROKEN, kind=Kind.OTHER)

    assert found(other=other) == [("unrecognised", NOTICE), ("signature_broken", NOTICE)]


def test_a_signature_in_a_file_of_its_own_is_none_of_the_papers_and_comes_with_its_file():
    own = document(Kind.OTHER, name="арыз.pdf.p7s", media=Media.SIGNATURE, signatures=[BROKEN], signs="арыз.pdf")
    alone = document(Kind.OTHER, name="арыз.pdf.p7s", media=Media.SIGNATURE)
    cut = document(Kind.OTHER, media=Media.SIGNATURE, faults=[Fault.TRUNCATED])

    assert found(own=own) == []
    assert [(one.rule, one.facts) for one in remarks(alone=alone)] == [
        ("signature_without_file", {"name": "арыз.pdf.p7s"})
    ]
    assert found(cut=cut) == [("unreadable", NOTICE)]
