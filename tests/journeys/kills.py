"""SIGKILL at a chosen boundary: before each commit, each write to the object store, each letter, and after the last.

Between two of these nothing lasting happens, so that "after one" is "before the next". A journey is played once
unharmed, with the home copied aside before every step. For each boundary of a step a child process plays the step from
that copy and is killed there; a second child keeps house and plays it again.
"""

import os
import pickle
import shutil
import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from documents.sandbox import Reader
from flows.office import Office
from flows.steps import housekeeping, letters
from storage.folder import FolderObjects
from tests.journeys.picture import Picture, differences, picture, troubles, undone
from tests.journeys.scenes import Play, Scene, settings_of

DEAD = "killed"
ALL = "ASHAR_ALL_KILLS"  # set: kills also in those steps of a journey that another journey has in common with it


class Crossings:
    """Counts boundaries, and dies at number `die_at`."""

    def __init__(self, die_at: int | None = None) -> None:
        self.names: list[str] = []
        self.die_at = die_at

    def at(self, name: str) -> None:
        self.names.append(name)
        if self.die_at == len(self.names) - 1:
            os.kill(os.getpid(), signal.SIGKILL)


class CrossingObjects(FolderObjects):
    """The folder store, with a boundary before each write."""

    def __init__(self, path: Path, crossings: Crossings) -> None:
        super().__init__(path)
        self.crossings = crossings

    def put(self, key: str, source: BinaryIO, size: int, sha256: str, until: datetime | None = None) -> str:
        self.crossings.at("put")
        return super().put(key, source, size, sha256, until)

    def delete(self, key: str) -> None:
        self.crossings.at("delete")
        super().delete(key)

    def lock(self, key: str, until: datetime, mark: str = "") -> None:
        self.crossings.at("lock")
        super().lock(key, until, mark)


class Stage:
    """An office at work in `home`, whose boundaries are counted.

    Children that are forked from here find everything imported and compiled, and no open connection.
    """

    def __init__(self, home: Path, reader: Reader) -> None:
        self.home = home
        self.crossings = Crossings()
        self.office = Office(settings_of(home), objects=CrossingObjects(home / "objects", self.crossings))
        self.office.__dict__["reader"] = reader  # lent: starting one costs more than most steps
        dialect = self.office.engine.dialect
        commit, move = dialect.do_commit, os.replace

        def do_commit(connection: Any) -> None:
            self.crossings.at("commit")
            commit(connection)

        def replace(source: Any, target: Any) -> None:
            if Path(target).suffix == ".eml":
                self.crossings.at("letter")
            move(source, target)

        dialect.do_commit = do_commit
        letters.os.replace = replace
        self._restore = lambda: setattr(letters.os, "replace", move)
        self.play = Play(self.office)

    def rest(self) -> None:
        """Let go of the database, which writes its log back into its file."""
        self.office.engine.dispose()

    def set(self, copy: Path) -> None:
        """Begin from a copy of a home."""
        self.rest()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(copy, self.home)

    def close(self) -> None:
        self._restore()
        self.office.__dict__.pop("reader")
        self.office.close()


def children(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each answers in a process of its own, all at once; DEAD for one that was killed.

    Raises AssertionError with the trace of one that failed.
    """
    started = [_fork(work) for work in works]
    told: list[Any] = []
    for pid, pipe in started:
        with pipe:
            raw = pipe.read()
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            told.append((True, DEAD))
        else:
            told.append(pickle.loads(raw))  # our own child wrote it
    for good, answer in told:
        assert good, answer
    return [answer for _, answer in told]


def _fork(work: Callable[[], Any]) -> tuple[int, BinaryIO]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, os.fdopen(reading, "rb")
    os.close(reading)
    status = 1
    with suppress(BaseException):
        try:
            answer = pickle.dumps((True, work()))
        except BaseException:  # noqa: BLE001 -- told to the parent
            answer = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        status = 0
    os._exit(status)


@dataclass
class Course:
    """A journey as it goes unharmed: a copy of the home before each step, boundaries and picture of each."""

    copies: list[Path]
    crossings: list[list[str]]
    pictures: list[Picture]

    def boundaries(self) -> list[tuple[int, int]]:
        """(step, boundary) of the whole journey."""
        return [(step, one) for step, names in enumerate(self.crossings) for one in range(len(names))]


def unharmed(stage: Stage, scene: Scene, folder: Path) -> Course:
    """Play a journey to its end, copying the home before each step. Raises AssertionError."""
    course = Course([], [], [])
    stage.play.find()
    for index, (_, step) in enumerate(scene.steps):
        stage.rest()
        copy = folder / f"{index:02d}"
        shutil.copytree(stage.home, copy)
        stage.crossings.names.clear()
        step(stage.play)
        stage.crossings.at("end")
        course.copies.append(copy)
        course.crossings.append(list(stage.crossings.names))
        course.pictures.append(picture(stage.home))
    assert troubles(stage.office) == []
    assert undone(stage.home) == []
    assert scene.outcome(stage.play) == scene.end, scene.outcome(stage.play)
    for _, step in scene.steps:  # all of it once more: nothing is left to do
        step(stage.play)
    assert differences(course.pictures[-1], picture(stage.home)) == []
    stage.rest()
    return course


def kill_and_repeat(stage: Stage, scene: Scene, course: Course, step: int, boundary: int, *, whole: bool) -> list[str]:
    """What differs from the unharmed journey after a kill at that boundary and a second run.

    The second run ends with the step, a `whole` one with the journey.
    """
    stage.set(course.copies[step])
    stage.crossings.names.clear()

    def first() -> None:
        stage.crossings.die_at = boundary
        scene.steps[step][1](stage.play)
        stage.crossings.at("end")

    def second() -> list[str]:
        housekeeping.keep_house(stage.office)
        for _, act in scene.steps[step : None if whole else step + 1]:
            act(stage.play)
        wrong = [*troubles(stage.office), *undone(stage.home)] if whole else []
        before = course.pictures[-1 if whole else step]
        return wrong + differences(before, picture(stage.home))

    place = f"{scene.steps[step][0]}, before {course.crossings[step][boundary]} ({boundary})"
    try:
        if children([first]) != [DEAD]:
            return [f"{place}: was not killed"]
        return [f"{place}: {line}" for line in children([second])[0]]
    except AssertionError as trouble:
        return [f"{place}: {trouble}"]


def sweep(scene: Scene, announced: Path, folder: Path, reader: Reader, part: int, parts: int) -> tuple[int, list[str]]:
    """Kills at every boundary whose number leaves `part` when divided by `parts`. (How many, what went wrong.)"""
    shutil.copytree(announced, folder / "home")
    stage = Stage(folder / "home", reader)
    try:
        course = unharmed(stage, scene, folder)
        first = 0 if os.environ.get(ALL) else scene.swept_from
        mine = [(step, boundary) for step, boundary in course.boundaries() if step >= first][part::parts]
        middle = {step: (step, len(names) // 2) for step, names in enumerate(course.crossings) if step % parts == part}
        wrong: list[str] = []
        for step, boundary in mine:
            wrong += kill_and_repeat(stage, scene, course, step, boundary, whole=False)
        for step, boundary in middle.values():
            if step >= first:
                wrong += kill_and_repeat(stage, scene, course, step, boundary, whole=True)
        return len(mine), wrong
    finally:
        stage.close()
