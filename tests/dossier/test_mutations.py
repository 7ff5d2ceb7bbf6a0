"""A seeded part of the argument between the two verifiers; `make fuzz-dossier` is the whole."""

from tests.dossier.browser import page
from tests.dossier.makers import VERIFIERS
from tests.dossier.mutations import argue


def test_no_spoilt_dossier_is_believed_and_the_two_never_disagree():
    with page() as tab:
        tab.open(VERIFIERS / "verify.html")
        outcome = argue(tab, seed=20261126, count=800)

    assert (outcome.false_accepts, outcome.quarrels) == ([], [])
    assert outcome.seen == 800
    assert outcome.codes["good"] < 150
