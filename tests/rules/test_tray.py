"""Whoever a parcel waits for is asked after it, each once, on working days."""

from datetime import date

from rules.tray import asked_after
from schemas.customer import Role

CAME = date(2018, 10, 1)  # a Monday
THIRD, SIXTH = date(2018, 10, 4), date(2018, 10, 9)


def test_the_coordinator_after_the_term_and_the_head_after_twice_the_term():
    assert asked_after(CAME, date(2018, 10, 3), 3, []) == []
    assert asked_after(CAME, THIRD, 3, []) == [Role.COORDINATOR]
    assert asked_after(CAME, THIRD, 3, ["coordinator"]) == []
    assert asked_after(CAME, SIXTH, 3, ["coordinator"]) == [Role.HEAD]
    assert asked_after(CAME, SIXTH, 3, []) == [Role.COORDINATOR, Role.HEAD]
    assert asked_after(CAME, SIXTH, 3, ["coordinator", "head"]) == []


def test_nobody_is_asked_on_a_day_off():
    assert asked_after(CAME, date(2018, 10, 13), 3, []) == []
