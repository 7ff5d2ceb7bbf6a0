"""A code says what the line beside it says: read back here by the book (ISO/IEC 18004), not by what drew it."""

from io import BytesIO

import pytest
from PIL import Image

from documents import qr

LINES = (
    "ashar 1 0123456789abcdef",
    "ashar/5e6f7a8b9c0d 48211 fedcba9876543210",
    "ashar 9007199254740991 0000000000000000",
)
CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)


def read(rows: list[list[bool]]) -> str:
    """The text of a code of version 2 or 3, level M: these have a single block, which is not interleaved."""
    size = len(rows)
    assert size in (25, 29)
    bits = [rows[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [rows[y][8] for y in (7, 5, 4, 3, 2, 1, 0)]
    form = int("".join(map(str, map(int, bits))), 2) ^ 0b101010000010010
    assert form >> 13 == 0  # level M
    mask = MASKS[form >> 10 & 7]
    at = size - 7  # the centre of the small square

    def fixed(y: int, x: int) -> bool:
        corner = (y < 9 and x < 9) or (y < 9 and x >= size - 8) or (y >= size - 8 and x < 9)
        return corner or 6 in (y, x) or (abs(y - at) <= 2 and abs(x - at) <= 2)

    found: list[bool] = []
    columns = [x for x in range(size - 1, -1, -1) if x != 6]
    for turn in range(0, len(columns), 2):
        ups = range(size - 1, -1, -1) if turn % 4 == 0 else range(size)
        found += [rows[y][x] ^ mask(y, x) for y in ups for x in columns[turn : turn + 2] if not fixed(y, x)]

    def number(start: int, length: int) -> int:
        return int("".join(str(int(one)) for one in found[start : start + length]), 2)

    at, text = 0, ""
    while (mode := number(at, 4)) in (1, 2, 4):  # figures, figures and capitals, bytes; then comes the end
        wide = {1: 10, 2: 9, 4: 8}[mode]
        length, at = number(at + 4, wide), at + 4 + wide
        if mode == 4:
            text += bytes(number(at + 8 * place, 8) for place in range(length)).decode()
            at += 8 * length
        while mode != 4 and length:
            taken = min(length, 3 if mode == 1 else 2)
            bits = (0, 4, 7, 10)[taken] if mode == 1 else (0, 6, 11)[taken]
            value, at, length = number(at, bits), at + bits, length - taken
            pair = CAPITALS[value // 45] + CAPITALS[value % 45]
            text += f"{value:0{taken}}" if mode == 1 else pair[2 - taken :]
    assert mode == 0
    return text


@pytest.mark.parametrize("line", LINES)
def test_what_is_drawn_is_what_is_said(line: str):
    assert read([list(row) for row in qr.modules(line)]) == line


@pytest.mark.parametrize("line", LINES)
def test_the_picture_is_the_code_with_white_around_it(line: str):
    drawn = Image.open(BytesIO(qr.png(line)))
    size = drawn.width // qr.DOTS
    cells = [
        [drawn.getpixel((x * qr.DOTS + 3, y * qr.DOTS + 3)) == 0 for x in range(qr.QUIET, size - qr.QUIET)]
        for y in range(qr.QUIET, size - qr.QUIET)
    ]
    assert read(cells) == line
    assert all(drawn.getpixel((x, y)) for x in range(drawn.width) for y in range(qr.QUIET * qr.DOTS))


def test_the_terminal_shows_the_same():
    signs = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}
    lines = qr.blocks(LINES[0]).split("\n")
    rows = [[signs[sign][half] for sign in line] for line in lines for half in (0, 1)]
    inner = [row[qr.QUIET : -qr.QUIET] for row in rows]
    size = len(inner[0])
    assert read(inner[qr.QUIET : qr.QUIET + size]) == LINES[0]


def test_a_page_draws_the_same():
    drawn = qr.svg(LINES[0])
    dark = sum(one for row in qr.modules(LINES[0]) for one in row)
    assert drawn.count("h1v1h-1z") == dark
