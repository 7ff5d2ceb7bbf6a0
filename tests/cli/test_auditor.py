"""An auditor reads and changes nothing: every command is tried, with whatever would make it work for others."""

import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from conftest import CONTEST, PERFECT, Open, Stages
from sqlalchemy import create_engine, select
from typer.main import get_command

from cli.main import app
from flows.office import Office
from flows.steps import register
from schemas.customer import Role
from schemas.settings import load
from schemas.tables import METADATA
from tests.offices import READING, TRAIL

OF_THE_MACHINE = {
    "up",
    "down",
    "status",
    "db",
    "demo",
    "notary",
}  # whoever sits at the machine, and no role of a customer's
WINNER = f"{CONTEST}/1"
WORDS = {
    **dict.fromkeys(("case", "which", "application"), WINNER),
    **dict.fromkeys(("contest", "home", "of"), CONTEST),
    "number": CONTEST,
    "contract": WINNER,
    "login": "batken.member4",
    "person": "batken.member4",
    "role": "member",
    "item": f"{CONTEST}:1",
    "finding": f"{WINNER}:1",
    "choice": "for",
    "problem": "1",
    "programme": "70561-2823-МСЗ",
    "moment": "2018-08-01",
    "since": "2018-08-01",
    "until": "2018-08-02",
}


def commands(group: Any, *before: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, *before, name)
        else:
            yield (*before, name), one


EVERY = list(commands(get_command(app)))
COMMANDS = [(words, one) for words, one in EVERY if words[0] not in OF_THE_MACHINE]
MACHINES = [(words, one) for words, one in EVERY if words[0] in OF_THE_MACHINE]


def line(words: tuple[str, ...], command: Any, desk: Any, package: Any) -> list[str]:
    """The command with something for each thing that it must be told."""
    told = list(words)
    for one in command.params:
        if not one.required or one.name is None:
            continue
        value = _value(one, desk, package)
        values = [f"{language}=Баткен" for language in ("ky", "ru", "en")] if _worded(one) else [value]
        for each in values:
            told += [one.opts[0], each] if one.param_type_name == "option" else [each]
    return told


def _worded(one: Any) -> bool:
    return one.name in ("title", "description", "name", "city") and bool(getattr(one, "multiple", False))


def _value(one: Any, desk: Any, package: Any) -> str:
    kind = str(one.type_descriptor.annotation)
    if "Path" in kind or one.name in ("source", "package", "file", "folder", "sheet"):
        return str(package)
    if "int" in kind:
        return "1"
    if one.metavar == "YYYY-MM-DD":
        return "2018-09-01"
    if one.metavar in ("CONTRACT", "CASE"):
        return WINNER
    if one.metavar == "CONTEST":
        return CONTEST
    return WORDS.get(one.name or "", "1")


def held(desk: Any) -> Mapping[str, list[Any]]:
    engine = create_engine(f"sqlite:///{next(desk.home.rglob('*.db'))}")
    with engine.connect() as connection:
        rows = {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in METADATA.sorted_tables
            if table.name not in TRAIL
        }
        event = METADATA.tables["event"]
        rows["acts"] = [str(one) for one in connection.scalars(select(event.c.act)) if one not in READING]
    engine.dispose()
    return rows


@pytest.fixture(scope="module")
def desk(stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return stages.desk("signed").copy(tmp_path_factory.mktemp("auditor") / "home")


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[" ".join(words) for words, _ in COMMANDS])
def test_no_command_lets_an_auditor_change_anything(
    words: tuple[str, ...],
    command: Any,
    desk: Any,
    stages: Stages,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
):
    monkeypatch.chdir(tmp_path)
    # Some of these commands write into the folder they are given, and the stages' packages are for every test.
    package = shutil.copytree(stages.packages[PERFECT], tmp_path / "package")
    before = held(desk)

    told = desk.line(*line(words, command, desk, package), "--json", by="auditor")

    assert held(desk) == before, told


def files(desk: Any) -> dict[str, tuple[int, int]]:
    return {
        str(one): (one.stat().st_size, one.stat().st_mtime_ns)
        for one in desk.home.rglob("*")
        if one.is_file() and one.suffix not in (".db-shm", ".db-wal")
    }


