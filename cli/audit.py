"""`ashar audit`: the trail as a timeline, verified, as a dossier with its proofs, sealed into the signed log."""

from pathlib import Path
from typing import Annotated

import typer

from cli import replay
from cli.desk import acting, aim, answer, choices, office_of

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Case = Annotated[str, typer.Argument(help="The case as CONTEST/NUMBER, or a contest by its number.")]


@app.command("show")
def show(ctx: typer.Context, case: Case) -> None:
    """Everything that happened to a case: who, when, on what ground. Verified while it is read, and the reading recorded."""
    from cli import naming
    from flows.steps import audit, committee
    from schemas.application import ApplicationStatus
    from schemas.commission import Member
    from schemas.contest import Contest

    at = choices(ctx)
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            stream, home = naming.stream(look, doer, case)
            row = naming.case_of(look, stream)
            zone = look.get(Contest, home).zone
            seated = look.one(Member, contest_id=home, person_id=doer.id, active=True) is not None
        if row is not None and seated and row.status is ApplicationStatus.IN_REVIEW:
            committee.sheets_for(office, doer, row.id)  # the timeline tells of others' sheets: one's own comes first
        lines = audit.timeline(office, doer, stream, at.tongue)
    told = [
        {
            "seq": one.seq,
            "at": one.at,
            "act": one.entry.act,
            "who": one.who,
            "what": one.what,
            "ground": one.ground,
            "rule": one.entry.rule,
            "pack": one.entry.pack,
            "hash": one.entry.hash,
        }
        for one in lines
    ]
    answer(ctx, told, text=audit.as_text(lines, zone))


@app.command("verify")
def verify(
    ctx: typer.Context,
    jobs: Annotated[int, typer.Option(help="Processes that read at once.")] = 1,
) -> None:
    """Read every chain from its first event to its head, the log, what of it is in the store, and every row against its events; says what does not fit."""
    from flows.steps import retrieval, sealing, watching
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        streams, events = sealing.verify_all(office, jobs=jobs)
        retrieval.apart(office)
        lost = watching.lost(office)
        misindexed = watching.misindexed(office)
        waiting = sum(one.events for one in watching.held_back(office))
        early = list(watching.backdated(office))
    lines = [say("cli.verified", at.tongue, streams=streams, events=events)]
    if lost:
        lines.append(say("cli.lost", at.tongue, events=lost))
    if misindexed:
        lines.append(say("cli.misindexed", at.tongue, events=misindexed))
    if waiting:
        lines.append(say("cli.held_back", at.tongue, events=waiting))
    lines += [
        say("cli.backdated", at.tongue, stream=one.stream, seq=one.seq, at=one.at, head=one.head) for one in early
    ]
    told = {"whole": True, "streams": streams, "events": events, "lost": lost, "held_back": waiting}
    told["misindexed"] = misindexed
    told["backdated"] = [{"stream": one.stream, "seq": one.seq, "at": one.at, "head": one.head} for one in early]
    answer(ctx, told, text="\n".join(lines))


@app.command("dossier")
def dossier(
    ctx: typer.Context,
    case: Case,
    to: Annotated[Path | None, typer.Option("--to", help="The zip to write; else named after the case.")] = None,
) -> None:
    """Write the dossier of a case or contest: events, proofs, files, timelines, and two verifiers for any stranger."""
    from cli import naming
    from flows.steps import dossier as steps
    from schemas.wording import say

    at = choices(ctx)
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            stream, _ = naming.stream(look, doer, case)
            row = naming.case_of(look, stream)
            if row is not None:
                naming.unsealed(look, doer, row)
        made = steps.dossier(office, doer, stream, to or Path(f"{case.replace('/', '-')}.zip"))
    size = made.path.stat().st_size
    text = say("cli.dossier", at.tongue, file=str(made.path), size=size, events=made.events, checkpoint=made.size)
    told = {"file": str(made.path), "size": size, "case": case, "id": stream, "events": made.events}
    answer(ctx, {**told, "checkpoint": made.size, "withheld": made.withheld}, text=text)


@app.command("certificate")
def certificate(
    ctx: typer.Context,
    contest: Annotated[str, typer.Argument(help="The contest by its number.")],
    to: Annotated[Path | None, typer.Option("--to", help="The zip to write; else named after the contest.")] = None,
) -> None:
    """Write the closing certificate of a contest: these were all the applications, and nothing of what was inside."""
    from cli import naming
    from flows.steps import dossier as steps
    from schemas.wording import say

    at = choices(ctx)
    with acting(ctx) as (office, doer):
        with aim(office, doer) as look:
            row = naming.contest(look, contest)
        made = steps.certificate(office, doer, row.id, to or Path(f"{contest.replace('/', '-')}-closing.zip"))
    size = made.path.stat().st_size
    text = say("cli.dossier", at.tongue, file=str(made.path), size=size, events=made.events, checkpoint=made.size)
    told = {"file": str(made.path), "size": size, "contest": contest, "events": made.events}
    answer(ctx, {**told, "checkpoint": made.size, "withheld": made.withheld}, text=text)


@app.command("seal")
def seal(ctx: typer.Context) -> None:
    """Put new events into the log and sign its new head. Comes by itself when flows run."""
    from flows.steps import sealing
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        checkpoint = sealing.seal(office)
    if checkpoint is None:
        answer(ctx, {"sealed": False}, text=say("cli.nothing_new", at.tongue))
        return
    told = {"sealed": True, "size": checkpoint.size, "root": checkpoint.root, "note": checkpoint.note}
    answer(ctx, told, text=checkpoint.note)


@app.command("policy")
def policy(ctx: typer.Context) -> None:
    """The log's name and the keys that sign it, as verifiers read them: publish the newest line outside of this system."""
    from flows.steps import logkey

    with office_of(ctx) as office:
        known = logkey.policy_of(office)
        note = logkey.policy_text(office)
    keys = [
        {"key": one.key, "first": one.first, "last": one.last, "since": one.since, "lost": one.lost}
        for one in known.keys
    ]
    answer(ctx, {"origin": known.origin, "keys": keys, "note": note}, text=note)


app.command("replay")(replay.replay)
