"""Signatures: what was signed is unchanged or not, who signed is known or not, and any bytes get a verdict."""

import base64
import signal
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents import inspect, reading, signatures
from schemas.facts import Facts, Fault, Kind, Media, Seen, Signature
from tests.documents.signers import (
    DAY,
    FUND,
    HEAD,
    add_title,
    certificate,
    flip,
    key,
    paper,
    root,
    sign_apart,
    sign_pdf,
    signer,
    stamper,
)

LETTER = "арыз.pdf"


@cache
def signed() -> bytes:
    return sign_pdf(paper())


@cache
def apart() -> bytes:
    return sign_apart(paper())


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.fixture
def checked(tmp_path: Path):
    def check(content: bytes, roots: tuple[bytes, ...] = (root(),)) -> list[Signature]:
        return signatures.in_pdf(put(tmp_path, "a.pdf", content), roots)

    return check


@pytest.fixture
def detached(tmp_path: Path):
    def check(content: bytes, beside: dict[str, bytes], name: str = f"{LETTER}.p7s", roots: tuple = (root(),)) -> Facts:
        others = [(put(tmp_path, f"{at}.bin", held), called) for at, (called, held) in enumerate(beside.items())]
        return signatures.detached(put(tmp_path, "a.p7s", content), name, others, roots)

    return check


def verdicts(found: list[Signature]) -> list[tuple[bool, bool, bool]]:
    return [(one.intact, one.trusted, one.whole) for one in found]


def test_a_good_signature_names_who_signed_and_is_traced_to_its_centre(checked):
    (one,) = checked(signed())

    assert verdicts([one]) == [(True, True, True)]
    assert (one.by, one.place, one.stamped, one.checked) == (f"{HEAD}, {FUND}", "Head", False, True)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(one.at)) < DAY


def test_one_byte_changed_breaks_it(checked):
    at = signed().index(b"/MediaBox")

    assert verdicts(checked(flip(signed(), at + 14))) == [(False, False, True)]


def test_a_second_signature_leaves_the_first_whole(checked):
    both = sign_pdf(signed(), signer("Асанова Айгүл"), field="Accountant")

    assert verdicts(checked(both)) == [(True, True, True)] * 2


def test_what_is_added_after_signing_is_told(checked):
    assert verdicts(checked(add_title(signed()))) == [(True, True, False)]


def test_a_change_between_two_signatures_is_told_of_the_first(checked):
    both = sign_pdf(add_title(signed()), signer("Асанова Айгүл"), field="Accountant")

    assert verdicts(checked(both)) == [(True, True, False), (True, True, True)]


@pytest.mark.parametrize("roots", [(), (root("Башка борбор"),)])
def test_a_signer_of_an_unknown_centre_is_not_trusted(checked, roots: tuple[bytes, ...]):
    assert verdicts(checked(signed(), roots)) == [(True, False, True)]


def test_a_time_stamp_of_a_trusted_centre_tells_when(checked):
    at = datetime.now(UTC).replace(microsecond=0) - 3 * DAY
    (one,) = checked(sign_pdf(paper(), stamps=stamper(at)))

    assert (one.stamped, one.at, one.trusted) == (True, at.isoformat(), True)


def test_a_certificate_that_has_expired_counts_if_a_time_stamp_says_that_it_held_when_signing(checked):
    expired = signer("Жумабекова Өктөм", until=-10)
    then = datetime.now(UTC) - 20 * DAY

    assert [one.trusted for one in checked(sign_pdf(paper(), expired, stamps=stamper(then)))] == [True]
    assert [one.trusted for one in checked(sign_pdf(paper(), expired))] == [False]


def test_a_file_without_a_readable_signature_is_unchecked_and_not_broken(checked):
    assert [(one.checked, one.intact) for one in checked(b"%PDF-1.7 nothing")] == [(False, False)]


