"""The commission: who sits on it, who may judge whom, who reviews what, and what a vote means."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import cast
from uuid import UUID

from rules import likeness
from rules.catalog import TO_CURE, remark
from rules.packs import Pack, share
from rules.scoring import Entry, Placing, next_in_line, ranking, total
from schemas.application import Organisation
from schemas.commission import Background, Choice, Member, Seat
from schemas.errors import Shortage
from schemas.finding import Remark

__all__ = ["Entry", "Outcome", "Pairing", "Placing", "assign", "composition", "decide"]
__all__ += ["Tally", "needed", "next_in_line", "ranking", "relations", "tally", "total"]


def composition(pack: Pack, members: Sequence[Member]) -> list[Remark]:
    """What the order still lacks: size, independent experts, one chair. Only active members count."""
    law, seated = pack.commission, [one for one in members if one.active]
    experts = sum(one.background is Background.EXPERT for one in seated)
    chairs = sum(one.seat is Seat.CHAIR for one in seated)
    found: list[Remark] = []
    if len(seated) < law.minimum_size.value:
        counts = {"size": len(seated), "needed": law.minimum_size.value}
        found.append(remark("commission_small", TO_CURE, rests_on=[law.minimum_size], facts=counts))
    if experts < law.minimum_experts.value:
        counts = {"experts": experts, "needed": law.minimum_experts.value}
        found.append(remark("experts_few", TO_CURE, rests_on=[law.minimum_experts], facts=counts))
    if law.chair.value and not chairs:
        found.append(remark("no_chair", TO_CURE, rests_on=[law.chair]))
    if chairs > 1:
        found.append(remark("two_chairs", TO_CURE, chairs=chairs))
    return found


_SAME = {
    "surname": likeness.surname,
    "phone": likeness.phone,
    "address": likeness.address,
    "inn": likeness.number,
}


def _known(member: Member) -> Iterator[tuple[str, str]]:
    """What the register knows of a member's people: {kind, value} or {field: value, …}."""
    for one in member.relations:
        told = cast("dict[str, object]", one)
        pairs = [(told["kind"], told.get("value"))] if "kind" in told else list(told.items())
        yield from ((str(kind), str(value)) for kind, value in pairs if value)


def relations(member: Member, organisation: Organisation, head_name: str, member_name: str) -> list[str]:
    """The fields in which a member, or somebody near him, matches the applicant: a flag for him to confirm."""
    theirs = {
        "surname": head_name,
        "phone": organisation.phone,
        "address": organisation.address,
        "inn": organisation.inn,
    }
    ours = [("surname", member_name), *_known(member)]
    return [
        field
        for field, value in theirs.items()
        if _SAME[field](value)
        and any(kind == field and _SAME[field](told) == _SAME[field](value) for kind, told in ours)
    ]


@dataclass(frozen=True)
class Pairing:
    """A member who reviews an application, and why he."""

    application_id: UUID
    member_id: UUID
    because: str


def assign(
    pack: Pack,
    *,
    seed: int,
    applications: Sequence[UUID],
    members: Sequence[UUID],
    conflicts: set[tuple[UUID, UUID]],
    kept: Sequence[tuple[UUID, UUID]] = (),
) -> list[Pairing]:
    """So many reviewers for each application as the pack says: no conflict, loads as even as can be.

    `conflicts` and `kept` are (member, application); what is kept stays, unless in conflict, and counts as load,
    even of one who has left the commission (his scores are never lost). The same input in any order and the same seed
    give the same result. Raises Shortage with how many reviewers each application lacks.
    """
    each = pack.commission.reviewers.value
    # drawn from the seed by id, not by position: the order of the lists does not matter
    order = sorted(set(members), key=lambda one: (random.Random(f"{seed}:{one}").random(), one))  # noqa: S311 — a drawing
    free = {one: [m for m in order if (m, one) not in conflicts] for one in sorted(set(applications))}
    stays = [pair for pair in dict.fromkeys(kept) if pair not in conflicts]
    held = {one: [m for m, application in stays if application == one] for one in free}
    there = {one: len({*free[one], *held[one]}) for one in free}
    short = {str(one): each - there[one] for one in free if there[one] < each}
    if short:
        raise Shortage(short=short)
    load = {m: sum(1 for member, _ in stays if member == m) for m in order}
    chosen = {one: list(held[one]) for one in free}
    for one in sorted(free, key=lambda one: (len(free[one]), one)):
        while len(chosen[one]) < each:
            left = [m for m in free[one] if m not in chosen[one]]
            pick = min(left, key=lambda m: (load[m], order.index(m)))
            chosen[one].append(pick)
            load[pick] += 1
    _even_out(free, held, chosen, load)
    return [
        Pairing(one, m, _why(one, m, free=free, held=held, load=load, of=len(order)))
        for one in applications
        for m in sorted(chosen[one], key=lambda m: (m not in order, order.index(m) if m in order else 0, m))
    ]


