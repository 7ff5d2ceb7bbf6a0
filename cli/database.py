"""`ashar db`: the database's shape, and the errands that wait in it."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.desk import answer, choices, office_of, table

if TYPE_CHECKING:
    from flows.office import Office
    from flows.steps.errands import Tally

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

ROUNDS = 50  # an act of the clock may leave new errands; no journey goes round so often without a person


@app.command("upgrade")
def upgrade(ctx: typer.Context) -> None:
    """Bring the database to the shape that this version expects."""
    from schemas.wording import say
    from storage import migrate

    at = choices(ctx)
    settings = at.settings()
    migrate.upgrade(settings.database)
    revision = migrate.current(settings.database)
    answer(ctx, {"revision": revision}, text=say("cli.db.state", at.tongue, revision=revision, newest=revision))


@app.command("state")
def state(ctx: typer.Context) -> None:
    """The shape of the database; exit code 69 when it is not the one that this version expects."""
    from schemas.wording import say
    from storage import migrate

    at = choices(ctx)
    settings = at.settings()
    found, newest = migrate.current(settings.database), migrate.newest()
    told = {"revision": found, "newest": newest, "current": found == newest}
    answer(ctx, told, text=say("cli.db.state", at.tongue, revision=found or "—", newest=newest))
    if found != newest:
        raise typer.Exit(69)


@app.command("verify")
def verify(
    ctx: typer.Context,
    sample: Annotated[int, typer.Option(help="Hash so many files again, chosen by chance; 0: all of them.")] = 0,
) -> None:
    """Every stored file hashed again, after a restore or by habit; exit code 69 when one is missing, altered or swapped."""
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        wrong = office.blobs.verify(sample or None)
    told = "\n".join([*wrong, say("cli.db.verified", at.tongue, count=len(wrong))])
    answer(ctx, {"wrong": wrong}, text=told)
    if wrong:
        raise typer.Exit(69)


@app.command("index")
def index(ctx: typer.Context) -> None:
    """Make the index of events by time, person, act and rule anew, where `audit verify` says that it is wrong; as the tables' owner."""
    from schemas.errors import BadSetting
    from schemas.wording import say
    from storage import eventindex, grants
    from storage.engine import connect, writing

    at = choices(ctx)
    engine = connect(at.settings().database)
    with writing(engine) as session:
        if not grants.may_reindex(session):
            raise BadSetting(setting="ASHAR_DATABASE_URL")
        events = eventindex.rebuild(session)
    engine.dispose()
    answer(ctx, {"events": events}, text=say("cli.db.indexed", at.tongue, events=events))


