"""The page for a lawyer names a test for each attack; each of them is there."""

import ast
import re

from tests.house.tree import ROOT, all_right, lines, tree

PAGE = ROOT / "docs" / "audit.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_line_of_the_threat_table_names_tests_that_are_there():
    wrong: list[str] = []
    rows = [one for one in lines(PAGE) if one.startswith("| ") and one.count("|") == 4]
    table = [one for one in rows if "tests/" in one]
    for row in table:
        for path, name in NAMED.findall(row):
            file = ROOT / path
            there = file.exists() and any(
                isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(tree(file))
            )
            if not there:
                wrong.append(f"docs/audit.md: no {path}::{name}")
        if not NAMED.search(row):
            wrong.append(f"docs/audit.md: no test for {row[:60]}")
    assert len(table) > 15
    all_right(wrong)
