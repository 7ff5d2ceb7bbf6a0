"""How long records are kept, by the pack's own numbers."""

from datetime import date

import pytest

from rules import packs
from rules.packs import Pack
from rules.retention import Record, disposable_on, placeholder, term

PACK = packs.load("example")


def counting(*, since: str = "day", years: int = 2) -> Pack:
    law = PACK.retention.model_copy(
        update={
            "counted_from": PACK.retention.counted_from.model_copy(update={"value": since}),
            "parcels_years": PACK.retention.parcels_years.model_copy(update={"value": years}),
        }
    )
    return PACK.model_copy(update={"retention": law})


@pytest.mark.parametrize("record", Record)
def test_every_kind_of_record_has_its_term(record: Record):
    assert term(PACK, record).value > 0


def test_years_are_counted_from_the_january_after_the_record_was_closed():
    assert disposable_on(counting(since="year_end"), Record.PARCEL, date(2018, 12, 31)) == date(2021, 1, 1)
    assert disposable_on(counting(since="year_end"), Record.PARCEL, date(2019, 1, 1)) == date(2022, 1, 1)


@pytest.mark.parametrize(
    ("closed", "due"),
    [
        pytest.param(date(2018, 5, 7), date(2020, 5, 7), id="a day like others"),
        pytest.param(date(2020, 2, 29), date(2022, 3, 1), id="a leap day"),
    ],
)
def test_or_from_the_very_day(closed: date, due: date):
    assert disposable_on(counting(), Record.PARCEL, closed) == due


def test_no_years_is_for_ever():
    assert disposable_on(counting(years=0), Record.PARCEL, date(2018, 5, 7)) is None


@pytest.mark.parametrize("record", Record)
def test_what_no_lawyer_has_verified_is_said(record: Record):
    assert placeholder(packs.load("kg-604-2022"), record)
    assert not placeholder(PACK, record)
