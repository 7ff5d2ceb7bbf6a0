"""The rule packs and calendars that events name, as members of a dossier: replay needs nothing of the installation."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from rules.edition import text_of
from rules.packs import FOLDER

MEMBERS = "data/packs/"


def named(body: Mapping[str, Any]) -> set[str]:
    """Hashes of the packs and calendars that an event was decided by."""
    facts = body["facts"] if isinstance(body["facts"], dict) else {}
    told = {facts.get("calendar"), facts.get("terms", {}).get("pack_sha256"), text_of(str(body["pack"]))}
    told |= {one["new"] for one in body["changes"] if one["field"] == "pack_sha256"}
    return {one for one in told if isinstance(one, str) and one}


def members(hashes: Iterable[str]) -> dict[str, bytes]:
    """`data/packs/<sha256>.toml` for each. One that is not installed any more is left out: replay then says what it lacks."""
    texts = [path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))]
    installed = {hashlib.sha256(text).hexdigest(): text for text in texts}
    return {f"{MEMBERS}{one}.toml": installed[one] for one in sorted(installed.keys() & set(hashes))}
