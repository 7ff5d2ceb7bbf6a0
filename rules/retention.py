"""How long records are kept: a term for each kind, from the pack, and the first day on which one may be disposed of."""

from datetime import date
from enum import StrEnum

from rules.items import Item
from rules.packs import Pack


class Record(StrEnum):
    """A kind of record of the schedule."""

    WINNER = "winner"  # a case with a signed contract: application, contract, reports
    OTHER = "other"  # an application that came to no contract
    LATE = "late"  # a package that was turned away
    PARCEL = "parcel"  # what came by mail, folder or bucket
    PERSON = "person"  # who somebody was, after the last role


def term(pack: Pack, record: Record) -> Item[int]:
    """Years for which a kind of record is kept; 0 = for ever."""
    law = pack.retention
    return {
        Record.WINNER: law.winners_years,
        Record.OTHER: law.others_years,
        Record.LATE: law.late_packages_years,
        Record.PARCEL: law.parcels_years,
        Record.PERSON: law.people_years,
    }[record]


def disposable_on(pack: Pack, record: Record, closed: date) -> date | None:
    """The first day on which a record that was closed on that day may be disposed of; None: it is kept for ever."""
    years = term(pack, record).value
    if not years:
        return None
    if pack.retention.counted_from.value == "year_end":
        return date(closed.year + 1 + years, 1, 1)
    # the 29th of February has its anniversary on the 1st of March
    after = date(closed.year, 3, 1) if (closed.month, closed.day) == (2, 29) else closed
    return after.replace(year=after.year + years)


def placeholder(pack: Pack, record: Record) -> bool:
    """Whether the term rests on a value that no lawyer has verified."""
    return term(pack, record).placeholder or pack.retention.counted_from.placeholder
