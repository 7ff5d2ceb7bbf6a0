"""Which templates need no look at their tables when they are filled in, and that it changes nothing."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document as Word
from docx.shared import Twips
from jinja2 import Environment

from documents import draft, filling
from documents.filling import opened
from tests.documents import makers

TEMPLATES = sorted(Path(draft.__file__).parent.joinpath("templates").glob("*.docx"))
ENGINE = Environment(autoescape=True)


def template(*cells: str, widths: tuple[int, ...] = ()) -> bytes:
    """A table of one row with a cell for each text."""
    word = Word()
    table = word.add_table(rows=1, cols=len(cells))
    for cell, text in zip(table.rows[0].cells, cells, strict=True):
        cell.text = text
    for cell, width in zip(table.rows[0].cells, widths, strict=False):
        cell.width = Twips(width)
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def changed(made: bytes, old: str, new: str) -> bytes:
    """The same file with other words in its main part."""
    out = BytesIO()
    with ZipFile(BytesIO(made)) as before, ZipFile(out, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "word/document.xml":
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            after.writestr(name, content)
    return out.getvalue()


def steady(made: bytes) -> bool:
    return opened(made, ENGINE).steady


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_of_our_own_only_the_minutes_make_columns(path: Path):
    assert opened(path.read_bytes(), draft._environment("ky")).steady is (path.stem != "minutes")


def test_markup_that_may_change_the_columns_is_seen():
    assert steady(template("{{ a }}", "{% if a %}x{% endif %}"))
    assert not steady(template("{%tc for one in a %}", "{{ one }}", "{%tc endfor %}"))
    assert not steady(template("{% if a %}x", "{% endif %}y"))
    assert not steady(template("{% for one in a %}x", "z", "{% endfor %}y"))
    assert not steady(template("{%tc if a %}", "x", "{%tc endif %}", "y"))
    assert not steady(template("{% set q %}x", "{% endset %}z"))
    assert not steady(template("{% macro m() %}x", "{% endmacro %}z"))


def test_a_width_that_markup_gives_or_that_is_not_there_is_looked_at_each_time():
    made = template("a", "b")
    assert not steady(changed(made, 'w:w="4320"', 'w:w="{{ n }}"'))
    assert not steady(changed(made, '<w:tcW w:type="dxa" w:w="4320"/>', ""))


def test_columns_that_are_not_as_wide_as_their_cells_are_mended_each_time():
    assert steady(template("a", "b", widths=(4320, 4320)))
    assert not steady(template("a", "b", widths=(1000, 7640)))


def test_a_template_with_a_cell_that_goes_when_it_is_filled_in_still_fits():
    filled = opened(template("{% if a %}x", "{% endif %}y", "z"), ENGINE).fill({"a": False}, ENGINE)
    table = Word(BytesIO(filled)).tables[0]
    assert [cell.text for cell in table.rows[0].cells] == ["y", "z"]
    assert len(table.columns) == 2


def test_the_look_that_is_left_out_would_have_changed_nothing(monkeypatch: pytest.MonkeyPatch):
    quick = {name: draft.draft(paper) for name, paper in makers.every_paper().items()}
    monkeypatch.setattr(filling, "_steady", lambda _: False)
    opened.cache_clear()
    assert {name: draft.draft(paper) for name, paper in makers.every_paper().items()} == quick
    opened.cache_clear()
