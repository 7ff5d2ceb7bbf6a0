"""An office on servers of its own for a benchmark: the real database, the real S3 server, and if asked a notary beside it."""

import os
import resource
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from flows.office import Office
from flows.steps.notary import Notary
from schemas.settings import Settings, Store
from services.object_store import REGION, ObjectStore
from services.postgres import Postgres


@contextmanager
def office_on(database: str, folder: Path) -> Iterator[Office]:
    """`database`: sqlite, in that folder; or postgres, on a server of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    place = Path(tempfile.mkdtemp(prefix="ashar-bench-"))
    # a quarter of the memory, as PostgreSQL's manual has it: its own 128 MB hold a tenth of a million events
    buffers = {"shared_buffers": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') // 2**22}MB"}
    server = Postgres(place, buffers) if database == "postgres" else None
    objects = ObjectStore(folder / "s3")
    settings: dict[str, Any] = {"home": folder / "home", "store": Store.S3}
    if server is not None:
        server.start()
        settings["database_url"] = SecretStr(server.url)
    objects.start()
    settings |= {"s3_endpoint": objects.endpoint, "s3_secure": False, "s3_region": REGION}
    settings |= {"s3_access_key": SecretStr(objects.access_key), "s3_secret_key": SecretStr(objects.secret_key)}
    office = Office(Settings(**settings))
    try:
        yield office
    finally:
        office.close()
        objects.stop()
        if server is not None:
            server.stop()
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def notary(settings: Settings) -> Iterator[None]:
    """A process that seals every second, as `ashar notary run` does."""
    process = get_context("spawn").Process(target=_seals, args=(settings,))
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _seals(settings: Settings) -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    office = Office(settings)

    def tell(trouble: Exception | None) -> None:
        if trouble is not None:
            print(f"the notary: {trouble!r}", flush=True)

    Notary(office, tell).keep(stopped)
    office.close()


def apart(do: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """What `do` tells in a process of its own, with the most memory that it had, in megabytes (`peak_mb`)."""
    spawn = get_context("spawn")
    told = spawn.Queue()
    process = spawn.Process(target=_apart, args=(told, do, given))
    process.start()
    answer = told.get()
    process.join()
    return answer


def _apart(told: Any, do: Callable[..., dict[str, Any]], given: tuple[Any, ...]) -> None:
    answer = do(*given)
    told.put({**answer, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})
