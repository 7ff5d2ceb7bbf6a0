from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import commission, packs, scoring
from rules.catalog import PLACINGS
from rules.packs import Pack
from rules.scoring import Entry, Placing
from schemas.application import ApplicationStatus
from schemas.errors import BadSheet
from tests.rules.makers import CUTOFF, PACK, SOM, application, changed, contest, points, sheet, uid

WINNER, RESERVE, PASSED_OVER = ApplicationStatus.WINNER, ApplicationStatus.RESERVE, ApplicationStatus.PASSED_OVER
SAID = {"costs": "the prices are those of the bazaar", "importance": "everybody speaks of it"}
BEST = {"importance": 5, "reach": 100, "costs": 100, "creativity": 5, "on_theme": 1}


def wrong(told: dict, comments: dict[str, str] = SAID, pack: Pack = PACK) -> list[str]:
    with pytest.raises(BadSheet) as refusal:
        commission.total(pack, told, comments)
    found = refusal.value.facts["wrong"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (BEST, 10_000),
        ({**BEST, "importance": 0, "reach": 0, "costs": 0, "creativity": 0}, 0),
        (points(), 6800),  # 30*3/5 + 20*10/10 + 30*60/100 + 20*3/5
        (points(reach=99), 5800),  # the lower band
        (points(on_theme=0), 6800),  # a gate has no weight
        (points(importance=None), 7143),  # abstention: 50 of the 70 shares left, rounded half up
    ],
)
def test_a_total_is_weighted_as_the_pack_says_in_hundredths(told: dict, expected: int):
    assert commission.total(PACK, told, SAID) == expected


def test_weights_may_depend_on_the_sum_asked_for():
    told = points(costs=0, importance=3)

    assert commission.total(PACK, told, SAID, requested=99_999_999) == 5000
    assert commission.total(PACK, told, SAID, requested=100_000_000) == 4167  # 50 of 120 shares


def test_everything_that_is_wrong_with_a_sheet_is_told_at_once():
    told = {"importance": 6, "reach": -1, "costs": True, "beauty": 5, "on_theme": 1}

    assert wrong(told) == [
        "beauty: unknown",
        "importance: outside 0-5",
        "reach: outside 0-10",
        "costs: not a whole number",
        "creativity: missing",
    ]


def test_comments_are_asked_for_always_or_at_the_ends_of_the_scale_or_never():
    assert wrong(points(), {}) == ["costs: comment"]
    assert wrong(points(importance=5), {"costs": "x", "importance": " "}) == ["importance: comment"]
    assert commission.total(PACK, points(importance=4, creativity=5), {"costs": "x"})


def test_a_sheet_that_abstains_on_everything_scores_nothing():
    told = dict.fromkeys(BEST, None)

    assert wrong(told) == ["nothing scored"]


def test_weights_that_vanish_for_a_small_request_score_nothing():
    steps = [packs.SumWeight(since=0, weight=0)]
    pack = changed("criteria.costs.weight_by_sum", steps)

    assert wrong({**dict.fromkeys(BEST, None), "costs": 50}, pack=pack) == ["nothing scored"]


@given(
    st.fixed_dictionaries(
        {
            "importance": st.none() | st.integers(0, 5),
            "reach": st.integers(0, 10_000),
            "costs": st.none() | st.integers(0, 100),
            "creativity": st.none() | st.integers(0, 5),
            "on_theme": st.integers(0, 1),
        }
    )
)
def test_a_total_lies_between_nothing_and_a_hundred_points(told: dict):
    assert 0 <= commission.total(PACK, told, SAID) <= 10_000


def test_the_score_is_the_mean_or_the_median_of_the_sheets():
    sheets = [sheet(1, 6000), sheet(2, 7000), sheet(3, 9001)]

    assert scoring.score(PACK, sheets) == 7334
    assert scoring.score(changed("ranking.average", "median"), sheets) == 7000
    assert scoring.score(changed("ranking.average", "median"), sheets[1:]) == 8001
    assert scoring.score(PACK, []) is None
    assert scoring.half_up(Fraction(1, 2)) == 1


def entry(number: int, score: int, *, recommended: bool = True, sheets: int = 2, **told) -> Entry:
    given = {key: told.pop(key) for key in list(told) if key in BEST}
    return Entry(application(number, **told), [sheet(n, score, **given) for n in range(sheets)], recommended)


def ranked(*entries: Entry, pack: Pack = PACK, **told) -> list[tuple[int, int | None, ApplicationStatus, str]]:
    placings = commission.ranking(pack, contest(**{"awards": 9, **told}), entries)
    return [(one.application_id.int - 100, one.place, one.outcome, one.reason) for one in placings]


