"""How the house is built: what every file of it keeps."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, all_right, at, lines, python, text_files, tree

LONGEST = 400
# a migration is as long as what it changes; a stranger verifies with one file, which brings its own curve, zip and words
GROWS = ("storage/migrations/versions/", "documents/verifiers/verify.py")


def calls(path: Path) -> list[tuple[int, str]]:
    """Line and name of every call, as it is written."""
    found = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    return [(node.lineno, ast.unparse(node.func)) for node in found]


def test_no_file_is_longer_than_a_person_reads():
    files = [one for one in python() if not str(one.relative_to(ROOT)).startswith(GROWS)]

    all_right(at(one, len(lines(one)), "lines") for one in files if len(lines(one)) > LONGEST)


def test_there_is_no_drawer_for_odds_and_ends():
    words = {"utils", "util", "common", "helpers", "misc"}

    all_right(at(one, 1, "a name that says nothing") for one in python() if words & {one.stem, one.parent.name})


def test_only_the_office_and_the_services_look_at_the_clock():
    asks = {"datetime.now", "date.today", "datetime.utcnow", "datetime.today"}
    may = ("flows/office.py", "services/")
    rooms = [one for one in python(*ROOMS) if not str(one.relative_to(ROOT)).startswith(may)]

    all_right(at(one, line, name) for one in rooms for line, name in calls(one) if name in asks)


def reason_of(path: Path, handler: ast.ExceptHandler) -> str:
    """Words on the line of the handler, on the one above, or at the head of its body: not the linter's codes."""
    last = handler.body[0].lineno
    here = lines(path)[max(handler.lineno - 2, 0) : last]
    told = " ".join(line.partition("#")[2] for line in here)
    return re.sub(r"noqa:?\s*[A-Z0-9, ]*|pyright: ?\S*|[-\s]+", " ", told).strip()


def raises_on(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_whoever_catches_everything_says_why():
    wide = {"Exception", "BaseException", None}
    all_right(
        at(path, node.lineno, "catches everything and does not say why")
        for path in python(*ROOMS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (ast.unparse(node.type) if node.type else None) in wide
        and not raises_on(node)
        and not reason_of(path, node)
    )


def test_nothing_prints_but_the_command_line_and_the_logs_of_services():
    rooms = [one for one in python(*ROOMS) if one.relative_to(ROOT).parts[0] != "cli"]
    all_right(
        at(path, line, "print")
        for path in rooms
        for line, name in calls(path)
        if name == "print" and "T201 - standard output is the log" not in lines(path)[line - 1]
    )


def test_no_work_is_left_for_later():
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    # an environment may be patched, a part of the house may not
    fakes = {"pytest.skip", "pytest.mark.skip", "pytest.mark.xfail", "Mock", "MagicMock", "patch", "patch.object"}
    found = [
        at(path, number, "left for later")
        for path in python()
        for number, line in enumerate(lines(path), 1)
        if path.name != "test_code.py" and later.search(line)
    ]
    found += [
        at(path, line, f"{name}: skips or imitates")
        for path in python("tests")
        for line, name in calls(path)
        if name.removeprefix("mock.") in fakes
    ]
    all_right(found)


def test_no_file_knows_the_machine_it_was_written_on():
    place = re.compile(r"/(work|tmp/lab|root|home/\w+)/|https?://[\w.-]*(registry|mirror|proxy|index)[\w.-]*[:/]")
    known: set[str] = set()
    all_right(
        at(path, number, found[0])
        for path in text_files()
        if path.name != "test_code.py"
        for number, line in enumerate(lines(path), 1)
        if (found := place.search(line)) and found[0] not in known
    )


SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\S"),
    "an access key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a token": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[A-Za-z0-9-]{20,}|sk-[A-Za-z0-9]{30,})\b"),
    "a password in an address": re.compile(r"[a-z+]{3,}://[A-Za-z0-9_.-]+:(?!PASSWORD@|guess@|\{)[^\s@/:{}'\"]{3,}@"),
    "a password": re.compile(r"(?i)\b(password|secret_key|api_key)\s*=\s*['\"][A-Za-z0-9+/_-]{16,}['\"]"),
}


def test_no_secret_lies_in_the_repository():
    all_right(
        at(path, number, what)
        for path in text_files()
        if path.name not in ("test_code.py", "requirements.lock")
        for number, line in enumerate(lines(path), 1)
        for what, pattern in SECRETS.items()
        if pattern.search(line)
    )


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("-----BEGIN PRIVATE " + "KEY-----MIIE", "a private key"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "an access key"),
        ("postgresql://ashar:" + "s3cr3t77@db/ashar", "a password in an address"),
    ],
)
def test_a_secret_is_known_when_seen(line: str, what: str):
    assert SECRETS[what].search(line)


def test_imports_go_down_only():
    told = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout
