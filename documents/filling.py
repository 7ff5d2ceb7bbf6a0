"""A docx template filled in. Its markup is prepared once; a paper then costs its own text and not the template's styles."""

import re
import zipfile
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docxtpl import DocxTemplate
from jinja2 import Environment, meta
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] (no stubs)

# ZIP has no time before this one; a fixed time makes the same paper the same bytes
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_TYPES: Final = "[Content_Types].xml"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWN: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_BLIP: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_EMBED: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
PICTURE: Final = "checkpoint"
_NARROWEST: Final = 1700  # 30 mm in twentieths of a point: a column of names below that is not readable
_VARIED: Final = {RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER, RELATIONSHIP_TYPE.FOOTNOTES}
_TAG: Final = re.compile(r"\{%[-+]?\s*(\w+)")
_BEGINS, _ENDS, _GOES_ON = frozenset({"if", "for"}), frozenset({"endif", "endfor"}), frozenset({"elif", "else"})
_BREAKS: Final = re.compile("[\t\n\a\f]")  # what becomes a mark of its own inside a text


class _Engine(DocxTemplate):
    """Refuses broken XML, where the library would mend it and lose text."""

    def fix_tables(self, xml: str) -> Any:
        tree = _parsed(xml)
        if not all(map(_even, tree.iter(_W + "tbl"))):  # the library reads it anew
            tree = super().fix_tables(xml)
        for table in tree.iter(_W + "tbl"):
            _fit_columns(table)
        return tree

    def resolve_listing(self, xml: str) -> str:
        return super().resolve_listing(xml) if _BREAKS.search(xml) else xml


@dataclass(frozen=True)
class Template:
    """A template taken apart: `asks` are the names that it uses, `varied` its parts with markup, `rest` all others, packed.

    `steady`: whatever text is filled in, its tables keep their columns, so that none need be mended.
    `picture` is the part whose picture is the paper's own (by its alternative text, `PICTURE`), and how it is in the template.
    """

    asks: frozenset[str]
    main: str
    varied: Mapping[str, str]
    rest: bytes
    steady: bool
    picture: tuple[str, bytes] | None = None

    def fill(self, context: Mapping[str, Any], engine: Environment, picture: bytes | None = None) -> bytes:
        """The paper as docx, the same bytes for the same values. Raises what templates and broken XML raise."""
        library = _Engine(BytesIO())
        out = BytesIO(self.rest)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
            for name, source in self.varied.items():
                text = library.render_xml_part(source, None, dict(context), engine)
                if name == self.main:
                    tree = _parsed(text) if self.steady else library.fix_tables(text)
                    library.docx_ids_index = 1000
                    library.fix_docpr_ids(tree)
                else:
                    tree = _parsed(text)
                _put(package, name, etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))
            if self.picture is not None:
                _put(package, self.picture[0], picture or self.picture[1])
        return out.getvalue()


@lru_cache(maxsize=64)
def opened(template: bytes, engine: Environment) -> Template:
    """The template made ready; `engine` knows its filters. Raises whatever a file raises that is no docx, or whose markup is broken."""
    library = _Engine(BytesIO(template))
    main = Document(BytesIO(template)).part
    package: Any = main.package
    parts = [main, *(one.target_part for one in main.rels.values() if one.reltype in _VARIED and not one.is_external)]
    parts += [one for one in package.iter_parts() if one.content_type == CONTENT_TYPE.OPC_CORE_PROPERTIES]
    sources = {
        str(part.partname).lstrip("/"): library.patch_xml(library.xml_to_string(_parsed(part.blob))) for part in parts
    }
    name = str(main.partname).lstrip("/")
    varied = {one: source for one, source in sources.items() if "{" in source or one == name}
    asks = meta.find_undeclared_variables(engine.parse("".join(varied.values())))
    picture = _picture(main)
    apart = {*varied, *([picture[0]] if picture else [])}
    return Template(frozenset(asks), name, varied, _rest(template, apart), _steady(sources[name]), picture)


