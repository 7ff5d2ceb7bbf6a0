"""One installation in a folder, worked by lines of the command; its clock stands where it was set."""

import io
import json
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cli.main import run


@dataclass(frozen=True)
class Told:
    """What a line answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out or self.err)


class Desk:
    """Runs lines in one home. `ok` gives the JSON answer of an act; `refused` that of an act that must not be done."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.home.mkdir(parents=True, exist_ok=True)

    def copy(self, home: Path) -> "Desk":
        shutil.copytree(self.home, home)
        return Desk(home)

    def at(self, when: datetime) -> None:
        (self.home / "clock").write_text(when.astimezone(UTC).isoformat())

    def line(self, *words: object, by: str = "", **settings: str) -> Told:
        out, err = io.StringIO(), io.StringIO()
        ours = {
            "ASHAR_HOME": str(self.home),
            "ASHAR_STORE": "folder",
            "ASHAR_CLOCK": str(self.home / "clock"),
            "ASHAR_CUSTOMER": "batken",
            "ASHAR_AS": f"batken.{by}" if by else "",
            "ASHAR_LANGUAGE": "ky",
            **settings,
        }
        with patch.dict(os.environ, ours), redirect_stdout(out), redirect_stderr(err):
            code = run([str(one) for one in words])
        return Told(code, out.getvalue(), err.getvalue())

    def ok(self, *words: object, by: str = "") -> Any:
        told = self.line(*words, "--json", by=by)
        assert told.code == 0, (words, told.err)
        return told.json

    def refused(self, *words: object, by: str = "") -> Any:
        told = self.line(*words, "--json", by=by)
        assert told.code == 2, (words, told)
        return told.json
