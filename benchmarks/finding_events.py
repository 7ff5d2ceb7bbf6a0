"""How long it takes to find: a case's whole trail, pages by actor, contest, act and words, the events of a file, a case as of a day."""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from benchmarks.long_trail import ACTORS, ACTS
from flows.office import Office
from flows.steps import retrieval, sight
from schemas.doer import Doer
from schemas.event import Act
from schemas.tables import METADATA
from storage import search, state, trail
from storage.search import Query
from storage.work import Look

_EVENT, _FILE, _STREAM = (METADATA.tables[name] for name in ("event", "eventfile", "stream"))
_BARE = select(*_EVENT.c).where(_EVENT.c.stream_id == bindparam("one", type_=_EVENT.c.id.type)).order_by(_EVENT.c.seq)
ASKED = 300  # questions of each kind
CASES = 50  # that are asked for, whatever the size: as many as ten thousand events have
PAGE = 50


def measured(office: Office, doer: Doer, cases: list[UUID], *, seed: int = 7) -> dict[str, Any]:
    """Milliseconds of wall time for each question, one after the other."""
    rng = random.Random(seed)  # noqa: S311 -- no secret
    these = rng.sample(cases, CASES)
    asked = [one for _ in range(ASKED // CASES) for one in rng.sample(these, CASES)]
    with office.looking(doer, Act.TRAIL_READ) as look:
        seen = sight.of(look, doer)
        hashes = _some_files(look.session)
        contests = list(look.session.scalars(select(_STREAM.c.id).where(_STREAM.c.kind == "contest")))
        told = _cases(look, asked, seen)
        told["as_of"] = [_timed(lambda one=one: state.until(look.session, one, 120)) for one in asked]
    told["verified"] = [_looked(office, doer, lambda look, one=one: trail.trail(look.session, one)) for one in asked]
    told["file"] = [
        _looked(office, doer, lambda look, one=one: search.find(look.session, Query(sha256=one), seen))
        for one in rng.choices(hashes, k=ASKED)
    ]
    told["actor"], told["actor_last"] = _walked(office, doer, [Query(actor=one) for one in ACTORS[:4]])
    told["contest"], _ = _walked(office, doer, [Query(under=one) for one in contests[:4]])
    told["act"] = _first(office, doer, [Query(acts=(Act(one),)) for one in rng.choices(ACTS, k=ASKED)])
    return told


def _cases(look: Look, asked: list[UUID], seen: search.Sight) -> dict[str, list[float]]:
    """Each case's rows by the bare statement and by ours, in turn, and in either order; `first`: of cases not asked for before."""
    told: dict[str, list[float]] = {"bare": [], "case": [], "first": []}
    ways: dict[str, Callable[[UUID], Any]] = {
        "bare": lambda one: look.session.execute(_BARE, {"one": one}).all(),
        "case": lambda one: search.find(look.session, Query(streams=(one,), newest_first=False), seen, limit=200).rows,
    }
    for number, one in enumerate(asked):
        for name in ("bare", "case") if number % 2 else ("case", "bare"):
            told[name].append(_timed(lambda one=one, name=name: ways[name](one)))
        if number < CASES and not number % 2:
            told["first"].append(told["case"][-1])
    for one in asked[:20]:
        assert [row.id for row in ways["bare"](one)] == [row.id for row in ways["case"](one)]
    return told


def _some_files(session: Session) -> list[str]:
    return list(session.scalars(select(_FILE.c.sha256).limit(5_000)))


def _timed(do: Callable[[], Any]) -> float:
    began = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - began)


def _looked(office: Office, doer: Doer, do: Callable[[Look], Any]) -> float:
    """With a transaction of its own, as every question has it."""

    def ask() -> None:
        with office.looking(doer, Act.TRAIL_READ) as look:
            do(look)

    return _timed(ask)


def _walked(office: Office, doer: Doer, queries: list[Query]) -> tuple[list[float], list[float]]:
    """Every page but the first, as a reader gets it: verified and in words; and of these the last ones.

    The first is not counted, since it puts the reading itself on record.
    """
    told, last = [], []
    for query in queries:
        _, cursor = retrieval.find(office, doer, query, "ky", limit=PAGE)
        while cursor:
            began = time.perf_counter()
            _, cursor = retrieval.find(office, doer, query, "ky", cursor=cursor, limit=PAGE)
            told.append(1000 * (time.perf_counter() - began))
        last += told[-1:]
    return told, last


def _first(office: Office, doer: Doer, queries: list[Query]) -> list[float]:
    """The newest page of each question, without the record of the reading."""
    with office.looking(doer, Act.TRAIL_READ) as look:
        seen = sight.of(look, doer)
    return [
        _looked(office, doer, lambda look, one=one: search.find(look.session, one, seen, limit=PAGE)) for one in queries
    ]


def middle(values: list[float]) -> float:
    return statistics.median(values)


def p99(values: list[float]) -> float:
    """What ninety-nine of a hundred do not exceed."""
    return sorted(values)[max(0, round(0.99 * len(values)) - 1)]
