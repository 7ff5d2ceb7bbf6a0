"""What every command shares: who asks, in which language, how an answer looks, and how a failure is told."""

import json as json_module
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from flows.office import Office
    from schemas.document import Document
    from schemas.doer import Doer
    from schemas.settings import Settings
    from storage.work import Look

OK, UNKNOWN, USAGE = 0, 70, 64
T = TypeVar("T")
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


def begin() -> None:
    """A new line: nothing of an earlier one is known."""
    global _last  # noqa: PLW0603 -- see Choices
    _last = None


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
    """The person who acts (`--customer` and `--as`). Raises NotFound; BadParameter when one of them was not given."""
    at = choices(ctx)
    if not at.customer or not at.login:
        from schemas.wording import say

        raise typer.BadParameter(say("cli.who", at.tongue))
    return office.doer(at.customer, at.login)


class OfTheMachine(TyperCommand):
    """A command of whoever sits at the machine. Under a person's name (`--as`) it is done for an operator alone."""

    def invoke(self, ctx: Any) -> Any:
        """Do it. Raises NotOperator, before anything is read or made."""
        found = ctx.find_object(Choices)
        if found is not None and found.login and not _operates(found):
            from schemas.errors import NotOperator

            raise NotOperator(login=found.login)
        return super().invoke(ctx)


def _operates(at: Choices) -> bool:
    """Whether the person of `--as` holds the operator's role. Asking changes no database's shape."""
    from flows.office import Office
    from schemas.customer import Role
    from schemas.errors import AsharError
    from storage import migrate

    settings = at.settings()
    office = Office(settings)
    try:
        return (
            migrate.current(settings.database) == migrate.newest()
            and Role.OPERATOR in office.doer(at.customer, at.login).roles
        )
    except AsharError:  # nobody of that name, or a database that cannot be asked
        return False
    finally:
        office.close()


@contextmanager
def acting(ctx: typer.Context) -> Iterator[tuple["Office", "Doer"]]:
    """The office and the person who acts in it."""
    with office_of(ctx) as office:
        yield office, doer_of(ctx, office)


@contextmanager
def aim(office: "Office", doer: "Doer") -> Iterator["Look"]:
    """Finding the thing that an act is about, at the doer's own customer; whether he may do it, the step says."""
    from schemas.customer import Role
    from storage.work import Actor, looking

    role = next((one for one in Role if one in doer.roles), Role.PUBLIC)
    with looking(office.engine, Actor(doer.id, role, doer.tenant_id)) as look:
        yield look


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


def told(value: Any) -> str:
    """The value as JSON: enums by their word, days and instants in ISO form, identities as text."""
    return json_module.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)


def answer(ctx: typer.Context, value: Any, *, text: str = "") -> None:
    """One answer: JSON for machines, else the text (or the value as lines)."""
    if choices(ctx).json:
        typer.echo(told(value))
    elif text:
        typer.echo(text)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            typer.echo(f"{name}: {worded(name, one, choices(ctx).tongue, value)}")
    else:
        typer.echo(str(value))


def done(ctx: typer.Context, act: str, *flows: str, **facts: Any) -> None:
    """An act is on record: told in the words of the timeline; then the flows are kicked that follow it."""
    from schemas.wording import say_act

    at = choices(ctx)
    answer(ctx, {"act": act, "actor": at.login, **facts}, text=say_act(act, at.tongue, actor=at.login, **facts))
    kick(ctx, *flows)


def worded(key: str, value: Any, tongue: str, row: Mapping[str, Any]) -> str:
    """A machine's value as a person reads it: sums by `…_tyiyn`, scores in points, codes in words, days in full."""
    from schemas.wording import say

    if value is None or value == "":
        return "—"
    if key.endswith("_tyiyn"):
        return say("form.sum", tongue, sum_tyiyn=value)
    if key in ("score", "total"):
        return say("form.score", tongue, score=value)
    if key == "size":
        return say("form.bytes", tongue, size=value)
    return say("form.fact", tongue, fact=value, noun=row.get("noun", ""), zone=row.get("zone", ""))


def table(ctx: typer.Context, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str] | Sequence[str]) -> None:
    """Rows as a table: each column (a catalog word) shows one key of a row; as JSON the rows with all their keys."""
    at = choices(ctx)
    if at.json:
        answer(ctx, list(rows))
        return
    from rich.console import Console
    from rich.table import Table

    from schemas.wording import say

    keys = columns if isinstance(columns, Mapping) else {name: name for name in columns}
    drawn = Table()
    for name in keys:
        drawn.add_column(say(f"cli.column.{name}", at.tongue), overflow="fold")
    for row in rows:
        drawn.add_row(*(worded(key, row.get(key, ""), at.tongue, row) for key in keys.values()))
    Console().print(drawn, markup=False)


