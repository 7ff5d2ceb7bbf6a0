"""Two cities of the demo, from the announcement to the closed projects: what was decided comes out again from their dossiers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.demo import cities
from cli.demo.journey import Clock, Journey, Town
from cli.demo.packages import make
from cli.demo.project import Project
from flows.office import Office
from flows.replay.decision import Verdict
from flows.replay.replay import replay
from flows.steps import completeness, errands, monitoring
from schemas.doer import CLOCK
from schemas.event import Stream
from schemas.outbox import Errand
from schemas.settings import Settings, Store
from storage.work import looking
from tests.replay.dossiers import material

CITIES = ("karakol", "kochkor-ata")
ALL = tuple(one for one in Errand if one is not Errand.BUNDLE)


def mover(office: Office) -> Callable[..., None]:
    """What the flows do, in this process."""

    def move(*flows: str | tuple[str, ...]) -> None:
        for contest_id in completeness.contests_due(office):
            completeness.close(office, CLOCK, contest_id)
        for application_id in completeness.overdue_cures(office):
            completeness.refuse_uncured(office, application_id)
        if "ladder" in flows:
            monitoring.sweep(office)
        assert errands.drain(office, ALL).troubles == []

    return move


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office after the last project is closed."""
    folder = tmp_path_factory.mktemp("cities")
    office = Office(
        Settings(home=folder, store=Store.FOLDER, clock=folder / "clock", lease_seconds=0, parser_cpu_seconds=60)
    )
    towns = [Town(city=cities.load(one), packages=make(one, folder / "packages" / one)) for one in CITIES]
    journey = Journey(office, towns, Clock(folder / "clock"), mover(office))
    project = Project(journey, folder / "reports")
    journey.problems()
    journey.announce(Path(cities.__file__).parent / "cities")
    for town, package in journey.packages_in_order():
        journey.hand_in(town, package)
    for act in (journey.check, journey.cure, journey.route, journey.review, journey.sit, project.sign):
        act()
    for number in (1, 2):
        project.period(number)
    project.close()
    yield office
    office.close()


def streams(office: Office, kind: str) -> list[str]:
    with looking(office.engine, office.system) as look:
        return [one.name for one in look.all(Stream, kind=kind, order="name")]


def test_every_decision_of_both_contests_comes_out_the_same(office: Office, tmp_path: Path):
    contests = streams(office, "contest")
    assert len(contests) == len(CITIES)
    for at, name in enumerate(contests):
        told = replay(material(office, "contest", name).write(tmp_path / f"{at}.zip"))
        assert [(one.of, one.act, one.what, one.recorded, one.recomputed) for one in told.different] == []
        assert {one.what for one in told.unknown} <= {"copies"}
        assert {one.what for one in told.decisions} >= {"placing", "routing", "evaluation", "report_late", "ground"}


def test_every_case_stands_for_itself(office: Office, tmp_path: Path):
    names = streams(office, "case")
    assert len(names) > 20
    for at, name in enumerate(names):
        told = replay(material(office, "case", name).write(tmp_path / f"{at}.zip"))
        assert [(one.of, one.act, one.what, one.recorded, one.recomputed) for one in told.different] == []
        assert {one.why for one in told.unknown} <= {"contest", "copies"}
        assert any(one.verdict is Verdict.SAME for one in told.decisions), name
