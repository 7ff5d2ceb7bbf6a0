"""The audit trail at a million events in five thousand cases: appending, sealing, verifying, finding, and the dossier of a case.

Run it by `make bench-audit`; docs/benchmarks-audit.md holds what was measured, on which machine and when.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from sqlalchemy import text

from benchmarks import audit_page, finding_events, sequencing
from benchmarks.appending import MODES, Load, by_processes, by_queue, ours, prepared
from benchmarks.long_trail import fill
from benchmarks.meter import ended, machine
from benchmarks.office import apart, notary, office_on
from benchmarks.sequencing import drained, until_signed, waiting
from flows.office import Office
from flows.steps import dossier, register
from flows.steps.sealing import completeness
from schemas.customer import Role
from schemas.doer import Doer
from schemas.event import Stream
from storage.work import looking

EVENTS_OF_A_CASE = 200
WRITERS, SECONDS, ROUNDS = 8, 8.0, 3
BURST = 50_000
LOADS = {"one": Load(), "ten": Load(events=10), "five_ms": Load(other=5)}
ALIKE = 20  # dossiers, and commits until they are signed


PARTS = ("verifying", "dossiers", "burst", "appending")


def measured(database: str, folder: Path, cases: int, *, parts: Collection[str]) -> dict[str, Any]:
    """One database with so many cases: draining and finding, and these parts of the rest."""
    with office_on(database, folder) as office:
        tenant = register.register_customer(
            office, register.OPERATOR, code="batken", name=_WORDS, city=_WORDS, zone="Asia/Bishkek"
        )
        doer = Doer(UUID(int=77), tenant, frozenset({Role.AUDITOR}))
        _say(f"{database}: {cases * EVENTS_OF_A_CASE:,} events in {cases:,} cases are written")
        known = fill(office.engine, cases, EVENTS_OF_A_CASE, tenant=tenant)
        told: dict[str, Any] = {"database": database, "cases": cases, "first_drain": drained(office)}
        _analysed(office)
        _say(f"sealed in {told['first_drain']['wall']:.0f} s; finding")
        told["finding"] = finding_events.measured(office, doer, known)
        if "verifying" in parts:
            _say("verifying")
            told["verifying"] = verifying(office)
        if "dossiers" in parts:
            _say("dossiers")
            told["dossiers"] = dossiers(office, doer, known, folder)
        if "burst" in parts:
            _say(f"a burst of {BURST:,} events")
            fill(office.engine, BURST // EVENTS_OF_A_CASE, EVENTS_OF_A_CASE, tenant=tenant, name="osh", seed=2018)
            told["burst"] = drained(office)
        if "appending" in parts:
            told["appending"], told["until_signed"] = appending(office, cases)
    return told


_WORDS = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}


def _analysed(office: Office) -> None:
    """The database knows its tables, as it does by itself within minutes."""
    with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM (ANALYZE)"))


def verifying(office: Office) -> dict[str, Any]:
    """The bare loop and ours in turn, each in a process of its own; by one process, by two, and with the store."""
    settings, told = office.settings, {"bare": [], "one": [], "two": [], "whole": []}
    office.engine.dispose()  # the others are alone with the database
    for _ in range(sequencing.ALIKE):
        told["bare"].append(apart(sequencing.bare, settings))
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


def appending(office: Office, cases: int) -> tuple[dict[str, Any], list[float]]:
    """Transactions a second of eight writers, each mode and load in turn; and from a commit to its checkpoint."""
    sqlite = office.engine.dialect.name == "sqlite"
    ids = prepared(office.engine, cases)
    drained(office)
    _analysed(office)
    told: dict[str, Any] = {load: {mode: [] for mode in MODES} for load in LOADS}
    behind: list[int] = []
    url = office.settings.database
    for turn in range(ROUNDS):
        for name, load in LOADS.items():
            for mode in MODES:
                with notary(office.settings):
                    _begun(office, ids[0])
                    if sqlite:
                        rate = by_queue(office.engine, mode, ids, load, writers=WRITERS, seconds=SECONDS)
                    else:
                        rate = by_processes(url, mode, ids, load, writers=WRITERS, seconds=SECONDS)
                    behind += [waiting(office.engine)] if mode == "ours" else []
                    _settled(office)
                told[name][mode].append(rate)
                _say(f"round {turn + 1}: {name}, {mode}: {rate:,.0f} transactions a second")
    with notary(office.settings):
        _begun(office, ids[0])
        signed = until_signed(office, ids[:ALIKE])
    return {**told, "behind": behind, "seconds": SECONDS}, signed


def _begun(office: Office, case: UUID) -> None:
    """The notary has read what it goes on from, and sealed once: what its start costs is no part of an append."""
    ours(office.engine, case, Load())
    _settled(office)


def _settled(office: Office) -> None:
    """Nothing waits for the notary, and it rests."""
    while waiting(office.engine):
        time.sleep(0.5)
    time.sleep(2.0)


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
        for cases in at.cases:
            parts = at.parts if cases == max(at.cases) else ()
            place = at.folder / f"audit-{database}-{cases}.json"
            told = json.loads(place.read_text()) if place.exists() else {}
            told |= measured(database, at.folder.absolute() / "audit", cases, parts=parts)
            told |= {"when": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine()}
            place.write_text(json.dumps(told, indent=1))
    print(audit_page.written(at.folder))


if __name__ == "__main__":
    main()
