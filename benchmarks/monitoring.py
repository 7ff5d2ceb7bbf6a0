"""The daily sweep over a country of contracts, and the reading of a thousand financial reports.

Run it by `make bench-monitoring`; docs/benchmarks-monitoring.md holds what was measured, on which machine and when.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from pydantic import SecretStr
from python_calamine import CalamineWorkbook
from sqlalchemy import event, make_url

from benchmarks import monitoring_page
from benchmarks.country import FIRST_YEAR, YEARS, Country, answered, answers, founded, settle
from benchmarks.meter import machine
from documents import forms, reading
from documents.pdf import limit_pypdf
from documents.sandbox import Reader
from flows.office import Office
from flows.steps import monitoring
from schemas.report import Period
from schemas.settings import Settings, Store
from services.postgres import Postgres
from storage import agenda, migrate
from storage.grants import grant
from storage.work import looking

DAY = date(2024, 3, 12)  # a Tuesday in the middle of the five years
HEAVY, RUNS = 2_000, 5
LIMIT = 20_000_000
ROLE, PASSWORD = "ashar_app", "benchmark"  # of a server that lives as long as the benchmark


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Callable[[int], Any]]:
    """Offices on a file of their own: the first is empty, every later one begins as a copy of it."""

    @contextmanager
    def office(run: int) -> Iterator[Office]:
        home = folder / str(run)
        if run:
            shutil.copytree(folder / "0", home)
        home.mkdir(parents=True, exist_ok=True)
        with _closing(Office(Settings(home=home, store=Store.FOLDER, clock=home / "clock"))) as one:
            yield one
        if run:
            shutil.rmtree(home)

    yield office


@contextmanager
def on_postgres(folder: Path) -> Iterator[Callable[[int], Any]]:
    """The same on a server of its own, under the role that owns nothing."""
    place = Path(tempfile.mkdtemp(prefix="ashar-bench-"))
    server = Postgres(place)
    server.start()
    base = make_url(server.url)

    @contextmanager
    def office(run: int) -> Iterator[Office]:
        name = f"run{run}" if run else base.database
        if run:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {base.database}")
        url = base.set(database=name, username=ROLE, password=PASSWORD)
        home = folder / str(run)
        home.mkdir(parents=True)
        address = SecretStr(url.render_as_string(hide_password=False))
        with _closing(
            Office(Settings(home=home, database_url=address, store=Store.FOLDER, clock=home / "clock"))
        ) as one:
            yield one

    try:
        migrate.upgrade(server.url)
        grant(server.url, ROLE, PASSWORD)
        yield office
    finally:
        server.stop()
        shutil.rmtree(place)


@contextmanager
def _closing(office: Office) -> Iterator[Office]:
    try:
        yield office
    finally:
        office.close()


def measured(at: Country, day: date) -> dict[str, float]:
    """One sweep at eight in the morning: what was due, CPU and wall milliseconds, statements."""
    at.at(day)
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(at.office.engine, "before_cursor_execute", counted)
    cpu, wall = time.process_time(), time.monotonic()
    swept = monitoring.sweep(at.office)
    told = {"cpu": 1000 * (time.process_time() - cpu), "wall": 1000 * (time.monotonic() - wall)}
    event.remove(at.office.engine, "before_cursor_execute", counted)
    assert not swept.troubles
    return {"due": swept.opened + swept.reminded, "statements": count, **told}


def years(folder: Path, count: int, many: int = YEARS) -> dict[str, Any]:
    """All days of the first so many of five years in a country of so many contracts: what a day costs by what is due, and where nothing is."""
    _say(f"a country of {count:,} contracts")
    first = date(FIRST_YEAR, 1, 1)
    with on_sqlite(folder) as office_of, office_of(0) as office:
        at = founded(office, folder / "0" / "clock")
        at.at(first)
        settle(at, count, first)
        came = answers(at)
        told, idle = [], []
        for number in range((date(FIRST_YEAR + many, 1, 1) - first).days):
            day = first + timedelta(days=number)
            told.append(measured(at, day))
            if number % 30 == 0:
                idle.append(measured(at, day))
                assert idle[-1]["due"] == 0
            answered(at, came.get(day, []))
            if (number + 1) % 365 == 0:
                _say(f"{(number + 1) // 365} of {many} years, {sum(one['due'] for one in told):,} due so far")
    return {"contracts": count, "days": told, "idle": idle}


def through_prefect(folder: Path, count: int) -> dict[str, float]:
    """The heavy day once more, as a run of the flow `ladder` on the servers of `ashar up`, with its artifacts."""
    from benchmarks.installation import installation  # noqa: PLC0415 -- it brings Prefect along, which the loops need not carry
    from benchmarks.meter import Cost  # noqa: PLC0415 -- as above

    _say(f"through Prefect: a country of {count:,} contracts")
    with installation(folder) as whole:
        at = Country(whole.office, whole.contest, folder / "home" / "clock")
        _heavy(at, count)
        at.at(DAY)
        due = _due(at)
        with Cost(whole.roots) as cost:
            whole.once("ladder")
    return {"contracts": count, "due": due, "wall": cost.wall, "worker": cost.seconds["worker"]} | {
        "prefect": cost.seconds["prefect"]
    }


def _due(at: Country) -> int:
    """How many periods a sweep of this morning would look at."""
    with looking(at.office.engine, at.office.system) as look:
        return len(agenda.awake(look, Period, at.office.now().date(), limit=1_000_000))


def _heavy(at: Country, count: int) -> None:
    """A country that was swept on the evening before the day on which two thousand are due."""
    at.at(DAY - timedelta(days=1))
    settle(at, count, DAY - timedelta(days=1), heavy=HEAVY, on=DAY)
    monitoring.sweep(at.office)


def heavy(folder: Path, count: int, kind: Callable[[Path], Any], runs: int) -> dict[str, Any]:
    """A day on which two thousand contracts change over, and the one after it, in a country of `count` contracts.

    Each run begins from a copy of it.
    """
    told, after = [], []
    with kind(folder) as office_of:
        _say(f"{kind.__name__}: a country of {count:,} contracts")
        with office_of(0) as office:
            at = founded(office, folder / "0" / "clock")
            _heavy(at, count)
        for run in range(1, runs + 1):
            _say(f"heavy day, run {run} of {runs}")
            with office_of(run) as office:
                there = Country(office, at.contest, folder / str(run) / "clock")
                told.append(measured(there, DAY))
                after.append(measured(there, DAY + timedelta(days=1)))
    return {"contracts": count, "runs": told, "after": after}


def workbooks(folder: Path, count: int) -> list[Path]:
    """Financial reports on the city's form, no two alike: 8 to 25 lines, in three languages."""
    folder.mkdir(parents=True)
    made = []
    for number in range(count):
        language = ("ky", "ru", "en")[number % 3]
        values = {"number": f"C-{number}", "organisation": f"Уюм {number}", "period": str(number % 12 + 1)}
        values |= {"starts": "01.01.2024", "ends": "31.01.2024"}
        plans = [(at, f"Line {at}", 1000.0 * at + number, 900.0 * at + number) for at in range(1, 9 + number % 18)]
        rows = [(at, name, plan, spent, None, "чек") for at, name, plan, spent in plans]
        receipts = [(f"{at}", date(2024, 1, 15), "Дүкөн", name, spent) for at, name, _, spent in plans]
        path = folder / f"{number:05}.xlsx"
        path.write_bytes(forms.fill("financial-report", language, values, rows, receipts=receipts))
        made.append(path)
    return made


