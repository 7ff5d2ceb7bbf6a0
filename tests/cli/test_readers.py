"""What the staff look up in a case is on record once a day and reader; what an applicant looks up in his own is not."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from conftest import CITY, CONTEST, Open

WINNER = f"{CONTEST}/1"
SIGNED = CITY.cutoff + timedelta(days=45)
LOOKS = (
    ("intake", "show", WINNER),
    ("intake", "files", WINNER),
    ("check", "findings", WINNER),
    ("committee", "sheets", WINNER),
    ("contract", "show", WINNER),
    ("contract", "tranches", WINNER),
    ("report", "periods", WINNER),
)


def read(desk: Any, case: str = WINNER) -> list[tuple[str, str]]:
    """Who is on record to have read in the case, and under which role."""
    events = desk.ok("audit", "show", case, by="head")
    return [(one["who"], one["ground"]) for one in events if one["act"] == "case:read"]


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
@pytest.mark.parametrize("by", ["secretary", "finance", "coordinator"])
def test_whoever_looks_into_a_case_is_on_record(words: tuple[str, ...], by: str, at_stage: Open):
    desk = at_stage("signed")
    desk.at(SIGNED + timedelta(days=1))
    before = len(read(desk))
    desk.ok(*words, by=by)
    [(who, ground)] = read(desk)[before:]
    assert ground == "окуу жазылып турат"
    assert who


def test_once_a_day_of_the_customers_and_each_reader_for_himself(at_stage: Open):
    desk = at_stage("signed")
    desk.at(SIGNED + timedelta(days=1))
    before = len(read(desk))
    for words in LOOKS[:3]:
        desk.ok(*words, by="secretary")
    assert len(read(desk)) == before + 1
    desk.ok(*LOOKS[0], by="finance")
    assert len(read(desk)) == before + 2
    # 17:59 and 18:00 UTC are two days in Bishkek
    day = (SIGNED + timedelta(days=3)).astimezone(UTC).replace(hour=17, minute=59)
    desk.at(day)
    desk.ok(*LOOKS[0], by="secretary")
    desk.at(day + timedelta(minutes=1))
    desk.ok(*LOOKS[0], by="secretary")
    desk.ok(*LOOKS[1], by="secretary")
    assert len(read(desk)) == before + 4


def test_what_is_refused_is_not(at_stage: Open):
    desk = at_stage("received")
    assert desk.refused("intake", "show", WINNER, by="secretary")["error"] == "Sealed"
    desk.ok("intake", "list", CONTEST, by="secretary")
    desk.at(CITY.cutoff + timedelta(minutes=5))
    desk.ok("db", "move")
    assert read(desk) == []


def test_his_own_or_a_list_is_not(at_stage: Open):
    desk = at_stage("signed")
    before = len(read(desk))
    desk.ok("intake", "show", WINNER, by="ngo")
    desk.ok("contract", "show", WINNER, by="ngo")
    desk.ok("contract", "list", by="secretary")
    assert len(read(desk)) == before
