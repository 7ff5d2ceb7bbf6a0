"""`ashar check`: intake ends, findings are read, an officer sets one aside."""

from typing import Annotated

import typer

from cli.desk import Reason, acting, aim, answer, choices, done

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("close")
def close(ctx: typer.Context, contest: Annotated[str, typer.Argument(help="Number of the contest.")]) -> None:
    """End the intake after the cut-off: packages are opened and checked. Comes by itself when flows run."""
    from cli import naming
    from flows.steps import completeness
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
        completeness.close(office, doer, row.id)
    done(ctx, Act.CONTEST_CLOSE, "intake", "completeness", contest=row.number)


@app.command("findings")
def findings(
    ctx: typer.Context,
    case: Annotated[str, typer.Argument(help="The case as CONTEST/NUMBER.")],
    everything: Annotated[bool, typer.Option("--all", help="Also what was cured or set aside.")] = False,
) -> None:
    """All gaps and grounds at once, each with what would cure it."""
    from cli import naming
    from flows.steps.completeness import told
    from schemas.contest import Contest
    from schemas.document import Document
    from schemas.finding import FindingStatus
    from schemas.wording import place_of, say, say_remark

    tongue = choices(ctx).tongue
    with acting(ctx) as (office, doer), office.looking(doer) as look:
        row = naming.unsealed(look, doer, naming.application(look, doer, case))
        known = naming.findings(look, row.id)
        name = naming.numbers(look, [row])[row.id]
        pack = office.pack_of(look.get(Contest, row.contest_id))
        files = look.all(Document, subject_id=row.id)
    said = {one.id: told(one, pack=pack, files=files) for one in known}
    rows = [
        {
            "finding": f"{name}:{position}",
            "rule": one.rule,
            "severity": one.severity,
            "kind": one.kind,
            "file": said[one.id].get("file"),
            "page": one.page,
            "place": place_of(one, tongue),
            "pack": said[one.id]["pack"],
            "facts": one.facts,
            "placeholder": one.placeholder,
            "round": one.round,
            "status": one.status,
            "reason": one.reason,
            "sentence": say_remark(said[one.id], tongue, graded=False),
            "id": one.id,
        }
        for position, one in enumerate(known, 1)
        if everything or one.status is FindingStatus.OPEN
    ]
    lines = [
        f"{one['finding']}  [{say('form.fact', tongue, fact=one['severity'])}"
        f", {say('form.fact', tongue, fact=one['status'])}]  {one['sentence']}"
        for one in rows
    ]
    answer(ctx, rows, text="\n".join(lines) or say("cli.no_findings", tongue))


@app.command("override")
def override(
    ctx: typer.Context,
    finding: Annotated[str, typer.Argument(help="The finding as CASE:POSITION or CASE:RULE, as `findings` shows it.")],
    reason: Reason,
) -> None:
    """Set a finding aside with a reason; when nothing else stands in the way the application is admitted."""
    from cli import naming
    from flows.steps import completeness
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.finding(look, doer, finding)
        completeness.override(office, doer, row.id, reason)
    done(ctx, Act.FINDING_OVERRIDE, "completeness", "letters", finding=finding, rule=row.rule, reason=reason, id=row.id)
