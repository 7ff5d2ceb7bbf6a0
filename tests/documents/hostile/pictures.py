"""Pictures of very many pixels in very few bytes."""

import struct
import zlib
from io import BytesIO

from PIL import Image

from tests.documents.hostile.pdfs import swollen


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A grey picture of one bit to a pixel with the given packed rows."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def broken_png() -> bytes:
    """A picture of too few pixels with one byte too many behind them."""
    data = png(16, 16, zlib.compress(b"\0\xff\xff" * 16)[:-6])
    at = data.index(b"IEND") - 4
    return data[:at] + b"\0" + data[at:]


def wide_png(width: int, height: int) -> bytes:
    row = b"\0" + b"\xff" * (width // 8)
    return png(width, height, swollen(row * 100, height // 100))


def text_png(megabytes: int) -> bytes:
    """A small picture with a comment that unpacks to so many megabytes."""
    plain = BytesIO()
    Image.new("L", (8, 8)).save(plain, "PNG")
    comment = _chunk(b"zTXt", b"Comment\0\0" + swollen(b"a" * 1_000_000, megabytes))
    return plain.getvalue()[:33] + comment + plain.getvalue()[33:]


def jpeg(width: int, height: int) -> bytes:
    """A small photograph whose header claims another size."""
    plain = BytesIO()
    Image.new("RGB", (16, 16), "white").save(plain, "JPEG")
    data = bytearray(plain.getvalue())
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


def scans(count: int) -> bytes:
    """A photograph in so many passes over the same pixels."""
    plain = BytesIO()
    Image.new("L", (3_000, 3_000), "white").save(plain, "JPEG", progressive=True)
    data = plain.getvalue()
    at = data.index(b"\xff\xda")
    return data[:at] + data[at:-2] * count + data[-2:]
