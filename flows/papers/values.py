"""A row's fields in words, as events and states of a case have them: sums in som, days in full, codes as people say them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import JSON

from rules import packs
from schemas.catalogs import knows
from schemas.tables import METADATA
from schemas.wording import say, say_remark
from storage.state import GONE, Difference

MONEY: Final = frozenset(
    {"amount", "requested", "own_contribution", "budget", "spent", "balance", "returned", "opening", "closing"}
)
POINTS: Final = frozenset({"score", "total"})
PARTS_OF_MONEY: Final = MONEY | {"ceiling", "own", "total"}  # where a value has parts
# which words stand for a code, by the name of its field
_CODES: Final = {
    **{name: name for name in ("kind", "role", "seat", "background", "choice", "evaluation", "severity", "obstacle")},
    **{name: name for name in ("channel", "language")},
    "conditions": "condition",
    "unmet": "ground",
    "ground": "ground",
    "lifted": "condition",
    "condition": "condition",
    "found": "field",
}
# what serves the machine, and tells a reader of a timeline nothing
SILENT: Final = frozenset(
    {"blob_id", "facts", "seed", "rungs", "wakes_on", "cycle", "placeholder", "sha256", "size", "parts"}
)
_CHOSEN: Final = re.compile(r"(kept; )?no conflict \((\d+) of (\d+) free\); load (\d+)")  # as `rules.commission` has it
_NAMES: Final = ("code", "name", "number")  # what a part is told by comes first
_LEFT_ASIDE: Final = frozenset({"place", "placeholder"})
_DEEPEST: Final = 8  # levels of parts in parts
_LONGEST: Final = 600  # signs of a value in a line of its own


def field_of(name: str, language: str) -> str:
    """What a field is called."""
    return say(f"column.{name}", language)


def noun_of(noun: str, language: str) -> str:
    """What a kind of row is called."""
    return say(f"noun.{noun}", language)


def value_of(noun: str, name: str, value: Any, language: str, zone: str) -> str:
    """A field's value as a person reads it; `zone` is that of the customer's clock."""
    value = _whole(noun, name, value)
    if value is None:
        return "—"
    if value == GONE:
        return say("cli.trail.gone", language)
    if isinstance(value, bool):
        return say("answer.yes" if value else "answer.no", language)
    if isinstance(value, int):
        if name in MONEY:
            return say("form.sum", language, sum_tyiyn=value)
        return say("form.score", language, score=value) if name in POINTS else str(value)
    if isinstance(value, str):
        if (noun, name) == ("assignment", "because"):
            return _chosen(value, language)
        code = f"status.{noun}.{value}" if name == "status" else f"{_CODES.get(name, name)}.{value}"
        if (name == "status" or name in _CODES) and knows(code):
            return say(code, language)
        return _short(say("form.fact", language, fact=value, zone=zone))
    if _deeper(value, _DEEPEST):  # nobody's: whoever can write to the database can write that
        return "…"
    return _short(_gathered(noun, name, value, language, zone))


def remark_of(row: Mapping[str, Any], language: str) -> str:
    """What a finding says, from its row."""
    facts = _whole("finding", "facts", row.get("facts"))
    told = {"rule": row.get("rule"), "facts": facts or {}, "placeholder": row.get("placeholder")}
    return _short(_said(told, language) if facts != GONE else say("cli.trail.gone", language))


def _said(remark: Mapping[str, Any], language: str) -> str:
    """A remark without what would cure it and where it is."""
    return say_remark(remark, language).partition("\n")[0]


def _chosen(why: str, language: str) -> str:
    """Why a member was given a case."""
    found = _CHOSEN.fullmatch(why)
    if found is None:
        return _short(why)
    kept, free, of, load = found.groups()
    told = say("form.chosen", language, free=free, of=of, load=load)
    return say("form.chosen.kept", language, chosen=told) if kept else told


@cache
def _has_parts(noun: str, name: str) -> bool:
    table = METADATA.tables.get(noun)
    return table is not None and name in table.c and isinstance(table.c[name].type, JSON)


def _whole(noun: str, name: str, value: Any) -> Any:
    """A value with parts that was recorded as a personal one is disclosed as text."""
    if isinstance(value, str) and value[:1] in ("[", "{") and _has_parts(noun, name):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(value)
    return value


def _gathered(noun: str, name: str, value: Any, language: str, zone: str) -> str:
    if isinstance(value, Mapping):
        if set(value) == {"ky", "ru", "en"}:
            return say("form.fact", language, fact=value)
        if {"rule", "facts"} <= set(value):
            return _said(value, language)
        return _parts(noun, value.items(), language, zone, ", ")
    if isinstance(value, Sequence) and all(_is_pair(one) for one in value):
        return _parts(noun, value, language, zone, "; ")
    if not isinstance(value, Sequence):
        return str(value)
    return "; ".join(value_of(noun, name, inner, language, zone) for inner in value)


def _parts(noun: str, parts: Iterable[Any], language: str, zone: str, between: str) -> str:
    """What stands in a value, each under its name; where in a file it was read is left aside."""
    named = sorted(parts, key=lambda one: one[0] not in _NAMES)  # canonical order is that of the letters
    there = ((str(key), inner) for key, inner in named if inner not in (None, "") and key not in _LEFT_ASIDE)
    return between.join(
        f"{_part_of(key, language)}: {_inner(noun, key, inner, language, zone)}" for key, inner in there
    )


def _part_of(key: str, language: str) -> str:
    for code in (f"part.{key}", f"column.{key}", f"field.{key}"):
        if knows(code):
            return say(code, language)
    title = _criteria().get(key)
    return say("form.fact", language, fact=title) if title else key


def _inner(noun: str, key: str, value: Any, language: str, zone: str) -> str:
    if key in PARTS_OF_MONEY and isinstance(value, int) and not isinstance(value, bool):
        return say("form.sum", language, sum_tyiyn=value)
    if key == "kind" and isinstance(value, str) and knows(f"field.{value}"):  # of a relation
        return say(f"field.{value}", language)
    return value_of(noun, key, value, language, zone)


@cache
def _criteria() -> dict[str, Mapping[str, str]]:
    """Titles of criteria by their codes; one code means the same in each pack."""
    return {code: one.title.value for name in packs.names() for code, one in packs.load(name).criteria.items()}


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper(one, levels - 1) for one in inner)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and not isinstance(value[1], list)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def changed(one: Difference, language: str, zone: str) -> tuple[str, str, str]:
    """What the field is called, what stood there, what stands there now."""
    return (
        field_of(one.field, language),
        value_of(one.noun, one.field, one.old, language, zone),
        value_of(one.noun, one.field, one.new, language, zone),
    )


def told(one: Difference) -> bool:
    """Whether a reader of a timeline wants to know of this field."""
    return one.field not in SILENT and not one.field.endswith(("_id", "_sha256")) and (one.old, one.new) != (None, None)
