"""Digital signatures by pyHanko: is what was signed unchanged, who signed, and can he be traced to a known centre?

Runs inside the sandbox: nothing is fetched, so whether a certificate was revoked is not asked. Whatever a signature holds
becomes a verdict. Findings: documents, 5.
"""

import asyncio
import binascii
import hashlib
import logging
import re
import resource
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import async_validate_detached_cms, async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel, StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext

from schemas.facts import Facts, Fault, Media, Seen, Signature, Value

AT_MOST: Final = 20  # signatures of one file that are looked at
SIZE: Final = 30_000_000  # bytes of a signature's own file; one without its content has some 3 kB
_SECONDS: Final = 8.0  # CPU for the signatures of one file; two of a contract take 0.1
_TEXT: Final = 200  # letters of a name that are kept
# centres differ in which of the two they write into a certificate for signing papers
_USAGE: Final = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
_CHUNK: Final = 1 << 20
_ENDINGS: Final = re.compile(r"\.(?:p7s|p7m|p7b|sig|sgn|pem)$", re.IGNORECASE)

Beside = Sequence[tuple[Path, str]]  # the other files of a package: path and the sender's name


class _TooLong(BaseException):
    """Past its time; no `except Exception` of a library may swallow it."""


def unchecked(place: str = "", by: str = "") -> Signature:
    """The verdict on what nobody can make sense of: neither good nor broken."""
    return Signature(by=by, intact=False, trusted=False, checked=False, place=place[:_TEXT])


def in_pdf(path: Path, roots: Sequence[bytes] = ()) -> list[Signature]:
    """Every signature that lies in a PDF; document time stamps are no signatures. `roots` are trusted, as DER."""
    found: list[Signature] = []
    try:
        with _silently(), _in_time(), path.open("rb") as file:
            asyncio.run(_in_pdf(file, roots, found))
    except (Exception, _TooLong):  # noqa: BLE001  whatever a stranger's file makes of the library is a verdict on it
        found.append(unchecked())
    return found


async def _in_pdf(file: Any, roots: Sequence[bytes], found: list[Signature]) -> None:
    reader = PdfFileReader(file, strict=False)
    if reader.encrypted:
        reader.decrypt("")
    held: list[tuple[str, EmbeddedPdfSignature | None]] = []
    for name, _, reference in enumerate_sig_fields(reader, filled_status=True):
        if len(held) >= AT_MOST:
            break
        try:
            field: Any = reference.get_object()
            held.append((str(name), EmbeddedPdfSignature(reader, field, str(name))))
        except Exception:  # noqa: BLE001  one broken signature says nothing about the others
            held.append((str(name), None))
    if not held:
        found.append(unchecked())  # it lies in no field, where no validator finds it
    seals = [one for _, one in held if one is not None]
    for name, one in held:
        if one is None:
            found.append(unchecked(name))
        elif one.sig_object_type == "/Sig":
            found.append(await _embedded(one, name, roots, seals))


async def _embedded(
    one: EmbeddedPdfSignature, name: str, roots: Sequence[bytes], seals: Sequence[EmbeddedPdfSignature]
) -> Signature:
    async def judge(context: ValidationContext, stamps: ValidationContext) -> PdfSignatureStatus:
        return await async_validate_pdf_signature(one, context, ts_validation_context=stamps, key_usage_settings=_USAGE)

    try:
        status = await _judged(judge, roots)
        untouched = bool(status.docmdp_ok)
        whole = untouched and _whole(one, seals)
    except Exception:  # noqa: BLE001  as above
        return unchecked(name, _subject(one))
    return _verdict(status, _subject(one), name, untouched=untouched, whole=whole)


def _whole(one: EmbeddedPdfSignature, seals: Sequence[EmbeddedPdfSignature]) -> bool:
    """Whether nothing but other signatures was added to the file afterwards."""
    if one.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return True
    later = range(one.signed_revision + 1, one.reader.xrefs.total_revisions)
    sealed = {seal.signed_revision for seal in seals}
    to_the_end = (seal.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE for seal in seals)
    return set(later) <= sealed and any(to_the_end)


def detached(path: Path, name: str, beside: Beside, roots: Sequence[bytes] = ()) -> Facts:
    """Facts of a signature's own file. The value `signs` names the file of the package that it is of, if there.

    It is the file whose digest was signed; else, by its name, the one that was meant: then that one was changed.
    """
    facts = Facts(media=Media.SIGNATURE, signed=Seen.NOT_SEEN)
    try:
        with _silently(), _in_time():
            asyncio.run(_detached(path, name, beside, roots, facts))
    except (Exception, _TooLong):  # noqa: BLE001  as above
        facts.signatures.append(unchecked(name))
        facts.faults.append(Fault.DAMAGED)
    return facts


async def _detached(path: Path, name: str, beside: Beside, roots: Sequence[bytes], facts: Facts) -> None:
    with path.open("rb") as file:
        raw = file.read(SIZE + 1)
    if len(raw) > SIZE:
        facts.faults.append(Fault.TOO_LARGE)
        return
    message = cms.ContentInfo.load(_der(raw))
    if message["content_type"].native != "signed_data":
        raise ValueError("no signed data")
    signed: Any = message["content"]
    own = signed["encap_content_info"]["content"]
    content = None if own is core.VOID or own.native is None else bytes(own)
    of: tuple[Path, str] | None = None
    signers = list(signed["signer_infos"])[:AT_MOST]
    if not signers:
        facts.faults.append(Fault.DAMAGED)
    for signer in signers:
        of = of or _by_digest(signer, content, beside)
    meant = of or _by_file_name(name, beside)
    if meant is not None:
        facts.values["signs"] = Value(value=meant[1], place="digest" if of else "name")
    for signer in signers:
        facts.signatures.append(await _of_signer(signed, signer, name, meant, content, roots))


