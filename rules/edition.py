"""Which text decides: the program's version and that of its rules, and the pack's as people read it."""

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


def shown(edition: str) -> str:
    """A pack's edition with the beginning of its hash: `kg-604-2022@2022.1+3fa2b1c09d8e`."""
    name, plus, sha256 = edition.rpartition("+")
    return f"{name}+{sha256[:SHOWN]}" if plus else edition


def text_of(edition: str) -> str:
    """The hash of the pack's text; nothing where the edition has none."""
    return edition.rpartition("+")[2] if "+" in edition else ""
