"""The contest is announced: what is wanted, how it is judged, and when what happens."""

from documents import words
from documents.clauses import Text
from documents.papers import Announcement, Event, Lot, Wanted
from flows.papers.law import both, criteria, joined, starred, term_words, text, unconfirmed
from flows.papers.parties import customer_party
from rules.items import Item
from rules.packs import DocumentRule, Pack
from schemas.contest import Contest
from schemas.customer import Customer, Person
from schemas.facts import Kind
from schemas.programme import Programme

SHOWN = ("ground", "documents", "criteria", "cure.term", "appeal.term", "appeal.decision", "signing.term")


def announcement(
    pack: Pack, contest: Contest, programme: Programme, customer: Customer, head: Person | None
) -> Announcement:
    """The announcement as the contest's row and its rule pack have it."""
    party = customer_party(customer, head)
    places = [party.name, party.address]
    return Announcement(
        number=contest.number,
        announced_on=contest.announced_on,
        customer=party,
        ground=text(pack.legal_ground),
        programme=text(programme.title),
        goal=text(contest.goal),
        tasks=tuple(text(task) for task in contest.tasks),
        problem=text(contest.problem),
        budget=contest.budget,
        lots=tuple(
            Lot(number=number, theme=text(lot.title), ceiling=lot.ceiling)
            for number, lot in enumerate(contest.lots(), 1)
        ),
        documents=tuple(wanted(kind, rule) for kind, rule in sorted(pack.documents.items())),
        criteria=criteria(pack),
        calendar=calendar(pack, contest),
        cutoff=contest.cutoff,
        zone=contest.zone,
        submit_to=text(contest.submit_to)
        if contest.submit_to
        else Text(
            ky=", ".join(filter(None, [*(each.ky for each in places), party.email])),
            ru=", ".join(filter(None, [*(each.ru for each in places), party.email])),
        ),
        placeholders=unconfirmed(pack, *SHOWN),
    )


def wanted(kind: Kind, rule: DocumentRule) -> Wanted:
    """A line of the document catalogue: whether it must be there, and what it must satisfy."""
    need = rule.required.value
    parts: list[Text] = []
    if need not in {"always", "optional"}:
        parts.append(both(f"paper.required.{need}"))
    if rule.signed.value:
        parts.append(both("paper.rule.signed"))
    if rule.dated_by_cutoff is not None and rule.dated_by_cutoff.value:
        parts.append(both("paper.rule.dated"))
    if rule.max_age is not None:
        parts.append(both("paper.rule.max_age", term=term_words(rule.max_age)))
    if rule.valid_on is not None and rule.valid_on.value != "none":
        parts.append(both(f"paper.rule.valid_on.{rule.valid_on.value}"))
    grounds: list[Item | None] = [rule.required, rule.signed, rule.dated_by_cutoff, rule.max_age, rule.valid_on]
    said = starred(joined(parts), *grounds) if parts else Text(ky="", ru="")
    return Wanted(code=kind.value, name=both(f"kind.{kind.value}"), required=need != "optional", rule=said)


def calendar(pack: Pack, contest: Contest) -> tuple[Event, ...]:
    """The contest's calendar: days that are fixed, and terms that run from what happens."""
    facts = {
        "since": contest.announced_on,
        "cutoff": contest.cutoff,
        "zone": contest.zone,
        "starts": contest.project_starts,
        "ends": contest.project_ends,
    }

    def event(name: str, rule: Item | None = None, *, genitive: bool = True) -> Event:
        told = facts if rule is None else {**facts, "term": term_words(rule, genitive=genitive)}
        return Event(
            name=both(f"calendar.{name}"),
            when=both(f"calendar.{name}.when", **told),
            placeholder=rule is not None and rule.placeholder,
        )

    announced = Text(ky=words.day(contest.announced_on, "ky"), ru=words.day(contest.announced_on, "ru"))
    return (
        Event(name=both("calendar.announced"), when=announced),
        event("intake"),
        event("opening"),
        event("completeness", pack.cure.term, genitive=False),
        event("sitting"),
        event("publication"),
        event("appeal", pack.appeal.term),
        event("appeal_decision", pack.appeal.decision),
        event("signing", pack.signing.term),
        event("project"),
    )
