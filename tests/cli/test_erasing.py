"""Holds, redaction and retention as they are typed; in every language, and as JSON."""

import json
import os
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from cli.main import run
from flows.steps import register
from flows.steps.sequencer import Sequencer
from schemas.customer import Role
from schemas.event import Act, Event
from schemas.wording import LANGUAGES
from storage import trail
from storage.ledger import skeleton
from storage.work import looking
from tests.threats.makers import Attacked, attacked

NAME = "Токтогулова Бермет"
COURT = ("--order", "Соттун аныктамасы", "--number", "AC-7/18", "--on", "2018-11-01")
LAW = ("--order", "Жеке мүнөздөгү маалымат жөнүндө мыйзам", "--number", "58", "--on", "2008-04-14")


@pytest.fixture
def home(tmp_path: Path) -> Attacked:
    """A customer with a head, a lawyer, and a secretary who left."""
    (tmp_path / "ashar.env").write_text(f"ASHAR_STORE=folder\nASHAR_CLOCK={tmp_path / 'clock'}\n")
    made = attacked(f"sqlite:///{tmp_path / 'ashar.db'}", tmp_path)
    for login, role in (("head", Role.HEAD), ("lawyer", Role.LAWYER), ("bermet", Role.SECRETARY)):
        told = {"login": login, "name": NAME if login == "bermet" else login, "email": f"{login}@example.kg"}
        register.register_person(made.office, register.OPERATOR, tenant_id=made.tenant, roles={role: None}, **told)
    who = made.office.doer("batken", "bermet")
    register.revoke_role(made.office, made.office.doer("batken", "head"), who.id, Role.SECRETARY, "иштен кетти")
    made.office.close()
    return made


def typed(home: Attacked, capsys: pytest.CaptureFixture[str], login: str, *words: str, code: int = 0) -> str:
    line = ["--home", str(home.office.home), "-c", "batken", "--as", login, *words]
    with patch.dict(os.environ):  # the command leaves its home there
        assert run(line) == code
    told = capsys.readouterr()
    return told.out + told.err


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_hold_keeps_and_lets_go(home: Attacked, capsys: pytest.CaptureFixture[str], language: str):
    place = ("-l", language, "hold", "place", *COURT, "--by", "Баткен райондук соту", "--person", "bermet")
    assert "AC-7/18" in typed(home, capsys, "lawyer", *place)
    [hold] = json.loads(typed(home, capsys, "lawyer", "--json", "hold", "list"))
    assert (hold["scope"], hold["number"], hold["by"]) == ("person", "AC-7/18", "Баткен райондук соту")
    redact = ("-l", language, "audit", "redact", *LAW, "--person", "bermet")
    assert "AC-7/18" in typed(home, capsys, "lawyer", *redact, code=2)
    typed(home, capsys, "lawyer", "hold", "lift", "AC-7/18", *LAW, code=2)
    typed(home, capsys, "head", "hold", "lift", "AC-7/18", *LAW)
    assert json.loads(typed(home, capsys, "lawyer", "--json", "hold", "list")) == []
    told = json.loads(typed(home, capsys, "lawyer", "--json", *redact))
    assert told["values"] > 3
    assert told["held"] == told["needed"] == []
    verified = json.loads(typed(home, capsys, "head", "--json", "audit", "verify"))
    assert verified["whole"] is True
    assert NAME not in typed(home, capsys, "head", "-l", language, "audit", "verify")


def test_what_is_due_is_listed_and_disposed_of_by_name(home: Attacked, capsys: pytest.CaptureFixture[str]):
    assert json.loads(typed(home, capsys, "head", "--json", "retention", "due")) == []
    typed(home, capsys, "head", "retention", "dispose", "bermet", *LAW, code=2)
    home.later(days=366 * 7)
    [due] = json.loads(typed(home, capsys, "head", "--json", "retention", "due"))
    assert (due["name"], due["years"], due["held"]) == ("bermet", "5*", False)
    typed(home, capsys, "lawyer", "retention", "dispose", "bermet", *LAW, code=2)
    told = json.loads(typed(home, capsys, "head", "--json", "retention", "dispose", "bermet", *LAW))
    assert told["certificate"] == f"{home.office.now():%Y}/1"
    assert json.loads(typed(home, capsys, "head", "--json", "retention", "due")) == []


