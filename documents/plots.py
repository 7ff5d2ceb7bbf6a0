"""The plots of an overview: indicators plan against fact, the spending curve, the timeline of periods.

Each is one drawing of reportlab, from which the PDF and the SVG inside the HTML are made. Figures and texts come ready;
nothing is worked out here but places. All is told apart without colours: by fill, hatching, dashes and outline.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Final, Literal

from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from documents.typeset import GREY, RULE, faces, shortened

WIDTH: Final = 468.0  # points; the room between the margins of an A4 page, as wide as the text of its tables
_INK: Final = HexColor("#1f4e5f")
_PALE: Final = HexColor("#c9d6db")
_ALARM: Final = HexColor("#9b1c1c")
_SMALL: Final = 7.5
_LABEL: Final = 400  # signs of a label that are looked at: two lines hold fewer
_TEXT: Final = 8.5

State = Literal["planned", "open", "received", "returned", "accepted", "overdue"]
STATES: Final[tuple[State, ...]] = ("planned", "open", "received", "returned", "accepted", "overdue")


@dataclass(frozen=True)
class Gauge:
    """An indicator: how far it came from its baseline to its target, in per cent; None where nothing was reported."""

    label: str
    told: str
    percent: int | None


@dataclass(frozen=True)
class Course:
    """A line of the curve: days with sums in tyiyn, rising. `hollow`: days whose sums are not settled yet."""

    label: str
    points: Sequence[tuple[date, int]]
    look: Literal["planned", "spent", "paid"]
    hollow: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Cell:
    """A reporting period on a timeline, its days included, and the last day for its report."""

    label: str
    starts: date
    ends: date
    due: date
    state: State


@dataclass(frozen=True)
class Band:
    """One row of a timeline, from its first day to its last; ticks are (day, label)."""

    label: str
    first: date
    last: date
    cells: Sequence[Cell]
    ticks: Sequence[tuple[date, str]] = field(default=())


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float = _TEXT,
    bold: bool = False,
    anchor: Literal["start", "middle", "end"] = "start",
    colour: Color = black,
) -> String:
    return String(x, y, text, fontName=faces()[bold], fontSize=size, textAnchor=anchor, fillColor=colour)


def _rule(
    x1: float, y1: float, x2: float, y2: float, *, colour: Color = RULE, width: float = 0.5, dash: Any = None
) -> Line:
    return Line(x1, y1, x2, y2, strokeColor=colour, strokeWidth=width, strokeDashArray=dash)


# the library's type stubs take the look of a shape for something else


def _rect(x: float, y: float, width: float, height: float, **look: Any) -> Rect:
    return Rect(x, y, width, height, **look)


def _polygon(points: Sequence[float], **look: Any) -> Polygon:
    return Polygon(list(points), **look)


# -- indicators ---------------------------------------------------------------------------------------------------------


def indicators(gauges: Sequence[Gauge]) -> Drawing:
    """A bar for each: the outline is the plan, from the baseline to the target, the filled part what was reached."""
    plain, _ = faces()
    full = WIDTH - 120.0
    names = [simpleSplit(one.label[:_LABEL], plain, _TEXT, WIDTH) or [""] for one in gauges]
    names = [
        lines if len(lines) < 3 else [lines[0], shortened(f"{lines[1]} {lines[2]}", plain, _TEXT, WIDTH)]
        for lines in names
    ]
    # what cannot be broken is cut: a name without a space may be longer than the page is wide
    names = [[shortened(line, plain, _TEXT, WIDTH) for line in lines] for lines in names]
    height = sum(11.0 * len(lines) + 22.0 for lines in names) or 1.0
    drawn = Drawing(WIDTH, height)
    y = height
    for gauge, lines in zip(gauges, names, strict=True):
        for line in lines:
            y -= 11.0
            drawn.add(_text(0, y + 2, line))
        y -= 12.0
        drawn.add(_rect(0, y, full, 9, fillColor=white, strokeColor=GREY, strokeWidth=0.7))
        if gauge.percent is not None:
            part = full * min(max(gauge.percent, 0), 100) / 100
            if part:
                drawn.add(_rect(0, y, part, 9, fillColor=_INK, strokeColor=_INK, strokeWidth=0.7))
            if gauge.percent > 100:
                drawn.add(_polygon([full + 2, y, full + 8, y + 4.5, full + 2, y + 9], fillColor=_INK, strokeColor=None))
        drawn.add(_text(full + 12, y + 1.5, shortened(gauge.told, plain, _TEXT, WIDTH - full - 12)))
        y -= 10.0
    return drawn


# -- spending -----------------------------------------------------------------------------------------------------------


def spending(
    lines: Sequence[Course], first: date, last: date, ticks: Sequence[tuple[date, str]], *, unit: str
) -> Drawing:
    """Sums over days, from nothing. The plan is dashed, what was paid a thin stair, what was spent thick with dots."""
    top = max((value for line in lines for _, value in line.points), default=0)
    step = _step(top)
    reach = max(-(-top // step), 1) * step
    marks = [(value, _sum(value)) for value in range(0, reach + 1, step)]
    left = max(stringWidth(told, faces()[0], _SMALL) for _, told in marks) + 8
    low, high, right = 30.0, 172.0, WIDTH - 14
    drawn = Drawing(WIDTH, 206.0)

    def place(on: date, value: int) -> tuple[float, float]:
        share = (on - first).days / max((last - first).days, 1)
        return left + (right - left) * min(max(share, 0.0), 1.0), low + (high - low) * value / reach

    for value, told in marks:
        y = place(first, value)[1]
        drawn.add(_rule(left, y, right, y, colour=RULE if value else GREY))
        drawn.add(_text(left - 4, y - 2.5, told, size=_SMALL, anchor="end"))
    drawn.add(_text(left - 4, high + 9, unit, size=_SMALL, anchor="end", colour=GREY))
    until = 0.0
    for on, label in ticks:
        x = place(on, 0)[0]
        half = stringWidth(label, faces()[0], _SMALL) / 2
        drawn.add(_rule(x, low, x, low - 3, colour=GREY))
        if x - half >= until and x + half <= WIDTH:
            drawn.add(_text(x, low - 12, label, size=_SMALL, anchor="middle"))
            until = x + half + 4
    for line in lines:
        places = [place(on, value) for on, value in line.points]
        drawn.add(_curve(line, places))
    drawn.add(_names_of(lines, left, 196.0))
    return drawn


def _curve(line: Course, places: Sequence[tuple[float, float]]) -> Group:
    group = Group()
    if line.look == "paid":
        stair = [point for (x1, y1), (x2, _) in pairwise(places) for point in ((x1, y1), (x2, y1))]
        _path(group, [*stair, *places[-1:]], GREY, 1.0, None)
    elif line.look == "planned":
        _path(group, places, GREY, 1.2, [5, 3])
    else:
        _path(group, places, _INK, 2.0, None)
        for (on, _), (x, y) in zip(line.points, places, strict=True):
            group.add(_dot(x, y, white if on in line.hollow else _INK))
    return group


def _dot(x: float, y: float, fill: Color) -> Circle:
    return Circle(x, y, 2.4, fillColor=fill, strokeColor=_INK, strokeWidth=1)


def _path(group: Group, places: Sequence[tuple[float, float]], colour: Color, width: float, dash: Any) -> None:
    if len(places) > 1:
        flat = [number for place in places for number in place]
        group.add(PolyLine(flat, strokeColor=colour, strokeWidth=width, strokeDashArray=dash))


def _names_of(lines: Sequence[Course], x: float, y: float) -> Group:
    group = Group()
    for line in lines:
        if line.look == "spent":
            _path(group, [(x, y), (x + 22, y)], _INK, 2.0, None)
            group.add(_dot(x + 11, y, _INK))
        else:
            group.add(_curve(line, [(x, y), (x + 22, y)]))
        group.add(_text(x + 27, y - 3, line.label))
        x += 42 + stringWidth(line.label, faces()[0], _TEXT)
    return group


def _step(top: int) -> int:
    """A round step, in tyiyn, that parts the axis into three to six."""
    size = 100
    while True:
        for factor in (1, 2, 5):
            if top <= factor * size * 5:
                return factor * size
        size *= 10


def _sum(tyiyn: int) -> str:
    return f"{tyiyn // 100:,}".replace(",", "\u00a0")


# -- timeline -----------------------------------------------------------------------------------------------------------

_BAR: Final = 13.0


def timeline(bands: Sequence[Band], today: date, legend: Sequence[tuple[State, str]], *, due: str, now: str) -> Drawing:
    """A row for each band; a period is a bar with its number, the small triangle under it the last day for its report."""
    plain, _ = faces()
    left = min(max((stringWidth(one.label, plain, _TEXT) for one in bands), default=0) + 8, 130.0)
    row = 38.0
    told = list(_legend(legend, due, now))
    drawn = Drawing(WIDTH, row * len(bands) + told[-1][1] + 16)
    y = drawn.height
    for band in bands:
        y -= row
        drawn.add(_band(band, left, y, today))
    for group, down in told:
        group.translate(0, y - down - 8)
        drawn.add(group)
    return drawn


def _band(band: Band, left: float, y: float, today: date) -> Group:
    plain, _ = faces()
    days = max((band.last - band.first).days + 1, 1)
    right = WIDTH - 2
    base = y + 11
    group = Group()

    def at(on: date, after: int = 0) -> float:
        return left + (right - left) * min(max((on - band.first).days + after, 0), days) / days

    group.add(_text(0, base + 3, shortened(band.label, plain, _TEXT, left - 6)))
    group.add(_rule(left, base - 1, right, base - 1))
    until = left
    for on, label in band.ticks:
        x = at(on)
        group.add(_rule(x, base - 1, x, base + _BAR + 4))
        if label and x >= until and x + stringWidth(label, plain, 6) + 2 <= right:
            group.add(_text(x + 2, base + _BAR + 3, label, size=6, colour=GREY))
            until = x + stringWidth(label, plain, 6) + 5
    for cell in band.cells:
        x, width = at(cell.starts), at(cell.ends, 1) - at(cell.starts)
        if width > 0:
            group.add(_cell(cell.state, x, base, width, cell.label))
    for cell in band.cells:
        if band.first <= cell.due <= band.last:
            group.add(_mark(at(cell.due), base, cell.state))
    if band.first <= today <= band.last:
        group.add(_rule(at(today), base - 8, at(today), base + _BAR + 2, colour=_ALARM, width=1.2))
    return group


def _mark(x: float, base: float, state: State) -> Polygon:
    settled = state in ("received", "accepted")
    fill = _INK if settled else _ALARM if state == "overdue" else white
    edge = _ALARM if state == "overdue" else _INK
    return _polygon(
        [x, base - 2, x - 2.6, base - 7, x + 2.6, base - 7], fillColor=fill, strokeColor=edge, strokeWidth=0.7
    )


def _cell(state: State, x: float, y: float, width: float, label: str) -> Group:
    _, bold = faces()
    group = Group()
    looks: dict[State, tuple[Color, Color, float, Any]] = {
        "planned": (white, RULE, 0.6, [2, 2]),
        "open": (white, _INK, 1.0, None),
        "received": (_PALE, _INK, 0.6, None),
        "returned": (white, _INK, 0.6, None),
        "accepted": (_INK, _INK, 0.6, None),
        "overdue": (white, _ALARM, 1.8, None),
    }
    fill, edge, thick, dash = looks[state]
    inset = min(0.6, width / 4)
    x, width = x + inset, width - 2 * inset
    group.add(_rect(x, y, width, _BAR, fillColor=fill, strokeColor=edge, strokeWidth=thick, strokeDashArray=dash))
    if state == "returned":
        for one in _hatching(x, y, width):
            group.add(one)
    text = f"{label}\u202f!" if state == "overdue" else label
    size = next((one for one in (7.5, 6.0) if stringWidth(text, bold, one) <= width - 2), 0.0)
    if size:
        half = stringWidth(text, bold, size) / 2
        if state == "returned":  # hatching would run through the figure
            group.add(
                _rect(x + width / 2 - half - 1, y + 2.5, 2 * half + 2, _BAR - 5, fillColor=white, strokeColor=None)
            )
        ink = white if state == "accepted" else _ALARM if state == "overdue" else black
        strong = state in ("accepted", "overdue")
        group.add(
            _text(x + width / 2, y + _BAR / 2 - size * 0.35, text, size=size, bold=strong, anchor="middle", colour=ink)
        )
    return group


def _hatching(x: float, y: float, width: float) -> Iterator[Line]:
    """Strokes from the lower left to the upper right, cut at the bar's ends."""
    start = -_BAR
    while start < width:
        low, high = max(start, 0.0), min(start + _BAR, width)
        yield _rule(x + low, y + low - start, x + high, y + high - start, colour=_INK, width=0.6)
        start += 4.0


