"""The rule packs and calendars that events name, as members of a dossier: replay needs nothing of the installation.

Whoever seals keeps those that are installed in the store, under lock: of one that a later release no longer ships, a dossier
still has the text.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

from flows.office import Office
from rules.edition import text_of
from rules.packs import FOLDER
from schemas.errors import AlreadyGiven, NotFound, TooLarge
from storage.objects import Objects
from storage.policy import LAWS, locked_until

log = logging.getLogger("ashar.audit")

MEMBERS = "data/packs/"
LIMIT = 1 << 20  # bytes of one text
_HASH = re.compile(r"[0-9a-f]{64}")


def named(body: Mapping[str, Any]) -> set[str]:
    """Hashes of the packs and calendars that an event was decided by."""
    facts = body["facts"] if isinstance(body["facts"], dict) else {}
    told = {facts.get("calendar"), facts.get("terms", {}).get("pack_sha256"), text_of(str(body["pack"]))}
    told |= {one["new"] for one in body["changes"] if one["field"] == "pack_sha256"}
    return {one for one in told if isinstance(one, str) and one}


def installed() -> dict[str, bytes]:
    """Texts of this release's packs and calendars, by their hashes."""
    texts = [path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))]
    return {hashlib.sha256(text).hexdigest(): text for text in texts}


def keep(office: Office) -> None:
    """Keep what is installed in the store, under lock; also what was put by a run that was killed is locked then. Raises StoreDown."""
    until = locked_until(office.machine_now())
    for sha256, text in installed().items():
        try:
            office.objects.put(_name(sha256), BytesIO(text), len(text), sha256, until)
        except AlreadyGiven:  # no reason to sign nothing
            log.error("another text lies in the place of a rule pack: %s", _name(sha256))


def members(hashes: Iterable[str], objects: Objects) -> dict[str, bytes]:
    """`data/packs/<sha256>.toml` for each, as installed or as it was kept.

    One that is nowhere, or no longer what its hash says, is left out: replay then says what it lacks. Raises StoreDown.
    """
    here, told = installed(), dict[str, bytes]()
    for sha256 in sorted(set(hashes)):
        text = here.get(sha256) or _kept(objects, sha256)
        if text is not None:
            told[f"{MEMBERS}{sha256}.toml"] = text
    return told


def _kept(objects: Objects, sha256: str) -> bytes | None:
    if not _HASH.fullmatch(sha256):  # an event may say anything
        return None
    try:
        text = objects.read(_name(sha256), LIMIT)
    except (NotFound, TooLarge):
        return None
    return text if hashlib.sha256(text).hexdigest() == sha256 else None


def _name(sha256: str) -> str:
    return f"{LAWS}{sha256}.toml"
