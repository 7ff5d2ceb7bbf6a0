"""Batken's journey by lines of the command, stage by stage; each test works on a copy of the stage it needs."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from desk import Desk

from cli.demo import cities
from cli.demo.papers import writer
from schemas.facts import Kind

CITY = cities.load("batken")
CONTEST = CITY.number
FILE = Path(cities.__file__).parent / "cities" / CITY.raw["contest_file"]
PERFECT, CURED, RELATIVE, LATE = "taza-muun", "bulak-suu", "jashyl-kyshtak", "too-jeli"
SENDERS = {one.key: one.sender for one in CITY.applicants}
SEATS = [one["person"].removeprefix("batken.") for one in CITY.raw["commission"]]
Open = Callable[[str], Desk]


def three(option: str, words: dict[str, str]) -> list[str]:
    return [part for language, text in words.items() for part in (option, f"{language}={text}")]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of four applicants, and what the second one had forgotten."""
    into = tmp_path_factory.mktemp("packages")
    made: dict[str, Path] = {}
    for key in (PERFECT, CURED, RELATIVE, LATE):
        papers = writer("batken", key).all()
        made[key] = into / key
        made[key].mkdir()
        for paper in papers:
            place = made[key]
            if key == CURED and paper.kind is Kind.SOCIAL_CERTIFICATE:
                place = made["cure"] = into / "cure"
                place.mkdir()
            place.joinpath(paper.name).write_bytes(paper.content)
    return made