def test_the_best_wins_the_next_wait_and_the_rest_are_passed_over():
    entries = [entry(n, 6000 + 100 * n) for n in range(1, 7)]

    assert ranked(*entries, awards=1) == [
        (6, 1, WINNER, "above_cut"),
        (5, 2, RESERVE, "no_award_left"),
        (4, 3, RESERVE, "no_award_left"),
        (3, 4, RESERVE, "no_award_left"),
        (2, 5, PASSED_OVER, "no_award_left"),
        (1, 6, PASSED_OVER, "no_award_left"),
    ]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (entry(1, 9000, recommended=False), "not_recommended"),
        (entry(1, 9000, sheets=1), "too_few_sheets"),
        (entry(1, 9000, sheets=0), "too_few_sheets"),
        (entry(1, 5999), "below_pass_mark"),
        (entry(1, 9000, importance=1), "below_minimum"),
        (entry(1, 9000, on_theme=0), "gate"),
        (entry(1, 6000), "above_cut"),
        (entry(1, 9000, importance=2), "above_cut"),
        (entry(1, 9000, importance=None), "above_cut"),
    ],
)
def test_only_what_was_recommended_and_passes_every_mark_can_win(one: Entry, reason: str):
    place, outcome = (1, WINNER) if reason == "above_cut" else (None, PASSED_OVER)

    assert ranked(one) == [(1, place, outcome, reason)]
    assert reason in PLACINGS


def test_the_budget_cuts_and_the_pack_says_whether_a_smaller_project_may_slip_through():
    big, bigger, small = (
        entry(1, 9000, requested=30_000 * SOM),
        entry(2, 8000, requested=30_000 * SOM),
        entry(3, 7000, requested=20_000 * SOM),
    )

    stop = ranked(big, bigger, small)
    skip = ranked(big, bigger, small, pack=changed("ranking.over_budget", "skip"))
    assert [row[2:] for row in stop] == [(WINNER, "above_cut"), (RESERVE, "over_budget"), (RESERVE, "over_budget")]
    assert [row[2:] for row in skip] == [(WINNER, "above_cut"), (RESERVE, "over_budget"), (WINNER, "above_cut")]


def test_a_theme_may_be_given_once():
    pack = changed("ranking.awards_per_theme", 1)

    rows = ranked(entry(1, 9000), entry(2, 8000), entry(3, 7000, theme="B2"), pack=pack)
    assert [row[3] for row in rows] == ["above_cut", "theme_taken", "above_cut"]


@pytest.mark.parametrize(
    ("first", "second", "tie"),
    [
        ({"importance": 4}, {"importance": 3}, "criterion:importance"),
        ({"creativity": 4}, {"creativity": None}, "criterion:creativity"),
        ({"own_contribution": 2}, {"own_contribution": 1}, "own_contribution"),
        ({"requested": 1}, {"requested": 2}, "requested"),
        ({"received_at": CUTOFF - timedelta(1)}, {"received_at": CUTOFF}, "received"),
    ],
)
def test_a_tie_is_broken_in_the_order_of_the_pack_and_says_by_what(first: dict, second: dict, tie: str):
    placings = commission.ranking(PACK, contest(awards=9), [entry(1, 7000, **second), entry(2, 7000, **first)])

    assert [(one.application_id, one.tie) for one in placings] == [(uid(102), ""), (uid(101), tie)]


def test_what_nothing_sets_apart_goes_by_arrival_and_unequal_scores_are_no_tie():
    placings = commission.ranking(PACK, contest(awards=9), [entry(2, 7000), entry(1, 7000), entry(3, 6500)])

    assert [(one.application_id, one.tie) for one in placings] == [(uid(101), ""), (uid(102), "number"), (uid(103), "")]


@given(
    st.lists(st.tuples(st.integers(55, 65), st.integers(1, 4), st.booleans()), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_no_order_of_applications_or_sheets_changes_the_ranking(told: list, chance):
    def entries() -> list[Entry]:
        return [
            Entry(
                application(n, requested=importance * 5_000 * SOM),
                [sheet(1, score * 100, importance=importance), sheet(2, score * 100 + 50)],
                recommended,
            )
            for n, (score, importance, recommended) in enumerate(told, 1)
        ]

    def placings(order: list[Entry]) -> list[Placing]:
        return commission.ranking(PACK, contest(awards=3), order)

    plainly, shuffled = entries(), entries()
    chance.shuffle(shuffled)
    turned = [Entry(one.application, list(reversed(one.sheets)), one.recommended) for one in shuffled]
    expected = placings(plainly)
    assert placings(turned) == expected

    won = [one for one in expected if one.outcome is WINNER]
    spent = sum(one.application.requested for one in plainly if one.application.id in {w.application_id for w in won})
    assert spent <= contest().budget
    assert len(won) <= 3
    assert {one.application_id for one in won} <= {one.application.id for one in plainly if one.recommended}


def test_when_a_winner_leaves_the_first_whom_the_money_allows_moves_up():
    left = application(1, status=ApplicationStatus.WITHDRAWN, place=1)
    dear = application(2, status=RESERVE, place=2, requested=60_000 * SOM)
    cheap = application(3, status=RESERVE, place=3)

    skip = changed("ranking.over_budget", "skip")
    assert commission.next_in_line(skip, contest(), [cheap, dear, left]) is cheap
    assert commission.next_in_line(PACK, contest(), [cheap, dear, left]) is None
    assert commission.next_in_line(PACK, contest(), [cheap, left]) is cheap
    winner = application(4, status=WINNER, place=1)
    assert commission.next_in_line(PACK, contest(), [winner, cheap]) is None
