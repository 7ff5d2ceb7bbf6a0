"""How long it takes to find: a case's whole trail, pages by actor, contest, act and words, the events of a file, a case as of a day."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, select

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
_CONTESTS = select(_STREAM.c.id).where(_STREAM.c.kind == "contest").order_by(_STREAM.c.name)
_BARE = select(*_EVENT.c).where(_EVENT.c.stream_id == bindparam("one", type_=_EVENT.c.id.type)).order_by(_EVENT.c.seq)
ASKED = 300  # questions of each kind
CASES = 50  # that are asked for, whatever the size: as many as ten thousand events have
PAGE = 50


@dataclass(frozen=True)
class Asked:
    """An office with a trail of one size, who asks there, and its cases."""

    office: Office
    doer: Doer
    cases: list[UUID]


def measured(sizes: Sequence[Asked], *, seed: int = 7) -> list[dict[str, list[float]]]:
    """Milliseconds of wall time for each question, one after the other, to each size in turn: a slow minute is one for all."""
    told = [dict[str, list[float]]() for _ in sizes]

    def ask(name: str, ways: Sequence[Callable[[int], float]], times: int = ASKED) -> None:
        for size in told:
            size[name] = []
        for number in range(times):
            for size, way in _turned(list(zip(told, ways, strict=True)), number):
                size[name].append(way(number))

    chance = [random.Random(seed) for _ in sizes]  # noqa: S311 -- no secret
    with ExitStack() as open_looks:
        looks = [open_looks.enter_context(one.office.looking(one.doer, Act.TRAIL_READ)) for one in sizes]
        seen = [sight.of(look, one.doer) for look, one in zip(looks, sizes, strict=True)]
        hashes = [
            rng.choices(list(look.session.scalars(select(_FILE.c.sha256).limit(5_000))), k=ASKED)
            for rng, look in zip(chance, looks, strict=True)
        ]
        contests = [list(look.session.scalars(_CONTESTS)) for look in looks]
        cases = [_six_times_each(rng, one.cases) for rng, one in zip(chance, sizes, strict=True)]
        trails = [_Trails(*one) for one in zip(looks, seen, cases, strict=True)]
        ask("both", [one.both for one in trails])
        ask("as_of", [one.as_of for one in trails])
    for size, one in zip(told, trails, strict=True):
        size.update(one.told)
        del size["both"]

    def looked(do: Callable[[Look, int, int], Any]) -> list[Callable[[int], float]]:
        """With a transaction of its own, as every question has it."""

        def way(index: int, one: Asked) -> Callable[[int], float]:
            def inside(number: int) -> None:
                with one.office.looking(one.doer, Act.TRAIL_READ) as look:
                    do(look, index, number)

            return lambda number: _timed(lambda: inside(number))

        return [way(index, one) for index, one in enumerate(sizes)]

    ask("verified", looked(lambda look, size, number: trail.trail(look.session, cases[size][number])))
    ask(
        "file",
        looked(lambda look, size, number: search.find(look.session, Query(sha256=hashes[size][number]), seen[size])),
    )
    acts = chance[0].choices(ACTS, k=ASKED)
    newest = [Query(acts=(Act(one),)) for one in acts]
    _walked(told, "actor", [[_Walk(one, Query(actor=actor)) for one in sizes] for actor in ACTORS[:4]])
    of_contests = [
        [_Walk(one, Query(under=known[turn % len(known)])) for one, known in zip(sizes, contests, strict=True)]
        for turn in range(4)
    ]
    _walked(told, "contest", of_contests)
    ask("act", looked(lambda look, size, number: search.find(look.session, newest[number], seen[size], limit=PAGE)))
    return told


T = TypeVar("T")


def _turned(these: list[T], number: int) -> list[T]:
    """None of them is always asked behind the same other."""
    first = number % len(these)
    return these[first:] + these[:first]


def _six_times_each(rng: random.Random, cases: list[UUID]) -> list[UUID]:
    these = rng.sample(cases, CASES)
    return [one for _ in range(ASKED // CASES) for one in rng.sample(these, CASES)]


class _Trails:
    """Each case's rows by the bare statement and by ours, in turn, and in either order; `first`: of cases not asked for before."""

    def __init__(self, look: Look, seen: search.Sight, cases: list[UUID]) -> None:
        self._look, self._seen, self._cases = look, seen, cases
        self.told: dict[str, list[float]] = {"bare": [], "case": [], "first": []}

    def both(self, number: int) -> float:
        one, rows = self._cases[number], dict[str, Sequence[Any]]()
        ways: dict[str, Callable[[], Sequence[Any]]] = {
            "bare": lambda: self._look.session.execute(_BARE, {"one": one}).all(),
            "case": lambda: (
                search.find(self._look.session, Query(streams=(one,), newest_first=False), self._seen, limit=200).rows
            ),
        }
        for name in ("bare", "case") if number % 2 else ("case", "bare"):
            began = time.perf_counter()
            rows[name] = ways[name]()
            self.told[name].append(1000 * (time.perf_counter() - began))
        if number < CASES and not number % 2:
            self.told["first"].append(self.told["case"][-1])
        assert number >= 20 or [row.id for row in rows["bare"]] == [row.id for row in rows["case"]]
        return 0.0

    def as_of(self, number: int) -> float:
        return _timed(lambda: state.until(self._look.session, self._cases[number], 120))


class _Walk:
    """Every page of a question but the first, as a reader gets it, verified and in words; then all of them again.

    The first is not counted, since it puts the reading itself on record.
    """

    def __init__(self, asked: Asked, query: Query) -> None:
        self._asked, self._query = asked, query
        self._second = self._cursor = self._page("")
        self.last: list[float] = []
        self.walked = not self._second

    def _page(self, cursor: str) -> str:
        at = self._asked
        return retrieval.find(at.office, at.doer, self._query, "ky", cursor=cursor, limit=PAGE)[1]

    def step(self) -> float:
        began = time.perf_counter()
        cursor = self._page(self._cursor)
        took = 1000 * (time.perf_counter() - began)
        if not cursor and not self.walked:
            self.last, self.walked = [took], True
        self._cursor = cursor or self._second
        return took


def _walked(told: list[dict[str, list[float]]], name: str, walks: list[list[_Walk]]) -> None:
    """Each question to all sizes in turn, until the longest is walked through."""
    for size in told:
        size |= {name: [], f"{name}_last": []}
    for these in walks:
        number = 0
        while not all(one.walked for one in these):
            number += 1
            for size, one in _turned(list(zip(told, these, strict=True)), number):
                size[name].append(one.step())
        for size, one in zip(told, these, strict=True):
            size[f"{name}_last"] += one.last


def _timed(do: Callable[[], Any]) -> float:
    began = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - began)


def middle(values: list[float]) -> float:
    return statistics.median(values)


def p99(values: list[float]) -> float:
    """What ninety-nine of a hundred do not exceed."""
    return sorted(values)[max(0, round(0.99 * len(values)) - 1)]
