"""`ashar audit checkpoint` and its kin: what the log says in public, and the witnesses that cosign it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.desk import answer, choices, office_of, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("checkpoint")
def checkpoint(
    ctx: typer.Context,
    note: Annotated[bool, typer.Option("--note", help="The signed note alone, with its cosignatures.")] = False,
) -> None:
    """Show the newest checkpoint of the log, as papers carry it, with its QR code."""
    from documents import qr
    from flows.steps import publication
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        found = publication.newest(office)
    if found is None:
        answer(ctx, {}, text=say("cli.checkpoint.none", at.tongue))
        return
    told = {"line": found.text, "size": found.size, "at": found.at, "note": found.note}
    text = found.note.rstrip("\n") if note else f"{qr.blocks(found.text)}\n{found.text}\n\n{found.note}".rstrip("\n")
    answer(ctx, told, text=text)


@app.command("witnesses")
def witnesses(
    ctx: typer.Context,
    ask: Annotated[bool, typer.Option("--ask", help="Ask them for the newest checkpoint first.")] = False,
) -> None:
    """Show which witness signed what and when; exit code 69 when one refuses the log or all have been silent for a day."""
    from dataclasses import asdict

    from flows.steps import witnessing
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        if ask:
            witnessing.ask(office)
        seen, zone, now = witnessing.overview(office), office.settings.zone, office.now()
    silent = seen.silent_since is not None and now - seen.silent_since > witnessing.SILENCE
    if at.json:
        answer(ctx, {**asdict(seen), "silent": silent})
    elif not seen.witnesses:
        answer(ctx, {}, text=say("cli.witnesses.none", at.tongue))
    else:
        rows = [_row(asdict(one), zone, at.tongue) for one in seen.witnesses]
        keys = {
            "witness": "name",
            "cosigned": "size",
            "signed_at": "signed_at",
            "asked_at": "asked_at",
            "trouble": "trouble",
        }
        table(ctx, rows, keys)
        quorum = "—" if seen.quorum is None else seen.quorum
        answer(ctx, {}, text=say("cli.witnesses.state", at.tongue, newest=seen.newest, quorum=quorum))
        if silent:
            answer(ctx, {}, text=say("cli.witnesses.silent", at.tongue, since=seen.silent_since, zone=zone))
    if silent or any(one.trouble in witnessing.LOUD for one in seen.witnesses):
        raise typer.Exit(69)


def _row(one: dict[str, object], zone: str, tongue: str) -> dict[str, object]:
    from schemas.wording import say

    why = one["trouble"]
    times = {name: value for name, value in one.items() if isinstance(value, datetime)}
    return {
        **one,
        **{name: say("form.fact", tongue, fact=value, noun="", zone=zone) for name, value in times.items()},
        "size": str(one["size"] or ""),
        "trouble": say(f"why.{why}", tongue) if why else "",
    }


@app.command("offer")
def offer(
    ctx: typer.Context,
    to: Annotated[Path, typer.Option("--to", help="File to write, to be carried to the witness.")],
    witness: Annotated[
        str, typer.Option("--witness", help="The witness's name in the policy: goes on from what it signed.")
    ] = "",
) -> None:
    """Write a request for a witness that is not on the network: it answers with `ashar witness cosign`."""
    from flows.steps import witnessing
    from schemas.wording import say

    with office_of(ctx) as office:
        body = witnessing.offer(office, witness)
    to.write_bytes(body)
    facts = {"file": str(to), "size": len(body)}
    answer(ctx, facts, text=say("cli.saved", choices(ctx).tongue, **facts))


@app.command("witnessed")
def witnessed(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="What the witness gave back: the checkpoint with its cosignature.")],
) -> None:
    """Keep a cosignature that was carried back from a witness."""
    from flows.steps import witnessing
    from schemas.wording import say
    from storage.log import NOTE_LIMIT

    at = choices(ctx)
    with file.open("rb") as source:
        signed = source.read(NOTE_LIMIT).decode("utf-8", "replace")
    with office_of(ctx) as office:
        taken = witnessing.take_back(office, signed)
    lines = [say("cli.witnesses.taken", at.tongue, witness=one.witness, entries=one.size) for one in taken]
    answer(ctx, [{"witness": one.witness, "size": one.size} for one in taken], text="\n".join(lines))


@app.command("publish")
def publish(
    ctx: typer.Context,
    to: Annotated[Path, typer.Option("--to", help="Folder to write to; it is made when it is not there.")],
    entries: Annotated[
        bool, typer.Option("--entries", help="The log's entries too (skeletons, nobody's affairs), for full witnesses.")
    ] = False,
) -> None:
    """Write the public page of the log for the customer's site: checkpoint, keys, witnesses, policy."""
    from flows.steps import publication
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        files = publication.files(office)
        if files:
            to.mkdir(parents=True, exist_ok=True)
            there = {one.relative_to(to).as_posix() for one in (to / "tile").rglob("*") if one.is_file()}
            for name, content in publication.entries(office, there) if entries else ():
                _put(to / name, content)
    if not files:
        answer(ctx, [], text=say("cli.checkpoint.none", at.tongue))
        return
    for name, content in files.items():
        _put(to / name, content)
    told = [{"file": str(to / name), "size": len(content)} for name, content in files.items()]
    answer(ctx, told, text="\n".join(say("cli.saved", at.tongue, **one) for one in told))


def _put(path: Path, content: bytes) -> None:
    """Whole or not at all: somebody may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
