"""The whole journey by lines of the command, without Prefect: what each stage leaves behind, and how it is read."""

import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path

from conftest import CITY, CONTEST, PERFECT, SENDERS, Open, Stages

from cli.demo.reports import ContractFacts, ReportSituation, reports
from rules.deadlines import add_working_days
from schemas.facts import BudgetLine, Indicator

WINNER = f"{CONTEST}/1"
VERIFY = Path(__file__).parents[2] / "documents" / "verifiers" / "verify.py"


def test_a_receipt_has_number_time_and_hashes_and_the_same_package_is_one_case(at_stage: Open, stages: Stages):
    desk = at_stage("received")

    line = ("intake", "hand-in", stages.packages[PERFECT], "--contest", CONTEST, "--sender", SENDERS[PERFECT])
    told = desk.ok(*line, by="secretary")
    said = desk.line(*line, by="secretary")

    assert (told["case"], told["again"], len(told["files"])) == (WINNER, True, 13)
    assert told["received"].startswith("2018-07-29T11:00:00")
    assert told["sha256"] in said.out
    assert "№ 1" in said.out
    assert len(desk.ok("intake", "list", CONTEST, by="secretary")) == 3


def test_a_sealed_application_shows_its_number_and_time_and_no_more(at_stage: Open):
    desk = at_stage("received")

    row = desk.ok("intake", "list", CONTEST, by="head")[0]

    assert set(row) == {"noun", "case", "number", "received", "status", "sealed", "id", "zone"}
    assert row["sealed"] is True
    for words in (
        ("intake", "show", WINNER),
        ("intake", "files", WINNER),
        ("intake", "fetch", WINNER, "04_Смета.xlsx"),
        ("check", "findings", WINNER),
        ("committee", "bundle", WINNER),
        ("audit", "show", WINNER),
        ("audit", "dossier", WINNER),
    ):
        assert desk.refused(*words, by="head")["error"] == "Sealed", words
    assert desk.line("intake", "list", CONTEST, by="secretary").out.count("@") == 0


def test_all_gaps_are_told_at_once_with_their_cure_and_what_is_cured_is_no_longer_open(at_stage: Open):
    desk = at_stage("checked")

    everything = desk.ok("check", "findings", f"{CONTEST}/2", "--all", by="secretary")
    left = desk.ok("check", "findings", f"{CONTEST}/2", by="secretary")

    assert {"rule": "missing", "kind": "D08", "status": "cured"}.items() <= everything[0].items()
    assert "→" in everything[0]["sentence"]
    assert all(one["severity"] == "notice" for one in left)
    assert [one["status"] for one in desk.ok("intake", "list", CONTEST, by="secretary")] == ["eligible"] * 3


def test_an_officer_sets_a_finding_aside_by_its_name_and_with_a_reason(at_stage: Open):
    desk = at_stage("checked")
    row = desk.ok("check", "findings", f"{CONTEST}/2", by="secretary")[0]

    desk.ok("check", "override", row["finding"], "-r", "Устав текшерилди.", by="lawyer")

    again = desk.ok("check", "findings", f"{CONTEST}/2", "--all", by="secretary")
    assert next(one for one in again if one["id"] == row["id"])["reason"] == "Устав текшерилди."


def test_a_member_sees_others_sheets_only_after_his_own_and_never_with_an_interest(at_stage: Open):
    desk = at_stage("routed")
    mine = {seat: desk.ok("committee", "assignments", CONTEST, by=seat) for seat in ("member3", "chair")}

    assert all(not one["case"].endswith("/3") for one in mine["member3"])
    assert desk.refused("committee", "sheets", f"{CONTEST}/3", by="member3")["error"] == "OwnInterest"
    assert desk.refused("committee", "sheets", mine["chair"][0]["case"], by="chair")["error"] == "OwnSheetFirst"
    assert desk.refused("audit", "show", mine["chair"][0]["case"], by="chair")["error"] == "OwnSheetFirst"
    assert desk.refused("committee", "bundle", f"{CONTEST}/3", by="member3")["error"] == "OwnInterest"
    assert desk.ok("committee", "sheets", f"{CONTEST}/1", by="auditor") == []


