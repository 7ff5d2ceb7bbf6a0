"""The officer's lists in Prefect: there after a run, new when they have changed, and never endless."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prefect import flow
from prefect.artifacts import Artifact
from prefect.testing.utilities import prefect_test_harness

from flows import artifacts
from flows.steps.worklist import Item
from schemas.wording import say
from tests.offices import Desk


def items(count: int) -> list[Item]:
    return [Item("batken", f"BATKEN-2018-1/{at}", f"{at} / 12", "status.period.open", at) for at in range(count)]


def test_a_list_of_two_hundred_is_whole_and_a_longer_one_says_how_much_more():
    assert len(artifacts.table(items(200))) == 200
    cut = artifacts.table(items(203))

    assert len(cut) == 201
    assert say("paper.worklist.more", "ky", count=3) in cut[-1].values()
    assert all(row.keys() == cut[0].keys() for row in cut)


@pytest.fixture(scope="module")
def prefect() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.mark.server
def test_the_lists_are_in_prefect_and_written_anew_only_when_they_change(prefect: None, desk_at: Callable[[str], Desk]):
    desk = desk_at("reported")

    @flow
    def run() -> None:
        artifacts.officer(desk.office)

    run()
    first = {key: told(key) for key in ("due-this-week", "overdue-by-rung", "waiting-for-us")}
    assert desk.contract().number in str(first["waiting-for-us"].data)
    assert desk.papers.applicant("taza-muun").organisation not in str([one.data for one in first.values()])
    run()
    assert {key: told(key).id for key in first} == {key: one.id for key, one in first.items()}
    desk.at(desk.office.now().replace(year=desk.office.now().year + 1))
    run()
    assert told("waiting-for-us").id != first["waiting-for-us"].id


def told(key: str) -> Any:
    found = Artifact.get(key)
    assert found is not None
    return found
