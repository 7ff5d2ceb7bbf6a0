"""Office files and archives that are small to send and endless to read."""

import io
import struct
import zipfile

from tests.documents.hostile.pdfs import deflated

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MAIN = "application/vnd.openxmlformats-officedocument"
_HEAD = b'<?xml version="1.0"?>'


def zipped(parts: dict[str, bytes], pressed: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", pressed) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2018, 1, 1, 0, 0, 0)), data, pressed)
    return out.getvalue()


def zip_of(entries: list[tuple[str, bytes, int, int]]) -> bytes:
    """An archive written by hand: name, raw deflate stream, unpacked size as it claims, CRC."""
    body, directory = bytearray(), bytearray()
    for name, packed, size, crc in entries:
        raw, at = name.encode(), len(body)
        same = struct.pack("<HHHHHIIIHH", 20, 0x800, 8, 0, 0x4C21, crc, len(packed), size, len(raw), 0)
        body += b"PK\x03\x04" + same + raw + packed
        directory += b"PK\x01\x02\x14\0" + same + struct.pack("<HHHII", 0, 0, 0, 0, at) + raw
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return bytes(body + directory + end)


def entry(name: str, data: bytes) -> tuple[str, bytes, int, int]:
    packed, crc = deflated(data, 1)
    return name, packed, len(data), crc


def types(kind: str) -> bytes:
    return _HEAD + b'<Types><Override PartName="/x" ContentType="%s"/></Types>' % f"{_MAIN}.{kind}.main+xml".encode()


def docx(body: str, before: str = "") -> bytes:
    return zipped(docx_parts(body, before))


def docx_parts(body: str, before: str = "") -> dict[str, bytes]:
    document = f'{before}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    return {
        "[Content_Types].xml": types("wordprocessingml.document"),
        "word/document.xml": _HEAD + document.encode(),
    }


def paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def swollen_docx(megabytes: int, claimed: int | None = None) -> bytes:
    """A main part that unpacks to so many megabytes of white space, whatever it claims to be."""
    packed, crc = deflated(b" " * 1_000_000, megabytes)
    size = megabytes * 1_000_000 if claimed is None else claimed
    return zip_of(
        [
            entry("[Content_Types].xml", types("wordprocessingml.document")),
            ("word/document.xml", packed, size, crc),
        ]
    )


def laughs(depth: int) -> bytes:
    """An entity of ten entities of ten entities."""
    named = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, depth))
    return docx(paragraph(f"&e{depth - 1};"), f'<!DOCTYPE x [<!ENTITY e0 "ха">{named}]>')


def one_long_entity(length: int, times: int) -> bytes:
    return docx(paragraph("&e;" * times), f'<!DOCTYPE x [<!ENTITY e "{"ы" * length}">]>')


def foreign_entity() -> bytes:
    return docx(paragraph("&e;"), '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')


def nested_tables(depth: int) -> bytes:
    return docx("<w:tbl><w:tr><w:tc>" * depth + paragraph("дно") + "</w:tc></w:tr></w:tbl>" * depth)


def nested_controls(depth: int) -> bytes:
    return docx("<w:sdt><w:sdtContent>" * depth + paragraph("дно") + "</w:sdtContent></w:sdt>" * depth)


def nested_boxes(depth: int) -> bytes:
    return docx("<w:p><w:r><w:txbxContent>" * depth + paragraph("дно") + "</w:txbxContent></w:r></w:p>" * depth)


def wide_cells(rows: int) -> bytes:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>' + paragraph("к") + "</w:tc>"
    return docx("<w:tbl>" + ("<w:tr>" + cell * 50 + "</w:tr>") * rows + "</w:tbl>")


def xlsx(sheet: bytes, strings: bytes | None = None) -> bytes:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    room = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": types("spreadsheetml.sheet"),
        "_rels/.rels": _HEAD
        + b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        b'Type="' + room + b'/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": _HEAD
        + b'<workbook xmlns="' + main + b'" xmlns:r="' + room + b'"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _HEAD
        + b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        b'Type="' + room + b'/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="'
        + room + b'/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": _HEAD + b'<worksheet xmlns="' + main + b'">' + sheet + b"</worksheet>",
    }  # fmt: skip
    if strings is not None:
        parts["xl/sharedStrings.xml"] = _HEAD + b'<sst xmlns="' + main + b'">' + strings + b"</sst>"
    return zipped(parts)


def cells(rows: int, columns: int) -> bytes:
    """So many cells of the figure one."""
    row = b"<row>" + b"<c><v>1</v></c>" * columns + b"</row>"
    return xlsx(b"<sheetData>" + row * rows + b"</sheetData>")


