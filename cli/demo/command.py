"""`ashar demo run`: the whole journey of three cities, on real parts, in a folder of its own."""

import shutil
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.desk import answer, choices

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
PATIENCE = 300  # seconds that one flow run may take before the demo says that something is wrong


@app.command("run")
def run(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where everything of the demo goes; emptied first.")] = Path(
        "demo-output"
    ),
    keep: Annotated[
        bool, typer.Option("--keep/--stop", help="Leave the services up, to look around.")
    ] = sys.stdout.isatty(),
) -> None:
    """Batken, Kochkor-Ata and Karakol: from a priority problem to a closed project."""
    from cli.demo import stage

    at = choices(ctx)
    began = time.monotonic()
    _fresh(folder)
    at.home = folder / "home"
    with stage.services(folder, at.tongue) as (office, prefect, towns):
        told = stage.play(office, folder, prefect, towns, at.tongue)
        told["seconds"] = round(time.monotonic() - began)
        if at.json:
            answer(ctx, told)
        stage.farewell(folder, prefect, at.tongue, keep=keep, seconds=told["seconds"])
        if not keep:
            stage.stop(office)


@app.command("stop")
def stop(folder: Annotated[Path, typer.Option(help="Folder of the demo.")] = Path("demo-output")) -> None:
    """Stop the services that a demo left up."""
    from schemas.settings import load
    from services import supervisor

    supervisor.down(load(folder / "home"))


def _fresh(folder: Path) -> None:
    """An empty folder; the services of an earlier demo are stopped first."""
    home = folder / "home"
    if home.exists():
        from schemas.settings import load
        from services import supervisor

        supervisor.down(load(home))
    if folder.exists() and not (folder / ".ashar-demo").exists() and any(folder.iterdir()):
        from schemas.errors import BadSetting

        raise BadSetting(setting="--folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / ".ashar-demo").touch()


def mover(api_url: str) -> "Callable[..., None]":
    """Runs flows on the Prefect server and waits for them; a run that another cancelled is asked for again."""
    from schemas.errors import PrefectDown
    from services import kick

    def start(flow: str) -> uuid.UUID | None:
        return kick.kick(api_url, flow, str(uuid.uuid4()))

    def finish(flow: str, run_id: uuid.UUID | None) -> None:
        end, pause = time.monotonic() + PATIENCE, 1.0
        while time.monotonic() < end:
            if run_id is not None and kick.wait(api_url, run_id, PATIENCE, step=0.2) == "Completed":
                return
            time.sleep(pause)
            pause = min(pause * 1.5, 4)  # asking costs a busy machine more than waiting
            run_id = start(flow)
        raise PrefectDown(flow=flow)

    def move(*flows: str | tuple[str, ...]) -> None:
        for one in flows:
            together = (one,) if isinstance(one, str) else one
            for flow, run_id in [(flow, start(flow)) for flow in together]:
                finish(flow, run_id)

    return move
