"""The audit trail at a million events in five thousand cases: appending, sealing, verifying, finding, and the dossier of a case.

Run it by `make bench-audit`; docs/benchmarks-audit.md holds what was measured, on which machine and when.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID
from zipfile import ZipFile

from sqlalchemy import text

from benchmarks import audit_page, evening, finding_events, sequencing
from benchmarks.appending import MODES, Hand, Load, by_processes, by_queue, hands, ours, prepared
from benchmarks.finding_events import Asked
from benchmarks.long_trail import BEGAN, FIVE_YEARS, fill
from benchmarks.meter import ended, machine
from benchmarks.office import apart, notary, office_on
from benchmarks.sequencing import drained, until_signed, waiting
from flows.office import Office
from flows.steps import dossier, register
from flows.steps.sealing import completeness
from schemas.customer import Role
from schemas.doer import Doer
from schemas.event import Stream
from storage.engine import connect
from storage.work import looking

One = TypeVar("One")
EVENTS_OF_A_CASE = 200
WRITERS, SECONDS, ROUNDS = 8, 4.0, 9  # short ones in turn, so that a slow minute is one for all
BURST = 50_000
LOADS = {"one": Load(), "ten": Load(events=10), "five_ms": Load(other=5)}
ALIKE = 20  # dossiers, and commits until they are signed


PARTS = ("verifying", "dossiers", "burst", "appending")


def measured(database: str, folder: Path, sizes: Sequence[int], *, parts: Collection[str]) -> list[dict[str, Any]]:
    """One database with so many cases, for each of these sizes: draining, finding, and of the largest these parts of the rest."""
    with ExitStack() as smaller, office_on(database, folder / f"{max(sizes)}") as largest:
        asked, told = [], []
        for cases in sizes:
            office = largest if cases == max(sizes) else smaller.enter_context(office_on(database, folder / f"{cases}"))
            tenant = register.register_customer(
                office, register.OPERATOR, code="batken", name=_WORDS, city=_WORDS, zone="Asia/Bishkek"
            )
            _say(f"{database}: {cases * EVENTS_OF_A_CASE:,} events in {cases:,} cases are written")
            known = fill(office.engine, cases, EVENTS_OF_A_CASE, tenant=tenant)
            told.append({"database": database, "cases": cases, "first_drain": drained(office)})
            _analysed(office)
            _say(f"sealed in {told[-1]['first_drain']['wall']:.0f} s")
            asked.append(Asked(office, Doer(UUID(int=77), tenant, frozenset({Role.AUDITOR})), known))
        _say("finding")
        for one, found in zip(told, finding_events.measured(asked), strict=True):
            one["finding"] = found
        smaller.close()
        _say("the rest, with the most events")
        told[sizes.index(max(sizes))] |= _rest(asked[sizes.index(max(sizes))], folder, parts)
    return told


def _rest(asked: Asked, folder: Path, parts: Collection[str]) -> dict[str, Any]:
    office, told = asked.office, dict[str, Any]()
    if "verifying" in parts:
        _say("verifying")
        told["verifying"] = verifying(office)
    if "dossiers" in parts:
        _say("dossiers")
        told["dossiers"] = dossiers(office, asked.doer, asked.cases, folder)
    if "burst" in parts:
        _say(f"a burst of {BURST:,} events")
        cases, later = BURST // EVENTS_OF_A_CASE, {"began": BEGAN + FIVE_YEARS, "over": timedelta(days=30)}
        fill(office.engine, cases, EVENTS_OF_A_CASE, tenant=asked.doer.tenant_id, name="osh", seed=2018, **later)
        told["burst"] = drained(office)
    if "appending" in parts:
        told["appending"], told["until_signed"] = appending(office, len(asked.cases), folder)
    return told


_WORDS = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}


def _analysed(office: Office) -> None:
    """The database knows its tables, as it does by itself within minutes."""
    with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM (ANALYZE)"))


def verifying(office: Office) -> dict[str, Any]:
    """The bare loop, the reading and ours in turn, each in a process of its own; by one process, by two, and with the store."""
    settings, told = office.settings, {"bare": [], "reading": [], "one": [], "two": [], "whole": []}
    office.engine.dispose()  # the others are alone with the database
    for _ in range(sequencing.ALIKE):
        told["bare"].append(apart(sequencing.bare, settings))
        told["reading"].append(apart(sequencing.reading, settings))
        told["one"].append(apart(sequencing.verified, settings, 1, False))
        told["two"].append(apart(sequencing.verified, settings, 2, False))
    told["whole"].append(apart(sequencing.verified, settings, 2, True))
    return told


def dossiers(office: Office, doer: Doer, cases: list[UUID], folder: Path) -> dict[str, Any]:
    """Dossiers of cases: seconds to make one, CPU seconds to verify it by its own verifier, bytes of its proof."""
    target, place = folder / "dossier.zip", folder / "unpacked"
    told: dict[str, Any] = {"made": [], "made_cpu": [], "verified_cpu": [], "proof": [], "zip": []}
    for case in cases[:: max(1, len(cases) // ALIKE)][:ALIKE]:
        target.unlink(missing_ok=True)
        began, cpu = time.perf_counter(), time.process_time()
        made = dossier.dossier(office, doer, case, target)
        told["made"].append(time.perf_counter() - began)
        told["made_cpu"].append(time.process_time() - cpu)
        assert made.events == EVENTS_OF_A_CASE + 1  # the dossier itself is on record
        told["proof"].append(_proof(office, case))
        told["zip"].append(target.stat().st_size)
        with ZipFile(target) as bag:
            bag.extractall(place)
        told["verified_cpu"].append(_children(lambda: _verify(place, target)))
        shutil.rmtree(place)
    told["interpreter_cpu"] = [
        _children(lambda: subprocess.run([sys.executable, "-c", ""], check=True)) for _ in range(ALIKE)
    ]
    return told


def _verify(place: Path, target: Path) -> None:
    [script] = place.rglob("verify.py")
    subprocess.run([sys.executable, str(script), str(target)], check=True, stdout=subprocess.PIPE)


def _children(do: Callable[[], Any]) -> float:
    before = ended()
    do()
    return ended() - before


def _proof(office: Office, case: UUID) -> int:
    """Bytes of all that proves a case's trail complete beside its events: checkpoint, head of the map, and two paths of hashes."""
    with looking(office.engine, office.system) as look:
        proof = completeness(look.session, look.get(Stream, case).key)
    hashes = [*proof.inclusion, *proof.map.siblings, *(proof.map.other or ())]
    return len(proof.note.encode()) + len(proof.head) + sum(map(len, hashes))


