"""Every hostile file, how it is made, and the verdict that its sender reads."""

from collections.abc import Callable
from html import escape

from schemas.document import Fault as F
from tests.documents.hostile import offices as o
from tests.documents.hostile import pdfs as p
from tests.documents.hostile import pictures as i
from tests.documents.hostile.texts import WORDS, said

CASES: dict[str, tuple[Callable[[], bytes], tuple[F, ...]]] = {
    "1 GB.pdf": (lambda: p.bomb(1_000), (F.TOO_HUNGRY,)),
    "1 GB in a bomb.pdf": (lambda: p.bomb_in_bomb(1_000), (F.TOO_HUNGRY,)),
    "3,000,000 operators.pdf": (lambda: p.operators(3_000_000), (F.NO_TEXT,)),
    "300,000 operators.pdf": (lambda: p.operators(300_000), (F.NO_TEXT,)),
    "drawings 8 to the 11th.pdf": (lambda: p.nested_forms(11, 8), (F.TOO_HUNGRY,)),
    "1,000,000 shared pages.pdf": (lambda: p.shared_pages(3, 100), (F.TOO_MANY_PAGES, F.NO_TEXT)),
    "a heavy page 250 times.pdf": (lambda: p.heavy(250, 60_000), (F.TOO_SLOW,)),
    "40,000 fields.pdf": (lambda: p.fields(40_000), (F.NO_TEXT,)),
    "picture of 60,000 x 60,000.pdf": (lambda: p.image(60_000), (F.NO_TEXT,)),
    "jbig2 of 60,000 x 60,000.pdf": (lambda: p.jbig2(60_000), (F.NO_TEXT,)),
    "arrays.pdf": (lambda: p.deep(100_000, b"[", b"]"), (F.NO_TEXT,)),
    "dictionaries.pdf": (lambda: p.deep(100_000, b"<< /A ", b">>"), (F.NO_TEXT,)),
    **{f"{name}.pdf": (lambda data=data: data, (F.NO_TEXT,)) for name, data in p.circles().items()},
    "a drawing that draws itself twice.pdf": (lambda: p.nested_forms(1, 2).replace(b"6 0 R", b"5 0 R"), (F.TOO_HUNGRY,)),
    "one line of 1 MB.pdf": (lambda: p.written([b"1 " * 500_000]), ()),
    "2 GB.docx": (lambda: o.swollen_docx(2_000), (F.UNSAFE_ARCHIVE,)),
    "2 GB that claim to be 1 kB.docx": (lambda: o.swollen_docx(2_000, 1_000), (F.DAMAGED,)),
    "laughs.docx": (lambda: o.laughs(9), (F.DAMAGED,)),
    "one long entity.docx": (lambda: o.one_long_entity(100_000, 10_000), (F.DAMAGED,)),
    "foreign entity.docx": (o.foreign_entity, (F.NO_TEXT,)),
    "10,000 tables.docx": (lambda: o.nested_tables(10_000), (F.DAMAGED,)),
    "80 tables.docx": (lambda: o.nested_tables(80), ()),
    "10,000 controls.docx": (lambda: o.nested_controls(10_000), (F.DAMAGED,)),
    "80 boxes.docx": (lambda: o.nested_boxes(80), ()),
    "110 controls.docx": (lambda: o.nested_controls(110), ()),
    "wide cells.docx": (lambda: o.wide_cells(3_000), ()),
    "1,000,000 cells.xlsx": (lambda: o.cells(1_000, 1_000), ()),
    "cells far away.xlsx": (o.far_cell, (F.CRASHED,)),
    "huge strings.xlsx": (lambda: o.huge_strings(10), (F.TOO_HUNGRY,)),
    "tables.odt": (lambda: o.odt_tables(80), ()),
    "10,000 tables.odt": (lambda: o.odt_tables(10_000), (F.DAMAGED,)),
    **{f"{kind}.rtf": (lambda kind=kind: o.rtf(kind), ()) for kind in ("deep", "words")},
    **{f"{kind}.rtf": (lambda kind=kind: o.rtf(kind), (F.NO_TEXT,)) for kind in ("open", "pictures")},
    "numbers.rtf": (lambda: o.rtf("numbers"), (F.DAMAGED,)),
    "a photograph.rtf": (lambda: o.rtf("photograph"), ()),
    **{f"{kind}.zip": (lambda kind=kind: o.archive(kind), (F.UNSAFE_ARCHIVE,)) for kind in ("2 GB", "twice", "nested")},
    "lying.zip": (lambda: o.archive("lying"), (F.DAMAGED,)),
    "circle.xls": (lambda: o.ole("circle"), (F.TOO_HUNGRY,)),
    "noise.xls": (lambda: o.ole("noise"), (F.LEGACY, F.DAMAGED)),
    "60,000 x 60,000.png": (lambda: i.wide_png(60_000, 60_000), (F.TOO_LARGE,)),
    "16,000 x 12,000.png": (lambda: i.wide_png(16_000, 12_000), (F.NO_TEXT,)),
    "comment of 1 GB.png": (lambda: i.text_png(1_000), (F.DAMAGED,)),
    "60,000 x 60,000.jpg": (lambda: i.jpeg(60_000, 60_000), (F.TOO_LARGE,)),
    "1,000 passes.jpg": (lambda: i.scans(1_000), (F.TOO_SLOW,)),
    "one line of 100 MB.txt": (lambda: b"a " * 50_000_000, ()),
    "lines of one letter.txt": (lambda: b"a\n" * 2_500_000, ()),
    **{f"{name}.docx": (lambda word=word: o.docx(o.paragraph(escape(said(word, 1_000_000)))), ()) for name, word in WORDS.items()},
    **{f"{name}.txt": (lambda word=word: said(word, 1_000_000).encode(), ()) for name, word in WORDS.items()},
}