def test_a_score_sheet_comes_from_a_file_too_and_what_is_wrong_with_it_is_told(at_stage: Open):
    desk = at_stage("routed")
    case = desk.ok("committee", "assignments", CONTEST, by="chair")[0]["case"]
    codes = [one["criterion"] for one in desk.ok("committee", "criteria", CONTEST, by="chair")]
    sheet = desk.home / "sheet.toml"
    comments = "".join(f'{code} = "негиздүү"\n' for code in codes)

    sheet.write_text(f"[points]\n{codes[0]} = 99\n", "utf-8")
    wrong = desk.refused("committee", "score", case, sheet, by="chair")
    sheet.write_text("[points]\n" + "".join(f"{code} = 4\n" for code in codes) + f"[comments]\n{comments}", "utf-8")
    right = desk.ok("committee", "score", case, sheet, by="chair")

    assert wrong["error"] == "BadSheet"
    assert right["total"] == 8000
    assert desk.refused("committee", "score", case, "-p", f"{codes[0]}=1", by="chair")["error"] == "AlreadyGiven"


def test_items_are_voted_by_position_and_the_interested_member_takes_no_part(at_stage: Open):
    desk = at_stage("decided")

    agenda = desk.ok("committee", "agenda", CONTEST, by="secretary")

    assert [(one["item"], one["votes"], one["status"]) for one in agenda] == [
        (f"{CONTEST}:1", "5–0–0", "recommended"),
        (f"{CONTEST}:2", "5–0–0", "recommended"),
        (f"{CONTEST}:3", "4–0–0", "recommended"),
    ]
    assert len(agenda[2]["recused"]) == 1
    assert [one["status"] for one in desk.ok("committee", "ranking", CONTEST, by="head")] == [
        "winner",
        "reserve",
        "reserve",
    ]


def test_papers_are_fetched_by_what_they_belong_to(at_stage: Open):
    desk = at_stage("signed")
    for words, by in (
        (("contest", "paper", CONTEST), "head"),
        (("committee", "minutes", CONTEST), "secretary"),
        (("contract", "paper", WINNER), "lawyer"),
        (("contract", "order", WINNER, 1), "finance"),
        (("intake", "fetch", WINNER, "receipt-1.docx"), "secretary"),
    ):
        told = desk.ok(*words, "--to", desk.home, by=by)
        assert zipfile.is_zipfile(told["file"]), words
    bundle = desk.ok("committee", "bundle", WINNER, "--to", desk.home, by="chair")
    assert (desk.home / f"{CONTEST}-1.pdf").read_bytes().startswith(b"%PDF"), bundle


def test_an_appeal_pauses_the_contract_until_it_is_answered(at_stage: Open):
    desk = at_stage("decided")
    inn = desk.ok("intake", "show", f"{CONTEST}/3", by="secretary")["inn"]
    person = ["batken.kyshtak", "--name", "Эргешов Р.", "--role", "applicant", "--organisation", inn]
    desk.ok("register", "person", *person)
    desk.ok("contest", "appeal", f"{CONTEST}/3", "--text", "Балл туура эмес.", by="kyshtak")
    desk.at(CITY.cutoff + timedelta(days=45))

    paused = desk.refused("contract", "sign", WINNER, by="head")
    desk.ok("contest", "decide-appeal", f"{CONTEST}/3", "--answer", "Баллдар туура.", "--reject", by="head")
    desk.ok("contract", "sign", WINNER, by="head")

    assert paused["error"] == "WrongMoment"
    assert desk.ok("contest", "appeals", CONTEST, by="auditor")[0]["status"] == "rejected"