@app.command("grant")
def grant(
    ctx: typer.Context,
    role: Annotated[str, typer.Argument(help="The role that Ashar works under; it owns nothing.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, help="Its password; asked for when not given.")
    ],
    erases: Annotated[
        bool, typer.Option("--erases", help="The role of redaction and disposal: it may delete personal values.")
    ] = False,
    notary: Annotated[
        bool, typer.Option("--notary", help="The notary's role: it gives events their place, no more.")
    ] = False,
) -> None:
    """On PostgreSQL, as the owner: a role that can add to the trail and never change it. Again after each upgrade."""
    from schemas.errors import BadSetting
    from schemas.wording import say
    from storage import grants

    at = choices(ctx)
    database = at.settings().database
    if not database.startswith("postgresql"):
        raise BadSetting(setting="ASHAR_DATABASE_URL")
    grants.grant(database, role, password, notary=notary, erases=erases)
    answer(ctx, {"role": role}, text=say("cli.db.granted", at.tongue, role=role))


@app.command("errands")
def errands(ctx: typer.Context) -> None:
    """Errands that wait, are held, or need a person; ids only."""
    from schemas.outbox import Job, JobState
    from storage.work import looking

    with office_of(ctx) as office, looking(office.engine, office.system) as look:
        known = look.all(Job, state=[one for one in JobState if one is not JobState.DONE], order="created_at id")
    rows = [
        {
            "errand": one.errand,
            "state": one.state,
            "attempts": one.attempts,
            "trouble": one.trouble,
            "subject": one.subject_id,
            "not_before": one.not_before,
            "id": one.id,
        }
        for one in known
    ]
    table(ctx, rows, {"number": "id", "what": "errand", "status": "state", "total": "attempts", "ground": "trouble"})


@app.command("again")
def again(ctx: typer.Context, errand: Annotated[str, typer.Argument(help="Its identity, or the first signs.")]) -> None:
    """Send an errand that needs a person on its way once more."""
    from schemas.errors import NotFound
    from schemas.outbox import Job, JobState
    from schemas.wording import say
    from storage import outbox
    from storage.work import looking

    at = choices(ctx)
    with office_of(ctx) as office:
        with looking(office.engine, office.system) as look:
            stuck = [one for one in look.all(Job, state=JobState.FOR_A_PERSON) if str(one.id).startswith(errand)]
        if len(stuck) != 1:
            raise NotFound(noun="job", id=errand)
        outbox.again(office.engine, stuck[0].id, now=office.machine_now())
    told = {"errand": stuck[0].errand, "id": stuck[0].id}
    answer(ctx, told, text=say("cli.db.again", at.tongue, errand=stuck[0].errand))


@app.command("reconcile")
def reconcile(
    ctx: typer.Context,
    sweep: Annotated[bool, typer.Option("--sweep/--dry-run", help="Whether orphaned bytes are deleted.")] = False,
    agenda: Annotated[
        bool, typer.Option("--agenda", help="Reckon anew when each reminder is due; put wrong days right.")
    ] = False,
) -> None:
    """Give back what a lost worker held, hand over what got stuck, count orphaned bytes."""
    from flows.steps import housekeeping, monitoring
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        kept = housekeeping.keep_house(office, dry_run=not sweep)
        reckoned = monitoring.check_agenda(office) if agenda else None
    told = {"returned": kept.returned, "orphans": kept.swept, "handed_over": kept.handed_over, "swept": sweep}
    wrong = {} if reckoned is None else {"wrong_days": reckoned.mended, "troubles": reckoned.troubles}
    lines = [say("cli.db.reconciled", at.tongue, **told)]
    lines += [say("cli.db.agenda", at.tongue, count=reckoned.mended)] if reckoned else []
    lines += [f"{contract}  {why}" for contract, why in (reckoned.troubles if reckoned else [])]
    answer(ctx, {**told, **wrong}, text="\n".join(lines))


@app.command("move")
def move(ctx: typer.Context) -> None:
    """Do all that the flows would do now, without Prefect: sweeps of the clock and every waiting errand."""
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        tally, clock = everything(office)
    told = {
        "done": tally.done,
        "put_back": tally.put_back,
        "for_a_person": tally.for_a_person,
        **clock,
        "troubles": [{"errand": errand, "id": subject, "trouble": why} for errand, subject, why in tally.troubles],
    }
    lines = [say("cli.db.moved", at.tongue, **told)]
    lines += [f"{errand}  {subject}  {why}" for errand, subject, why in tally.troubles]
    answer(ctx, told, text="\n".join(lines))


def everything(office: "Office") -> tuple["Tally", dict[str, int]]:
    """Rounds of sweeps and errands until nothing moves any more."""
    from flows.steps import errands as steps

    total = steps.Tally()
    clock: dict[str, int] = {}
    for _ in range(ROUNDS):
        swept = _sweep(office)
        for name, count in swept.items():
            clock[name] = clock.get(name, 0) + count
        tally = steps.drain(office, list(steps.HANDLERS))
        total += tally
        if not tally.done and not any(swept.values()):
            break
    return total, clock


def _sweep(office: "Office") -> dict[str, int]:
    from flows.steps import completeness, monitoring, tray
    from schemas.doer import CLOCK

    due, overdue = completeness.contests_due(office), completeness.overdue_cures(office)
    for contest in due:
        completeness.close(office, CLOCK, contest)
    for case in overdue:
        completeness.refuse_uncured(office, case)
    tray.chase(office)
    ladder = monitoring.sweep(office)
    told = {"contests_closed": len(due), "not_cured_in_time": len(overdue)}
    return {**told, "opened": ladder.opened, "reminded": ladder.reminded}
