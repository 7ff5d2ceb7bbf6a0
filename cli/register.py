"""`ashar register`: customers, people and roles; problems; programmes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.desk import Reason, acting, aim, choices, day, doer_of, done, office_of, table, tyiyn, words

if TYPE_CHECKING:
    from uuid import UUID

    from flows.office import Office
    from schemas.doer import Doer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

ROLES = (
    *("head", "coordinator", "secretary", "finance", "lawyer", "council", "chair", "member"),
    *("applicant", "consultant", "donor", "auditor"),
)


def role_name(text: str) -> str:
    """One of the roles that a person may hold. BadParameter."""
    if text not in ROLES:
        raise typer.BadParameter(f"{text} is none of {', '.join(ROLES)}")
    return text


Title = Annotated[list[str], typer.Option("--title", help="Title, once for each language: ky=TEXT ru=TEXT en=TEXT.")]


@contextmanager
def _registrar(ctx: typer.Context) -> Iterator[tuple["Office", "Doer", "UUID"]]:
    """Whoever registers people: the person of `--as`, else the operator of this installation."""
    from flows.steps.register import OPERATOR
    from schemas.customer import Customer
    from schemas.errors import NotFound
    from schemas.wording import say
    from storage.work import looking

    at = choices(ctx)
    if not at.customer:
        raise typer.BadParameter(say("cli.who", at.tongue))
    with office_of(ctx) as office:
        doer = doer_of(ctx, office) if at.login else OPERATOR
        with looking(office.engine, office.system) as look:
            home = look.one(Customer, code=at.customer)
        if home is None:
            raise NotFound(noun="customer", id=at.customer)
        at.login = at.login or "operator"
        yield office, doer, home.id


@app.command("customer")
def customer(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help="Short code, which commands take as --customer.")],
    name: Annotated[list[str], typer.Option("--name", help="Name, once for each language: ky=TEXT ru=TEXT en=TEXT.")],
    city: Annotated[list[str], typer.Option("--city", help="City, once for each language: ky=TEXT ru=TEXT en=TEXT.")],
    zone: Annotated[str, typer.Option(help="Time zone.")] = "Asia/Bishkek",
    requisite: Annotated[
        list[str] | None, typer.Option("--requisite", help="A line of the requisites: inn=…, bank.ky=…, account=….")
    ] = None,
) -> None:
    """Register a municipality or ministry. The operator's act."""
    from flows.steps import register
    from schemas.event import Act

    at = choices(ctx)
    at.login = at.login or "operator"
    lines = "\n".join(one.replace("=", ": ", 1) for one in requisite or [])
    named, placed = words(name, "--name"), words(city, "--city")
    with office_of(ctx) as office:
        doer = doer_of(ctx, office) if at.customer and at.login != "operator" else register.OPERATOR
        identity = register.register_customer(
            office, doer, code=code, name=named, city=placed, zone=zone, requisites=lines
        )
    done(ctx, Act.CUSTOMER_REGISTER, customer=code, id=identity)


@app.command("person")
def person(
    ctx: typer.Context,
    login: Annotated[str, typer.Argument(help="Login, which commands take as --as.")],
    name: Annotated[str, typer.Option("--name", help="Name as papers show it.")],
    role: Annotated[
        list[str], typer.Option("--role", parser=role_name, metavar="ROLE", help=f"One of: {', '.join(ROLES)}.")
    ],
    email: Annotated[str, typer.Option("--email", help="Where letters go.")] = "",
    phone: Annotated[str, typer.Option("--phone", help="Telephone.")] = "",
    speaks: Annotated[Literal["ky", "ru", "en"], typer.Option("--speaks", help="Language of letters.")] = "ky",
    organisation: Annotated[str, typer.Option("--organisation", help="INN of the NCO an applicant stands for.")] = "",
) -> None:
    """Register a person with roles; said again with more roles, these are added."""
    from flows.steps import register
    from schemas.application import Organisation
    from schemas.customer import Language, Role
    from schemas.errors import NotFound
    from schemas.event import Act
    from storage.work import looking

    with _registrar(ctx) as (office, doer, tenant):
        stands_for = None
        if organisation:
            with looking(office.engine, office.system) as look:
                found = look.one(Organisation, tenant_id=tenant, inn=organisation)
            if found is None:
                raise NotFound(noun="organisation", id=organisation)
            stands_for = found.id
        roles = {Role(one): stands_for if one == "applicant" else None for one in role}
        identity = register.register_person(
            office,
            doer,
            tenant_id=tenant,
            login=login,
            name=name,
            email=email,
            phone=phone,
            language=Language(speaks),
            roles=roles,
        )
    done(ctx, Act.PERSON_REGISTER, person=login, roles=role, id=identity)


@app.command("revoke")
def revoke(
    ctx: typer.Context,
    login: Annotated[str, typer.Argument(help="Whose role ends.")],
    role: Annotated[str, typer.Argument(parser=role_name, metavar="ROLE", help="Which role.")],
    reason: Reason,
) -> None:
    """End a role; what was done under it stays."""
    from cli import naming
    from flows.steps import register
    from schemas.customer import Role
    from schemas.event import Act
    from storage.work import Actor, looking

    with _registrar(ctx) as (office, doer, tenant):
        with looking(office.engine, Actor(doer.id, Role.SYSTEM, tenant)) as look:
            identity = naming.person(look, login).id
        register.revoke_role(office, doer, identity, Role(role), reason)
    done(ctx, Act.ROLE_REVOKE, role=Role(role), person=login, reason=reason)


