"""`ashar audit replay`: what was decided, reckoned again from a dossier, offline and without the database."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.desk import answer, choices, table

if TYPE_CHECKING:
    from flows.replay.replay import Replay

LONG = 60  # characters of a value in a table; JSON has all of it
DIFFERS = 1


def replay(
    ctx: typer.Context,
    dossier: Annotated[Path, typer.Argument(metavar="DOSSIER.zip", help="The dossier of a contest, or of a case.")],
    key: Annotated[
        str, typer.Option("--key", help="The log's key as the customer published it; else the dossier's own.")
    ] = "",
    all_: Annotated[
        bool, typer.Option("--all", help="Show what came out the same too, not only what differs or cannot be told.")
    ] = False,
) -> None:
    """Decide again what was decided, by the rules and packs of then, and compare. Exit status 1 where it differs."""
    from flows.replay import replay as player
    from schemas.wording import say

    at = choices(ctx)
    told = player.replay(dossier, key)
    counts = {
        "events": told.events,
        "same": len(told.decisions) - len(told.different) - len(told.unknown),
        "different": len(told.different),
        "unknown": len(told.unknown),
        "moves": told.moves,
    }
    if at.json:
        head = {"kind": told.kind, "name": told.name, "program": told.program, "programs": told.programs}
        answer(ctx, {**head, **counts, "decisions": [asdict(one) for one in told.decisions]})
    else:
        shown = told.decisions if all_ else [*told.different, *told.unknown]
        if shown:
            table(ctx, [_row(one, at.tongue) for one in shown], COLUMNS)
        typer.echo(say("cli.replayed", at.tongue, name=told.name, **counts))
        for line in _programs(told, at.tongue):
            typer.echo(line)
    if told.different:
        raise typer.Exit(DIFFERS)


COLUMNS = {
    "decision": "decision",
    "case": "of",
    "rule": "rule",
    "recorded": "recorded",
    "recomputed": "recomputed",
    "result": "result",
}


def _row(one: Any, tongue: str) -> dict[str, Any]:
    from schemas.wording import say

    name = say(f"replay.{one.what}", tongue)
    result = say(f"replay.verdict.{one.verdict}", tongue)
    if one.why:
        result = f"{result}: {say(f'replay.why.{one.why}', tongue, **one.facts)}"
    return {
        "decision": f"{name} {one.about}".strip(),
        "of": f"{one.of} ({one.seq})",
        "rule": f"{one.rule} [{one.pack}]",
        "recorded": _short(one.recorded),
        "recomputed": _short(one.recomputed),
        "result": result,
    }


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


def _programs(told: "Replay", tongue: str) -> list[str]:
    """Which other programs decided than the one that reckons now."""
    from schemas.wording import say

    others = {one: count for one, count in told.programs.items() if one != told.program}
    return [
        say("cli.replayed_by", tongue, recorded=recorded, count=count, program=told.program)
        for recorded, count in sorted(others.items())
    ]
