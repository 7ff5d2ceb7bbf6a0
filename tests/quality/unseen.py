"""Wordings that no reader is mended against: texts of `unseen/*.toml` as labelled files for `tests.quality`."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cli.demo.wording import Block, Rows, Said, Sheet, Signed
from schemas.facts import Kind, Seen
from tests.quality.labelled import MAKERS, File

TEXTS = Path(__file__).parent / "unseen"
LANGUAGES = ("ky", "ru", "en")
SOM = 100
_MONTHS = {
    "ky": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "kyp": "январы февралы марты апрели майы июну июлу августу сентябры октябры ноябры декабры",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
}


class Day(date):
    """A date that a text may write in several ways: `d`, `ky`, `ky2`, `ru`, `ru2`, `en`, `en2`."""

    def __format__(self, way: str) -> str:
        def month(names: str) -> str:
            return _MONTHS[names].split()[self.month - 1]

        ways: dict[str, Callable[[], str]] = {
            "d": lambda: f"{self.day:02d}.{self.month:02d}.{self.year}",
            "ky": lambda: f"{self.year}-жылдын {self.day}-{month('kyp')}",
            "ky2": lambda: f"{self.year}-ж. «{self.day:02d}» {month('ky')}",
            "ru": lambda: f"{self.day} {month('ru')} {self.year} года",
            "ru2": lambda: f"«{self.day:02d}» {month('ru')} {self.year} г.",
            "en": lambda: f"{self.day} {month('en')} {self.year}",
            "en2": lambda: f"{month('en')} {self.day}, {self.year}",
        }
        return ways[way]()


class Som(int):
    """Whole som that a text may write in several ways: `sp` 42 500, `com` 42,500, `plain` 42500."""

    def __format__(self, way: str) -> str:
        grouped = f"{int(self):,d}"
        ways = {
            "sp": grouped.replace(",", " "),
            "com": grouped,
            "plain": str(int(self)),
        }
        return ways[way or "plain"]


@dataclass(frozen=True)
class Values:
    """What one case's papers say. Sums in whole som."""

    org: str
    head: str
    project: str
    inn: str = "01203201510046"
    okpo: str = "28765432"
    reg: str = "10341-3306-КФ"
    account: str = "1350110020034567"
    contest: str = "BATKEN-2018-1"
    topic: str = ""
    people: int = 1240
    registered: date = date(2015, 3, 12)
    issued: date = date(2018, 7, 20)
    valid: date = date(2019, 6, 30)
    dated: date = date(2018, 7, 30)
    starts: date = date(2018, 10, 1)
    ends: date = date(2019, 3, 31)
    requested: int = 42_500
    own: int = 5_000

    def written(self) -> dict[str, object]:
        """For the places of a text."""
        told: dict[str, object] = {
            name: Day(value.year, value.month, value.day) if isinstance(value, date) else value
            for name, value in self.__dict__.items()
        }
        rest = self.requested - 35_000  # the first line of the budget is ten containers of 3500
        sums = {"p1": 3_500, "t1": 35_000, "p2": (rest + self.own) // 5, "t2": rest + self.own, "r2": rest}
        sums |= {"requested": self.requested, "own": self.own, "total": self.requested + self.own}
        return told | {name: Som(value) for name, value in sums.items()}

    def read(self, gives: str) -> dict[str, str | int]:
        """What a reader should answer for these keys."""
        known: dict[str, str | int] = {
            "organisation": self.org,
            "inn": self.inn,
            "okpo": self.okpo,
            "registration_number": self.reg,
            "bank_account": self.account,
            "head": self.head,
            "theme": self.topic,
            "contest": self.contest,
            "registered_on": self.registered.isoformat(),
            "issued_on": self.issued.isoformat(),
            "valid_until": self.valid.isoformat(),
            "dated": self.dated.isoformat(),
            "starts": self.starts.isoformat(),
            "ends": self.ends.isoformat(),
            "requested": self.requested * SOM,
            "own_contribution": self.own * SOM,
            "total": (self.requested + self.own) * SOM,
        }
        return {key: known[key] for key in gives.split()}


CASES = {
    "ky": Values("«Таза Баткен» коомдук фонду", "Асанова Айгүл", "Таштандысыз короо", topic="Таштанды"),
    "ru": Values("Общественный фонд «Чистый Баткен»", "Асанов Бакыт", "Двор без мусора", topic="Мусор"),
    "en": Values("public foundation “Clean Batken”", "Bakyt Asanov", "Yard without rubbish", topic="Rubbish"),
}


@cache
def texts(language: str) -> dict[str, dict[str, Any]]:
    """By kind: text, file name, which values of the case it gives, and what it states besides."""
    return tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))


def sheet(text: str, values: Values, *, signed: bool) -> Sheet:
    """A text as blocks: `#` heading, `>` right side, `^` signature, `|` between cells."""
    blocks: list[Block] = []
    rows: list[tuple[str, ...]] = []
    for line in [*text.strip().format_map(values.written()).split("\n"), ""]:
        if " | " in line and not line.startswith("^"):
            rows.append(tuple(cell.strip() for cell in re.split(r"\s?\|\s", line)))
            continue
        if rows:
            blocks.append(Rows(rows[0], tuple(rows[1:])))
            rows = []
        if line.startswith("^"):
            label, name = line[1:].split("|")
            blocks.append(Signed(label.strip(), name.strip(), name if signed else None, "МӨӨР"))
        elif line.startswith(("#", ">")):
            blocks.append(Said(line[1:].strip(), "title" if line[0] == "#" else "right"))
        elif line:
            blocks.append(Said(line))
    return tuple(blocks)


_SCANNED = (Kind.LETTER, Kind.REGISTRATION, Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE, Kind.PARTNER_LETTER)


def paper(language: str, kind: Kind, medium: str, name: str, *, signed: bool, values: Values | None = None) -> File:
    """A paper in a medium of `tests.quality`. Any value that is read beside those on its label is made up."""
    told = texts(language)[kind.value]
    values = values or CASES[language]
    suffix, make = MAKERS[medium]
    has_line = "\n^" in told["text"] and medium != "xlsx"
    return File(
        name=f"{name}.{suffix}",
        make=lambda: make(sheet(told["text"], values, signed=signed)),
        kind=kind,
        language=language,
        medium=medium,
        wording="unseen",
        recipe=f"unseen/{language}.toml {kind.value}{', signed' if has_line and signed else ''}",
        values={**values.read(told["gives"]), **told.get("states", {})},
        closed=True,
        signed=(Seen.SEEN if signed else Seen.NOT_SEEN) if has_line else None,
        adds_up=True if kind is Kind.BUDGET else None,
    )


def unseen() -> Iterator[File]:
    """Every text as a Word file under its sender's name and as a PDF whose name says nothing; some of them scanned."""
    for language in LANGUAGES:
        for at, kind in enumerate((kind for kind in Kind if kind.value.startswith("D")), 1):
            sender = texts(language)[kind.value]["name"]
            yield paper(language, kind, "docx", f"{sender} {language}", signed=bool(at % 2))
            yield paper(language, kind, "pdf", f"doc-{at:03d} {language}", signed=not at % 2)
            if kind is Kind.BUDGET:
                yield paper(language, kind, "xlsx", f"Книга {language}", signed=False)
            if kind in _SCANNED:
                yield paper(language, kind, "scan", f"скан {at:04d} {language}", signed=True)
            if kind is Kind.TAX_CERTIFICATE:
                yield paper(language, kind, "photograph", f"IMG_2041 {language}", signed=True)
