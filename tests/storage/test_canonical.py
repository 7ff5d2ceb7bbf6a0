"""One value has one sequence of bytes, by whichever library it is written."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.customer import Role
from storage.canonical import canonical, plain
from storage.ledger import settled

LARGEST = 2**53 - 1
keys = st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"))
leaves = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))


@settings(max_examples=100, deadline=None)
@given(values)
def test_orjson_the_standard_library_and_rfc_8785_agree_to_the_byte(value: object):
    told = canonical(value)

    assert told == rfc8785.dumps(value)  # pyright: ignore[reportArgumentType]
    assert told == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert json.loads(told) == value


@settings(max_examples=25, deadline=None)
@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_is_told_in_utc_to_the_microsecond_and_read_back(at: datetime):
    try:
        expected = at.astimezone(UTC)
    except OverflowError:
        return
    assert datetime.fromisoformat(str(plain(at))) == expected
    assert len(str(plain(at))) == len("2018-06-29T05:00:00.000000Z")


def test_what_the_program_knows_is_told_as_text():
    value = {
        "at": datetime(2018, 6, 29, 11, tzinfo=timezone(timedelta(hours=6))),
        "day": date(2018, 6, 29),
        "id": UUID(int=1),
        "role": Role.HEAD,
        "rest": ("ө", 1, None, True),
    }
    assert (
        canonical(value)
        == (
            '{"at":"2018-06-29T05:00:00.000000Z","day":"2018-06-29","id":"00000000-0000-0000-0000-000000000001",'
            '"rest":["ө",1,null,true],"role":"head"}'
        ).encode()
    )


@pytest.mark.parametrize(
    "value",
    [
        *(1.0, float("nan"), Decimal(1), 2**53, -(2**53), b"bytes", bytearray(b"b"), {1}, object, "\ud800"),
        *({"Ключ": 1}, {"Upper": 1}, {"1a": 1}, {"a-b": 1}, {"": 1}, {1: 1}, {"a\n": 1}, ["ok", {"a": [1.5]}]),
        datetime(2018, 6, 29),
    ],
    ids=repr,
)
def test_what_is_outside_the_profile_is_refused(value: object):
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize(
    "value", [{"Ключ": 1.5}, {1: {"Б": b"b"}}, [1.0, "\udcff"], {"a": datetime(2018, 6, 29)}, 2**60], ids=repr
)
def test_a_columns_value_always_finds_a_form_within_the_profile(value: object):
    assert canonical(settled(value)) == canonical(settled(value))