class Stages:
    """Every stage is played once, on a copy of the one before it."""

    ORDER = ("registered", "announced", "received", "checked", "routed", "decided", "signed")

    def __init__(self, folder: Path, packages: dict[str, Path]) -> None:
        self.folder = folder
        self.packages = packages
        self.played: dict[str, Desk] = {}

    def desk(self, stage: str) -> Desk:
        if stage not in self.played:
            place = self.ORDER.index(stage)
            home = self.folder / stage
            desk = self.desk(self.ORDER[place - 1]).copy(home) if place else Desk(home)
            getattr(self, stage)(desk)
            self.played[stage] = desk
        return self.played[stage]

    def registered(self, desk: Desk) -> None:
        raw = CITY.raw
        desk.at(datetime(2018, 6, 15, 10, tzinfo=CITY.cutoff.tzinfo))
        desk.ok("db", "upgrade")
        named = [*three("--name", raw["name"]), *three("--city", raw["city"])]
        desk.ok("register", "customer", "batken", *named, "--requisite", "inn=02503200010118")
        people = [*raw["people"], {"login": "batken.auditor", "name": "Аудитор", "roles": ["auditor"]}]
        for one in people:
            roles = [part for role in one["roles"] for part in ("--role", role)]
            email = one.get("email", "")
            desk.ok("register", "person", one["login"], "--name", one["name"], "--email", email, *roles)
        for told in raw["problems"]:
            words = [*three("--title", told["title"]), *three("--description", told["description"])]
            desk.ok("register", "propose", *words, "--by", told["proposed_by"], by="coordinator")
            title = told["title"]["ky"]
            desk.ok("register", "prioritise", title, told["priority"], "-r", told["numbers"], by="coordinator")
        programme = raw["programme"]
        dates = ["--from", programme["starts"], "--until", programme["ends"]]
        line = ["--line", programme["budget_line"], "--amount", programme["amount_som"]]
        desk.ok("register", "draft", "1", *three("--title", programme["title"]), *line, *dates, by="coordinator")
        decision = programme["approved_by"]
        desk.ok("register", "approve", programme["budget_line"], "--decision", decision, by="council")

    def announced(self, desk: Desk) -> None:
        desk.at(datetime(2018, 7, 2, 9, tzinfo=CITY.cutoff.tzinfo))
        programme = CITY.raw["programme"]["budget_line"]
        desk.ok("contest", "draft", FILE, "--programme", programme, by="coordinator")
        for told in CITY.raw["commission"]:
            relations = [
                part for one in told.get("relations", []) for part in ("--relation", f"{one['kind']}={one['value']}")
            ]
            place = ["--seat", told["seat"], "--background", told["background"], *relations]
            desk.ok("contest", "appoint", CONTEST, told["person"], "--order", "№ 1-К", *place, by="head")
        desk.ok("contest", "announce", CONTEST, by="head")

    def hand_in(self, desk: Desk, key: str) -> None:
        place = self.packages[key]
        desk.ok("intake", "hand-in", place, "--contest", CONTEST, "--sender", SENDERS[key], by="secretary")

    def received(self, desk: Desk) -> None:
        for days, key in enumerate((PERFECT, CURED, RELATIVE)):
            desk.at(CITY.cutoff - timedelta(days=5 - days))
            self.hand_in(desk, key)

    def checked(self, desk: Desk) -> None:
        desk.at(CITY.cutoff + timedelta(minutes=5))
        desk.ok("db", "move")
        desk.at(CITY.cutoff + timedelta(days=3))
        desk.ok("intake", "cure", f"{CONTEST}/2", self.packages["cure"], by="secretary")
        desk.ok("db", "move")

    def routed(self, desk: Desk) -> None:
        desk.at(CITY.cutoff + timedelta(days=12))
        for seat in SEATS:
            for number in (1, 2, 3):
                kin = seat == "member3" and number == 3
                answer = ["--conflict", "-r", "бир тууган агам"] if kin else ["--no-conflict"]
                desk.ok("committee", "declare", f"{CONTEST}/{number}", *answer, by=seat)
        desk.ok("committee", "route", CONTEST, by="secretary")
        desk.ok("db", "move")

    def decided(self, desk: Desk) -> None:
        codes = {one["criterion"]: one for one in desk.ok("committee", "criteria", CONTEST, by="chair")}
        for seat in SEATS:
            for one in desk.ok("committee", "assignments", CONTEST, by=seat):
                best = one["case"].endswith("/1")
                points = [f"{code}={row['high'] if best else row['high'] * 4 // 5}" for code, row in codes.items()]
                given = [part for point in points for part in ("--points", point)]
                given += [part for code in codes for part in ("--comment", f"{code}=негиздүү")]
                desk.ok("committee", "score", one["case"], *given, by=seat)
        at = CITY.cutoff + timedelta(days=15)
        when = f"{at:%Y-%m-%dT%H:%M}"
        desk.ok("committee", "convene", CONTEST, "--at", when, "--place", "Мэрия", by="secretary")
        desk.at(at)
        desk.ok("committee", "open", CONTEST, "--absent", "batken.member6", by="secretary")
        for item in desk.ok("committee", "agenda", CONTEST, by="secretary"):
            for seat in SEATS[:-1]:
                if not (seat == "member3" and item["case"].endswith("/3")):
                    desk.ok("committee", "vote", item["item"], "for", by=seat)
            desk.ok("committee", "decide", item["item"], "-r", "Максатка жооп берет.", by="secretary")
        desk.ok("committee", "close", CONTEST, by="secretary")
        desk.ok("db", "move")
        desk.ok("committee", "sign-minutes", CONTEST, by="chair")
        desk.ok("contest", "publish", CONTEST, by="head")
        desk.ok("db", "move")

    def signed(self, desk: Desk) -> None:
        inn = desk.ok("intake", "show", f"{CONTEST}/1", by="secretary")["inn"]
        person = ["batken.ngo", "--name", "Абдыраимова Н.", "--role", "applicant", "--organisation", inn]
        desk.ok("register", "person", *person)
        desk.at(CITY.cutoff + timedelta(days=45))
        desk.ok("contract", "sign", f"{CONTEST}/1", by="head")
        desk.ok("db", "move")
        desk.ok("contract", "pay", f"{CONTEST}/1", "1", "--order", f"{CONTEST}/1-T1", by="finance")


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory, packages: dict[str, Path]) -> Stages:
    return Stages(tmp_path_factory.mktemp("stages"), packages)


@pytest.fixture
def at_stage(stages: Stages, tmp_path: Path) -> Iterator[Open]:
    """A copy of a stage, to do with as one likes."""
    yield lambda stage: stages.desk(stage).copy(tmp_path / "home")
