"""A timeline as PDF on A4. The same timeline gives the same bytes."""

from collections.abc import Iterator
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Paragraph, Spacer, TableStyle

from documents.timeline import Moment, Timeline
from documents.typeset import RULE, built, said, style, table

_FACTS: Final = (52, 118)  # mm
_WIDTHS: Final = (25, 145)
_WARNING: Final = HexColor("#fff6ec")
_LONGEST: Final = 1200  # signs of a paragraph: a third of a page


def pdf(told: Timeline) -> bytes:
    """The file's bytes."""
    label, value = style(9.5, bold=True), style(9.5)
    warning = LongTable([[said(told.warning, style(9))]], colWidths=[170 * mm], style=_warned())
    story: list[Any] = [
        said(told.title, style(16, bold=True, after=2)),
        said(told.subtitle, style(11.5, after=8)),
        table([[said(one, label), said(text, value)] for one, text in told.facts], _FACTS, head=False),
        Spacer(1, 4 * mm),
        warning,
        Spacer(1, 5 * mm),
    ]
    if told.moments:
        story.append(_moments(told))
    story += [Spacer(1, 6 * mm), said(told.foot, style(8.5))]
    return built(story, foot=f"{told.title}: {told.subtitle}")


def _warned() -> TableStyle:
    return TableStyle(
        [("BACKGROUND", (0, 0), (-1, -1), _WARNING), ("LINEBEFORE", (0, 0), (0, -1), 2, HexColor("#b35900"))]
    )


def _moments(told: Timeline) -> LongTable:
    """A row for each line: a table may part between any two, so that no act is too long for a page."""
    rows: list[list[Any]] = []
    look: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 0.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5),
        ("LEFTPADDING", (0, 0), (0, -1), 2),
    ]
    for one in told.moments:
        first = len(rows)
        when = [
            said(f"№ {one.number}", style(9, bold=True, after=0)),
            *(said(part, style(8, after=0)) for part in (one.day, one.clock)),
        ]
        lines = list(_lines(told, one))
        rows.append([when, [said(_cut(one.what), style(9.5, bold=True, after=1)), *lines[:1]]])
        rows += [["", line] for line in lines[1:]]
        look += [
            ("LINEABOVE", (0, first), (-1, first), 0.5, RULE),
            ("TOPPADDING", (0, first), (-1, first), 4),
            ("BOTTOMPADDING", (0, len(rows) - 1), (-1, len(rows) - 1), 5),
            ("NOSPLIT", (0, first), (-1, min(first + 3, len(rows) - 1))),
        ]
    return LongTable(rows, colWidths=[width * mm for width in _WIDTHS], style=TableStyle(look))


def _lines(told: Timeline, one: Moment) -> Iterator[Paragraph]:
    small, strong = style(8.5, after=0), style(8.5, bold=True, after=0)
    if one.ground or one.pack:
        yield said(
            _cut(
                f"{told.ground}: {one.ground} [{one.pack}]"
                if one.ground and one.pack
                else f"{told.ground}: {one.ground}"
                if one.ground
                else f"{told.pack}: {one.pack}"
            ),
            small,
        )
    for row in one.touched:
        yield said(_cut(row.name), strong)
        # the face has no arrow
        parts = [f"{one.name}: {one.old} › {one.new}" if one.old else f"{one.name}: {one.new}" for one in row.changes]
        for change in ["; ".join(parts)] if row.fresh else parts:
            if change:
                yield said(_cut(change), small)
    if one.files:
        yield said(f"{told.files}:", strong)
        for name, sha256 in one.files:
            yield said(_cut(name), small)
            yield said(sha256, style(7, after=0, breaks=True))
    yield said(f"{told.hash}: {one.hash}", style(7, after=0, breaks=True))


def _cut(text: str) -> str:
    """No line may be higher than a page: what is longer is cut here, and whole in the HTML."""
    text = text if text.count("\n") < 20 else " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
