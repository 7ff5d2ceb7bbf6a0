"""What processes cost: CPU of whole trees, with those that have ended, and how much memory each had at most. Linux's /proc only."""

import contextlib
import os
import resource
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None


def tree(root: int) -> list[int]:
    """The process and all that came of it and still lives."""
    found, left = [], [root]
    while left:
        pid = left.pop()
        found.append(pid)
        with contextlib.suppress(OSError):  # it may end while it is looked at
            for task in Path(f"/proc/{pid}/task").iterdir():
                left += [int(one) for one in (task / "children").read_text().split()]
    return found


def cpu(roots: Iterable[int]) -> float:
    """CPU seconds that these trees have used: living processes, and the ended ones that somebody in the tree waited for."""
    roots = list(roots)
    while True:
        pids = _pids(roots)
        told = [_stat(pid) for pid in pids]
        # one that ends meanwhile stands in neither its own line nor its parent's, or in both
        if None not in told and _pids(roots) == pids:
            return sum(int(one[at]) for one in told if one is not None for at in (11, 12, 13, 14)) / _TICK


def _pids(roots: list[int]) -> list[int]:
    return sorted({one for root in roots for one in tree(root)})


def ended() -> float:
    """CPU seconds of the children of this process that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident(pid: int) -> float:
    """Megabytes of memory that a process has now."""
    told = _stat(pid)
    return 0.0 if told is None else int(told[21]) * _PAGE / 1e6


@dataclass
class Peak:
    """The most that any one process of the trees had, and the most of all together, in megabytes."""

    one: float = 0.0
    together: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def watching(*roots: int, every: float = 0.5) -> Iterator[Peak]:
    """Looks at memory while the work goes on."""
    peak = Peak()

    def look() -> None:
        while not peak._stop.wait(every):  # noqa: SLF001
            sizes = [resident(pid) for root in roots for pid in tree(root)]
            peak.one, peak.together = max([peak.one, *sizes]), max(peak.together, sum(sizes))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        peak._stop.set()  # noqa: SLF001
        watcher.join()


@dataclass
class Cost:
    """CPU seconds of named trees and of this process alone (`here`) between two moments, and the wall time."""

    roots: dict[str, list[int]]
    seconds: dict[str, float] = field(default_factory=dict)
    wall: float = 0.0
    here: float = 0.0

    def __enter__(self) -> Self:
        self._began, self._here = time.monotonic(), time.process_time()
        self._before = {name: cpu(pids) for name, pids in self.roots.items()}
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.here = time.monotonic() - self._began, time.process_time() - self._here
        self.seconds = {name: cpu(pids) - self._before[name] for name, pids in self.roots.items()}


def machine() -> str:
    """The machine in a line: processor, cores that may be used, memory."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "processor of no name",
    )
    memory = os.sysconf("SC_PHYS_PAGES") * _PAGE / 2**30
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB"
