"""`ashar retention`: what is due for disposal by the schedule, and its disposal; `ashar audit redact`."""

from typing import Annotated

import typer

from cli.desk import acting, aim, answer, choices, done, table
from cli.hold import OrderDay, OrderNumber, OrderTitle

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("due")
def due(ctx: typer.Context) -> None:
    """Records whose term is over; a star marks a term that no lawyer has verified."""
    from flows.steps import retention
    from schemas.wording import say

    at = choices(ctx)
    with acting(ctx) as (office, doer):
        known = retention.due(office, doer)
    rows = [
        {
            "name": one.name,
            "record": say(f"paper.record.{one.record}", at.tongue),
            "closed": one.closed,
            "due": one.on,
            "years": f"{one.years}{'*' if one.placeholder else ''}",
            "pack": f"{one.pack.id}@{one.pack.version}",
            "held": one.held,
            "id": one.stream_id,
        }
        for one in known
    ]
    columns = {"what": "name", "kind": "record", "when": "closed", "until": "due", "total": "years", "status": "held"}
    table(ctx, rows, columns)


@app.command("dispose")
def dispose(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Records, by the names that `due` shows.")],
    order: OrderTitle,
    number: OrderNumber,
    on: OrderDay,
) -> None:
    """Destroy records that are due, for ever: personal values, files, words of indexes. Writes the certificate."""
    from flows.steps import holds, retention
    from schemas.errors import NotDue
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        known = {one.name: one.stream_id for one in retention.due(office, doer)}
        for one in names:
            if one not in known:
                raise NotDue(name=one)
        gone = retention.dispose(office, doer, [known[one] for one in names], holds.Order(order, number, on))
    counts = {"records": gone.records, "values": gone.values, "files": gone.files, "locked": gone.locked}
    done(ctx, Act.TRAIL_DISPOSE, certificate=gone.number, **counts, id=gone.document_id)


def redact(
    ctx: typer.Context,
    order: OrderTitle,
    number: OrderNumber,
    on: OrderDay,
    person: Annotated[str, typer.Option("--person", help="Login of a person: whatever says who that is.")] = "",
    case: Annotated[
        str, typer.Option("--case", help="CONTEST/NUMBER or a contest, with --event, --field or --file.")
    ] = "",
    event: Annotated[int, typer.Option("--event", help="Number of an event of the case.")] = 0,
    field: Annotated[str, typer.Option("--field", help="A personal field, as organisation.phone.")] = "",
    file: Annotated[
        str, typer.Option("--file", help="SHA-256 of a file: its bytes, its name, what was read in it.")
    ] = "",
) -> None:
    """Erase personal values, for ever, on the ground of an act; the trail says what, by whom and why, and stays whole."""
    from cli import naming
    from flows.steps import holds, redaction
    from schemas.wording import say

    parts = (bool(event), bool(field), bool(file)).count(True)
    if bool(person) == bool(case) or parts != (1 if case else 0):
        raise typer.BadParameter("--person, or --case with one of --event, --field and --file")
    ground = holds.Order(order, number, on)
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            target = naming.person(look, person).id if person else naming.stream(look, doer, case)[0]
        if person:
            gone = redaction.of_person(office, doer, target, ground)
        elif file:
            gone = redaction.of_file(office, doer, target, file, ground)
        elif event:
            gone = redaction.of_event(office, doer, target, event, ground)
        else:
            gone = redaction.of_field(office, doer, target, field, ground)
    told = {
        "values": gone.values,
        "rows": gone.rows,
        "letters": gone.letters,
        "events": gone.streams,
        "held": gone.held,
        "needed": gone.needed,
    }
    at = choices(ctx)
    lines = [say("cli.redacted", at.tongue, **{name: told[name] for name in ("values", "rows", "letters", "events")})]
    if gone.held:
        lines.append(say("cli.redacted.held", at.tongue, names=gone.held))
    if gone.needed:
        lines.append(say("cli.redacted.needed", at.tongue, names=gone.needed))
    answer(ctx, told, text="\n".join(lines))
