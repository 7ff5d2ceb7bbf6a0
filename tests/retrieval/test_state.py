"""What the events of a stream say of a day is what the database held on that day, field by field, in a journey that is really played."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from flows.steps import holds, redaction
from schemas.application import Application
from storage import state
from storage.engine import reading
from storage.state import GONE, Difference, Place
from tests.offices import Desk, Stages
from tests.retrieval.snapshots import Snapshots, unlike


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def desk(request: pytest.FixtureRequest, played: Stages, tmp_path: Path) -> Iterator[Desk]:
    settings: dict[str, Any] = {}
    if request.param == "postgres":
        settings["database_url"] = SecretStr(request.getfixturevalue("fresh"))
    desk = Desk(tmp_path, played.papers, played.reader, settings)
    yield desk
    desk.close()


def test_the_fold_is_what_the_tables_held_after_each_act_and_at_each_hour(desk: Desk, played: Stages):
    snapshots = Snapshots(desk.office)
    snapshots.begin()
    for stage in Stages.ORDER:
        getattr(played, stage)(desk)
    snapshots.end()
    assert len(snapshots.moments) > 100

    wrong: list[str] = []
    with reading(desk.office.engine) as session:
        last = {}
        for moment in snapshots.moments:
            for stream_id, (seq, rows) in moment.streams.items():
                wrong += unlike(session, stream_id, seq, rows)
                last[stream_id, moment.at] = rows
        for (stream_id, at), rows in last.items():
            wrong += unlike(session, stream_id, at, rows)
            assert (
                state.until(session, stream_id, at + timedelta(microseconds=1))[1]
                >= state.until(session, stream_id, at)[1]
            )
        now = list(state.all_apart(session))
    assert wrong == []
    assert now == []


class TestARowThatWasChangedPastItsEvents:
    @pytest.fixture
    def office(self, desk_at: Callable[..., Desk]) -> Desk:
        return desk_at("evaluated")

    @pytest.mark.parametrize(
        ("attack", "field"),
        [
            ("UPDATE application SET score = score + 1 WHERE number = 1", "score"),
            ("UPDATE application SET version = version + 1 WHERE number = 1", "version"),
            ("UPDATE contract SET amount = amount + 100", "amount"),
            ("UPDATE application SET sender = 'other@ngo.example' WHERE number = 1", "sender"),
            ("DELETE FROM visit", None),
            ("DELETE FROM sheet WHERE id = (SELECT min(id) FROM sheet)", "id"),
            ("UPDATE sheet SET id = '00000000000000000000000000000001' WHERE id = (SELECT min(id) FROM sheet)", "id"),
            ("UPDATE tranche SET status = 'held'", "status"),
        ],
    )
    def test_is_found(self, office: Desk, attack: str, field: str | None):
        with reading(office.office.engine) as session:
            assert list(state.all_apart(session)) == []
        with office.office.engine.begin() as connection:
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            changed = connection.exec_driver_sql(attack).rowcount
        with reading(office.office.engine) as session:
            found = [one for _, one in state.all_apart(session)]
        assert {one.field for one in found} >= ({field} if changed and field else set())
        assert bool(found) is bool(changed)

    def test_a_redacted_value_is_not_compared(self, office: Desk):
        case = office.case(1)
        order = holds.Order("Мыйзам", "58", date(2008, 4, 14))
        redaction.of_event(office.office, office.who("lawyer"), case.id, 1, order)
        with reading(office.office.engine) as session:
            assert list(state.all_apart(session)) == []
            held, _ = state.until(session, case.id, None)
        assert held[Place("application", str(case.id))].values["sender"] == GONE


def test_two_moments_differ_in_the_fields_that_changed(desk_at: Callable[..., Desk]):
    desk = desk_at("cured")
    case = desk.case(2)
    with reading(desk.office.engine) as session:
        before, _ = state.until(session, case.id, desk.contest.cutoff + timedelta(minutes=5))
        after, _ = state.until(session, case.id, None)
        nothing, none = state.until(session, case.id, 0)
        assert state.until(session, case.id, 10**20) == state.until(session, case.id, None)
    found = state.differences(before, after)
    of = [one for one in found if one.noun == "application"]
    assert Difference("application", str(case.id), "status", "to_cure", "eligible") in of
    assert {one.field for one in of} <= set(Application.model_fields)
    assert (nothing, none) == ({}, 0)
    assert state.differences(after, after) == []
    assert state.differences({}, before)[0].old is None
