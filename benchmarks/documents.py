"""A burst at the deadline: packages from handed-in to verdict, against a bare loop over the same files.

Run it by `make bench-documents`; docs/benchmarks.md holds what was measured, on which machine and when.
"""

import argparse
import hashlib
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdfium2
from docx import Document as WordDocument
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from benchmarks.corpus import Corpus
from benchmarks.idiomatic import overhead
from benchmarks.installation import Installation, installation
from benchmarks.meter import Cost, machine, watching
from benchmarks.page import written
from flows.steps import intake
from schemas.application import Application, ApplicationStatus
from schemas.event import Act
from schemas.outbox import Errand

FILES = 8


def bare(objects: Any, paths: Sequence[Path], *, slow: bool = False) -> float:
    """The yardstick: CPU seconds a file to hash, store, open the structure and read the text. No isolation, rows or events.

    `slow` takes the text of a PDF by pypdf itself.
    """
    place = uuid4().hex  # an object that lies there already would only be refused
    began = time.process_time()
    for path in paths:
        raw = path.read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        objects.put(f"bare/{place}/{digest}", BytesIO(raw), len(raw), digest)
        if path.suffix == ".pdf":
            reader = PdfReader(BytesIO(raw))
            pages = reader.pages
            reader.get_fields()
            if slow:
                for page in pages:
                    page.extract_text()
            else:
                with pypdfium2.PdfDocument(raw) as document:
                    for number in range(len(pages)):
                        page = document[number]
                        words = page.get_textpage()
                        words.get_text_range()
                        words.close()
                        page.close()
        elif path.suffix == ".docx":
            word = WordDocument(BytesIO(raw))
            _ = [one.text for one in word.paragraphs]
            _ = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        elif path.suffix == ".xlsx":
            with CalamineWorkbook.from_filelike(BytesIO(raw)) as book:
                _ = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return (time.process_time() - began) / len(paths)


