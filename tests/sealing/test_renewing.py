"""Locks of what the log published are extended twice a year, and those that an interruption left out are put on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.office import Office
from flows.steps import laws, renewing, sealing
from schemas.errors import Retained
from storage import policy, tiles
from tests.sealing.conftest import Happen

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)),
        (datetime(2026, 6, 30, 23, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)),
        (datetime(2026, 7, 1, tzinfo=UTC), datetime(2028, 7, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), datetime(2028, 7, 1, tzinfo=UTC)),
    ],
)
def test_a_lock_is_extended_to_the_same_day_for_half_a_year(now: datetime, until: datetime):
    assert policy.renewed_until(now) == until
    assert until - now > policy.KEPT + timedelta(days=150)


def locks(office: Office) -> dict[str, datetime]:
    folder = office.home / "objects"
    return {
        str(one.relative_to(folder).with_name(one.name[1:].removesuffix(".until"))): datetime.fromisoformat(
            one.read_text()
        )
        for one in folder.rglob(".*.until")
    }


@SQLITE
def test_everything_that_was_published_is_kept_and_what_is_half_full_is_not(office: Office, happen: Happen):
    happen(600)
    sealing.seal(office)
    for one in Path(office.home / "objects/log").rglob(".*.until"):
        one.unlink()  # as if the sealer had been interrupted before it locked them
    full = {tiles.name_of(level, index) for level in (0, tiles.ENTRIES) for index in (0, 1)}
    assert not full & locks(office).keys()

    assert renewing.renew(office) == len(full) + len(laws.installed()) + 2  # with the checkpoint and the policy

    told = locks(office)
    assert {one for one in told if one.startswith("log/")} == full
    assert set(told.values()) == {policy.renewed_until(office.machine_now())}
    with pytest.raises(Retained):
        office.objects.delete(tiles.name_of(0, 1))
    before = dict(told)
    assert renewing.renew(office) == len(before)
    assert locks(office) == before
