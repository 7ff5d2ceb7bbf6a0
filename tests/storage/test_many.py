"""Many rows in one statement: the same rows come out on both databases, one or many, new or there already."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import IntegrityError

from schemas.document import Blob, BlobState
from schemas.tables import METADATA
from storage.engine import reading, writing
from storage.many import put
from tests.storage.makers import NOW, TENANT

RANGE, BLOB = METADATA.tables["keyrange"], METADATA.tables["blob"]


def blobs(count: int) -> list[dict[str, object]]:
    states = (BlobState.STORING, BlobState.STORED)
    same = {"tenant_id": TENANT, "size": 2**40, "touched_at": NOW}
    return [
        {"id": uuid4(), "sha256": f"{n:064x}", "key": f"it's {n} ң", "state": states[n % 2], **same}
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 1_000])
def test_rows_come_out_as_they_went_in(engine: Engine, count: int):
    rows = blobs(count)
    with writing(engine) as session:
        put(session, BLOB, rows)

    with reading(engine) as session:
        found = {one.id: one.model_dump() for one in session.scalars(select(Blob))}
    assert found == {row["id"]: row for row in rows}


@pytest.mark.parametrize("count", [1, 2, 300])
def test_what_is_there_already_changes_where_it_may(engine: Engine, count: int):
    rows = [{"key": f"{n:064x}", "count": 1, "peaks": b"\x00\xff"} for n in range(count)]
    with writing(engine) as session:
        put(session, RANGE, rows)
    later = [{**row, "count": 2**33, "peaks": b""} for row in rows] + [{"key": "f" * 64, "count": 1, "peaks": b"'"}]
    with writing(engine) as session:
        put(session, RANGE, later, instead=("count", "peaks"))

    with reading(engine) as session:
        assert [dict(one._mapping) for one in session.execute(select(RANGE).order_by("key"))] == later
    with pytest.raises(IntegrityError), writing(engine) as session:
        put(session, RANGE, later)


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_postgresql_is_asked_once(engine: Engine):
    asked: list[bool] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[-1]))
    with writing(engine) as session:
        put(session, BLOB, blobs(500))

    assert asked == [False]
