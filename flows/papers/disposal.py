"""The certificate of disposal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from documents.disposal import Destroyed, Disposal
from flows.papers.law import both, ruled, text, unconfirmed
from flows.papers.parties import customer_party
from rules.packs import Pack
from rules.retention import Record, term
from schemas.customer import Customer, Person

_SHOWN = {
    Record.WINNER: "winners_years",
    Record.OTHER: "others_years",
    Record.LATE: "late_packages_years",
    Record.PARCEL: "parcels_years",
    Record.PERSON: "people_years",
}


@dataclass(frozen=True, slots=True)
class Gone:
    """What went of one record; `event` is the hash of the event that says so, `size` in bytes."""

    record: Record
    name: str
    closed: date
    pack: Pack
    values: int
    files: int
    size: int
    event: str


def disposal(
    customer: Customer,
    head: Person | None,
    *,
    number: str,
    issued_on: date,
    order: tuple[str, str, date],
    gone: Sequence[Gone],
    locked: int,
    decided_by: str,
) -> Disposal:
    """The certificate; terms that no lawyer has confirmed carry their star and are named at its end."""
    packs = {one.pack.id: one.pack for one in gone}
    waiting = [
        each
        for name, pack in sorted(packs.items())
        for each in unconfirmed(
            pack, *sorted({f"retention.{_SHOWN[one.record]}" for one in gone if one.pack.id == name})
        )
    ]
    return Disposal(
        number=number,
        issued_on=issued_on,
        city=text(customer.city),
        customer=customer_party(customer, head),
        order=order[0],
        order_number=order[1],
        order_on=order[2],
        items=tuple(
            Destroyed(
                name=one.name,
                kind=both(f"paper.record.{one.record}"),
                closed=one.closed,
                kept=ruled(term(one.pack, one.record), "year"),
                values=one.values,
                files=one.files,
                size=one.size,
                event=one.event,
            )
            for one in gone
        ),
        locked=locked,
        decided_by=decided_by,
        placeholders=tuple(waiting),
    )
