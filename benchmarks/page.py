"""The measured figures as docs/benchmarks.md, so that no figure stands there that was not measured."""

import json
import statistics
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Made by `make bench-documents`; CPU times are of whole process trees, out of `/proc`, in milliseconds. The machine was shared with other work at
times, so ratios to a yardstick of the same run say more than the times themselves.

Pages of their own: [monitoring](benchmarks-monitoring.md), [the audit trail](benchmarks-audit.md).

## A burst of packages at the deadline

{what}
"""
_WHAT = """Each application has eight files: the city's form (docx) and workbook (xlsx), certificates and a letter of one page, a plan of 6,
a charter of 24 and a yearly report of 15 pages that a word processor printed to PDF; in every other package a file that others wrote stands in for
one certificate. They go from "package received" to the verdict on record with its events, through Prefect, SQLite and the real S3 server, each package read
in a sandboxed process. The receipt is written too.

The yardstick is a bare loop over files of the same kind in the same run: hash, store by the same client, open the structure with pypdf, read
the text with the same library (PDF: pdfium; docx: python-docx; xlsx: calamine). No isolation, no database, no events, no rules. Text
recognition is not part of it. It is run before, between and after the three stages; CPU of ours is that of whoever hands in and of the worker with all
its children. It reads every page; of a charter and a yearly report ours reads the first pages and the last two ([decision 0016](decisions/0016-a-long-paper-is-read-at-its-beginning-and-end.md)).

Prefect's overhead of ours is put together: what its server took in the burst, what as many empty runs cost the worker, and for each chunk of errands
what a task costs the other flow. What the server takes while nothing happens is taken off both."""


def _figures(sizes: list[dict[str, Any]], name: str, place: str = "ours") -> list[str]:
    return [f"{one[name][place]:.0f}" for one in sizes]


def _spread(sizes: list[dict[str, Any]], name: str) -> list[str]:
    return [f"{statistics.median(one[name]):.1f} ({min(one[name]):.1f}–{max(one[name]):.1f})" for one in sizes]


def _row(name: str, cells: list[str], aim: str = "") -> str:
    return f"| {name} | {' | '.join(cells)} | {aim} |"


def written(folder: Path) -> str:
    """The page out of all results in the folder; it is put in its place and given back."""
    sizes = sorted(
        (json.loads(path.read_text()) for path in folder.glob("documents-*.json")), key=lambda one: one["applications"]
    )
    lines = [
        _HEAD.format(what=_WHAT),
        _row("applications", [f"{one['applications']:,}" for one in sizes], "aim"),
        f"|---|{'---:|' * len(sizes)}---|",
        _row("CPU of ours, a file", [f"{one['file']:.1f}" for one in sizes]),
        _row("CPU of the bare loop, a file: median (least–most of 8)", _spread(sizes, "bare")),
        _row("**ours to bare**", [f"{one['ratio']:.2f}" for one in sizes], "at most 1.5"),
        _row("bare loop with pypdf's own text, a file: median (least–most of 4)", _spread(sizes, "bare_pypdf")),
        _row("**that to ours**", [f"{one['pypdf_ratio']:.1f}" for one in sizes], "at least 8"),
        _row("CPU of ours, an application", _figures(sizes, "all"), "flat within 10 %"),
        _row("– handing in", _figures(sizes, "hand_in")),
        _row("– inspecting, with the receipt", _figures(sizes, "inspect")),
        _row("– checking", _figures(sizes, "check")),
        _row("store's server, an application", _figures(sizes, "all", "store")),
        _row("Prefect's overhead, an application: ours", [f"{one['prefect']['ours']:.1f}" for one in sizes]),
        _row("– a flow run each, a task a file", [f"{one['prefect']['idiomatic']:.0f}" for one in sizes]),
        _row("**that to ours**", [f"{one['prefect']['ratio']:.0f}" for one in sizes], "at least 50"),
        _row("most memory of one process, MB", [f"{one['peak_mb']:.0f}" for one in sizes], "under 600"),
        _row("most memory of worker and all its children, MB", [f"{one['peak_worker_mb']:.0f}" for one in sizes]),
        _row("wall time of the burst, s", [f"{one['seconds']:.0f}" for one in sizes]),
        _row(
            "alone: upload to finding, s: median (least–most of 9)",
            [f"{statistics.median(a):.1f} ({min(a):.1f}–{max(a):.1f})" for a in (one["alone"] for one in sizes)],
            "under 5",
        ),
        "",
        *(f"* {one['applications']:,}: {one['when']}, {one['machine']}{one.get('note', '')}." for one in sizes),
        "",
    ]
    page = "\n".join(lines)
    PAGE.write_text(page, encoding="utf-8")
    return page
