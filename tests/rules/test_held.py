"""Why a tranche is held is one sentence that names exactly what is unmet, in each language."""

import itertools

import pytest

from rules.catalog import GATE, RULES, TO_CURE, remark
from schemas.catalogs import LANGUAGES, catalog
from schemas.wording import say, say_held

FACTS = {
    "contract": "B-1/1",
    "period": 3,
    "of": 12,
    "lines": "«Жабдуу», «Салыктар»",
    "due": "2019-01-11",
    "status": "received",
    "condition": "moon",
    "what": "дарбаза",
}
TRANCHE = {"number": "B-1/1", "tranche": 2, "amount_tyiyn": 35_000_00}


def unmet(rules):
    facts = {**FACTS, "until": "2019-01-11"}
    return [remark(rule, TO_CURE, facts={name: facts[name] for name in RULES[rule]}) for rule in rules]


def clause(rule: str, language: str) -> str:
    return say(f"clause.{rule}", language, **{**FACTS, "until": "2019-01-11"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_names_exactly_the_unmet_conditions(language: str):
    subsets = itertools.chain.from_iterable(itertools.combinations(GATE, size) for size in range(1, len(GATE) + 1))
    for rules in subsets:
        sentence = say_held(unmet(rules), language, **TRANCHE)
        assert {rule for rule in GATE if clause(rule, language) in sentence} == set(rules)
        assert sentence.endswith(".")
        assert "\n" not in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clause_is_no_sentence(language: str):
    texts = {rule: catalog(language)[f"clause.{rule}"] for rule in GATE}

    assert [rule for rule, text in texts.items() if "." in text or text[0].isupper()] == []


def test_it_reads_as_people_write():
    two = unmet(["report_overdue", "variance_open"])

    assert say_held(two, "en", **TRANCHE) == (
        "Tranche 2 of KGS\u00a035,000 under contract B-1/1 is held because the report for period 3 of 12 is overdue "
        "(it was due 11\u00a0January 2019) and the variance in period 3 of 12 is not explained: «Жабдуу», «Салыктар»."
    )
    assert say_held([one.model_dump(mode="json") for one in two], "ky", **TRANCHE) == (
        "№ B-1/1 келишим боюнча 2-транш (35\u00a0000\u00a0сом) төлөнбөй турат, анткени 3-мезгилдин (12 ичинен) отчётун тапшыруу "
        "мөөнөтү өтүп кеткен (2019-жылдын 11-январы) жана 3-мезгилдеги (12 ичинен) пландан "
        "четтөө түшүндүрүлө элек: «Жабдуу», «Салыктар»."
    )


def test_the_letter_says_the_same_sentence():
    two = unmet(["appeal_pending", "no_report"])
    for language in LANGUAGES:
        body = say("letter.tranche_held.body", language, unmet=two, customer="Баткен", **TRANCHE)
        assert say_held(two, language, **TRANCHE) in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_about_a_report_says_which_period_of_how_many(language: str):
    codes = [code for code in catalog(language) if code.startswith(("letter.report_", "letter.period_"))]
    facts = {"number": "B-1/1", "period": 3, "of": 12}

    assert [code for code in codes if "12" not in say(code, language, **facts)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_says_which_period_says_of_how_many(language: str):
    alone = {"paper.condition.of_period", "paper.closing.period", "form.month"}
    alone |= {"paper.dropped"}  # it is of no plan any more

    assert [
        code
        for code, text in catalog(language).items()
        if "{period}" in text and "{of}" not in text and code not in alone
    ] == []
