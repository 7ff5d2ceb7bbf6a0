"""`ashar hold`: legal holds, which nothing overrides."""

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from cli.desk import acting, aim, day, done, table

if TYPE_CHECKING:
    from schemas.doer import Doer
    from schemas.hold import LegalHold
    from storage.work import Look

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

OrderTitle = Annotated[str, typer.Option("--order", help="Title of the act that orders it, without names.")]
OrderNumber = Annotated[str, typer.Option("--number", help="Its number.")]
OrderDay = Annotated[date, typer.Option("--on", parser=day, metavar="YYYY-MM-DD", help="Its date.")]


def stream_of(look: "Look", doer: "Doer", *, case: str, person: str, everything: bool) -> UUID:
    """The chain of what is meant: a case or contest, a person, or the customer. BadParameter unless it is one of them."""
    from cli import naming

    if (bool(case), bool(person), everything).count(True) != 1:
        raise typer.BadParameter("one of --case, --person and --everything")
    if case:
        return naming.stream(look, doer, case)[0]
    if person:
        return naming.person(look, person).id
    assert doer.tenant_id is not None
    return doer.tenant_id


@app.command("place")
def place(
    ctx: typer.Context,
    order: OrderTitle,
    number: OrderNumber,
    on: OrderDay,
    by: Annotated[str, typer.Option("--by", help="Who ordered it: the court, the prosecutor, the head.")],
    case: Annotated[str, typer.Option("--case", help="CONTEST/NUMBER, or a contest with all its cases.")] = "",
    person: Annotated[str, typer.Option("--person", help="Login of a person.")] = "",
    everything: Annotated[bool, typer.Option("--everything", help="All that the customer has.")] = False,
    until: Annotated[
        date | None, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="Last day; else until lifted.")
    ] = None,
) -> None:
    """Hold a case, a contest, a person or everything: nothing of it is erased or disposed of until the hold is lifted."""
    from flows.steps import holds
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            stream = stream_of(look, doer, case=case, person=person, everything=everything)
        identity = holds.place(office, doer, stream, holds.Order(order, number, on, by), until)
    done(ctx, Act.HOLD_PLACE, order=order, number=number, on=on, until=until, id=identity)


@app.command("lift")
def lift(
    ctx: typer.Context,
    hold: Annotated[str, typer.Argument(help="The hold, by the number of its act or its identity.")],
    order: OrderTitle,
    number: OrderNumber,
    on: OrderDay,
) -> None:
    """Lift a hold, by another act."""
    from flows.steps import holds
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = _hold(look, hold)
        holds.lift(office, doer, row.id, holds.Order(order, number, on))
    done(ctx, Act.HOLD_LIFT, order=order, number=number, on=on, id=row.id)


@app.command("list")
def listing(
    ctx: typer.Context, lifted: Annotated[bool, typer.Option("--lifted", help="Those that were lifted too.")] = False
) -> None:
    """Holds that stand, with the act of each."""
    from schemas.hold import HoldStatus, LegalHold

    where = {} if lifted else {"status": HoldStatus.PLACED}
    with acting(ctx) as (office, doer), office.looking(doer) as look:
        known = look.all(LegalHold, order="on id", **where)
    rows = [
        {
            "scope": one.scope,
            "name": one.name,
            "order": one.act,
            "number": one.number,
            "on": one.on,
            "by": one.ordered_by,
            "until": one.until,
            "status": one.status,
            "id": one.id,
        }
        for one in known
    ]
    table(
        ctx, rows, {"what": "name", "ground": "order", "number": "number", "when": "on", "who": "by", "until": "until"}
    )


def _hold(look: "Look", name: str) -> "LegalHold":
    from schemas.errors import NotFound
    from schemas.hold import HoldStatus, LegalHold

    rows = look.all(LegalHold, status=HoldStatus.PLACED)
    found = [one for one in rows if one.number == name or str(one.id) == name]
    if len(found) > 1:
        raise typer.BadParameter(f"{name} names {len(found)} holds; give the identity")
    if not found:
        raise NotFound(noun="legalhold", id=name)
    return found[0]
