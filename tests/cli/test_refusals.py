"""What must not be done is told in a sentence, and the exit code says which family it is of."""

from datetime import timedelta

import pytest
from conftest import CITY, CONTEST, FILE, LATE, SENDERS, Open, Stages

from cli.desk import day, tyiyn, words


def test_a_package_one_second_late_keeps_its_receipt(at_stage: Open, stages: Stages):
    desk = at_stage("received")
    line = ("intake", "hand-in", stages.packages[LATE], "--contest", CONTEST, "--sender", SENDERS[LATE])
    desk.at(CITY.cutoff + timedelta(seconds=1))

    said = desk.line(*line, by="secretary")
    told = desk.refused(*line, by="secretary")

    assert said.code == 2
    assert "саат 17:00:01" in said.err
    assert "4" in said.err
    assert (told["error"], told["facts"]["number"], told["exit"]) == ("TooLate", 4, 2)
    assert desk.ok("intake", "list", CONTEST, by="secretary")[3]["status"] == "turned_away"
    assert [one["errand"] for one in desk.ok("db", "errands")].count("letters.send") == 1


def test_the_last_second_is_in_time(at_stage: Open, stages: Stages):
    desk = at_stage("received")
    desk.at(CITY.cutoff)

    desk.ok("intake", "hand-in", stages.packages[LATE], "--contest", CONTEST, "--sender", SENDERS[LATE], by="secretary")


@pytest.mark.parametrize(
    ("line", "by", "error"),
    [
        pytest.param(["contest", "cancel", CONTEST, "-r", "x"], "secretary", "NotAllowed", id="a secretary cancels"),
        pytest.param(["contest", "cancel", CONTEST, "-r", "x"], "council", "NotAllowed", id="the council cancels"),
        pytest.param(["check", "close", CONTEST], "finance", "NotAllowed", id="finance ends the intake"),
        pytest.param(["intake", "list", CONTEST], "council", "NotAllowed", id="the council reads cases"),
        pytest.param(["contest", "announce", CONTEST], "head", "WrongMoment", id="announced twice"),
        pytest.param(["contest", "publish", CONTEST], "head", "WrongMoment", id="published before a sitting"),
        pytest.param(["check", "close", CONTEST], "secretary", "WrongMoment", id="closed before the cut-off"),
        pytest.param(["committee", "route", CONTEST], "secretary", "WrongMoment", id="routed before the cut-off"),
        pytest.param(["committee", "ranking", CONTEST], "head", "WrongMoment", id="ranked before decided"),
        pytest.param(["contest", "cancel", "NO-SUCH", "-r", "x"], "head", "NotFound", id="no such contest"),
        pytest.param(["intake", "show", f"{CONTEST}/99"], "head", "NotFound", id="no such case"),
        pytest.param(["contract", "show", f"{CONTEST}/1"], "head", "NotFound", id="no contract yet"),
        pytest.param(["committee", "declare", f"{CONTEST}/1", "--conflict"], "chair", "NoReason", id="no reason"),
    ],
)
def test_what_is_refused_is_said_in_kyrgyz(at_stage: Open, line: list[str], by: str, error: str):
    desk = at_stage("received")

    said = desk.line(*line, by=by)

    assert said.code == 2
    assert any(letter in said.err for letter in "өүң")
    assert said.out == ""
    assert desk.refused(*line, by=by)["error"] == error


def test_another_customer_is_unknown_and_so_is_its_contest(at_stage: Open):
    desk = at_stage("received")
    words = [part for one in ("--name", "--city") for code in ("ky", "ru", "en") for part in (one, f"{code}=Каракол")]
    desk.ok("register", "customer", "karakol", *words)
    desk.ok("--customer", "karakol", "register", "person", "karakol.head", "--name", "Мэр", "--role", "head")

    assert desk.refused("--customer", "nowhere", "contest", "list", by="head")["error"] == "NotFound"
    stranger = ("--customer", "karakol", "--as", "karakol.head")
    assert desk.refused(*stranger, "contest", "show", CONTEST)["error"] == "NotFound"
    assert desk.ok(*stranger, "contest", "list") == []


def test_a_broken_contest_file_names_all_that_is_wrong(at_stage: Open):
    desk = at_stage("registered")
    text = FILE.read_text("utf-8").replace("awards = 1", "awards = 0").replace('number = "BATKEN-2018-1"', "")
    broken = desk.home / "contest.toml"
    broken.write_text(text, "utf-8")

    told = desk.refused("contest", "draft", broken, "--programme", "70561-2823-МСЗ", by="coordinator")

    facts = told["facts"]
    assert (told["error"], facts["wrong"], facts["missing"]) == ("BadContestFile", "awards", "number")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(["contest", "list"], id="who asks"),
        pytest.param(["--as", "batken.head", "contest", "show"], id="no number"),
        pytest.param(["--as", "batken.head", "contest", "dance"], id="no such command"),
        pytest.param(["--as", "batken.chair", "committee", "vote", f"{CONTEST}:1", "maybe"], id="no such choice"),
        pytest.param(["--as", "batken.head", "contract", "amend", "1", "--ends", "soon", "-r", "x"], id="no day"),
        pytest.param(["register", "person", "x", "--name", "X", "--role", "king"], id="no such role"),
    ],
)
def test_a_line_that_is_not_understood_is_usage(at_stage: Open, line: list[str]):
    desk = at_stage("registered")

    said, told = desk.line(*line), desk.line("--json", *line)

    assert (said.code, told.code) == (64, 64)
    assert said.err
    assert told.json["exit"] == 64


def test_the_service_that_is_down_makes_status_unhealthy(at_stage: Open):
    desk = at_stage("registered")

    told = desk.line("status", "--json")

    assert told.code == 69
    assert {one["service"]: one["state"] for one in told.json}["database"] == "healthy"
    assert desk.line("db", "state").code == 0


def test_a_store_that_does_not_answer_is_temporary_and_nothing_is_taken_in(at_stage: Open, stages: Stages):
    desk = at_stage("received")
    line = ("intake", "hand-in", stages.packages[LATE], "--contest", CONTEST, "--sender", SENDERS[LATE])
    away = {"ASHAR_STORE": "s3", "ASHAR_S3_ENDPOINT": "127.0.0.1:1", "ASHAR_S3_SECURE": "false"}

    told = desk.line(*line, "--json", by="secretary", **away)

    assert (told.code, told.json["error"]) == (75, "StoreDown")
    assert len(desk.ok("intake", "list", CONTEST, by="secretary")) == 3


def test_sums_days_and_texts_are_read_as_people_write_them():
    assert [tyiyn(one) for one in ("50000", "50 000", "0,05", "12.5")] == [5_000_000, 5_000_000, 5, 1250]
    assert day("2018-07-02").isoformat() == "2018-07-02"
    assert words(["ky=а", "ru=б", "en=c=d"], "--title") == {"ky": "а", "ru": "б", "en": "c=d"}
    for wrong in ("-5", "1.234", "x", ""):
        with pytest.raises(Exception, match="som"):
            tyiyn(wrong)
    with pytest.raises(Exception, match="ky, ru and en"):
        words(["ky=а", "ru=б"], "--title")


def test_options_for_all_may_stand_anywhere_on_the_line(at_stage: Open):
    desk = at_stage("announced")

    told = desk.line("contest", "list", "--as", "batken.head", "--language", "en", "--json")

    assert (told.code, told.json[0]["number"]) == (0, CONTEST)
