import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import letters


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("жаӊы", "жаңы"),  # U+04CA for U+04A3
        ("қоом", "коом"),
        ("ТАЗА  ШААР", "таза шаар"),
        ("Тaзa", "таза"),  # Latin a
        ("«Таза»", '"таза"'),
        ("отче\u0308т", "отчет"),
        ("мыйзам\u00adы", "мыйзамы"),
    ],
)
def test_look_alike_letters_compare_as_equal(typed: str, meant: str) -> None:
    assert letters.fold(typed) == meant


def test_a_latin_word_stays_latin() -> None:
    assert letters.fold("Excel") == "excel"


def test_kyrgyz_typed_with_russian_letters_compares_loosely() -> None:
    assert letters.loose("мөөнөтү") == letters.loose("мооноту")
    assert letters.fold("мөөнөтү") != letters.fold("моонот")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Баткен шаарынын мэриясы коммерциялык эмес уюмдарды кызматташууга чакырат жана күтөт", "ky"),
        ("Мэрия города приглашает некоммерческие организации к участию в конкурсе", "ru"),
        ("The city hall invites the organisations to take part in the contest", "en"),
        ("12 34 56", None),
    ],
)
def test_the_language_of_a_text_is_told(text: str, language: str | None) -> None:
    assert letters.language(text) == language


def test_glyph_numbers_make_no_sense_and_words_do() -> None:
    honest = ("Уголовный кодекс Российской Федерации принят Государственной Думой " * 4).split(" ")
    broken = ("M]heh\\guc dh^_dk Jhkkbckdhc N_^_jZpbb ijbgyl =hkm^Zjkl\\_gghc >mfhc h^h[j_g " * 4).split(" ")

    assert (letters.sense(honest) or 0) > 0.9
    assert (letters.sense(broken) or 1) < 0.6
    assert letters.sense(["мало", "слов"]) is None


@given(st.text(alphabet="абвёң өүӊқіabceöÜ ,-«»\u00a0\u200bСнН1", max_size=80))
def test_folding_is_the_same_letter_by_letter_and_word_by_word(text: str) -> None:
    """What is skipped for speed changes nothing: every word on its own folds to what it is in its text."""
    assert letters.fold(text) == " ".join(letters.fold(word) for word in text.split() if letters.fold(word))


def test_of_a_long_text_a_part_tells_whether_it_makes_sense() -> None:
    honest, broken = ["уюмдун", "долбоору", "боюнча"] * 5_000, ["M]heh\\guc", "dh^_dk", "ijZ\\h"] * 5_000

    assert (letters.sense(honest) or 0) > 0.9
    assert (letters.sense(broken) or 0) < 0.6


@given(st.lists(st.text("aAоОpРңҮ«»-1 \t\n\u00a0\u200b\ue000", max_size=12), max_size=6))
def test_many_texts_are_folded_as_each_would_be(texts: list[str]):
    assert letters.loose_each(texts) == [letters.loose(one) for one in texts]
