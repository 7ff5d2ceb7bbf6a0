"""`ashar overview`: how contracts go, as pages with plots, as a calendar, as a workbook."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.desk import acting, answer, choices

if TYPE_CHECKING:
    from documents.words import Language

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Into = Annotated[Path, typer.Option("--to", help="Folder to write to; it is made when it is not there.")]
Keep = Annotated[bool, typer.Option("--keep", help="Put the PDF on record too, as a document of the case.")]
Of = Annotated[str, typer.Option("--contest", help="Only contracts of this contest.")]
HERE = Path()


@app.command("contract")
def contract(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="CONTRACT", help="Number of the contract.")],
    to: Into = HERE,
    keep: Keep = False,
) -> None:
    """Draw how a contract goes: HTML and PDF in the language of the line."""
    from cli import naming
    from flows.steps import seeing

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.contract(look, doer, number)
        files = seeing.contract_pages(office, doer, row.id, _tongue(ctx))
        if keep:
            seeing.keep_contract(office, doer, row.id, _tongue(ctx))
    _write(ctx, to, row.number, files)


@app.command("contest")
def contest(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="CONTEST", help="Number of the contest.")],
    to: Into = HERE,
    keep: Keep = False,
) -> None:
    """Draw how the contracts of a contest go; an applicant is shown those of his own."""
    from cli import naming
    from flows.steps import seeing

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            row = naming.contest(look, number)
        files = seeing.contest_pages(office, doer, row.id, _tongue(ctx))
        if keep:
            seeing.keep_contest(office, doer, row.id, _tongue(ctx))
    _write(ctx, to, row.number, files)


@app.command("calendar")
def calendar(ctx: typer.Context, of: Of = "", to: Into = HERE) -> None:
    """Write the days on which reports are due as an .ics file for any calendar program."""
    from cli import naming
    from flows.steps import seeing

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            home = naming.contest(look, of) if of else None
        files = seeing.calendar(office, doer, home.id if home else None, _tongue(ctx))
    _write(ctx, to, home.number if home else choices(ctx).customer, files)


@app.command("export")
def export(ctx: typer.Context, of: Of = "", to: Into = HERE) -> None:
    """Write contracts, periods, lines, indicators, tranches and visits as a workbook (xlsx)."""
    from cli import naming
    from flows.steps import seeing

    with acting(ctx) as (office, doer):
        with office.looking(doer) as look:
            home = naming.contest(look, of) if of else None
        files = seeing.export(office, doer, home.id if home else None, _tongue(ctx))
    _write(ctx, to, home.number if home else choices(ctx).customer, files)


def _tongue(ctx: typer.Context) -> "Language":
    tongue = choices(ctx).tongue
    return "ru" if tongue == "ru" else "en" if tongue == "en" else "ky"


def _write(ctx: typer.Context, to: Path, name: str, files: dict[str, bytes]) -> None:
    """Each file under the name of the thing, its language and its kind."""
    from schemas.wording import say

    tongue = choices(ctx).tongue
    plain = re.sub(r"[^\w.-]+", "-", name).strip(".-") or "overview"
    to.mkdir(parents=True, exist_ok=True)
    told = []
    for kind, content in files.items():
        target = to / f"{plain}-{_tongue(ctx)}.{kind}"
        target.write_bytes(content)
        told.append({"file": str(target), "size": len(content)})
    answer(ctx, told, text="\n".join(say("cli.saved", tongue, **one) for one in told))
