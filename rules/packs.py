"""Law as data: versioned rule packs. Every number and list of the procedure is an item with its source and status.

A contest is pinned to the pack in force on its announcement date. Loading refuses an incomplete pack and names every
missing value at once; what rests on a placeholder says so wherever it is shown.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import date, time
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from rules.deadlines import Term
from rules.items import Count, Item, Percent, Share, Strict
from rules.reporting import LadderStep, MonitoringRule, Variance
from schemas.errors import IncompletePack, NoPack
from schemas.facts import Kind

FOLDER = Path(__file__).parent / "packs"
NEVER_LIFTED = frozenset({"contract_signed", "no_appeal_pending"})  # the law's own, not the office's
CATALOGUE = tuple(kind for kind in Kind if kind.value.startswith("D"))


def resting(*items: Item[Any] | None) -> bool:
    """Whether anything here rests on a value that no lawyer has verified."""
    return any(item is not None and item.placeholder for item in items)


def _three(words: dict[str, str]) -> dict[str, str]:
    lacking = [language for language in ("ky", "ru", "en") if not words.get(language)]
    if lacking:
        raise ValueError(f"no text in {', '.join(lacking)}")
    return words


Text = Annotated[dict[str, str], AfterValidator(_three)]


class Force(Strict):
    """The first day on which a contest may be announced under this pack, and whether the pack is made up."""

    since: Item[date]
    fictional: bool = False


class Announcement(Strict):
    period: Item[Term]  # from announcement to cut-off, at least
    cutoff_time: Item[time]
    zone: Item[str]
    fields: Item[list[str]]


class Cure(Strict):
    term: Item[Term]
    rounds: Item[Count]  # how often an applicant is asked for what is missing


class Form(Strict):
    """One of the city's own blank forms (`documents/labels.toml`), and the version that was announced."""

    name: str
    version: Annotated[int, Field(ge=1)]


class DocumentRule(Strict):
    """One line of the document catalogue."""

    required: Item[
        Literal["always", "if_contribution", "if_licensed", "if_people_named", "before_contract", "optional"]
    ]
    signed: Item[bool]
    valid_on: Item[Literal["cutoff", "project_end", "none"]] | None = None  # the day that counts for `valid_until`
    max_age: Item[Term] | None = None  # age at the cut-off, at most
    dated_by_cutoff: Item[bool] | None = None
    form: Item[Form] | None = None  # the set form that it comes on
    filled: Item[list[str]] | None = None  # fields of that form that may not stay empty


def _whole_catalogue(rules: dict[Kind, DocumentRule]) -> dict[Kind, DocumentRule]:
    lacking = [kind.value for kind in CATALOGUE if kind not in rules]
    if lacking:
        raise ValueError(f"no rule for {', '.join(lacking)}")
    return rules


class Matching(Strict):
    """Which documents must say the same."""

    identity: Item[list[Kind]]
    requested: Item[list[Kind]]
    contribution: Item[list[Kind]]


class Eligibility(Strict):
    non_commercial: Item[bool]
    minimum_age_months: Item[Count]
    no_arrears: Item[bool]
    one_application: Item[bool]  # of one organisation in one contest
    funded_before: Item[Literal["refuse", "notice", "ignore"]]
    shared_text_percent: Item[Percent]
    contribution_percent: Item[Percent]  # own contribution, of the whole budget, at least


class CommissionRule(Strict):
    minimum_size: Item[Count]
    minimum_experts: Item[Count]
    chair: Item[bool]
    reviewers: Item[Annotated[int, Field(ge=1)]]  # for each application
    relation_fields: Item[list[Literal["surname", "phone", "address", "inn"]]]


class Quorum(Strict):
    """A share of those entitled on the item. `strict`: more than the share, not just as much."""

    share: Item[Share]
    strict: Item[bool]
    repeated_share: Item[Share]  # at a sitting called again for want of quorum


class Voting(Strict):
    majority: Item[Share]
    strict: Item[bool]
    of: Item[Literal["cast", "present"]]  # abstentions left out, or counted
    casting_vote: Item[bool]
    secret: Item[bool]


