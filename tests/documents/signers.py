"""Certification centres, signers and signed files, all made here."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfgen.canvas import Canvas

DAY = timedelta(days=1)
HEAD = "Өмүрбек уулу Нурлан"
FUND = "«Мээрим» коомдук фонду"


@cache
def key(owner: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def subject(person: str, organisation: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, person)]
    return x509.Name(parts + ([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []))


@cache
def certificate(
    person: str, centre: str = "Кызмат", organisation: str = "", use: str = "sign", since: int = -365, until: int = 365
) -> x509.Certificate:
    """Of a person at a centre (of the centre itself where they are one); days from now."""
    now, own = datetime.now(UTC), person == centre
    made = (
        x509.CertificateBuilder()
        .subject_name(subject(person, organisation))
        .issuer_name(subject(centre))
        .public_key(key(person).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since * DAY)
        .not_valid_after(now + until * DAY)
        .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not own, content_commitment=use == "sign" and not own, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=own, crl_sign=own, encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if use == "stamp":
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return made.sign(key(centre), hashes.SHA256())


def root(centre: str = "Кызмат") -> bytes:
    return certificate(centre, centre, since=-3650, until=3650).public_bytes(serialization.Encoding.DER)


def _asn1(person: str, made: x509.Certificate, centre: str) -> tuple[Any, Any, Any]:
    private = key(person).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(root(centre)))
    own = asn1_x509.Certificate.load(made.public_bytes(serialization.Encoding.DER))
    return own, asn1_keys.PrivateKeyInfo.load(private), store


def signer(person: str = HEAD, centre: str = "Кызмат", organisation: str = FUND, **how: Any) -> SimpleSigner:
    own, private, store = _asn1(person, certificate(person, centre, organisation, **how), centre)
    return SimpleSigner(signing_cert=own, signing_key=private, cert_registry=store)


def stamper(at: datetime | None = None) -> DummyTimeStamper:
    made = certificate("Убакыт", "Кызмат", use="stamp", since=-3650, until=3650)
    own, private, store = _asn1("Убакыт", made, "Кызмат")
    return DummyTimeStamper(tsa_cert=own, tsa_key=private, certs_to_embed=store, fixed_dt=at)


@cache
def paper(text: str = "Resolution of the board") -> bytes:
    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    for line in range(12):
        canvas.drawString(60, 780 - 20 * line, f"{text}, line {line} of its words")
    canvas.save()
    return out.getvalue()


def sign_pdf(pdf: bytes, by: SimpleSigner | None = None, *, field: str = "Head", stamps: Any = None) -> bytes:
    """The file with a PAdES signature added."""
    out = BytesIO()
    meta = PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    asyncio.run(PdfSigner(meta, by or signer(), timestamper=stamps).async_sign_pdf(writer, output=out))
    return out.getvalue()


def sign_apart(content: bytes, by: SimpleSigner | None = None, *, stamps: Any = None, inside: bool = False) -> bytes:
    """A signature in a file of its own; `inside` puts the content into it."""
    made = (by or signer()).async_sign_general_data(
        content, "sha256", detached=not inside, timestamper=stamps, use_cades=True
    )
    return asyncio.run(made).dump()


def add_title(pdf: bytes) -> bytes:
    """The file with another revision behind it: nobody signed that."""
    from pypdf import PdfWriter

    writer = PdfWriter(BytesIO(pdf), incremental=True)
    writer.add_metadata({"/Title": "Added later"})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def flip(content: bytes, at: int) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)
