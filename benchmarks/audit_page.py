"""The measured figures of the audit trail as docs/benchmarks-audit.md."""

import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks.finding_events import p99

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks-audit.md"
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_HEAD = """# Benchmarks of the audit trail

Made by `make bench-audit`, with the log's tiles and checkpoints on the real S3 server. Every case has 200 events with bodies of about a kilobyte, each with
one personal value, dealt out over five years as they would interleave; the cases belong to contests of fifty. The machine is shared, so ratios of
one run say more than times. Figures are median (least–most) unless said otherwise.
"""
_APPENDING = """## Appending

Eight writers, each transaction the same change to a row of a case of its own, in the same unit of work: read and held, changed, compared with what it was, written
with what tells of it, committed. *Plain* writes an audit row with the same body, and with the
indexes that answer the same questions, without hash, chain, ticket or guard, by the same short ways as ours. *Global* adds one chain of hashes over all rows. *Ours* is the unit
of work of every step, while the notary seals what it writes and writes most of its indexes (decision 0023). So many events as the line says lie there already, and as many plain rows. On SQLite
the writers hand their transactions to one thread, on PostgreSQL each is a process. These are the smallest changes there are: nobody is asked for, nothing is looked up or reckoned. *A whole act* is a
step of the product as it is: members of a commission hand in score sheets for the applications of contests of fifty (`benchmarks/evening.py`); there *plain* is the same step with an audit row,
on a copy of the database without triggers. {seconds:.0f} seconds each, modes in turn, {rounds} rounds; ratios are of one round.
"""
_VERIFYING = """## Verifying everything

Every row read anew: bodies parsed, columns compared, chains, gaps, leaves, map, roots, checkpoints. The yardstick hashes the same bodies, skeletons and tree
from memory, and does nothing else. It reads five columns of a row, ours eighteen, as each column is compared with the body; what reading alone costs is measured for both, each by its own statement. "With the store" reads each tile from it and each personal value from the database besides, as `ashar audit verify` does. Each is a
process of its own. CPU is of the process and its children: PostgreSQL's server and the store's are not in it.
"""
_FINDING = """## Finding

Milliseconds of wall time. A case's trail of 200 events is compared with the bare indexed SELECT of the same rows by the same library in the same session, in turn.
At each size fifty cases are asked for, as many as ten thousand events have, six times each in changing order: an office works on as many cases today as
in its first year. Each question is put to the three sizes in turn, so that a slow minute is one for all. "For the first time" is what a case costs that nobody has asked for yet. "Verified" reads, parses and checks the chain. Pages of 50 are walked from the first to the last, verified and put into words as a reader gets them, and of the smaller sizes again
until the largest is through.
The databases are analysed once they are filled, PostgreSQL is vacuumed too, as it does by itself within minutes.
"""
_SEALING = """## Sealing, and the dossier of a case
"""


def written(folder: Path) -> str:
    """The page of all results in the folder; it is put in its place and given back. What was not measured has no table."""
    told = [json.loads(one.read_text()) for one in folder.glob("audit-*.json")]
    sizes = {
        name: sorted((one for one in told if one["database"] == name), key=lambda one: one["cases"]) for name in NAMES
    }
    most = {name: found[-1] for name, found in sizes.items() if found}

    def those(*parts: str) -> dict[str, Any]:
        return {name: one for name, one in most.items() if all(part in one for part in parts)}

    lines = [_HEAD]
    for part, table in (
        (those("appending"), _appending),
        (those("verifying"), _verifying),
        (those("burst", "dossiers", "until_signed"), _sealing),
    ):
        lines += table(part) if part else []
    lines += _finding(sizes)
    when = f"{min(one['when'] for one in told)} to {max(one['when'] for one in told)}, {told[-1]['machine']}"
    lines += [f"{when}{''.join(one.get('note', '') for one in told)}.", ""]
    page = "\n".join(lines)
    PAGE.write_text(page, encoding="utf-8")
    return page


def _events(told: dict[str, Any]) -> str:
    return f"{told['cases'] * 200:,}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(*cells: str) -> list[str]:
    return [_row(*cells), f"|---|{'---:|' * (len(cells) - 1)}"]


