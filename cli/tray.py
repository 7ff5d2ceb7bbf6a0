"""`ashar tray`: what came in by mail, folder or bucket, and what of it waits for a person."""

from typing import Annotated

import typer

from cli.desk import Reason, acting, aim, answer, choices, done, kick, office_of, save, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Parcel = Annotated[str, typer.Argument(help="Id of the parcel, or the beginning of it.")]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """What waits in the tray, the oldest first."""
    from flows.steps import tray

    with acting(ctx) as (office, doer):
        known = tray.waiting(office, doer)
    rows = [
        {
            "id": one.id,
            "received": one.received_at,
            "channel": one.channel,
            "sender": one.sender or one.source,
            "subject": one.subject,
            "obstacle": one.obstacle,
            "noun": "parcel",
            "status": one.status,
        }
        for one in known
    ]
    table(ctx, rows, {"number": "id", "when": "received", "who": "sender", "title": "subject", "ground": "obstacle"})


@app.command("show")
def show(
    ctx: typer.Context,
    parcel: Parcel,
    to: Annotated[str, typer.Option("--to", help="Folder into which its files are written.")] = "",
) -> None:
    """The files of a parcel."""
    from pathlib import Path

    from cli import naming
    from schemas.document import Document
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with office.looking(doer, Act.PARCEL_FILE) as look:
            row = naming.parcel(look, parcel)
            files = look.all(Document, subject_id=row.id, order="name")
        for one in files if to else ():
            Path(to).mkdir(parents=True, exist_ok=True)
            save(ctx, office, one, Path(to))
    if not to:
        rows = [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in files]
        table(ctx, rows, {"name": "name", "size": "size"})


@app.command("file")
def file(
    ctx: typer.Context,
    parcel: Parcel,
    contract: Annotated[str, typer.Argument(help="Number of the contract.")],
    period: Annotated[int, typer.Argument(help="Number of the period.")],
) -> None:
    """Say which contract and period a parcel is the report of."""
    from cli import naming
    from flows.steps import tray
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.parcel(look, parcel)
            home = naming.contract(look, doer, contract)
        identity = tray.file_parcel(office, doer, row.id, home.id, period)
    done(ctx, Act.PARCEL_FILE, "monitoring", "letters", contract=home.number, period=period, id=identity)


@app.command("set-aside")
def set_aside(ctx: typer.Context, parcel: Parcel, reason: Reason) -> None:
    """Say that a parcel is no report; it stays on record."""
    from cli import naming
    from flows.steps import tray
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.parcel(look, parcel)
        tray.set_aside(office, doer, row.id, reason)
    done(ctx, Act.PARCEL_SET_ASIDE, reason=reason, id=row.id)


@app.command("collect")
def collect(ctx: typer.Context) -> None:
    """Look into every source now, without waiting for the schedule."""
    from flows.steps import collection
    from schemas.wording import say

    def said(one: collection.Collected, tongue: str) -> str:
        if one.trouble.startswith(collection.FAULT):
            return say("cli.tray.fault", tongue, source=one.source, trouble=one.trouble.removeprefix(collection.FAULT))
        return say(f"error.{one.trouble}", tongue, source=one.source) if one.trouble else ""

    tongue = choices(ctx).tongue
    with office_of(ctx) as office:
        rounds = [collection.collect(office, one) for one in collection.sources(office).all()]
    facts = [
        {
            "source": one.source,
            "filed": one.filed,
            "waiting": one.waiting,
            "known": one.known,
            "trouble": one.trouble,
            "said": said(one, tongue),
        }
        for one in rounds
    ]
    lines = [str(one["said"]) or say("cli.tray.collected", tongue, **one) for one in facts]
    answer(ctx, facts, text="\n".join(lines) or say("cli.tray.no_source", tongue))
    if any(one.filed for one in rounds):
        kick(ctx, "monitoring", "letters")
