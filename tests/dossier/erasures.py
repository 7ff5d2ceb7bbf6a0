"""Dossiers of which values were erased, and those in which values lack without a word."""

from functools import cache
from random import Random
from typing import Any

from tests.dossier.makers import CONTEST, Chain, Parts, World, parts_of, world
from tests.dossier.spoiling import CASE, OTHER, Forgery, packed, parts, rows, with_rows

VALUES = "data/disclosures.jsonl"


@cache
def erased() -> World:
    """Two values are gone in the first case and in the contest, each with an event."""
    return world(11, cases=3, each=4, erased=2)


def without(given: Parts, *places: int) -> Parts:
    """The parts without these lines of personal values."""
    return with_rows(given, [one for at, one in enumerate(rows(given, VALUES)) if at not in places], VALUES)


def told(act: str = "trail:redact", **facts: Any) -> Parts:
    """A case of which all is erased, by an event with this act and these facts."""
    made = World(Random(12))
    chain = Chain(made.uuid(), "case", CASE, ("contest", CONTEST))
    made.tell(chain, "application:receive")
    made.erase(chain, 2, act, **facts)
    made.seal()
    return parts_of(made)


def elsewhere() -> Parts:
    """A contest in which an event of one case names what is gone of another."""
    made = World(Random(13))
    one, two = (Chain(made.uuid(), "case", name, ("contest", CONTEST)) for name in (CASE, OTHER))
    contest = Chain(made.uuid(), "contest", CONTEST, ("customer", "batken"))
    made.tell(contest, "contest:draft")
    first = made.tell(one, "application:receive")
    made.tell(two, "application:receive")
    made.erase(two, 0, erased=sorted(line["digest"] for line in first.disclosures))
    first.disclosures.clear()
    made.seal()
    return parts_of(made, "contest", CONTEST)


def forgeries() -> dict[str, Forgery]:
    case, contest = parts(), parts("contest", CONTEST)
    again = {
        "no list": 5,
        "a hash that is none": ["x"],
        "no hash": [None],
    }
    return {
        "a value is left out": packed("E33", without(case, 0)),
        "the last value is left out": packed("E33", without(case, len(rows(case, VALUES)) - 1)),
        "all values are left out": packed("E33", {**case, VALUES: b""}),
        "a value of a contest is left out": packed("E33", without(contest, 3)),
        "a value of a certificate is left out": packed("E33", without(parts("closing", CONTEST), 0)),
        "a value is left out beside two that were erased": packed("E33", without(parts_of(erased()), 0)),
        "an erasure that names none": packed("E33", told(erased=[])),
        "an event that is no erasure names them": packed("E33", told("trail:read")),
        "an event of another case names them": packed("E33", elsewhere()),
        **{f"an erasure that names {name}": packed("E07", told(erased=one)) for name, one in again.items()},
        "an erasure by an order that is no text": packed("E07", told(order={"sd": "0" * 64})),
        "an erasure by a number that is none": packed("E07", told(number=None)),
        "an erasure on a day that is none": packed("E07", told(on="2008-4-14")),
        "an erasure of values that are no number": packed("E07", told(values=-1)),
    }
