"""How fast the sequencer drains what waits, and how fast the whole log is verified, against bare hashing of the same leaves.

    python -m benchmarks.sequencing [--events 50000] [--cases 500] [--postgres] [--store folder]

Ratios of one run mean something; the rates themselves are those of the machine at that moment.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import Engine, insert, text

from flows.office import Office
from flows.steps import sealing, strands
from flows.steps.sequencer import Sequencer
from schemas.settings import Settings, Store
from schemas.tables import METADATA
from services.object_store import REGION, ObjectStore
from services.postgres import Postgres
from storage.canonical import canonical
from storage.engine import writing
from storage.keymap import key_of
from storage.ledger import leaf, skeleton
from storage.tree import Peaks, leaf_hash

TENANT = UUID(int=1)
BEGAN = datetime(2026, 1, 31, 5, tzinfo=UTC)
WORDS = "Таштанды чогултуу жана жайгаштыруу боюнча кызмат көрсөтүү, Баткен шаары, үч айыл, он эки көчө. "
AT_ONCE = 5_000


def plant(engine: Engine, cases: int, count: int) -> None:
    """So many events, dealt out to so many cases of one contest, with bodies of some 800 bytes; all of them wait."""
    stream, event = METADATA.tables["stream"], METADATA.tables["event"]
    home = uuid4()
    keys = [key_of("contest", f"b/{home}").hex(), *(key_of("case", f"b/{home}/{n}").hex() for n in range(cases))]
    rows = [
        {"id": uuid4() if n else home, "tenant_id": TENANT, "kind": "case" if n else "contest", "key": key}
        | {"name": f"b/{home}/{n - 1}" if n else f"b/{home}", "parent_id": home if n else None, "seq": 0, "head": ""}
        for n, key in enumerate(keys)
    ]
    with writing(engine) as session:
        session.execute(insert(stream), rows)
    heads = [""] * (cases + 1)
    for begin in range(0, count, AT_ONCE):
        told: list[dict[str, Any]] = []
        for number in range(begin, min(begin + AT_ONCE, count)):
            one, seq = number % cases + 1, number // cases + 1
            row = _event(rows[one]["id"], seq, heads[one], [keys[one], keys[0]], number)
            heads[one] = row["hash"]
            told.append(row)
        with writing(engine) as session:
            session.execute(insert(event), told)
    with writing(engine) as session:
        moved = [
            {"stream": rows[n + 1]["id"], "at": _held(n, cases, count), "leaf": heads[n + 1]} for n in range(cases)
        ]
        session.connection().execute(
            text("UPDATE stream SET seq = :at, head = :leaf WHERE id = :stream"),
            [
                one | {"stream": one["stream"] if engine.dialect.name == "postgresql" else one["stream"].hex}
                for one in moved
            ],
        )


def _held(case: int, cases: int, count: int) -> int:
    return count // cases + (case < count % cases)


def _event(stream: UUID, seq: int, previous: str, keys: list[str], number: int) -> dict[str, Any]:
    at, identity, actor = BEGAN + timedelta(seconds=number), uuid4(), UUID(int=number % 97 + 1)
    change = {"noun": "problem", "id": stream, "field": "description", "old": None, "new": WORDS * 2}
    body = canonical(
        {"v": 1, "id": identity, "stream": stream, "seq": seq, "act": "problem:propose", "at": at, "actor": actor}
        | {"role": "coordinator", "noun": "problem", "subject": stream, "rule": "priority", "pack": "kg-2017 1"}
        | {"reason": None, "facts": {"places": 3}, "run": "", "changes": [change], "files": [], "previous": previous}
    )
    row = {"id": identity, "tenant_id": TENANT, "stream_id": stream, "seq": seq, "act": "problem:propose", "at": at}
    row |= {"actor_id": actor, "actor_role": "coordinator", "noun": "problem", "subject_id": stream, "run_id": ""}
    row |= {"rule": "priority", "pack": "kg-2017 1", "body": body, "previous": previous}
    return row | {"hash": leaf(body, keys, seq, previous)}


def bare(office: Office) -> tuple[int, float, float]:
    """Number of leaves, CPU seconds to hash bodies, skeletons and tree from memory, and those to read what is hashed."""
    statement = (
        "SELECT l.entry, e.body, e.seq, e.previous, e.stream_id FROM leaf l LEFT JOIN event e ON e.id = l.event_id "
        "WHERE l.position >= {first} AND l.position < {end} ORDER BY l.position"
    )
    hashing, reading, count, peaks = 0.0, 0.0, 0, Peaks()
    with office.engine.connect().execution_options(reads=True) as connection:
        keys = {UUID(one): told for one, told in strands.names(connection).items()}
        keys |= {one.hex: told for one, told in keys.items()}
        while True:
            began, begin = time.process_time(), count
            rows = list(strands.rows(connection, statement.format(first=begin, end=begin + AT_ONCE)))
            reading += time.process_time() - began
            if not rows:
                return count, hashing, reading
            began = time.process_time()
            for entry, body, seq, previous, stream in rows:
                peaks.append(leaf_hash(entry or skeleton(body, keys[stream], seq, previous)))
            hashing += time.process_time() - began
            count += len(rows)


@contextmanager
def office_on(*, postgres: bool, store: str) -> Iterator[Office]:
    """An office on servers of its own."""
    folder = Path(tempfile.mkdtemp(prefix="ashar-sequencing-"))
    server, objects = Postgres(folder / "pg") if postgres else None, None
    settings: dict[str, Any] = {"home": folder / "home", "store": Store.FOLDER}
    if server is not None:
        folder.chmod(0o755)
        server.start()
        settings["database_url"] = SecretStr(server.url)
    if store == "s3":
        objects = ObjectStore(folder / "s3")
        objects.start()
        settings |= {"store": Store.S3, "s3_endpoint": objects.endpoint, "s3_secure": False, "s3_region": REGION}
        settings |= {"s3_access_key": SecretStr(objects.access_key), "s3_secret_key": SecretStr(objects.secret_key)}
    office = Office(Settings(**settings))
    try:
        yield office
    finally:
        office.close()
        for one in (objects, server):
            if one is not None:
                one.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Print one table."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--events", type=int, default=50_000)
    ask.add_argument("--cases", type=int, default=500)
    ask.add_argument("--postgres", action="store_true")
    ask.add_argument("--store", choices=("folder", "s3"), default="folder")
    ask.add_argument("--jobs", type=int, default=2)
    at = ask.parse_args()
    with office_on(postgres=at.postgres, store=at.store) as office:
        plant(office.engine, at.cases, at.events)
        began, cpu = time.perf_counter(), time.process_time()
        Sequencer(office).drain()
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"drained {at.events} events in {wall:.2f} s: {at.events / wall:,.0f} a second ({cpu:.2f} s of CPU here)")
        leaves, hashing, reading = bare(office)
        print(
            f"bare: hashing and tree {hashing / leaves * 1e6:.1f} µs a leaf, reading the rows {reading / leaves * 1e6:.1f} µs"
        )
        for jobs in sorted({1, at.jobs}):
            for disclosures in (False, True) if jobs == 1 else (False,):
                began, cpu = time.perf_counter(), time.process_time()
                sealing.verify_all(office, jobs=jobs, disclosures=disclosures)
                wall, cpu = time.perf_counter() - began, time.process_time() - cpu
                what = f"verified by {jobs}{' with disclosures' if disclosures else ''}"
                print(
                    f"{what}: {wall:.2f} s, {leaves / wall:,.0f} leaves a second, {cpu:.2f} s of CPU here, "
                    f"{(hashing + reading) / cpu:.0%} of the bare rate, {hashing / (cpu - reading):.0%} without the reading of both"
                )
        print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
