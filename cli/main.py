"""The command's front door: options for all, one group per stage, and errors as sentences.

Nothing heavy is imported here or at the top of a command's file: `ashar --help` answers in well under half a second.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import audit, check, committee, contest, contract, database, intake, register, report, services
from cli.demo import command as demo
from cli.desk import Choices, failed

os.environ.setdefault("TYPER_USE_RICH", "0")

app = typer.Typer(
    name="ashar",
    help="Runs a municipality's state social orders: from a priority problem to a closed project.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("up")(services.up)
app.command("down")(services.down)
app.command("status")(services.status)
app.add_typer(register.app, name="register", help="Customers, people and roles; problems and programmes.")
app.add_typer(contest.app, name="contest", help="Contests: draft, commission, announce, publish, appeals.")
app.add_typer(intake.app, name="intake", help="Packages: hand in, cure, withdraw, receipts.")
app.add_typer(check.app, name="check", help="Completeness and eligibility: findings, override, close.")
app.add_typer(committee.app, name="committee", help="Conflicts, routing, score sheets, sittings, votes, minutes.")
app.add_typer(contract.app, name="contract", help="Contracts, tranches, closing.")
app.add_typer(report.app, name="report", help="Reporting periods, reports, visits.")
app.add_typer(audit.app, name="audit", help="The audit trail: show, verify, export, seal.")
app.add_typer(database.app, name="db", help="The database: upgrade, state, backup, errands.")
app.add_typer(demo.app, name="demo", help="Three cities from their problems to closed projects.")


@app.callback()
def root(
    ctx: typer.Context,
    home: Annotated[Path, typer.Option(envvar="ASHAR_HOME", help="Folder of this installation.")] = Path(".ashar"),
    customer: Annotated[str, typer.Option("--customer", "-c", envvar="ASHAR_CUSTOMER", help="Code of the customer.")] = "",
    login: Annotated[str, typer.Option("--as", envvar="ASHAR_AS", help="Login of the person who acts.")] = "",
    language: Annotated[str, typer.Option("--language", "-l", envvar="ASHAR_LANGUAGE", help="ky, ru or en.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")] = False,
) -> None:
    """Options that hold for every command."""
    ctx.obj = Choices(home=home, customer=customer, login=login, language=language, json=json)


def main() -> None:
    """Run the command; every failure is a sentence and an exit code by error family."""
    try:
        app(standalone_mode=False)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 -- the last door: what is not known by name is told as such
        sys.exit(failed(error))


if __name__ == "__main__":
    main()
