"""A reader that a file took over completely: it ends alone, tells nothing, changes nothing, and the others are read."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from documents.sandbox import Reader
from schemas.facts import Facts, Fault

MEMORY = 400_000_000


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(
        cpu_seconds=1,
        memory=MEMORY,
        file_limit=1_000,
        wall_seconds=3,
        program="tests.documents.taken_over",
    ) as reader:
        yield reader


def ask(reader: Reader, tmp_path: Path, *orders: str) -> list[Facts]:
    """Each order in a file of its own, an honest file before, between and behind."""
    files: list[tuple[Path, str]] = []
    for text in ("word", *(word for order in orders for word in (order, "word"))):
        path = tmp_path / str(len(files))
        path.write_text(text)
        files.append((path, path.name))
    seen = reader.read_all(files)
    assert [one.text("text") for one in seen[::2]] == ["word"] * len(seen[::2]), "an honest file was disturbed"
    return seen[1::2]


def values(facts: Facts) -> dict[str, str]:
    return {name: str(value.value) for name, value in facts.values.items()}


def test_it_reaches_no_server_not_even_one_on_this_machine(reader: Reader, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            pass  # the server does answer
        [seen] = ask(reader, tmp_path, f"connects 127.0.0.1:{port}")

    assert values(seen) == {"plain": "PermissionError", "raw": "-1", "local": "PermissionError"}


def test_it_has_no_network_even_where_the_kernel_filters_no_calls() -> None:
    script = (
        "import socket, sys; from documents.confine import leave_network; leave_network()\n"
        "try: socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=2)\n"
        "except OSError as error: print(type(error).__name__)"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = subprocess.run(
            [sys.executable, "-c", script, str(server.getsockname()[1])], capture_output=True, text=True, check=True
        )

    assert said.stdout.strip() == "OSError"  # network is unreachable: there is not even a loopback


def test_it_can_end_itself_and_nobody_else(reader: Reader, tmp_path: Path) -> None:
    bystander = subprocess.Popen(["/bin/sleep", "30"])
    try:
        seen = ask(reader, tmp_path, f"kills {bystander.pid} {os.getpid()}", "dies")

        assert bystander.poll() is None
        assert values(seen[0]) == {"ended": " ".join(["PermissionError"] * 5), "group": "PermissionError"}
        assert seen[1].faults == [Fault.CRASHED]
    finally:
        bystander.kill()
        bystander.wait()


def test_it_starts_no_process_and_no_program(reader: Reader, tmp_path: Path) -> None:
    [seen] = ask(reader, tmp_path, "starts")

    assert values(seen) == dict.fromkeys(("fork", "program", "spawn", "away"), "PermissionError")


def test_a_fork_bomb_is_one_slow_file(reader: Reader, tmp_path: Path) -> None:
    [seen] = ask(reader, tmp_path, "forks")

    assert seen.faults == [Fault.TOO_SLOW]


def test_it_changes_no_file(reader: Reader, tmp_path: Path) -> None:
    [seen] = ask(reader, tmp_path, "writes")

    assert values(seen)["ends"] == " ".join(["PermissionError"] * 8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2"]


def test_it_cannot_loosen_its_limits(reader: Reader, tmp_path: Path) -> None:
    [seen, state] = ask(reader, tmp_path, "loosens", "limits")

    assert values(seen)["ends"] == " ".join(["refused"] * 4)
    assert values(state) == {"seccomp": "2", "privileges": "1"}


def test_it_finds_nothing_to_carry_off(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASHAR_S3_SECRET_KEY", "hush")
    with Reader(cpu_seconds=1, memory=MEMORY, file_limit=9, program="tests.documents.taken_over") as fresh:
        [seen] = ask(fresh, tmp_path, "sees")

    assert set(values(seen)["environment"].split()) <= {"GLIBC_TUNABLES", "LANG", "LC_CTYPE", "PATH", "PYTHONPATH"}
    assert values(seen)["descriptors"] == "4"  # in, out, errors, and the pipe of its answer


@pytest.mark.parametrize(
    ("order", "fault"),
    [
        ("eats", Fault.TOO_HUNGRY),
        ("spins", Fault.TOO_SLOW),
        ("sleeps", Fault.TOO_SLOW),
        ("shouts", Fault.TOO_HUNGRY),
        ("recurses", Fault.TOO_HUNGRY),
        ("lies nonsense", Fault.CRASHED),
        ("lies deep", Fault.CRASHED),
        ("lies bytes", Fault.CRASHED),
        ("lies empty", Fault.CRASHED),
    ],
)
def test_whatever_it_does_is_a_fault_of_that_file(reader: Reader, tmp_path: Path, order: str, fault: Fault) -> None:
    began = time.monotonic()
    [seen] = ask(reader, tmp_path, order)

    assert seen.faults == [fault]
    assert time.monotonic() - began < 20


def test_a_batch_of_nothing_but_attacks_is_answered_file_by_file(reader: Reader, tmp_path: Path) -> None:
    orders = ["dies", "eats", "shouts", "lies deep", "recurses", "kills 1", "starts"] * 3

    assert [bool(one.faults) for one in ask(reader, tmp_path, *orders)] == [
        True,
        True,
        True,
        True,
        True,
        False,
        False,
    ] * 3


def test_nothing_is_left_running(reader: Reader, tmp_path: Path) -> None:
    ask(reader, tmp_path, "sleeps", "forks")

    assert reader._template is not None
    assert Path(f"/proc/{reader._template.pid}/task/{reader._template.pid}/children").read_text() == ""


def test_a_caller_that_goes_away_takes_a_hanging_child_along(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("word")
    with Reader(cpu_seconds=1, memory=MEMORY, file_limit=9, program="tests.documents.taken_over") as reader:
        reader.read(path, "a")
        assert reader._template is not None
        assert reader._line is not None
        template = reader._template.pid
        path.write_text("sleeps")
        asked = threading.Thread(target=lambda: reader.read(path, "a"))
        asked.start()
        assert _soon(lambda: bool(_children(template)))
        hanging = _children(template)
        path.write_text("word")  # what is asked again when the template is gone
        reader._line.shutdown(socket.SHUT_RDWR)
        asked.join(20)

        assert _soon(lambda: not any(_alive(pid) for pid in [template, *hanging]))


def _soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
