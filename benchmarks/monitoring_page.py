"""The measured figures of monitoring as docs/benchmarks-monitoring.md."""

import statistics
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks-monitoring.md"
_HEAD = """# Benchmarks of monitoring

Made by `make bench-monitoring`. CPU of the process that sweeps or reads, in milliseconds; the database's server is not in it. The machine is shared with
other work, so ratios and spreads say more than single times.

## The daily sweep

Contracts have twelve monthly periods, begun over five years; four of five reports come in time. A sweep at eight in the morning of a working day opens
what begins and takes the steps that are due, with their letters, by a plain call on SQLite; Prefect and the sending of letters are apart. "Idle" is
a second sweep of the same morning.
"""
_HEAVY = """## A heavy day

Two thousand periods begin or are due on one morning, among all contracts, and the office owes the steps of the weeks before besides, as after an
outage: "due" counts them all. Each run begins from a copy of the same country. The aim is for two thousand.
"""
_READING = """## Reading financial reports

{files:,} workbooks on the city's form, of 8 to 25 lines and as many receipts, no two alike. The yardsticks only open the same files and take every cell, in the same
run. "Ours" is from bytes to facts: type, kind, fields, lines with their cells, receipts, arithmetic. In the sandbox each file has a child of its own.
"""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(values: list[float], digits: int = 1) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def written(told: dict[str, Any]) -> str:
    """The page; it is put in its place and given back."""
    countries = told["countries"]
    lines = [
        _HEAD,
        _row("contracts", *(f"{one['contracts']:,}" for one in countries)),
        f"|---|{'---:|' * len(countries)}",
        _row("working days", *(str(len(one["days"])) for one in countries)),
        _row("due a day: median (least–most)", *(_spread([d["due"] for d in one["days"]], 0) for one in countries)),
        _row("CPU of a day", *(_spread([d["cpu"] for d in one["days"]]) for one in countries)),
        _row("**CPU for each that is due, over all days**", *(f"{_each(one['days']):.1f}" for one in countries)),
        _row("CPU of an idle sweep", *(_spread([d["cpu"] for d in one["idle"]]) for one in countries)),
        _row("statements of an idle sweep", *(_spread([d["statements"] for d in one["idle"]], 0) for one in countries)),
        "",
        _HEAVY,
        _row("database", "contracts", "due", "wall s: median (least–most)", "CPU s", "runs", "aim"),
        "|---|---:|---:|---:|---:|---:|---|",
        *(
            _row(
                name,
                f"{told[key]['contracts']:,}",
                _spread([one["due"] for one in told[key]["runs"]], 0),
                _spread([one["wall"] / 1000 for one in told[key]["runs"]]),
                _spread([one["cpu"] / 1000 for one in told[key]["runs"]]),
                str(len(told[key]["runs"])),
                "under 20 s",
            )
            for name, key in (("SQLite", "sqlite"), ("PostgreSQL", "postgres"))
        ),
        "",
        _READING.format(files=told["reports"]["files"]),
        _row("CPU a file", "median (least–most)", "to openpyxl", "to calamine"),
        "|---|---:|---:|---:|",
        *(_reading(told["reports"], name, key) for name, key in _KINDS),
        "",
        f"{told['when']}, {told['machine']}.",
        "",
    ]
    page = "\n".join(lines)
    PAGE.write_text(page, encoding="utf-8")
    return page


_KINDS = (("openpyxl", "openpyxl"), ("calamine", "calamine"), ("ours", "ours"), ("ours, in the sandbox", "sandboxed"))


def _each(days: list[dict[str, float]]) -> float:
    return sum(one["cpu"] for one in days) / max(1, sum(one["due"] for one in days))


def _reading(told: dict[str, Any], name: str, key: str) -> str:
    ratios = [f"{told[f'{key}_median'] / told[f'{other}_median']:.2f}" for other in ("openpyxl", "calamine")]
    return _row(name, _spread(told[key], 2), *ratios)
