"""The labelled set is as its generator makes it."""

import re
from collections import Counter
from inspect import getsource

import pytest

from rules import checkpoints, proofs, reports
from schemas.facts import Fault, Kind
from tests.quality import measure, page, vocabulary

# said by the scanner for malware, and by limits of processor and memory that only hostile files reach: tested with those
ELSEWHERE = {Fault.INFECTED, Fault.UNSCANNED, Fault.TOO_SLOW, Fault.TOO_HUNGRY, Fault.CRASHED}


@pytest.mark.parametrize("name", ["files.tsv", "packages.tsv", "reports.tsv"])
def test_the_manifest_is_what_the_generator_makes(name: str):
    assert (page.HERE / name).read_text(encoding="utf-8") == page.manifests()[name], "run make quality"


def test_the_vocabulary_is_what_the_texts_make():
    assert vocabulary.FILE.read_text(encoding="utf-8") == vocabulary.made(), (
        "run python -m tests.quality --quick --words"
    )


def test_the_same_file_comes_out_byte_by_byte_each_time():
    digital = [file for file in measure.files() if not file.scanned]
    first = [file.make() for file in digital]

    assert [file.name for file, before in zip(digital, first, strict=True) if file.make() != before] == []


def test_the_set_is_large_and_every_kind_is_in_three_languages_and_another_offices_words():
    files = measure.files()
    foreign = [file for file in files if file.wording == "another office"]

    assert len(files) >= 200
    assert len(foreign) * 3 >= len(files)
    for language in ("ky", "ru", "en"):
        kinds = {file.kind for file in foreign if file.language == language}
        assert {kind for kind in Kind if kind.value.startswith("D")} <= kinds


def test_every_fault_of_a_file_has_a_label():
    assert {fault for file in measure.files() for fault in file.faults} | ELSEWHERE == set(Fault)


def test_reports_are_many_each_rule_is_due_more_than_once_and_a_fifth_is_good():
    cases = measure.reports()
    due = Counter(rule for case in cases for rule, _ in case.expected)

    assert len(cases) >= 60
    assert {language for language in ("ky", "ru", "en") if sum(one.language == language for one in cases) >= 20} == {
        *("ky", "ru", "en")
    }
    assert [rule for rule, count in due.items() if count < 2] == []
    assert sum(not case.expected for case in cases) * 5 >= len(cases)


def test_every_rule_of_reports_is_due_in_some_report():
    told = {
        rule for one in (reports, proofs, checkpoints) for rule in re.findall(r'remark\(\s*"(\w+)"', getsource(one))
    }

    assert told == {rule for case in measure.reports() for rule, _ in case.expected}


def test_unseen_reports_are_half_good_in_three_languages_and_each_fault_is_due_twice():
    unseen = [case for case in measure.reports() if case.wording == measure.UNSEEN]
    due = Counter(rule for case in unseen for rule, _ in case.expected)

    assert len(unseen) >= 50
    assert {case.language for case in unseen} == {"ky", "ru", "en"}
    assert [rule for rule, count in due.items() if count < 2] == []
    assert abs(2 * sum(not case.expected for case in unseen) - len(unseen)) <= 2
