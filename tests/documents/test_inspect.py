import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NullObject, TextStringObject

from documents import reading
from documents.inspect import look
from schemas.facts import Facts, Fault, Media, Seen

LIMIT = 5_000_000


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def make(data: bytes, name: str, *, file_limit: int = LIMIT) -> Facts:
        path = tmp_path / "blob"  # stored files have no suffix
        path.write_bytes(data)
        return reading.read(path, name, file_limit=file_limit)

    return make


def rezipped(source: Path, extra: dict[str, bytes], types: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in extra:
                data = old.read(name)
                new.writestr(name, data.replace(*types) if name == "[Content_Types].xml" and types[0] else data)
        for name, data in extra.items():
            new.writestr(name, data)
    return out.getvalue()


def ole(*streams: str) -> bytes:
    """The start of an OLE file with the directory names that tell what it is."""
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + directory).ljust(4096, b"\0")


def test_an_honest_file_has_no_faults_whatever_its_stored_name(
    put: Any, word: Any, sheet: Any, pdf: Any, scan: bytes
) -> None:
    text = ["Таза шаар үчүн долбоор жана анын максаты", "Экинчи сап да бар экен, үчүнчүсү да"]
    seen = [
        put(word("a.docx", text).read_bytes(), "a.docx"),
        put(sheet("a.xlsx", [["Смета", 1]]).read_bytes(), "a.xlsx"),
        put(pdf("a.pdf", text).read_bytes(), "a.pdf"),
        put("Кат\n".encode(), "a.txt"),
        put("Привет из прошлого".encode("cp1251"), "a.txt"),
    ]

    assert [(one.media, one.faults) for one in seen] == [
        (Media.DOCX, []),
        (Media.XLSX, []),
        (Media.PDF, []),
        (Media.TEXT, []),
        (Media.TEXT, []),
    ]
    assert put(scan, "a.JPEG").faults == [Fault.NO_TEXT]


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"\r\n"], ids=["nothing", "zeros", "line ends"])
def test_an_empty_file_is_empty_whatever_its_name(put: Any, data: bytes) -> None:
    assert put(data, "Устав.pdf").faults == [Fault.EMPTY]


def test_a_file_under_another_name_is_read_and_told(put: Any, word: Any) -> None:
    facts = put(word("a.docx", ["Устав общественного фонда «Мээрим»"]).read_bytes(), "устав.pdf")

    assert (facts.media, facts.faults, facts.text_layer) == (Media.DOCX, [Fault.WRONG_NAME], True)


def test_text_called_a_pdf_is_a_damaged_pdf(put: Any) -> None:
    assert put(b"Not found\n", "a.pdf").faults == [Fault.DAMAGED]


@pytest.mark.parametrize("name", ["photo.exe", "Устав.pdf", "Устав.pdf.exe", "Устав"])
@pytest.mark.parametrize(
    "head", [b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh\n", bytes.fromhex("4c0000000114020000000000c000000000000046")]
)
def test_a_program_is_one_whatever_its_name(put: Any, head: bytes, name: str) -> None:
    assert put(head + bytes(range(256)) * 20, name).faults == [Fault.PROGRAM]


@pytest.mark.parametrize("name", ["смета.js", "Устав.docx.vbs", "арыз.BAT", "план.jar"])
def test_what_would_run_by_its_name_is_a_program_though_its_content_is_a_text(put: Any, name: str) -> None:
    assert put(b"WScript.Echo 1\r\n" * 50, name).faults == [Fault.PROGRAM]


def test_a_document_whose_name_ends_in_an_address_is_a_document(put: Any, pdf: Any) -> None:
    assert put(pdf("a.pdf", ["Устав"]).read_bytes(), "Устав example.com").media is Media.PDF


def test_a_text_that_begins_like_a_program_is_a_text(put: Any) -> None:
    assert put(("MZ деген эмне? " * 50).encode(), "түшүндүрмө.txt").media is Media.TEXT


def test_a_file_over_the_limit_is_not_opened(put: Any, pdf: Any) -> None:
    facts = put(pdf("a.pdf", ["Устав"]).read_bytes(), "a.pdf", file_limit=100)

    assert (facts.media, facts.faults, facts.pages) == (Media.PDF, [Fault.TOO_LARGE], None)


def test_a_pdf_that_asks_for_a_password_is_encrypted_and_one_that_only_forbids_printing_is_read(
    put: Any, pdf: Any
) -> None:
    source = pdf(
        "a.pdf", ["Устав общественного фонда «Мээрим»", "Общие положения", "Настоящий устав принят на собрании"]
    )

    def locked(user: str) -> bytes:
        out = io.BytesIO()
        writer = PdfWriter(PdfReader(str(source)))
        writer.encrypt(user_password=user, owner_password="owner", algorithm="AES-256")
        writer.write(out)
        return out.getvalue()

    assert put(locked("secret"), "a.pdf").faults == [Fault.ENCRYPTED]
    assert put(locked(""), "a.pdf").faults == []


@pytest.mark.parametrize(
    ("streams", "name", "media", "fault"),
    [
        (("EncryptionInfo", "EncryptedPackage"), "a.docx", Media.DOCX, Fault.ENCRYPTED),
        (("EncryptionInfo", "EncryptedPackage"), "a.xlsx", Media.XLSX, Fault.ENCRYPTED),
        (("WordDocument",), "a.doc", Media.DOC, Fault.LEGACY),
    ],
)
def test_old_office_files_and_locked_new_ones_are_told_apart(
    put: Any, streams: tuple[str, ...], name: str, media: Media, fault: Fault
) -> None:
    facts = put(ole(*streams), name)

    assert (facts.media, facts.faults) == (media, [fault])


@pytest.mark.parametrize("part", [0.4, 0.9])
def test_a_truncated_file_is_told(put: Any, word: Any, pdf: Any, scan: bytes, part: float) -> None:
    docx, paper = word("a.docx", ["Долбоор"]).read_bytes(), pdf("a.pdf", ["Устав " * 10] * 30, ["x"] * 30).read_bytes()

    for data, name in ((docx, "a.docx"), (paper, "a.pdf"), (scan, "a.jpg")):
        assert Fault.TRUNCATED in put(data[: int(len(data) * part)], name).faults, name


def test_macros_outside_links_and_tracked_changes_are_told(put: Any, word: Any) -> None:
    source = word("a.docx", ["Долбоор"])
    link = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="http://x.kg/t.dotm" '
        b'TargetMode="External"/></Relationships>'
    )
    body = zipfile.ZipFile(source).read("word/document.xml")
    tracked = body.replace(b"<w:p>", b'<w:p><w:ins w:id="1" w:author="a"><w:r><w:t>new</w:t></w:r></w:ins>', 1)

    assert Fault.MACROS in put(rezipped(source, {"word/vbaProject.bin": b"x"}), "a.docm").faults
    assert put(rezipped(source, {"word/_rels/settings.xml.rels": link % b"attachedTemplate"}), "a.docx").faults == [
        Fault.EXTERNAL_LINKS
    ]
    assert put(rezipped(source, {"word/_rels/settings.xml.rels": link % b"hyperlink"}), "a.docx").faults == []
    assert put(rezipped(source, {"word/document.xml": tracked}), "a.docx").faults == [Fault.TRACKED_CHANGES]


