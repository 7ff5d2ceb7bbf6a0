"""Signatures and seals as pictures: always the same for the same hand, different for each hand."""

import math
import random
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_FONTS = Path("/usr/share/fonts/truetype")
_FACES = {
    "serif": ("paratype/PTF55F.ttf", "dejavu/DejaVuSerif.ttf"),
    "serif-bold": ("paratype/PTF75F.ttf", "dejavu/DejaVuSerif-Bold.ttf"),
    "sans": ("paratype/PTS55F.ttf", "dejavu/DejaVuSans.ttf"),
}
_INK = (28, 44, 140, 235)
_SEAL = (36, 62, 168, 190)


@cache
def face(name: str) -> Path:
    """A font file that has ң ө ү: PT where it is installed, DejaVu otherwise."""
    found = [_FONTS / path for path in _FACES[name] if (_FONTS / path).is_file()]
    if not found:
        raise FileNotFoundError(f"no font file for {name} in {_FONTS}")
    return found[0]


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face(name)), size)


def _curve(points: list[tuple[float, float]], steps: int = 14) -> list[tuple[float, float]]:
    """A smooth line through points (Catmull-Rom)."""
    ends = [points[0], *points, points[-1]]
    line: list[tuple[float, float]] = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            line.append(
                (
                    _between(before[0], start[0], end[0], after[0], t),
                    _between(before[1], start[1], end[1], after[1], t),
                )
            )
    return line


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def _scrawl(draw: ImageDraw.ImageDraw, by: str, left: int, top: int) -> None:
    """A name written fast: one large letter, loops that die away, a stroke beneath."""
    chance = random.Random(by)  # noqa: S311 — a drawing, not a secret
    points: list[tuple[float, float]] = [
        (left + 10.0, top + 62 + chance.uniform(-8, 8)),
        (left + 34, top + 2 + chance.uniform(0, 12)),
    ]
    points += [(left + 22 + chance.uniform(-8, 8), top + 84), (left + 62, top + 40 + chance.uniform(-8, 8))]
    across, height = left + 76.0, 24.0
    for _ in range(chance.randint(4, 7)):
        points.append((across, top + 60 - height * chance.uniform(0.5, 1.2)))
        points.append((across + chance.uniform(-4, 9), top + 62 + chance.uniform(-2, 6)))
        across, height = across + chance.uniform(15, 25), height * 0.82
    points.append((across + 40, top + 44 + chance.uniform(-14, 10)))
    line = _curve(points)
    for at, (start, end) in enumerate(pairwise(line)):
        draw.line((*start, *end), fill=_INK, width=4 if at % 14 < 8 else 3)
    if chance.random() < 0.6:
        draw.line(_curve([(across + 30, top + 66), (left + 80, top + 82), (left + 6, top + 76)]), fill=_INK, width=3)


def _ring(words: str, size: int) -> Image.Image:
    """A round seal with words along its edge."""
    seal = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(seal)
    draw.ellipse((3, 3, size - 4, size - 4), outline=_SEAL, width=4)
    draw.ellipse((size * 0.24, size * 0.24, size * 0.76, size * 0.76), outline=_SEAL, width=2)
    letters = f"{words.upper()} ✶ ".replace("✶", "*")[:40]
    for at, letter in enumerate(letters):
        angle = 360 * at / len(letters)
        glyph = Image.new("RGBA", (34, 34), (0, 0, 0, 0))
        ImageDraw.Draw(glyph).text((17, 17), letter, font=font("sans", 20), fill=_SEAL, anchor="mm")
        turned = glyph.rotate(-angle, resample=Image.Resampling.BILINEAR)
        radius = size * 0.395
        x = size / 2 + radius * math.sin(math.radians(angle)) - 17
        y = size / 2 - radius * math.cos(math.radians(angle)) - 17
        seal.alpha_composite(turned, (round(x), round(y)))
    draw.text((size / 2, size / 2), "КР", font=font("serif-bold", size // 6), fill=_SEAL, anchor="mm")
    return seal


@cache
def signature(by: str, stamp: str = "") -> Image.Image:
    """A signature, over a seal if `stamp` gives its words; transparent, 460 by 220."""
    picture = Image.new("RGBA", (460, 220), (0, 0, 0, 0))
    if stamp:
        chance = random.Random(by + stamp)  # noqa: S311 — a drawing, not a secret
        ring = _ring(stamp, 200).rotate(chance.uniform(-25, 25), resample=Image.Resampling.BILINEAR)
        picture.alpha_composite(ring, (chance.randint(170, 240), 8))
    _scrawl(ImageDraw.Draw(picture), by, 12, 62)
    return picture


@cache
def signature_png(by: str, stamp: str = "") -> bytes:
    """The signature as a small PNG file."""
    out = BytesIO()
    small = signature(by, stamp).resize((345, 165), Image.Resampling.LANCZOS)
    small.quantize(24, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=False)
    return out.getvalue()


@cache
def signature_jpeg(by: str, stamp: str = "") -> bytes:
    """The signature on white, for a PDF."""
    white = Image.new("RGB", (460, 220), "white")
    picture = signature(by, stamp)
    white.paste(picture, (0, 0), picture)
    out = BytesIO()
    white.save(out, "JPEG", quality=72)
    return out.getvalue()
