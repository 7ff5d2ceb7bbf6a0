"""The contest file: what an officer writes (TOML) and the contest is made from. Sums in whole som, times local."""

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import BadContestFile

MOST = 10**12  # som; far above any contest, far below what the trail can carry


def _known(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("no such zone")
    return zone


def _printable(text: str) -> str:
    if not text.strip() or not all(one.isprintable() or one in "\n\t" for one in text):
        raise ValueError("empty, or with signs that cannot be printed")
    return text


Zone = Annotated[str, AfterValidator(_known)]
Text = Annotated[str, AfterValidator(_printable)]


class Texts(BaseModel):
    """One text in the three languages."""

    model_config = ConfigDict(extra="forbid")

    ky: Text
    ru: Text
    en: Text

    def words(self) -> dict[str, str]:
        return {"ky": self.ky, "ru": self.ru, "en": self.en}


class Lot(BaseModel):
    """A theme and its ceiling."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=32)
    title: Texts
    ceiling_som: int = Field(gt=0, le=MOST)


class ContestFile(BaseModel):
    """Every field of an announcement (the six of Osh 2019 and Alamudun 2023 first), then the calendar."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(max_length=40, pattern=r"^[^\W_](?:[\w./№ -]*[^\W_])?$")  # it names files and letters
    announced_on: date
    title: Texts
    goal: Texts
    tasks: list[Texts] = Field(min_length=1)
    problem: Texts
    themes: list[Lot] = Field(min_length=1)
    budget_som: int = Field(gt=0, le=MOST)
    awards: int = Field(default=1, ge=1)
    cutoff: datetime  # without a zone: the clock of `zone`
    zone: Zone = "Asia/Bishkek"
    project_starts: date
    project_ends: date
    submit_to: Texts
    pack: str = ""  # empty: the pack in force on the day of the announcement


def read(path: Path, *, at_most_som: int | None = None) -> ContestFile:
    """The file, or BadContestFile naming all that is missing or wrong at once. `at_most_som`: what the programme has."""
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadContestFile(wrong=str(broken)) from broken
    except OSError as absent:
        raise BadContestFile(wrong=path.name) from absent
    wrong, missing, told = set(_at_odds(raw, at_most_som)), set[str](), None
    try:
        told = ContestFile.model_validate(raw)
    except ValidationError as invalid:
        for error in invalid.errors():
            place = ".".join(str(part) for part in error["loc"])
            (missing if error["type"] == "missing" else wrong).add(place)
    if told is None or wrong:
        raise BadContestFile(missing=", ".join(sorted(missing)), wrong=", ".join(sorted(wrong)))
    return told


def _at_odds(raw: dict[str, Any], at_most_som: int | None) -> Iterator[str]:
    """Fields that are each well and do not go together; what is not of its kind is left to the model."""

    def of(name: str, kind: type) -> Any:
        value = raw.get(name)
        return value if type(value) is kind else None

    announced, starts, ends = of("announced_on", date), of("project_starts", date), of("project_ends", date)
    cutoff, budget = of("cutoff", datetime), of("budget_som", int)
    if announced and cutoff and cutoff.date() <= announced:
        yield "cutoff"
    if "cutoff" in raw and (cutoff is None or cutoff.tzinfo is not None):
        yield "cutoff"  # a day alone would be its first second; the clock is that of `zone`
    if starts and cutoff and starts <= cutoff.date():
        yield "project_starts"
    if starts and ends and ends <= starts:
        yield "project_ends"
    if budget and at_most_som is not None and budget > at_most_som:
        yield "budget_som"
    lots = [one for one in of("themes", list) or [] if type(one) is dict]
    codes = [one.get("code") for one in lots]
    for at, lot in enumerate(lots):
        if codes.count(lot.get("code")) > 1:
            yield f"themes.{at}.code"
        if budget and type(lot.get("ceiling_som")) is int and lot["ceiling_som"] > budget:
            yield f"themes.{at}.ceiling_som"
