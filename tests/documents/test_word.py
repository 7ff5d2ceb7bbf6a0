"""Words of a Word file by its XML: what stands beside what, and what is passed over."""

import zipfile
from pathlib import Path

import pytest

from documents import word

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def p(text: str = "") -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" if text else "<w:p/>"


def table(*cells: str) -> str:
    return "<w:tbl><w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr></w:tbl>"


def control(inner: str) -> str:
    return f"<w:sdt><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


@pytest.fixture
def read(tmp_path: Path):
    def make(body: str):
        path = tmp_path / "a.docx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        return word.read(path)

    return make


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (p("A") + p("B"), "A\nB"),
        (p() + p("A"), "A"),
        (p("A") + p() + p("B"), "A\n\nB"),
        (p("X") + control(p() + p("A")), "X\nA"),
        (p("X") + f"<w:customXml>{p() + p('A')}</w:customXml>", "X\nA"),
        (p("Подпись:") + table(p() + p("A")), "Подпись:\nA"),
        (p("X") + table(p("A")) + table(p() + p("B")), "XA\nB"),
    ],
)
def test_an_empty_paragraph_still_parts_lines(read, cell: str, words: str):
    grid = read(table(cell)).grids[0]

    assert grid.rows == [[words]]


def test_a_wide_cell_stands_in_each_of_its_columns(read):
    span = '<w:tcPr><w:gridSpan w:val="{}"/></w:tcPr>'
    grid = read(table(span.format(3) + p("A"), p("B")) + table(span.format("x") + p("C"))).grids

    assert [one.rows for one in grid] == [[["A", "A", "A", "B"]], [["C"]]]


def test_a_table_in_a_cell_comes_after_the_one_around_it(read):
    content = read(table(p("A") + table(p("B") + table(p("C")))))

    assert [one.rows for one in content.grids] == [[["ABC"]], [["BC"]], [["C"]]]
    assert [one.name for one in content.grids] == ["table 1", "table 2", "table 3"]


def test_each_text_box_is_read_once(read):
    box = f"<w:r><w:pict><w:txbxContent>{p('B')}{table(p('C'))}</w:txbxContent></w:pict></w:r>"
    content = read(f"<w:p><w:r><w:t>A</w:t></w:r>{box}</w:p>" + table(f"<w:p>{box.replace('B', 'D')}</w:p>"))

    assert [one.text for one in content.passages] == ["A", "B", "D"]
    assert [one.rows for one in content.grids] == [[["C"]], [[""]], [["C"]]]


@pytest.mark.parametrize("mark", ["ins", "del", "moveFrom", "moveTo"])
def test_tracked_changes_are_seen(read, mark: str):
    assert "tracked_changes" in read(f"<w:p><w:{mark}><w:r><w:t>A</w:t></w:r></w:{mark}></w:p>{p('B')}").faults
    assert "tracked_changes" not in read(p("B")).faults
