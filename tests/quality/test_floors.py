"""No check does worse than what was measured; scans are left to `make quality`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.quality import floors, measure
from tests.quality.measure import Measured, Room, Score, Table


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    room = Room(tmp_path_factory.mktemp("quality"))
    yield measure.measured(room, quick=True)
    room.close()


def test_no_check_finds_less_or_makes_up_more_than_was_measured(found: Measured):
    assert floors.fallen(found) == []


def test_every_check_finds_something_in_the_words_that_readers_know(found: Measured):
    assert [name for scores in found.known.groups().values() for name, score in scores.items() if not score.right] == []


@pytest.mark.parametrize(
    ("change", "fallen"),
    [({}, False), ({"right": 2}, False), ({"right": 0}, True), ({"false": 1}, True), ({"wrong": 1}, True)],
)
def test_one_slip_more_than_measured_is_a_fall(tmp_path: Path, monkeypatch, change: dict[str, int], fallen: bool):
    def table(score: Score) -> Measured:
        return Measured(known=Table(rules={"missing": score}), unseen=Table())

    monkeypatch.setattr(floors, "FLOORS", tmp_path / "floors.tsv")
    usual = Score(support=3, right=1)
    floors.write(table(usual))

    assert bool(floors.fallen(table(replace(usual, **change)))) is fallen
