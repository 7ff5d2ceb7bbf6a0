"""A long trail in a short time: events of many cases as the ledger writes them, in bulk, past the unit of work.

The guards look at every row all the same; the sequencer has the tickets that they write.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, bindparam, insert

from schemas.tables import METADATA
from storage.canonical import canonical
from storage.engine import writing
from storage.keymap import key_of
from storage.ledger import leaf

TENANT = UUID(int=1)
BEGAN = datetime(2024, 1, 9, 3, tzinfo=UTC)
ACTORS = [UUID(int=1000 + number) for number in range(40)]
ACTS = [
    "application:inspect",
    "application:ask_for_more",
    "sheet:submit",
    "report:read",
    "period:remind",
    "letter:send",
]
_STREAM, _EVENT, _FILE = (METADATA.tables[name] for name in ("stream", "event", "eventfile"))
TOGETHER = 5_000
CASES_OF_A_CONTEST = 50


def fill(engine: Engine, cases: int, events: int, *, seed: int = 2017) -> list[UUID]:
    """So many events of each of so many cases, of contests of fifty, as they would interleave in five years. The cases."""
    rng = random.Random(seed)  # noqa: S311 -- no secret
    streams = list(_streams(cases))
    heads = {one["id"]: ("", 0) for one in streams}
    keys = {one["id"]: one["key"] for one in streams}
    under = {one["id"]: (one["key"], keys[one["parent_id"]]) for one in streams if one["parent_id"]}
    with writing(engine) as session:
        session.execute(insert(_STREAM), [{**one, "seq": 0, "head": ""} for one in streams])
    turns = [one for one in under for _ in range(events)]
    rng.shuffle(turns)
    step = timedelta(days=5 * 365) / len(turns)
    for begin in range(0, len(turns), TOGETHER):
        rows, files = [], []
        for number, case in enumerate(turns[begin : begin + TOGETHER], begin):
            row = _event(rng, case, under[case], heads, BEGAN + number * step)
            rows.append(row)
            if number % 4 == 0:
                files.append({"event_id": row["id"], "sha256": f"{rng.getrandbits(256):064x}"})
        with writing(engine) as session:
            session.execute(insert(_EVENT), rows)
            session.execute(insert(_FILE), files)
    with writing(engine) as session:
        session.execute(
            _STREAM.update()
            .where(_STREAM.c.id == bindparam("stream"))
            .values(seq=bindparam("at"), head=bindparam("leaf")),
            [{"stream": case, "at": seq, "leaf": head} for case, (head, seq) in heads.items() if seq],
        )
    return list(under)


def _streams(cases: int) -> Iterator[dict[str, Any]]:
    contest: dict[str, Any] = {}
    for number in range(cases):
        if number % CASES_OF_A_CONTEST == 0:
            contest = _stream("contest", f"batken/{number // CASES_OF_A_CONTEST}", None)
            yield contest
        yield _stream("case", f"{contest['name']}/{number % CASES_OF_A_CONTEST + 1}", contest["id"])


def _stream(kind: str, name: str, parent: UUID | None) -> dict[str, Any]:
    key = key_of(kind, name).hex()
    return {"id": uuid4(), "tenant_id": TENANT, "kind": kind, "name": name, "key": key, "parent_id": parent}


def _event(
    rng: random.Random, case: UUID, keys: tuple[str, str], heads: dict[UUID, tuple[str, int]], at: datetime
) -> dict[str, Any]:
    previous, last = heads[case]
    told = {
        "id": uuid4(),
        "act": rng.choice(ACTS),
        "at": at,
        "noun": "application",
        "rule": "places",
        "pack": "kg-2017 1",
    }
    who, seq = rng.choice(ACTORS), last + 1
    changes = [
        {
            "noun": "application",
            "id": case,
            "field": name,
            "old": "Каралды",
            "new": {"sd": f"{rng.getrandbits(256):064x}"},
        }
        for name in ("status", "remarks")
    ]
    facts = [["contest", "Баткен шаары"], ["places", seq], ["due", at.date()]]
    body = canonical(
        {
            **told,
            "v": 1,
            "stream": case,
            "seq": seq,
            "actor": who,
            "role": "secretary",
            "subject": case,
            "reason": None,
            "facts": facts,
            "run": "",
            "changes": changes,
            "files": [],
            "previous": previous,
        }
    )
    digest = leaf(body, keys, seq, previous)
    heads[case] = (digest, seq)
    columns = {"tenant_id": TENANT, "stream_id": case, "seq": seq, "actor_id": who, "actor_role": "secretary"}
    return told | columns | {"subject_id": case, "run_id": "", "body": body, "previous": previous, "hash": digest}
