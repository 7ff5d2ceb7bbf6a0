"""The trail holds together, tells everything and nobody's name, and shows whatever a table's owner did to it."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
import rfc8785
from sqlalchemy import Engine, text

from schemas.application import Organisation
from schemas.base import Recorded
from schemas.customer import Person
from schemas.document import Document
from schemas.errors import BrokenTrail
from schemas.event import Act
from schemas.programme import Problem
from schemas.tables import METADATA
from storage import guards
from storage.engine import reading, writing
from storage.ledger import Because, leaf, skeleton
from storage.trail import keys_of, trail, verify
from storage.work import working
from tests.storage.makers import CLERK, NOW, REASON, TENANT, prioritise, problem, propose, proposed


@pytest.fixture
def row(engine: Engine) -> Problem:
    """A problem with five events."""
    told = propose(engine)
    for number in range(4):
        prioritise(engine, told, number + 1)
    return told


def checked(engine: Engine, stream: UUID) -> int:
    with reading(engine) as session:
        return verify(session, stream)


def test_events_of_a_stream_are_a_chain_without_a_gap(engine: Engine, row: Problem):
    other = propose(engine)  # another stream does not disturb
    with reading(engine) as session:
        entries = trail(session, row.stream_id)
        columns = session.execute(text("SELECT seq, previous, hash, body FROM event ORDER BY seq")).all()

    assert [one.seq for one in entries] == [1, 2, 3, 4, 5]
    assert [one.body["previous"] for one in entries] == ["", *(one.hash for one in entries[:-1])]
    with reading(engine) as session:
        keys = {keys_of(session, [stream])[stream] for stream in (row.stream_id, other.stream_id)}
    assert all(one.hash in {leaf(bytes(one.body), key, one.seq, one.previous) for key in keys} for one in columns)
    assert all(json.loads(skeleton(b"x", key, 1, ""))["k"] == list(key) for key in keys)
    assert checked(engine, row.stream_id) == 5


def test_a_part_of_a_trail_can_be_read(engine: Engine, row: Problem):
    with reading(engine) as session:
        assert [one.seq for one in trail(session, row.stream_id, after=2, limit=2)] == [3, 4]


def test_the_body_is_canonical_and_tells_who_what_when_and_why(engine: Engine, row: Problem):
    with reading(engine) as session:
        bodies = [bytes(one) for one in session.scalars(text("SELECT body FROM event ORDER BY seq"))]
        entry = trail(session, row.stream_id)[-1]

    for body in bodies:
        assert rfc8785.dumps(orjson.loads(body)) == body
    assert (entry.act, entry.at, entry.actor_id, entry.role) == (Act.PROBLEM_PRIORITISE, NOW, CLERK.id, "coordinator")
    told = [(one["noun"], one["field"], one["old"], one["new"]) for one in entry.body["changes"]]
    assert told == [("problem", "priority", 3, 4)]
    assert list(entry.disclosed.values()) == ["калктын сунушу"]


def test_nothing_is_written_without_a_because():
    with pytest.raises(ValueError, match="because"):
        Because()


SECRETS = {
    Person: {"name": "Исакова Гүлзат", "email": "gulzat@example.kg", "phone": "+996 555 010203"},
    Organisation: {
        "head": "Асанов Бакыт",
        "phone": "+996 555 040506",
        "email": "asanov@example.kg",
        "bank_account": "1234567890123456",
    },
    Document: {"facts": {"values": {"head": {"value": "Асанов Бакыт", "place": "1-бет"}}}},
}
OPEN = {
    Person: {"login": "gulzat"},
    Organisation: {"name": "Таза шаар", "inn": "00000000000001"},
    Document: {"subject_id": UUID(int=9), "name": "арыз.docx", "sha256": "0" * 64, "size": 1},
}


@pytest.mark.parametrize("model", SECRETS, ids=lambda model: model.__name__)
def test_personal_values_stand_in_no_body_and_are_opened_by_their_disclosures(engine: Engine, model: type[Recorded]):
    told = propose(engine, row=model(**OPEN[model], **SECRETS[model]))
    changed = "башка зым"
    with working(engine, CLERK, NOW) as work:
        held = work.get(model, told.id)
        for name, value in SECRETS[model].items():
            setattr(held, name, {"башка": changed} if isinstance(value, dict) else changed)
        work.record(Act.PERSON_REGISTER, held, because=REASON)

    with reading(engine) as session:
        entries = trail(session, told.stream_id)
        bodies = b"".join(bytes(one) for one in session.scalars(text("SELECT body FROM event"))).decode()
        salts = session.execute(text("SELECT digest, path, salt, value FROM disclosure")).all()
    hidden = {
        word for text_ in SECRETS[model].values() if isinstance(text_, str) for word in re.findall(r"\S{4,}", text_)
    }
    assert [word for word in [*(hidden - {"values"}), "зым", "калктын", "Асанов", "Гүлзат"] if word in bodies] == []
    opened = {
        change["field"]: entries[0].disclosed[change["new"]["sd"]]
        for change in entries[0].body["changes"]
        if change["field"] in SECRETS[model]
    }
    assert {
        name: orjson.loads(one) if isinstance(SECRETS[model][name], dict) else one for name, one in opened.items()
    } == SECRETS[model]
    assert all(
        hashlib.sha256(rfc8785.dumps([one.salt, one.path, one.value])).hexdigest() == one.digest for one in salts
    )
    assert len({one.salt for one in salts}) == len(salts)


# -- what a table's owner may do, and how it shows -----------------------------------------------------------------


def as_owner(engine: Engine, *statements: str) -> None:
    """Take the guards away, as only the owner can, and do it."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            for table in (*guards.FROZEN, "disclosure", "problem", "stream", "unsealed"):
                connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for statement in ("DELETE FROM unsealed", *statements):
            connection.exec_driver_sql(statement)