def appending(office: Office, cases: int, folder: Path) -> tuple[dict[str, Any], list[float]]:
    """Transactions a second of eight writers, each mode and load in turn; and from a commit to its checkpoint."""
    ids = prepared(office.engine, cases)
    owed = evening.assigned(office, folder)
    drained(office)
    _analysed(office)
    _say("a copy without triggers")
    plain = evening.bared(office, folder)
    told: dict[str, Any] = {load: {mode: [] for mode in MODES} for load in LOADS}
    told["act"] = {"plain": [], "ours": []}
    behind: list[int] = []
    engine = _there(office, lambda: connect(office.settings.database), office.engine)
    offices = {"plain": (evening.PlainOffice, plain), "ours": (Office, office.settings)}
    here = {mode: _there(office, partial(kind, given), kind(given)) for mode, (kind, given) in offices.items()}
    with notary(office.settings):
        _begun(office, ids[0])
        for turn in range(ROUNDS):
            for name, load in LOADS.items():
                for mode in MODES:
                    rate = _rate(office, hands(engine, mode, ids, load, writers=WRITERS))
                    behind += [waiting(office.engine)] if mode == "ours" else []
                    told[name][mode].append(rate)
                    _say(f"round {turn + 1}: {name}, {mode}: {rate:,.0f} transactions a second")
                    _settled(office)
            for mode, those in here.items():
                rate = _rate(office, evening.hands(those, owed[turn::ROUNDS], WRITERS))
                behind += [waiting(office.engine)] if mode == "ours" else []
                told["act"][mode].append(rate)
                _say(f"round {turn + 1}: a score sheet, {mode}: {rate:,.0f} acts a second")
                _settled(office)
        signed = until_signed(office, ids[:ALIKE])
    return {**told, "behind": behind, "seconds": SECONDS}, signed


def _there(office: Office, new: Callable[[], One], shared: One) -> Callable[[], One]:
    """What a writer works with: a process its own, on SQLite all the same one."""
    return (lambda: shared) if office.engine.dialect.name == "sqlite" else new


def _rate(office: Office, hand: Hand) -> float:
    by = by_queue if office.engine.dialect.name == "sqlite" else by_processes
    return by(hand, writers=WRITERS, seconds=SECONDS)


def _begun(office: Office, case: UUID) -> None:
    """The notary has read what it goes on from, and sealed once: what its start costs is no part of an append."""
    ours(office.engine, case, Load())
    _settled(office)


def _settled(office: Office) -> None:
    """Nothing waits for the notary, all is in the index of events, and it rests."""
    while waiting(office.engine) or sequencing.not_indexed(office):
        time.sleep(0.3)
    time.sleep(1.0)


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--cases", type=int, nargs="+", default=[50, 500, 5_000], help="of 200 events each; all is measured at the most"
    )
    asked.add_argument("--databases", nargs="+", choices=("sqlite", "postgres"), default=("sqlite", "postgres"))
    asked.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="others are kept as they were measured")
    asked.add_argument("--folder", type=Path, default=Path("bench-output"))
    at = asked.parse_args()
    at.folder.mkdir(parents=True, exist_ok=True)
    for database in at.databases:
        for one in measured(database, at.folder.absolute() / "audit", at.cases, parts=at.parts):
            place = at.folder / f"audit-{database}-{one['cases']}.json"
            told = json.loads(place.read_text()) if place.exists() else {}
            told |= one | {"when": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine()}
            place.write_text(json.dumps(told, indent=1))
    print(audit_page.written(at.folder))


if __name__ == "__main__":
    main()