class Band(Strict):
    """A count of at least `since` gives so many points."""

    since: Count
    points: Count


class SumWeight(Strict):
    """The weight of a criterion when at least `since` tyiyn are asked for."""

    since: Count
    weight: Count


class Criterion(Strict):
    """A criterion. scale: low…high with labels; points: low…high; bands: a count read off a table; gate: 0 or 1."""

    title: Item[Text]
    model: Item[Literal["scale", "points", "bands", "gate"]]
    low: Item[Count]
    high: Item[Annotated[int, Field(ge=1)]]
    weight: Item[Count]  # shares of the whole; a gate has none
    minimum: Item[Count]  # mean of the points below which the application does not pass; 0 = none
    comment: Item[Literal["never", "always", "extremes"]]
    labels: Item[list[Text]] | None = None
    bands: Item[list[Band]] | None = None
    weight_by_sum: Item[list[SumWeight]] | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Criterion":
        if self.model.value == "bands" and not (self.bands and self.bands.value):
            raise ValueError("bands need their table")
        if self.model.value == "scale" and len(self.labels.value if self.labels else ()) != self.span:
            raise ValueError("a scale needs a label for each step")
        if self.low.value >= self.high.value:
            raise ValueError("low is not below high")
        return self

    @property
    def span(self) -> int:
        return self.high.value - self.low.value + 1


class Ranking(Strict):
    """`pass_mark` in whole points of a hundred."""

    average: Item[Literal["mean", "median"]]
    minimum_sheets: Item[Annotated[int, Field(ge=1)]]
    pass_mark: Item[Percent]
    tie_break: Item[list[str]]  # criterion:<code>, own_contribution, requested, received
    over_budget: Item[Literal["stop", "skip"]]  # may a smaller project below the cut be funded?
    awards_per_theme: Item[Count]  # 0 = as many as the contest allows
    reserve: Item[Count]


class AppealRule(Strict):
    term: Item[Term]
    decision: Item[Term]
    pauses_contract: Item[bool]


class Signing(Strict):
    term: Item[Term]


# after which report a part is paid: 0 = after the signing, a number of a period, a share of the plan, the final report
After = Count | Share | Literal["final"]


class TrancheRule(Strict):
    split: Item[Annotated[list[Percent], Field(min_length=1)]]
    after: Item[list[After]] | None = (
        None  # for each share; without it the first follows the signing, each other a report
    )
    advance_limit: Item[Percent]
    first: Item[list[str]]  # condition codes
    later: Item[list[str]]
    liftable: Item[list[str]]  # conditions that the head may let pass with a reason

    @model_validator(mode="after")
    def _whole(self) -> "TrancheRule":
        if sum(self.split.value) != 100:
            raise ValueError("the shares do not make 100 per cent")
        if self.split.value[0] > self.advance_limit.value:
            raise ValueError("the first share is above the advance limit")
        if self.after and len(self.after.value) != len(self.split.value):
            raise ValueError("after: not as many as there are shares")
        if never := NEVER_LIFTED.intersection(self.liftable.value):
            raise ValueError(f"never to be lifted: {', '.join(sorted(never))}")
        return self


class EvaluationRule(Strict):
    """Per cent of the indicators' targets reached, on the mean."""

    successful_percent: Item[Percent]
    satisfactory_percent: Item[Percent]
    late_reports_allowed: Item[Count]  # more than these and the project is at best satisfactory


class Retention(Strict):
    """For how many years each kind of record is kept, 0 = for ever, and from when they are counted.

    year_end: from the first of January after the record was closed; day: from the very day.
    """

    winners_years: Item[Count]
    others_years: Item[Count]
    late_packages_years: Item[Count]
    parcels_years: Item[Count]  # reports and letters that came by mail, folder or bucket
    people_years: Item[Count]  # who they were, after their last role ended
    counted_from: Item[Literal["year_end", "day"]]


