"""Five journeys, each with a SIGKILL at every boundary and a second run: the same rows, one letter each, no event twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from documents.sandbox import Reader
from schemas.facts import Kind
from schemas.outbox import Errand
from tests.journeys import scenes
from tests.journeys.kills import children, sweep
from tests.journeys.papers import Counter
from tests.journeys.scenes import CHECKED, CONTRACTED, DECIDED, LETTERS, Scene, cure, errand, hand_in


def upload_to_contract(counter: Counter) -> Scene:
    package = counter.package("taza-muun")
    return Scene(
        [hand_in(package), *CHECKED, LETTERS, *DECIDED, *CONTRACTED, LETTERS],
        {
            "taza-muun": [
                *("winner", "contract signed", "tranche 1 paid"),
                *("admitted", "contract_ready", "period_opened", "qualified", "receipt", "signed", "won"),
            ]
        },
    )


def cured(counter: Counter) -> Scene:
    first = counter.package("bulak-suu", without=(Kind.SOCIAL_CERTIFICATE,))
    more = counter.package("bulak-suu", only=(Kind.SOCIAL_CERTIFICATE,))
    return Scene(
        [
            hand_in(first),
            *CHECKED,
            LETTERS,
            cure(more),
            errand(Errand.INSPECT),
            errand(Errand.CHECK),
            errand(Errand.QUALIFY),
            LETTERS,
        ],
        {"bulak-suu": ["eligible", "admitted", "ask_for_more", "qualified", "receipt"]},
        swept_from=2,
    )


def refused(counter: Counter) -> Scene:
    package = counter.package("bulak-suu", without=(Kind.SOCIAL_CERTIFICATE, Kind.CHARTER))
    return Scene(
        [hand_in(package), *CHECKED, LETTERS, ("term over", scenes.term_over), LETTERS],
        {"bulak-suu": ["refused", "ask_for_more", "receipt", "refused"]},
        swept_from=2,
    )


def late(counter: Counter) -> Scene:
    good = counter.package("taza-muun")
    after = replace(counter.package("too-jeli"), arrives_at=counter.city.cutoff + timedelta(seconds=1))
    return Scene(
        [
            hand_in(good),
            hand_in(after, "hand in late"),
            hand_in(after, "the same late"),
            hand_in(good, "the first again, too late for a new one"),
            *CHECKED,
            LETTERS,
        ],
        {
            "taza-muun": ["eligible", "admitted", "qualified", "receipt"],
            "too-jeli": ["turned_away", "receipt_late"],
        },
    )


def conflict(counter: Counter) -> Scene:
    """A member's brother heads the second applicant: he declares it, reviews nothing of his, and may not vote."""
    packages = [counter.package("taza-muun"), counter.package("jashyl-kyshtak", as_word=(Kind.PLAN,))]
    return Scene(
        [*map(hand_in, packages), *CHECKED, *DECIDED, errand(Errand.DRAFT_CONTRACT), LETTERS],
        {
            "taza-muun": ["winner", "contract drafted", "admitted", "contract_ready", "qualified", "receipt", "won"],
            "jashyl-kyshtak": ["reserve", "admitted", "qualified", "receipt", "reserve"],
        },
        swept_from=6,
    )


@pytest.mark.parametrize("tell", [upload_to_contract, cured, refused, late, conflict])
def test_whoever_is_killed_and_when_a_second_run_ends_the_same(
    tell: Callable[[Counter], Scene], counter: Counter, announced: Path, readers: list[Reader], folder: Path
) -> None:
    scene = tell(counter)
    lanes = [folder / str(number) for number in range(len(readers))]
    for lane in lanes:
        lane.mkdir()
    told = children(
        [
            partial(sweep, scene, announced, lane, reader, part, len(lanes))
            for part, (lane, reader) in enumerate(zip(lanes, readers, strict=True))
        ]
    )
    assert [line for _, wrong in told for line in wrong] == []
