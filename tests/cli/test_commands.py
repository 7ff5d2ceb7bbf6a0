"""Every command explains itself, is documented, and starts without the heavy parts of the house."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from desk import Desk

from cli import contest, main, register, sitting
from cli.desk import Choices
from schemas.commission import Background, Choice, Seat
from schemas.customer import Role

ROOT = Path(main.__file__).parents[1]


def commands(one: Any, *path: str) -> list[tuple[tuple[str, ...], Any]]:
    below = getattr(one, "commands", None)
    if below is None:
        return [(path, one)]
    return [found for name, inner in below.items() for found in commands(inner, *path, name)]


EVERY = commands(typer.main.get_command(main.app))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("path", [path for path, _ in EVERY], ids=" ".join)
def test_every_command_has_help_in_short_sentences(desk: Desk, path: tuple[str, ...]):
    told = desk.line(*path, "--help")
    command = dict(EVERY)[path]

    assert told.code == 0
    assert told.out.startswith(f"Usage: ashar {' '.join(path)}")
    assert command.help.strip()[-1] in ".!?"
    lacking = [one.name for one in command.params if one.param_type_name == "argument" and not one.help]
    assert lacking == []


LASTING = {"up", "demo", "down", "notary run"}  # until they are told to end, or as long as a journey


@pytest.mark.parametrize("path", [path for path, _ in EVERY if not {path[0], " ".join(path)} & LASTING], ids=" ".join)
def test_every_command_answers_machines_in_json_even_when_it_fails(desk: Desk, path: tuple[str, ...]):
    told = desk.line("--json", *path)

    assert told.code in (0, 2, 64, 69)
    assert told.json is not None


def test_the_page_of_commands_is_the_one_that_the_code_makes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import cli_page

    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == cli_page.page()


def test_the_words_on_the_line_are_the_words_of_the_house():
    def literals(function: Any, name: str) -> set[str]:
        return set(get_args(get_args(function.__annotations__[name])[0]))

    assert literals(contest.appoint, "seat") == {one.value for one in Seat}
    assert literals(contest.appoint, "background") == {one.value for one in Background}
    assert literals(sitting.vote, "choice") == {one.value for one in Choice}
    assert set(register.ROLES) == {one.value for one in Role} - {"public", "operator", "system"}


def test_the_front_door_opens_without_the_heavy_parts():
    heavy = ("prefect", "sqlmodel", "sqlalchemy", "pydantic", "babel", "docx", "rich", "minio", "lxml", "PIL")
    code = f"import sys, cli.main; print([one for one in {heavy!r} if one in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "[]"


def test_help_costs_less_than_half_a_second_of_the_processor():
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "cli.main", "--help"], cwd=ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert after.ru_utime - before.ru_utime < 0.5


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_the_shell(shell: str):
    line = [sys.executable, "-m", "cli.main", "--show-completion"]
    ours = {"PATH": "/usr/bin:/bin", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    told = subprocess.run([*line, shell], cwd=ROOT, env=ours, check=False, capture_output=True, text=True)

    assert told.returncode == 0, told.stderr
    assert "_ASHAR_COMPLETE" in told.stdout


def test_completion_offers_the_next_word():
    ours = {
        "PATH": "/usr/bin:/bin",
        "_ASHAR_COMPLETE": "complete_bash",
        "COMP_WORDS": "ashar contest ann",
        "COMP_CWORD": "2",
    }
    told = subprocess.run(
        [sys.executable, "-m", "cli.main"], cwd=ROOT, env=ours, check=False, capture_output=True, text=True
    )

    assert told.stdout.split() == ["announce"]


def test_options_after_two_dashes_are_left_where_they_are():
    assert main.first(["a", "--json", "--as", "x", "--", "--json"]) == ["--json", "--as", "x", "a", "--", "--json"]
    assert main.first(["a", "--language=ru"]) == ["--language=ru", "a"]


def test_the_language_falls_back_to_kyrgyz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("ASHAR_LANGUAGE", raising=False)

    assert Choices(home=tmp_path, customer="", login="", language="xx", json=False).tongue == "ky"


def test_a_lone_command_shows_its_help(desk: Desk):
    started = time.perf_counter()

    assert desk.line().code == 64
    assert time.perf_counter() - started < 5
