"""Certificates of the certification centres that an office trusts: a folder of PEM or DER files."""

from pathlib import Path

from schemas.errors import BadSetting

_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})


def load(folder: Path | None) -> list[bytes]:
    """Every certificate in the folder as DER; none without a folder.

    Raises BadSetting where the folder cannot be read, or holds a file that is no certificate: a centre that is silently
    left out would call its signers strangers.
    """
    if folder is None:
        return []
    found: list[bytes] = []
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in _SUFFIXES:
                found += _certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadSetting(setting="ASHAR_SIGNATURE_ROOTS") from error
    return found


def _certificates(raw: bytes) -> list[bytes]:
    from cryptography import x509  # noqa: PLC0415 -- dear to load, and most commands read no file
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 -- as above

    if b"-----BEGIN" in raw:
        return [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(raw)]
    return [x509.load_der_x509_certificate(raw).public_bytes(Encoding.DER)]
