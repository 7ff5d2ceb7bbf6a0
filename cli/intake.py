"""`ashar intake`: packages handed in, cured, withdrawn, and what is to be seen of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.desk import Reason, To, acting, aim, answer, choices, done, kick, save, table, worded

if TYPE_CHECKING:
    from flows.steps.intake import Given
    from schemas.application import Application
    from schemas.doer import Doer
    from storage.work import Look

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Case = Annotated[str, typer.Argument(help="The case as CONTEST/NUMBER.")]
Package = Annotated[Path, typer.Argument(help="Folder, zip or file as it came.", exists=True)]


def _receipt(given: "Given", contest: str) -> dict[str, Any]:
    files = [{"name": name, "sha256": sha256, "size": size} for name, sha256, size in given.files]
    return {
        "contest": contest,
        "number": given.number,
        "case": f"{contest}/{given.number}",
        "received": given.received_at,
        "sha256": given.package_sha256,
        "files": files,
        "again": given.again,
        "id": given.application_id,
    }


@app.command("hand-in")
def hand_in(
    ctx: typer.Context,
    package: Package,
    contest: Annotated[str, typer.Option("--contest", help="Number of the contest.")],
    sender: Annotated[str, typer.Option("--sender", help="Where the receipt goes: address of whoever hands it in.")],
) -> None:
    """Take a package in: it is sealed, and the sender gets number, time and hashes. Twice the same is one case."""
    from cli import naming
    from flows.steps import intake
    from schemas.errors import TooLate
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            home = naming.contest(look, contest)
        try:
            given = intake.hand_in(office, doer, home, package, sender=sender)
        except TooLate:
            kick(ctx, "letters")  # the receipt goes out all the same
            raise
    receipt = _receipt(given, home.number)
    if choices(ctx).json:
        done(ctx, Act.APPLICATION_RECEIVE, "intake", **receipt)
        return
    from schemas.wording import say, say_act

    at = choices(ctx)
    lines = [
        say_act(Act.APPLICATION_RECEIVE, at.tongue, actor=at.login, number=given.number),
        say("cli.receipt", at.tongue, received=given.received_at, zone=home.zone, sha256=given.package_sha256),
        *(f"  {sha256[:16]}…  {name}" for name, sha256, _ in given.files),
        *([say("cli.again", at.tongue, number=given.number)] if given.again else []),
    ]
    answer(ctx, receipt, text="\n".join(lines))
    kick(ctx, "intake")


@app.command("cure")
def cure(ctx: typer.Context, case: Case, package: Package) -> None:
    """Hand in what was missing, within the term. Twice the same files are one cure."""
    from cli import naming
    from flows.steps import intake
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.application(look, doer, case)
            name = naming.numbers(look, [row])[row.id]
        given = intake.cure(office, doer, row.id, package)
    told = _receipt(given, name.rpartition("/")[0])
    done(ctx, Act.APPLICATION_CURE, "intake", **{**told, "files": len(given.files), "names": told["files"]})


@app.command("withdraw")
def withdraw(ctx: typer.Context, case: Case, reason: Reason) -> None:
    """Take an application back."""
    from cli import naming
    from flows.steps import intake
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.application(look, doer, case)
        intake.withdraw(office, doer, row.id, reason)
    done(ctx, Act.APPLICATION_WITHDRAW, "letters", case=case, reason=reason, id=row.id)


# -- reading --------------------------------------------------------------------------------------------------------


def _row(look: "Look", doer: "Doer", one: "Application", name: str) -> dict[str, Any]:
    """What the doer may see: of a sealed application its number and time."""
    from cli import naming

    sealed = naming.sealed(look, doer, one)
    bare = {
        "noun": "application",
        "case": name,
        "number": one.number,
        "received": one.received_at,
        "status": one.status,
        "sealed": sealed,
        "id": one.id,
    }
    if sealed:
        return bare
    from schemas.application import Organisation

    organisation = look.session.get(Organisation, one.organisation_id) if one.organisation_id else None
    return {
        **bare,
        "sender": one.sender,
        "organisation": organisation.name if organisation else "",
        "inn": organisation.inn if organisation else "",
        "title": one.title,
        "theme": one.theme,
        "requested_tyiyn": one.requested,
        "own_contribution_tyiyn": one.own_contribution,
        "round": one.round,
        "cure_until": one.cure_until,
        "ground": one.ground,
        "score": one.score,
        "place": one.place,
        "sha256": one.package_sha256,
    }


@app.command("list")
def listing(ctx: typer.Context, contest: Annotated[str, typer.Argument(help="Number of the contest.")]) -> None:
    """Applications to a contest; before the cut-off only their numbers and times."""
    from cli import naming
    from schemas.application import Application

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contest(look, contest)
        known = look.all(Application, contest_id=home.id, order="number")
        seen = [one for one in known if naming.may_see(look, doer, one)]
        rows = [{**_row(look, doer, one, f"{home.number}/{one.number}"), "zone": home.zone} for one in seen]
    columns = {"number": "case", "received": "received", "organisation": "organisation", "money": "requested_tyiyn"}
    table(ctx, rows, {**columns, "status": "status", "score": "score", "place": "place"})


@app.command("show")
def show(ctx: typer.Context, case: Case) -> None:
    """One application. Sealed until the cut-off for everyone but the applicant."""
    from cli import naming

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        row = naming.unsealed(look, doer, naming.application(look, doer, case))
        told = _row(look, doer, row, naming.numbers(look, [row])[row.id])
    if choices(ctx).json:
        answer(ctx, told)
        return
    from schemas.wording import say

    tongue = choices(ctx).tongue
    keys = {"number": "case", "received": "received", "organisation": "organisation", "title": "title"}
    keys |= {"money": "requested_tyiyn", "status": "status", "score": "score", "place": "place"}
    lines = [
        f"{say(f'cli.column.{name}', tongue)}: {worded(key, told[key], tongue, told)}" for name, key in keys.items()
    ]
    if told["ground"]:
        lines.append(f"{say('cli.column.ground', tongue)}: {say('ground.' + told['ground'], tongue)}")
    if told["cure_until"]:
        lines.append(f"{say('cli.column.until', tongue)}: {worded('until', told['cure_until'], tongue, told)}")
    answer(ctx, told, text="\n".join(lines))


@app.command("files")
def files(ctx: typer.Context, case: Case) -> None:
    """Files of an application: what each is for and what is wrong with it."""
    from cli import naming
    from schemas.document import Document

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        row = naming.unsealed(look, doer, naming.application(look, doer, case))
        known = look.all(Document, subject_id=row.id, order="round name")
    rows = [
        {
            "name": one.name,
            "kind": one.kind,
            "size": one.size,
            "sha256": one.sha256,
            "round": one.round,
            "current": one.current,
            "inspected": one.inspected,
            "faults": [fault.value for fault in one.seen().faults],
            "id": one.id,
        }
        for one in known
    ]
    table(ctx, rows, {"name": "name", "kind": "kind", "size": "size"})


@app.command("fetch")
def fetch(
    ctx: typer.Context,
    case: Case,
    name: Annotated[str, typer.Argument(help="Name of the file, as `intake files` shows it.")],
    to: To = None,
) -> None:
    """Fetch a file of an application, or its receipt."""
    from cli import naming
    from schemas.document import Document
    from schemas.errors import NotFound

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.unsealed(look, doer, naming.application(look, doer, case))
            known = look.all(Document, subject_id=row.id, name=name, order="round")
        if not known:
            raise NotFound(noun="document", id=name)
        save(ctx, office, known[-1], to)
