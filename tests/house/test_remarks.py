"""A finding is told so that its reader finds the spot and knows the ground, in each language."""

import pytest

from schemas.wording import LANGUAGES, say, say_place, say_remark

PACK, KY, RU = "kg-814-2017 2017.1", "эрежелер топтому", "набор правил"
SEEN = {
    "rule": "arithmetic",
    "severity": "to_cure",
    "facts": {"code": "D04", "name": "смета.xlsx", "place": "sheet Смета, B12"},
    "page": 0,
    "placeholder": True,
    "file": "смета.xlsx",
    "pack": PACK,
}


@pytest.mark.parametrize(
    ("place", "ky", "ru", "en"),
    [
        ("page 2", "2-бет", "страница 2", "page 2"),
        ("table 1, row 3", "1-таблица, 3-сап", "таблица 1, строка 3", "table 1, row 3"),
        (
            "sheet Смета, B12",
            "«Смета» барагы, B12 уячасы",
            "лист «Смета», ячейка B12",
            "sheet “Смета”, cell B12",
        ),
        ("paragraph 4", "4-абзац", "абзац 4", "paragraph 4"),
        ("line 9", "9-сап", "строка 9", "line 9"),
        ("field goal", "«долбоордун максаты» талаасы", "поле «цель проекта»", "field “goal of the project”"),
        ("field Text1", "«Text1» талаасы", "поле «Text1»", "field “Text1”"),
        ("hidden field", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_a_place_is_said_in_the_language_of_its_reader(place: str, ky: str, ru: str, en: str):
    assert [say_place(place, language) for language in LANGUAGES] == [ky, ru, en]


@pytest.mark.parametrize(
    ("language", "cure", "where"),
    [
        (
            "ky",
            "   → Саптарды жана жыйынтыкты кайра эсептеп, оңдолгон документти тапшырыңыз.",
            f"   (жоюла турган кемчилик; «смета.xlsx» файлы; «Смета» барагы, B12 уячасы; эреже arithmetic; {KY} {PACK})",
        ),
        (
            "ru",
            "   → Пересчитайте строки и итоги и представьте исправленный документ.",
            f"   (устранимый недостаток; файл «смета.xlsx»; лист «Смета», ячейка B12; правило arithmetic; {RU} {PACK})",
        ),
        (
            "en",
            "   → Work out the lines and totals again and hand in the corrected document.",
            "   (gap to cure; file “смета.xlsx”; sheet “Смета”, cell B12; rule arithmetic; rule pack kg-814-2017 2017.1)",
        ),
    ],
)
def test_a_finding_says_what_on_what_ground_what_would_cure_it_and_where(language: str, cure: str, where: str):
    sentence = say("rule.arithmetic", language, **SEEN["facts"])

    assert say_remark(SEEN, language).splitlines() == [
        f"{sentence} ({say('pack.placeholder', language)})",
        cure,
        where,
    ]


def test_the_page_comes_before_any_other_place():
    assert "; page 3; " in say_remark({**SEEN, "page": 3}, "en")


def test_where_the_severity_stands_elsewhere_it_is_not_said_again():
    assert say_remark(SEEN, "en", graded=False).endswith(
        "(file “смета.xlsx”; sheet “Смета”, cell B12; rule arithmetic; rule pack kg-814-2017 2017.1)"
    )


def test_a_remark_of_which_no_more_is_known_ends_with_its_cure():
    bare = {"rule": "missing", "severity": "to_cure", "facts": {"code": "D06"}, "placeholder": False}

    assert say_remark(bare, "en").splitlines()[1:] == ["   → Hand in this document: charter with amendments."]


def test_a_date_at_the_end_of_a_russian_sentence_has_one_point():
    told = say("rule.too_old", "ru", code="D07", name="а.pdf", issued_on="2018-05-19", oldest="2018-07-04")

    assert told.endswith("4\u00a0июля 2018\u00a0г.")


def test_a_sheets_name_cannot_ask_for_a_fact():
    assert say_place("sheet {pack} [{file}], A1", "en") == "sheet “{pack} [{file}]”, cell A1"
