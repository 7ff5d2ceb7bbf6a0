"""The three cities and their applicants, as the files in `cities/` tell of them. Sums there are whole som."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from zoneinfo import ZoneInfo

from documents.words import Language

CITIES = ("batken", "kochkor-ata", "karakol")
Legal = Literal["foundation", "association", "company"]
_FORMS: dict[Legal, dict[str, tuple[str, str]]] = {
    # the whole form of words and its short sign
    "foundation": {"ky": ("коомдук фонду", "КФ"), "ru": ("Общественный фонд", "ОФ")},
    "association": {"ky": ("коомдук бирикмеси", "КБ"), "ru": ("Общественное объединение", "ОО")},
    "company": {
        "ky": ("жоопкерчилиги чектелген коому", "ЖЧК"),
        "ru": ("Общество с ограниченной ответственностью", "ОсОО"),
    },
}


@dataclass(frozen=True)
class Cost:
    """A line of an applicant's budget, in whole som."""

    name: str
    unit: str
    quantity: int
    price: int
    own: int

    @property
    def total(self) -> int:
        return self.quantity * self.price


@dataclass(frozen=True)
class Promise:
    """An indicator of an applicant's project."""

    name: str
    unit: str
    baseline: int
    target: int


@dataclass(frozen=True)
class Deed:
    """A line of an applicant's plan."""

    name: str
    starts: date
    ends: date


@dataclass(frozen=True)
class Applicant:
    """An organisation and its project. `merit` from 0 to 1 says how good the idea is; it stands in no paper."""

    key: str
    situation: str
    merit: float
    legal: Legal
    language: Language
    name: str
    other_name: str  # what the charter says, where that differs
    head: str
    registered_on: date
    address: str
    phone: str
    theme: str
    title: str
    group: str
    people: int
    partner: str
    texts: tuple[str, ...]  # problem, goal, solution, participation, sustainability
    budget: tuple[Cost, ...]
    indicators: tuple[Promise, ...]
    plan: tuple[Deed, ...]

    @property
    def organisation(self) -> str:
        """Name with its legal form, in the applicant's language."""
        return self.called(self.name)

    def called(self, name: str) -> str:
        form = _FORMS[self.legal][self.language][0]
        return f"«{name}» {form}" if self.language == "ky" else f"{form} «{name}»"

    @property
    def requested(self) -> int:
        """Sum asked for, in whole som."""
        return self.total - self.own

    @property
    def own(self) -> int:
        return sum(cost.own for cost in self.budget)

    @property
    def total(self) -> int:
        return sum(cost.total for cost in self.budget)

    @property
    def email(self) -> str:
        return f"{self.key}@pochta.example"

    @property
    def sender(self) -> str:
        """How the door knows him: name and address of the letter."""
        return f"{self.head} <{self.email}>"

    @property
    def inn(self) -> str:
        return f"0{self.registered_on:%d%m%Y}1{_digits(self.key, 'inn', 4)}"

    @property
    def okpo(self) -> str:
        return f"2{_digits(self.key, 'okpo', 7)}"

    @property
    def registration_number(self) -> str:
        return f"{10 + int(_digits(self.key, 'office', 1))}{_digits(self.key, 'number', 3)}-3306-{_FORMS[self.legal]['ky'][1]}"

    @property
    def bank_account(self) -> str:
        return f"1350{_digits(self.key, 'account', 12)}"

    @property
    def initials(self) -> str:
        """Н. К. Абдыраимова."""
        surname, *given = self.head.split()
        return " ".join([*(f"{name[0]}." for name in given), surname])

    @property
    def seed(self) -> int:
        return int(_digits(self.key, "seed", 9))


@dataclass(frozen=True)
class City:
    """A customer with its contest, as its files say. `raw` and `raw_contest` are the whole files."""

    code: str
    name: dict[str, str]
    city: dict[str, str]
    head_post: dict[str, str]
    number: str
    title: dict[str, str]
    themes: dict[str, dict[str, str]]
    announced_on: date
    cutoff: datetime  # with the zone of the contest
    project_starts: date
    project_ends: date
    applicants: tuple[Applicant, ...]
    raw: dict[str, Any]
    raw_contest: dict[str, Any]


def _digits(key: str, what: str, count: int) -> str:
    """Digits that are always the same for the same key."""
    return str(int(hashlib.sha256(f"{key} {what}".encode()).hexdigest(), 16))[-count:]


def text(name: str) -> str:
    """A file of the folder `cities`."""
    return files("cli.demo").joinpath("cities", name).read_text(encoding="utf-8")


def _applicant(told: dict[str, Any]) -> Applicant:
    rows = {
        "texts": tuple(told["texts"]),
        "budget": tuple(Cost(*row) for row in told["budget"]),
        "indicators": tuple(Promise(*row) for row in told["indicators"]),
        "plan": tuple(Deed(row[0], row[1], row[-1]) for row in told["plan"]),
    }
    spare = {"language": "ky", "other_name": told["name"], "partner": ""}
    return Applicant(**{**spare, **told, **rows})


@cache
def load(code: str) -> City:
    """A city by its code: batken, kochkor-ata or karakol."""
    raw = tomllib.loads(text(f"{code}.toml"))
    contest = tomllib.loads(text(raw["contest_file"]))
    applicants = tomllib.loads(text(raw["applicants_file"]))["applicant"]
    head = next(person for person in raw["people"] if "head" in person["roles"])
    return City(
        code=raw["code"],
        name=raw["name"],
        city=raw["city"],
        head_post=head["post"],
        number=contest["number"],
        title=contest["title"],
        themes={theme["code"]: theme["title"] for theme in contest["themes"]},
        announced_on=contest["announced_on"],
        cutoff=contest["cutoff"].replace(tzinfo=ZoneInfo(contest["zone"])),
        project_starts=contest["project_starts"],
        project_ends=contest["project_ends"],
        applicants=tuple(_applicant(one) for one in applicants),
        raw=raw,
        raw_contest=contest,
    )