@pytest.mark.parametrize(
    "words",
    [
        ("hold", "place", *COURT, "--by", "x"),
        ("hold", "place", *COURT, "--by", "x", "--person", "bermet", "--everything"),
        ("audit", "redact", *LAW),
        ("audit", "redact", *LAW, "--person", "bermet", "--event", "1"),
        ("audit", "redact", *LAW, "--case", "X/1", "--event", "1", "--field", "person.name"),
    ],
)
def test_what_is_not_said_is_asked_for(home: Attacked, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]):
    typed(home, capsys, "lawyer", *words, code=64)


def test_a_clock_put_back_and_an_event_held_back_are_told(home: Attacked, capsys: pytest.CaptureFixture[str]):
    home.seal()
    home.at(home.office.now() - timedelta(days=3))
    home.propose("Жол")
    home.seal()
    home.later(days=4)
    home.propose("Көпүрө")
    home.later(minutes=2)
    home.office.close()
    told = json.loads(typed(home, capsys, "head", "--json", "audit", "verify"))
    assert told["held_back"] == 1
    assert [one["stream"] for one in told["backdated"]] == ["batken"]
    for language in ("ky", "ru", "en"):
        said = typed(home, capsys, "head", "-l", language, "audit", "verify")
        assert len(said.splitlines()) == 3
        assert "⟨" not in said


def test_a_row_that_is_not_what_its_events_say_is_told(home: Attacked, capsys: pytest.CaptureFixture[str]):
    home.seal()
    home.steal("UPDATE problem SET priority = 9")
    home.office.close()
    told = json.loads(typed(home, capsys, "head", "--json", "audit", "verify", code=2))
    assert (told["facts"]["why"], told["facts"]["noun"], told["facts"]["field"]) == ("apart", "problem", "priority")


def test_an_event_of_which_the_trace_alone_is_left_is_told(home: Attacked, capsys: pytest.CaptureFixture[str]):
    """Deleted whole, with its trace in its place, as after a restore: the chain goes on, and the reader has to know."""
    home.seal()
    with looking(home.office.engine, home.office.system) as look:
        newest = max(look.all(Event, act=Act.PROBLEM_PROPOSE), key=lambda one: one.seq)
        [keys] = trail.keys_of(look.session, [newest.stream_id]).values()
    entry = skeleton(newest.body, keys, newest.seq, newest.previous).hex()
    identity = newest.id.hex
    home.steal(
        f"UPDATE leaf SET entry = x'{entry}', event_id = NULL WHERE event_id = '{identity}'",
        f"DELETE FROM disclosure WHERE event_id = '{identity}'",
        f"DELETE FROM problem WHERE event_id = '{identity}'",
        f"DELETE FROM event WHERE id = '{identity}'",
    )
    home.office.close()
    told = json.loads(typed(home, capsys, "head", "--json", "audit", "verify"))
    assert told["lost"] == 1
    for language in LANGUAGES:
        assert ": 1." in typed(home, capsys, "head", "-l", language, "audit", "verify")


def test_an_index_that_misses_events_is_told_and_made_anew(home: Attacked, capsys: pytest.CaptureFixture[str]):
    home.seal()
    Sequencer(home.office).index()
    home.steal("DELETE FROM eventindex WHERE seq > 1")
    home.office.close()
    missed = json.loads(typed(home, capsys, "head", "--json", "audit", "verify"))["misindexed"]
    assert missed > 0
    for language in LANGUAGES:
        assert f": {missed}." in typed(home, capsys, "head", "-l", language, "audit", "verify")
    for language in LANGUAGES:
        assert run(["--home", str(home.office.home), "-l", language, "db", "index"]) == 0
        assert "⟨" not in capsys.readouterr().out
    assert json.loads(typed(home, capsys, "head", "--json", "audit", "verify"))["misindexed"] == 0
