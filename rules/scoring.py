"""Score sheets and the ranking: points and weights as the pack says, whatever the order of the sheets."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# rows keep their JSON columns as bare lists and dicts; shapes of schemas/ read them here

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import floor
from statistics import median
from uuid import UUID

from rules.packs import Criterion, Pack
from schemas.application import Application, ApplicationStatus
from schemas.commission import Sheet
from schemas.contest import Contest
from schemas.errors import BadSheet

HUNDRED = 100  # hundredths of a point, and points of the whole scale
Points = Mapping[str, int | None]


def half_up(value: Fraction) -> int:
    """To the nearest whole; a half goes up."""
    return floor(value + Fraction(1, 2))


def weight(criterion: Criterion, requested: int) -> int:
    """Shares of the whole that this criterion has for a request of so many tyiyn."""
    steps = criterion.weight_by_sum.value if criterion.weight_by_sum else []
    reached = [step for step in steps if step.since <= requested]
    return max(reached, key=lambda step: step.since).weight if reached else criterion.weight.value


def worth(criterion: Criterion, told: int) -> int:
    """Points for what a member wrote: itself, or the band that a count falls into."""
    if criterion.bands is None:
        return told
    reached = [band for band in criterion.bands.value if band.since <= told]
    return max(reached, key=lambda band: band.since).points if reached else criterion.low.value


def _wrong(pack: Pack, points: Points, comments: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{code}: unknown" for code in points if code not in pack.criteria)
    for code, criterion in pack.criteria.items():
        told = points.get(code)
        low, high = criterion.low.value, criterion.high.value
        if code not in points:
            yield f"{code}: missing"
        if told is None:
            continue
        if type(told) is not int:
            yield f"{code}: not a whole number"
            continue
        if told < low or (criterion.model.value != "bands" and told > high):
            yield f"{code}: outside {low}-{high}"
        asked = criterion.comment.value
        if (asked == "always" or (asked == "extremes" and told in (low, high))) and not comments.get(code, "").strip():
            yield f"{code}: comment"
    if all(points.get(code) is None for code, criterion in pack.criteria.items() if criterion.weight.value):
        yield "nothing scored"


def total(pack: Pack, points: Points, comments: Mapping[str, str], *, requested: int = 0) -> int:
    """A sheet's total on a scale of a hundred, in hundredths of a point. None = abstains on that criterion: left out.

    `requested` (tyiyn) matters where weights depend on the sum. Raises BadSheet with everything that is wrong.
    """
    wrong = list(_wrong(pack, points, comments))
    if wrong:
        raise BadSheet(wrong=wrong)
    scored = [
        (weight(one, requested), Fraction(min(worth(one, told), one.high.value), one.high.value))
        for code, one in pack.criteria.items()
        if one.model.value != "gate" and (told := points[code]) is not None
    ]
    whole = sum(shares for shares, _ in scored)
    if not whole:
        raise BadSheet(wrong=["nothing scored"])
    return half_up(sum((shares * part for shares, part in scored), Fraction()) / whole * HUNDRED * HUNDRED)


@dataclass(frozen=True)
class Entry:
    """An application before the ranking: its sheets, and whether the sitting recommended it."""

    application: Application
    sheets: Sequence[Sheet]
    recommended: bool


@dataclass(frozen=True)
class Placing:
    """Where an application came. `score` in hundredths; `place` only for those that pass.

    `reason` is one of rules.catalog.PLACINGS; `tie` names what set it apart from an equal score, if anything did.
    """

    application_id: UUID
    score: int | None
    place: int | None
    outcome: ApplicationStatus
    reason: str
    tie: str = ""


def score(pack: Pack, sheets: Sequence[Sheet]) -> int | None:
    """Mean or median of the sheets' totals, as the pack says; None without sheets."""
    totals = [Fraction(one.total) for one in sheets]
    if not totals:
        return None
    return half_up(sum(totals, Fraction()) / len(totals) if pack.ranking.average.value == "mean" else median(totals))


def average(pack: Pack, entry: Entry, code: str) -> Fraction | None:
    """Mean of the points that one criterion got; None if all abstained."""
    criterion = pack.criteria[code]
    told = [worth(criterion, points) for one in entry.sheets if (points := one.points.get(code)) is not None]
    return Fraction(sum(told), len(told)) if told else None


