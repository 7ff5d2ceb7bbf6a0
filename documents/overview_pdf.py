"""An overview as PDF on A4. The same page gives the same bytes."""

from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, KeepTogether, Spacer

from documents.overview import Columns, Page
from documents.typeset import built, said, style, table

_FACTS: Final = (52, 118)  # mm
_LONGEST: Final = 800  # signs of a cell: some fifty lines of the narrowest column
_LINES: Final = 20


def pdf(page: Page) -> bytes:
    """The file's bytes."""
    label, value = style(9.5, bold=True), style(9.5)
    story: list[Any] = [
        said(page.title, style(16, bold=True, after=2)),
        said(page.subtitle, style(11.5, after=8)),
        table([[said(one, label), said(told, value)] for one, told in page.facts], _FACTS, head=False),
    ]
    for section in page.sections:
        title = said(section.title, style(12.5, bold=True, after=5))
        about = [said(one, style(8.5, after=3)) for one in section.notes]
        story.append(Spacer(1, 6 * mm))
        if section.drawings:
            first, *others = section.drawings
            last = [Spacer(1, 2 * mm), *about]
            story.append(KeepTogether([title, first, *([] if others else last)]))
            story += [KeepTogether([one, *(last if one is others[-1] else [])]) for one in others]
        else:
            story += [CondPageBreak(35 * mm), title, *about]
        if section.table is not None:
            story.append(_rows(section.table))
    story += [Spacer(1, 6 * mm), said(page.foot, style(8.5))]
    return built(story, foot=page.subtitle)


def _rows(columns: Columns) -> Any:
    plain, figures = style(8.5), style(8.5, align=2)
    head, head_of_figures = style(8.5, bold=True), style(8.5, bold=True, align=2)
    rows: list[list[Any]] = [
        [said(one, head_of_figures if at in columns.right else head) for at, one in enumerate(columns.head)]
    ]
    rows += [
        [said(_cut(one), figures if at in columns.right else plain) for at, one in enumerate(row)]
        for row in columns.rows
    ]
    return table(rows, columns.widths, head=True)


def _cut(text: str) -> str:
    """No row may be higher than a page: what is longer is cut here, and whole in the HTML."""
    text = text if text.count("\n") < _LINES else " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
