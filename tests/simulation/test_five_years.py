"""Five years of days: every letter that was written is one the oracle knows of, and the other way round."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from random import Random

import pytest

from flows.steps import contracting, monitoring
from rules import packs
from rules.deadlines import is_working
from schemas.outbox import Letter
from tests.offices import Desk
from tests.simulation import waits
from tests.simulation.oracle import Oracle
from tests.simulation.script import Teller, retold
from tests.simulation.waits import Sent
from tests.simulation.world import FIRST, LAST, ONE, World, deals

SEEDS = range(1, 1 + int(os.environ.get("ASHAR_SEEDS", "3")))
MUTANTS = (
    *("sundays", "pause", "catch up", "no cycle"),
    *("stale", "no check", "told", "not mended", "repaid", "amend", "dropped", "lost"),
)
PEOPLE = {"extend", "pause", "resume", "give_back", "accept", "hand_in", "terminate", "visit", "tell", "seen", "waive"}
PEOPLE |= {"not_mended"}
Written = dict[str, list[tuple[Sent, Letter]]]


def test_the_oracles_ladders_are_those_of_the_pack() -> None:
    pack = packs.load("example")
    steps = {code: item.value for code, item in pack.ladder.items()}

    assert {row[0]: row[1:] for row in waits.LADDERS} == {
        code: (one.of, one.since, one.at.days, one.at.kind, one.type, one.to.value, one.letter, one.missed)
        for code, one in steps.items()
    }
    terms = (pack.monitoring.cure, pack.monitoring.check, pack.monitoring.refund)
    assert [one.value.days for one in terms] == [waits.CURE, waits.CHECK, waits.REFUND]
    assert {one.value.kind for one in terms} == {"working"}


def test_the_oracles_calendar_is_ours() -> None:
    days = [FIRST + n * ONE for n in range((LAST - FIRST).days)]

    assert [day for day in days if waits.works(day) != is_working(day)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_letter_of_five_years_is_known_to_the_oracle_and_none_is_missing(
    seed: int, desk_at: Callable[..., Desk]
) -> None:
    desk = desk_at("signed")
    contracting.terminate(desk.office, desk.who("head"), desk.contract().id, "имитация")
    teller = lived(desk, seed, LAST)
    acts = {name for _, name, *_ in teller.story}
    assert acts >= PEOPLE | {"amend", "repay", "killed", "sweep", "mail"}
    written = teller.world.written()
    codes = {sent.code for theirs in written.values() for sent, _ in theirs}
    assert any("dropped" in letter.facts for theirs in written.values() for _, letter in theirs)
    rare = {"mend_escalated", "refund_escalated", "refund_overdue_office"}
    assert codes | rare >= {letter for row in waits.LADDERS for letter in row[7:] if letter}
    for mutant in MUTANTS if seed == 1 else ():
        assert misfits(retold(teller.story, Oracle(deals(), teller.world.staff(), mutant)), written), mutant


def lived(desk: Desk, seed: int, last: date) -> Teller:
    """A life of years, in which every letter was as the oracle says."""
    world = World(desk, deals())
    teller = Teller(world, Oracle(deals(), world.staff()), Random(seed), last)
    teller.live()
    written = world.written()
    assert misfits(teller.oracle, written) == {}
    assert told_together(written, teller.plain) == ought_together(teller, written)
    one_mail_for_each(desk)
    assert monitoring.check_agenda(desk.office) == monitoring.Reckoned()
    return teller


def misfits(oracle: Oracle, written: Written) -> dict[str, tuple[Counter[Sent], Counter[Sent]]]:
    """Of each thing that is waited for and has letters that fit none of its branches: what nobody asked for, and silence."""
    found: dict[str, tuple[Counter[Sent], Counter[Sent]]] = {}
    for name in oracle.names() | set(written):
        real = Counter(sent for sent, _ in written.get(name, ()))
        branches = oracle.branches(name) if name in oracle.names() else [Counter[Sent]()]
        if real not in branches:
            closest = min(branches, key=lambda one: (real - one).total() + (one - real).total())
            found[name] = (real - closest, closest - real)
    return found


# -- several letters of a morning are one -------------------------------------------------------------------------------

Morning = tuple[date, str, bool]  # day, reader, whether as a contractor


def told_together(written: Written, days: set[date]) -> dict[Morning, bool]:
    """Whether a reader's letters of a morning came as one digest, or as one letter by itself; anything else is an error."""
    theirs: dict[Morning, list[Letter]] = defaultdict(list)
    for letters in written.values():
        for sent, one in letters:
            if one.rung and not one.key.startswith("anew:") and sent.day in days:
                theirs[sent.day, one.to, one.role == "applicant"].append(one)
    for letters in theirs.values():
        digests = {one.digest_id for one in letters}
        assert digests == {None} if len(letters) == 1 else len(digests - {None}) == len(digests) == 1
    return {morning: len(letters) > 1 for morning, letters in theirs.items()}


def ought_together(teller: Teller, written: Written) -> dict[Morning, bool]:
    """The same out of the oracle's letters, in the branch that came true."""
    count: Counter[Morning] = Counter()
    for name, theirs in written.items():
        real = Counter(sent for sent, _ in theirs)
        for note in teller.oracle.branch(name, real):
            if note.step and not note.again and note.sent.day in teller.plain:
                count[note.sent.day, note.sent.to, note.role == "applicant"] += 1
    return {morning: letters > 1 for morning, letters in count.items()}


def one_mail_for_each(desk: Desk) -> None:
    """In the outbox lies each letter that was sent by itself, once, and no other."""
    sent = [one for one in desk.all(Letter) if one.sent_at and not one.digest_id]
    assert len(list((desk.home / "outbox").glob("*.eml"))) == len(sent)
