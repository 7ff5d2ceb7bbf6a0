"""Old fonts and wrong tables: what was meant is compared, and what was right stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import dates, letters, values
from rules import likeness
from schemas.oldletters import STAND_INS, decoded, modern

KYRGYZ = "Баткен шаарынын мэриясы коммерциялык эмес уюмдарды чакырат: өнөктөштүк, жаңы үй"
RUSSIAN = "Мэрия города Баткен приглашает некоммерческие организации, в том числе и ОФ «Шоола»"


def as_latin(text: str, encoding: str, shown: str = "cp1252") -> str:
    """How bytes of an encoding look when they are shown by another table; bytes it lacks stand for themselves."""
    return "".join(bytes([one]).decode(shown, "ignore") or chr(one) for one in text.encode(encoding))


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("Áàòêåí", "Баткен"),
        ("Îáùåñòâåííûé ôîíä «Øîîëà» è äðóãèå", "Общественный фонд «Шоола» и другие"),
        ("ÈÍÍ 01707201410029, e-mail: taza@example.kg", "ИНН 01707201410029, e-mail: taza@example.kg"),
        ("Р‘Р°С‚РєРµРЅ", "Баткен"),
        ("Ð‘Ð°Ñ‚ÐºÐµÐ½", "Баткен"),
        ("Îò÷¸ò", "Отчёт"),
    ],
)
def test_text_decoded_with_the_wrong_table_is_decoded_anew(shown: str, meant: str):
    assert decoded(shown) == meant


@pytest.mark.parametrize(
    "text",
    [
        KYRGYZ,
        RUSSIAN,
        "The city hall invites organisations to take part",
        "naïve café, Ærøskøbing, L'été à Zürich, garçon, Ñandú, coöperatie, Straße, Åéro",
        "Рёв и «С», № 5 – С… УЇ",
        "Київ, Україна, її",
        "12 345,00 §§§ ©®",
        "",
    ],
)
def test_text_that_is_right_stays_as_it_is(text: str):
    assert decoded(text) == text


@pytest.mark.parametrize("text", [KYRGYZ, RUSSIAN])
@pytest.mark.parametrize("table", ["cp1252", "cp1251"])
def test_utf_8_shown_by_another_table_is_read(text: str, table: str):
    assert decoded(as_latin(text, "utf-8", table)) == text


def test_windows_cyrillic_shown_as_latin_is_read_in_either_latin_table():
    assert decoded(as_latin(RUSSIAN, "cp1251")) == RUSSIAN
    assert decoded(RUSSIAN.encode("cp1251").decode("latin-1")) == RUSSIAN


@given(st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯ", min_size=3))
def test_any_word_of_three_letters_is_read(word: str):
    assert decoded(as_latin(word, "cp1251")) == word
    assert decoded(as_latin(word, "utf-8")) == word
    assert decoded(as_latin(word, "utf-8", "cp1251")) == word


@given(st.text())
def test_any_text_is_decoded_without_an_error(text: str):
    assert isinstance(decoded(text), str)
    assert isinstance(letters.fold(text), str)


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("жањы", "жаңы"),
        ("жаѕы", "жаңы"),
        ("жаќы", "жаңы"),
        ("єнєктєш", "өнөктөш"),
        ("јнјктјш", "өнөктөш"),
        ("µнµктµш", "өнөктөш"),
        ("їй-бїлє", "үй-бүлө"),
        ("ўй-бўлј", "үй-бүлө"),
        ("ќоом", "коом"),
        ("аѓып", "агып"),
    ],
)
def test_letters_of_old_fonts_compare_as_those_of_today(old: str, today: str):
    assert letters.fold(old) == letters.fold(today)
    assert letters.loose(old.upper()) == letters.loose(today)
    assert likeness.name(f"«{old}»") == likeness.name(f"«{today}»")


def test_an_old_font_shown_as_latin_is_read_in_both_steps():
    assert letters.fold(as_latin("єнєктєштїк жаѕы", "cp1251")) == "өнөктөштүк жаңы"


def test_every_stand_in_is_a_letter_that_neither_kyrgyz_nor_russian_has():
    own = set("абвгдежзийклмнңоөпрстуүфхцчшщъыьэюя")

    assert own.isdisjoint(map(chr, STAND_INS))
    assert all(meant in own for meant in STAND_INS.values())
    assert modern("".join(sorted(own))) == "".join(sorted(own))


def test_rules_compare_what_was_meant_and_keep_what_was_written():
    shown = as_latin("Коомдук фонд «Таза Шаар»", "cp1251")

    assert likeness.name(shown) == likeness.name("КФ «Таза Шаар»")
    assert values.organisation(shown) == shown
    assert dates.one_date(as_latin("2026-жылдын 5-марты", "cp1251")) == dates.one_date("05.03.2026")
    assert values.commercial(as_latin("Жоопкерчилиги чектелген коом «Шоола»", "cp1251"))


def test_a_number_of_a_contest_stays_comparable_in_letters_of_both_alphabets():
    assert likeness.number("ВАТКЕN-2018-1") == likeness.number("batken 2018/1")
    assert likeness.name("«Қоом»") == likeness.name("«Коом»")
