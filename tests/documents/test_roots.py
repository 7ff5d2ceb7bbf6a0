"""Trusted centres: all certificates of a folder, and never silently fewer."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from documents import roots
from schemas.errors import BadSetting
from tests.documents.signers import root


def pem(*certificates: bytes) -> bytes:
    return b"".join(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in certificates)


def test_certificates_are_read_in_either_writing_several_in_a_file_and_notes_are_passed_over(tmp_path: Path):
    first, second, third = root("Кызмат"), root("Инфоком"), root("Башка борбор")
    (tmp_path / "a.pem").write_bytes(pem(first, second))
    (tmp_path / "b.CER").write_bytes(third)
    (tmp_path / "README.txt").write_text("where they are from")

    assert roots.load(tmp_path) == [first, second, third]


def test_without_a_folder_nobody_is_trusted():
    assert roots.load(None) == []


@pytest.mark.parametrize(
    "content", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", root()[:300]]
)
def test_a_file_that_is_no_certificate_stops_and_is_not_left_out(tmp_path: Path, content: bytes):
    (tmp_path / "centre.pem").write_bytes(content)

    with pytest.raises(BadSetting) as told:
        roots.load(tmp_path)
    assert told.value.facts == {"setting": "ASHAR_SIGNATURE_ROOTS"}


def test_a_folder_that_is_not_there_stops(tmp_path: Path):
    with pytest.raises(BadSetting):
        roots.load(tmp_path / "none")