def test_an_applicant_finds_only_his_own_case(at_stage: Open):
    desk = at_stage("signed")

    assert [one["case"] for one in desk.ok("intake", "list", CONTEST, by="ngo")] == [WINNER]
    assert desk.refused("intake", "show", f"{CONTEST}/2", by="ngo")["error"] == "NotFound"
    assert desk.refused("audit", "show", f"{CONTEST}/2", by="ngo")["error"] == "NotFound"
    assert desk.refused("committee", "sheets", WINNER, by="ngo")["error"] == "NotAllowed"
    assert [one["number"] for one in desk.ok("contract", "list", by="ngo")] == [WINNER]


def test_two_periods_are_reported_one_with_a_variance_and_the_project_is_closed(at_stage: Open):
    desk = at_stage("signed")
    contract = desk.ok("contract", "show", WINNER, by="head")
    periods = desk.ok("report", "periods", WINNER, by="ngo")
    indicators = [Indicator.model_validate(one) for one in contract["indicators"]]
    facts = ContractFacts(
        number=WINNER,
        organisation=contract["organisation"],
        lines=[(one.name, one.requested) for one in map(BudgetLine.model_validate, contract["lines"])],
        indicators=[(one.name, one.target) for one in indicators],
        periods=[(date.fromisoformat(one["starts"]), date.fromisoformat(one["ends"])) for one in periods],
        units={one.name: one.unit for one in indicators},
    )
    desk.ok("report", "extend", WINNER, 2, "--until", "2019-04-30", "-r", "Кар эрибейт.", by="coordinator")
    spent = 0
    for number, situation in ((1, ReportSituation.VARIANCE), (2, ReportSituation.CLEAN)):
        package = reports("batken", facts, number, desk.home, situation=situation)
        opens = add_working_days(facts.periods[number - 1][0] - timedelta(days=1), 1)  # no letter on New Year's day
        desk.at(datetime.combine(opens, time(9), CITY.cutoff.tzinfo))
        desk.ok("db", "move")
        assert desk.ok("report", "periods", WINNER, by="ngo")[number - 1]["status"] == "open"
        desk.at(package.arrives_at)
        desk.ok("report", "hand-in", WINNER, number, package.path, by="ngo")
        desk.ok("db", "move")
        shown = desk.ok("report", "show", WINNER, number, by="coordinator")
        spent += shown["spent_tyiyn"]
        if shown["open"]:
            assert situation is ReportSituation.VARIANCE
            assert desk.refused("report", "accept", WINNER, number, by="coordinator")["error"] == "WrongMoment"
            desk.ok("report", "explain", WINNER, number, "--text", "Баа көтөрүлдү.", by="ngo")
        desk.ok("report", "accept", WINNER, number, by="coordinator")
        desk.ok("db", "move")
        for one in desk.ok("contract", "tranches", WINNER, by="finance"):
            if one["status"] == "ordered":
                desk.ok("contract", "pay", WINNER, one["number"], "--order", one["order"], by="finance")
    desk.ok("visit", "record", WINNER, "--on", "2019-02-01", "--seen", "Иш жүрүп жатат.", by="coordinator")
    told = desk.ok("contract", "evaluate", WINNER, by="head")
    if told["balance_tyiyn"]:
        owed = desk.refused("contract", "close", WINNER, by="head")
        assert owed["facts"]["owed_tyiyn"] == told["balance_tyiyn"]
        som = f"{told['balance_tyiyn'] / 100:.2f}"
        desk.ok("contract", "return-balance", WINNER, "--amount", som, "--reference", "№ 77", by="finance")
    desk.ok("db", "move")
    desk.ok("contract", "close", WINNER, by="head")

    closed = desk.ok("contract", "show", WINNER, by="head")
    assert (closed["status"], closed["spent_tyiyn"]) == ("closed", spent)
    assert desk.ok("contest", "show", CONTEST, by="head")["status"] == "finished"
    assert zipfile.is_zipfile(desk.ok("contract", "paper", WINNER, "--closing", "--to", desk.home, by="head")["file"])


