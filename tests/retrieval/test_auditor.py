"""An auditor does no act but reading: every act of the journey's table, and every step that does one."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from rules import permissions
from schemas.customer import Role
from schemas.errors import AsharError
from schemas.event import Act
from schemas.tables import METADATA
from tests.offices import READING, TRAIL, Desk, Stages
from tests.steps.doors import DOORS, Door


@pytest.mark.parametrize("act", list(Act), ids=str)
def test_he_may_read_and_nothing_else(act: Act):
    assert permissions.allowed(Role.AUDITOR, act) is (act in READING)


@pytest.fixture(scope="module")
def desk(played: Stages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    one = played.desk("evaluated", tmp_path_factory.mktemp("auditor") / "home")
    yield one
    one.close()


def held(desk: Desk) -> Mapping[str, list[Any]]:
    """All that is recorded, but the record of reading."""
    event = METADATA.tables["event"]
    with desk.office.engine.connect() as connection:
        rows = {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in METADATA.sorted_tables
            if table.name not in TRAIL
        }
        rows["acts"] = [str(act) for act in connection.scalars(select(event.c.act)) if act not in READING]
    return rows


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_no_step_lets_him_change_anything(door: Door, desk: Desk, do: Callable[..., None]):
    before = held(desk)
    do(door, desk)
    assert held(desk) == before


@pytest.fixture
def do() -> Callable[..., None]:
    def done(door: Door, desk: Desk) -> None:
        with contextlib.suppress(AsharError, IndexError, AssertionError):  # where the stage lacks what it needs
            door.do(desk, desk.as_role(Role.AUDITOR))

    return done
