"""Five years of days: every letter that was written is one the oracle knows of, and the other way round."""

import os
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from flows.steps.tranches import contest_and_pack
from rules import ladder, packs
from rules.deadlines import is_working
from schemas.contract import Contract
from schemas.report import Period
from storage.work import looking
from tests.offices import Desk
from tests.simulation import oracle as told
from tests.simulation.oracle import Oracle
from tests.simulation.script import Teller, retold
from tests.simulation.world import FIRST, LAST, ONE, World, deals

SEEDS = range(1, 1 + int(os.environ.get("ASHAR_SEEDS", "1")))
MUTANTS = ("sundays", "pause", "catch up", "no cycle")


def test_the_oracles_ladder_is_that_of_the_pack() -> None:
    steps = {code: item.value for code, item in packs.load("example").ladder.items()}

    assert {row[0]: row[1:] for row in told.LADDER} == {
        code: (one.since, one.at.days, one.at.kind, one.type, one.to.value, one.letter, one.missed)
        for code, one in steps.items()
    }
    assert packs.load("example").monitoring.cure.value.days == told.CURE


def test_the_oracles_calendar_is_ours() -> None:
    days = [FIRST + n * ONE for n in range((LAST - FIRST).days)]

    assert [day for day in days if told.works(day) != is_working(day)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_letter_of_five_years_is_known_to_the_oracle_and_none_is_missing(
    seed: int, desk_at: Callable[..., Desk]
) -> None:
    desk = desk_at("signed")
    world = World(desk, deals())
    teller = Teller(world, Oracle(deals(), world.staff()), Random(seed))
    teller.live()
    written, expected = Counter(world.written()), teller.oracle.letters

    assert written - expected == Counter(), "written, and nobody asked for it"
    assert expected - written == Counter(), "silence"
    officers = {address for those in world.staff().values() for address, _ in those}
    assert world.to_officers() == Counter(one[:2] for one in expected.elements() if one.to in officers)
    assert {one.code for one in written} > {letter for row in told.LADDER for letter in row[6:] if letter}
    assert {name for _, name, *_ in teller.story} >= {"extend", "pause", "resume", "give_back", "accept", "hand_in"}
    awake(desk)
    for mutant in MUTANTS:
        assert retold(teller.story, Oracle(deals(), world.staff(), mutant)).letters != written, mutant


def awake(desk: Desk) -> None:
    """The day on which each period wakes is the one that is reckoned from what it is now."""
    with looking(desk.office.engine, desk.office.system) as look:
        for one in look.all(Period):
            contract = look.get(Contract, one.contract_id)
            contest, pack = contest_and_pack(desk.office, look, contract)
            due = ladder.wakes_on(pack, one, one.status, one.wakes_on or desk.office.today(contest.zone))
            assert one.wakes_on == (due if contract.status.value == "signed" else None)
