"""The measured table as text, as docs/quality.md and as the manifests that a person can read."""

from collections import Counter
from datetime import date
from pathlib import Path

from tests.house.tree import ROOT
from tests.quality import cases, labelled, measure, report_cases
from tests.quality.measure import Measured, Score

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "quality.md"
_TITLES = {
    "rule": "Completeness rules, over whole packages",
    "report rule": "Rules of a report, over whole reports of a period",
    "figure": "Figures of a report, and where a fault is pointed to",
    "fault": "Faults of a file",
    "fact": "Language, signature, arithmetic",
    "value": "Values read from digital files",
    "scanned value": "Values read from scans and photographs",
    "kind": "Kinds of documents",
}
_HEADER = (
    *("check", "support", "right", "false alarm", "wrong", "missed", "precision", "recall"),
    *("unseen: support", "false alarm", "wrong", "missed", "precision", "recall"),
)


def manifests() -> dict[str, str]:
    """The manifests by file name: single files, packages, reports of a period."""
    files = [labelled.HEADER, *(file.row() for file in measure.files())]
    packages = [cases.HEADER, *(case.row() for case in measure.packages())]
    reports = [report_cases.HEADER, *(case.row() for case in measure.reports())]
    return {
        name: "\n".join("\t".join(row) for row in rows) + "\n"
        for name, rows in (("files.tsv", files), ("packages.tsv", packages), ("reports.tsv", reports))
    }


def write_manifests() -> None:
    for name, text in manifests().items():
        (HERE / name).write_text(text, encoding="utf-8")


def _shares(score: Score) -> tuple[str, str]:
    precision = f"{score.precision:.3f}" if score.right + score.false + score.wrong else "–"
    return precision, f"{score.recall:.3f}" if score.support else "–"


def _row(name: str, known: Score, unseen: Score | None) -> tuple[str, ...]:
    counts = (known.support, known.right, known.false, known.wrong, known.missed)
    first = (name, *(str(count) for count in counts), *_shares(known))
    if unseen is None:
        return (*first, *("",) * 6)
    others = (unseen.support, unseen.false, unseen.wrong, unseen.missed)
    return (*first, *(str(count) for count in others), *_shares(unseen))


def _all(scores: dict[str, Score]) -> Score:
    total = Score()
    for score in scores.values():
        total.support += score.support
        total.right += score.right
        total.false += score.false
        total.wrong += score.wrong
    return total


def rows(known: dict[str, Score], unseen: dict[str, Score]) -> list[tuple[str, ...]]:
    """A group's lines in order of name, and their sum."""
    names = sorted({*known, *unseen})
    lines = [_row(name, known.get(name, Score()), unseen.get(name)) for name in names]
    return [*lines, _row("all", _all(known), _all(unseen) if unseen else None)]


def _groups(found: Measured) -> list[tuple[str, list[tuple[str, ...]]]]:
    known, unseen = found.known.groups(), found.unseen.groups()
    return [(_TITLES[name], rows(known[name], unseen[name])) for name in known if known[name] or unseen[name]]


def told(found: Measured) -> str:
    """The tables for a terminal."""
    parts = [_size(found)]
    for title, counted in _groups(found):
        lines = [_HEADER, *counted]
        widths = [max(len(line[at]) for line in lines) for at in range(len(_HEADER))]
        parts += ["", title]
        parts += ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(parts)


def _size(found: Measured) -> str:
    known, unseen = found.known, found.unseen
    return (
        f"{known.files + unseen.files} files, {known.packages + unseen.packages} packages and "
        f"{known.reports + unseen.reports} reports of a period, of them {unseen.files} files, {unseen.packages} packages and "
        f"{unseen.reports} reports in unseen wordings"
    )


def _mark(lines: list[tuple[str, ...]]) -> str:
    head, *rest = [" | ".join(line) for line in lines]
    return "\n".join(f"| {line} |" for line in (head, " | ".join("---" for _ in lines[0]), *rest))


def _composition() -> str:
    counted = Counter((file.wording, file.medium) for file in measure.files())
    lines = [("whose words", "medium", "files")]
    lines += [(wording, medium, str(count)) for (wording, medium), count in sorted(counted.items())]
    return _mark(lines)


def _confusion(found: Measured) -> str:
    lines = [("words", "is", "was taken for", "times")]
    for whose, table in (("known", found.known), ("unseen", found.unseen)):
        lines += [(whose, due, said, str(n)) for (due, said), n in sorted(table.confusion.items()) if due != said]
    return _mark(lines) if len(lines) > 1 else "No kind was taken for another."


def write(found: Measured, *, on: date | None = None) -> None:
    """docs/quality.md with the figures just measured."""
    day = on or date.today()
    slips = sorted(found.known.slips)
    parts = [
        (HERE / "about.txt").read_text(encoding="utf-8").strip(),
        f"Measured on {day.day} {day:%B %Y}: {_size(found)}.",
        "## The set",
        _composition(),
    ]
    for title, lines in _groups(found):
        parts += [f"## {title}", _mark([_HEADER, *lines])]
    parts += ["## Kinds taken for one another", _confusion(found)]
    parts += ["## Every slip in known wordings", "\n".join(f"* {slip}" for slip in slips) or "None."]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
