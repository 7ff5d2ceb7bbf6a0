"""The table of checks has a row for each, and each row leads to the code that makes it."""

import re

import pytest

from rules import catalog
from schemas.facts import Fault
from scripts import checks_page
from scripts.make_docs import _parts
from tests.house.tree import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "checks.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]
FAULTS, RULES = ROWS[: len(Fault)], ROWS[len(Fault) :]
STAGES = dict(_parts())


def test_every_fault_of_a_file_and_every_rule_of_the_two_stages_has_its_row():
    assert [row[0] for row in FAULTS] == [f"`{one.value}`" for one in Fault]
    assert [row[0] for row in RULES] == [
        f"`{one}`" for one in [*STAGES["completeness"], *STAGES["eligibility"], *STAGES["copying"]]
    ]


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0])
def test_a_rules_row_is_whole_and_its_file_makes_the_remark(row: list[str]):
    name, looks, _, grade, cure, _, code = row

    assert looks.endswith(".")
    assert re.fullmatch(r"(?:ground for refusal|gap to cure|notice)(?: or notice)?", grade)
    assert cure.endswith(".")
    assert f'"{name.strip("`")}"' in (ROOT / code.strip("`")).read_text(encoding="utf-8")


def test_a_rule_that_may_rest_on_a_placeholder_names_its_pack_value():
    """As the remark itself says it: `rests_on` is what both are made from."""
    resting = {
        name for name, (_, call) in checks_page.rules().items() if any(k.arg == "rests_on" for k in call.keywords)
    }

    assert {row[0].strip("`") for row in RULES if row[5] != "—"} == resting


def test_the_table_is_made_from_rules_that_are_listed():
    assert set(checks_page.rules()) <= set(catalog.RULES)
