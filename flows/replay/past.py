"""The rows of a dossier as they were before an event, asked as the steps ask the database."""

import json
from collections.abc import Collection, Mapping
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import SQLModel

from flows.replay.fold import Disclosed, Fields, Fold, Redacted
from schemas.commission import Member, Sitting
from schemas.contest import Contest
from schemas.facts import Facts
from storage.canonical import plain
from storage.work import Look

T = TypeVar("T", bound=SQLModel)

# What a case's own stream does not have
CONTESTS = (Member, Sitting)


class CannotTell(Exception):
    """A decision cannot be reckoned again. `why` is the key of its sentence (`replay.why.…`), `facts` fill it."""

    def __init__(self, why: str, **facts: str) -> None:
        self.why, self.facts = why, facts
        super().__init__(why, facts)


class Past(Look):
    """A look at what a dossier's events tell of. Raises CannotTell for what is not in them, or in them no more.

    `whole`: the dossier is a contest's; that of a case knows nothing of the others, and the contest by its terms alone.
    """

    def __init__(self, fold: Fold, *, whole: bool) -> None:
        self.fold, self.whole = fold, whole
        self.needed: frozenset[str] = frozenset()  # personal values that the decision at hand rests on
        self.terms: dict[str, Fields] = {}  # of contests, by id
        self.born: dict[tuple[str, str], tuple[str, str]] = {}  # of rows: when and by whom

    def get(self, model: type[T], identity: UUID) -> T:
        found = self.fold.row(noun_of(model), str(identity))
        if found is None and model is Contest:
            found = self.terms.get(str(identity))
        if found is None:
            lacks_contest = model in CONTESTS and not self.whole
            raise CannotTell("contest" if lacks_contest else "elsewhere", noun=noun_of(model))
        return build(model, str(identity), found, self.needed)

    def all(self, model: type[T], *, order: str = "", **where: Any) -> list[T]:
        if not self.whole and (model in CONTESTS or "contest_id" in where):
            raise CannotTell("contest", noun=noun_of(model))
        wanted = {name: _wanted(value) for name, value in where.items()}
        rows: list[T] = []
        for identity in self._ids(model, wanted):
            fields = self.fold.row(noun_of(model), identity)
            if fields is not None and all(_fits(identity, fields, *one) for one in wanted.items()):
                rows.append(build(model, identity, fields, self.needed))
        if order:
            rows.sort(key=lambda row: [getattr(row, name) for name in order.split()])
        return rows

    def some(self, model: type[T], **where: Any) -> bool:
        return bool(self.all(model, **where))

    def _ids(self, model: type[SQLModel], wanted: Mapping[str, Any]) -> list[str]:
        if "id" in wanted:
            return [wanted["id"]] if isinstance(wanted["id"], str) else wanted["id"]
        return list(self.fold.ids(noun_of(model), wanted))


def noun_of(model: type[SQLModel]) -> str:
    return model.__name__.lower()


def _wanted(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return plain(value)


def _fits(identity: str, fields: Fields, name: str, wanted: Any) -> bool:
    value = identity if name == "id" else fields.get(name)
    return value in wanted if isinstance(wanted, list) else value == wanted or (not value and not wanted)


# -- from plain values to rows ----------------------------------------------------------------------------------------


def build(model: type[T], identity: str, fields: Mapping[str, Any], needed: Collection[str] = ()) -> T:
    """A row of these fields. Raises CannotTell for a redacted one that is needed (`noun.field`); another is left empty."""
    row = model(id=UUID(identity))
    for name, value in fields.items():
        if name in model.model_fields:
            setattr(row, name, typed(model, name, value, needed))
    return row


def typed(model: type[SQLModel], name: str, value: Any, needed: Collection[str] = ()) -> Any:
    """A plain value as the row's field has it. Nothing stands for an empty text, list or mapping too."""
    field = model.model_fields[name]
    if isinstance(value, Redacted):
        if f"{noun_of(model)}.{name}" in needed:
            raise CannotTell("redacted", noun=noun_of(model), field=name)
        value = None
    shape = _shape(field.annotation)
    if value is None:
        empty: Any = {str: "", list: [], dict: {}}.get(shape)
        return None if NoneType in get_args(field.annotation) or empty is None else type(empty)()
    if isinstance(value, Disclosed):
        value = str(value) if shape is str else json.loads(value)
    if shape is dict:
        value = _mapping(value)
        return _facts(value) if (noun_of(model), name) == ("document", "facts") else value
    return value if shape is list else _adapter(model, name).validate_python(value)


@cache
def _adapter(model: Any, name: str) -> TypeAdapter[Any]:
    annotation: Any = model.model_fields[name].annotation
    return TypeAdapter(annotation)


def _shape(annotation: Any) -> Any:
    return get_origin(annotation) or annotation


def _mapping(value: Any) -> dict[str, Any]:
    """The trail has a mapping with free keys as pairs."""
    return dict(value)


def _facts(told: dict[str, Any]) -> dict[str, Any]:
    mappings = [name for name, field in Facts.model_fields.items() if get_origin(field.annotation) is dict]
    return {**told, **{name: _mapping(told[name]) for name in mappings if name in told}}
