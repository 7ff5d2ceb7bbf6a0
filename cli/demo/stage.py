"""The demo's stage: services up, scenes in their order, documents laid out for people at the end."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.demo import cities, display
from cli.demo.command import mover
from cli.demo.display import Display
from cli.demo.journey import Clock, Journey, Town
from cli.demo.packages import make
from cli.demo.project import Project
from flows.office import Office
from flows.steps import audit, dossier, sealing
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.facts import Kind
from schemas.settings import load
from schemas.wording import say
from services import supervisor
from storage.work import looking

SCENES = 13
PRODUCED = (
    Kind.ANNOUNCEMENT,
    Kind.RECEIPT,
    Kind.BUNDLE,
    Kind.MINUTES,
    Kind.CONTRACT,
    Kind.PAYMENT_ORDER,
    Kind.NOTICE,
)


@contextmanager
def services(folder: Path, language: str) -> Iterator[tuple[Office, supervisor.Running, list[Town]]]:
    """The real parts: object store, database, Prefect server and worker, on a simulated calendar.

    While they start, the applicants' packages are made.
    """
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "ashar.env").write_text(f"ASHAR_CLOCK={(home / 'clock').absolute()}\n")
    office = Office(load(home))
    _ = office.engine
    try:
        with display.Console().status(say("cli.demo.services", language)), ProcessPoolExecutor(2) as pool:
            made = {code: pool.submit(make, code, folder / "packages" / code) for code in cities.CITIES}
            prefect = supervisor.up(office.settings, detach=True)
            towns = [Town(city=cities.load(code), packages=made[code].result()) for code in cities.CITIES]
        yield office, prefect, towns
    except BaseException:
        supervisor.down(office.settings)
        raise
    finally:
        office.close()


def stop(office: Office) -> None:
    supervisor.down(office.settings)


def play(office: Office, folder: Path, prefect: supervisor.Running, towns: list[Town], language: str) -> dict[str, Any]:
    """All scenes. Returns the figures of the table."""
    shown = Display(language, SCENES)
    with shown.running():
        journey = Journey(office, towns, Clock(office.home / "clock"), mover(prefect.prefect_api_url))
        project = Project(journey, folder / "reports")
        with shown.scene("problems"):
            journey.problems()
        with shown.scene("announcement"):
            journey.announce(Path(cities.__file__).parent / "cities")
        arriving = journey.packages_in_order()
        with shown.scene("intake", len(arriving)) as scene:
            for town, package in arriving:
                journey.hand_in(town, package)
                scene.step(f"{town.city.city[language]}: {package.organisation}")
        for code, act in (
            ("completeness", journey.check),
            ("cure", journey.cure),
            ("committee", journey.route),
            ("review", journey.review),
            ("sitting", journey.sit),
            ("contract", project.sign),
            ("period1", lambda: project.period(1)),
            ("period2", lambda: project.period(2)),
            ("closing", project.close),
        ):
            with shown.scene(code):
                act()
        with shown.scene("audit", 3) as scene:
            journey.move("letters", "audit")
            scene.step()
            streams, events = sealing.verify_all(office)
            scene.step()
            exported = _export(office, journey, project, folder)
            scene.step()
    _lay_out(office, towns, folder / "documents")
    town, contract = project.contracts()[0]
    lines = audit.timeline(office, CLOCK, contract.stream_id, language)
    shown.console.print(display.timeline(lines, town.city.raw_contest["zone"], language))
    table, rows = display.results(office, towns, language)
    shown.console.print(table)
    shown.console.print(say("cli.demo.trail", language, events=events, streams=streams, file=str(exported)))
    return {"cities": rows, "events": events, "streams": streams, "export": str(exported)}


def _export(office: Office, journey: Journey, project: Project, folder: Path) -> Path:
    """The audit trail of the first town's funded case, as its head takes it out."""
    town, contract = project.contracts()[0]
    head = journey.doer(town, "head")
    return dossier.dossier(office, head, contract.stream_id, folder / f"audit-{town.city.code}.zip").path


def _lay_out(office: Office, towns: list[Town], folder: Path) -> None:
    """Copies of all produced documents in one folder for each city, by kind; letters beside them."""
    for town in towns:
        with looking(office.engine, office.system) as look:
            documents = look.all(Document, tenant_id=town.customer_id, kind=list(PRODUCED), order="name")
        for document in documents:
            if document.blob_id is not None:
                target = folder / town.city.code / document.kind.value / document.name.replace("/", "-")
                target.parent.mkdir(parents=True, exist_ok=True)
                office.blobs.copy_to(document.blob_id, target, document.sha256)


def farewell(folder: Path, prefect: supervisor.Running, language: str, *, keep: bool, seconds: int) -> None:
    """Where to look, and how to stop what runs."""
    console = display.Console()
    display.places(console, folder / "documents", prefect.prefect_ui_url if keep else "", language)
    console.print(say("cli.demo.letters", language, folder=str(folder / "home" / "outbox")))
    console.print(say("cli.demo.stop" if keep else "cli.demo.again", language, folder=str(folder)))
    console.print(say("cli.demo.seconds", language, seconds=seconds))