class Pack(Strict):
    """A rule pack. `sha256` is that of the file, so that a contest can prove which text it was held to."""

    id: str
    version: str
    sha256: str
    force: Force
    ground: Item[Text]
    announcement: Announcement
    cure: Cure
    documents: Annotated[dict[Kind, DocumentRule], AfterValidator(_whole_catalogue)]
    matching: Matching
    eligibility: Eligibility
    commission: CommissionRule
    quorum: Quorum
    voting: Voting
    criteria: Annotated[dict[str, Criterion], Field(min_length=1)]
    ranking: Ranking
    appeal: AppealRule
    signing: Signing
    tranches: TrancheRule
    monitoring: MonitoringRule
    ladder: Annotated[dict[str, Item[LadderStep]], Field(min_length=1)]
    variance: Variance
    evaluation: EvaluationRule
    retention: Retention

    @model_validator(mode="after")
    def _holds_together(self) -> "Pack":
        known = {f"criterion:{code}" for code in self.criteria} | {"own_contribution", "requested", "received"}
        strange = sorted(set(self.ranking.tie_break.value) - known)
        if strange:
            raise ValueError(f"ranking.tie_break: no {', '.join(strange)}")
        if not any(one.weight.value for one in self.criteria.values()):
            raise ValueError("criteria: nothing has a weight")
        return self

    @property
    def edition(self) -> str:
        """`kg-604-2022@2022.1+<sha256>`: as an event names the very text that it was decided by."""
        return f"{self.id}@{self.version}+{self.sha256}"

    @property
    def legal_ground(self) -> dict[str, str]:
        """Wording of the legal ground in ky, ru and en."""
        return self.ground.value

    def items(self) -> Iterator[tuple[str, Item[Any]]]:
        """Every item with its dotted path."""
        yield from _items("", self)

    def ladder_of(self, what: str) -> dict[str, LadderStep]:
        """The steps of one ladder, by their codes: report, check, mend, mend_check or refund."""
        return {code: item.value for code, item in self.ladder.items() if item.value.of == what}

    def placeholders(self) -> list[str]:
        """Dotted paths of the values that no lawyer has verified."""
        return [path for path, item in self.items() if item.placeholder]


def _items(path: str, value: object) -> Iterator[tuple[str, Item[Any]]]:
    if isinstance(value, Item):
        yield path, cast("Item[Any]", value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _items(f"{path}.{name}" if path else name, getattr(value, name))
    elif isinstance(value, dict):
        for name, one in cast("dict[str, object]", value).items():
            yield from _items(f"{path}.{name}", one)


def share(text: str) -> Fraction:
    """A share written as "2/3"."""
    return Fraction(text)


def parse(name: str, text: bytes) -> Pack:
    """A pack from its file's bytes. Raises IncompletePack with every missing or wrong value at once."""
    try:
        told = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise IncompletePack(pack=name, missing=[f"file: {why}"]) from None
    try:
        return Pack.model_validate({**told, "id": name, "sha256": hashlib.sha256(text).hexdigest()})
    except ValidationError as wrong:
        raise IncompletePack(pack=name, missing=[_told(one) for one in wrong.errors()]) from None


def _told(error: ErrorDetails) -> str:
    """One error of validation as `dotted.path: what is wrong`."""
    path = ".".join(str(step) for step in error["loc"])
    what = "missing" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ")
    return f"{path}: {what}" if path else what


def names() -> list[str]:
    """The packs that are shipped."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if not path.stem.startswith("holidays"))


@cache
def load(name: str) -> Pack:
    """The pack of this name. Raises NoPack, or IncompletePack naming every missing value at once."""
    if name not in names():
        raise NoPack(pack=name)
    return parse(name, (FOLDER / f"{name}.toml").read_bytes())


def in_force(day: date) -> str:
    """Which pack holds for a contest announced on this day. Raises NoPack for a day before the first."""
    since = {load(name).force.since.value: name for name in names() if not load(name).force.fictional}
    begun = [start for start in since if start <= day]
    if not begun:
        raise NoPack(pack="", day=day.isoformat())
    return since[max(begun)]
