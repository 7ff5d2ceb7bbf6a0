"""Every hostile file, how it is made, and the verdict that its sender reads."""

from collections.abc import Callable
from html import escape

from schemas.facts import Fault
from tests.documents.hostile import offices as o
from tests.documents.hostile import pdfs as p
from tests.documents.hostile import pictures as i
from tests.documents.hostile.texts import WORDS, said

Case = tuple[Callable[[], bytes], tuple[Fault, ...]]

PDFS: dict[str, Case] = {
    "1 GB.pdf": (lambda: p.bomb(1_000), (Fault.TOO_HUNGRY,)),
    "1 GB packed twice.pdf": (lambda: p.bomb_in_bomb(1_000), (Fault.TOO_HUNGRY,)),
    "3,000,000 operators.pdf": (lambda: p.operators(3_000_000), (Fault.NO_TEXT,)),
    "300,000 operators.pdf": (lambda: p.operators(300_000), (Fault.NO_TEXT,)),
    "8 to the 11th drawings.pdf": (lambda: p.nested_forms(11, 8), (Fault.TOO_HUNGRY,)),
    "a drawing that draws itself twice.pdf": (p.own_drawing, (Fault.TOO_HUNGRY,)),
    "1,000,000 shared pages.pdf": (lambda: p.shared_pages(3, 100), (Fault.TOO_MANY_PAGES,)),
    "301 pages.pdf": (lambda: p.heavy(301, 1), (Fault.TOO_MANY_PAGES,)),
    "a heavy page 300 times.pdf": (lambda: p.heavy(300, 200_000), (Fault.TOO_SLOW,)),
    "40,000 fields.pdf": (lambda: p.fields(40_000), (Fault.NO_TEXT,)),
    "a picture of 60,000 x 60,000.pdf": (lambda: p.image(60_000), (Fault.NO_TEXT,)),
    "a jbig2 of 60,000 x 60,000.pdf": (lambda: p.jbig2(60_000), (Fault.NO_TEXT,)),
    "100,000 brackets.pdf": (lambda: p.deep(100_000, b"[", b"]"), (Fault.NO_TEXT,)),
    "100,000 dictionaries.pdf": (lambda: p.deep(100_000, b"<< /A ", b">>"), (Fault.NO_TEXT,)),
    **{f"{name}.pdf": (lambda data=data: data, (Fault.NO_TEXT,)) for name, data in p.circles().items()},
    "for the holders of a key.pdf": (p.for_a_key, (Fault.ENCRYPTED,)),
    "signatures.pdf": (lambda: p.written([b"Signature: "] * 20_000), ()),
    "one line.pdf": (lambda: p.written([b"1 " * 500_000]), ()),
    "dots.pdf": (lambda: p.written([b"The head of the fund signs below: Name" + b"." * 60 + b"/Asanov"] * 3_000), ()),
}

OFFICES: dict[str, Case] = {
    "2 GB.docx": (lambda: o.swollen_docx(2_000), (Fault.UNSAFE_ARCHIVE,)),
    "2 GB that claim to be 1 kB.docx": (lambda: o.swollen_docx(2_000, 1_000), (Fault.DAMAGED,)),
    "10 to the 9th entities.docx": (lambda: o.laughs(9), (Fault.DAMAGED,)),
    "a long entity.docx": (lambda: o.one_long_entity(100_000, 10_000), (Fault.DAMAGED,)),
    "an entity of this machine.docx": (o.foreign_entity, (Fault.NO_TEXT,)),
    "10,000 tables in each other.docx": (lambda: o.nested_tables(10_000), (Fault.DAMAGED,)),
    "80 tables in each other.docx": (lambda: o.nested_tables(80), ()),
    "10,000 controls in each other.docx": (lambda: o.nested_controls(10_000), (Fault.DAMAGED,)),
    "110 controls in each other.docx": (lambda: o.nested_controls(110), ()),
    "80 boxes in each other.docx": (lambda: o.nested_boxes(80), ()),
    "cells over 999,999,999 columns.docx": (lambda: o.wide_cells(500), ()),
    "1,000,000 cells.xlsx": (lambda: o.cells(1_000, 1_000), ()),
    "17,000,000,000 cells between two.xlsx": (o.far_cell, (Fault.DAMAGED,)),  # else the package is sound: test_sheet
    "sums of sums.xlsx": (o.sums_of_sums, ()),
    "a string of 10 MB in 100 cells.xlsx": (lambda: o.huge_strings(10), (Fault.TOO_HUNGRY,)),
    "80 tables in each other.odt": (lambda: o.odt_tables(80), ()),
    "10,000 tables in each other.odt": (lambda: o.odt_tables(10_000), (Fault.DAMAGED,)),
    "2 GB.odt": (lambda: o.swollen_odt(2_000), (Fault.UNSAFE_ARCHIVE,)),
    "groups in each other.rtf": (lambda: o.rtf("deep"), ()),
    "a word for each letter.rtf": (lambda: o.rtf("words"), ()),
    "groups that stay open.rtf": (lambda: o.rtf("open"), (Fault.TRUNCATED, Fault.NO_TEXT)),
    "notes that stay open.rtf": (lambda: o.rtf("notes"), (Fault.TRUNCATED, Fault.NO_TEXT)),
    "a letter of a million digits.rtf": (lambda: o.rtf("numbers"), (Fault.DAMAGED,)),
    "a photograph of 54 MB.rtf": (lambda: o.rtf("photograph"), ()),
    "sectors in a circle.xls": (lambda: o.ole("circle"), (Fault.TOO_HUNGRY,)),
    "noise.xls": (lambda: o.ole("noise"), (Fault.LEGACY, Fault.DAMAGED)),
    "2 GB.zip": (lambda: o.archive("2 GB"), (Fault.UNSAFE_ARCHIVE,)),
    "one name twice.zip": (lambda: o.archive("twice"), (Fault.UNSAFE_ARCHIVE,)),
    "ten in each other.zip": (lambda: o.archive("nested"), (Fault.UNSAFE_ARCHIVE,)),
    "40 MB that claim to be 10 bytes.zip": (lambda: o.archive("lying"), (Fault.DAMAGED,)),
}

PICTURES: dict[str, Case] = {
    "60,000 x 60,000.png": (lambda: i.wide_png(60_000, 60_000), (Fault.TOO_LARGE,)),
    "16,000 x 12,000.png": (lambda: i.wide_png(16_000, 12_000), (Fault.NO_TEXT,)),
    "a byte too many.png": (i.broken_png, (Fault.DAMAGED,)),
    "a comment of 1 GB.png": (lambda: i.text_png(1_000), (Fault.DAMAGED,)),
    "60,000 x 60,000.jpg": (lambda: i.jpeg(60_000, 60_000), (Fault.TOO_LARGE,)),
    "passes without end.jpg": (lambda: i.scans(1_800), (Fault.TOO_SLOW,)),
}

TEXTS: dict[str, Case] = {
    "one line of 100 MB.txt": (lambda: b"a " * 50_000_000, ()),
    "lines of one letter.txt": (lambda: b"a\n" * 1_000_000, ()),
    # the name says what kind of paper it is, and so which values are looked for
    **{
        f"{kind} {name}.txt": (lambda word=word: said(word, 50_000).encode(), ())
        for kind in ("D02", "D04", "D07", "D13", "financial report")
        for name, word in WORDS.items()
    },
    **{
        f"{name}.docx": (lambda word=word: o.docx(o.paragraph(escape(said(word, 200_000)))), ())
        for name, word in WORDS.items()
    },
}

CASES = PDFS | OFFICES | PICTURES | TEXTS