def _picture(main: Any) -> tuple[str, bytes] | None:
    for drawing in _parsed(main.blob).iter(_W + "drawing"):
        named = [one for one in drawing.iter(_DRAWN + "docPr") if one.get("descr") == PICTURE]
        for blip in drawing.iter(_BLIP) if named else ():
            part = main.related_parts.get(blip.get(_EMBED))
            if part is not None:
                return str(part.partname).lstrip("/"), part.blob
    return None


def _rest(template: bytes, apart: Container[str]) -> bytes:
    with zipfile.ZipFile(BytesIO(template)) as package:
        return settled(template, [name for name in package.namelist() if name not in apart])


def settled(made: bytes, names: list[str] | None = None) -> bytes:
    """The package, or these members of it, in one order and at one time."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        # the list of content types comes first, as readers expect it
        for name in sorted(old.namelist() if names is None else names, key=lambda name: (name != _TYPES, name)):
            _put(new, name, old.read(name))
    return out.getvalue()


def _put(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    package.writestr(member, content)


def _parsed(xml: str | bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, huge_tree=True))


def _even(table: Any) -> bool:
    """Whether each row has as many cells as the table has columns, so that nothing is to be mended."""
    columns = len(table.findall(f"{_W}tblGrid/{_W}gridCol"))
    return all(len(row.findall(_W + "tc")) == columns for row in table.iter(_W + "tr"))


def _steady(source: str) -> bool:
    """Whether no markup can change a table's columns: it stands in rows or in cells, never between cells or over several.

    Only conditions and loops are looked through, and tables whose cells all have their width, which is that of the columns.
    """
    if not {found[1] for found in _TAG.finditer(source)} <= _BEGINS | _ENDS | _GOES_ON:
        return False
    try:
        tree = _parsed(source)
        tables, cells = list(tree.iter(_W + "tbl")), list(tree.iter(_W + "tc"))
        between = ("".join([row.text or "", *(cell.tail or "" for cell in row)]) for row in tree.iter(_W + "tr"))
        if any("{" in text for text in between) or not all(map(_closed, cells)):
            return False
        before = etree.tostring(tree)
        for table in tables:
            _fit_columns(table)
    except (etree.XMLSyntaxError, ValueError):  # markup may be more than text, or stand where a width is expected
        return False
    wide = all(cell.find(f"{_W}tcPr/{_W}tcW") is not None for cell in cells)
    return wide and all(map(_even, tables)) and etree.tostring(tree) == before


def _closed(cell: Any) -> bool:
    """Whether all that begins in a cell ends in it, and nothing else does."""
    depth = 0
    for tag in _TAG.findall("".join(cell.itertext())):
        depth += (tag in _BEGINS) - (tag in _ENDS)
        if depth < 0:
            return False
    return depth == 0


def _fit_columns(table: Any) -> None:
    """After columns were made in a loop: what is too wide is taken from the widest column, then from all."""
    grid = table.findall(f"{_W}tblGrid/{_W}gridCol")
    rows = [row.findall(_W + "tc") for row in table.findall(_W + "tr")]
    if any(len(row) != len(grid) for row in rows) or not rows:
        return
    room = sum(int(column.get(_W + "w", "0")) for column in grid)
    cells = [cell.find(f"{_W}tcPr/{_W}tcW") for cell in rows[0]]
    if any(cell is None for cell in cells):
        return
    widths = [int(cell.get(_W + "w", "0")) for cell in cells]
    widest = max(range(len(widths)), key=widths.__getitem__)
    widths[widest] = max(widths[widest] + room - sum(widths), min(widths[widest], _NARROWEST))
    widths = [width * room // max(sum(widths), 1) for width in widths]
    for at, column in enumerate(grid):
        column.set(_W + "w", str(widths[at]))
        for row in rows:
            width = row[at].find(f"{_W}tcPr/{_W}tcW")
            if width is not None:
                width.set(_W + "w", str(widths[at]))