async def _of_signer(
    signed: Any, signer: Any, name: str, meant: tuple[Path, str] | None, content: bytes | None, roots: Sequence[bytes]
) -> Signature:
    # the library takes one signer at a time, and none whose content lies inside
    parts: dict[str, Any] = {
        "version": signed["version"],
        "digest_algorithms": signed["digest_algorithms"],
        "encap_content_info": {"content_type": signed["encap_content_info"]["content_type"].native},
        "signer_infos": [signer],
    }
    if signed["certificates"] is not core.VOID:
        parts["certificates"] = signed["certificates"]
    single = cms.SignedData(parts)

    async def judge(context: ValidationContext, stamps: ValidationContext) -> StandardCMSSignatureStatus:
        if meant is None:
            return await over(content or b"", context, stamps)
        with meant[0].open("rb") as file:
            return await over(file, context, stamps)

    async def over(what: Any, context: ValidationContext, stamps: ValidationContext) -> StandardCMSSignatureStatus:
        return await async_validate_detached_cms(
            what, single, context, ts_validation_context=stamps, key_usage_settings=_USAGE
        )

    by = ""
    try:
        status = await _judged(judge, roots)
        by = _name(status.signing_cert)
    except Exception:  # noqa: BLE001  as above
        return unchecked(name, by)
    if meant is None and content is None:
        return unchecked(name, by)  # what it is of is not here
    return _verdict(status, by, name, untouched=True, whole=True)


def _der(raw: bytes) -> bytes:
    """The message itself: many programs write it as base64, with or without the lines of PEM."""
    if raw[:1] == b"\x30":
        return raw
    body = re.sub(rb"-----(?:BEGIN|END) [A-Z0-9 ]+-----", b"", raw)
    return binascii.a2b_base64(b"".join(body.split()))


def _by_digest(signer: Any, content: bytes | None, beside: Beside) -> tuple[Path, str] | None:
    """The file whose bytes were signed."""
    algorithm = str(signer["digest_algorithm"]["algorithm"].native)
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return None
    if content is not None:
        wanted = hashlib.new(algorithm, content).digest()
    else:
        attributes = signer["signed_attrs"]
        if attributes is core.VOID or attributes.native is None:
            return None
        told = [one["values"][0].native for one in attributes if one["type"].native == "message_digest"]
        if not told:
            return None
        wanted = told[0]
    for path, name in beside:
        digest = hashlib.new(algorithm)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        if digest.digest() == wanted:
            return path, name
    return None


def _by_file_name(name: str, beside: Beside) -> tuple[Path, str] | None:
    """`letter.pdf.p7s` is of `letter.pdf`; `letter.p7s` of the only file that is called `letter`."""
    bare = _ENDINGS.sub("", name).casefold()
    exact = [one for one in beside if one[1].casefold() == bare]
    alike = [one for one in beside if one[1].rpartition(".")[0].casefold() == bare]
    found = exact or alike
    return found[0] if len(found) == 1 else None


async def _judged(
    judge: Callable[[ValidationContext, ValidationContext], Awaitable[Any]], roots: Sequence[bytes]
) -> Any:
    """Judged now; where a trusted time stamp stands for the moment of signing, a certificate need hold only then."""
    status = await judge(_context(roots), _context(roots))
    stamp = status.timestamp_validity
    if stamp is not None and stamp.trusted and not status.trusted:
        then = await judge(_context(roots, stamp.timestamp), _context(roots))
        return then if then.trusted else status
    return status


def _context(roots: Sequence[bytes], moment: datetime | None = None) -> ValidationContext:
    known = [asn1_x509.Certificate.load(one) for one in roots]
    return ValidationContext(trust_roots=known, moment=moment, allow_fetching=False)


def _verdict(status: Any, by: str, place: str, *, untouched: bool, whole: bool) -> Signature:
    stamp = status.timestamp_validity
    stamped = stamp is not None and bool(stamp.trusted)
    at = stamp.timestamp if stamp is not None and stamped else status.signer_reported_dt
    intact = bool(status.intact and status.valid and untouched)
    return Signature(
        by=by,
        at=at.astimezone(UTC).isoformat() if isinstance(at, datetime) else "",
        stamped=stamped,
        intact=intact,
        trusted=intact and bool(status.trusted),
        whole=whole,
        place=place[:_TEXT],
    )


def _subject(one: EmbeddedPdfSignature) -> str:
    try:
        return _name(one.signer_cert)
    except Exception:  # noqa: BLE001  as above
        return ""


def _name(certificate: asn1_x509.Certificate) -> str:
    """Person and organisation as the certificate names them, without numbers."""
    subject: Any = certificate.subject.native
    parts: list[str] = []
    for key in ("common_name", "organization_name"):
        given = subject.get(key)
        for one in given if isinstance(given, list) else [given]:
            text = " ".join("".join(letter for letter in str(one or "") if letter.isprintable()).split())
            if text and text not in parts:
                parts.append(text)
    return ", ".join(parts)[:_TEXT]


@contextmanager
def _silently() -> Iterator[None]:
    """What the library says of a stranger's file is of no use, and may be endless."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _in_time() -> Iterator[None]:
    """Ends what takes too long while there is still time to say so: half of what the process may use, if it is limited.

    By a clock of its own: the sandbox may have set the one of SIGPROF for the whole file.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_CPU)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    left = _SECONDS if soft == resource.RLIM_INFINITY else (soft - usage.ru_utime - usage.ru_stime) / 2

    def stop(_number: int, _frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, max(0.1, min(_SECONDS, left)))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
