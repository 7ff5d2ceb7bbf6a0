"""What the rule pack says, as papers print it: terms with their star, and the list of what no lawyer has confirmed."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from documents import words
from documents.clauses import Placeholder, Ruled, Text, Unit
from documents.papers import Criterion
from rules.deadlines import Term
from rules.items import Item
from rules.packs import Criterion as CriterionRule
from rules.packs import Pack
from rules.reporting import DayOfMonth, LastWorkingDay
from schemas.contest import Contest
from schemas.contract import Contract
from schemas.errors import BadDraft
from schemas.wording import say

_DAYS: Final[Mapping[str, Unit]] = {"working": "working day", "calendar": "calendar day"}
# how a plain number of the pack is counted, by the last part of its path
_UNITS: Final[Mapping[str, Unit]] = {
    "threshold_percent": "percent",
    "successful_percent": "percent",
    "satisfactory_percent": "percent",
    "advance_limit": "percent",
    "split": "percent",
    "months": "month",
    **dict.fromkeys(("winners_years", "others_years", "late_packages_years", "parcels_years", "people_years"), "year"),
}
_SOURCES: Final = ("comparator", "practice", "design", "seed", "example")


def both(code: str, **facts: object) -> Text:
    """The sentence of a code in both languages of a paper."""
    return Text(ky=say(code, "ky", **facts), ru=say(code, "ru", **facts))


def text(given: Mapping[str, str] | str) -> Text:
    """Words as papers take them; one language stands for both where the other is missing."""
    if isinstance(given, str):
        return Text(ky=given, ru=given)
    ky, ru = given.get("ky", ""), given.get("ru", "")
    whatever = ky or ru or given.get("en", "")
    return Text(ky=ky or whatever, ru=ru or whatever)


def bare(given: Text) -> Text:
    """Without the full stop, for a place where the paper puts one itself."""
    return Text(ky=given.ky.rstrip(" ."), ru=given.ru.rstrip(" ."))


def case_number(contest: Contest, number: int) -> str:
    """How an application is called on paper: the contest's number and its own."""
    return f"{contest.number}/{number}"


def signed_on(contract: Contract, template: str) -> date:
    """The day of the contract that a later paper names. Raises BadDraft when it was never signed."""
    if contract.signed_on is None:
        raise BadDraft(template=template, missing="signed_on")
    return contract.signed_on


def project_of(contract: Contract, title: str) -> Text:
    """The project by its title, or by its contract where the title is not told."""
    return text(title) if title else both("paper.project", number=contract.number)


def term(item: Item[Term]) -> Ruled:
    return Ruled(value=item.value.days, unit=_DAYS[item.value.kind], placeholder=item.placeholder)


def ruled(item: Item[int], unit: Unit) -> Ruled:
    return Ruled(value=item.value, unit=unit, placeholder=item.placeholder)


def term_words(item: Item[Term], *, genitive: bool = False) -> dict[str, str]:
    """A term in each language, for a sentence of the catalog; `genitive` after the Russian «в течение»."""
    days, noun = item.value.days, _DAYS[item.value.kind]
    russian = words.counted_of(days, noun) if genitive else words.counted(days, noun, "ru")
    return {"ky": words.counted(days, noun, "ky"), "ru": russian}


def criteria(pack: Pack) -> tuple[Criterion, ...]:
    """The criteria in the order of the pack; weights as per cent of the whole."""
    whole = sum(rule.weight.value for rule in pack.criteria.values())
    return tuple(
        Criterion(name=text(rule.title.value), weight=_percent(rule.weight.value, whole), scale=_scale(rule))
        for rule in pack.criteria.values()
    )


def _percent(weight: int, whole: int) -> Decimal:
    share = (Decimal(weight * 100) / whole).quantize(Decimal("0.01")).normalize()
    # 20 per cent normalises to 2E+1
    return share if share.as_tuple().exponent in {-1, -2} else share.quantize(Decimal(1))


def _scale(rule: CriterionRule) -> str:
    if rule.model.value == "gate":
        return both("paper.scale.gate").ky
    if rule.model.value == "bands" and rule.bands is not None:
        points = [band.points for band in rule.bands.value]
        return f"{min(points)}–{max(points)}"
    return f"{rule.low.value}–{rule.high.value}"


def unconfirmed(pack: Pack, *paths: str) -> tuple[Placeholder, ...]:
    """Those of the values shown that rest on a placeholder. A path may be a whole part of the pack (`criteria`)."""
    waiting = set(pack.placeholders())
    items = dict(pack.items())
    found: list[Placeholder] = []
    for path in paths:
        under = [one for one in waiting if one == path or one.startswith(f"{path}.")]
        if not under:
            continue
        item = items.get(path)
        # the ground stands in the paper itself: here only whose wording it is
        value = f"{pack.id} ({pack.version})" if path == "ground" else _value(path, item) if item else _of(pack, path)
        sources = {_source(items[one].source) for one in under}
        source = both(f"pack.source.{sources.pop() if len(sources) == 1 else 'mixed'}")
        found.append(Placeholder(name=both(f"pack.{path}"), value=value, source=f"{source.ky} / {source.ru}"))
    return tuple(found)


def _source(told: str) -> str:
    kind = told.partition(":")[0]
    return kind if kind in _SOURCES else "act"


def _of(pack: Pack, path: str) -> str:
    """A whole part in short: how many lines it has."""
    part = getattr(pack, path)
    return str(len(part)) if isinstance(part, dict) else pack.id


def _value(path: str, item: Item) -> str:
    value = item.value
    if isinstance(value, Term):
        said = term_words(item)
        return f"{said['ky']} / {said['ru']}"
    if path == "monitoring.every":
        said = both(f"paper.every.{value}")
        return f"{said.ky} / {said.ru}"
    if isinstance(value, DayOfMonth):
        said = both("paper.due.day_of_month", day=value.day)
        return f"{said.ky} / {said.ru}"
    if isinstance(value, LastWorkingDay):
        said = both("paper.due.last_working_day", months=value.last_working_day)
        return f"{said.ky} / {said.ru}"
    if isinstance(value, dict):
        return text(value).ky
    if isinstance(value, bool):
        return " / ".join(say(f"answer.{'yes' if value else 'no'}", each) for each in ("ky", "ru"))
    unit = _UNITS.get(path.rpartition(".")[2])
    if isinstance(value, list):
        if all(isinstance(one, int) for one in value):
            return _counted(", ".join(map(str, value)), None, unit)
        return str(len(value))
    return _counted(str(value), value if isinstance(value, int) else None, unit)


def _counted(figures: str, number: int | None, unit: Unit | None) -> str:
    if unit == "percent":
        return f"{figures}{words.NBSP}%"
    if unit is None or number is None:
        return figures
    return f"{words.counted(number, unit, 'ky')} / {words.counted(number, unit, 'ru')}"


def starred(said: Text, *items: Item | None) -> Text:
    """With a star when any of what it rests on is a placeholder."""
    if any(item is not None and item.placeholder for item in items):
        return Text(ky=f"{said.ky}*", ru=f"{said.ru}*")
    return said


def joined(parts: Sequence[Text]) -> Text:
    return Text(ky="; ".join(part.ky for part in parts), ru="; ".join(part.ru for part in parts))
