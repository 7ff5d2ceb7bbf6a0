"""`ashar report`: reporting periods and reports."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli.desk import Reason, acting, aim, answer, choices, day, done, table, worded

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Contract = Annotated[str, typer.Argument(help="Number of the contract.")]
Period = Annotated[int, typer.Argument(help="Number of the period.")]


@app.command("periods")
def periods(ctx: typer.Context, contract: Contract) -> None:
    """Reporting periods: when each report is due and how it stands."""
    from cli import naming
    from schemas.report import IN_PLAN
    from schemas.report import Period as Row
    from schemas.wording import say

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        home = naming.contract(look, doer, contract)
        known = look.all(Row, contract_id=home.id, order="number")
    rows = [
        {
            "noun": "period",
            "number": one.number,
            "of": one.of,
            "starts": one.starts,
            "ends": one.ends,
            "due": one.due,
            "final": one.final,
            "title": one.title,
            "whole": one.whole,
            "received": one.received_at,
            "late": one.late,
            "reminders": one.rungs,
            "paused": one.paused_on,
            "status": one.status,
            "id": one.id,
        }
        for one in known
    ]
    tongue, of = choices(ctx).tongue, sum(one.status in IN_PLAN for one in known)
    for row in rows:
        counts = row["status"] in IN_PLAN
        row["period"] = say("form.period", tongue, period=row["number"], of=of) if counts else str(row["number"])
        row["called"] = say("paper.period.whole", tongue) if row["whole"] else row["title"]
    table(
        ctx,
        rows,
        {
            "number": "period",
            "what": "called",
            "until": "due",
            "received": "received",
            "late": "late",
            "status": "status",
        },
    )


@app.command("form")
def form(
    ctx: typer.Context,
    contract: Contract,
    period: Period,
    to: Annotated[Path, typer.Option("--to", help="Folder to write both forms to.", file_okay=False)] = Path(),
) -> None:
    """Hand out the forms of a period's report, filled in but for the facts."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.wording import say

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        row = naming.period(look, naming.contract(look, doer, contract).id, period)
        made = monitoring.forms_of(look, row, doer)
    to.mkdir(parents=True, exist_ok=True)
    for one in made:
        to.joinpath(one.name).write_bytes(one.content)
    tongue = choices(ctx).tongue
    told = [say("cli.saved", tongue, file=str(to / one.name), size=len(one.content)) for one in made]
    answer(ctx, {"files": [str(to / one.name) for one in made]}, text="\n".join(told))


@app.command("hand-in")
def hand_in(
    ctx: typer.Context,
    contract: Contract,
    period: Period,
    package: Annotated[Path, typer.Argument(help="Folder, zip or file with both reports.", exists=True)],
) -> None:
    """Hand in the programme and the financial report of a period. Twice the same is one report."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        identity = monitoring.hand_in_report(office, doer, row.id, period, package)
    done(ctx, Act.REPORT_RECEIVE, "monitoring", "letters", contract=row.number, period=period, id=identity)


@app.command("show")
def show(ctx: typer.Context, contract: Contract, period: Period) -> None:
    """The report that stands for a period: its figures and every remark at once."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.wording import say, say_remark

    tongue = choices(ctx).tongue
    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        one = monitoring.latest(office, row.id)
    told = {
        "noun": "period",
        "contract": contract,
        "period": period,
        "of": row.of,
        "status": row.status,
        "due": row.due,
        "received": one.received_at,
        "late": row.late,
        "round": one.round,
        "read": one.read,
        "spent_tyiyn": one.spent,
        "lines": one.lines,
        "indicators": one.indicators,
        "remarks": [{**remark, "sentence": say_remark(remark, tongue)} for remark in one.remarks],
        "open": [remark.rule for remark in monitoring.open_remarks(one)],
        "explanation": one.explanation,
        "explanations": one.explanations,
        "refused": one.refused,
        "parts": one.parts,
        "id": one.id,
    }
    keys = ("status", "received", "spent_tyiyn", "explanation")
    lines = [say("form.period", tongue, period=period, of=row.of)]
    lines += [worded(key, told[key], tongue, told) for key in keys if told[key] not in ("", None)]
    lines += [f"{number}. {one['sentence']}" for number, one in enumerate(told["remarks"], 1)]
    answer(ctx, told, text="\n".join(lines))