@pytest.mark.parametrize(("words", "command"), MACHINES, ids=[" ".join(words) for words, _ in MACHINES])
def test_no_command_of_the_machine_is_done_under_his_name(
    words: tuple[str, ...], command: Any, desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    monkeypatch.chdir(tmp_path)
    before, there = held(desk), files(desk)

    told = desk.refused(*line(words, command, desk, tmp_path), by="auditor")
    said = [desk.line(*line(words, command, desk, tmp_path), "--language", one, by="auditor") for one in ("ru", "en")]

    assert (told["error"], told["facts"], told["exit"]) == ("NotOperator", {"login": "batken.auditor"}, 2)
    assert ["--as" in one.err for one in said] == [True, True]
    assert (held(desk), files(desk)) == (before, there)
    assert not list(tmp_path.iterdir())


def test_the_machine_is_an_operators_and_whoevers_who_acts_under_no_name(at_stage: Open, tmp_path: Any):
    desk = at_stage("announced")
    office = Office(load(desk.home))
    home = office.doer("batken", "batken.head").tenant_id
    assert home is not None
    told = {"login": "batken.operator", "name": "Оператор", "email": "", "roles": {Role.OPERATOR: None}}
    register.register_person(office, register.OPERATOR, tenant_id=home, **told)
    office.close()
    for by in ("", "operator"):
        assert desk.ok("db", "state", by=by)["current"] is True
        assert desk.ok("notary", "rotate", by=by)["key"]
    for by in ("auditor", "head", "nobody"):
        assert desk.line("notary", "rotate", "--help", by=by).code == 0
        assert desk.refused("notary", "rotate", by=by)["error"] == "NotOperator"
    assert desk.line("db", "state", "--customer", "", "--as", "batken.operator").code == 2

    empty = type(desk)(tmp_path / "empty")  # nobody is known there, and asking changes no shape
    assert empty.refused("db", "upgrade", by="operator")["error"] == "NotOperator"
    assert empty.line("db", "state", "--json").json["revision"] == ""


def test_what_he_reads_is_on_record_case_by_case(at_stage: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    monkeypatch.chdir(tmp_path)
    desk = at_stage("signed")

    def told() -> list[dict[str, Any]]:
        return [one for one in desk.ok("audit", "show", WINNER, by="head") if one["act"] != "trail:read"]

    seen = len(told())

    for words in (
        ("intake", "show", WINNER),
        ("intake", "files", WINNER),
        ("check", "findings", WINNER),
        ("committee", "sheets", WINNER),
        ("contract", "show", WINNER),
    ):
        desk.ok(*words, by="auditor")
        events = told()
        assert [one["act"] for one in events[seen:]] == ["case:read"] * len(events[seen:]), words
        assert len(events) > seen, words
        seen = len(events)

    name = desk.ok("intake", "files", WINNER, by="secretary")[0]["name"]
    desk.ok("intake", "fetch", WINNER, name, by="secretary")
    last = told()[-1]
    assert (last["act"], "secretary" in last["who"] or "катчы" in last["who"]) == ("case:read", True)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("intake", "list", CONTEST), CONTEST),
        (("committee", "conflicts", CONTEST), CONTEST),
        (("contract", "list"), CONTEST),
        (("overview", "export", "--to", "x.xlsx"), ""),
        (("overview", "calendar", "--to", "x.ics"), ""),
        (("hold", "list"), CONTEST),
        (("retention", "due"), "batken"),
        (("contest", "list"), None),  # what is published
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else None,
)
def test_a_list_that_he_reads_is_on_record_once(
    words: tuple[str, ...], place: str | None, at_stage: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    monkeypatch.chdir(tmp_path)
    desk = at_stage("signed")
    order = ("--order", "Соттун аныктамасы", "--number", "1", "--on", "2018-09-01", "--by", "Сот")
    desk.ok("hold", "place", "--case", WINNER, *order, by="head")

    desk.ok(*words, by="auditor")

    read = desk.ok("audit", "find", "--actor", "batken.auditor", by="head")["events"]
    assert [one["act"] for one in read] == ([] if place is None else ["case:read"])
    assert all(one["stream"].endswith(place or "") for one in read), read