def test_what_runs_in_a_pdf_is_told(put: Any, pdf: Any) -> None:
    source = pdf(
        "a.pdf", ["Устав общественного фонда «Мээрим»", "Общие положения", "Настоящий устав принят на собрании"]
    )

    def with_(act: Any) -> bytes:
        out = io.BytesIO()
        writer = PdfWriter(PdfReader(str(source)))
        act(writer)
        writer.write(out)
        return out.getvalue()

    def script(writer: PdfWriter) -> None:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)

    assert put(with_(script), "a.pdf").faults == [Fault.ACTIVE_CONTENT]
    assert put(with_(lambda writer: writer.add_attachment("x.exe", b"MZ")), "a.pdf").faults == [Fault.ACTIVE_CONTENT]
    assert put(with_(lambda writer: None), "a.pdf").faults == []


def test_a_form_that_is_not_on_the_pages_of_its_pdf_is_told_as_such(put: Any, pdf: Any) -> None:
    def with_form(packets: Any) -> bytes:
        writer, out = PdfWriter(PdfReader(str(pdf("a.pdf", ["Конкурстук билдирме", "Please wait"])))), io.BytesIO()
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/XFA"): packets})
        writer.write(out)
        return out.getvalue()

    assert put(with_form(TextStringObject("<xdp:xdp/>")), "a.pdf").faults == [Fault.XFA]
    assert Fault.XFA not in put(with_form(NullObject()), "a.pdf").faults


def test_a_pdf_with_too_many_pages_is_not_read_through(put: Any, pdf: Any) -> None:
    facts = put(pdf("a.pdf", *[["x"]] * 301).read_bytes(), "a.pdf")

    assert (facts.pages, facts.faults, facts.text_layer) == (301, [Fault.TOO_MANY_PAGES], False)


def test_an_office_file_that_swells_is_not_opened(put: Any, word: Any) -> None:
    swollen = rezipped(word("a.docx", ["Долбоор"]), {"word/media/a.bin": bytes(60_000_000)})

    assert Fault.UNSAFE_ARCHIVE in put(swollen, "a.docx").faults


def test_an_entity_bomb_is_a_damaged_file(put: Any, word: Any) -> None:
    levels = b"".join(b'<!ENTITY e%d "%s">' % (at, b"&e%d;" % (at - 1) * 10) for at in range(1, 10))
    bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "lol">' + levels + b"]><d>&e9;</d>"

    assert Fault.DAMAGED in put(rezipped(word("a.docx", ["x"]), {"word/document.xml": bomb}), "a.docx").faults


def test_words_in_text_boxes_controls_and_insertions_are_read_and_deleted_ones_are_not(put: Any, word: Any) -> None:
    source = word("a.docx", ["X"])
    body = zipfile.ZipFile(source).read("word/document.xml")
    inside = (
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>ИНН: 01707201410029</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
        '<w:p><w:ins w:id="1" w:author="a"><w:r><w:t>Устав</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="a"><w:r><w:delText>Лицензия</w:delText></w:r></w:del></w:p>'
    )
    changed = body.replace(b"<w:p>", inside.encode() + b"<w:p>", 1)

    facts = put(rezipped(source, {"word/document.xml": changed}), "a.docx")

    assert facts.kind == "D06"
    assert facts.faults == [Fault.TRACKED_CHANGES]
    assert facts.signed is Seen.CANNOT_TELL


def test_a_look_never_changes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"%PDF-1.7 nothing")
    before = path.stat()

    look(path, "a.pdf", file_limit=LIMIT)

    assert (path.read_bytes(), path.stat().st_mtime_ns) == (b"%PDF-1.7 nothing", before.st_mtime_ns)
