"""The command's front door: options for all, one group per stage, and errors as sentences.

Nothing heavy is imported here or at the top of a command's file: `ashar --help` answers in well under half a second.
"""

import os
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from cli import (
    audit,
    check,
    checkpoint,
    committee,
    contest,
    contract,
    database,
    hold,
    intake,
    notary,
    overview,
    register,
    report,
    retention,
    retrieval,
    services,
    tray,
    visit,
    witness,
)
from cli.demo import command as demo
from cli.desk import Choices, OfTheMachine, begin, failed

os.environ.setdefault("TYPER_USE_RICH", "0")

app = typer.Typer(
    name="ashar",
    help="Runs a municipality's state social orders: from a priority problem to a closed project.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("up", cls=OfTheMachine)(services.up)
app.command("down", cls=OfTheMachine)(services.down)
app.command("status", cls=OfTheMachine)(services.status)
app.add_typer(register.app, name="register", help="Customers, people and roles; problems and programmes.")
app.add_typer(contest.app, name="contest", help="Contests: from the file to the published result, appeals.")
app.add_typer(intake.app, name="intake", help="Packages: hand in, cure, withdraw; what is to be seen of them.")
app.add_typer(check.app, name="check", help="Completeness and eligibility: close, findings, override.")
app.add_typer(committee.app, name="committee", help="Conflicts, routing, score sheets, sittings, votes, minutes.")
app.add_typer(contract.app, name="contract", help="Contracts, tranches, closing.")
app.add_typer(report.app, name="report", help="Reporting periods and reports.")
app.add_typer(visit.app, name="visit", help="Site visits, and what they ask to be mended.")
app.add_typer(overview.app, name="overview", help="How contracts go: pages with plots, calendar, workbook.")
app.add_typer(tray.app, name="tray", help="Reports that came by mail, folder or bucket; what waits for a person.")
audit.app.command("find")(retrieval.find)
audit.app.command("diff")(retrieval.diff)
audit.app.command("as-of")(retrieval.as_of)
audit.app.command("timeline")(retrieval.timeline)
audit.app.command("table")(retrieval.take)
app.add_typer(audit.app, name="audit", help="The audit trail: show, verify, dossier, certificate, seal.")
audit.app.command("redact")(retention.redact)
app.add_typer(hold.app, name="hold", help="Legal holds: place, lift, list; nothing overrides them.")
app.add_typer(retention.app, name="retention", help="What is kept for how long, what is due, and its disposal.")
audit.app.registered_commands += checkpoint.app.registered_commands
app.add_typer(witness.app, name="witness", help="A witness of other people's logs: key, serve, cosign, prove.")
app.add_typer(database.app, name="db", help="The database: its shape, and the errands that wait.")
app.add_typer(notary.app, name="notary", help="The process that signs the log; its keys; recovery of a lost database.")
app.add_typer(demo.app, name="demo", help="Three cities from their problems to closed projects.")
for _group in (database.app, notary.app, demo.app):
    for _one in _group.registered_commands:
        _one.cls = OfTheMachine


@app.callback()
def root(
    ctx: typer.Context,
    home: Annotated[Path, typer.Option(envvar="ASHAR_HOME", help="Folder of this installation.")] = Path(".ashar"),
    customer: Annotated[
        str, typer.Option("--customer", "-c", envvar="ASHAR_CUSTOMER", help="Code of the customer.")
    ] = "",
    login: Annotated[str, typer.Option("--as", envvar="ASHAR_AS", help="Login of the person who acts.")] = "",
    language: Annotated[str, typer.Option("--language", "-l", envvar="ASHAR_LANGUAGE", help="ky, ru or en.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")] = False,
) -> None:
    """Options that hold for every command."""
    ctx.obj = Choices(home=home, customer=customer, login=login, language=language, json=json)


TAKING = ("--home", "--customer", "--as", "--language")
"""Options for all that take a value; with `--json` they may stand anywhere on the line."""


def first(words: Sequence[str]) -> list[str]:
    """The words of a line with the options for all moved before the command; after `--` nothing is moved."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word == "--json" or word.startswith(tuple(f"{name}=" for name in TAKING)):
            front.append(word)
        elif word in TAKING:
            front += [word, *islice(left, 1)]
        else:
            rest.append(word)
    return front + rest


def run(words: Sequence[str]) -> int:
    """Run one line; every failure is a sentence and an exit code by error family (docs/cli.md)."""
    begin()
    try:
        code = app(first(words), prog_name="ashar", standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # noqa: BLE001 -- the last door: what is not known by name is told as such
        return failed(error, machine="--json" in words)
    return code if isinstance(code, int) else 0


def main() -> None:
    """The command `ashar`."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
