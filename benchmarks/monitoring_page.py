"""The measured figures of monitoring as docs/benchmarks-monitoring.md."""

import json
import statistics
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks-monitoring.md"
_HEAD = """# Benchmarks of monitoring

Made by `make bench-monitoring`. CPU of the process that sweeps or reads, in milliseconds; the database's server is not in it. The machine is shared with
other work, so ratios and spreads say more than single times.

## The daily sweep

Contracts have twelve monthly periods, begun over five years; four of five reports come in time, the others up to two months late. All days of the five years are
driven by the office's clock: a sweep at eight in the morning opens what begins and takes the steps that are due, with their letters, by a plain call on
SQLite; the sending of letters is apart. "Idle" is a second sweep of the same morning. The line through all days (least squares) says what a day costs
by itself, and what each that is due adds.
"""
_HEAVY = """## A heavy day

Two thousand contracts have a period that begins, and one that ends, on one morning; the others have what they have on any day. "Due" counts all steps
taken, so the heaviest day has three times the two thousand that the aim is for. The day after it is an ordinary one. Each run begins from a copy of the same country; the
evening before was swept.
"""
_PREFECT = """As a run of the flow on the servers of `ashar up`, the same day among {contracts:,} contracts ({due:,} periods awake) took {wall:.1f} s from the call to the
run's end: {worker:.1f} s of CPU of the worker and {prefect:.1f} s of Prefect's server.
"""
_READING = """## Reading financial reports

{files:,} workbooks on the city's form, of 8 to 25 lines and as many receipts, no two alike. The yardsticks only open the same files and take every cell, in the same
run. "Ours" is from bytes to facts: type, kind, fields, lines with their cells, receipts, arithmetic. In the sandbox each file has a child of its own.
"""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(values: list[float], digits: int = 1) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def _measured(folder: Path) -> dict[str, Any]:
    """The parts that were measured, each when it was; countries by their size."""
    told = {
        one.stem.removeprefix("monitoring-"): json.loads(one.read_text()) for one in folder.glob("monitoring-*.json")
    }
    countries = [told.pop(name) for name in list(told) if name.startswith("countries-")]
    return {"countries": sorted(countries, key=lambda one: one["contracts"]), **told}


def written(folder: Path) -> str:
    """The page of all parts in the folder; it is put in its place and given back. Raises KeyError where one is missing."""
    told = _measured(folder)
    countries = told["countries"]
    whole = [*countries, *(one for name, one in told.items() if name != "countries")]
    lines = [
        _HEAD,
        _row("contracts", *(f"{one['contracts']:,}" for one in countries)),
        f"|---|{'---:|' * len(countries)}",
        _row("days", *(f"{len(one['days']):,}" for one in countries)),
        _row("due in all", *(f"{sum(d['due'] for d in one['days']):,}" for one in countries)),
        _row("due a day: median (least–most)", *(_spread([d["due"] for d in one["days"]], 0) for one in countries)),
        _row("CPU of a day", *(_spread([d["cpu"] for d in one["days"]]) for one in countries)),
        _row("**CPU for each that is due, over all days**", *(f"{_each(one['days']):.1f}" for one in countries)),
        _row("by the line: a day, and each that is due", *(_line(one["days"]) for one in countries)),
        _row("CPU of an idle sweep", *(_spread([d["cpu"] for d in one["idle"]]) for one in countries)),
        _row("statements of an idle sweep", *(_spread([d["statements"] for d in one["idle"]], 0) for one in countries)),
        "",
        _HEAVY,
        _row("database, day", "contracts", "due", "wall s: median (least–most)", "CPU s", "runs", "aim"),
        "|---|---:|---:|---:|---:|---:|---|",
        *(
            _row(
                f"{name}, {day}",
                f"{told[key]['contracts']:,}",
                _spread([one["due"] for one in told[key][runs]], 0),
                _spread([one["wall"] / 1000 for one in told[key][runs]]),
                _spread([one["cpu"] / 1000 for one in told[key][runs]]),
                str(len(told[key][runs])),
                "under 20 s",
            )
            for name, key in (("SQLite", "sqlite"), ("PostgreSQL", "postgres"))
            for day, runs in (("the heaviest", "runs"), ("the day after", "after"))
        ),
        "",
        _PREFECT.format(**told["prefect"]),
        _READING.format(files=told["reports"]["files"]),
        _row("CPU a file", "median (least–most)", "to openpyxl", "to calamine"),
        "|---|---:|---:|---:|",
        *(_reading(told["reports"], name, key) for name, key in _KINDS),
        "",
        f"{min(one['when'] for one in whole)} to {max(one['when'] for one in whole)}, {whole[-1]['machine']}.",
        "",
    ]
    page = "\n".join(lines)
    PAGE.write_text(page, encoding="utf-8")
    return page


_KINDS = (("openpyxl", "openpyxl"), ("calamine", "calamine"), ("ours", "ours"), ("ours, in the sandbox", "sandboxed"))


def _each(days: list[dict[str, float]]) -> float:
    return sum(one["cpu"] for one in days) / max(1, sum(one["due"] for one in days))


def _line(days: list[dict[str, float]]) -> str:
    line = statistics.linear_regression([one["due"] for one in days], [one["cpu"] for one in days])
    return f"{line.intercept:.1f} + {line.slope:.2f}"


def _reading(told: dict[str, Any], name: str, key: str) -> str:
    ratios = [f"{told[f'{key}_median'] / told[f'{other}_median']:.2f}" for other in ("openpyxl", "calamine")]
    return _row(name, _spread(told[key], 2), *ratios)
