"""`ashar contest`: from its file to the published result, and the appeals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.desk import Reason, To, acting, aim, answer, choices, done, save, table

if TYPE_CHECKING:
    from schemas.contest import Contest

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[str, typer.Argument(help="Number of the contest.")]
Case = Annotated[str, typer.Argument(help="The case as CONTEST/NUMBER.")]


@app.command("draft")
def draft(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Contest file (TOML).", exists=True, dir_okay=False)],
    programme: Annotated[str, typer.Option("--programme", help="Its programme: budget line or a part of the title.")],
) -> None:
    """Make a contest from its file, under the rule pack in force."""
    from cli import naming
    from flows.steps import announcement
    from schemas.contest import Contest
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            paid_by = naming.programme(look, programme)
        identity = announcement.draft_contest(office, doer, paid_by.id, file)
        with aim(office, doer) as look:
            row = look.get(Contest, identity)
    done(ctx, Act.CONTEST_DRAFT, contest=row.number, pack=f"{row.pack}@{row.pack_version}", id=identity)


@app.command("appoint")
def appoint(
    ctx: typer.Context,
    contest: Number,
    login: Annotated[str, typer.Argument(help="Who joins the commission.")],
    order: Annotated[str, typer.Option("--order", help="The order: its number.")],
    seat: Annotated[Literal["chair", "deputy", "member"], typer.Option("--seat")] = "member",
    background: Annotated[Literal["official", "expert"], typer.Option("--background")] = "official",
    relation: Annotated[
        list[str] | None,
        typer.Option("--relation", help="What the register knows: inn=…, phone=…, address=…, surname=…."),
    ] = None,
) -> None:
    """Appoint a person to the commission of a contest."""
    from cli import naming
    from flows.steps import announcement
    from schemas.commission import Background, Seat
    from schemas.event import Act

    pairs = [one.partition("=") for one in relation or []]
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row, person = naming.contest(look, contest), naming.person(look, login)
        identity = announcement.appoint(
            office,
            doer,
            row.id,
            person.id,
            seat=Seat(seat),
            background=Background(background),
            relations=[{"kind": kind, "value": value} for kind, _, value in pairs],
            order=order,
        )
    done(ctx, Act.MEMBER_APPOINT, contest=row.number, member=login, seat=seat, id=identity)


@app.command("release")
def release(
    ctx: typer.Context,
    contest: Number,
    login: Annotated[str, typer.Argument(help="Who leaves the commission.")],
    reason: Reason,
) -> None:
    """Release a member; the scores that were given stay."""
    from cli import naming
    from flows.steps import announcement
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
            member = naming.member(look, row.id, login)
        announcement.release(office, doer, member.id, reason)
    done(ctx, Act.MEMBER_RELEASE, contest=row.number, member=login, reason=reason)


@app.command("announce")
def announce(ctx: typer.Context, contest: Number) -> None:
    """Publish the contest with its announcement."""
    from cli import naming
    from flows.steps import announcement
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
        announcement.announce(office, doer, row.id)
    done(ctx, Act.CONTEST_ANNOUNCE, contest=row.number, cutoff=row.cutoff)


@app.command("publish")
def publish(ctx: typer.Context, contest: Number) -> None:
    """Publish the results; everyone who took part gets a letter with the reasons."""
    from cli import naming
    from flows.steps import results
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
        results.publish(office, doer, row.id)
    done(ctx, Act.CONTEST_PUBLISH, "contracting", "letters", contest=row.number)


@app.command("cancel")
def cancel(ctx: typer.Context, contest: Number, reason: Reason) -> None:
    """Call a contest off; what was received stays on record."""
    from cli import naming
    from flows.steps import announcement
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
        announcement.cancel(office, doer, row.id, reason)
    done(ctx, Act.CONTEST_CANCEL, "letters", contest=row.number, reason=reason)


# -- appeals --------------------------------------------------------------------------------------------------------


@app.command("appeal")
def appeal(
    ctx: typer.Context, case: Case, text: Annotated[str, typer.Option("--text", help="What is complained of.")]
) -> None:
    """Lodge an appeal against a decision on one's own application."""
    from cli import naming
    from flows.steps import results
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.application(look, doer, case)
        identity = results.lodge_appeal(office, doer, row.id, text)
    done(ctx, Act.APPEAL_LODGE, "letters", case=case, id=identity)


