"""The sittings' commands of `ashar committee`: convene, open, vote, decide, close, minutes."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from cli.desk import To, acting, aim, done, moment, save, table

Number = Annotated[str, typer.Argument(help="Number of the contest.")]
Sitting = Annotated[int, typer.Option("--sitting", help="Number of the sitting; else the last one.")]
Item = Annotated[str, typer.Argument(help="The item as CONTEST:POSITION, or its case as CONTEST/NUMBER.")]


def convene(
    ctx: typer.Context,
    contest: Number,
    at: Annotated[
        datetime, typer.Option("--at", parser=moment, metavar="YYYY-MM-DDTHH:MM", help="When, in the contest's zone.")
    ],
    place: Annotated[str, typer.Option("--place", help="Where.")],
) -> None:
    """Convene a sitting over every application in review, once all sheets are in."""
    from zoneinfo import ZoneInfo

    from cli import naming
    from flows.steps import sitting
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
        when = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(row.zone))
        identity = sitting.convene(office, doer, row.id, when, place)
    done(ctx, Act.SITTING_CONVENE, "letters", contest=row.number, at=when, place=place, zone=row.zone, id=identity)


def open_sitting(
    ctx: typer.Context,
    contest: Number,
    present: Annotated[list[str] | None, typer.Option("--present", help="Login of a member who is there.")] = None,
    absent: Annotated[list[str] | None, typer.Option("--absent", help="Who is not there; all others are.")] = None,
    number: Sitting = 0,
) -> None:
    """Open the sitting and record who is present: by name, or all but those absent."""
    from cli import naming
    from flows.steps import sitting
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            home = naming.contest(look, contest)
            row = naming.sitting(look, home.id, number)
            everyone = naming.members(look, home.id)
            gone = {naming.member(look, home.id, one).id for one in absent or []}
            named = [naming.member(look, home.id, one).id for one in present or []]
        there = named or [one.id for one in everyone.values() if one.id not in gone]
        sitting.open_sitting(office, doer, row.id, there)
    done(ctx, Act.SITTING_OPEN, contest=home.number, sitting=row.number, present=len(there), id=row.id)


def agenda(ctx: typer.Context, contest: Number, number: Sitting = 0) -> None:
    """Items of a sitting with attendance, quorum and votes of each."""
    from cli import naming
    from schemas.application import Application
    from schemas.commission import Item as Row

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contest(look, contest)
        meeting = naming.sitting(look, home.id, number)
        items = look.all(Row, sitting_id=meeting.id, order="position")
        cases = {one.id: one for one in look.all(Application, id=[one.application_id for one in items])}
    rows = [
        {
            "noun": "item",
            "item": f"{home.number}:{one.position}",
            "case": f"{home.number}/{cases[one.application_id].number}",
            "title": cases[one.application_id].title,
            "recused": one.recused,
            "entitled": one.entitled,
            "present": one.present,
            "needed": one.needed,
            "for": one.votes_for,
            "against": one.votes_against,
            "abstain": one.votes_abstain,
            "votes": f"{one.votes_for}–{one.votes_against}–{one.votes_abstain}",
            "casting_vote": one.casting_vote,
            "reason": one.reason,
            "status": one.status,
            "id": one.id,
        }
        for one in items
    ]
    table(ctx, rows, {"number": "item", "what": "case", "title": "title", "votes": "votes", "status": "status"})


def vote(
    ctx: typer.Context,
    item: Item,
    choice: Annotated[Literal["for", "against", "abstain"], typer.Argument(help="One's own vote.")],
) -> None:
    """Vote on an item, once; a member with an interest takes no part."""
    from cli import naming
    from flows.steps import sitting
    from schemas.commission import Choice
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.item(look, doer, item)
        sitting.vote(office, doer, row.id, Choice(choice))
    done(ctx, Act.ITEM_VOTE, item=item, choice=choice, id=row.id)


def decide(
    ctx: typer.Context,
    item: Item,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why so, for the minutes and the letter.")],
) -> None:
    """Count the votes of an item and record its decision. Asks for the quorum of those entitled on it."""
    from cli import naming
    from flows.steps import sitting
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.item(look, doer, item)
        status = sitting.decide_item(office, doer, row.id, reason)
    done(ctx, Act.ITEM_DECIDE, item=item, outcome=status, status=status, id=row.id)


def close(ctx: typer.Context, contest: Number, number: Sitting = 0) -> None:
    """Close the sitting; ranking and minutes follow."""
    from cli import naming
    from flows.steps import sitting
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            home = naming.contest(look, contest)
            row = naming.sitting(look, home.id, number)
        sitting.close_sitting(office, doer, row.id)
    done(ctx, Act.SITTING_CLOSE, "committee", contest=home.number, sitting=row.number, id=row.id)


def minutes(ctx: typer.Context, contest: Number, number: Sitting = 0, to: To = None) -> None:
    """Fetch the minutes."""
    from cli import naming
    from schemas.facts import Kind

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            home = naming.contest(look, contest)
            row = naming.paper(look, naming.sitting(look, home.id, number).id, Kind.MINUTES, contest)
        save(ctx, office, row, to)


def sign_minutes(ctx: typer.Context, contest: Number, number: Sitting = 0) -> None:
    """Sign the minutes; from now on they are frozen."""
    from cli import naming
    from flows.steps import sitting
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            home = naming.contest(look, contest)
            row = naming.sitting(look, home.id, number)
        sitting.sign_minutes(office, doer, row.id)
    done(ctx, Act.MINUTES_SIGN, contest=home.number, sitting=row.number, id=row.id)


COMMANDS = {
    "convene": convene,
    "open": open_sitting,
    "agenda": agenda,
    "vote": vote,
    "decide": decide,
    "close": close,
    "minutes": minutes,
    "sign-minutes": sign_minutes,
}


def join(app: typer.Typer) -> None:
    """The sittings' commands become commands of the commission."""
    for name, command in COMMANDS.items():
        app.command(name)(command)
