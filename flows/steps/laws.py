"""The rule packs and calendars that events name, as files for a dossier: replay needs nothing of the installation."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rules.packs import FOLDER

MEMBERS = "data/packs/"


def packs(bodies: Iterable[bytes]) -> dict[str, bytes]:
    """Members of a dossier, `data/packs/<sha256>.toml`, for all that these events were decided by.

    One that is not installed any more is left out: replay then says what it lacks.
    """
    wanted = {one for body in bodies for one in _named(json.loads(body))}
    installed = {hashlib.sha256(text).hexdigest(): text for text in map(_read, sorted(FOLDER.glob("*.toml")))}
    return {f"{MEMBERS}{sha256}.toml": installed[sha256] for sha256 in sorted(wanted & installed.keys())}


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _named(body: dict[str, Any]) -> Iterator[str]:
    """Hashes of packs and calendars in an event."""
    facts = body["facts"] if isinstance(body["facts"], dict) else {}
    yield from (one for one in (facts.get("calendar"), facts.get("terms", {}).get("pack_sha256")) if one)
    yield from (one["new"] for one in body["changes"] if one["field"] == "pack_sha256" and one["new"])