@app.command("people")
def people(ctx: typer.Context) -> None:
    """Who is registered at the customer, with their roles."""
    from dataclasses import replace

    from schemas.customer import Customer, Person, Role, RoleGrant
    from schemas.event import Act

    with _registrar(ctx) as (office, doer, tenant):
        act = Act.PERSON_REGISTER if Role.OPERATOR in doer.roles else Act.CASE_READ
        with office.looking(replace(doer, tenant_id=tenant), act) as look:
            look.get(Customer, tenant)  # whose people an auditor has seen is on record
            grants = look.all(RoleGrant, active=True)
            known = look.all(Person, order="login")
    rows = [
        {
            "login": one.login,
            "name": one.name,
            "roles": [grant.role for grant in grants if grant.person_id == one.id],
            "email": one.email,
            "language": one.language,
            "id": one.id,
        }
        for one in known
    ]
    table(ctx, rows, {"login": "login", "who": "name", "role": "roles"})


# -- problems -------------------------------------------------------------------------------------------------------


@app.command("propose")
def propose(
    ctx: typer.Context,
    title: Title,
    description: Annotated[list[str], typer.Option("--description", help="What it is about: ky=TEXT ru=TEXT en=TEXT.")],
    by: Annotated[str, typer.Option("--by", help="Who proposes it: residents, an NCO, the customer.")],
    numbers: Annotated[str, typer.Option("--numbers", help="Figures of the needs study.")] = "",
) -> None:
    """Put a priority problem into the register."""
    from flows.steps import register
    from schemas.event import Act

    named, told = words(title, "--title"), words(description, "--description")
    with acting(ctx) as (office, doer):
        identity = register.propose_problem(
            office, doer, title=named, description=told, numbers=numbers, proposed_by=by
        )
    done(ctx, Act.PROBLEM_PROPOSE, title=named, id=identity)


Problem = Annotated[str, typer.Argument(help="Place of the problem, a part of its title, or its identity.")]


@app.command("prioritise")
def prioritise(
    ctx: typer.Context,
    problem: Problem,
    place: Annotated[int, typer.Argument(help="Its place; 1 is first.", min=1)],
    reason: Reason,
) -> None:
    """Give a problem its place among the priorities."""
    from cli import naming
    from flows.steps import register
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.problem(look, problem)
        register.prioritise(office, doer, row.id, place, reason)
    done(ctx, Act.PROBLEM_PRIORITISE, priority=place, title=row.title, id=row.id)


@app.command("shelve")
def shelve(ctx: typer.Context, problem: Problem, reason: Reason) -> None:
    """Leave a problem without money this time; it stays in the register."""
    from cli import naming
    from flows.steps import register
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.problem(look, problem)
        register.shelve(office, doer, row.id, reason)
    done(ctx, Act.PROBLEM_SHELVE, reason=reason, title=row.title, id=row.id)


@app.command("problems")
def problems(ctx: typer.Context) -> None:
    """The register of problems, the first priority first."""
    from schemas.programme import Problem as Row

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        known = sorted(look.all(Row), key=lambda one: (one.priority is None, one.priority, one.title["ky"]))
    rows = [
        {
            "noun": "problem",
            "priority": one.priority,
            "title": one.title,
            "status": one.status,
            "numbers": one.numbers,
            "proposed_by": one.proposed_by,
            "id": one.id,
        }
        for one in known
    ]
    table(ctx, rows, {"number": "priority", "title": "title", "who": "proposed_by", "status": "status"})


# -- programmes -----------------------------------------------------------------------------------------------------


@app.command("draft")
def draft(
    ctx: typer.Context,
    problem: Problem,
    title: Title,
    line: Annotated[str, typer.Option("--line", help="Line of the local budget.")],
    amount: Annotated[int, typer.Option("--amount", parser=tyiyn, metavar="SOM", help="Sum in som.")],
    starts: Annotated[date, typer.Option("--from", parser=day, metavar="YYYY-MM-DD", help="First day.")],
    ends: Annotated[date, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="Last day.")],
) -> None:
    """Draft the programme of a problem with its budget line."""
    from cli import naming
    from flows.steps import register
    from schemas.event import Act

    named = words(title, "--title")
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.problem(look, problem)
        identity = register.draft_programme(
            office, doer, row.id, title=named, budget_line=line, amount=amount, starts=starts, ends=ends
        )
    done(ctx, Act.PROGRAMME_DRAFT, title=named, amount_tyiyn=amount, line=line, id=identity)


@app.command("approve")
def approve(
    ctx: typer.Context,
    programme: Annotated[str, typer.Argument(help="Budget line of the programme, or a part of its title.")],
    decision: Annotated[str, typer.Option("--decision", help="The council's decision: number and day.")],
) -> None:
    """Approve a programme by the council's decision; its problem is funded."""
    from cli import naming
    from flows.steps import register
    from schemas.event import Act

    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.programme(look, programme)
        register.approve_programme(office, doer, row.id, decision)
    done(ctx, Act.PROGRAMME_APPROVE, decision=decision, title=row.title, id=row.id)


@app.command("programmes")
def programmes(ctx: typer.Context) -> None:
    """Programmes and their budget lines."""
    from schemas.programme import Programme

    with acting(ctx) as (office, doer), office.looking(doer) as look:
        known = look.all(Programme, order="starts budget_line")
    rows = [
        {
            "noun": "programme",
            "line": one.budget_line,
            "title": one.title,
            "amount_tyiyn": one.amount,
            "starts": one.starts,
            "ends": one.ends,
            "approved_by": one.approved_by,
            "status": one.status,
            "id": one.id,
        }
        for one in known
    ]
    columns = {"number": "line", "title": "title", "money": "amount_tyiyn", "until": "ends", "status": "status"}
    table(ctx, rows, columns)
