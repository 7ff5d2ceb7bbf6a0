"""Where in a file something stands, in the reader's language: "table 1, row 3" of a reader becomes «1-таблица, 3-сап»."""

import re
from typing import Final

_PAGE: Final = re.compile(r"page (\d{1,6})")
# what the readers of `documents` write, and the text that says it
_FORMS: Final = {
    "place.page": re.compile(r"page (?P<number>\d+)"),
    "place.table": re.compile(r"table (?P<table>\d+), row (?P<row>\d+)"),
    "place.sheet": re.compile(r"sheet (?P<sheet>.+), (?P<cell>[A-Z]{1,4}\d+)", re.DOTALL),
    "place.paragraph": re.compile(r"paragraph (?P<number>\d+)"),
    "place.line": re.compile(r"line (?P<number>\d+)"),
    "place.field": re.compile(r"field (?P<field>.+)", re.DOTALL),
}


def page_of(place: str) -> int | None:
    """The page that a place is; None for any other place."""
    found = _PAGE.fullmatch(place)
    return int(found[1]) if found else None


def form_of(place: str) -> tuple[str, dict[str, str]] | None:
    """Code and facts of the text for a place; None for one that helps nobody to find it, such as a hidden field."""
    for code, form in _FORMS.items():
        found = form.fullmatch(place)
        if found:
            return code, found.groupdict()
    return None
