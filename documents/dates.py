"""Dates of official papers, as Kyrgyz, Russian and English write them. Pure functions over text."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date

from documents.letters import clean


@dataclass(frozen=True)
class Day:
    """A date and where it stands in the text (offsets of characters)."""

    day: date
    start: int
    end: int


_MONTHS = ("янв", "фев", "март", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>янв\w*|фев\w*|март\w*|апр\w*|ма[йяе]\w*|июн\w*|июл\w*|авг\w*|сен\w*|окт\w*|ноя\w*|дек\w*"
    r"|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*)\.?"
)
_QUOTE = r"[\"'<>_]{0,3}"
_DAY = rf"{_QUOTE}\s?(?P<day>\d{{1,2}})\s?{_QUOTE}"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_KY_YEAR = rf"{_YEAR}\s*+-?\s*+ж(?:ыл\w*)?\b\.?"
_NOT_NUMBER = r"(?<![\w/№#.,-])"
# spaces once taken are not given back (++, *+): where several may stand, a long gap would be split in every way
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 2026-жылдын 5-марты, 2026-ж. «05» март
        rf"{_NOT_NUMBER}{_KY_YEAR},?\s*+{_DAY}\s*+-?\s*+{_MONTH}",
        # 5 марта 2026 года, «05» март 2026-ж., 5th March 2026, 5-март, 2026-жыл
        rf"{_NOT_NUMBER}{_DAY}\s*+(?:-?\s*+(?:го|е|st|nd|rd|th)\b\s*+)?(?:(?<=\s)of\s*+)?-?\s*+{_MONTH},?\s*+{_YEAR}(?!\d)",
        # March 5, 2026
        rf"{_NOT_NUMBER}{_MONTH}\s++(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s++{_YEAR}(?!\d)",
        # 2026-03-05
        rf"{_NOT_NUMBER}{_YEAR}(?P<sign>[-./])(?P<number>\d{{2}})(?P=sign)(?P<day>\d{{2}})(?![\d/-])",
        # 05.03.2026, 5/3/2026, 05-03-2026, 05. 03. 2026
        rf"{_NOT_NUMBER}(?P<day>\d{{1,2}})(?P<sign>[-/]|\.\s?)(?P<number>\d{{1,2}})(?P=sign){_YEAR}(?![\d/])",
        # 05.03.26
        rf"{_NOT_NUMBER}(?P<day>\d{{2}})\.(?P<number>\d{{2}})\.(?P<short>\d{{2}})(?![\d.,/])",
    )
)
# Whatever is a date has one of these; looking for it costs a twentieth of looking for all forms of a date.
# (begun with a digit that both have: then the rest of the text is passed over twice as fast)
_YEAR_SEEN = re.compile(r"[0-9][0-9](?:(?<=19|20)[0-9]{2}|\.[0-9]{2}\.[0-9]{2})")
_DIGIT = re.compile(r"\d")
_AROUND = 60  # characters that a date may reach before and after its year
# a number on the line above is that of the paper, and says nothing of the date below it
_NUMBER_BEFORE = re.compile(r"(?:№|\bno\.?|\bn\s?[:.]|#)[^\S\n]*[\w/-]*\Z", re.IGNORECASE)


def _month(word: str) -> int:
    word = word.casefold()
    for stems in (_MONTHS, _ENGLISH):
        for number, stem in enumerate(stems, 1):
            if word.startswith(stem) and not (stem == "ма" and word.startswith("март")):
                return number
    return 0


def dates(text: str) -> list[Day]:
    """All dates of a text in Kyrgyz, Russian, English and figure form, in reading order. A file number is no date."""
    if not _DIGIT.search(text):
        return []
    text = clean(text)
    found: list[Day] = []
    places = _places(text)
    for form in _FORMS:
        for match in (match for begin, end in places for match in form.finditer(text, begin, end)):
            parts = match.groupdict()
            at = bisect_left(found, match.end(), key=lambda day: day.start)
            if at and found[at - 1].end > match.start():
                continue
            if _NUMBER_BEFORE.search(text[max(0, match.start() - 20) : match.start()]):
                continue
            year = int(parts["year"]) if parts.get("year") else 2000 + int(parts["short"])
            month = _month(parts["month"]) if parts.get("month") else int(parts["number"])
            try:
                found.insert(at, Day(date(year, month, int(parts["day"])), match.start(), match.end()))
            except ValueError:
                continue
    return found


def _places(text: str) -> list[tuple[int, int]]:
    """Stretches of the text that may hold a date, in order and apart."""
    places: list[tuple[int, int]] = []
    for year in _YEAR_SEEN.finditer(text):
        begin, end = max(0, year.start() - _AROUND), year.end() + _AROUND
        if places and begin <= places[-1][1]:
            begin = places.pop()[0]
        places.append((begin, end))
    return places


def one_date(text: str) -> date | None:
    """The first date of a text, or None."""
    found = dates(text)
    return found[0].day if found else None


def without(text: str) -> str:
    """The text, cleaned, with a space in place of each date."""
    said = clean(text)
    for day in reversed(dates(said)):
        said = f"{said[: day.start]} {said[day.end :]}"
    return said