def test_the_trail_is_shown_sealed_exported_and_verified(at_stage: Open):
    desk = at_stage("signed")

    events = desk.ok("audit", "show", WINNER, by="auditor")
    told = desk.line("-l", "en", "audit", "show", WINNER, by="auditor").out
    sealed = desk.ok("audit", "seal")
    dossier = desk.ok("audit", "dossier", WINNER, "--to", desk.home / "case.zip", by="auditor")
    certificate = desk.ok("audit", "certificate", CONTEST, "--to", desk.home / "closing.zip", by="auditor")
    whole = desk.ok("audit", "verify")

    assert [one["seq"] for one in events] == list(range(1, len(events) + 1))
    assert events[0]["act"] == "application:receive"
    assert "lifted the seal" in told
    assert sealed["sealed"]
    assert desk.ok("audit", "show", CONTEST, by="head")[0]["act"] == "contest:draft"
    for one, count in ((dossier, len(events)), (certificate, 1)):
        told = subprocess.run(
            [sys.executable, VERIFY, one["file"], "--json"], capture_output=True, check=True, text=True
        )
        assert json.loads(told.stdout)["good"]
        assert json.loads(told.stdout)["events"] == one["events"] >= count
    assert whole["whole"]
    assert whole["events"] > len(events)


def test_what_waits_is_counted_and_worked_through_without_prefect(at_stage: Open):
    desk = at_stage("received")

    waiting = desk.ok("db", "errands")
    told = desk.ok("db", "move")

    assert {one["errand"] for one in waiting} == {"intake.inspect"}
    assert told["done"] >= len(waiting)
    assert told["troubles"] == []
    assert desk.ok("db", "errands") == []
    assert desk.ok("db", "reconcile") == {"returned": 0, "orphans": 0, "handed_over": 0, "swept": False}
    assert desk.refused("db", "again", "00000000")["error"] == "NotFound"


def test_every_stored_file_is_hashed_again_and_one_that_was_altered_is_told(at_stage: Open):
    desk = at_stage("received")
    objects = [one for one in (desk.home / "objects").rglob("*") if one.is_file() and one.stat().st_size > 1000]

    whole = desk.ok("db", "verify")
    objects[0].chmod(0o640)
    objects[0].write_bytes(b"something else")
    altered = desk.line("--json", "db", "verify")

    assert whole == {"wrong": []}
    assert altered.code == 69
    assert len(json.loads(altered.out)["wrong"]) == 1
    assert desk.refused("db", "grant", "ashar_desk", "--password", "x")["error"] == "BadSetting"


def test_a_file_of_other_bytes_than_its_event_names_is_not_given_out(at_stage: Open):
    """Somebody who owns the database swaps the bytes behind two documents, each of which still have their blob's hash."""
    desk = at_stage("checked")
    [one, other, *_] = desk.ok("intake", "files", WINNER, by="secretary")[:2]
    with closing(sqlite3.connect(desk.home / "ashar.db")) as database:
        swap(database, one["name"], other["name"])

    told = desk.refused("intake", "fetch", WINNER, one["name"], "--to", str(desk.home / "out"), by="secretary")
    verified = desk.line("--json", "db", "verify")

    assert told["error"] == "Altered"
    assert not (desk.home / "out").exists()
    assert verified.code == 69
    assert [line.split()[1] for line in json.loads(verified.out)["wrong"]] == ["swapped", "swapped"]


def swap(database: sqlite3.Connection, *names: str) -> None:
    of = "SELECT b.id, b.key, b.sha256, b.size FROM document d JOIN blob b ON b.id = d.blob_id WHERE d.name = ?"
    (one, *first), (other, *second) = (database.execute(of, (name,)).fetchone() for name in names)
    database.execute("DROP TRIGGER guard_blob_same")
    change = "UPDATE blob SET key = ?, sha256 = ?, size = ? WHERE id = ?"
    for identity, row in ((one, ["", "", 0]), (other, first), (one, second)):
        database.execute(change, (*row, identity))
    database.commit()
