"""The gettext catalogs in `schemas/locale/`: every text by its code, read when the first sentence is asked for."""

from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("ky", "ru", "en")
FALLBACK: Final = "en"


@cache
def catalog(language: str) -> dict[str, str]:
    """All texts of one language. KeyError for a language that is not spoken here."""
    if language not in LANGUAGES:
        raise KeyError(language)
    from babel.messages.pofile import read_po  # noqa: PLC0415  kept out of the command line's start

    with files("schemas").joinpath(f"locale/{language}.po").open("rb") as source:
        read = read_po(source, locale=language, abort_invalid=True)
    return {str(entry.id): str(entry.string) for entry in read if entry.id and entry.string}


def template(code: str, language: str) -> str:
    """The text of a code as the catalog has it. KeyError when there is none."""
    return catalog(language)[code]


def knows(code: str) -> bool:
    """Whether every language has this code."""
    return all(code in catalog(language) for language in LANGUAGES)
