"""Office files become PDF (PDF/A-2, tagged) or docx: one headless LibreOffice for a whole batch.

Each call has its own fresh profile with macros and links off, limits on processor time and memory, and a session of its
own that is ended as a group. A file that cannot be converted is absent from the answer; it never takes the others with it.
"""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schemas.errors import NotRunning

CPU_SECONDS: Final = 120  # one process may burn this much: start-up 3 s, then about 0.6 s a paper
WALL_SECONDS: Final = 600  # generous: a busy machine is not a hanging file
MEMORY: Final = 4_000_000_000  # address space; 0.3 GB of it is ever used by honest papers
LARGEST: Final = 500_000_000  # bytes of one file written

_PDF: Final = "pdf"
_DOCX: Final = "docx:MS Word 2007 XML"

_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{items}
</oor:items>
"""
_SETTINGS: Final = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
    ("Calc/Content/Update", "Link", "2"),
    ("Common/Filter/PDF/Export", "SelectPdfVersion", "2"),
    ("Common/Filter/PDF/Export", "UseTaggedPDF", "true"),
    ("Common/Misc", "FirstRun", "false"),
)


def to_pdf(files: Sequence[Path], into: Path) -> dict[Path, Path]:
    """Each file as PDF in the folder `into`. NotRunning: LibreOffice is not installed."""
    return _converted(files, into, _PDF)


def to_docx(files: Sequence[Path], into: Path) -> dict[Path, Path]:
    """Legacy word files as docx in the folder `into`. NotRunning: LibreOffice is not installed."""
    return _converted(files, into, _DOCX)


def _converted(files: Sequence[Path], into: Path, form: str) -> dict[Path, Path]:
    soffice = shutil.which("soffice")
    if soffice is None:
        raise NotRunning(service="soffice")
    into.mkdir(parents=True, exist_ok=True)
    wanted = list(dict.fromkeys(files))
    made = _batch(soffice, wanted, into, form)
    missing = [file for file in wanted if file not in made]
    if len(wanted) > 1:
        # a file that brings the office down takes those behind it along: each gets a second chance alone
        for file in missing:
            made |= _batch(soffice, [file], into, form)
    return {file: made[file] for file in wanted if file in made}


def _batch(soffice: str, files: Sequence[Path], into: Path, form: str) -> dict[Path, Path]:
    ending = form.split(":", 1)[0]
    with tempfile.TemporaryDirectory(prefix="office-") as scratch:
        room = Path(scratch)
        # two folders may hold files of one name, and a name may look like an option: inside they are numbered
        inside = {file: room / "in" / f"{at:05d}{file.suffix.lower()}" for at, file in enumerate(files)}
        for folder in ("in", "out", "profile/user"):
            (room / folder).mkdir(parents=True)
        for file, copy in inside.items():
            shutil.copyfile(file, copy)
        _write_profile(room / "profile" / "user" / "registrymodifications.xcu")
        _run(soffice, room, form, list(inside.values()))
        made: dict[Path, Path] = {}
        for file, copy in inside.items():
            result = room / "out" / f"{copy.stem}.{ending}"
            if result.is_file() and result.stat().st_size:
                made[file] = _free(into, file.stem, ending)
                shutil.move(result, made[file])
        return made


def _free(into: Path, stem: str, ending: str) -> Path:
    """A name not taken in the folder: two files of one name both keep their result."""
    name, at = into / f"{stem}.{ending}", 1
    while name.exists():
        at += 1
        name = into / f"{stem}-{at}.{ending}"
    return name


def _write_profile(path: Path) -> None:
    items = "\n".join(
        f'<item oor:path="/org.openoffice.Office.{where}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for where, name, value in _SETTINGS
    )
    path.write_text(_PROFILE.format(items=items), encoding="utf-8")


def _run(soffice: str, room: Path, form: str, files: Sequence[Path]) -> None:
    command = [
        *(soffice, f"-env:UserInstallation={(room / 'profile').as_uri()}"),
        *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
        *("--convert-to", form, "--outdir", str(room / "out"), *map(str, files)),
    ]
    surroundings = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(room),
        "LANG": "C.UTF-8",
        "TMPDIR": str(room),
    }
    with subprocess.Popen(
        command,
        env=surroundings,
        cwd=room,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as office:
        # set from outside, before any file is read: a fork hook is not safe in a process with threads
        for limit, value in (
            (resource.RLIMIT_CPU, CPU_SECONDS),
            (resource.RLIMIT_AS, MEMORY),
            (resource.RLIMIT_FSIZE, LARGEST),
            (resource.RLIMIT_CORE, 0),
        ):
            try:
                resource.prlimit(office.pid, limit, (value, value))
            except ProcessLookupError:
                break
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                office.wait(WALL_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(office.pid, signal.SIGKILL)