def _spread(values: list[float], digits: int = 1, unit: str = "") -> str:
    low, middle, high = (f"{one:,.{digits}f}" for one in (min(values), statistics.median(values), max(values)))
    return f"{middle}{unit} ({low}–{high})"


def _share(values: list[float], others: list[float]) -> str:
    return _spread([100 * one / other for one, other in zip(values, others, strict=True)], 0, " %")


def _appending(most: dict[str, Any]) -> list[str]:
    some = next(iter(most.values()))["appending"]
    rounds = len(some["one"]["plain"])
    lines = [_APPENDING.format(seconds=some["seconds"], rounds=rounds)]
    lines += _table("transactions a second", "plain", "global", "ours", "global to plain", "**ours to plain**", "aim")
    for name, told in most.items():
        for load, what, aim in (
            ("one", "one event", 90),
            ("ten", "ten events", 75),
            ("five_ms", "one event and 5 ms of other work", 75),
        ):
            at = told["appending"][load]
            rates = [_spread(at[mode], 0) for mode in ("plain", "global", "ours")]
            ratios = [_share(at["global"], at["plain"]), _share(at["ours"], at["plain"])]
            lines.append(_row(f"{NAMES[name]}, {_events(told)}: {what}", *rates, *ratios, f"at least {aim} %"))
        if whole := told["appending"].get("act"):
            rates = [_spread(whole[mode], 0) for mode in ("plain", "ours")]
            ratio = _share(whole["ours"], whole["plain"])
            what = f"{NAMES[name]}, {_events(told)}: a whole act"
            lines.append(_row(what, rates[0], "", rates[1], "", ratio, "at least 90 %"))
    behind = "; ".join(f"{NAMES[name]} at most {max(told['appending']['behind']):,}" for name, told in most.items())
    return [
        *lines,
        "",
        f"Events that still waited for the notary when ours was over: {behind}.",
        "",
    ]


def _verifying(most: dict[str, Any]) -> list[str]:
    lines = [_VERIFYING, *_table("", *(NAMES[one] for one in most), "aim")]

    def line(what: str, cell: Any, aim: str = "") -> None:
        lines.append(_row(what, *(cell(one["verifying"]) for one in most.values()), aim))

    line("leaves", lambda at: f"{at['bare'][0]['leaves']:,}")
    line(
        "bare: hashing and tree, leaves a second of CPU",
        lambda at: _spread([one["leaves"] / one["hashing"] for one in at["bare"]], 0),
    )
    line(
        "bare: reading the rows, leaves a second of CPU",
        lambda at: _spread([one["leaves"] / one["reading"] for one in at["bare"]], 0),
    )
    line(
        "ours: reading the rows, leaves a second of CPU",
        lambda at: _spread([a["leaves"] / b["reading"] for a, b in zip(at["bare"], at["reading"], strict=True)], 0),
    )
    line("ours by one process, leaves a second of CPU", lambda at: _spread(_rates(at, "one"), 0))
    line("**ours to bare, each without its reading**", lambda at: _share_of_bare(at, "reading"), "at least 40 %")
    line("ours to bare, both without bare's reading", lambda at: _share_of_bare(at, "bare"))
    line("ours to bare, each with its reading", lambda at: _share_of_bare(at, None))
    line("wall s by one process", lambda at: _spread([one["wall"] for one in at["one"]]))
    line("wall s by two", lambda at: _spread([one["wall"] for one in at["two"]]))
    line(
        "**two to one**",
        lambda at: _spread([a["wall"] / b["wall"] for a, b in zip(at["one"], at["two"], strict=True)], 2),
        "at least 1.8",
    )
    line("most memory of one process, MB", lambda at: _spread([one["peak_mb"] for one in at["one"]], 0), "flat")
    line("with the store, by two: wall s", lambda at: _spread([one["wall"] for one in at["whole"]]))
    line("with the store, by two: CPU s", lambda at: _spread([one["cpu"] for one in at["whole"]]))
    return [*lines, ""]


def _rates(at: dict[str, Any], kind: str) -> list[float]:
    return [bare["leaves"] / one["cpu"] for bare, one in zip(at["bare"], at[kind], strict=True)]


