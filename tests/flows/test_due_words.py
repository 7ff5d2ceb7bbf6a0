import pytest

from flows.papers import law
from rules.reporting import DayOfMonth, LastWorkingDay
from tests.rules.makers import changed


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("monitoring.every", "quarter", "чейрек / квартал"),
        ("monitoring.due", DayOfMonth(day=5), "кийинки айдын 5-күнүнө чейин / до 5-го числа следующего месяца"),
        ("monitoring.due", LastWorkingDay(last_working_day=0), "0 — ошол эле ай"),
    ],
)
def test_an_unconfirmed_term_is_said_in_words(path: str, value: object, said: str) -> None:
    (one,) = law.unconfirmed(changed(path, value, status="placeholder"), path)
    assert said in one.value
