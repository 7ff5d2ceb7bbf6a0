"""What came in is read at once: the flow that collects lets the one that reads begin, on the real server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest

from schemas.report import Report
from schemas.settings import Store
from services import child, supervisor
from tests.offices import Desk
from tests.runs import through

pytestmark = pytest.mark.server


@pytest.fixture
def desk(desk_at: Callable[..., Desk], tmp_path: Path) -> Iterator[Desk]:
    desk = desk_at("reporting", store=Store.FOLDER, lease_seconds=300)
    (tmp_path / "in").mkdir()
    sources = desk.home / "sources.toml"
    sources.write_text(f'[[folder]]\ncustomer = "batken"\npath = "{tmp_path / "in"}"\nquiet_seconds = 0\n')
    sources.chmod(0o600)
    supervisor.up(desk.office.settings, detach=True)
    yield desk
    supervisor.down(desk.office.settings)


def test_a_report_that_was_collected_is_read_without_waiting_for_the_schedule(desk: Desk, tmp_path: Path) -> None:
    copytree(desk.report(1), tmp_path / "in" / f"{desk.contract().number.replace('/', '_')}-1")
    now = supervisor.running(desk.office.settings)
    assert now is not None

    assert through(now.prefect_api_url, "collection") == "Completed"

    [report] = desk.all(Report)
    assert child.until(lambda: desk.get(Report, report.id).read, 90)
