"""Typed values and a template make a paper: docx, the same bytes each time.

The wording is in `templates/<paper>.docx`, which a lawyer may edit in a word processor: `{{ name }}` for a value,
`{%tr for line in lines %}` for rows. Templates run in a sandbox; a name that the paper does not have is an error.
"""

import re
import zipfile
from collections.abc import Callable, MutableMapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import LRUCache
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] (no stubs)
from pydantic import BaseModel

from documents import words
from documents.clauses import Ruled
from documents.papers import Notice, Paper
from documents.words import Language
from schemas.errors import BadDraft

TEMPLATES: Final = Path(__file__).parent / "templates"

# ZIP has no time before this one; a fixed time makes the same paper the same bytes
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NARROWEST: Final = 1700  # 30 mm in twentieths of a point: a column of names below that is not readable
# what XML 1.0 cannot carry, and the bell and form feed that the template engine would take for breaks
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")


def draft(paper: Paper, template: bytes | None = None) -> bytes:
    """The paper as docx. `template` replaces the shipped one (a customer's own wording).

    BadDraft: the template asks for what the paper does not have, is not a docx, or cannot be run.
    """
    name = paper.template
    context = _context(paper)
    engine = _environment(_language(paper))
    try:
        given = template if template is not None else (TEMPLATES / f"{name}.docx").read_bytes()
        missing = names_used(given) - context.keys()
        filled = _Strict(BytesIO(given))
        filled.render(context, engine)
        made = BytesIO()
        filled.save(made)
    except BadDraft as why:
        raise BadDraft(template=name, missing=why.facts["missing"]) from why
    # a template is a small program of a lawyer's and may fail in any way; to its author all are one and the same
    except Exception as why:
        raise BadDraft(template=name, missing=str(why)[:300]) from why
    if missing:
        # a name inside a branch not taken would fail on another day
        raise BadDraft(template=name, missing=", ".join(sorted(missing)))
    return settled(made.getvalue())


@lru_cache(maxsize=64)
def names_used(template: bytes) -> frozenset[str]:
    """The names that a template asks for, so that one can be checked when it is handed in. BadDraft if it is broken."""
    try:
        found = _Strict(BytesIO(template)).get_undeclared_template_variables(_environment("ky"))
    except Exception as why:
        raise BadDraft(template="", missing=str(why)[:300]) from why
    return frozenset(found)


class _Strict(DocxTemplate):
    """Refuses broken XML, where the library would mend it and lose text."""

    def fix_tables(self, xml: str) -> Any:
        etree.fromstring(xml, etree.XMLParser(resolve_entities=False, huge_tree=True))
        tree = super().fix_tables(xml)
        for table in tree.iter(_W + "tbl"):
            _fit_columns(table)
        return tree


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


def _language(paper: Paper) -> Language:
    return paper.language if isinstance(paper, Notice) else "ky"


def _context(paper: Paper) -> dict[str, Any]:
    language = _language(paper)

    def say(ky: str, ru: str, en: str) -> str:
        return {"ky": ky, "ru": ru, "en": en}[language]

    names = (*type(paper).model_fields, *(n for n, v in vars(type(paper)).items() if isinstance(v, property)))
    return {name: _plain(getattr(paper, name)) for name in names} | {"say": say}


def _plain(value: Any) -> Any:
    """Values without methods: a template sees names and numbers, never an object of ours."""
    if isinstance(value, Ruled):
        return value
    if isinstance(value, BaseModel):
        return SimpleNamespace(**{name: _plain(getattr(value, name)) for name in type(value).model_fields})
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return _UNWRITABLE.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
    return value


class _Remembering(ImmutableSandboxedEnvironment):
    """Compiles the text of a template once: thousands of receipts are made of the same one."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._compiled = LRUCache(256)

    def from_string(
        self,
        source: Any,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 -- the library's name
        template_class: Any = None,
    ) -> Template:
        found = self._compiled.get(source)
        if found is None:
            found = self._compiled[source] = super().from_string(source, globals, template_class)
        return found


@cache
def _environment(language: Language) -> ImmutableSandboxedEnvironment:
    engine = _Remembering(autoescape=True, undefined=StrictUndefined)
    for each in ("ky", "ru", "en"):
        for name, function in _filters(each).items():
            engine.filters[f"{name}_{each}"] = function
            if each == language:
                engine.filters[name] = function
    engine.filters["star"] = _star
    engine.filters["until"] = lambda on: words.day(on, "ky", "to")
    engine.filters["in_day"] = lambda on: words.day(on, "ky", "in")
    engine.filters["since"] = lambda on: words.day(on, "ky", "from")
    engine.filters["decimal"] = _decimal
    engine.filters["dash"] = lambda value: "—" if value in {None, ""} else value
    engine.filters["hash"] = lambda sha256: "\u200b".join(sha256[at : at + 16] for at in range(0, len(sha256), 16))
    return engine


def _filters(language: Language) -> dict[str, Callable[..., str]]:
    return {
        "amount": lambda tyiyn: words.amount(tyiyn, language),
        "money": lambda tyiyn: words.money(tyiyn, language),
        "day": lambda on: _day_or_blank(on, language),
        "moment": lambda at, zone: _moment(at, zone, language),
        "figures": lambda n: words.figures(n, language),
        "in_words": lambda n: f"{words.figures(n, language)} ({words.cardinal(n, language)})",
        "ruled": lambda ruled: _ruled(ruled, language),
    }


def _star(of: Any) -> str:
    return "*" if of.placeholder else ""


def _decimal(value: Decimal | None, places: int | None = None) -> str:
    if value is None:
        return "—"
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{value:f}".replace(".", ",")


def _day_or_blank(on: date | None, language: Language) -> str:
    """A date not yet known is left to be written by hand, in the form of its language."""
    if on is None:
        return {"ky": "20__-жылдын «___» __________", "ru": "«___» __________ 20__ г.", "en": "___ __________ 20__"}[
            language
        ]
    return words.day(on, language)


def _moment(at: datetime | date, zone: str, language: Language) -> str:
    return words.moment(at, zone, language) if isinstance(at, datetime) else words.day(at, language)


def _ruled(ruled: Ruled, language: Language) -> str:
    """A term of the pack inside a sentence: «5 (беш)* жумуш күнү», «5 рабочих дней*» (genitive), «5* working days»."""
    star = _star(ruled)
    if ruled.unit == "percent":
        return f"{ruled.value}{words.NBSP}{'пайыз' if language == 'ky' else '%'}{star}"
    if language == "ky":
        noun = words.counted(ruled.value, ruled.unit, "ky").split(words.NBSP, 1)[1]
        return f"{ruled.value} ({words.cardinal(ruled.value, 'ky')}){star} {noun}"
    if language == "ru":
        return words.counted_of(ruled.value, ruled.unit) + star
    return words.counted(ruled.value, ruled.unit, "en") + star


def settled(made: bytes) -> bytes:
    """The package with its members in one order and at one time."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(made)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        # the list of content types comes first, as readers expect it
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            new.writestr(member, old.read(name))
    return out.getvalue()