def _share_of_bare(at: dict[str, Any], aside: str | None) -> str:
    """What share of the yardstick's rate ours has; `aside`: whose reading is taken off ours, None for each with its own."""
    pairs = list(zip(at["bare"], at["one"], strict=True))
    if aside is None:
        return _spread([100 * (bare["hashing"] + bare["reading"]) / one["cpu"] for bare, one in pairs], 0, " %")
    reading = [one["reading"] for one in at[aside]]
    shares = [100 * bare["hashing"] / (one["cpu"] - took) for (bare, one), took in zip(pairs, reading, strict=True)]
    return _spread(shares, 0, " %")


def _sealing(most: dict[str, Any]) -> list[str]:
    lines = [_SEALING, *_table("", *(NAMES[one] for one in most), "aim")]

    def line(what: str, cell: Any, aim: str = "") -> None:
        lines.append(_row(what, *(cell(one) for one in most.values()), aim))

    line("events there", _events)
    line(
        "all of them drained, events a second",
        lambda at: f"{at['first_drain']['events'] / at['first_drain']['wall']:,.0f}",
    )
    line(
        "**50,000 more, from the sequencer's start until they are under a checkpoint, events a second**",
        lambda at: f"{at['burst']['events'] / at['burst']['wall']:,.0f}",
        "at least 10,000",
    )
    line(
        "the same until their tiles are locked and they are in the index",
        lambda at: f"{at['burst']['events'] / at['burst'].get('whole', at['burst']['wall']):,.0f}",
    )
    line("**commit to checkpoint, s**", lambda at: _spread(at["until_signed"], 2), "under 2")
    line("**dossier made, s**", lambda at: _spread(at["dossiers"]["made"], 2), "under 1")
    line("CPU of that, s", lambda at: _spread(at["dossiers"]["made_cpu"], 2))
    line(
        "**dossier verified by its verify.py, CPU s**",
        lambda at: _spread(at["dossiers"]["verified_cpu"], 2),
        "under 0.3",
    )
    line("of which Python's start", lambda at: _spread(at["dossiers"]["interpreter_cpu"], 3))
    line("**completeness proof, bytes**", lambda at: _spread(at["dossiers"]["proof"], 0), "at most 1,536")
    line("dossier, kB", lambda at: _spread([one / 1000 for one in at["dossiers"]["zip"]], 0))
    return [*lines, ""]


_KINDS = {
    "bare": "a case's 200 rows, bare SELECT",
    "case": "a case's 200 rows, found",
    "first": "a case's 200 rows, found for the first time",
    "verified": "a case's trail, verified",
    "as_of": "a case as of its 120th event",
    "actor": "page by actor",
    "contest": "page of a contest with its cases",
    "act": "newest page by act",
    "file": "events of a file",
}


def _finding(sizes: dict[str, list[dict[str, Any]]]) -> list[str]:
    lines = [_FINDING]
    for name, found in sizes.items():
        if not found:
            continue
        events = [_events(one) for one in found]
        lines += _table(f"{NAMES[name]}: median, p99", *(f"{one} events" for one in events), "most to least", "aim")
        for key, what in _KINDS.items():
            if any(key not in one["finding"] for one in found):  # kept from before it was asked
                continue
            middles = [statistics.median(one["finding"][key]) for one in found]
            cells = [f"{a:.2f}, {p99(one['finding'][key]):.2f}" for a, one in zip(middles, found, strict=True)]
            lines.append(_row(what, *cells, f"{middles[-1] / middles[0]:.2f}", "flat within 20 %"))
        last = [f"{max(one['finding']['actor_last']):.1f}" for one in found]
        lines.append(
            _row("**last page by actor: the slowest of 4; p99 of a file above**", *last, "", "p99 under 25 ms")
        )
        ratios = [
            statistics.median(one["finding"]["case"]) / statistics.median(one["finding"]["bare"]) for one in found
        ]
        lines.append(_row("**a case found to bare**", *(f"{one:.2f}" for one in ratios), "", "at most 1.3"))
        lines.append("")
    return lines
