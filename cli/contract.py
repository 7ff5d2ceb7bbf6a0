"""`ashar contract`: contracts, amendments, tranches, evaluation and closing."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.desk import Reason, To, acting, aim, answer, choices, count, day, done, named, save, table, tyiyn, worded

if TYPE_CHECKING:
    from schemas.contract import Contract
    from schemas.facts import Checkpoint

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[str, typer.Argument(help="Number of the contract.")]
Milestones = Annotated[
    list[str] | None,
    typer.Option(
        "--milestone", metavar="NAME=YYYY-MM-DD", help="A step of the work and its last day; said once for each."
    ),
]


def _milestones(given: list[str] | None) -> "list[Checkpoint] | None":
    from schemas.facts import Checkpoint

    days = named(given, "--milestone", day)
    return [Checkpoint(name=name, planned=on.isoformat()) for name, on in days.items()] or None


def _row(one: "Contract", organisation: str) -> dict[str, Any]:
    return {
        "noun": "contract",
        "number": one.number,
        "organisation": organisation,
        "amount_tyiyn": one.amount,
        "own_contribution_tyiyn": one.own_contribution,
        "starts": one.starts,
        "ends": one.ends,
        "signed_on": one.signed_on,
        "spent_tyiyn": one.spent,
        "balance_tyiyn": one.balance,
        "returned_tyiyn": one.returned,
        "evaluation": one.evaluation,
        "status": one.status,
        "id": one.id,
    }


@app.command("list")
def listing(
    ctx: typer.Context, contest: Annotated[str, typer.Option("--contest", help="Only of this contest.")] = ""
) -> None:
    """Contracts of the customer; an applicant sees his own."""
    from cli import naming
    from schemas.application import Application, Organisation
    from schemas.contract import Contract

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        known = look.all(Contract, order="number")
        cases = {one.id: one for one in look.all(Application, id=[one.application_id for one in known])}
        names = {one.id: one.name for one in look.all(Organisation, id=[one.organisation_id for one in known])}
        home = naming.contest(look, contest).id if contest else None
        rows = [
            _row(one, names[one.organisation_id])
            for one in known
            if naming.may_see(look, doer, cases[one.application_id])
            and home in (None, cases[one.application_id].contest_id)
        ]
    columns = {"number": "number", "organisation": "organisation", "money": "amount_tyiyn"}
    table(ctx, rows, {**columns, "until": "ends", "status": "status"})


@app.command("show")
def show(ctx: typer.Context, contract: Number) -> None:
    """A contract with its tranches and indicators."""
    from cli import naming
    from schemas.application import Organisation
    from schemas.contract import Tranche

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        one = naming.contract(look, doer, contract)
        name = look.get(Organisation, one.organisation_id).name
        parts = look.all(Tranche, contract_id=one.id, order="number")
    told = {
        **_row(one, name),
        "lines": one.lines,
        "indicators": one.indicators,
        "milestones": one.milestones,
        "tranches": [{"number": part.number, "amount_tyiyn": part.amount, "status": part.status} for part in parts],
    }
    if choices(ctx).json:
        answer(ctx, told)
        return
    from schemas.wording import say

    tongue = choices(ctx).tongue
    keys = {"number": "number", "organisation": "organisation", "money": "amount_tyiyn", "until": "ends"}
    keys |= {"returned": "returned_tyiyn", "status": "status"}
    lines = [
        f"{say(f'cli.column.{name}', tongue)}: {worded(key, told[key], tongue, told)}" for name, key in keys.items()
    ]
    if one.evaluation:
        lines.append(worded("evaluation", one.evaluation, tongue, told))
    answer(ctx, told, text="\n".join(lines))


@app.command("sign")
def sign(ctx: typer.Context, contract: Number) -> None:
    """Record that both parties have signed. Not while the term of appeal runs."""
    from cli import naming
    from flows.steps import contracting
    from schemas.contract import Contract
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        contracting.sign(office, doer, row.id)
        with aim(office, doer) as look:
            on = look.get(Contract, row.id).signed_on
    done(ctx, Act.CONTRACT_SIGN, "contracting", "letters", contract=row.number, on=on, id=row.id)


@app.command("amend")
def amend(
    ctx: typer.Context,
    contract: Number,
    reason: Reason,
    ends: Annotated[
        date | None, typer.Option("--ends", parser=day, metavar="YYYY-MM-DD", help="The new last day.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="NAME=SOM", help="A line of the budget and what the order pays of it."),
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", metavar="NAME=NUMBER", help="An indicator and its new target.")
    ] = None,
    milestone: Milestones = None,
) -> None:
    """Amend a contract: last day, sums of lines, targets, milestones. What has begun, is ordered or paid stays.

    A period that the new plan has no more is dropped.
    """
    from cli import naming
    from flows.steps import contracting
    from schemas.event import Act

    lines, targets = named(line, "--line", tyiyn), named(target, "--target", count)
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        told = {"ends": ends, "lines": lines, "targets": targets, "milestones": _milestones(milestone)}
        contracting.amend(office, doer, row.id, reason=reason, **told)
    done(ctx, Act.CONTRACT_AMEND, "contracting", "letters", contract=row.number, ends=ends, reason=reason, id=row.id)


@app.command("plan")
def plan(ctx: typer.Context, contract: Number, reason: Reason, milestone: Milestones = None) -> None:
    """Enter the milestones of a contract that is not signed yet, all anew; it is drafted again."""
    from cli import naming
    from flows.steps import planning
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        planning.set_milestones(office, doer, row.id, _milestones(milestone) or [], reason)
    facts = {"contract": row.number, "milestones": milestone or [], "reason": reason, "id": row.id}
    done(ctx, Act.CONTRACT_PLAN, "contracting", "letters", **facts)


@app.command("terminate")
def terminate(ctx: typer.Context, contract: Number, reason: Reason) -> None:
    """End a contract before its time."""
    from cli import naming
    from flows.steps import contracting
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        contracting.terminate(office, doer, row.id, reason)
    done(ctx, Act.CONTRACT_TERMINATE, "letters", contract=row.number, reason=reason, id=row.id)


# -- tranches -------------------------------------------------------------------------------------------------------


@app.command("tranches")
def tranches(ctx: typer.Context, contract: Number) -> None:
    """Tranches with their orders, or what each still waits for."""
    from cli import naming
    from schemas.contract import Tranche
    from schemas.wording import say_held

    tongue = choices(ctx).tongue
    with acting(ctx) as (office, doer), office.looking(doer) as look:
        one = naming.contract(look, doer, contract)
        parts = look.all(Tranche, contract_id=one.id, order="number")
    rows = [
        {
            "noun": "tranche",
            "number": part.number,
            "amount_tyiyn": part.amount,
            "status": part.status,
            "order": part.order_number,
            "paid_on": part.paid_on,
            "unmet": [told["rule"] for told in part.unmet],
            "waits_for": say_held(part.unmet, tongue, number=one.number, tranche=part.number, amount_tyiyn=part.amount)
            if part.unmet
            else "",
            "lifted": part.lifted,
            "id": part.id,
        }
        for part in parts
    ]
    for row in rows:  # a star: not every condition was met, the head let one pass
        row["order_shown"] = f"{row['order'] or ''}{' *' if row['lifted'] else ''}".strip()
    columns = {
        "number": "number",
        "money": "amount_tyiyn",
        "status": "status",
        "what": "order_shown",
        "paid": "paid_on",
    }
    table(ctx, rows, {**columns, "ground": "waits_for"})


Part = Annotated[int, typer.Argument(help="Number of the tranche.")]


@app.command("lift")
def lift(
    ctx: typer.Context,
    contract: Number,
    tranche: Part,
    condition: Annotated[str, typer.Option("--condition", help="Code of the condition, as the rule pack names it.")],
    reason: Reason,
) -> None:
    """Let a condition of a tranche pass, if the rule pack allows it; the reason goes on record."""
    from cli import naming
    from flows.steps import tranches
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.tranche(look, naming.contract(look, doer, contract).id, tranche)
        tranches.lift(office, doer, row.id, condition, reason)
    facts = {"contract": contract, "tranche": tranche, "conditions": [condition], "reason": reason}
    done(ctx, Act.TRANCHE_LIFT, "contracting", "letters", **facts, id=row.id)


@app.command("pay")
def pay(
    ctx: typer.Context,
    contract: Number,
    tranche: Part,
    order: Annotated[str, typer.Option("--order", help="Number of the payment order.")],
) -> None:
    """Record that a tranche was paid by its order. Said twice, paid once."""
    from cli import naming
    from flows.steps import tranches
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.tranche(look, naming.contract(look, doer, contract).id, tranche)
        on = tranches.pay(office, doer, row.id, order)
    facts = {"contract": contract, "tranche": tranche, "amount_tyiyn": row.amount, "order": order, "on": on}
    done(ctx, Act.TRANCHE_PAY, **facts, id=row.id)


@app.command("order")
def order(ctx: typer.Context, contract: Number, tranche: Part, to: To = None) -> None:
    """Fetch the payment order of a tranche."""
    from cli import naming
    from schemas.facts import Kind

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.tranche(look, naming.contract(look, doer, contract).id, tranche)
            file = naming.paper(look, row.id, Kind.PAYMENT_ORDER, f"{contract}-T{tranche}")
        save(ctx, office, file, to)


@app.command("paper")
def paper(
    ctx: typer.Context,
    contract: Number,
    closing: Annotated[bool, typer.Option("--closing", help="The evaluation act in place of the contract.")] = False,
    to: To = None,
) -> None:
    """Fetch the contract, its last amendment, or the evaluation act."""
    from cli import naming
    from schemas.facts import Kind

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.contract(look, doer, contract)
            file = naming.paper(look, row.id, Kind.NOTICE if closing else Kind.CONTRACT, contract)
        save(ctx, office, file, to)


# -- closing --------------------------------------------------------------------------------------------------------


@app.command("evaluate")
def evaluate(ctx: typer.Context, contract: Number) -> None:
    """Evaluate the project by the pack's rule; says what is to be returned."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.contract import Contract
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        monitoring.evaluate(office, doer, row.id)
        with aim(office, doer) as look:
            row = look.get(Contract, row.id)
    facts = {"contract": row.number, "evaluation": row.evaluation, "balance_tyiyn": row.balance}
    done(ctx, Act.CONTRACT_EVALUATE, "monitoring", "letters", **facts, id=row.id)


@app.command("return-balance")
def return_balance(
    ctx: typer.Context,
    contract: Number,
    amount: Annotated[int, typer.Option("--amount", parser=tyiyn, metavar="SOM", help="Sum in som.")],
    reference: Annotated[str, typer.Option("--reference", help="The payment it came by.")],
) -> None:
    """Record that an unspent balance came back."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        monitoring.return_balance(office, doer, row.id, amount, reference)
    done(ctx, Act.BALANCE_RETURN, contract=row.number, amount_tyiyn=amount, reference=reference, id=row.id)


@app.command("close")
def close(ctx: typer.Context, contract: Number) -> None:
    """Close the project once nothing is owed; the contest ends with its last contract."""
    from cli import naming
    from flows.steps import monitoring
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contract(look, doer, contract)
        monitoring.close(office, doer, row.id)
    done(ctx, Act.CONTRACT_CLOSE, contract=row.number, id=row.id)
