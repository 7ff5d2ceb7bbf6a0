"""One batch of all that is hostile, an honest file after each: every file has its verdict, and nobody else notices."""

import os
import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from documents.forms import blank
from documents.sandbox import Reader
from schemas.facts import Facts, Fault, Kind, Media
from tests.documents.hostile.cases import CASES
from tests.documents.hostile.pdfs import written

CPU_SECONDS, MEMORY = 6, 1_000_000_000
AT_ONCE = len(os.sched_getaffinity(0))
ENDLESS = "a drawing that draws itself twice.pdf"
HONEST = {
    "Арыз.docx": lambda: blank("application-form", "ky"),
    "Смета.xlsx": lambda: blank("budget", "ru"),
    "letter.txt": "ИНН 01707201410029, почта a@b.kg".encode,
    "letter.pdf": lambda: written([b"Public foundation \\(NGO\\) writes to the city of Batken on 05.03.2026"] * 3),
}


@dataclass
class Watch:
    """Memory and processes of a reader while it reads: the template and all that came of it."""

    root: int
    most: int = 0  # bytes that all of them held at one time
    seen: set[int] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        while not self.over.wait(0.01):
            family = [self.root, *descendants(self.root)]
            self.seen |= set(family)
            self.most = max(self.most, sum(held(pid) for pid in family))


def descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [one for child in map(int, children) for one in (child, *descendants(child))]


def held(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def alive(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


@dataclass
class Batch:
    """What came of the batch."""

    hostile: dict[str, Facts]
    honest: list[tuple[str, Facts]]
    alone: dict[str, Facts]
    watch: Watch
    left: list[int]  # processes after it


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    room = tmp_path_factory.mktemp("hostile")
    honest = {name: put(room, name, make()) for name, make in HONEST.items()}
    files: list[tuple[Path, str]] = []
    for at, (name, (make, _)) in enumerate(CASES.items()):
        path = room / str(at)
        path.write_bytes(make())
        good = list(HONEST)[at % len(HONEST)]
        files += [(path, name), (honest[good], good)]
    with Reader(cpu_seconds=CPU_SECONDS, memory=MEMORY, file_limit=100_000_000) as reader:
        alone = {name: reader.read(path, name) for name, path in honest.items()}
        assert reader._template is not None
        watch = Watch(reader._template.pid)
        looking = threading.Thread(target=watch.look)
        looking.start()
        try:
            facts = reader.read_all(files)
        finally:
            watch.over.set()
            looking.join()
        left = descendants(watch.root)
    yield Batch(
        dict(zip(CASES, facts[::2], strict=True)),
        list(zip([name for _, name in files[1::2]], facts[1::2], strict=True)),
        alone,
        watch,
        left,
    )
    for path in room.iterdir():
        path.unlink()


def put(room: Path, name: str, data: bytes) -> Path:
    path = room / name
    path.write_bytes(data)
    return path


def test_each_hostile_file_has_the_verdict_that_says_what_to_do(batch: Batch) -> None:
    expected = {name: list(faults) for name, (_, faults) in CASES.items()}
    found = {name: facts.faults for name, facts in batch.hostile.items()}
    # what has no end meets the limit of time first on a slow machine
    assert found.pop(ENDLESS) in (expected.pop(ENDLESS), [Fault.TOO_SLOW])
    assert found == expected


def test_the_honest_files_between_them_are_read_as_if_they_had_come_alone(batch: Batch) -> None:
    assert [(name, facts) for name, facts in batch.honest if facts != batch.alone[name]] == []
    assert {name: (facts.media, facts.kind, facts.faults) for name, facts in batch.alone.items()} == {
        "Арыз.docx": (Media.DOCX, Kind.PROJECT, []),
        "Смета.xlsx": (Media.XLSX, Kind.BUDGET, []),
        "letter.txt": (Media.TEXT, Kind.LETTER, []),
        "letter.pdf": (Media.PDF, Kind.LETTER, []),
    }


def test_no_process_is_left_behind(batch: Batch) -> None:
    assert batch.left == []
    assert len(batch.watch.seen) > AT_ONCE
    assert [pid for pid in batch.watch.seen if alive(pid)] == []


def test_memory_stays_under_the_limit_of_each_child_whatever_comes(batch: Batch) -> None:
    assert batch.watch.most < AT_ONCE * MEMORY
