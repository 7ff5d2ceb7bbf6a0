"""Amounts, dates and counts: published examples, edges of number agreement, and laws that hold for every number."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.words import NBSP, amount, cardinal, counted, counted_of, day, figures, moment, money, plural

KY = {
    0: "нөл",
    1: "бир",
    10: "он",
    19: "он тогуз",
    40: "кырк",
    100: "бир жүз",
    101: "бир жүз бир",
    1000: "бир миң",
    1_000_000: "бир миллион",
    2_345_678: "эки миллион үч жүз кырк беш миң алты жүз жетимиш сегиз",
    1_000_000_000: "бир миллиард",
}
RU = {
    0: "ноль",
    1: "один",
    2: "два",
    11: "одиннадцать",
    21: "двадцать один",
    40: "сорок",
    90: "девяносто",
    100: "сто",
    1000: "одна тысяча",
    2000: "две тысячи",
    5000: "пять тысяч",
    11_000: "одиннадцать тысяч",
    21_000: "двадцать одна тысяча",
    112_012: "сто двенадцать тысяч двенадцать",
    1_000_001: "один миллион один",
    2_000_000: "два миллиона",
    38_000_000: "тридцать восемь миллионов",
}
EN = {0: "zero", 13: "thirteen", 42: "forty-two", 101: "one hundred one", 1_000_020: "one million twenty"}


@pytest.mark.parametrize(("n", "words"), KY.items())
def test_numbers_in_kyrgyz(n: int, words: str):
    assert cardinal(n, "ky") == words


@pytest.mark.parametrize(("n", "words"), RU.items())
def test_numbers_in_russian(n: int, words: str):
    assert cardinal(n, "ru") == words


@pytest.mark.parametrize(("n", "words"), EN.items())
def test_numbers_in_english(n: int, words: str):
    assert cardinal(n, "en") == words


def test_russian_counts_feminine_nouns_in_the_feminine():
    assert cardinal(21, "ru", feminine=True) == "двадцать одна"
    assert cardinal(12, "ru", feminine=True) == "двенадцать"


def test_a_number_too_large_for_words_is_refused():
    assert cardinal(10**15 - 1, "ky").startswith("тогуз жүз токсон тогуз триллион")
    with pytest.raises(ValueError, match="not written in words"):
        cardinal(10**15, "ky")


def test_an_amount_stands_in_figures_and_in_words():
    assert amount(124_560_005, "ky") == (
        f"1{NBSP}245{NBSP}600 (бир миллион эки жүз кырк беш миң алты жүз) сом 05{NBSP}тыйын"
    )
    assert amount(124_560_021, "ru").endswith(f"(один миллион двести сорок пять тысяч шестьсот) сомов 21{NBSP}тыйын")
    assert amount(124_560_000, "en") == (
        f"1,245,600 (one million two hundred forty-five thousand six hundred) som 00{NBSP}tyiyn"
    )


@pytest.mark.parametrize(
    ("tyiyn", "form"),
    [
        (100, "сом 00"),
        (200, "сома 00"),
        (500, "сомов 00"),
        (1100, "сомов 00"),
        (2100, "сом 00"),
        (11_200, "сомов 00"),
        (0, "сомов 00"),
    ],
)
def test_som_agrees_with_its_number_in_russian(tyiyn: int, form: str):
    assert f") {form}" in amount(tyiyn, "ru")


@pytest.mark.parametrize(
    ("tyiyn", "form"), [(1, "тыйын"), (2, "тыйына"), (5, "тыйынов"), (12, "тыйынов"), (22, "тыйына")]
)
def test_tyiyn_agrees_with_its_number_in_russian(tyiyn: int, form: str):
    assert amount(tyiyn, "ru").endswith(NBSP + form)


def test_money_in_a_table_has_two_places_and_its_sign():
    assert money(124_560_005, "ky") == f"1{NBSP}245{NBSP}600,05"
    assert money(-5, "ru") == "-0,05"
    assert money(-150, "en") == "-1.50"


@pytest.mark.parametrize(
    ("on", "ky"),
    [
        (date(2026, 3, 5), "2026-жылдын 5-марты"),
        (date(2026, 4, 1), "2026-жылдын 1-апрели"),
        (date(2026, 6, 30), "2026-жылдын 30-июну"),
        (date(2017, 4, 28), "2017-жылдын 28-апрели"),
        (date(2026, 12, 31), "2026-жылдын 31-декабры"),
    ],
)
def test_a_kyrgyz_date_is_the_official_one(on: date, ky: str):
    assert day(on, "ky") == ky


@pytest.mark.parametrize(
    ("month", "forms"),
    [
        (4, ("апрелине", "апрелинде", "апрелинен")),
        (6, ("июнуна", "июнунда", "июнунан")),
        (8, ("августуна", "августунда", "августунан")),
        (12, ("декабрына", "декабрында", "декабрынан")),
    ],
)
def test_a_kyrgyz_date_is_declined_by_vowel_harmony(month: int, forms: tuple[str, ...]):
    on = date(2026, month, 5)
    assert tuple(day(on, "ky", case).rsplit("-", 1)[1] for case in ("to", "in", "from")) == forms  # type: ignore[arg-type]


def test_dates_in_russian_and_english():
    assert day(date(2026, 3, 5), "ru") == f"5{NBSP}марта 2026{NBSP}г."
    assert day(date(2026, 3, 5), "en") == f"5{NBSP}March 2026"


def test_a_moment_is_told_in_the_clock_of_its_zone():
    at = datetime(2026, 2, 5, 18, 30, 59, tzinfo=UTC)
    assert moment(at, "Asia/Bishkek", "ky") == "2026-жылдын 6-февралы, саат 00:30:59"
    with pytest.raises(ValueError, match="zone"):
        moment(at.replace(tzinfo=None), "Asia/Bishkek", "ky")


def test_counts_go_with_their_nouns():
    assert counted(5, "working day", "ky") == f"5{NBSP}жумуш күнү"
    assert counted(2, "working day", "ru") == f"2{NBSP}рабочих дня"
    assert counted(1, "working day", "en") == f"1{NBSP}working day"
    assert counted_of(1, "working day") == f"1{NBSP}рабочего дня"
    assert counted_of(2, "working day") == f"2{NBSP}рабочих дней"
    assert counted_of(21, "year") == f"21{NBSP}года"
    assert counted_of(5, "year") == f"5{NBSP}лет"


NUMBERS = st.integers(min_value=1, max_value=10**15 - 1)
VALUES = {
    word: value
    for names, step in (
        (("бир", "эки", "үч", "төрт", "беш", "алты", "жети", "сегиз", "тогуз"), 1),
        (("он", "жыйырма", "отуз", "кырк", "элүү", "алтымыш", "жетимиш", "сексен", "токсон"), 10),
    )
    for word, value in zip(names, range(step, 10 * step, step), strict=True)
}


@given(NUMBERS)
def test_kyrgyz_words_read_back_as_the_number(n: int):
    total = group = 0
    scales = {"миң": 10**3, "миллион": 10**6, "миллиард": 10**9, "триллион": 10**12}
    for word in cardinal(n, "ky").split():
        if word in scales:
            total, group = total + group * scales[word], 0
        else:
            group = group * 100 if word == "жүз" else group + VALUES[word]
    assert total + group == n


@given(NUMBERS, NUMBERS)
def test_no_two_numbers_share_their_words(a: int, b: int):
    for language in ("ky", "ru", "en"):
        assert (cardinal(a, language) == cardinal(b, language)) == (a == b)


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_figures_lose_no_digit(n: int):
    assert int(figures(n, "ky").replace(NBSP, "")) == n
    assert int(money(n, "ru").replace(NBSP, "").replace(",", "")) == n


@given(st.integers(min_value=0, max_value=10**6))
def test_russian_plural_depends_on_the_last_two_digits_only(n: int):
    assert plural(n, "1", "2", "5") == plural(n % 100, "1", "2", "5")
