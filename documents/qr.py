"""QR codes of short texts: on paper as a picture, in a terminal as blocks, on a page as a drawing."""

from functools import lru_cache
from io import BytesIO
from typing import Any, cast

import zxingcpp

QUIET = 4  # modules of white around it, without which scanners do not find it
DOTS = 8  # of the picture, for each module


@lru_cache(maxsize=256)
def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Rows of the code, dark ones true; a seventh of it may be spoilt and it is still read (level M)."""
    rows = cast("list[list[int]]", memoryview(_drawn(text)).tolist())
    return tuple(tuple(not light for light in row) for row in rows)


def _drawn(text: str) -> Any:
    """The code as a buffer of rows, a byte for each module, 0 for a dark one."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return zxingcpp.write_barcode_to_image(code, add_quiet_zones=False)


@lru_cache(maxsize=256)
def png(text: str) -> bytes:
    """The code as a picture in black and white, the same bytes each time."""
    from PIL import Image  # noqa: PLC0415

    code = Image.fromarray(_drawn(text)).convert("1")
    size = code.width + 2 * QUIET
    drawn = Image.new("1", (size, size), 1)
    drawn.paste(code, (QUIET, QUIET))
    out = BytesIO()
    drawn.resize((size * DOTS, size * DOTS), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def blocks(text: str) -> str:
    """The code for a terminal: two rows a line, dark as blank, for the usual light letters on a dark ground."""
    rows = [[False] * len(modules(text))] * QUIET + [list(row) for row in modules(text)]
    rows += [[False] * len(modules(text))] * (QUIET + (len(rows) + QUIET) % 2)
    wide = [[*[False] * QUIET, *row, *[False] * QUIET] for row in rows]
    signs = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    return "\n".join(
        "".join(signs[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(wide[::2], wide[1::2], strict=True)
    )


def svg(text: str) -> str:
    """The code as a drawing for a page."""
    rows = modules(text)
    size = len(rows) + 2 * QUIET
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows, QUIET) for x, dark in enumerate(row, QUIET) if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}"/></svg>'
    )
