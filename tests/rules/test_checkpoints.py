from datetime import date

import pytest

from rules import checkpoints
from rules.catalog import NOTICE, TO_CURE
from schemas.facts import Checkpoint
from tests.rules.makers import contract, period, report


@pytest.mark.parametrize(
    ("planned", "actual", "expected"),
    [
        ("2018-11-05", "2018-11-05", []),
        ("2018-11-05", "2018-11-04", []),
        ("2018-11-05", "2018-11-06", [("checkpoint_late", NOTICE)]),
        ("", "2018-11-06", []),
        ("2018-12-31", "", [("checkpoint_missing", NOTICE)]),
        ("2019-01-01", "", []),
        ("2018-11-05", "2018-10-01", []),
        ("2018-11-05", "2018-09-30", [("checkpoint_before_start", TO_CURE)]),
    ],
)
def test_a_step_is_done_within_the_term_and_by_its_day(planned: str, actual: str, expected: list):
    row = Checkpoint(name="Жыйын", planned=planned, actual=actual, place="table 5, row 2").model_dump()
    one = report(1, checkpoints=[row])
    of = contract(starts=date(2018, 10, 1))
    remarks = list(checkpoints.steps(of, period(1), one, None))
    assert [(found.rule, found.severity) for found in remarks] == expected
    assert {found.facts["place"] for found in remarks} <= {"table 5, row 2"}
