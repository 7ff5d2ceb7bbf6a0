"""What the house says it can do, it does: acts have steps, errands handlers, deployments flows."""

import ast
import re
import subprocess
import sys
from itertools import combinations
from typing import Any

import yaml

from flows.steps.errands import HANDLERS
from schemas.customer import Role
from schemas.event import Act
from schemas.outbox import Errand
from tests.house.tree import ROOT, all_right, at, lines, python, tree

PLAN = ROOT / "prefect.yaml"
# Acts that no step does, each with its reason.
STEPLESS: dict[Act, str] = {}


def deployments() -> list[dict[str, Any]]:
    return yaml.safe_load(PLAN.read_text(encoding="utf-8"))["deployments"]


def test_every_deployment_points_at_a_flow():
    wrong = []
    for one in deployments():
        module, _, name = str(one["entrypoint"]).rpartition(".")
        path = ROOT / f"{module.replace('.', '/')}.py"
        if not path.is_file():
            wrong.append(f"prefect.yaml: {one['entrypoint']}: no such module")
            continue
        found = [node for node in tree(path).body if isinstance(node, ast.FunctionDef) and node.name == name]
        marks = {ast.unparse(mark).partition("(")[0] for node in found for mark in node.decorator_list}
        if "flow" not in marks:
            wrong.append(at(path, found[0].lineno if found else 1, f"{name} is no flow"))
    all_right(wrong)


def test_every_flow_file_is_deployed():
    files = [one for one in python("flows") if one.parent.name == "flows"]
    flows = {one.stem for one in files if any(line.startswith("@flow") for line in lines(one))}

    assert flows == {str(one["entrypoint"]).split(".")[1] for one in deployments()}


def test_every_flow_imports():
    modules = sorted({str(one["entrypoint"]).rpartition(".")[0] for one in deployments()})
    code = f"import importlib\nfor one in {modules}: importlib.import_module(one)"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stderr


def test_every_schedule_keeps_the_local_zone_and_has_a_name():
    schedules = [(one["entrypoint"], when) for one in deployments() for when in one["schedules"]]

    all_right(
        f"prefect.yaml: {flow}: {when}"
        for flow, when in schedules
        if when.get("timezone") != "Asia/Bishkek" or not when.get("slug") or not when.get("cron")
    )


CRON = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))  # minute, hour, day, month, weekday


def moments(cron: str) -> list[set[int]]:
    """What each field of a schedule allows: `*`, numbers, `a-b`, and steps of these."""
    found: list[set[int]] = []
    for told, (least, most) in zip(cron.split(), CRON, strict=True):
        allowed: set[int] = set()
        for part in told.split(","):
            span, _, step = part.partition("/")
            first, _, last = f"{least}-{most}".partition("-") if span == "*" else span.partition("-")
            allowed |= set(range(int(first), int(last or first) + 1, int(step or 1)))
        found.append(allowed)
    return found


def meet(one: str, other: str) -> bool:
    """Whether two schedules ever fall on the same minute, as long as neither names both a day and a weekday."""
    return all(a & b for a, b in zip(moments(one), moments(other), strict=True))


def test_two_schedules_meet_where_every_field_of_theirs_does():
    assert meet("*/5 * * * *", "20 3 * * *")
    assert meet("1-59/10 * * * *", "11,12 4 * * 1")
    assert meet("0 8 1 * *", "0 8 * * 1")
    assert not meet("*/5 * * * *", "22 3 * * *")
    assert not meet("0 8 * * 1", "0 8 * * 2-6")


def test_no_two_schedules_of_a_deployment_fall_on_the_same_minute():
    """Of two runs at once the later is cancelled (`CANCEL_NEW`), and it may be the one that comes once a night."""
    all_right(
        f"prefect.yaml: {one['entrypoint']}: {first['slug']} and {second['slug']}"
        for one in deployments()
        for first, second in combinations(one["schedules"], 2)
        if meet(first["cron"], second["cron"])
    )


def test_every_act_is_done_by_a_step():
    done = {
        node.attr
        for path in python("flows")
        if "steps" in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Act"
    }

    assert {act for act in Act if act.name not in done} == set(STEPLESS)


def test_every_act_has_its_row_among_the_permissions():
    table = ROOT / "tests" / "rules" / "permissions.md"
    rows = [match[1] for line in lines(table) if (match := re.match(r"\| (\w+:\w+) \|", line))]
    head = next(line for line in lines(table) if line.startswith("| act "))

    assert sorted(rows) == sorted(act.value for act in Act)
    assert {word.strip() for word in head.strip("|").split("|")} == {"act", *(role.value for role in Role)}


def test_every_errand_has_a_handler_and_a_flow_that_takes_it():
    taken = {
        node.attr
        for path in python("flows")
        if "steps" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Errand"
    }

    assert set(HANDLERS) == set(Errand)
    assert {errand.name for errand in Errand} == taken


def test_what_a_ladder_climbs_for_is_moved_by_the_door_that_reckons_when_it_wakes():
    """Plain `move` would leave it asleep. An extension before the signature is the exception: it opens when it did."""
    wakes = {"PERIOD_OPEN", "PERIOD_REMIND", "PERIOD_PAUSE", "PERIOD_RESUME", "REPORT_RECEIVE", "REPORT_RETURN"}
    wakes |= {
        "REPORT_REFUSE",
        "REPORT_ACCEPT",
        "MEND_REMIND",
        "MEND_TELL",
        "MEND_ACCEPT",
        "MEND_RETURN",
        "MEND_WAIVE",
        "BALANCE_REMIND",
    }
    wrong = [
        at(path, node.lineno, f"move with {ast.unparse(node.args[2])}")
        for path in python("flows")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "move" and len(node.args) > len(("work", "row"))
        if ast.unparse(node.args[2]).removeprefix("Act.") in wakes
    ]
    all_right(wrong)