def test_the_clock_that_the_sandbox_set_for_a_file_runs_on(checked):
    signal.setitimer(signal.ITIMER_PROF, 10_000)
    try:
        checked(signed())
        assert signal.getitimer(signal.ITIMER_PROF)[0] > 0
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def test_reading_a_signed_file_says_that_it_is_signed(tmp_path: Path):
    facts = reading.read(put(tmp_path, "a.pdf", signed()), LETTER, file_limit=10**8, roots=[root()])

    assert (facts.media, facts.signed, verdicts(facts.signatures)) == (Media.PDF, Seen.SEEN, [(True, True, True)])


def test_a_broken_signature_does_not_make_a_file_signed(tmp_path: Path):
    broken = flip(signed(), signed().index(b"/MediaBox") + 14)
    facts = reading.read(put(tmp_path, "a.pdf", broken), LETTER, file_limit=10**8, roots=[root()])

    assert (facts.signed, verdicts(facts.signatures)) == (Seen.CANNOT_TELL, [(False, False, True)])


def test_an_unsigned_file_has_no_signature(tmp_path: Path):
    facts = reading.read(put(tmp_path, "a.pdf", paper()), LETTER, file_limit=10**8)

    assert (facts.signed, facts.signatures) == (Seen.CANNOT_TELL, [])


def test_a_detached_signature_finds_its_file_whatever_that_is_called(detached):
    facts = detached(apart(), {"устав.pdf": b"other", "renamed.pdf": paper()})

    assert facts.text("signs") == "renamed.pdf"
    assert verdicts(facts.signatures) == [(True, True, True)]
    assert facts.signatures[0].place == f"{LETTER}.p7s"


@pytest.mark.parametrize("name", [f"{LETTER}.p7s", f"{LETTER.upper()}.SIG", "арыз.sig"])
def test_a_file_changed_after_a_detached_signature_is_found_by_its_name(detached, name: str):
    facts = detached(apart(), {LETTER: paper("Another text"), "устав.pdf": b"other"}, name)

    assert facts.text("signs") == LETTER
    assert verdicts(facts.signatures) == [(False, False, True)]


def test_a_detached_signature_of_a_file_that_is_not_there_is_of_none(detached):
    facts = detached(apart(), {"устав.pdf": b"other"})

    assert (facts.text("signs"), [(one.checked, one.intact) for one in facts.signatures]) == (None, [(False, False)])


@pytest.mark.parametrize("beside", [{LETTER: paper()}, {}])
def test_a_signature_that_holds_its_content_is_checked_with_or_without_the_file(detached, beside: dict[str, bytes]):
    facts = detached(sign_apart(paper(), inside=True), beside)

    assert (facts.text("signs"), verdicts(facts.signatures)) == (LETTER if beside else None, [(True, True, True)])


def test_a_detached_signature_may_come_as_base64_with_or_without_its_lines(detached):
    body = base64.encodebytes(apart())
    for written in (body, b"-----BEGIN PKCS7-----\n" + body + b"-----END PKCS7-----\n"):
        assert verdicts(detached(written, {LETTER: paper()}).signatures) == [(True, True, True)]


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
@pytest.mark.parametrize(
    ("options", "found_by", "expected"),
    [
        ([PKCS7Options.DetachedSignature], "digest", (True, True, True)),
        ([PKCS7Options.DetachedSignature, PKCS7Options.NoAttributes], "name", (True, True, True)),
        ([PKCS7Options.DetachedSignature, PKCS7Options.NoCapabilities], "digest", (True, True, True)),
        ([PKCS7Options.DetachedSignature, PKCS7Options.NoCerts], "digest", (False, False, False)),
        ([], "digest", (True, True, True)),
    ],
)
def test_signatures_of_another_program_are_checked_too(
    detached, options: list[PKCS7Options], encoding: Encoding, found_by: str, expected: tuple[bool, bool, bool]
):
    made = PKCS7SignatureBuilder().set_data(paper()).add_signer(certificate(HEAD), key(HEAD), hashes.SHA256())
    facts = detached(made.sign(encoding, [PKCS7Options.Binary, *options]), {LETTER: paper()})

    assert [(one.checked, one.intact, one.trusted) for one in facts.signatures] == [expected]
    assert (facts.values["signs"].place, facts.faults) == (found_by, [])