def _fails(pack: Pack, entry: Entry) -> str:
    """Why an application does not pass; empty if it does."""
    reached = score(pack, entry.sheets)
    if not entry.recommended:
        return "not_recommended"
    if reached is None or len(entry.sheets) < pack.ranking.minimum_sheets.value:
        return "too_few_sheets"
    if reached < pack.ranking.pass_mark.value * HUNDRED:
        return "below_pass_mark"
    for code, criterion in pack.criteria.items():
        mean = average(pack, entry, code)
        gate = criterion.model.value == "gate"
        if mean is not None and mean < (Fraction(1, 2) if gate else criterion.minimum.value):
            return "gate" if gate else "below_minimum"
    return ""


def _key(pack: Pack, entry: Entry, breaker: str) -> Fraction | int | datetime:
    """What a tie-break looks at; the smaller goes first."""
    application = entry.application
    if breaker == "own_contribution":
        return -application.own_contribution
    if breaker == "requested":
        return application.requested
    if breaker == "received":
        return application.received_at
    return -(average(pack, entry, breaker.removeprefix("criterion:")) or Fraction())


def _apart(pack: Pack, before: Entry, entry: Entry) -> str:
    """Which tie-break sets an entry behind one with the same score; "number" if only the order of arrival does."""
    if score(pack, before.sheets) != score(pack, entry.sheets):
        return ""
    differing = (one for one in pack.ranking.tie_break.value if _key(pack, before, one) != _key(pack, entry, one))
    return next(differing, "number")


def ranking(pack: Pack, contest: Contest, entries: Sequence[Entry]) -> list[Placing]:
    """Who wins, who waits, who is passed over: by score, ties broken in the pack's order, cut at awards and budget.

    The order of `entries` and of their sheets changes nothing. Those that do not pass come last, in order of arrival.
    """
    law = pack.ranking
    fails = {entry.application.id: _fails(pack, entry) for entry in entries}
    arrived = sorted(entries, key=lambda entry: (entry.application.number, entry.application.id))
    passing = sorted(
        (entry for entry in arrived if not fails[entry.application.id]),
        key=lambda entry: (-(score(pack, entry.sheets) or 0), *(_key(pack, entry, one) for one in law.tie_break.value)),
    )
    placed: list[Placing] = []
    won: list[Application] = []
    waiting, stopped = 0, False
    for place, entry in enumerate(passing, 1):
        application = entry.application
        obstacle = "over_budget" if stopped else _obstacle(pack, contest, won, application)
        stopped = stopped or (obstacle == "over_budget" and law.over_budget.value == "stop")
        if not obstacle:
            won.append(application)
            outcome = ApplicationStatus.WINNER
        elif waiting < law.reserve.value:
            waiting += 1
            outcome = ApplicationStatus.RESERVE
        else:
            outcome = ApplicationStatus.PASSED_OVER
        tie = _apart(pack, passing[place - 2], entry) if place > 1 else ""
        reached = score(pack, entry.sheets)
        placed.append(Placing(application.id, reached, place, outcome, obstacle or "above_cut", tie))
    return placed + [
        Placing(entry.application.id, score(pack, entry.sheets), None, ApplicationStatus.PASSED_OVER, why)
        for entry in arrived
        if (why := fails[entry.application.id])
    ]


def _obstacle(pack: Pack, contest: Contest, won: Sequence[Application], application: Application) -> str:
    """What keeps an application that passes from an award; empty if nothing does."""
    if len(won) >= contest.awards:
        return "no_award_left"
    limit = pack.ranking.awards_per_theme.value
    if limit and sum(one.theme == application.theme for one in won) >= limit:
        return "theme_taken"
    if sum(one.requested for one in won) + application.requested > contest.budget:
        return "over_budget"
    return ""


def next_in_line(pack: Pack, contest: Contest, applications: Sequence[Application]) -> Application | None:
    """Who moves up when a winner drops out: the first on the reserve list whom awards and money left allow."""
    won = [one for one in applications if one.status is ApplicationStatus.WINNER]
    waiting = [one for one in applications if one.status is ApplicationStatus.RESERVE and one.place is not None]
    for one in sorted(waiting, key=lambda one: (one.place or 0, one.number)):
        obstacle = _obstacle(pack, contest, won, one)
        if not obstacle:
            return one
        if obstacle == "over_budget" and pack.ranking.over_budget.value == "stop":
            return None
    return None
