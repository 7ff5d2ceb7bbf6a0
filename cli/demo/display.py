"""What the demo shows: progress while it runs, the table and the timeline at its end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.demo.journey import Town
from flows.office import Office
from flows.steps.audit import Line
from schemas.application import Application, ApplicationStatus
from schemas.contract import Contract, Tranche, TrancheStatus
from schemas.finding import Finding
from schemas.report import IN_PLAN, Period, PeriodStatus
from schemas.wording import say
from storage.work import looking

PAST_CHECK = {
    ApplicationStatus.COMPLETE,
    ApplicationStatus.ELIGIBLE,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.WINNER,
    ApplicationStatus.RESERVE,
    ApplicationStatus.PASSED_OVER,
}


class Display:
    """Progress on the terminal: what is done, what goes on, how long it has taken."""

    def __init__(self, language: str, scenes: int) -> None:
        self.language = language
        self.console = Console()
        self.progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            console=self.console,
        )
        self.whole = self.progress.add_task(say("cli.demo.whole", language), total=scenes)

    @contextmanager
    def running(self) -> Iterator["Display"]:
        with self.progress:
            yield self

    @contextmanager
    def scene(self, code: str, steps: int = 1) -> Iterator["Scene"]:
        """One scene with so many steps."""
        task = self.progress.add_task(say(f"cli.demo.{code}", self.language), total=steps)
        yield Scene(self.progress, task, say(f"cli.demo.{code}", self.language))
        total = self.progress.tasks[self.progress.task_ids.index(task)].total
        self.progress.update(task, completed=total, description=say(f"cli.demo.{code}", self.language))
        self.progress.advance(self.whole)


class Scene:
    """The line of one scene."""

    def __init__(self, progress: Progress, task: object, name: str) -> None:
        self.progress = progress
        self.task = task
        self.name = name

    def step(self, what: str = "") -> None:
        """One step is done; `what` stands beside the scene's name."""
        self.progress.update(self.task, description=f"{self.name} {what}")  # pyright: ignore[reportArgumentType]
        self.progress.advance(self.task)  # pyright: ignore[reportArgumentType]


def results(office: Office, towns: Sequence[Town], language: str) -> tuple[Table, list[dict[str, object]]]:
    """Per city: received, complete, cured, refused, late, funded, reports, money."""
    rows = [_row(office, town, language) for town in towns]
    # One row for each measure: three cities fit into eighty columns, eleven measures do not.
    table = Table(title=say("cli.demo.table", language))
    table.add_column(say("cli.column.city", language))
    for row in rows:
        table.add_column(str(row["city"]), justify="right")
    for name in (one for one in rows[0] if one != "city"):
        table.add_row(say(f"cli.column.{name}", language), *(str(row[name]) for row in rows))
    return table, rows


def _row(office: Office, town: Town, language: str) -> dict[str, object]:
    with looking(office.engine, office.system) as look:
        applications = look.all(Application, contest_id=town.contest_id)
        contracts = look.all(Contract, application_id=[one.id for one in applications])
        periods = look.all(Period, contract_id=[one.id for one in contracts], status=IN_PLAN)
        tranches = look.all(Tranche, contract_id=[one.id for one in contracts])
        asked = {one.application_id for one in look.all(Finding, application_id=[one.id for one in applications])}
    complete = [one for one in applications if one.status in PAST_CHECK]
    late = sum(one.status is ApplicationStatus.TURNED_AWAY for one in applications)
    accepted = sum(one.status is PeriodStatus.ACCEPTED for one in periods)
    overdue = sum(one.late for one in periods)
    return {
        "city": town.city.city[language],
        "received": len(applications),
        "complete": len(complete),
        "cured": sum(one.round > 1 and one.id in asked for one in complete),
        "refused": sum(one.status is ApplicationStatus.REFUSED for one in applications),
        "late": late,
        "funded": len(contracts),
        "reports": f"{accepted}/{len(periods)}"
        + (f" ({say('cli.column.late', language)}: {overdue})" if overdue else ""),
        "money": say("form.sum", language, sum_tyiyn=sum(one.amount for one in contracts)),
        "paid": say("form.sum", language, sum_tyiyn=sum(t.amount for t in tranches if t.status is TrancheStatus.PAID)),
        "returned": say("form.sum", language, sum_tyiyn=sum(one.returned for one in contracts)),
    }


def timeline(lines: Sequence[Line], zone: str, language: str, *, most: int = 60) -> Table:
    """The trail of one case, the first and the last acts."""
    table = Table(title=say("cli.demo.timeline", language), show_lines=False)
    for name in ("number", "when", "what", "ground"):
        table.add_column(say(f"cli.column.{name}", language), overflow="fold")
    shown = lines if len(lines) <= most else [*lines[: most // 2], *lines[-most // 2 :]]
    for line in shown:
        when = line.at.astimezone(ZoneInfo(zone)).strftime("%d.%m.%Y %H:%M")
        table.add_row(str(line.seq), when, line.what, line.ground)
    return table


def places(console: Console, folder: Path, prefect: str, language: str) -> None:
    """Where to look."""
    console.print(say("cli.demo.documents", language, folder=str(folder)))
    if prefect:
        console.print(say("cli.demo.prefect", language, address=prefect))
