"""What every command shares: who asks, in which language, how an answer looks, and how a failure is told."""

import json as json_module
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from flows.office import Office
    from schemas.doer import Doer
    from schemas.settings import Settings

OK, UNKNOWN, USAGE = 0, 70, 64
_last: "Choices | None" = None


@dataclass
class Choices:
    """Options that hold for every command."""

    home: Path
    customer: str
    login: str
    language: str
    json: bool

    def __post_init__(self) -> None:
        global _last  # noqa: PLW0603 -- the error at the last door wants to know how to speak
        _last = self
        os.environ["ASHAR_HOME"] = str(self.home.absolute())

    def settings(self) -> "Settings":
        """Settings of this installation: its `ashar.env`, under the environment."""
        from schemas.settings import load

        return load(self.home)

    @property
    def tongue(self) -> str:
        if self.language in ("ky", "ru", "en"):
            return self.language
        return os.environ.get("ASHAR_LANGUAGE") or "ky"


def choices(ctx: typer.Context) -> Choices:
    """The options given before the command."""
    found = ctx.find_object(Choices)
    if found is None:
        raise typer.Abort
    return found


@contextmanager
def office_of(ctx: typer.Context) -> Iterator["Office"]:
    """The office of this installation; closed at the end."""
    from flows.office import Office

    office = Office(choices(ctx).settings())
    try:
        yield office
    finally:
        office.close()


def doer_of(ctx: typer.Context, office: "Office") -> "Doer":
    """The person who acts (`--customer` and `--as`). Raises NotFound; BadSetting when one of them was not given."""
    from schemas.errors import BadSetting

    at = choices(ctx)
    for name, value in (("--customer", at.customer), ("--as", at.login)):
        if not value:
            raise BadSetting(setting=name)
    return office.doer(at.customer, at.login)


def kick(ctx: typer.Context, *flows: str) -> None:
    """Let Prefect run the flows now, best effort: what was recorded waits for the next run anyway."""
    import uuid

    from services import kick as prefect
    from services.supervisor import running

    settings = choices(ctx).settings()
    now = running(settings)
    address = settings.prefect_api_url or (now.prefect_api_url if now else "")
    if address:
        for flow in flows:
            prefect.kick(address, flow, str(uuid.uuid4()))


def answer(ctx: typer.Context, value: Any, *, text: str = "") -> None:
    """One answer: JSON for machines, else the text (or the value as lines)."""
    if choices(ctx).json:
        typer.echo(json_module.dumps(value, ensure_ascii=False, indent=1, default=str))
    elif text:
        typer.echo(text)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            typer.echo(f"{name}: {one}")
    else:
        typer.echo(str(value))


def table(ctx: typer.Context, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as a table with columns in the reader's language; as JSON the rows themselves."""
    if choices(ctx).json:
        answer(ctx, list(rows))
        return
    from rich.console import Console
    from rich.table import Table

    from schemas.wording import say

    drawn = Table()
    for name in columns:
        drawn.add_column(say(f"cli.column.{name}", choices(ctx).tongue))
    for row in rows:
        drawn.add_row(*(str(row.get(name, "")) for name in columns))
    Console().print(drawn)


def failed(error: Exception) -> int:
    """Tell what went wrong, on what ground and what to do; the exit code of its family."""
    import click

    from schemas.errors import AsharError
    from schemas.wording import say_error

    machine = _last is not None and _last.json
    tongue = _last.tongue if _last is not None else os.environ.get("ASHAR_LANGUAGE") or "ky"
    if isinstance(error, AsharError):
        sentence = say_error(error, tongue)
        if machine:
            told = {"error": type(error).__name__, "facts": error.facts, "sentence": sentence}
            typer.echo(json_module.dumps(told, ensure_ascii=False, default=str), err=True)
        else:
            typer.echo(sentence, err=True)
        return error.exit_code
    if isinstance(error, click.ClickException) or hasattr(error, "format_message"):
        typer.echo(getattr(error, "format_message")(), err=True)  # noqa: B009 -- typer ships its own click
        return USAGE
    typer.echo(f"{type(error).__name__}: {error}", err=True)
    if os.environ.get("ASHAR_TRACE"):
        raise error
    return UNKNOWN


def still(message: str) -> None:
    """A line for people, never mixed into JSON."""
    print(message, file=sys.stderr)
