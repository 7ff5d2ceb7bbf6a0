"""PDF files that are small to send and endless to read."""

import zlib

_MEGABYTE = 1_000_000
NO_FONT = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << >> >>"
PAGES = b"<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def pdf_of(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return packed_stream(zlib.compress(data, 9), extra)


def packed_stream(packed: bytes, extra: bytes = b"", filters: bytes = b"/FlateDecode") -> bytes:
    return b"<< /Length %d /Filter %s %s >>\nstream\n%s\nendstream" % (len(packed), filters, extra, packed)


def deflated(piece: bytes, times: int) -> tuple[bytes, int]:
    """A raw deflate stream of a piece so many times over, and its CRC: made without packing more than one piece."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(times):
        crc = zlib.crc32(piece, crc)
    return block * times + packer.flush(), crc


def swollen(piece: bytes, times: int) -> bytes:
    """A zlib stream of a piece so many times over."""
    raw, _ = deflated(piece, times)
    adler = 1
    for _ in range(times):
        adler = zlib.adler32(piece, adler)
    return b"\x78\xda" + raw + adler.to_bytes(4, "big")


def one_page(contents: bytes) -> bytes:
    return pdf_of([CATALOG, PAGES, NO_FONT, contents])


def heavy(pages: int, operators: int) -> bytes:
    """Many pages that share one page of very many words: honest to look at, endless to read."""
    content = b"BT /F1 6 Tf " + b"(abcdefghij) Tj 1 0 Td " * operators + b"ET"
    kids = b" ".join(b"%d 0 R" % (number + 5) for number in range(pages))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 3 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>"
    )
    return pdf_of(
        [
            CATALOG,
            b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (pages, kids),
            stream(content),
            FONT,
            *[page] * pages,
        ]
    )


def bomb(megabytes: int) -> bytes:
    """A page whose contents unpack to that much white space."""
    return one_page(packed_stream(swollen(b" " * _MEGABYTE, megabytes)))


def bomb_in_bomb(megabytes: int) -> bytes:
    packed = zlib.compress(swollen(b" " * _MEGABYTE, megabytes), 9)
    return one_page(packed_stream(packed, filters=b"[ /FlateDecode /FlateDecode ]"))


def operators(count: int) -> bytes:
    """So many lines drawn on one page."""
    piece = b"1 2 m 3 4 l S\n" * 1_000
    return one_page(packed_stream(swollen(piece, count // 3_000)))


def nested_forms(depth: int, width: int) -> bytes:
    """Each drawing draws the next one so many times: width to the power of depth in all."""
    drawings = [
        stream(
            b"/X Do " * width,
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % (6 + at),
        )
        for at in range(depth)
    ]
    last = stream(b"0 0 m 9 9 l S", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    page = NO_FONT.replace(b"/Resources << >>", b"/Resources << /XObject << /X 5 0 R >> >>")
    return pdf_of([CATALOG, PAGES, page, stream(b"/X Do"), *drawings, last])


def own_drawing() -> bytes:
    """A drawing that draws itself twice, without end."""
    return nested_forms(1, 2).replace(b"/X 6 0 R", b"/X 5 0 R")


def shared_pages(levels: int, width: int) -> bytes:
    """A page tree whose branches are all the same: width to the power of levels pages in a few lines."""
    branches = [
        b"<< /Type /Pages /Parent 2 0 R /Count %d /Kids [ %s ] >>"
        % (width ** (levels - at), b" ".join([b"%d 0 R" % (3 + at)] * width))
        for at in range(levels)
    ]
    leaf = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 600 800] /Resources << >> >>" % (1 + levels)
    return pdf_of([CATALOG, *branches, leaf])


def fields(count: int) -> bytes:
    """A form of so many fields."""
    kids = b" ".join(b"%d 0 R" % (5 + at) for at in range(count))
    catalog = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [ %s ] >> >>" % kids
    return pdf_of(
        [catalog, PAGES, NO_FONT, stream(b" "), *[b"<< /FT /Tx /T (f%d) /V (v) >>" % at for at in range(count)]]
    )


def image(side: int, filters: bytes = b"/FlateDecode", data: bytes | None = None) -> bytes:
    """A page with one picture of that many pixels on a side, all of them white."""
    packed = swollen(b"\xff" * _MEGABYTE, side * side // 8 // _MEGABYTE) if data is None else data
    picture = packed_stream(
        packed,
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray"
        % (side, side),
        filters,
    )
    page = NO_FONT.replace(b"/Resources << >>", b"/Resources << /XObject << /X 5 0 R >> >>")
    return pdf_of([CATALOG, PAGES, page, stream(b"600 0 0 800 0 0 cm /X Do"), picture])


def jbig2(side: int) -> bytes:
    """A picture whose own header asks for that many pixels on a side."""
    information = side.to_bytes(4, "big") * 2 + bytes(8) + b"\0\0\0"
    region = side.to_bytes(4, "big") * 2 + bytes(8) + b"\0" + b"\0\x03\xff\xfd\xff\x02\xfe\xfe\xfe" + bytes(64)
    data = b"\0\0\0\0\x30\0\x01" + len(information).to_bytes(4, "big") + information
    data += b"\0\0\0\x01\x26\0\x01" + len(region).to_bytes(4, "big") + region
    return image(side, b"/JBIG2Decode", data)


def deep(depth: int, opening: bytes, closing: bytes) -> bytes:
    """Brackets in brackets."""
    page = NO_FONT.replace(b"/Resources", b"/Deep " + opening * depth + closing * depth + b" /Resources")
    return pdf_of([CATALOG, PAGES, page, stream(b" ")])


def circles() -> dict[str, bytes]:
    """Files that send the reader round in circles."""
    plain = one_page(stream(b" "))
    start = plain.rindex(b"xref\n0")
    return {
        "pages of themselves": pdf_of([CATALOG, b"<< /Type /Pages /Count 1 /Kids [ 2 0 R ] >>"]),
        "length of itself": one_page(b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream"),
        "former table is this one": plain.replace(b"/Size", b"/Prev %d /Size" % start),
        "object that is itself": pdf_of([CATALOG, PAGES, b"3 0 R"]),
        "parent of its parent": pdf_of(
            [CATALOG, PAGES.replace(b"/Kids", b"/Parent 3 0 R /Kids"), NO_FONT.replace(b"/Resources << >>", b"")]
        ),
    }


def for_a_key() -> bytes:
    """Locked for the holders of a certificate's key, with no password at all."""
    lock = b"/Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 /Length 128 >> /ID [ <00> <00> ]"
    return one_page(stream(b" ")).replace(b"/Size", lock + b" /Size")


def written(pieces: list[bytes]) -> bytes:
    """A page with so many lines of Latin text."""
    shown = b"".join(b"(%s) Tj 0 -9 Td " % piece for piece in pieces)
    page = NO_FONT.replace(b"/Resources << >>", b"/Resources << /Font << /F1 5 0 R >> >>")
    return pdf_of([CATALOG, PAGES, page, stream(b"BT /F1 6 Tf 20 780 Td " + shown + b"ET"), FONT])
