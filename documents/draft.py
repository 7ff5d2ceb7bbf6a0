"""Typed values and a template make a paper: docx, the same bytes each time.

The wording is in `templates/<paper>.docx`, which a lawyer may edit in a word processor: `{{ name }}` for a value,
`{%tr for line in lines %}` for rows. Templates run in a sandbox; a name that the paper does not have is an error.
"""

import re
from collections.abc import Callable, MutableMapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import LRUCache
from pydantic import BaseModel

from documents import qr, words
from documents.clauses import Ruled
from documents.filling import opened
from documents.papers import Notice, Paper
from documents.words import Language
from schemas.errors import BadDraft

TEMPLATES: Final = Path(__file__).parent / "templates"

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
        ready = opened(template if template is not None else (TEMPLATES / f"{name}.docx").read_bytes(), engine)
        missing = ready.asks - context.keys()
        made = ready.fill(context, engine, qr.png(paper.checkpoint) if paper.checkpoint else None)
    # a template is a small program of a lawyer's and may fail in any way; to its author all are one and the same
    except Exception as why:
        raise BadDraft(template=name, missing=str(why)[:300]) from why
    if missing:
        # a name inside a branch not taken would fail on another day
        raise BadDraft(template=name, missing=", ".join(sorted(missing)))
    return made


def names_used(template: bytes) -> frozenset[str]:
    """The names that a template asks for, so that one can be checked when it is handed in. BadDraft if it is broken."""
    try:
        return opened(template, _environment("ky")).asks
    except Exception as why:
        raise BadDraft(template="", missing=str(why)[:300]) from why


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
