from itertools import product

import pytest

from rules import lifecycle, permissions
from rules.lifecycle import NEW, STATUSES, TABLE
from schemas.errors import WrongMoment
from schemas.event import Act

CELLS = [(noun, status, act) for noun, known in STATUSES.items() for status, act in product((NEW, *known), Act)]
IN_TABLE = {(row.noun, source, row.act): row for row in TABLE for source in row.sources}


def test_every_cell_of_the_journey_either_moves_or_is_refused():
    for noun, status, act in CELLS:
        row = IN_TABLE.get((noun, status, act))
        if row is None:
            with pytest.raises(WrongMoment):
                lifecycle.move(noun, status, act)
        else:
            ends = row.ends or (status,)
            reached = [lifecycle.move(noun, status, act, to=end) for end in ends]
            assert reached == [str(end) for end in ends]
            assert all(end in STATUSES[noun] for end in reached)


def test_no_cell_has_two_rows_and_every_source_is_a_status_of_its_noun():
    assert sum(len(row.sources) for row in TABLE) == len(IN_TABLE)
    assert set(IN_TABLE) <= set(CELLS)


def test_every_act_is_in_the_table_or_outside_any_lifecycle_and_in_one_of_them_only():
    moving = {row.act for row in TABLE}

    assert moving | set(permissions.OUTSIDE) == set(Act)
    assert moving & set(permissions.OUTSIDE) == set()


def test_every_status_can_be_reached():
    for noun, known in STATUSES.items():
        reached = {end for row in TABLE if row.noun == noun for end in row.ends}
        assert reached == set(known), noun


@pytest.mark.parametrize("noun", STATUSES)
def test_every_noun_begins_from_nothing(noun: str):
    assert lifecycle.possible(noun, NEW)


def test_what_is_possible_is_what_moves():
    assert lifecycle.possible("application", "to_cure") == [
        Act.APPLICATION_INSPECT,
        Act.APPLICATION_RECOGNISE,
        Act.APPLICATION_WITHDRAW,
        Act.APPLICATION_CURE,
        Act.APPLICATION_TURN_AWAY,
        Act.APPLICATION_ADMIT,
        Act.APPLICATION_REFUSE,
    ]
    assert lifecycle.possible("application", "withdrawn") == []


def test_a_vote_ends_as_it_was_decided_and_in_no_third_way():
    assert lifecycle.move("item", "open", Act.ITEM_DECIDE, to="recommended") == "recommended"
    with pytest.raises(WrongMoment):
        lifecycle.move("item", "open", Act.ITEM_DECIDE)
    with pytest.raises(WrongMoment):
        lifecycle.move("item", "open", Act.ITEM_DECIDE, to="open")


def test_an_upheld_appeal_takes_an_application_back_to_where_it_was_wronged():
    assert lifecycle.move("application", "turned_away", Act.APPEAL_DECIDE) == "to_cure"
    assert lifecycle.move("application", "refused", Act.APPEAL_DECIDE) == "opened"
    assert lifecycle.move("application", "passed_over", Act.APPEAL_DECIDE) == "eligible"
    assert lifecycle.move("contest", "published", Act.APPEAL_DECIDE) == "reviewing"


def test_the_document_of_the_journey_names_every_row():
    text = lifecycle.markdown()

    assert text.count("\n| ") >= len(TABLE)
    assert all(f"`{row.act.value}`" in text for row in TABLE)
    assert all(f"## {noun}" in text for noun in STATUSES)
    assert (
        "| opened | `application:ask_for_more` | to_cure | system, secretary | all gaps at once, with a term |" in text
    )
