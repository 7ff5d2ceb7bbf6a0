"""Figures and days in a sentence: money, sizes, dates and instants as each language writes them."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from schemas.catalogs import template

_NBSP: Final = "\u00a0"
_CASES: Final = {"to": "н{}", "in": "нд{}", "from": "н{}н"}


def number(name: str, value: int, form: str, language: str) -> str:
    """A whole number as its name or its form asks: money, bytes, points, or as it is."""
    if form == "money" or name.endswith("_tyiyn"):
        return money(value, language)
    if form == "bytes":
        return size(value, language)
    if form == "points":
        return _point(f"{value / 100:.2f}", language)
    return str(value)


def money(tyiyn: int, language: str) -> str:
    """A sum in tyiyn as people write it."""
    som, rest = divmod(abs(tyiyn), 100)
    sign = "−" if tyiyn < 0 else ""
    if language == "en":
        return f"{sign}KGS{_NBSP}{som:,}" + (f".{rest:02}" if rest else "")
    figures = f"{som:,}".replace(",", _NBSP)
    return f"{sign}{figures}{_NBSP}сом" + (f" {rest:02}{_NBSP}тыйын" if rest else "")


def size(count: int, language: str) -> str:
    """Bytes in thousands or millions."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000)) if count else 0}{_NBSP}{template('form.kilobytes', language)}"
    figure = _point(f"{count / 1_000_000:.1f}".removesuffix(".0"), language)
    return f"{figure}{_NBSP}{template('form.megabytes', language)}"


def _point(figure: str, language: str) -> str:
    return figure if language == "en" else figure.replace(".", ",")


def day(on: date, form: str, language: str) -> str:
    """A date as official papers write it; Kyrgyz declines it (Babel's Kyrgyz long date is not the official one)."""
    month = template(f"form.month.{on.month}", language)
    if language == "ky":
        vowel = "е" if month.endswith("и") else "а"
        return f"{on.year}-жылдын {on.day}-{month}{_CASES.get(form, '').format(vowel)}"
    return f"{on.day}{_NBSP}{month} {on.year}" + (f"{_NBSP}г." if language == "ru" else "")


def moment(at: datetime, zone: str, form: str, language: str) -> str:
    """An instant in the clock of a zone; seconds only where there are any, so that a second late can be seen."""
    local = at.astimezone(ZoneInfo(zone)) if at.tzinfo else at
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{day(local.date(), form, language)}, {'саат ' if language == 'ky' else ''}{clock}"
