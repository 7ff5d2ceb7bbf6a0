"""Papers as a clerk of another office words them: texts in `texts/`, values put in, set as blocks.

A text begins with `== kind | file name | values that it states`. Below: `# title`, `> to the right`, `label | value` or
cells of a table, `~ label | name` for the place of a signature, anything else a paragraph.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cli.demo.wording import Block, Rows, Said, Sheet, Signed
from documents import words
from schemas.facts import Kind

LANGUAGES = ("ky", "ru", "en")
_QUOTED_MONTHS = {
    "ky": ("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь"),
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября"),
}


class Day:
    """A day in the way that a paper writes it."""

    def __init__(self, on: date) -> None:
        self.on = on

    def __format__(self, style: str) -> str:
        on = self.on
        match style:
            case "dots":
                return f"{on:%d.%m.%Y}"
            case "ruq":
                return f"«{on.day:02d}» {(*_QUOTED_MONTHS['ru'], 'декабря')[on.month - 1]} {on.year} г."
            case "kyq":
                return f"{on.year}-ж. «{on.day:02d}» {(*_QUOTED_MONTHS['ky'], 'декабрь')[on.month - 1]}"
            case "ru":
                return words.day(on, "ru").replace("г.", "года")
            case "ky":
                return words.day(on, "ky")
            case "en":
                return words.day(on, "en")
        raise ValueError(style)


class Som:
    """A sum of whole som in the way that a paper writes it."""

    def __init__(self, som: int) -> None:
        self.som = som

    def __format__(self, style: str) -> str:
        match style:
            case "p":
                return str(self.som)
            case "s":
                return f"{self.som:,}".replace(",", " ")
            case "k":
                return f"{self.som:,}".replace(",", " ") + ",00"
            case "c":
                return f"{self.som:,}"
            case "wru" | "wky" | "wen":
                return words.amount(self.som * 100, style[1:])  # pyright: ignore[reportArgumentType]
        raise ValueError(style)


class Nothing:
    """A value that the paper leaves out."""

    def __format__(self, _style: str) -> str:
        return ""


NOTHING = Nothing()
_NAMES = {
    "ky": {"org": "«Жашыл Көчө» коомдук фонду", "head": "Осмонова Назгүл Бакытовна", "theme": "Таштанды"},
    "ru": {"org": "Общественный фонд «Зелёная улица»", "head": "Осмонова Назгуль Бакытовна", "theme": "Мусор"},
    "en": {"org": 'Public Foundation "Green Street"', "head": "Osmonova Nazgul", "theme": "Rubbish"},
}
_WORDS = {
    "ky": {"title": "Таза көчө — биздин көчө", "group": "беш көчөнүн тургундары"},
    "ru": {"title": "Чистая улица — наша улица", "group": "жители пяти улиц"},
    "en": {"title": "A clean street is our street", "group": "residents of five streets"},
}


def usual(language: str) -> dict[str, Any]:
    """What the papers of an applicant state; sums in whole som. It fits the contest of the rule tests' makers."""
    return {
        **_NAMES[language],
        **_WORDS[language],
        "inn": "01203201510046",
        "okpo": "29104417",
        "reg": "147-3301-ОФ" if language != "en" else "147-3301-OF",
        "contest": "BATKEN-2018-1",
        "contract": "БТК-2018/07",
        "account": "1091820155340117",
        "registered": Day(date(2015, 3, 12)),
        "issued": Day(date(2018, 7, 16)),
        "valid": Day(date(2018, 8, 15)),
        "longvalid": Day(date(2021, 7, 15)),
        "dated": Day(date(2018, 7, 30)),
        "starts": Day(date(2018, 10, 1)),
        "mid": Day(date(2018, 12, 31)),
        "ends": Day(date(2019, 3, 31)),
        "n3": 6,
        "t3": Som(15_000),
        "total": Som(50_000),
        "requested": Som(45_000),
        "sumreq": Som(45_000),
        "own": Som(5_000),
        "quote": Som(15_000),
        "sign": True,
        "signplace": True,
    }


@dataclass(frozen=True)
class Text:
    """One wording: what it is, how the sender calls the file, and which values it states."""

    kind: Kind
    language: str
    name: str
    states: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def signs(self) -> bool:
        return any(line.startswith("~") for line in self.lines)

    def sheet(self, values: Mapping[str, Any]) -> Sheet:
        """The paper as blocks, with the values put in."""
        blocks: list[Block] = []
        rows: list[tuple[str, ...]] = []
        for line in (*self.lines, ""):
            told = line.format_map(values)
            cells = tuple(cell.strip() for cell in told.split("|"))
            if len(cells) > 1 and not line.startswith("~"):
                rows.append(cells)
                continue
            if rows:
                blocks.append(Rows(rows[0], tuple(rows[1:])))
                rows = []
            if line.startswith("# "):
                blocks.append(Said(told[2:], "title"))
            elif line.startswith("> "):
                blocks.append(Said(told[2:], "right"))
            elif line.startswith("~"):
                if values["signplace"]:
                    by = self.name if values["sign"] else None
                    blocks.append(Signed(cells[0][1:].strip(), cells[1], by))
            elif told:
                blocks.append(Said(told))
        return tuple(blocks)


@cache
def texts(language: str) -> tuple[Text, ...]:
    """All wordings of a language, in the order of the file."""
    source = (Path(__file__).parent / "texts" / f"{language}.txt").read_text(encoding="utf-8")
    found: list[Text] = []
    for part in source.split("== ")[1:]:
        head, *lines = part.strip().splitlines()
        kind, name, *states = (cell.strip() for cell in head.split("|"))
        told = tuple(states[0].split()) if states else ()
        found.append(Text(Kind(kind), language, name, told, tuple(lines)))
    return tuple(found)


_STATED = {
    "organisation": "org",
    "own_contribution": "own",
    "issued_on": "issued",
    "valid_until": "valid",
    "registered_on": "registered",
    "registration_number": "reg",
    "bank_account": "account",
    "number": "contract",
    "target_group": "group",
}
_FIXED = {"spent": 27_400_00, "balance": 2_600_00, "period": 1}


def truth(text: Text, values: Mapping[str, Any]) -> dict[str, str | int]:
    """What a careful person reads from the paper: days as ISO text, sums in tyiyn."""
    read: dict[str, str | int] = {}
    for key in text.states:
        told = _FIXED.get(key) or values[_of(text.kind, key)]
        if isinstance(told, Nothing):
            continue
        read[key] = told.on.isoformat() if isinstance(told, Day) else told.som * 100 if isinstance(told, Som) else told
    return read


def _of(kind: Kind, key: str) -> str:
    """The value behind a name: a licence is valid for long, a period of a report ends midway, a shop asks its own price."""
    special = {
        (Kind.LICENCE, "valid_until"): "longvalid",
        (Kind.PRICE_QUOTE, "total"): "quote",
        (Kind.PROGRAMME_REPORT, "ends"): "mid",
        (Kind.BUDGET, "requested"): "sumreq",
        (Kind.HEAD_APPOINTMENT, "dated"): "issued",
    }
    return special.get((kind, key), _STATED.get(key, key))
