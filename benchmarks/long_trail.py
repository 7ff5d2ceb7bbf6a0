"""A long trail in a short time: events of many cases as the ledger writes them, in bulk, past the unit of work.

The guards look at every row all the same; the sequencer has the tickets that they write. Each event has one personal value.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, insert

from rules.packs import load
from schemas.base import new_id
from schemas.tables import METADATA
from storage.canonical import canonical
from storage.engine import writing
from storage.keymap import key_of
from storage.ledger import leaf, withhold

PACK = load("kg-604-2022").edition
TENANT = UUID(int=1)
BEGAN, FIVE_YEARS = datetime(2021, 1, 11, 3, tzinfo=UTC), timedelta(days=5 * 365)
ACTORS = [UUID(int=1000 + number) for number in range(40)]
ACTS = [
    "application:inspect",
    "application:ask_for_more",
    "sheet:submit",
    "report:read",
    "period:remind",
    "letter:send",
]
_STREAM, _EVENT, _FILE, _DISCLOSURE = (METADATA.tables[name] for name in ("stream", "event", "eventfile", "disclosure"))
TOGETHER = 5_000
CASES_OF_A_CONTEST = 50
REMARKS = (
    "Каралды",
    "Толукталсын: маалымкат жок",
    "Проверено, замечаний нет",
    "Кол коюлган",
    "Срок продлён на три дня",
)


def fill(
    engine: Engine,
    cases: int,
    events: int,
    *,
    tenant: UUID = TENANT,
    name: str = "batken",
    seed: int = 2017,
    began: datetime = BEGAN,
    over: timedelta = FIVE_YEARS,
) -> list[UUID]:
    """So many events of each of so many cases, of contests of fifty, as they would interleave in that time. The cases.

    They wait for the sequencer. `name`: that of the contests, which no two calls may share.
    """
    rng = random.Random(seed)  # noqa: S311 -- no secret
    streams = list(_streams(cases, tenant, name))
    heads = {one["id"]: ("", 0) for one in streams}
    keys = {one["id"]: one["key"] for one in streams}
    under = {one["id"]: (one["key"], keys[one["parent_id"]]) for one in streams if one["parent_id"]}
    with writing(engine) as session:
        session.execute(insert(_STREAM), [{**one, "seq": 0, "head": ""} for one in streams])
    turns = [one for one in under for _ in range(events)]
    rng.shuffle(turns)
    step = over / len(turns)
    for begin in range(0, len(turns), TOGETHER):
        rows, files, hidden = [], [], []
        for number, case in enumerate(turns[begin : begin + TOGETHER], begin):
            named = [f"{rng.getrandbits(256):064x}"] if number % 4 == 0 else []
            row, disclosure = _event(rng, case, under[case], heads, began + number * step, named)
            rows.append({**row, "tenant_id": tenant})
            hidden.append(disclosure)
            files += [{"event_id": row["id"], "sha256": one} for one in named]
        with writing(engine) as session:
            session.execute(insert(_EVENT), rows)
            session.execute(insert(_DISCLOSURE), hidden)
            session.execute(insert(_FILE), files)
    return list(under)


def _streams(cases: int, tenant: UUID, name: str) -> Iterator[dict[str, Any]]:
    contest: dict[str, Any] = {}
    for number in range(cases):
        if number % CASES_OF_A_CONTEST == 0:
            contest = _stream("contest", f"{name}/{number // CASES_OF_A_CONTEST}", None, tenant)
            yield contest
        yield _stream("case", f"{contest['name']}/{number % CASES_OF_A_CONTEST + 1}", contest["id"], tenant)


def _stream(kind: str, name: str, parent: UUID | None, tenant: UUID) -> dict[str, Any]:
    key = key_of(kind, name).hex()
    return {"id": uuid4(), "tenant_id": tenant, "kind": kind, "name": name, "key": key, "parent_id": parent}


def _event(
    rng: random.Random,
    case: UUID,
    keys: tuple[str, str],
    heads: dict[UUID, tuple[str, int]],
    at: datetime,
    files: list[str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    previous, last = heads[case]
    told = {
        "id": new_id(),
        "act": rng.choice(ACTS),
        "at": at,
        "noun": "application",
        "rule": "places",
        "pack": PACK,
    }
    who, seq, path = rng.choice(ACTORS), last + 1, "application.remarks.new"
    salt, digest, value = withhold(f"{rng.choice(REMARKS)}: {rng.getrandbits(32)}", path)
    change = {"noun": "application", "id": case}
    changes = [
        {**change, "field": "status", "old": "Каралууда", "new": "Каралды"},
        {**change, "field": "remarks", "old": None, "new": {"sd": digest}},
    ]
    facts = {"contest": "Баткен шаары", "places": seq, "due": at.date()}
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
            "files": files,
            "previous": previous,
        }
    )
    hashed = leaf(body, keys, seq, previous)
    heads[case] = (hashed, seq)
    columns = {"stream_id": case, "seq": seq, "actor_id": who, "actor_role": "secretary", "subject_id": case}
    row = told | columns | {"run_id": "", "body": body, "previous": previous, "hash": hashed}
    return row, {"event_id": told["id"], "digest": digest, "path": path, "salt": salt, "value": value}