def _legend(legend: Sequence[tuple[State, str]], due: str, now: str) -> Iterator[tuple[Group, float]]:
    """What each look means, in lines as wide as the page, each with how far down it stands."""
    plain, _ = faces()
    x, down = 0.0, 12.0
    marks: tuple[tuple[State | Literal["due", "now"], str], ...] = (*legend, ("due", due), ("now", now))
    for state, label in marks:
        wide = 24 + stringWidth(label, plain, _SMALL) + 12
        if x and x + wide > WIDTH:
            x, down = 0.0, down + 16
        group = Group()
        if state == "due":
            group.add(_mark(x + 9, 12, "planned"))
        elif state == "now":
            group.add(_rule(x + 9, 0, x + 9, _BAR, colour=_ALARM, width=1.2))
        else:
            group.add(_cell(state, x, 0, 18, ""))
        group.add(_text(x + 22, 3.5, label, size=_SMALL))
        yield group, down
        x += wide


# -- svg ----------------------------------------------------------------------------------------------------------------

_FAMILY: Final = "font-family: 'PT Serif', 'DejaVu Serif', serif;"


def svg(drawn: Drawing, name: str, title: str) -> str:
    """The drawing as SVG to stand inside a page: without a prologue, with a name of its own for what it refers to."""
    text = renderSVG.drawToString(drawn)
    text = text[text.index("<svg") :]
    text = text.replace("font-family: Text-Bold;", f"{_FAMILY} font-weight: bold;").replace(
        "font-family: Text;", _FAMILY
    )
    text = text.replace('id="clip"', f'id="{name}-clip"').replace("url(#clip)", f"url(#{name}-clip)")
    text = text.replace('id="group"', f'id="{name}"').replace("<svg ", '<svg role="img" ', 1)
    text = text.replace("fill: None;", "fill: none;")  # not every reader takes the word as it comes from the library
    safe = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"<title>[^<]*</title>", lambda _: f"<title>{safe}</title>", text, count=1)
    return re.sub(r"\s*<desc>[^<]*</desc>", "", text, count=1)
