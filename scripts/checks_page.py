"""The table of every check: docs/checks.md is made from the code of the readers and of the rules.

What a rule looks at is its docstring; its severities, kinds and pack values are read off its own source, so that the
table cannot say what the code does not do.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rules import catalog, packs
from rules.papers import LESSER_FAULTS
from schemas.facts import Fault, Kind
from schemas.wording import say, template

ROOT = Path(__file__).resolve().parent.parent
PACK = "kg-604-2022"  # the kinds that an item of the catalogue is set for are those of the pack in force
RULES = (
    *("rules/completeness.py", "rules/forms.py", "rules/signing.py"),
    *("rules/eligibility.py", "rules/copying.py"),
)
_DEPTH = 4  # how far names are followed; the rules are shallower
GRADES = {"BLOCKS": "blocks", "TO_CURE": "to_cure", "NOTICE": "notice"}
# what a reader is given to read; every other file of the room looks at any file
READS = {
    "documents/pdf.py": "PDF",
    "documents/word.py": "DOCX, ODT, RTF",
    "documents/sheet.py": "XLSX, XLS",
    "documents/ocr.py": "scans",
    "documents/package.py": "archives and their files",
}
HEAD = """\
# Every check in one table

Made from `documents/`, `rules/` and the rule packs by `scripts/make_docs.py`; do not edit. First what may be wrong with a
file itself, then what the rules of completeness and eligibility ask. A finding blocks (a ground for refusal), is to cure,
or is a notice for the officer; which of several it is depends on how sure the value was read and on whether the
document must be there. `<kind>` in a pack value is the document's code; the words in three languages are in
[rules.md](rules.md), words of kinds and faults in [words.md](words.md).
"""


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _cure(rule: str) -> str:
    """What would cure it, in English; facts that end the sentence are left out, others stand as an ellipsis."""
    return re.sub(r"\{[^}]+\}", "…", re.sub(r": \{[^}]+\}(?=\.$)", "", template(f"rule.{rule}.cure", "en")))


# -- faults of files ------------------------------------------------------------------------------------------------


def _given(node: ast.AST) -> Iterator[str]:
    """Faults that code gives to a file; those that it only compares with are passed over."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Set, ast.Compare)):
            continue
        if isinstance(child, ast.Attribute) and ast.unparse(child.value) == "Fault":
            yield child.attr
        yield from _given(child)


