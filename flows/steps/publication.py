"""The public page of the log: newest checkpoint, keys, witnesses, policy, for the customer's own site."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from documents import log_page
from documents.log_page import Section, Signer
from flows.office import Office
from flows.steps import logkey, telling, witnessing
from schemas.event import Checkpoint
from schemas.wording import LANGUAGES, say
from storage import tiles
from storage.cosigning import Policy
from storage.work import looking


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest checkpoint as it is told: its line, its note with cosignatures, and when it was made."""

    text: str
    note: str
    size: int
    at: datetime


def newest(office: Office) -> Newest | None:
    """None before the first."""
    with looking(office.engine, office.system) as look:
        row = look.session.scalars(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)).one_or_none()
        if row is None:
            return None
        return Newest(telling.Stamp.of(row).text, witnessing.cosigned(look.session, row), row.size, row.at)


def verifier(office: Office) -> str:
    """The line by which the newest checkpoint is verified. Raises BrokenTrail where the log has no key yet."""
    return logkey.policy_of(office).newest


def policy_text(policy: Policy, keys: Sequence[str]) -> str:
    """The policy as everybody may have it: with the log's keys, the newest first, without the witnesses' addresses.

    Keys that were followed are among them, since dossiers that they signed are still about.
    """
    lines = [f"log {one}" for one in dict.fromkeys((*keys, *policy.logs))]
    lines += [f"witness {name} {one.line}" for name, one in policy.witnesses.items()]
    lines += [f"group {name} {needed} {' '.join(members)}" for name, (needed, members) in policy.groups.items()]
    return "\n".join([*lines, f"quorum {policy.quorum}", ""])


def files(office: Office) -> dict[str, bytes]:
    """The page and what it links to, by their names; nothing before the first checkpoint."""
    now = newest(office)
    if now is None:
        return {}
    key, policy = verifier(office), witnessing.policy_of(office)
    signers = [(one.name, one.verifier, one.size, one.signed_at) for one in witnessing.overview(office).witnesses]
    rules = policy_text(policy, logkey.policy_of(office).trusted)
    page = log_page.page(
        list(_sections(office.settings.zone, now, signers)), line=now.text, note=now.note, key=key, policy=rules
    )
    return {
        "index.html": page.encode(),
        "checkpoint.txt": now.note.encode(),
        "log-key.txt": f"{key}\n".encode(),
        "log-policy.txt": logkey.policy_text(office).encode(),
        "policy.txt": rules.encode(),
    }


def entries(office: Office, there: Container[str]) -> Iterator[tuple[str, bytes]]:
    """The log's entries as C2SP tlog-tiles has them (`tile/entries/000`), up to the newest checkpoint, but for those `there`.

    They are skeletons, without anybody's affairs; whoever has them can check the map of all cases.
    """
    now = newest(office)
    for index in range(-(-now.size // tiles.WIDTH) if now else 0):
        width = min(tiles.WIDTH, now.size - index * tiles.WIDTH) if now else 0
        name = tiles.name_of(tiles.ENTRIES, index, width).removeprefix(tiles.PREFIX)
        if name not in there:
            yield name, tiles.bundled(tiles.entries(office.objects, index, width))


def _sections(zone: str, now: Newest, signers: list[tuple[str, str, int, datetime | None]]) -> Iterator[Section]:
    for language in LANGUAGES:
        yield Section(
            language=language,
            title=say("page.log.title", language),
            what=say("page.log.what", language),
            checkpoint=say("page.log.checkpoint", language),
            state=say("page.log.state", language, at=now.at, entries=now.size, zone=zone),
            key=say("page.log.key", language),
            key_use=say("page.log.key_use", language),
            witnesses=say("page.log.witnesses", language),
            none="" if signers else say("page.log.no_witness", language),
            signers=tuple(
                Signer(
                    name=name,
                    verifier=line,
                    state=say("page.log.signed", language, entries=size, at=at, zone=zone)
                    if size
                    else say("page.log.unsigned", language),
                )
                for name, line, size, at in signers
            ),
            policy=say("page.log.policy", language),
            how=say("page.log.how", language),
            how_use=say("page.log.how_use", language),
        )
