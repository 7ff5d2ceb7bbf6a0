"""The trail is found, compared and taken out by lines of the command."""

import csv
import io
import json

import pytest
from conftest import CONTEST, PERFECT, Open, Stages

WINNER = f"{CONTEST}/1"


def test_pages_of_what_is_found_join(at_stage: Open):
    desk = at_stage("decided")
    whole = desk.ok("audit", "find", "--contest", CONTEST, "--limit", 500, "--act", "sheet:submit", by="head")
    assert len(whole["events"]) > 5
    assert whole["next"] == ""
    joined, page = [], ""
    while True:
        part = desk.ok(
            "audit",
            "find",
            "--contest",
            CONTEST,
            "--limit",
            4,
            "--act",
            "sheet:submit",
            *(["--page", page] if page else []),
            by="head",
        )
        joined += part["events"]
        page = part["next"]
        if not page:
            break
    assert joined == whole["events"]
    assert {one["act"] for one in joined} == {"sheet:submit"}
    said = desk.line("audit", "find", "--contest", CONTEST, "--limit", 4, by="head")
    assert "--page" in said.out


def test_each_filter_is_understood(at_stage: Open, stages: Stages):
    desk = at_stage("signed")
    file = next(stages.packages[PERFECT].glob("*.xlsx"))

    def found(*words: object) -> list[dict[str, str]]:
        return desk.ok("audit", "find", *words, "--limit", 500, by="auditor")["events"]

    assert found("--file", file)
    assert {one["rule"] for one in found("--rule", "cutoff")} == {"cutoff"}
    assert {one["act"] for one in found("--actor", "batken.chair", "--act", "item:vote")} == {"item:vote"}
    assert found("--case", WINNER, "--since", "2018-07-29", "--until", "2018-07-29")
    assert found("--until", "2010-01-01") == []
    assert {one["subject"] for one in found("--subject", found("--case", WINNER)[0]["subject"])}
    for wrong in (["--act", "dance"], ["--since", "soon"], ["--file", "no such file"], ["--subject", "x"]):
        assert desk.line("audit", "find", *wrong, by="auditor").code == 64
    assert desk.refused("audit", "find", "--page", "x", by="auditor")["error"] == "BadCursor"


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_case_is_shown_as_of_a_day_and_compared_with_another(at_stage: Open, language: str):
    desk = at_stage("checked")
    case = f"{CONTEST}/2"
    rows = desk.ok("audit", "as-of", case, "2018-08-01", by="head")
    assert next(one for one in rows["rows"] if one["noun"] == "application")["values"]["status"] != "eligible"
    differ = desk.ok("audit", "diff", case, "--from", rows["events"], by="head")
    assert any((one["field"], one["new"]) == ("status", "eligible") for one in differ)
    for words in (("as-of", case, "#1"), ("diff", case, "--from", "1", "--to", "#3")):
        said = desk.line("-l", language, "audit", *words, by="head")
        assert said.code == 0, said.err
        assert "⟨" not in said.out
        assert "column." not in said.out
        assert len(said.out) > 100
    assert desk.ok("audit", "as-of", case, "2001-01-01", by="head")["rows"] == []


def test_tables_and_pages_are_written_whole(at_stage: Open):
    desk = at_stage("signed")
    out = desk.home / "out"
    made = desk.ok("audit", "timeline", WINNER, "--to", out, by="head")
    assert {one["file"].rpartition(".")[2] for one in made} == {"html", "pdf"}
    lines = desk.ok("audit", "table", "--case", WINNER, "--lines", "--to", out, by="head")
    table = desk.ok("audit", "table", "--case", WINNER, "--to", out / "x.csv", by="head")
    events = [json.loads(one) for one in (out / "trail.jsonl").read_text("utf-8").splitlines()]
    assert [one["event"]["seq"] for one in events] == list(range(1, lines["events"] + 1))
    rows = list(csv.reader(io.StringIO((out / "x.csv").read_text("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) - 1 == table["events"] >= lines["events"]
    assert not list(out.glob(".*"))
    assert desk.refused("audit", "table", "--to", out / "no.csv", by="council")["error"] == "NotAllowed"
    assert not (out / "no.csv").exists()


def test_a_mark_leads_nobody_past_the_record(at_stage: Open):
    desk = at_stage("signed")
    given = desk.ok("audit", "find", "--limit", 5, by="head")["next"]
    theirs = desk.ok("audit", "find", "--limit", 500, "--page", given, by="auditor")
    assert theirs["events"]

    reads = desk.ok("audit", "find", "--act", "trail:read", by="head")["events"]
    assert sum("Аудитор" in one["who"] for one in reads) == 1


@pytest.mark.parametrize("form", [[], ["--lines"]])
def test_who_gets_no_dossier_gets_no_table(at_stage: Open, form: list[str]):
    desk = at_stage("signed")
    out = desk.home / "out"
    out.mkdir()
    for by in ("coordinator", "member3", "chair"):
        assert desk.refused("audit", "dossier", WINNER, "--to", out / "x.zip", by=by)["error"] == "NotAllowed"
        assert desk.refused("audit", "table", *form, "--to", out, by=by)["error"] == "NotAllowed"
        assert not list(out.iterdir())
    assert desk.ok("audit", "table", *form, "--to", out, by="auditor")["events"] > 100
    events = desk.ok("audit", "find", "--act", "trail:export", by="head")["events"]
    assert [one["act"] for one in events] == ["trail:export"]
