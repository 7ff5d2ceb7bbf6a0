"""A whole installation for a benchmark: the servers of `ashar up`, a contest that is open, and no schedule that would come in between."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import yaml

from benchmarks.corpus import CITY
from cli.demo import cities
from cli.demo.journey import Clock, Journey, Town
from flows.office import Office
from schemas.contest import Contest
from schemas.doer import Doer
from schemas.outbox import Errand, JobState
from schemas.settings import load
from services import kick, supervisor
from services.plan import PLAN
from services.records import file_of, read
from storage import outbox


@dataclass
class Installation:
    """Running services and an office on them. `roots` are the process trees to be measured."""

    office: Office
    api: str
    contest: Contest
    secretary: Doer
    roots: dict[str, list[int]]
    runs: int = 0  # of flows, so far

    def at(self, when: datetime) -> None:
        """Set the installation's clock."""
        (self.office.home / "clock").write_text(when.isoformat())

    def before_cutoff(self) -> None:
        self.at(self.contest.cutoff - timedelta(days=1))

    def after_cutoff(self) -> None:
        self.at(self.contest.cutoff + timedelta(minutes=1))

    def open(self, *errands: Errand) -> int:
        """How many of these errands are not done."""
        waiting = outbox.waiting(self.office.engine)
        return sum(waiting.get((one, state), 0) for one in errands for state in (JobState.WAITING, JobState.HELD))

    def drain(self, flow: str, *errands: Errand, side_by_side: int = 1) -> None:
        """Let the flow run, as often as it takes, until nothing waits for it."""
        while self.open(*errands):
            runs = [kick.kick(self.api, flow, str(uuid4())) for _ in range(side_by_side)]
            self.runs += len(runs)
            for run in runs:
                if run is not None:
                    kick.wait(self.api, run, 3600, step=1.0)

    def once(self, flow: str) -> None:
        """One run of a flow, to its end."""
        run = kick.kick(self.api, flow, str(uuid4()))
        self.runs += 1
        if run is not None:
            kick.wait(self.api, run, 3600, step=0.1)


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """Start everything in an empty folder, announce the contest; stop it all at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "ashar.env").write_text(f"ASHAR_CLOCK={(home / 'clock').absolute()}\n")
    plan = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    for entry in plan["deployments"]:
        entry["schedules"] = []
    (folder / "prefect.yaml").write_text(yaml.safe_dump(plan, allow_unicode=True))
    settings = load(home)
    office = Office(settings)
    try:
        running = supervisor.up(settings, detach=True, plan=folder / "prefect.yaml")
        town = Town(city=cities.load(CITY), packages=[])
        journey = Journey(office, [town], Clock(home / "clock"), lambda *_: None)
        journey.problems()
        journey.announce(Path(cities.__file__).parent / "cities")
        record = read(file_of(home))
        assert record is not None
        roots = {name: [entry.pid] for name, entry in record.services.items()}
        yield Installation(
            office, running.prefect_api_url, journey.contest(town), journey.doer(town, "secretary"), roots
        )
    finally:
        supervisor.down(settings)
        office.close()
