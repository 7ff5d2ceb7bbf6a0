"""Questions to a table of rows, put together once for each form.

That costs more than asking, and thousands of cases ask the same.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ParamSpec, cast

from sqlalchemy import Select, bindparam, literal, select

from storage import ledger

Shape = tuple[tuple[str, str], ...]  # names of columns, and how each is compared
NONE, ONE, MANY = "none", "one", "many"
OWN = "own_tenant"  # beside a tenant that the caller names himself
P = ParamSpec("P")
_SEVERAL = (list, tuple, set, frozenset)


def _once(build: Callable[P, Select[Any]]) -> Callable[P, Select[Any]]:
    # to the type checker a class of rows has no hash
    return cast("Callable[P, Select[Any]]", cache(build))


def shape(where: Mapping[str, Any]) -> Shape:
    """What a question looks like whatever its values: columns are compared with one of them or with several."""
    return tuple(
        (name, NONE if value is None else MANY if isinstance(value, _SEVERAL) else ONE) for name, value in where.items()
    )


def values(where: Mapping[str, Any]) -> dict[str, Any]:
    """The values as `rows`, `some` and `held` take them."""
    return {name: list(value) if isinstance(value, _SEVERAL) else value for name, value in where.items()}


@_once
def rows(model: Any, of: Shape, order: str) -> Select[Any]:
    """All rows that fit. `order` names columns, parted by spaces."""
    query = _where(select(model), model, of)
    return query.order_by(*(getattr(model, name) for name in order.split())) if order else query


@_once
def some(model: Any, of: Shape) -> Select[Any]:
    """A one, if any row fits."""
    return _where(select(literal(1)).select_from(model), model, of).limit(1)


@_once
def held(model: Any, how: str = MANY) -> Select[Any]:
    """Rows of these ids (or the row of `ONE` id), held against changes, not against rows that name them.

    They are taken in one order, so that two transactions never wait for each other.
    """
    return rows(model, (("id", how),), "id" if how == MANY else "").with_for_update(key_share=True)


@_once
def with_head(model: Any) -> Select[Any]:
    """As `held` of one row, with the head of its stream behind it, which is not held."""
    query = ledger.with_head(_where(select(model), model, (("id", ONE),)), model)
    return query.with_for_update(of=model, key_share=True)


@_once
def holding(model: Any, of: Shape) -> Select[Any]:
    """As `held` of one row, of which nothing is asked for."""
    return _where(select(model.id), model, of).with_for_update(key_share=True)


def _where(query: Select[Any], model: Any, of: Shape) -> Select[Any]:
    for name, how in of:
        column = getattr(model, name)
        if how == NONE:
            query = query.where(column.is_(None))
        elif how == MANY:
            query = query.where(column.in_(bindparam(name, type_=column.type, expanding=True)))
        else:
            query = query.where(column == bindparam(OWN if how == OWN else name, type_=column.type))
    return query
