"""Signed packages from the counter to the commission: verdicts become findings, and what was signed stays as it came."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pypdf import PdfReader

from documents import signatures
from flows.steps import intake
from schemas.application import Application
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.facts import Facts, Kind, Media, Seen
from schemas.finding import Finding
from schemas.outbox import Errand
from tests.documents.signers import flip, root, sign_apart, sign_pdf
from tests.intake.makers import checked, folder, is_found
from tests.offices import WINNER, Desk

pytestmark = pytest.mark.server
Open = Callable[..., Desk]


@pytest.fixture
def desk(desk_at: Open, tmp_path: Path) -> Iterator[Desk]:
    """An office that trusts one centre, with a reader of its own."""
    trusted = tmp_path / "roots"
    trusted.mkdir()
    (trusted / "centre.pem").write_bytes(x509.load_der_x509_certificate(root()).public_bytes(Encoding.PEM))
    desk = desk_at("announced", signature_roots=trusted)
    desk.reader = None
    desk.after_cutoff(days=-5)
    yield desk
    desk.office.reader.close()


@pytest.fixture
def package(desk: Desk) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(desk.papers.package(WINNER).iterdir())}


def of(package: dict[str, bytes], start: str) -> str:
    """The name of the file that begins so."""
    return next(name for name in package if name.startswith(start))


def found(desk: Desk, number: int) -> dict[tuple[str, str], str]:
    """Rule and file of what still stands about signatures and files of no known kind, with how grave it is."""
    names = {one.id: one.name for one in desk.all(Document)}
    about = desk.all(Finding, application_id=desk.case(number).id, status="open")
    return {
        (one.rule, names[one.document_id]): one.severity.value
        for one in about
        if one.document_id and one.rule.startswith(("signature_", "un"))
    }


def seen(desk: Desk, number: int, name: str) -> Facts:
    return desk.files(desk.case(number).id)[name].seen()


def test_a_well_signed_package_has_nothing_against_it(desk: Desk, package: dict[str, bytes]):
    letter, pdf = of(package, "01"), of(package, "05")
    package |= {f"{letter}.p7s": sign_apart(package[letter]), pdf: sign_pdf(package[pdf])}
    given = desk.hand_in(folder(desk, package))
    checked(desk)

    assert found(desk, given.number) == {}
    for name in (letter, pdf):
        facts = seen(desk, given.number, name)
        assert (facts.signed, [(one.intact, one.trusted) for one in facts.signatures]) == (Seen.SEEN, [(True, True)])
    own = desk.files(given.application_id)[f"{letter}.p7s"]
    assert (own.kind, own.seen().media, own.seen().text("signs")) == (Kind.OTHER, Media.SIGNATURE, letter)


def test_what_is_wrong_with_signatures_is_found_file_by_file(desk: Desk, package: dict[str, bytes]):
    letter, pdf = of(package, "01"), of(package, "05")
    signed = sign_pdf(package[pdf])
    at = signed.index(b"/MediaBox") + 12
    package |= {
        pdf: flip(signed, at),
        f"{letter}.p7s": sign_apart(b"an earlier version"),
        "устав-2.p7s": sign_apart(b"nobody has it"),
    }
    given = desk.hand_in(folder(desk, package))
    checked(desk)

    assert found(desk, given.number) == {
        ("signature_broken", pdf): "to_cure",
        ("signature_broken", letter): "to_cure",
        ("signature_without_file", "устав-2.p7s"): "notice",
    }


def test_a_signature_may_come_in_a_later_round_than_its_file_and_a_file_later_than_its_signature(
    desk: Desk, package: dict[str, bytes]
):
    letter, certificate, pdf = of(package, "01"), of(package, "08"), of(package, "05")
    late = {f"{letter}.p7s": sign_apart(package[letter]), certificate: package.pop(certificate)}
    own = f"{certificate}.p7s"
    given = desk.hand_in(folder(desk, {**package, own: sign_apart(late[certificate])}))
    checked(desk)
    assert found(desk, given.number) == {("signature_without_file", own): "notice"}

    desk.after_cutoff(days=1)
    intake.cure(desk.office, desk.who("secretary"), given.application_id, folder(desk, late, "cure"))
    assert desk.work().troubles == []

    assert found(desk, given.number) == {}
    assert seen(desk, given.number, own).text("signs") == certificate
    for name, count in ((letter, 1), (certificate, 1), (pdf, 0)):
        assert [one.intact for one in seen(desk, given.number, name).signatures] == [True] * count


def test_in_the_file_for_the_commission_what_was_signed_still_validates(
    desk: Desk, package: dict[str, bytes], tmp_path: Path
):
    letter, pdf = of(package, "01"), of(package, "05")
    own = f"{letter}.p7s"
    package |= {own: sign_apart(package[letter]), pdf: sign_pdf(package[pdf])}
    given = desk.hand_in(folder(desk, package))
    checked(desk)
    with desk.office.acting(CLOCK, Act.APPLICATION_ASSIGN) as work:
        work.errand(Errand.BUNDLE, work.get(Application, given.application_id), "signed")
    assert desk.work(Errand.BUNDLE).troubles == []

    made = next(one for one in desk.files(given.application_id).values() if one.kind is Kind.BUNDLE)
    assert made.blob_id is not None
    bundle = PdfReader(BytesIO(desk.office.blobs.read(made.blob_id, 10**9)))
    attached = {name[3:]: content for name, (content,) in bundle.attachments.items()}
    assert {name: attached[name] == package[name] for name in (letter, own, pdf)} == {
        letter: True,
        own: True,
        pdf: True,
    }
    for name, content in attached.items():
        (tmp_path / f"attached-{len(name)}").write_bytes(content)
    (verdict,) = signatures.in_pdf(tmp_path / f"attached-{len(pdf)}", [root()])
    beside = [(tmp_path / f"attached-{len(letter)}", letter)]
    (apart,) = signatures.detached(tmp_path / f"attached-{len(own)}", own, beside, [root()]).signatures
    assert [(one.intact, one.trusted, one.whole) for one in (verdict, apart)] == [(True, True, True)] * 2


def test_changed_after_signing(desk: Desk, package: dict[str, bytes]):
    signed = sign_pdf(package[of(package, "05")])
    given = desk.hand_in(folder(desk, {"05_Күбөлүк.pdf": flip(signed, signed.index(b"/MediaBox") + 12)}))
    checked(desk)

    is_found("changed_after_signing", desk, given.number)


def test_signature_alone(desk: Desk):
    given = desk.hand_in(folder(desk, {"Устав.pdf.p7s": sign_apart(b"the charter")}))
    checked(desk)

    is_found("signature_alone", desk, given.number)