def _even_out(
    free: Mapping[UUID, list[UUID]],
    held: Mapping[UUID, list[UUID]],
    chosen: dict[UUID, list[UUID]],
    load: dict[UUID, int],
) -> None:
    """Hand reviews from the busiest to the idlest, over others if need be, until no loads differ by more than one."""
    while path := _path(free, held, chosen, load):
        for giver, application, taker in path:
            chosen[application].remove(giver)
            chosen[application].append(taker)
        load[path[0][0]] -= 1
        load[path[-1][2]] += 1


def _path(
    free: Mapping[UUID, list[UUID]],
    held: Mapping[UUID, list[UUID]],
    chosen: Mapping[UUID, list[UUID]],
    load: Mapping[UUID, int],
) -> list[tuple[UUID, UUID, UUID]]:
    """Steps (giver, application, taker) from a member to one with at least two reviews fewer; none when even."""
    for start in sorted(load, key=lambda m: (-load[m], m)):
        reached: dict[UUID, list[tuple[UUID, UUID, UUID]]] = {start: []}
        queue = [start]
        for giver in queue:
            for one in sorted(free):
                if giver not in chosen[one] or giver in held[one]:
                    continue
                for taker in free[one]:
                    if taker in reached or taker in chosen[one]:
                        continue
                    reached[taker] = [*reached[giver], (giver, one, taker)]
                    if load[start] - load[taker] > 1:
                        return reached[taker]
                    queue.append(taker)
    return []


def _why(
    application: UUID,
    member: UUID,
    *,
    free: Mapping[UUID, list[UUID]],
    held: Mapping[UUID, list[UUID]],
    load: Mapping[UUID, int],
    of: int,
) -> str:
    """Why he: codes and counts, so that it can be worded in any language."""
    kept = "kept; " if member in held[application] else ""
    return f"{kept}no conflict ({len(free[application])} of {of} free); load {load.get(member, 0)}"


def needed(pack: Pack, entitled: int, *, repeated: bool = False) -> int:
    """How many of those entitled on the item must be present; at least one."""
    law = pack.quorum
    part = share((law.repeated_share if repeated else law.share).value) * entitled
    return max(1, floor(part) + 1 if law.strict.value else ceil(part))


@dataclass(frozen=True)
class Tally:
    """Who counts on one item, and what their votes came to. `counted` are those present and entitled, `voted` their votes."""

    recused: list[UUID]
    entitled: int
    counted: list[UUID]
    needed: int
    voted: dict[UUID, Choice]
    outcome: "Outcome"

    @property
    def quorum(self) -> bool:
        return len(self.counted) >= self.needed

    @property
    def waiting(self) -> int:
        """How many who count have not voted."""
        return len(self.counted) - len(self.voted)


def tally(
    pack: Pack,
    members: Sequence[Member],
    present: Collection[UUID],
    apart: Collection[UUID],
    votes: Mapping[UUID, Choice],
) -> Tally:
    """Quorum and majority on one item. A vote of one who has an interest (`apart`), or has left since, is not counted."""
    active = {one.id: one for one in members if one.active}
    entitled = active.keys() - set(apart)
    counted = sorted(entitled & set(present))
    voted = {one: votes[one] for one in counted if one in votes}
    chairs = sorted(one.id for one in active.values() if one.seat is Seat.CHAIR and one.id in present)
    outcome = decide(pack, voted, chairs[0] if chairs else None)
    law = needed(pack, len(entitled))
    return Tally(sorted(active.keys() & set(apart)), len(entitled), counted, law, voted, outcome)


@dataclass(frozen=True)
class Outcome:
    """What a vote came to."""

    recommended: bool
    casting_vote: bool
    counts: dict[Choice, int]


def decide(pack: Pack, votes: Mapping[UUID, Choice], chair: UUID | None) -> Outcome:
    """Recommended with the pack's majority; on a tie the chair's own vote decides, if the pack gives him that."""
    law = pack.voting
    counts = {choice: sum(vote is choice for vote in votes.values()) for choice in Choice}
    yes, no = counts[Choice.FOR], counts[Choice.AGAINST]
    whole = len(votes) if law.of.value == "present" else yes + no
    reached = Fraction(yes) - share(law.majority.value) * whole
    if law.casting_vote.value and yes == no and yes and chair is not None and votes.get(chair) is not Choice.ABSTAIN:
        cast_vote = votes.get(chair)
        if cast_vote is not None:
            return Outcome(cast_vote is Choice.FOR, True, counts)
    return Outcome(bool(yes) and (reached > 0 if law.strict.value else reached >= 0), False, counts)