def far_cell() -> bytes:
    """Two cells with everything between them."""
    first, last = b'<row r="1"><c r="A1"><v>1</v></c></row>', b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return xlsx(b"<sheetData>" + first + last + b"</sheetData>")


def sums_of_sums() -> bytes:
    """A budget in which every second row sums up all before it."""

    def row(*cells: str) -> bytes:
        inner = "".join(f'<c t="str"><v>{cell}</v></c>' for cell in cells)
        return f"<row>{inner}</row>".encode()

    lines = row("кагаз", "1", "10", "10", "10", "0") + row("Итого", "", "", "10", "10", "0")
    names = row("Наименование", "Количество", "Цена", "Сумма", "Запрашивается", "Собственный вклад")
    return xlsx(b"<sheetData>" + names + lines * 2_499 + b"</sheetData>")


def huge_strings(megabytes: int) -> bytes:
    """One shared string of so many megabytes in a hundred cells."""
    row = b'<row><c t="s"><v>0</v></c></row>' * 100
    text = b"<si><t>" + b"so much " * (megabytes * 125_000) + b"</t></si>"
    return xlsx(b"<sheetData>" + row + b"</sheetData>", text)


def odt(body: str, before: str = "") -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'{before}<o:document-content xmlns:o="{space}office:1.0" xmlns:t="{space}text:1.0" xmlns:b="{space}table:1.0">'
        f"<o:body><o:text>{body}</o:text></o:body></o:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "content.xml": _HEAD + content.encode()})


def odt_tables(depth: int) -> bytes:
    return odt(
        "<b:table><b:table-row><b:table-cell>" * depth
        + "<t:p>дно</t:p>"
        + "</b:table-cell></b:table-row></b:table>" * depth
    )


def swollen_odt(megabytes: int) -> bytes:
    packed, crc = deflated(b" " * 1_000_000, megabytes)
    kind = entry("mimetype", b"application/vnd.oasis.opendocument.text")
    return zip_of([kind, ("content.xml", packed, megabytes * 1_000_000, crc)])


def archive(kind: str) -> bytes:
    """Archives that lie, swell or reach out of their folder."""
    if kind == "nested":
        inner = zipped({"a.txt": b"a"})
        for _ in range(10):
            inner = zipped({"in.zip": inner})
        return inner
    packed, crc = deflated(b"0" * 1_000_000, 2_000 if kind == "2 GB" else 40)
    size = {"2 GB": 2_000_000_000, "lying": 10}.get(kind, 40_000_000)
    return zip_of([("a.txt", packed, size, crc)] * (2 if kind == "twice" else 1))


def ole(kind: str) -> bytes:
    """Old office files: a chain of sectors that leads to itself, or noise behind a workbook's name."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + bytes(478))
    struct.pack_into("<IIIIIIIIII", head, 40, 0, 1, 1, 0, 4096, 2, 1, 0xFFFFFFFE, 0, 0)
    head[76:512] = struct.pack("<I", 0) + b"\xff" * 432
    table = struct.pack("<128I", 0xFFFFFFFD, 1, 2, 3, *range(4, 128))  # each sector follows itself
    name = "Workbook".encode("utf-16-le")
    root = "Root Entry".encode("utf-16-le")

    def one(name: bytes, kind: int, child: int, start: int, size: int) -> bytes:
        links = struct.pack("<HBBIII", len(name) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return name.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    directory = one(root, 5, 1, 3, 64) + one(name, 2, 0xFFFFFFFF, 3, 1 << 30) + bytes(256)
    noise = bytes((at * at * 7 + at // 3) % 256 for at in range(512 * 125))
    body = bytes(head) + table + directory + bytes(512) + noise
    return body if kind == "circle" else bytes(head[:8]) + name + noise


def rtf(kind: str) -> bytes:
    """Rich text: groups that never close, in each other, or a control word for each letter."""
    return {
        "photograph": rb"{\rtf1\ansicpg1251 {\pict\wmetafile8 "
        + b"0123456789abcdef\r\n" * 3_000_000
        + rb"}\'d3\'f1\'f2\'e0\'e2}",
        "open": rb"{\rtf1 " + rb"{\pict" * 200_000 + b"}",
        "deep": rb"{\rtf1 " + b"{" * 300_000 + rb"\b a" + b"}" * 300_001,
        "notes": rb"{\rtf1 " + rb"{\*\a {" * 100_000 + b"}",
        "numbers": rb"{\rtf1 " + rb"\u-" + b"1" * 1_000_000 + b"?}",
        "words": rb"{\rtf1\ansicpg1251 " + rb"\'ea\b0\b " * 200_000 + b"}",
    }[kind]
