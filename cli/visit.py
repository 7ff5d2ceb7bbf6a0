"""`ashar visit`: site visits and the corrective acts that they ask for."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.desk import Reason, acting, aim, day, done, table

if TYPE_CHECKING:
    from schemas.report import Mend
    from storage.work import Look

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Contract = Annotated[str, typer.Argument(help="Number of the contract.")]
Number = Annotated[int, typer.Argument(help="Number of the corrective act.")]


def _mend(look: "Look", contract_id: object, number: int) -> "Mend":
    from schemas.errors import NotFound
    from schemas.report import Mend

    found = look.one(Mend, contract_id=contract_id, number=number)
    if found is None:
        raise NotFound(noun="mend", id=str(number))
    return found


@app.command("record")
def record(
    ctx: typer.Context,
    contract: Contract,
    on: Annotated[date, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="Day of the visit.")],
    seen: Annotated[str, typer.Option("--seen", help="What was seen.")],
    mend: Annotated[
        list[str] | None, typer.Option("--mend", help="What has to be mended; as often as there is something.")
    ] = None,
    until: Annotated[
        date | None, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="By when it has to be mended.")
    ] = None,
) -> None:
    """Record a site visit, with what has to be mended and by when."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    if mend and until is None:
        raise typer.BadParameter("--mend needs --until")
    mends = [(one, until) for one in mend or () if until is not None]
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        identity = monitoring.record_visit(office, doer, row.id, on=on, seen=seen, mends=mends)
    done(ctx, Act.VISIT_RECORD, "contracting", "letters", contract=row.number, on=on, seen=seen, id=identity)


@app.command("list")
def listing(ctx: typer.Context, contract: Contract) -> None:
    """Site visits."""
    from cli import naming
    from schemas.report import Visit

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contract(look, doer, contract)
        known = look.all(Visit, contract_id=home.id, order="on")
    table(ctx, [{"on": one.on, "seen": one.seen, "id": one.id} for one in known], {"when": "on", "what": "seen"})


@app.command("mends")
def mends(ctx: typer.Context, contract: Contract) -> None:
    """What has to be mended, by when, and how it stands."""
    from cli import naming
    from schemas.report import Mend

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contract(look, doer, contract)
        known = look.all(Mend, contract_id=home.id, order="number")
    rows = [
        {
            "noun": "mend",
            "number": one.number,
            "what": one.what,
            "until": one.until,
            "done": one.done,
            "done_on": one.done_on,
            "status": one.status,
            "id": one.id,
        }
        for one in known
    ]
    table(ctx, rows, {"number": "number", "what": "what", "until": "until", "status": "status", "ground": "done"})


@app.command("told")
def told(
    ctx: typer.Context,
    contract: Contract,
    number: Number,
    done_: Annotated[str, typer.Option("--done", help="What was done.")],
) -> None:
    """Tell that something is mended; an officer has still to see it."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = _mend(look, naming.contract(look, doer, contract).id, number)
        monitoring.tell_mended(office, doer, row.id, done_)
    done(ctx, Act.MEND_TELL, "letters", contract=contract, number=number, what=row.what, reason=done_, id=row.id)


@app.command("mended")
def mended(ctx: typer.Context, contract: Contract, number: Number, reason: Reason) -> None:
    """Confirm that it was seen to be mended."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = _mend(look, naming.contract(look, doer, contract).id, number)
        monitoring.accept_mended(office, doer, row.id, reason)
    done(ctx, Act.MEND_ACCEPT, "contracting", contract=contract, number=number, what=row.what, id=row.id)


@app.command("return")
def return_mend(
    ctx: typer.Context,
    contract: Contract,
    number: Number,
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="The new last day.")],
    reason: Reason,
) -> None:
    """Say that it was looked at and is not mended; it is asked for again, reminders start anew."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = _mend(look, naming.contract(look, doer, contract).id, number)
        monitoring.return_mend(office, doer, row.id, until, reason)
    facts = {"contract": contract, "number": number, "what": row.what, "until": until, "reason": reason}
    done(ctx, Act.MEND_RETURN, "contracting", "letters", **facts, id=row.id)


@app.command("waive")
def waive(ctx: typer.Context, contract: Contract, number: Number, reason: Reason) -> None:
    """Ask for it no more, with a reason."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = _mend(look, naming.contract(look, doer, contract).id, number)
        monitoring.waive_mend(office, doer, row.id, reason)
    facts = {"contract": contract, "number": number, "what": row.what, "reason": reason}
    done(ctx, Act.MEND_WAIVE, "contracting", **facts, id=row.id)
