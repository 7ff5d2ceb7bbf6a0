"""Ways of saying that no form prescribes."""

from datetime import date

import pytest

from documents import tables, values
from documents.content import Content, Grid, Passage, label
from documents.facts import fill
from documents.recognise import kind_of
from documents.tables import Parted
from schemas.facts import Facts, Kind, Media

SOM = 100


def grid(*rows: str) -> Grid:
    return Grid([[cell.strip() or None for cell in row.split("|")] for row in rows], "table 1")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ИТОГО: 50 000 45 000 5 000", [50_000, 45_000, 5_000]),
        ("TOTAL 50,000 45,000 5,000", [50_000, 45_000, 5_000]),
        ("Бардыгы 550 000 500 000 50 000", [550_000, 500_000, 50_000]),
        ("3 Координатор ай 6 2 500 15 000 15 000 0", [15_000, 15_000, 0]),
        ("Итого 50000 45000 4000", []),
        ("Бардыгы 45 000", []),
        ("", []),
    ],
)
def test_of_the_sums_in_a_line_those_that_add_up_are_meant(line: str, expected: list[int]):
    assert values.whole_and_parts(line) == [som * SOM for som in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Избрать директором Осмонову Назгуль сроком на три года.", "Осмонову Назгуль"),
        ("Осмонова Назгүл Бакытовна директор болуп шайлансын.", "Осмонова Назгүл Бакытовна"),
        ("The founders of “Green Street” resolved to elect Nazgul Osmonova as director.", "Nazgul Osmonova"),
        ("Осмонова Назгүл чогулушка катышты.", None),
    ],
)
def test_who_is_made_head_stands_by_the_word_that_appoints(text: str, expected: str | None):
    assert values.appointed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Аткаруучу", ["organisation"]),
        ("Аткаруучу директор", []),
        ("Организация (полностью)", ["organisation"]),
        ("Уюм жөнүндө", []),
    ],
)
def test_a_label_that_ends_as_another_asks_for_neither(text: str, expected: list[str]):
    assert label("line", text) == expected


def test_a_number_is_no_name_of_an_organisation():
    found = Facts(media=Media.DOCX, kind=Kind.BANK_DETAILS)
    fill(found, Content(passages=[Passage("Организация: 01203201510046", "paragraph 1")]))

    assert "organisation" not in found.values


def test_two_columns_that_make_up_the_total_are_what_is_asked_for_and_what_is_own():
    budget = tables.budget(
        grid("Статья|Кол-во|Цена|Всего|Даст мэрия|Даём мы", "А|10|100|1000|900|100", "Б|1|500|500|400|100")
    )

    assert budget is not None
    assert (budget.parted, budget.requested, budget.own) == (Parted.GUESSED, 1_300 * SOM, 200 * SOM)


@pytest.mark.parametrize(
    "rows",
    [
        ("Статья|Кол-во|Цена|Всего|Даст мэрия|Даём мы", "А|10|100|1000|900|50", "Б|1|500|500|400|100"),
        ("Статья|Кол-во|Цена|Всего|Даст мэрия|Даём мы", "А|10|100|1000|100|900", "Б|1|500|500|100|400"),
        ("Статья|Кол-во|Цена|Всего|В прошлом году", "А|10|100|1000|900", "Б|1|500|500|400"),
    ],
)
def test_a_column_of_money_that_nobody_knows_leaves_open_what_is_asked_for(rows: tuple[str, ...]):
    budget = tables.budget(grid(*rows))

    assert budget is not None
    assert budget.parted is Parted.UNKNOWN


def test_a_budget_without_other_columns_asks_for_all():
    budget = tables.budget(grid("Статья|Кол-во|Цена|Всего", "А|10|100|1000", "Б|1|500|500"))

    assert budget is not None
    assert (budget.parted, budget.requested, budget.own) == (Parted.NAMED, 1_500 * SOM, 0)


def kind(text: str, name: str = "скан.docx") -> Kind:
    return kind_of(Content(passages=[Passage(text, "paragraph 1")]), name)[0]


def test_a_paper_is_known_by_its_words_in_any_ending():
    told = "Салыктын эч кандай карыздарынын жоктугун салык кызматынын бөлүмү ырастайт"

    assert kind(told) is Kind.TAX_CERTIFICATE


def test_words_of_quite_other_matters_are_no_paper():
    assert kind("Ак калпактуу Ала-Тоо, мелтиреген Ысык-Көл, сага арнаган ырымды шамал ала кетти бейм") is Kind.OTHER


def test_the_term_of_a_project_in_a_sentence_is_its_first_and_its_last_day():
    found = Facts(media=Media.DOCX, kind=Kind.PLAN)
    fill(found, Content(passages=[Passage("Работы идут с 01.10.2018 по 31.03.2019 без перерыва.", "paragraph 1")]))

    assert (found.day("starts"), found.day("ends")) == (date(2018, 10, 1), date(2019, 3, 31))
