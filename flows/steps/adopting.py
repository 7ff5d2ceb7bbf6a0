"""A rule pack has a chain of its own at each customer: since when, by whom and for which contest an edition of it is followed."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from flows.steps.moving import by_rule
from rules import packs
from schemas.contest import Contest
from schemas.customer import Customer
from schemas.event import Act, Stream
from storage import trail
from storage.work import Work


@dataclass
class Pack:
    """A rule pack at a customer, as what an event is about."""

    id: UUID
    stream_id: UUID


def adopt(work: Work, pack: packs.Pack, contest: Contest) -> None:
    """Put on record that the contest is the first of its customer under this edition of the pack, if it is."""
    work.hold(Customer, contest.tenant_id)  # of two contests at once one is the first
    chain = chain_of(contest.tenant_id, pack.id)
    if work.session.get(Stream, chain) is None:
        work.open_stream(chain, contest.tenant_id, "pack", name=pack.id, under=contest.tenant_id)
    elif trail.rested(work.session, chain, pack.edition):
        return
    because = by_rule(pack, "in_force", since=pack.force.since.value, contest=contest.number)
    work.record(Act.PACK_ADOPT, Pack(chain, chain), because=because)


def chain_of(tenant_id: UUID, pack_id: str) -> UUID:
    """The chain of events of a pack at a customer."""
    return uuid5(tenant_id, f"pack {pack_id}")
