"""`ashar notary`: the process that signs the log, its key, and a log that is longer than the database."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.desk import answer, choices, office_of

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.errors import AsharError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("run")
def run(ctx: typer.Context) -> None:
    """Seal whatever happens, a second later, until told to stop, and have it cosigned. `ashar up` starts it."""
    import signal
    from threading import Event, Thread

    from flows.steps import witnessing
    from flows.steps.notary import Notary

    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    with office_of(ctx) as office:
        asking = Thread(target=witnessing.keep_asking, args=(office, stopped), daemon=True)
        asking.start()
        Notary(office, _Ledge(office.home / "run" / "notary").tell).keep(stopped)
        asking.join(witnessing.SECONDS)


class _Ledge:
    """The file by which `ashar up` sees how the notary does: its pid, and the name of what troubles it."""

    def __init__(self, path: "Path") -> None:
        self._path = path
        self._last: str | None = None

    def tell(self, trouble: "AsharError | None") -> None:
        import os

        from schemas.wording import say_error

        name = type(trouble).__name__ if trouble else ""
        if trouble is not None and name != self._last:
            typer.echo(say_error(trouble, "en"), err=True)
        if name != self._last or not self._path.exists():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.write_text(f"{os.getpid()}\n{name}\n")
            self._last = name
        else:
            os.utime(self._path)


@app.command("rotate")
def rotate(
    ctx: typer.Context,
    lost: Annotated[
        bool,
        typer.Option("--lost", help="The old key is gone or stolen and signs no longer; tell everybody the new one."),
    ] = False,
) -> None:
    """Let a new key sign from now on: the old one says so in its last checkpoint, and the policy names both."""
    from flows.steps import rotating
    from schemas.wording import say

    at = choices(ctx)
    with office_of(ctx) as office:
        known = rotating.rotate(office, lost=lost)
    first = known.keys[-1].first
    text = say("cli.notary.rotated", at.tongue, key=known.newest, size=first)
    answer(ctx, {"key": known.newest, "first": first}, text=text)


@app.command("recover")
def recover(ctx: typer.Context) -> None:
    """After an older database was restored: read back from the store which events it lacks; says whose bodies are lost."""
    from flows.steps import rotating
    from schemas.wording import say
    from services.notary import put_right

    at = choices(ctx)
    with office_of(ctx) as office:
        done = rotating.recover(office)
        put_right(office.home)
    lost = [{"position": one.position, "stream": one.stream, "seq": one.seq} for one in done.lost]
    lines = [say("cli.notary.recovered", at.tongue, leaves=done.leaves, lost=len(lost))]
    lines += [f"{one.position:>9}  {one.stream or '—'}  {one.seq}" for one in done.lost]
    answer(ctx, {"leaves": done.leaves, "lost": lost}, text="\n".join(lines))
