from datetime import date
from decimal import Decimal

import pytest

from documents import dates, values


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-жылдын 5-марты", date(2026, 3, 5)),
        ("2026-жылдын 5-мартында", date(2026, 3, 5)),
        ("2018-жылдын 29-июнунда саат 11:00-до", date(2018, 6, 29)),
        ("2026-ж. 5-март", date(2026, 3, 5)),
        ("2026-ж., 5-март", date(2026, 3, 5)),
        ("5-март, 2026-жыл", date(2026, 3, 5)),
        ("«05» март 2026-ж.", date(2026, 3, 5)),
        ("2026-жылдын «5» марты", date(2026, 3, 5)),
        ("31-декабрь 2026-жылга чейин", date(2026, 12, 31)),
        ("2026-жылдын 31-декабрына чейин", date(2026, 12, 31)),
        ("2026-жылдын 9-майынан", date(2026, 5, 9)),
        ("5 марта 2026 года", date(2026, 3, 5)),
        ("«05» марта 2026 г.", date(2026, 3, 5)),
        ("5-го мая 2026 г.", date(2026, 5, 5)),
        ("от 05.03.2026 г.", date(2026, 3, 5)),
        ("05.03.2026-ж.", date(2026, 3, 5)),
        ("5/3/2026", date(2026, 3, 5)),
        ("05. 03. 2026", date(2026, 3, 5)),
        ("05.03.26", date(2026, 3, 5)),
        ("2026-03-05", date(2026, 3, 5)),
        ("5 March 2026", date(2026, 3, 5)),
        ("5th of March, 2026", date(2026, 3, 5)),
        ("March 5, 2026", date(2026, 3, 5)),
        ("1 августа 2026", date(2026, 8, 1)),
    ],
)
def test_a_date_is_read_in_every_official_form(text: str, day: date) -> None:
    assert dates.one_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "Справка № 05-03/2026",
        "№ 05.03.2026",
        "№05-03-2026",
        "31.02.2026",
        "ИНН 01707201410029",
        "тел. 0312 66-05-12",
        "12.50",
        "5 марта",
    ],
)
def test_a_number_is_no_date(text: str) -> None:
    assert dates.dates(text) == []


def test_dates_come_in_reading_order_with_their_places() -> None:
    text = "с 1 апреля 2026 г. по 30.11.2026"

    found = dates.dates(text)

    assert [day.day for day in found] == [date(2026, 4, 1), date(2026, 11, 30)]
    assert text[found[1].start : found[1].end] == "30.11.2026"


@pytest.mark.parametrize(
    ("text", "tyiyn"),
    [
        ("1 245 600 (бир миллион эки жүз кырк беш миң алты жүз) сом 05 тыйын", 124560005),
        ("400 000 сом", 40000000),
        ("400 000,50 сом", 40000050),
        ("1.245.600 сом", 124560000),
        ("1,245,600.50 som", 124560050),
        ("KGS 50,000", 5000000),
        ("50 000 сомов", 5000000),
        ("400 миң сом", 40000000),
        ("400 тыс. сом", 40000000),
        ("1,2 млн сом", 120000000),
        ("38 миллион сом", 3800000000),
        ("250 000", 25000000),
        ("250\u00a0000,00", 25000000),
        ("12000", 1200000),
        ("0", 0),
    ],
)
def test_a_sum_is_read_as_tyiyn(text: str, tyiyn: int) -> None:
    assert values.amount(text) == tyiyn


@pytest.mark.parametrize("text", ["", "жок", "сом", "2026-жыл", "1.2.3.4", "№ 5-12"])
def test_what_is_no_sum_gives_none(text: str) -> None:
    assert values.amount(text) is None


def test_a_float_of_a_sheet_keeps_the_tyiyn_that_it_shows() -> None:
    assert values.tyiyn(1245600.05) == 124560005
    assert values.tyiyn(0.29) == 29


def test_a_tax_number_has_fourteen_digits_and_a_real_date_inside() -> None:
    assert values.inn("ИНН: 01707201410029") == "01707201410029"
    assert values.inn("ИНН 0 17072014 10029") == "01707201410029"
    assert values.inn("01732201410029") is None
    assert values.inn("90170720141002") is None
    assert values.inn("017072014100290") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Коомдук фонд «Таза Шаар» арыз берет", "Коомдук фонд «Таза Шаар»"),
        ("«Таза Шаар» коомдук фонду", "«Таза Шаар» коомдук фонду"),
        ('ОФ "Чистый город"', 'ОФ "Чистый город"'),
        ("Общественное объединение «Мээрим»", "Общественное объединение «Мээрим»"),
    ],
)
def test_an_organisation_is_its_legal_form_and_the_name_in_quotes(text: str, name: str) -> None:
    assert values.organisation(text) == name


def test_two_spellings_of_one_organisation_share_a_key() -> None:
    assert values.organisation_key("Коомдук фонд «Таза Шаар»") == values.organisation_key('ОФ "ТАЗА ШААР"')


def test_numbers_of_papers_are_read_after_their_names() -> None:
    assert values.contest_number("конкурс № BATKEN-2018-01 боюнча") == "BATKEN-2018-01"
    assert values.contest_number("№ batken-2018-01 конкурска катышуу") == "batken-2018-01"
    assert values.contract_number("Договор № 12/2018 от 1 марта") == "12/2018"
    assert values.registration_number("Регистрационный номер: 12345-3300-ОО") == "12345-3300-ОО"
    assert values.okpo("ОКПО 28765432") == "28765432"
    assert values.phone("тел.: +996 (312) 66-05-12") == "+996312660512"


@pytest.mark.parametrize(
    ("text", "figure"),
    [("12ʼ345", "12345"), ("1ʹ245ʹ600,50", "1245600.5"), ("1'245", "1245"), ("12 345 сом", None), ("№ 12", None)],
)
def test_a_figure_is_one_with_any_apostrophe_and_none_with_a_word(text: str, figure: str | None) -> None:
    assert values.number(text) == (None if figure is None else Decimal(figure))