@app.command("explain")
def explain(
    ctx: typer.Context,
    contract: Contract,
    period: Period,
    text: Annotated[str, typer.Option("--text", help="Why.")],
    line: Annotated[str, typer.Option("--line", help="The line of the budget; without it, all that are off.")] = "",
) -> None:
    """Explain a variance from the plan, of one line of the budget or of all."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        monitoring.explain(office, doer, row.id, text, line=line)
    done(
        ctx,
        Act.VARIANCE_EXPLAIN,
        "contracting",
        contract=contract,
        period=period,
        of=row.of,
        explanation=text,
        id=row.id,
    )


@app.command("return")
def return_report(
    ctx: typer.Context,
    contract: Contract,
    period: Period,
    reason: Reason,
    part: Annotated[
        list[str] | None, typer.Option("--part", help="programme or financial: only this part is asked for again.")
    ] = None,
) -> None:
    """Send a report back with all remarks at once; with --part only the named parts reopen."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        monitoring.return_report(office, doer, row.id, reason, parts=part or ())
    done(ctx, Act.REPORT_RETURN, "letters", contract=contract, period=period, of=row.of, reason=reason, id=row.id)


@app.command("refuse")
def refuse(ctx: typer.Context, contract: Contract, period: Period, reason: Reason) -> None:
    """Refuse a report: it counts as not handed in, a whole one is due anew."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        monitoring.refuse(office, doer, row.id, reason)
    done(
        ctx,
        Act.REPORT_REFUSE,
        "contracting",
        "letters",
        contract=contract,
        period=period,
        of=row.of,
        reason=reason,
        id=row.id,
    )


@app.command("accept")
def accept(ctx: typer.Context, contract: Contract, period: Period) -> None:
    """Accept a report: its spending counts, the next tranche is weighed."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        monitoring.accept(office, doer, row.id)
        spent = monitoring.latest(office, row.id).spent
    facts = {"contract": contract, "period": period, "of": row.of, "spent_tyiyn": spent, "id": row.id}
    done(ctx, Act.REPORT_ACCEPT, "contracting", "letters", **facts)


@app.command("extend")
def extend(
    ctx: typer.Context,
    contract: Contract,
    period: Period,
    until: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="The later day.")],
    reason: Reason,
) -> None:
    """Let a report come later; reminders start anew."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        monitoring.extend(office, doer, row.id, until, reason)
    done(
        ctx,
        Act.PERIOD_EXTEND,
        "letters",
        contract=contract,
        period=period,
        of=row.of,
        due=until,
        reason=reason,
        id=row.id,
    )


@app.command("pause")
def pause(ctx: typer.Context, contract: Contract, period: Period, reason: Reason) -> None:
    """Ask for a report no more until it is resumed."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        monitoring.pause(office, doer, row.id, reason)
    done(ctx, Act.PERIOD_PAUSE, "letters", contract=contract, period=period, of=row.of, reason=reason, id=row.id)


@app.command("resume")
def resume(ctx: typer.Context, contract: Contract, period: Period, reason: Reason) -> None:
    """Let the term of a paused report run again, later by the days of the pause; reminders start anew."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.period(look, naming.contract(look, doer, contract).id, period)
        monitoring.resume(office, doer, row.id, reason)
        with office.looking(doer) as look:
            due = naming.period(look, row.contract_id, period).due
    done(
        ctx,
        Act.PERIOD_RESUME,
        "letters",
        contract=contract,
        period=period,
        of=row.of,
        due=due,
        reason=reason,
        id=row.id,
    )
