"""`ashar committee`: conflicts, routing, score sheets, and the way to sittings (cli/sitting.py holds those)."""

from pathlib import Path
from typing import Annotated

import typer

from cli import sitting
from cli.desk import Reason, To, acting, aim, choices, done, save, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[str, typer.Argument(help="Number of the contest.")]
Case = Annotated[str, typer.Argument(help="The case as CONTEST/NUMBER.")]


@app.command("declare")
def declare(
    ctx: typer.Context,
    case: Case,
    conflict: Annotated[bool, typer.Option("--conflict/--no-conflict", help="Whether there is an interest.")],
    reason: Annotated[str, typer.Option("--reason", "-r", help="Which interest.")] = "",
) -> None:
    """Say whether one has an interest in an application."""
    from cli import naming
    from flows.steps import committee
    from schemas.errors import NoReason
    from schemas.event import Act

    if conflict and not reason.strip():
        raise NoReason(act=Act.CONFLICT_DECLARE)
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.application(look, doer, case)
        committee.declare(office, doer, row.id, conflict=conflict, reason=reason)
    done(ctx, Act.CONFLICT_DECLARE, case=case, conflict=conflict)


@app.command("conflicts")
def conflicts(ctx: typer.Context, contest: Number) -> None:
    """Declared and found conflicts; a member sees his own line only."""
    from cli import naming
    from flows.steps import committee
    from schemas.application import Application
    from schemas.commission import Declaration
    from schemas.wording import say

    tongue = choices(ctx).tongue
    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contest(look, contest)
        seats = naming.members(look, home.id)
        mine = [one.id for one in seats.values() if one.person_id == doer.id]
        found = committee.found_relations(look, home.id)
        apart = committee.conflicts(look, home.id)
        declared = {(one.member_id, one.application_id): one for one in look.all(Declaration, contest_id=home.id)}
        cases = look.all(Application, contest_id=home.id, order="number")
    rows = [
        {
            "case": f"{home.number}/{case.number}",
            "member": login,
            "declared": declared[member.id, case.id].conflict if (member.id, case.id) in declared else None,
            "found": found.get((member.id, case.id), []),
            "relations": [say(f"paper.relation.{one}", tongue) for one in found.get((member.id, case.id), [])],
            "conflict": (member.id, case.id) in apart,
        }
        for case in cases
        for login, member in seats.items()
        if (not mine or member.id in mine)
        and ((member.id, case.id) in declared or (member.id, case.id) in found or (member.id, case.id) in apart)
    ]
    table(ctx, rows, {"number": "case", "who": "member", "ground": "relations", "conflict": "conflict"})


@app.command("route")
def route(ctx: typer.Context, contest: Number) -> None:
    """Ask for the routing: who reviews what, balanced and without conflicts."""
    from cli import naming
    from flows.steps import committee
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
        committee.ask_to_route(office, doer, row.id)
    done(ctx, Act.CONTEST_ROUTE, "committee", "letters", contest=row.number)


@app.command("assignments")
def assignments(ctx: typer.Context, contest: Number) -> None:
    """Who reviews what and what is still owed; a member sees his own."""
    from cli import naming
    from schemas.application import Application
    from schemas.commission import Assignment

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contest(look, contest)
        seats = naming.members(look, home.id)
        logins = {one.id: login for login, one in seats.items()}
        mine = [one.id for one in seats.values() if one.person_id == doer.id]
        cases = {one.id: one for one in look.all(Application, contest_id=home.id)}
        known = look.all(Assignment, application_id=list(cases))
    rows = [
        {
            "noun": "assignment",
            "case": f"{home.number}/{cases[one.application_id].number}",
            "title": cases[one.application_id].title,
            "member": logins.get(one.member_id, ""),
            "because": one.because,
            "status": one.status,
            "id": one.id,
        }
        for one in known
        if not mine or one.member_id in mine
    ]
    rows.sort(key=lambda row: (cases_number(row["case"]), row["member"]))
    table(ctx, rows, {"number": "case", "title": "title", "who": "member", "status": "status"})


def cases_number(case: str) -> int:
    """The number of a case within its contest."""
    return int(case.rpartition("/")[2])


@app.command("decline")
def decline(ctx: typer.Context, case: Case, reason: Reason) -> None:
    """Give an assignment back; another member takes it."""
    from cli import naming
    from flows.steps import committee
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.application(look, doer, case)
        instead = committee.decline(office, doer, row.id, reason)
    done(ctx, Act.ASSIGNMENT_DECLINE, "letters", case=case, reason=reason, instead=instead)


# -- score sheets ---------------------------------------------------------------------------------------------------


@app.command("criteria")
def criteria(ctx: typer.Context, contest: Number) -> None:
    """The criteria of a contest with their scales and weights."""
    from cli import naming

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        pack = office.pack_of(naming.contest(look, contest))
    rows = [
        {
            "criterion": code,
            "title": one.title.value,
            "model": one.model.value,
            "low": one.low.value,
            "high": one.high.value,
            "scale": f"{one.low.value}–{one.high.value}",
            "weight": one.weight.value,
            "comment": one.comment.value,
        }
        for code, one in pack.criteria.items()
    ]
    table(ctx, rows, {"criterion": "criterion", "title": "title", "score": "scale", "total": "weight"})