@app.command("decide-appeal")
def decide_appeal(
    ctx: typer.Context,
    case: Case,
    text: Annotated[str, typer.Option("--answer", help="The answer, with its reasons.")],
    upheld: Annotated[bool, typer.Option("--uphold/--reject", help="Whether the appeal is right.")],
) -> None:
    """Answer an appeal; one that is upheld sends the application back a stage."""
    from cli import naming
    from flows.steps import results
    from schemas.contract import AppealStatus
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.appeal(look, doer, case)
        results.decide_appeal(office, doer, row.id, upheld=upheld, answer=text)
    outcome = AppealStatus.UPHELD if upheld else AppealStatus.REJECTED
    done(ctx, Act.APPEAL_DECIDE, "completeness", "letters", case=case, outcome=outcome, id=row.id)


@app.command("appeals")
def appeals(ctx: typer.Context, contest: Number) -> None:
    """Appeals of a contest and their answers."""
    from cli import naming
    from schemas.application import Application
    from schemas.contract import Appeal

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contest(look, contest)
        known = look.all(Appeal, contest_id=home.id, order="id")
        cases = {one.id: one for one in look.all(Application, contest_id=home.id)}
        seen = [one for one in known if naming.may_see(look, doer, cases[one.application_id])]
        rows = [
            {
                "noun": "appeal",
                "case": f"{home.number}/{cases[one.application_id].number}",
                "text": one.text,
                "answer": one.answer,
                "status": one.status,
                "id": one.id,
            }
            for one in seen
        ]
    table(ctx, rows, {"number": "case", "what": "text", "ground": "answer", "status": "status"})


# -- reading --------------------------------------------------------------------------------------------------------


def _row(one: "Contest") -> dict[str, Any]:
    return {
        "noun": "contest",
        "number": one.number,
        "title": one.title,
        "status": one.status,
        "budget_tyiyn": one.budget,
        "cutoff": one.cutoff,
        "zone": one.zone,
        "id": one.id,
    }


@app.command("list")
def listing(ctx: typer.Context) -> None:
    """Contests of the customer."""
    from schemas.contest import Contest

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        rows = [_row(one) for one in look.all(Contest, order="announced_on number")]
    columns = {"number": "number", "title": "title", "money": "budget_tyiyn", "until": "cutoff", "status": "status"}
    table(ctx, rows, columns)


@app.command("show")
def show(ctx: typer.Context, contest: Number) -> None:
    """A contest: its terms, its commission, and how many applications stand where."""
    from collections import Counter

    from cli import naming
    from flows.steps.people import commission_of
    from schemas.application import Application
    from schemas.wording import say

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        one = naming.contest(look, contest)
        people = commission_of(look, one.id)
        mine = [row for row in look.all(Application, contest_id=one.id) if naming.may_see(look, doer, row)]
        counted = Counter(row.status for row in mine)
        pack = office.pack_of(one)
    commission = [
        {"login": who.login, "seat": seat.seat, "background": seat.background, "active": seat.active}
        for seat, who in people
    ]
    told = {
        **_row(one),
        "goal": one.goal,
        "announced_on": one.announced_on,
        "project_starts": one.project_starts,
        "project_ends": one.project_ends,
        "awards": one.awards,
        "themes": one.themes,
        "pack": f"{one.pack}@{one.pack_version}",
        "placeholders": len(pack.placeholders()),
        "published_on": one.published_on,
        "commission": commission,
        "applications": {status.value: count for status, count in counted.items()},
    }
    if choices(ctx).json:
        answer(ctx, told)
        return
    tongue = choices(ctx).tongue
    lines = [
        f"{one.number}  {one.title.get(tongue, '')}",
        say("form.sum", tongue, sum_tyiyn=one.budget) + "  " + say("form.fact", tongue, fact=one.cutoff, zone=one.zone),
        say("form.fact", tongue, fact=one.status),
        *(f"  {who.login}  {say('form.fact', tongue, fact=seat.seat)}" for seat, who in people if seat.active),
        *(f"  {say('form.fact', tongue, fact=status)}: {count}" for status, count in sorted(counted.items())),
    ]
    answer(ctx, told, text="\n".join(lines))


@app.command("paper")
def paper(ctx: typer.Context, contest: Number, to: To = None) -> None:
    """Fetch the announcement."""
    from cli import naming
    from schemas.facts import Kind

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.paper(look, naming.contest(look, contest).id, Kind.ANNOUNCEMENT, contest)
        save(ctx, office, row, to)
