"""Tables under titles that nobody foresaw, by what stands in them."""

from datetime import date

import pytest

from documents import report_tables, shapes
from documents.content import Content, Grid, Passage
from documents.tables import budget
from schemas.facts import Kind

A, B = "Окуу куралдары", "Унаа"


def sheet(*rows: list) -> Grid:
    return Grid([list(row) for row in rows], "sheet A", sheet=True)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Фактически освоено, сом", "spent"),
        ("Чыгымдалган каражат", "spent"),
        ("Кассовое исполнение", "spent"),
        ("Израсходовано нарастающим итогом", "cumulative"),
        ("Неиспользованный остаток", "balance"),
        ("Предусмотрено сметой", "planned"),
        ("Виды расходов", "name"),
        ("Бөтөн сөз", None),
    ],
)
def test_a_column_is_known_by_the_stems_of_its_title(title: str, expected: str | None) -> None:
    assert shapes.meant("spending", title) == expected


def test_lines_are_read_under_titles_in_two_rows_and_numbers_of_rows_are_no_figures() -> None:
    grid = sheet(
        ["№", "Эмнеге", "Отчёттук мезгил", None],
        [None, None, "каралган", "чыгымдалган"],
        [1, A, 3000, 2900.5],
        [2, B, 1000, 1000],
        [3, "Байланыш", "500,00", "450,00"],
        [None, "Жалпы", 4500, 4350.5],
    )
    found = budget(grid, shapes.spending(grid))
    assert found is not None
    assert [(one.name, one.requested, one.total, one.place) for one in found.lines] == [
        (A, 300_000, 290_050, "sheet A, B3"),
        (B, 100_000, 100_000, "sheet A, B4"),
        ("Байланыш", 50_000, 45_000, "sheet A, B5"),
    ]
    assert (found.total, found.holds) == (435_050, True)


def test_what_is_left_tells_which_column_was_spent_where_no_title_does() -> None:
    rows = [["Нерсе", "Биринчи", "Экинчи", "Үчүнчү"], [A, 300, 290, 10], [B, "1 000,00", "1 200,00", "-200,00"]]
    assert shapes.spending(sheet(*rows)) == (0, {"name": 0, "planned": 1, "spent": 2})
    assert shapes.spending(sheet(*rows), named=True) is None
    assert shapes.spending(sheet(*rows[:2], [B, 1000, 1200, 200])) is None


def test_a_last_row_that_is_the_sum_of_the_others_is_no_line_whatever_it_is_called() -> None:
    def lines(last: int) -> list[str]:
        found = budget(sheet(["Статья", "План", "Факт"], [A, 10, 9], [B, 5, 5], ["Свод", 15, last]))
        assert found is not None
        return [one.name for one in found.lines]

    assert (lines(14), lines(13)) == ([A, B], [A, B, "Свод"])


def test_a_register_is_known_by_its_days_and_sums_and_its_lines_by_the_names_of_the_report() -> None:
    grid = sheet(
        ["Кагаз", "Убактысы", "Дүкөн", "Эмнеге", "Баары"],
        ["К-1", date(2019, 2, 3), "Ак-Соода", A, 1200],
        ["К-2", date(2019, 2, 4), "Кум", B, "1 000,00"],
    )
    assert shapes.register(grid, {"окуу куралдары", "унаа"}) == (0, {"dated": 1, "amount": 4, "line": 3, "number": 0})
    assert shapes.register(sheet(["Аты", "Баасы"], [A, 3], [B, 4]), set()) is None


def test_a_sheet_with_three_tables_below_one_another_is_three_tables() -> None:
    lines = [["Аты", "План", "Факт"], [A, 10, 9], [B, 5, 5]]
    receipts = [["Чек", "Күнү", "Сумма"], ["1", "01.02.2019", 9], ["2", "02.02.2019", 5]]
    whole = sheet(["Келишим", "B-1"], ["Калдык", 7], *lines, ["Жалпы", 15, 14], [None], *receipts)
    parts = shapes.tables(whole)
    assert [one.rows[0] for one in parts] == [["Келишим", "B-1"], lines[0], receipts[0]]
    assert [one.place(1) for one in parts] == ["sheet A, A2", "sheet A, A4", "sheet A, A9"]


@pytest.mark.parametrize(
    ("titles", "row", "expected"),
    [
        (["Сандар", "Мурун", "Керек", "Болду"], ["Балдар", 3, 20, 11], {"indicator": 0, "baseline": 1, "target": 2, "reached": 3}),
        (["Сандар", "Азыркы", "Максат"], ["Балдар", 11, 20], {"indicator": 0, "reached": 1, "target": 2}),
        (["Сандар", "Көп", "Аз"], ["Балдар", 20, 11], {"indicator": 0, "target": 1, "reached": 2}),
    ],
    ids=["in their order", "by titles", "two in their order"],
)  # fmt: skip
def test_results_are_known_by_their_titles_or_by_their_order(titles: list, row: list, expected: dict) -> None:
    assert shapes.results(sheet(titles, row)) == (0, expected)


def test_steps_have_two_days_and_the_second_may_be_empty() -> None:
    grid = sheet(
        ["Иш", "Качан", "Бүттү"], ["Ашар", "01.02.2019", "2019-жылдын 3-февралы"], ["Майрам", "05.05.2019", None]
    )
    assert shapes.steps(grid) == (0, {"name": 0, "planned": 1, "actual": 2})


def test_a_print_of_a_programme_report_has_its_results_and_steps() -> None:
    said = "Балдар 3 20 11\nЧогулуш 12\nАшар 01.02.2019 03.02.2019\nМайрам 05.05.2019\n2019-жылы 14 000 сом берилди"
    told = report_tables.read(Kind.PROGRAMME_REPORT, Content([Passage(said, "page 1")]))
    assert [(one.name, one.baseline, one.target, one.reached) for one in told.indicators] == [("Балдар", 3, 20, 11)]
    assert [(one.name, one.planned, one.actual) for one in told.checkpoints] == [
        ("Ашар", "2019-02-01", "2019-02-03"),
        ("Майрам", "2019-05-05", ""),
    ]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Остаток денег на начало квартала", "opening"),
        ("Cash brought forward", "opening"),
        ("Мезгил аягындагы акча", "closing"),
        ("Переходящий остаток", "closing"),
        ("Мэриядан которулду", "received"),
        ("Начало проекта", None),
        ("Конец", None),
    ],
)
def test_money_at_the_start_and_at_the_end_is_known_in_any_words(label: str, expected: str | None) -> None:
    assert shapes.cash(label) == expected
