"""The measured table as text, as docs/quality.md and as the manifests that a person can read."""

from collections import Counter
from datetime import date
from pathlib import Path

from tests.house.tree import ROOT
from tests.quality import cases, labelled, measure
from tests.quality.measure import Score, Table

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "quality.md"
_TITLES = {
    "rule": "Completeness rules, over whole packages",
    "fault": "Faults of a file",
    "fact": "Language, signature, arithmetic",
    "value": "Values read from digital files",
    "scanned value": "Values read from scans and photographs",
    "kind": "Kinds of documents",
}


def manifests() -> dict[str, str]:
    """Both manifests by file name: single files, and packages."""
    files = [labelled.HEADER, *(file.row() for file in measure.files())]
    packages = [cases.HEADER, *(case.row() for case in measure.packages())]
    return {
        name: "\n".join("\t".join(row) for row in rows) + "\n"
        for name, rows in (("files.tsv", files), ("packages.tsv", packages))
    }


def write_manifests() -> None:
    for name, text in manifests().items():
        (HERE / name).write_text(text, encoding="utf-8")


def _share(part: float) -> str:
    return f"{part:.3f}"


def _row(name: str, score: Score) -> tuple[str, ...]:
    counts = (score.support, score.right, score.false, score.wrong, score.missed)
    return (name, *(str(count) for count in counts), _share(score.precision), _share(score.recall))


_HEADER = ("check", "support", "right", "false alarm", "wrong", "missed", "precision", "recall")


def _all(scores: dict[str, Score]) -> Score:
    total = Score()
    for score in scores.values():
        total.support += score.support
        total.right += score.right
        total.false += score.false
        total.wrong += score.wrong
    return total


def rows(scores: dict[str, Score]) -> list[tuple[str, ...]]:
    """A group's lines in order of name, and their sum."""
    return [*(_row(name, scores[name]) for name in sorted(scores)), _row("all", _all(scores))]


def told(table: Table) -> str:
    """The tables for a terminal."""
    parts = [f"{table.files} files, {table.packages} packages"]
    for group, scores in table.groups().items():
        if scores:
            lines = [_HEADER, *rows(scores)]
            widths = [max(len(line[at]) for line in lines) for at in range(len(_HEADER))]
            parts.append(_TITLES[group])
            parts += ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(parts)


def _mark(lines: list[tuple[str, ...]]) -> str:
    head, *rest = [" | ".join(line) for line in lines]
    return "\n".join(f"| {line} |" for line in (head, " | ".join("---" for _ in lines[0]), *rest))


def _composition() -> str:
    files = measure.files()
    counted = Counter((file.wording, file.medium) for file in files)
    lines = [("whose words", "medium", "files")]
    lines += [(wording, medium, str(count)) for (wording, medium), count in sorted(counted.items())]
    return _mark(lines)


def _confusion(table: Table) -> str:
    lines = [("is", "was taken for", "times")]
    lines += [(due, told, str(n)) for (due, told), n in sorted(table.confusion.items()) if due != told]
    return _mark(lines) if len(lines) > 1 else "No kind was taken for another."


def write(table: Table, *, on: date | None = None) -> None:
    """docs/quality.md with the figures just measured."""
    day = on or date.today()
    parts = [(HERE / "about.md").read_text(encoding="utf-8").strip()]
    parts.append(
        f"Measured on {day:%d.%m.%Y}: {table.files} files and {table.packages} packages "
        f"({len({file.name for case in measure.packages() for file in case.files})} different names of files in them)."
    )
    parts += ["## The set", _composition()]
    for group, scores in table.groups().items():
        parts += [f"## {_TITLES[group]}", _mark([_HEADER, *rows(scores)])]
    parts += ["## Kinds taken for one another", _confusion(table)]
    parts += ["## Every slip", "\n".join(f"* {slip}" for slip in sorted(table.slips)) or "None."]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