def edited(engine: Engine) -> str:
    """The body of an event with another number in it."""
    if engine.dialect.name == "sqlite":
        return """CAST(replace(CAST(body AS TEXT), '"new":2', '"new":9') AS BLOB)"""
    return """convert_to(replace(convert_from(body, 'UTF8'), '"new":2', '"new":9'), 'UTF8')"""


ATTACKS: dict[str, tuple[Callable[[Engine], list[str]], str, int]] = {
    "a body is edited": (
        lambda engine: [f"UPDATE event SET body = {edited(engine)} WHERE seq = 3"],
        "changed",
        3,
    ),
    "an event from the middle is removed": (lambda _: ["DELETE FROM event WHERE seq = 3"], "gap", 3),
    "the first is removed": (lambda _: ["DELETE FROM event WHERE seq = 1"], "gap", 1),
    "the tail is removed": (lambda _: ["DELETE FROM event WHERE seq > 3"], "tail", 4),
    "all are removed": (lambda _: ["DELETE FROM event"], "tail", 1),
    "two are swapped": (
        lambda _: [
            "UPDATE event SET seq = 99 WHERE seq = 2",
            "UPDATE event SET seq = 2 WHERE seq = 3",
            "UPDATE event SET seq = 3 WHERE seq = 99",
        ],
        "changed",
        2,
    ),
    "one is removed and the rest moved up": (
        lambda _: ["DELETE FROM event WHERE seq = 4", "UPDATE event SET seq = 4 WHERE seq = 5"],
        "changed",
        4,
    ),
    "the time is another in the column": (
        lambda _: ["UPDATE event SET at = '2020-01-01 00:00:00' WHERE seq = 2"],
        "changed",
        2,
    ),
    "the act is another in the column": (
        lambda _: ["UPDATE event SET act = 'problem:fund' WHERE seq = 2"],
        "changed",
        2,
    ),
    "the actor is another in the column": (
        lambda _: ["UPDATE event SET actor_id = tenant_id WHERE seq = 2"],
        "changed",
        2,
    ),
    "the rule is another in the column": (lambda _: ["UPDATE event SET rule = 'law' WHERE seq = 2"], "changed", 2),
    "a link is cut in the column": (lambda _: ["UPDATE event SET previous = '' WHERE seq = 4"], "changed", 4),
    "a hash is another": (lambda _: ["UPDATE event SET hash = 'x' WHERE seq = 4"], "changed", 4),
    "the stream is said to be longer": (lambda _: ["UPDATE stream SET seq = 6"], "tail", 6),
    "the stream is said to be shorter": (lambda _: ["UPDATE stream SET seq = 4"], "tail", 6),
    "a disclosed text is another": (lambda _: ["UPDATE disclosure SET value = 'пара'"], "changed", 1),
    "a disclosure is hung on another event": (
        lambda _: [
            "DELETE FROM disclosure WHERE event_id <> (SELECT id FROM event WHERE seq = 1)",
            "UPDATE disclosure SET event_id = (SELECT id FROM event WHERE seq = 2)",
        ],
        "changed",
        2,
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_the_owner_of_the_tables_does_shows(engine: Engine, row: Problem, attack: str):
    statements, why, seq = ATTACKS[attack]
    as_owner(
        engine, "DELETE FROM problem", *(["DELETE FROM disclosure"] if "remove" in attack else []), *statements(engine)
    )

    with pytest.raises(BrokenTrail) as broken:
        checked(engine, row.stream_id)
    assert (broken.value.facts["why"], broken.value.facts["seq"]) == (why, seq)


def test_a_stream_that_is_gone_is_a_broken_trail(engine: Engine):
    with pytest.raises(BrokenTrail):
        checked(engine, uuid4())


def test_a_head_and_its_chain_are_read_from_one_moment(engine: Engine, row: Problem):
    """An event that is written while somebody verifies is not a broken trail."""
    with reading(engine) as session:
        session.execute(text("SELECT seq FROM stream")).all()
        prioritise(engine, row, 9)
        assert verify(session, row.stream_id) == 5
    assert checked(engine, row.stream_id) == 6


def test_bulk_writing_does_not_slip_past(engine: Engine, row: Problem):
    with pytest.raises(Exception, match="nothing changes without its event"), writing(engine) as session:
        session.execute(METADATA.tables["problem"].update().values(priority=7))
    with pytest.raises(Exception, match="nothing changes without its event"), writing(engine) as session:
        session.add(Problem(title={}, description={}, tenant_id=TENANT, stream_id=row.stream_id, event_id=row.event_id))


def test_the_longest_trail_is_read_in_one_go(engine: Engine):
    with working(engine, CLERK, NOW) as work:
        told = proposed(work, None, problem())
        for number in range(199):
            told.priority = number
            work.at += timedelta(seconds=1)
            work.record(Act.PROBLEM_PRIORITISE, told, because=Because(rule="places", facts={"ключ": 1.5}))

    assert checked(engine, told.stream_id) == 200
