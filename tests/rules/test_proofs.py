"""Receipts and photographs: what proves a report."""

from datetime import date

import pytest

from rules import proofs
from rules.catalog import NOTICE, TO_CURE
from schemas.facts import Expense, Kind, Media
from tests.rules.makers import PACK, SOM, changed, document, period, report, rules_of, uid

PAPER = document(Kind.FINANCIAL_REPORT, name="отчёт.xlsx")
LINES = {"Салыктар": (15_000, 15_000), "Жабдуу": (0, 0)}


def receipt(number: str, amount: float, dated: str = "2018-11-05", line: str = "Салыктар"):
    at = f"sheet Чектер, F{number}"
    return Expense(number=number, dated=dated, line=line, amount=int(amount * SOM), place=at).model_dump()


def found(*register: dict, lines=LINES, others=(), pack=PACK, paper=PAPER):
    one = report(1, lines=lines, expenses=list(register))
    return list(proofs.receipts(pack, period(1), one, others, paper))


def test_money_spent_is_shown_by_receipts_where_the_pack_asks_for_them():
    assert rules_of(found()) == ["receipts_missing"]
    assert found(lines={"Салыктар": (15_000, 0)}) == []
    assert found(paper=None) == []
    assert found(pack=changed("monitoring.certified_copies", value=False)) == []
    assert found(receipt("1", 10_000), receipt("2", 5_000)) == []


@pytest.mark.parametrize(
    ("amount", "unequal"), [(14_850, False), (15_150, False), (14_849.99, True), (15_150.01, True)]
)
def test_the_receipts_of_a_line_make_its_spending_within_the_packs_tolerance(amount: float, *, unequal: bool):
    remarks = found(receipt("1", amount))
    told = {"line": "Салыктар", "spent_tyiyn": 1_500_000, "receipts_tyiyn": int(amount * SOM)}
    assert [one.facts for one in remarks] == [told] * unequal
    unlined = found(receipt("1", amount, line=""))
    assert [(one.rule, one.facts["line"]) for one in unlined] == [("receipts_unequal", "")] * unequal


def test_a_receipt_for_a_line_without_spending_or_for_none_leaves_both_unequal():
    remarks = found(receipt("1", 10_000), receipt("2", 5_000, line="Жабдуу"))
    assert [(one.rule, one.facts["line"]) for one in remarks] == [
        *(("receipts_unequal", "Салыктар"), ("receipts_unequal", "Жабдуу"))
    ]
    assert rules_of(found(receipt("1", 10_000), receipt("2", 5_000, line="Майрам"))) == ["receipts_unequal"]
    one = report(1, lines={}, spent=15_000 * SOM, expenses=[receipt("1", 1)])
    assert list(proofs.receipts(PACK, period(1), one, [], PAPER)) == []


@pytest.mark.parametrize(
    ("dated", "outside"),
    [("2018-10-01", False), ("2018-12-31", False), ("2018-09-30", True), ("2019-01-01", True), ("", False)],
)
def test_a_receipt_is_of_a_day_of_the_period(dated: str, *, outside: bool):
    remarks = found(receipt("7", 15_000, dated))
    assert [(one.rule, one.facts["place"]) for one in remarks] == [
        ("receipt_outside_period", "sheet Чектер, F7")
    ] * outside


def test_a_receipt_counts_once_in_this_and_all_other_reports():
    half = receipt("№ 7", 7_500)
    assert rules_of(found(half, receipt("№7", 7_500))) == ["receipt_twice"]
    before = report(2, id=uid(900), expenses=[half])
    assert rules_of(found(half, receipt("8", 7_500), others=[before])) == ["receipt_twice"]
    assert found(receipt("7", 7_500), receipt("7", 7_500, "2018-11-06")) == []
    assert found(receipt("", 7_500), receipt("", 7_500)) == []


def photo(taken: date | None, **told):
    seen = {"taken_on": taken} if taken else {}
    return document(told.pop("kind", Kind.OTHER), name="a.jpg", media=Media.JPEG, **seen, **told)


@pytest.mark.parametrize(
    ("taken", "outside"),
    [
        (date(2018, 9, 30), False),  # a camera tells no zone: a day either way
        (date(2019, 1, 1), False),
        (date(2018, 9, 29), True),
        (date(2019, 1, 2), True),
    ],
)
def test_a_photograph_was_taken_in_the_period(taken: date, *, outside: bool):
    remarks = list(proofs.photographs(PACK, period(1), [photo(taken)]))
    assert [(one.rule, one.severity) for one in remarks] == [("photo_outside_period", TO_CURE)] * outside


def test_photographs_without_a_day_are_told_in_one_notice_and_other_files_are_none():
    files = [photo(None), photo(None), photo(None, current=False), photo(None, kind=Kind.FINANCIAL_REPORT), PAPER]
    remarks = list(proofs.photographs(PACK, period(1), files))
    assert [(one.rule, one.severity, one.facts["count"]) for one in remarks] == [("photo_undated", NOTICE, 2)]
    assert list(proofs.photographs(PACK, period(1), [PAPER])) == []
