"""A calendar file is what RFC 5545 says, whatever letters stand in it."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from documents.ics import Entry, calendar

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def lines(content: bytes) -> list[str]:
    """Logical lines, unfolded."""
    assert content.endswith(b"\r\n")
    return content.decode().replace("\r\n ", "").split("\r\n")[:-1]


def unescaped(text: str) -> str:
    out, left = "", iter(text)
    for sign in left:
        out += {"n": "\n"}.get(after := next(left), after) if sign == "\\" else sign
    return out


def test_a_day_is_a_whole_day_with_its_identity_and_its_count_of_changes():
    told = lines(calendar("Мөөнөттөр", [Entry("period-1@ashar", date(2026, 3, 31), "Отчёт 3/12", sequence=4)], AT))

    assert told[:6] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Ashar//Ashar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Мөөнөттөр",
    ]
    assert told[6:] == [
        "BEGIN:VEVENT",
        "UID:period-1@ashar",
        "DTSTAMP:20260301T080000Z",
        "SEQUENCE:4",
        "DTSTART;VALUE=DATE:20260331",
        "DTEND;VALUE=DATE:20260401",
        "SUMMARY:Отчёт 3/12",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_it_reminds_at_nine_in_the_morning_of_the_days_of_the_ladder():
    told = lines(calendar("x", [Entry("1", date(2026, 3, 31), "x", remind=[date(2026, 3, 24), date(2026, 3, 31)])], AT))

    assert [one for one in told if one.startswith("TRIGGER")] == ["TRIGGER:-PT159H", "TRIGGER:PT9H"]


def test_what_is_struck_out_reminds_of_nothing():
    told = lines(calendar("x", [Entry("1", date(2026, 3, 31), "x", cancelled=True, remind=[date(2026, 3, 24)])], AT))

    assert "STATUS:CANCELLED" in told
    assert "BEGIN:VALARM" not in told


@given(st.text(max_size=300), st.text(alphabet="ңөүҢ,;\\\n\r: x", max_size=300))
def test_any_text_comes_back_and_no_line_is_longer_than_75_octets(summary: str, description: str):
    content = calendar("x", [Entry("1", date(2026, 3, 31), summary, description or "x")], AT)
    told = dict(one.split(":", 1) for one in lines(content) if ":" in one)
    kept = description.replace("\r\n", "\n").replace("\r", "\n") or "x"

    assert all(len(one) <= 75 for one in content.split(b"\r\n"))
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert unescaped(told["DESCRIPTION"]) == kept
