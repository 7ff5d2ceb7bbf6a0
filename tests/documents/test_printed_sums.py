"""A budget or financial report that was printed to PDF has no cells: its lines are added up by what stands in them."""

import pytest

from documents.reading import read
from schemas.facts import Facts
from tests.documents.conftest import PdfMaker

TITLE = "Расчёт затрат на проект"
HEAD = ("№ Вид затрат Ед. изм. Кол-во Цена Сумма Из бюджета Собственный вклад",)
ROWS = (
    "1 Контейнеры шт. 10 1 500 15 000 15 000 0",
    "2",
    "Тачки и",
    "инвентарь компл. 4 5 000 20 000 15 000 5 000",
    "3 Работа координатора мес. 6 2 500 15 000 15 000 0",
)


def budget(pdf: PdfMaker, *lines: str) -> Facts:
    path = pdf("Расчёт затрат.pdf", [TITLE, *HEAD, *lines])
    return read(path, path.name, file_limit=1_000_000)


@pytest.mark.parametrize(
    ("total", "rows", "holds"),
    [
        ("ИТОГО: 50 000 45 000 5 000", ROWS, True),
        ("ИТОГО: 55 000 50 000 5 000", ROWS, False),  # the lines make 50,000
        ("ИТОГО: 50 000 40 000 10 000", ROWS, False),  # the whole is right, its parts are not
        ("ИТОГО: 50 000 45 000 5 000", ROWS[:-1], False),
        ("ИТОГО: 55 000 50 000 5 000", ROWS[1:], None),  # not numbered from one: a line may have been overlooked
        ("ИТОГО: 50 000 45 000 5 000", (*ROWS[:-1], "3 Работа координатора мес. 6 2 500"), None),
        ("ИТОГО: 50 000", ROWS, None),
    ],
)
def test_lines_are_compared_with_their_total(pdf: PdfMaker, total: str, rows: tuple[str, ...], holds: bool | None):
    assert budget(pdf, *rows, total).arithmetic_holds is holds


def test_a_report_of_money_is_added_up_too(pdf: PdfMaker):
    lines = (
        "Договор № БТК-2018/07",
        "Статья План Факт Остаток",
        "Контейнеры 15 000 15 000 0",
        "Инвентарь 15 000 12 400 2 600",
    )
    path = pdf("отчет деньги.pdf", ["Финансовый отчёт", *lines, "Итого 30 000 27 400 2 600"])
    facts = read(path, path.name, file_limit=1_000_000)
    assert (facts.arithmetic_holds, facts.amount("spent"), facts.amount("balance")) == (True, 2_740_000, 260_000)


def test_of_an_endless_print_no_more_is_said_than_its_total(pdf: PdfMaker):
    rows = [f"{number} Иш 1 10 10 10 0" for number in range(1, 1_201)]
    pages = [[TITLE, *HEAD], *(rows[at : at + 40] for at in range(0, len(rows), 40)), ["ИТОГО: 12 000 12 000 0"]]
    path = pdf("Расчёт затрат.pdf", *pages)
    facts = read(path, path.name, file_limit=10_000_000)
    assert (facts.arithmetic_holds, facts.amount("total")) == (None, 1_200_000)
