"""The house as its tests see it: tracked files, their lines, and a way to tell all that is wrong at once."""

import ast
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import schemas

ROOT = Path(schemas.__file__).parents[1]
ROOMS = ("schemas", "rules", "documents", "storage", "flows", "services", "cli")
BYTES = {".docx", ".xlsx", ".doc", ".png", ".jpg", ".pdf", ".zip"}


@cache
def tracked() -> tuple[Path, ...]:
    """Files under version control; of an unpacked archive, all that is not made by running it."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if told.returncode == 0:
        names = told.stdout.decode().split("\0")
        return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())
    made = {".venv", "__pycache__", "demo-output", ".ashar", "build", "dist"}
    found = (one for one in ROOT.rglob("*") if one.is_file())
    return tuple(
        one
        for one in found
        if not made & set(one.relative_to(ROOT).parts) and not one.relative_to(ROOT).parts[0].startswith(".")
    )


def python(*rooms: str) -> list[Path]:
    """Python files of some rooms; of all when none is named."""
    files = [one for one in tracked() if one.suffix == ".py"]
    return [one for one in files if not rooms or one.relative_to(ROOT).parts[0] in rooms]


def text_files() -> list[Path]:
    return [one for one in tracked() if one.suffix not in BYTES]


@cache
def lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8", errors="replace").splitlines())


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def at(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {what}"


def all_right(violations: Iterable[str]) -> None:
    """Every violation at once, each with its file and line."""
    found = sorted(violations)
    assert not found, f"{len(found)} to mend:\n" + "\n".join(found)
