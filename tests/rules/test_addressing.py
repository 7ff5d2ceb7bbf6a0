"""Which contract and period a report is for."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.addressing import Known, Told, address, clue, clues
from schemas.collection import Obstacle

OURS = Known(UUID(int=1), "БАТКЕН-2018-1/1", frozenset({"taza@ngo.example"}), (3,))
SHORT = Known(UUID(int=2), "БАТКЕН-2018-1/12", frozenset({"bulak@ngo.example"}), (1, 2))
LONG = Known(UUID(int=3), "БАТКЕН-2018-1/1/2", frozenset({"jashyl@ngo.example", "taza@ngo.example"}), ())
BOTH = [OURS, SHORT]


def told(about: str, sender: str = "", **more: object) -> Told:
    return Told(about, sender, **more)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("about", "contract", "period"),
    [
        ("Отчёт по договору № БАТКЕН-2018-1/1, период 3", OURS, 3),
        ("БАТКЕН-2018-1/1 келишими, 3-мезгил", OURS, 3),
        ("contract БАТКЕН-2018-1/1, 3rd period", OURS, 3),
        ("3-й отчётный период, БАТКЕН 2018 1 1", OURS, 3),
        ("БАТКЕН-2018-1_1-3.zip", OURS, 3),
        ("batken-2018-1-1".replace("batken", "БАТКЕН"), OURS, 3),
        ("БАТКЕН-2018-1/12 период № 2", SHORT, 2),
        ("БАТКЕН-2018-1/12 квартал 1", SHORT, 1),
    ],
)
def test_a_contract_is_known_by_its_whole_number_and_a_period_by_its_word_or_place(
    about: str, contract: Known, period: int
) -> None:
    found = address(told(about), BOTH)

    assert (found.known, found.period, found.obstacle) == (contract, period, None)


def test_the_longer_number_is_meant_where_both_stand() -> None:
    assert address(told("БАТКЕН-2018-1/1/2"), [OURS, LONG]).known == LONG


def test_without_a_number_the_sender_or_the_papers_say_it() -> None:
    assert address(told("Отчёт", "BULAK@ngo.example", periods=(2,), by_mail=True), BOTH).period == 2
    assert address(told("Отчёт", numbers=("БАТКЕН-2018-1/12",), periods=(1,)), BOTH).known == SHORT


@pytest.mark.parametrize(
    ("given", "contracts", "obstacle"),
    [
        (told("Отчёт"), BOTH, Obstacle.NO_CONTRACT),
        (told("Отчёт", "taza@ngo.example"), [OURS, LONG], Obstacle.SEVERAL_CONTRACTS),
        (told("БАТКЕН-2018-1/1", "kimdir@pochta.example", by_mail=True), BOTH, Obstacle.STRANGE_SENDER),
        (told("БАТКЕН-2018-1/12"), BOTH, Obstacle.NO_PERIOD),
        (told("БАТКЕН-2018-1/12", periods=(1, 2)), BOTH, Obstacle.NO_PERIOD),
        (told("БАТКЕН-2018-1/1/2"), [LONG], Obstacle.WRONG_MOMENT),
        (told("БАТКЕН-2018-1/1 период 2"), BOTH, Obstacle.WRONG_MOMENT),
    ],
)
def test_what_is_not_plain_is_for_a_person(given: Told, contracts: list[Known], obstacle: Obstacle) -> None:
    found = address(given, contracts)

    assert (found.period is None or found.obstacle is Obstacle.WRONG_MOMENT, found.obstacle) == (True, obstacle)


def test_a_contract_without_a_number_is_found_in_no_text() -> None:
    assert address(told("Отчёт"), [Known(UUID(int=4), "", frozenset(), (1,))]).obstacle is Obstacle.NO_CONTRACT


WORDS = st.sampled_from(["БАТКЕН", "BATKEN", "Osh", "2018", "1", "12", "01", "2", "период", "Отчёт", "ө3", "№"])
BETWEEN = st.sampled_from(["-", "/", " ", "_", ", ", ""])
TEXTS = st.lists(st.tuples(WORDS, BETWEEN), max_size=12).map(lambda pairs: "".join(map("".join, pairs)))
SENDERS = st.sampled_from(["", "a@ngo.example", "B@ngo.example", "c@ngo.example"])


@st.composite
def contracts(draw: st.DrawFn) -> list[Known]:
    numbers = draw(st.lists(TEXTS, max_size=5))
    senders = st.frozensets(st.sampled_from(["a@ngo.example", "b@ngo.example"]))
    waiting = st.lists(st.integers(1, 3), max_size=3, unique=True).map(tuple)
    return [
        Known(UUID(int=at), f"{number[:36]}/{at}" if number else "", draw(senders), draw(waiting))
        for at, number in enumerate(numbers)
    ]


@given(contracts(), st.lists(st.one_of(TEXTS, st.integers(0, 4)), max_size=4), SENDERS, st.booleans(), TEXTS)
def test_the_contracts_whose_clue_stands_there_are_as_good_as_all(
    known: list[Known], parts: list[str | int], sender: str, by_mail: bool, paper: str
) -> None:
    """Else two of the sender's."""
    said = [known[one % len(known)].number if isinstance(one, int) and known else str(one) for one in parts]
    given_ = Told(" ".join(said), sender, (paper,), (), by_mail)

    named = [one for one in known if clue(one.number) in clues(given_)]
    few = named or [one for one in known if sender.casefold() in one.senders][:2]

    assert address(given_, few) == address(given_, known)


def test_a_clue_is_one_for_all_ways_of_writing_and_is_looked_for_only_where_figures_end() -> None:
    assert clue("БАТКЕН-2018-1/1") == clue("баткен 2018_1 № 1") == "бaтkeh 2018 1 1".replace("бaтkeh", clue("БАТКЕН"))
    assert clues(Told("Отчёт за год")) == set()
    assert clues(Told("А 1 Б", numbers=("2",))) == {clue("А 1"), "1", "2"}
    assert clues(Told("1" * 300)) == set()
