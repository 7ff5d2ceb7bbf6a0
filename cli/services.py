"""`ashar up`, `down`, `status`."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.desk import answer, choices, table

if TYPE_CHECKING:
    from schemas.settings import Settings


def up(
    ctx: typer.Context,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Leave the services running and come back.")] = False,
) -> None:
    """Start the object store, the database, the Prefect server and a worker."""
    from schemas.wording import say
    from services import supervisor
    from storage import migrate

    at = choices(ctx)
    settings = at.settings()
    migrate.upgrade(settings.database)

    def tell(name: str) -> None:
        if not at.json:
            typer.echo(say(f"cli.up.{name}", at.tongue))

    now = supervisor.up(settings, detach=detach, say=tell)
    if detach:
        told = {"prefect": now.prefect_ui_url, "objects": now.s3_endpoint, "pid": now.pid}
        answer(ctx, told, text=say("cli.up.ready", at.tongue, address=now.prefect_ui_url))


def down(ctx: typer.Context) -> None:
    """Stop what `ashar up` started."""
    from schemas.wording import say
    from services import supervisor

    at = choices(ctx)
    supervisor.down(at.settings())
    answer(ctx, {"stopped": True}, text=say("cli.down", at.tongue))


def status(ctx: typer.Context) -> None:
    """What is healthy and what is not; exit code 69 when something is not."""
    from schemas.wording import say
    from services import supervisor
    from storage import migrate

    at = choices(ctx)
    settings = at.settings()
    found = supervisor.status(settings)
    database = "healthy" if migrate.current(settings.database) == migrate.newest() else "stopped"
    rows = [
        {
            "service": one.name,
            "state": database if one.name == "database" else str(one.state),
            "address": one.address,
            "memory_mb": one.memory_mb,
            "pid": one.pid,
        }
        for one in found
    ]
    rows.append(
        {"service": "scanner", "state": _scanner(settings), "address": settings.clamd, "memory_mb": 0, "pid": 0}
    )
    shown = [
        {
            "service": say(f"service.{one['service']}", at.tongue),
            "status": say(f"health.{one['state']}", at.tongue),
            "where": one["address"],
            "memory": f"{one['memory_mb']} MB" if one["memory_mb"] else "",
        }
        for one in rows
    ]
    table(ctx, rows if at.json else shown, ["service", "status", "where", "memory"])
    if any(one["state"] not in ("healthy", "elsewhere", "off") for one in rows):
        raise typer.Exit(69)


def _scanner(settings: "Settings") -> str:
    """How the malware scanner does: off where none is configured."""
    from documents.malware import Scanner
    from schemas.errors import AsharError

    try:
        return "healthy" if settings.clamd and Scanner(settings.clamd).version() else "off"
    except AsharError:
        return "failed"