def save(ctx: typer.Context, office: "Office", document: "Document", to: Path | None) -> None:
    """The bytes of a document into a file (its own name in this folder when none is given), read against its hash.

    Who took a file of a case is on record. Raises Withheld for what holds malware, or could not be checked for it.
    """
    from flows.steps import readings
    from schemas.errors import Withheld
    from schemas.facts import Fault
    from schemas.wording import say

    assert document.blob_id is not None
    if {Fault.INFECTED, Fault.UNSCANNED} & set(document.seen().faults):
        raise Withheld(name=document.name)
    target = Path(Path(document.name).name) if to is None else to / Path(document.name).name if to.is_dir() else to
    content = office.blobs.read(document.blob_id, office.settings.file_limit, document.sha256)
    readings.taken(office, doer_of(ctx, office), document)
    target.write_bytes(content)
    facts = {"file": str(target), "sha256": document.sha256, "size": document.size, "kind": document.kind}
    answer(ctx, facts, text=say("cli.saved", choices(ctx).tongue, file=str(target), size=document.size))


# -- what people write on the line -----------------------------------------------------------------------------------


def words(given: Sequence[str], option: str) -> dict[str, str]:
    """Texts as `ky=…`, one for each language. BadParameter when one of the three is not there."""
    found = dict(one.split("=", 1) for one in given if "=" in one)
    lacking = [one for one in ("ky", "ru", "en") if not found.get(one)]
    if lacking or len(found) != len(given):
        raise typer.BadParameter(f"{option} is needed in ky, ru and en, each as {option} ky=TEXT")
    return found


def tyiyn(text: str) -> int:
    """A sum in som as people write it, in tyiyn. BadParameter."""
    whole, _, rest = text.replace(" ", "").replace("\u00a0", "").replace(",", ".").partition(".")
    if not whole.isdecimal() or len(rest) > 2 or (rest and not rest.isdecimal()):
        raise typer.BadParameter(f"{text} is not a sum in som")
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def day(text: str) -> date:
    """A day as YYYY-MM-DD. BadParameter."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text} is not a day (YYYY-MM-DD)") from wrong


def named(given: Sequence[str] | None, option: str, parse: Callable[[str], T]) -> dict[str, T]:
    """Values as `NAME=VALUE`, the value after the last sign of equality. BadParameter."""
    found: dict[str, T] = {}
    for one in given or ():
        name, sign, value = one.rpartition("=")
        if not sign or not name.strip():
            raise typer.BadParameter(f"{option} is written as {option} NAME=VALUE")
        found[name.strip()] = parse(value.strip())
    return found


def count(text: str) -> int:
    """A whole number. BadParameter."""
    if not text.isdecimal():
        raise typer.BadParameter(f"{text} is not a whole number")
    return int(text)


def moment(text: str) -> datetime:
    """A time as YYYY-MM-DDTHH:MM, without a zone when it is meant in the contest's own. BadParameter."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text} is not a time (YYYY-MM-DDTHH:MM)") from wrong


Day = Annotated[date, typer.Option(parser=day, metavar="YYYY-MM-DD")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why, in words; it goes on record.")]
To = Annotated[Path | None, typer.Option("--to", help="File or folder to write to; else this folder.")]


def failed(error: Exception, *, machine: bool = False) -> int:
    """Tell what went wrong, on what ground and what to do; the exit code of its family."""
    from schemas.errors import AsharError
    from schemas.wording import say_error

    tongue = _last.tongue if _last is not None else os.environ.get("ASHAR_LANGUAGE") or "ky"
    kind, code, facts = type(error).__name__, UNKNOWN, {}
    if isinstance(error, AsharError):
        sentence, code, facts = say_error(error, tongue), error.exit_code, error.facts
    elif (explain := getattr(error, "format_message", None)) is not None:  # a word on the line was not understood
        sentence, code = explain(), USAGE
    else:
        sentence = f"{kind}: {error}"
    typer.echo(
        told({"error": kind, "facts": facts, "sentence": sentence, "exit": code}) if machine else sentence, err=True
    )
    if code == UNKNOWN and os.environ.get("ASHAR_TRACE"):
        raise error
    return code


def still(message: str) -> None:
    """A line for people, never mixed into JSON."""
    print(message, file=sys.stderr)