def burst(
    at: Installation, packages: Iterable[Path], count: int, between: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """So many packages handed in, inspected and checked through Prefect. CPU milliseconds an application, and memory.

    `between` is called between the stages, for a yardstick of the same minutes.
    """
    at.before_cutoff()
    told: dict[str, Any] = {"applications": count}
    runs = at.runs
    making = 0.0
    with watching(*at.roots["worker"]) as peak:
        with Cost(at.roots) as handing:
            for number, package in enumerate(told_of(packages, count, "handed in")):
                intake.hand_in(at.office, at.secretary, at.contest, package, sender=f"ngo{number}@example.kg")
                began = time.process_time()
                shutil.rmtree(package)  # so that ten thousand packages need no disk of their own
                making += time.process_time() - began
        between()
        with Cost(at.roots) as inspecting:
            at.drain("intake", Errand.INSPECT, side_by_side=2)
        between()
        at.after_cutoff()
        with Cost(at.roots) as checking:
            at.once("completeness")
            at.drain("completeness", Errand.CHECK)
    stages = {"hand_in": handing, "inspect": inspecting, "check": checking}
    for name, cost in stages.items():
        told[name] = {
            # while the worker is at it, this process only waits and watches
            "ours": 1000 * (cost.seconds["worker"] + (cost.here - making if cost is handing else 0)) / count,
            "prefect": 1000 * cost.seconds["prefect"] / count,
            "store": 1000 * cost.seconds["store"] / count,
            "wall": 1000 * cost.wall / count,
        }
    told["all"] = {part: sum(told[name][part] for name in stages) for part in told["check"]}
    told["seconds"] = sum(cost.wall for cost in stages.values())
    told["runs"] = at.runs - runs
    told["peak_mb"] = peak.one
    told["peak_worker_mb"] = peak.together
    return told


def told_of(packages: Iterable[Path], count: int, what: str) -> Iterator[Path]:
    """The packages as they come, with a line of progress now and then."""
    for number, package in enumerate(packages, 1):
        yield package
        if number % 500 == 0 or number == count:
            print(f"{number} of {count} {what}", file=sys.stderr, flush=True)


def made(corpus: Corpus, count: int, spent: list[float]) -> Iterator[Path]:
    """Packages made when they are wanted; what making them costs is added to `spent`."""
    for number in range(count):
        began = time.process_time()
        package = corpus.package(number)
        spent.append(time.process_time() - began)
        yield package


def alone(at: Installation, packages: Sequence[Path]) -> list[float]:
    """Seconds from upload to finding for files that come by themselves, to cure, as `ashar intake cure` brings them."""
    with at.office.looking(at.secretary, Act.APPLICATION_CURE) as look:
        cases = look.all(Application, contest_id=at.contest.id, status=ApplicationStatus.TO_CURE, order="number")
    seconds: list[float] = []
    for case, package in zip(cases, packages, strict=False):
        began = time.monotonic()
        intake.cure(at.office, at.secretary, case.id, package)
        at.once("intake")
        seconds.append(time.monotonic() - began)
        assert not at.open(Errand.INSPECT, Errand.CHECK), "a verdict is there"
    return seconds


def prefect(at: Installation, told: dict[str, Any]) -> dict[str, float]:
    """CPU milliseconds an application that Prefect takes: ours, and of a flow run for each application with a task for each file.

    What its server takes while nothing happens is taken off both. Ours: its server in the burst, and for the worker
    what as many empty runs cost, and for each further chunk of errands what a task costs the idiomatic flow.
    """
    from flows.batch import SIZE  # noqa: PLC0415 -- it brings Prefect along, which the loops before need not carry

    windows: list[float] = []
    for _ in range(9):  # what the server does now and then falls into one or two of them
        with Cost(at.roots) as quiet:
            time.sleep(8)
        windows.append(quiet.seconds["prefect"] / quiet.wall)
    idle = statistics.median(windows)
    with Cost(at.roots) as empty:
        for _ in range(3):
            at.once("intake")
    theirs = overhead(at.api, at.roots["prefect"], runs=20, files=FILES, idle=idle)
    count = told["applications"]
    server = told["all"]["prefect"] - 1000 * idle * told["seconds"] / count
    worker = 1000 * (empty.seconds["worker"] / 3) * told["runs"] / count
    chunks = 2 * -(-count // SIZE) * theirs.client / (FILES + 1) / count
    return {
        "idle_percent": 100 * idle,
        "empty_run": 1000 * (empty.seconds["worker"] + empty.seconds["prefect"]) / 3,
        "ours": server + worker + chunks,
        "ours_server": server,
        "idiomatic": theirs.whole,
        "idiomatic_server": theirs.server,
        "ratio": theirs.whole / (server + worker + chunks),
    }


def measure(folder: Path, count: int) -> dict[str, Any]:
    """One size: a fresh installation, the burst, and the bare loop before, between and after its stages."""
    corpus = Corpus(folder / "packages")
    with installation(folder / "installation") as at:
        sample = corpus.many(40, start=900_000)
        files = [path for place in sample for path in sorted(place.iterdir())]
        bare(at.office.objects, files[:24])  # imports and connections
        yardstick, slow = list[float](), list[float]()

        def yard() -> None:
            yardstick.extend(bare(at.office.objects, files) for _ in range(2))
            slow.append(bare(at.office.objects, files, slow=True))

        yard()
        spent: list[float] = []
        told = burst(at, made(corpus, count, spent), count, yard)
        for name in ("hand_in", "all"):
            told[name]["ours"] -= 1000 * sum(spent) / count
        yard()
        told["alone"] = alone(at, sample[:9])
        told["prefect"] = prefect(at, told)
    told["file"] = told["all"]["ours"] / FILES
    told["bare"] = [1000 * one for one in yardstick]
    told["bare_pypdf"] = [1000 * one for one in slow]
    told["ratio"] = told["file"] / statistics.median(told["bare"])
    told["pypdf_ratio"] = statistics.median(told["bare_pypdf"]) / told["file"]
    corpus.clear()
    return told


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--applications", type=int, nargs="+", default=[2000])
    asked.add_argument("--folder", type=Path, default=Path("bench-output"))
    at = asked.parse_args()
    for count in at.applications:
        print(f"{count} applications of {FILES} files", file=sys.stderr, flush=True)
        told = measure(at.folder.absolute() / str(count), count)
        told |= {"when": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine()}
        (at.folder / f"documents-{count}.json").write_text(json.dumps(told, indent=1))
    page = written(at.folder)
    print(page)


if __name__ == "__main__":
    main()
