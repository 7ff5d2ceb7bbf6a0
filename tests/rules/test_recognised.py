import pytest

from rules import completeness
from schemas.facts import Kind
from tests.rules.makers import PACK, contest, document, package


@pytest.mark.parametrize(
    ("named", "recognised", "expected"),
    [
        ("ВАТКЕМ-2018-1", 1, []),
        ("ВАТКЕМ-2018-1", 0, ["wrong_contest"]),
        ("ВАТКЕМ-2018-7", 1, ["wrong_contest"]),
        ("OSH-2018-1", 1, ["wrong_contest"]),
    ],
)
def test_a_letter_that_text_recognition_misread_is_no_other_contest(named: str, recognised: int, expected: list[str]):
    papers = package(D03=document(Kind.PLAN, contest=named, recognised=recognised))

    assert [one.rule for one in completeness.remarks(PACK, contest(), papers)] == expected