def by_openpyxl(path: Path) -> None:
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            list(row)


def by_calamine(path: Path) -> None:
    with CalamineWorkbook.from_path(str(path)) as book:
        _ = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def in_process(path: Path) -> None:
    assert reading.read(path, path.name, file_limit=LIMIT).lines


def spent(do: Callable[[Path], None], paths: list[Path]) -> float:
    """CPU milliseconds a file of this process."""
    began = time.process_time()
    for path in paths:
        do(path)
    return 1000 * (time.process_time() - began) / len(paths)


def sandboxed(paths: list[Path]) -> float:
    """CPU milliseconds a file with its child and the template, each file a package of its own."""
    import resource  # noqa: PLC0415 -- nothing else here asks the system

    def used() -> float:
        return sum(
            one.ru_utime + one.ru_stime
            for one in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )

    began = used()
    with Reader(cpu_seconds=20, memory=1_000_000_000, file_limit=LIMIT) as reader:
        for path in paths:
            assert reader.read(path, path.name).lines
    return 1000 * (used() - began) / len(paths)


def reports(folder: Path, count: int) -> dict[str, Any]:
    """Reading against libraries that only open the same files, before and after."""
    _say(f"{count:,} financial reports are written")
    paths = workbooks(folder, count)
    _say("and read")
    limit_pypdf()
    for do in (by_openpyxl, by_calamine, in_process):
        spent(do, paths[:20])
    told: dict[str, Any] = {"files": count, "openpyxl": [], "calamine": [], "ours": [], "sandboxed": []}
    for _ in range(3):
        told["openpyxl"].append(spent(by_openpyxl, paths))
        told["calamine"].append(spent(by_calamine, paths))
        told["ours"].append(spent(in_process, paths))
    told["sandboxed"].append(sandboxed(paths))
    for name in ("openpyxl", "calamine", "ours", "sandboxed"):
        told[f"{name}_median"] = statistics.median(told[name])
    return told


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


PARTS = ("countries", "sqlite", "postgres", "prefect", "reports")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--contracts", type=int, nargs="+", default=[100, 1_000, 10_000])
    asked.add_argument(
        "--years", type=int, nargs="+", default=[YEARS], help="for each size; the last for all further ones"
    )
    asked.add_argument("--reports", type=int, default=1_000)
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument(
        "--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure; the rest stays as it was"
    )
    asked.add_argument("--folder", type=Path, default=Path("bench-output"))
    at = asked.parse_args()
    room = at.folder.absolute() / "monitoring"
    most = max(at.contracts)
    parts: dict[str, Callable[[Path], dict[str, Any]]] = {
        "sqlite": lambda place: heavy(place, most, on_sqlite, at.runs),
        "postgres": lambda place: heavy(place, most, on_postgres, max(1, at.runs - 2)),
        "prefect": lambda place: through_prefect(place, most),
        "reports": lambda place: reports(place, at.reports),
    }
    for place, count in enumerate(at.contracts):
        many = at.years[min(place, len(at.years) - 1)]
        parts[f"countries-{count}"] = lambda place, count=count, many=many: years(place, count, many)
    for name, measure in parts.items():
        if name.split("-")[0] not in at.parts:
            continue
        shutil.rmtree(room, ignore_errors=True)
        told = measure(room / name) | {"when": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine()}
        shutil.rmtree(room)
        (at.folder / f"monitoring-{name}.json").write_text(json.dumps(told, indent=1))
    print(monitoring_page.written(at.folder))


if __name__ == "__main__":
    main()
