"""Canonical JSON of the trail: one sequence of bytes for one value, whoever writes it.

The strict profile makes orjson, the standard library and RFC 8785 agree to the byte: object keys `[a-z][a-z0-9_]*`,
no floats, integers within ±(2^53-1), no lone surrogates (findings: audit, section 2.1).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import cast
from uuid import UUID

import orjson

_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
_LARGEST = 2**53 - 1

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


def plain(value: object) -> Plain:
    """The value as the profile allows it: instants as `2026-01-31T08:00:00.000000Z`, days as ISO, ids and enums as text.

    Raises TypeError for whatever is outside the profile: a float, bytes, a set, half a character, a large integer, a key.
    """
    # nearly all of an event is of these kinds, and patterns that ask for a Mapping or a Sequence are dear
    if isinstance(value, str) and type(value) is str:
        return value if value.isascii() else _text(value)
    if value is None or (isinstance(value, int) and type(value) in (int, bool) and -_LARGEST <= value <= _LARGEST):
        return value
    if isinstance(value, dict):
        return {_key(name): plain(inner) for name, inner in cast("dict[object, object]", value).items()}
    if isinstance(value, list):
        return [plain(inner) for inner in cast("list[object]", value)]
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value)
        case str():
            return _text(value)
        case int():
            if abs(value) > _LARGEST:
                raise TypeError("an integer of the trail must fit in 53 bits")
            return value
        case datetime():
            if value.tzinfo is None:
                raise TypeError("an instant of the trail needs its zone")
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {_key(name): plain(inner) for name, inner in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [plain(inner) for inner in value]
        case _:
            raise TypeError(f"a {type(value).__name__} cannot stand in the trail")


def _text(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as half:
        raise TypeError("half a character cannot stand in the trail") from half
    return value


def _key(name: object) -> str:
    if not isinstance(name, str) or not _is_key(name):
        raise TypeError(f"{name!r} cannot be a key in the trail")
    return str(name)


@lru_cache(maxsize=1024)
def _is_key(name: str) -> bool:
    return _KEY.match(name) is not None


def canonical(value: object) -> bytes:
    """The bytes that are hashed."""
    return dumped(plain(value))


def dumped(value: Plain) -> bytes:
    """The bytes of what `plain` has given."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
