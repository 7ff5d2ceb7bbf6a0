"""Which program decides: its version, and the text of its rules."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).parent
SHOWN = 12  # characters of the hash


@cache
def program() -> str:
    """`0.1.0+3fa2b1c09d8e`: the version, and the hash of the rules' own code, which may differ within one version."""
    text = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.py")):
        text.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('ashar')}+{text.hexdigest()[:SHOWN]}"
