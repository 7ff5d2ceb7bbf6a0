"""The contest file: what an officer writes (TOML) and the contest is made from. Sums in whole som, times local."""

import tomllib
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import BadContestFile


class Texts(BaseModel):
    """One text in the three languages."""

    model_config = ConfigDict(extra="forbid")

    ky: str = Field(min_length=1)
    ru: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def words(self) -> dict[str, str]:
        return {"ky": self.ky, "ru": self.ru, "en": self.en}


class Lot(BaseModel):
    """A theme and its ceiling."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1)
    title: Texts
    ceiling_som: int = Field(gt=0)


class ContestFile(BaseModel):
    """Every field of an announcement (the six of Osh 2019 and Alamudun 2023 first), then the calendar."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=40)
    announced_on: date
    title: Texts
    goal: Texts
    tasks: list[Texts] = Field(min_length=1)
    problem: Texts
    themes: list[Lot] = Field(min_length=1)
    budget_som: int = Field(gt=0)
    awards: int = Field(default=1, ge=1)
    cutoff: datetime  # without a zone: the clock of `zone`
    zone: str = "Asia/Bishkek"
    project_starts: date
    project_ends: date
    submit_to: Texts
    pack: str = ""  # empty: the pack in force on the day of the announcement


def read(path: Path) -> ContestFile:
    """The file, or BadContestFile naming all that is missing or wrong at once."""
    try:
        return ContestFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadContestFile(wrong=str(broken)) from broken
    except FileNotFoundError as absent:
        raise BadContestFile(wrong=path.name) from absent
    except ValidationError as wrong:
        places = sorted({".".join(str(part) for part in error["loc"]) for error in wrong.errors()})
        raise BadContestFile(wrong=", ".join(places)) from wrong