def _points(given: list[str], file: Path | None) -> tuple[dict[str, int | None], dict[str, str]]:
    import tomllib

    from schemas.errors import BadSheet

    try:
        told = tomllib.loads(file.read_text("utf-8")) if file else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadSheet(wrong=[str(broken)]) from broken
    raw: dict[str, object] = {**told.get("points", {})}
    raw |= {code: text for code, _, text in (one.partition("=") for one in given)}
    points: dict[str, int | None] = {}
    wrong: list[str] = []
    for code, value in raw.items():
        text = str(value)
        if text == "abstain":
            points[code] = None
        elif text.isdecimal():
            points[code] = int(text)
        else:
            wrong.append(code)
    if wrong:
        raise BadSheet(wrong=wrong)
    return points, {code: str(text) for code, text in told.get("comments", {}).items()}


@app.command("score")
def score(
    ctx: typer.Context,
    case: Case,
    file: Annotated[Path | None, typer.Argument(help="Sheet (TOML): [points], [comments].", exists=True)] = None,
    points: Annotated[
        list[str] | None, typer.Option("--points", "-p", help="Points as CRITERION=NUMBER, or CRITERION=abstain.")
    ] = None,
    comment: Annotated[list[str] | None, typer.Option("--comment", help="Comment as CRITERION=TEXT.")] = None,
) -> None:
    """Hand in one's score sheet. What was given stays."""
    from cli import naming
    from flows.steps import committee
    from schemas.event import Act

    numbers, comments = _points(points or [], file)
    comments |= {code: text for code, _, text in (one.partition("=") for one in comment or [])}
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.application(look, doer, case)
        total = committee.submit_sheet(office, doer, row.id, numbers, comments)
    done(ctx, Act.SHEET_SUBMIT, case=case, total=total)


@app.command("sheets")
def sheets(ctx: typer.Context, case: Case) -> None:
    """Score sheets of an application. A member sees others' only after his own is in."""
    from cli import naming
    from flows.steps import committee
    from schemas.commission import Member
    from schemas.customer import Person, Role
    from schemas.errors import NotAllowed
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.application(look, doer, case)
        if not doer.roles - {Role.APPLICANT}:
            raise NotAllowed(act=Act.CASE_READ, role=Role.APPLICANT)
        known = committee.sheets_for(office, doer, row.id)
        with aim(office, doer) as look:
            seats = {one.id: one.person_id for one in look.all(Member, contest_id=row.contest_id)}
            logins = {one.id: one.login for one in look.all(Person, id=list(seats.values()))}
    rows = [
        {
            "member": logins[seats[one.member_id]],
            "points": one.points,
            "comments": one.comments,
            "total": one.total,
            "shown": ", ".join(f"{code} {'—' if value is None else value}" for code, value in one.points.items()),
            "id": one.id,
        }
        for one in known
    ]
    table(ctx, rows, {"who": "member", "what": "shown", "total": "total"})


@app.command("bundle")
def bundle(ctx: typer.Context, case: Case, to: To = None) -> None:
    """Fetch the file for the commission: everything handed in, as one PDF."""
    from cli import naming
    from flows.steps import committee
    from schemas.errors import OwnInterest
    from schemas.facts import Kind

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.unsealed(look, doer, naming.application(look, doer, case))
            apart = committee.conflicts(look, row.contest_id, cases=[row.id])
            mine = [one.id for one in naming.members(look, row.contest_id).values() if one.person_id == doer.id]
            if mine and (mine[0], row.id) in apart:
                raise OwnInterest(application=str(row.id), member=str(mine[0]))
            file = naming.paper(look, row.id, Kind.BUNDLE, case)
        save(ctx, office, file, to)


@app.command("ranking")
def ranking(ctx: typer.Context, contest: Number) -> None:
    """Winners, reserve and the rest, once the contest is decided; to applicants once it is published."""
    from cli import naming
    from schemas.application import Application, ApplicationStatus, Organisation
    from schemas.contest import ContestStatus
    from schemas.customer import Role
    from schemas.errors import WrongMoment
    from schemas.event import Act

    judged = [ApplicationStatus.WINNER, ApplicationStatus.RESERVE, ApplicationStatus.PASSED_OVER]
    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contest(look, contest)
        if home.published_on is None and not (doer.roles - {Role.APPLICANT} and home.status is ContestStatus.DECIDED):
            raise WrongMoment(act=Act.CASE_READ, noun="contest", status=home.status)
        cases = look.all(Application, contest_id=home.id, status=judged, order="place number")
        names = {one.id: one.name for one in look.all(Organisation, id=[one.organisation_id for one in cases])}
    rows = [
        {
            "noun": "application",
            "place": one.place,
            "case": f"{home.number}/{one.number}",
            "organisation": names.get(one.organisation_id, "") if one.organisation_id else "",
            "title": one.title,
            "requested_tyiyn": one.requested,
            "score": one.score,
            "status": one.status,
            "ground": one.ground,
            "id": one.id,
        }
        for one in cases
    ]
    columns = {"place": "place", "number": "case", "organisation": "organisation", "money": "requested_tyiyn"}
    table(ctx, rows, {**columns, "score": "score", "status": "status"})


sitting.join(app)
