"""Days as a calendar file (RFC 5545): whole-day events that any calendar program takes in, again and again.

An event keeps its identity and counts its changes, so that taking in a newer file moves it and does not double it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

_OCTETS: Final = 75
_SIGNS: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class Entry:
    """One day. `remind`: days on which the calendar program shall remind of it; `sequence` grows with each change."""

    identity: str
    on: date
    summary: str
    description: str = ""
    sequence: int = 0
    cancelled: bool = False
    remind: Sequence[date] = ()


def calendar(name: str, entries: Sequence[Entry], at: datetime) -> bytes:
    """The file's bytes; `at` (UTC) is when it was made."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ashar//Ashar//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{_escaped(name)}")
    for entry in entries:
        lines += _event(entry, at)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(entry: Entry, at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(entry.identity)}"
    yield f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(entry.summary)}"
    if entry.description:
        yield f"DESCRIPTION:{_escaped(entry.description)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    for day in () if entry.cancelled else entry.remind:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_escaped(entry.summary)}"
        # the day begins at midnight; nine in the morning is when a person is there to see it
        hours = 24 * (day - entry.on).days + 9
        yield f"TRIGGER:{'-' if hours < 0 else ''}PT{abs(hours)}H"
        yield "END:VALARM"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    clean = "".join(one for one in text.replace("\r\n", "\n").replace("\r", "\n") if one >= " " or one in "\n\t")
    return clean.replace("\x7f", "").translate(_SIGNS)


def _folded(line: str) -> bytes:
    """At most 75 octets in a line, without parting a letter's octets."""
    parts: list[bytes] = [b""]
    for sign in line:
        octets = sign.encode()
        if len(parts[-1]) + len(octets) > _OCTETS:
            parts.append(b" ")
        parts[-1] += octets
    return b"\r\n".join(parts) + b"\r\n"