def test_a_time_stamp_stands_in_a_detached_signature_too(detached):
    at = datetime.now(UTC).replace(microsecond=0) - 3 * DAY
    (one,) = detached(sign_apart(paper(), stamps=stamper(at)), {LETTER: paper()}).signatures

    assert (one.stamped, one.at) == (True, at.isoformat())


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x30\x80", apart()[:900]])
def test_a_detached_signature_that_is_none_is_unchecked(detached, content: bytes):
    facts = detached(content, {LETTER: paper()})

    assert ([one.checked for one in facts.signatures], facts.faults) == ([False], [Fault.DAMAGED])


def test_an_algorithm_that_is_not_known_here_is_unchecked_and_not_broken(detached):
    known, unknown = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01017f")
    at = apart().rindex(known)  # of the signature; those before it are of keys
    facts = detached(apart()[:at] + unknown + apart()[at + 11 :], {LETTER: paper()})

    assert [(one.checked, one.intact) for one in facts.signatures] == [(False, False)]


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (apart(), "арыз.pdf.p7s", []),
        (apart(), "без имени", []),
        (sign_apart(paper(), inside=True), "арыз.pdf.p7m", []),
        (apart(), "арыз.pdf", [Fault.WRONG_NAME]),
        (base64.encodebytes(apart()), "арыз.sig", []),
        (apart()[:900], "арыз.pdf.p7s", [Fault.TRUNCATED]),
        (b"garbage", "арыз.pdf.p7s", [Fault.DAMAGED]),
        (b"\x00\x01\x02\xff" * 50, "арыз.pdf.sig", [Fault.DAMAGED]),
    ],
)
def test_a_signature_is_recognised_by_its_content_and_is_none_of_the_papers(
    tmp_path: Path, content: bytes, name: str, expected: list[Fault]
):
    facts = reading.read(put(tmp_path, "a", content), name, file_limit=10**8)

    assert (facts.media, facts.kind, facts.faults) == (Media.SIGNATURE, Kind.OTHER, expected)


@pytest.mark.parametrize("content", [b"MII", b"MIIabc text", "Мы нижеподписавшиеся".encode(), b"\x30", b"0\x82\x01"])
def test_what_only_begins_like_a_signature_is_none(content: bytes):
    assert inspect.signed_message(content, len(content)) is None


ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(st.binary(max_size=400), st.integers(0, 2_000), st.booleans())
def test_any_bytes_as_a_detached_signature_get_a_verdict(tmp_path: Path, raw: bytes, at: int, inside: bool):
    content = apart()[:at] + raw + apart()[at + len(raw) :] if inside else raw
    path, beside = put(tmp_path, "a.p7s", content), [(put(tmp_path, "b", paper()), LETTER)]

    facts = signatures.detached(path, f"{LETTER}.p7s", beside, [root()])
    assert isinstance(facts, Facts)
    assert reading.read(path, "a.p7s", file_limit=10**8).media in Media


@ANY
@given(st.integers(0, len(signed()) - 1), st.binary(max_size=40), st.integers(0, 40))
def test_any_mutation_of_a_signed_file_gets_a_verdict_and_none_a_better_one(
    tmp_path: Path, at: int, raw: bytes, gone: int
):
    content = signed()[:at] + raw + signed()[at + gone :]
    found = signatures.in_pdf(put(tmp_path, "a.pdf", content), [root()])

    assert [one for one in found if one.intact and one.whole] == [] or content == signed() or harmless(content)


def harmless(content: bytes) -> bool:
    """Whether what was signed is as it was: the signature's own room and its padding may differ."""
    start, end = signed().index(b"/Contents <") + 11, signed().index(b">", signed().index(b"/Contents <"))
    return content[:start] == signed()[:start] and content.endswith(signed()[end:])