@cache
def _readers() -> dict[str, list[str]]:
    """Names of faults and the files of `documents/` that find them."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "documents").glob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for fault in sorted(set(_given(_tree(name)))):
            found.setdefault(fault, []).append(name)
    return found


def _fault(fault: Fault) -> list[str]:
    files = _readers().get(fault.name, [])
    lesser = fault in LESSER_FAULTS
    sentence = say(f"fault.{fault.value}", "en", name="…")
    seen_in = sorted({READS.get(one, "any file") for one in files})
    rule = "flawed" if lesser else "unreadable"
    return [
        f"`{fault.value}`",
        sentence,
        "any file" if "any file" in seen_in else ", ".join(seen_in) or "—",
        "notice" if lesser else "to cure where the document must be there, else notice",
        _cure(rule),
        "—" if lesser else "`documents.<kind>.required`",
        ", ".join(f"`{one}`" for one in files) or "no reader finds it yet",
    ]


# -- rules ----------------------------------------------------------------------------------------------------------


class _Rule:
    """One function of a rule file and what its source says."""

    def __init__(self, path: str, node: ast.FunctionDef, beside: dict[str, ast.FunctionDef]) -> None:
        self.path, self.node, self.beside = path, node, beside
        self.assigned = dict(_assignments(node))

    def remarks(self) -> Iterator[ast.Call]:
        for found in ast.walk(self.node):
            if isinstance(found, ast.Call) and ast.unparse(found.func) == "remark":
                yield found

    def resolved(self, node: ast.AST, depth: int = 0) -> Iterator[ast.AST]:
        """Every part of an expression, with its names and the functions beside it followed to what they stand for."""
        for part in ast.walk(node):
            yield part
            name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
            stands_for = self.assigned.get(name) if isinstance(part, ast.Name) else None
            beside = [self.beside[name]] if name in self.beside and self.beside[name] is not self.node else []
            for value in (stands_for or beside) if depth < _DEPTH else ():
                yield from self.resolved(value, depth + 1)

    def grades(self, call: ast.Call) -> list[str]:
        names = {part.id for part in self.resolved(call.args[1]) if isinstance(part, ast.Name)}
        return [grade for name, grade in GRADES.items() if name in names]

    def items(self, call: ast.Call) -> list[str]:
        """Dotted paths of the pack values that a remark rests on."""
        rests = [key.value for key in call.keywords if key.arg == "rests_on"]
        told = {
            path
            for value in rests
            for part in self.resolved(value)
            if isinstance(part, ast.Attribute) and (path := _path(ast.unparse(part)))
        }
        return sorted(one for one in told if one in _items())

    def kinds(self) -> list[str]:
        """Documents of the catalogue that the source names, or that it gets by a list of the pack."""
        named = {
            Kind[part.attr].value
            for part in self.resolved(self.node)
            if isinstance(part, ast.Attribute) and ast.unparse(part.value) == "Kind" and part.attr in Kind.__members__
        }
        pack = packs.load(PACK)
        lists = {"identity": pack.matching.identity, "requested": pack.matching.requested}
        lists["contribution"] = pack.matching.contribution
        for part in self.resolved(self.node):
            if isinstance(part, ast.Attribute) and ast.unparse(part).endswith(f"matching.{part.attr}"):
                named |= {kind.value for kind in lists[part.attr].value}
        return sorted(one for one in named if one.startswith("D"))


def _assignments(node: ast.FunctionDef) -> Iterator[tuple[str, list[ast.AST]]]:
    found: dict[str, list[ast.AST]] = {}
    for part in ast.walk(node):
        if not isinstance(part, ast.Assign):
            continue
        for target in part.targets:
            pairs = (
                zip(target.elts, part.value.elts, strict=True)
                if isinstance(target, ast.Tuple) and isinstance(part.value, ast.Tuple)
                else [(target, part.value)]
            )
            for name, value in pairs:
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(value)
    yield from found.items()


def _path(source: str) -> str:
    """A dotted path of the pack for an expression over it; empty for any other."""
    source = source.replace("case.pack.documents[kind].", "rule.").removeprefix("case.").removeprefix("self.")
    source = source.replace("sheet.rule.", "rule.").replace("sheet.form", "rule.form")
    for start in ("rule.", "form"):
        if source.startswith(start):
            return "documents.<kind>." + source.removeprefix("rule.")
    return source.removeprefix("pack.") if source.startswith("pack.") else ""


@cache
def _items() -> dict[str, list[str]]:
    """Items of the pack by path; those of the catalogue once for all kinds, with the kinds that have them."""
    found: dict[str, list[str]] = {}
    for path, item in packs.load(PACK).items():
        head, _, rest = path.partition(".")
        if head == "documents":
            kind, _, name = rest.partition(".")
            asked = item.value not in (False, "none", "optional", "before_contract", "if_licensed")
            found.setdefault(f"documents.<kind>.{name}", []).extend([kind] if asked else [])
        else:
            found[path] = []
    return found


@cache
def rules() -> dict[str, tuple[_Rule, ast.Call]]:
    """Rule ids of completeness and eligibility, with the function and the call that makes the remark."""
    found: dict[str, tuple[_Rule, ast.Call]] = {}
    for path in RULES:
        functions = {node.name: node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef)}
        for node in functions.values():
            one = _Rule(path, node, functions)
            for call in one.remarks():
                assert isinstance(call.args[0], ast.Constant)
                found.setdefault(str(call.args[0].value), (one, call))
    return found


def _rule(name: str) -> list[str]:
    one, call = rules()[name]
    items = one.items(call)
    kinds = {*one.kinds(), *(kind for item in items for kind in _items()[item])}
    whole = any(word in ast.unparse(one.node) for word in ("case.papers", "case.readable"))
    return [
        f"`{name}`",
        " ".join((ast.get_docstring(one.node) or "").split("\n\n")[0].split()),
        ", ".join(sorted(kinds)) or ("any file" if whole else "—"),
        " or ".join(say(f"severity.{grade}", "en") for grade in one.grades(call)),
        _cure(name),
        ", ".join(f"`{item}`" for item in items) or "—",
        f"`{one.path}`",
    ]


def _table(first: str, rows: list[list[str]]) -> list[str]:
    head = [first, "what it looks at", "in", "severity", "what cures it", "rests on (pack)", "code"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]


def page() -> str:
    """docs/checks.md."""
    order = [name for name in catalog.RULES if name in rules()]
    lines = [HEAD, "## Faults of files", "", *_table("fault", [_fault(fault) for fault in Fault])]
    lines += ["", "## Rules of completeness and eligibility", "", *_table("rule", [_rule(name) for name in order])]
    return "\n".join(lines) + "\n"
