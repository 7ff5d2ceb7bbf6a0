"""The plan of a contract by lines of the command: milestones, amendments, forms, explanations."""

from datetime import datetime, time, timedelta

from conftest import CITY, CONTEST, Open

WINNER = f"{CONTEST}/1"


def test_milestones_are_entered_before_the_signing_and_the_contract_is_drafted_anew(at_stage: Open):
    desk = at_stage("decided")
    line = ("contract", "plan", WINNER, "-r", "арыз ээсинин планы")

    assert desk.line(*line, "--milestone", "күнү жок", by="lawyer").code == 64
    assert desk.refused(*line, "--milestone", "Кийин=2030-01-01", by="lawyer")["error"] == "BadMilestone"
    desk.ok(*line, "--milestone", "Урна = сакчы=2018-11-30", "--milestone", "Сабактар=2018-10-20", by="lawyer")
    assert desk.ok("contract", "show", WINNER, by="lawyer")["status"] == "prepared"
    desk.ok("db", "move")

    shown = desk.ok("contract", "show", WINNER, by="lawyer")
    assert shown["status"] == "drafted"
    assert [(one["name"], one["planned"]) for one in shown["milestones"]] == [
        ("Сабактар", "2018-10-20"),
        ("Урна = сакчы", "2018-11-30"),
    ]


def test_an_amendment_names_lines_targets_and_the_last_day(at_stage: Open):
    desk = at_stage("signed")
    before = desk.ok("contract", "show", WINNER, by="lawyer")
    line, indicator = before["lines"][0], before["indicators"][0]
    less = line["requested"] // 100 - 10
    amend = ("contract", "amend", WINNER, "-r", "кыш")

    assert desk.refused(*amend, by="lawyer")["error"] == "WrongMoment"
    assert desk.line(*amend, "--target", f"{indicator['name']}=көп", by="lawyer").code == 64
    desk.ok(*amend, "--line", f"{line['name']}={less}", "--target", f"{indicator['name']}=7", by="lawyer")

    after = desk.ok("contract", "show", WINNER, by="lawyer")
    assert (after["lines"][0]["requested"], after["indicators"][0]["target"]) == (less * 100, 7)
    assert after["amount_tyiyn"] == before["amount_tyiyn"] - line["requested"] + less * 100
    assert "amendment" in desk.ok("contract", "paper", WINNER, "--to", desk.home, by="lawyer")["file"]


def test_the_forms_of_a_period_are_written_into_a_folder(at_stage: Open):
    desk = at_stage("signed")
    first = desk.ok("report", "periods", WINNER, by="ngo")[0]
    desk.at(
        datetime.combine(
            datetime.fromisoformat(first["starts"]).date() + timedelta(days=1), time(9), CITY.cutoff.tzinfo
        )
    )

    told = desk.ok("report", "form", WINNER, 1, "--to", desk.home / "forms", by="ngo")

    assert sorted(one.suffix for one in (desk.home / "forms").iterdir()) == [".docx", ".xlsx"]
    assert len(told["files"]) == 2
    assert desk.refused("report", "form", WINNER, 9, by="ngo")["error"] == "NotFound"
