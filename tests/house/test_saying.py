"""What is said: sums, days, kinds and numbers as each language has them."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import schemas
from schemas import errors, wording
from schemas.facts import Fault, Kind
from schemas.finding import Remark, Severity
from schemas.wording import LANGUAGES, say, say_error, say_remark, template

ROOT = Path(schemas.__file__).parents[1]


def test_an_error_is_said_in_full():
    late = errors.TooLate(
        received=datetime(2018, 7, 20, 12, 0, 1, tzinfo=UTC), cutoff="2018-07-20T12:00:00+00:00", number=8
    )

    assert say_error(late, "ky").startswith(
        "Мөөнөт бүткөндөн кийин келди, ошондуктан каралбайт. Келген убактысы: 2018-жылдын 20-июлу, саат 18:00:01; "
        "мөөнөттүн аягы: 2018-жылдын 20-июлу, саат 18:00."
    )
    assert "20\u00a0июля 2018\u00a0г., 18:00:01" in say_error(late, "ru")
    assert "Registration number: 8; the receipt is kept." in say_error(late, "en")


def test_an_error_without_words_of_its_own_is_said_as_its_family():
    class Unheard(errors.Temporary):
        """Nobody worded this."""

    assert say_error(Unheard(), "en") == say("error.Temporary", "en")


@pytest.mark.parametrize(
    ("name", "value", "ky", "ru", "en"),
    [
        pytest.param("paid_tyiyn", 124_560_000, "1 245 600 сом", "1 245 600 сом", "KGS 1,245,600", id="whole som"),
        pytest.param("paid_tyiyn", 5, "0 сом 05 тыйын", "0 сом 05 тыйын", "KGS 0.05", id="tyiyn"),
        pytest.param("paid_tyiyn", -150, "−1 сом 50 тыйын", "−1 сом 50 тыйын", "−KGS 1.50", id="owed"),
        pytest.param("on", date(2018, 7, 5), "2018-жылдын 5-июлу", "5 июля 2018 г.", "5 July 2018", id="day"),
        pytest.param("on", "2026-03-05", "2026-жылдын 5-марты", "5 марта 2026 г.", "5 March 2026", id="ISO day"),
        pytest.param(
            "kind", "D06", "өзгөртүүлөрү менен устав", "устав с изменениями", "charter with amendments", id="kind"
        ),
        pytest.param("x", Severity.NOTICE, "эскертүү", "замечание", "notice", id="enum"),
        pytest.param("x", ["a", "b", "c"], "a, b жана c", "a, b и c", "a, b and c", id="list"),
        pytest.param("x", [], "—", "—", "—", id="empty list"),
        pytest.param("x", {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}, "Баткен", "Баткен", "Batken", id="words"),
        pytest.param("x", True, "ооба", "да", "yes", id="yes"),
        pytest.param("role", "head, chair", *(["{}"] * 3), id="roles"),
    ],
)
def test_a_fact_is_shown_by_its_kind(name: str, value: object, ky: str, ru: str, en: str):
    if ky == "{}":
        ky, ru, en = (f"{say('role.head', one)}, {say('role.chair', one)}" for one in LANGUAGES)
    told = [wording._show(name, value, "", one, {}).replace("\u00a0", " ") for one in LANGUAGES]

    assert told == [ky, ru, en]


@pytest.mark.parametrize(
    ("month", "to"),
    [
        (4, "2018-жылдын 5-апрелине"),
        (5, "2018-жылдын 5-майына"),
        (6, "2018-жылдын 5-июнуна"),
        (9, "2018-жылдын 5-сентябрына"),
    ],
)
def test_kyrgyz_declines_the_day(month: int, to: str):
    assert wording.day(date(2018, month, 5), "to", "ky") == to


def test_an_instant_is_shown_in_the_zone_of_the_contest():
    at = datetime(2018, 7, 20, 18, 30, tzinfo=UTC)

    assert "21 July 2018, 00:30" in say("letter.convened.body", "en", at=at).replace("\u00a0", " ")
    assert "20 July 2018, 18:30" in say("letter.convened.body", "en", at=at, zone="UTC").replace("\u00a0", " ")


def test_what_a_stranger_wrote_is_never_read_as_a_field():
    told = say("fault.encrypted", "en", name="{secret} [{limit}] {0.__class__}", secret="told", limit="told")

    assert "“{secret} [{limit}] {0.__class__}”" in told


def test_a_name_cannot_turn_the_line_round():
    assert "\u202e" not in say("fault.empty", "ky", name="cod\u202efdp.exe")


def test_a_missing_fact_is_shown_and_a_missing_code_is_said_as_itself():
    assert "⟨cutoff⟩" in say("error.Sealed", "en", application="7")
    assert say("no.such.code", "ky") == "no.such.code"
    assert not wording.knows("no.such.code")
    with pytest.raises(KeyError):
        template("no.such.code", "ky")


def test_a_language_that_is_not_spoken_here_hears_english():
    assert say("answer.yes", "kk") == "yes"


def test_findings_among_the_facts_are_numbered_with_their_cure():
    facts = {"code": "D07", "name": "Скан001.pdf", "valid_until": "2018-07-01", "needed_until": "2018-07-20"}
    gaps = [
        {"rule": "missing", "severity": "to_cure", "facts": {"code": "D06"}, "placeholder": False},
        Remark(rule="expired", severity=Severity.NOTICE, kind=Kind.TAX_CERTIFICATE, facts=facts, placeholder=True),
    ]

    told = say("letter.ask_for_more.body", "en", gaps=gaps, until=date(2018, 7, 27)).replace("\u00a0", " ")

    assert "1. The package lacks a document: charter with amendments.\n   → Hand in this document: " in told
    assert "2. No-tax-arrears certificate (“Скан001.pdf”): has expired; its last day was 1 July 2018" in told
    assert f"({say('pack.placeholder', 'en')})" in say_remark(gaps[1], "en")
    assert "up to and including 27 July 2018" in told


@pytest.mark.parametrize("fault", Fault)
def test_a_remark_on_a_file_says_what_is_wrong_with_it(fault: Fault):
    told = say("rule.unreadable", "ru", code="D04", name="смета.xlsx", fault=fault.value)

    assert told == f"Смета с пояснениями: {say(f'fault.{fault.value}', 'ru', name='смета.xlsx')}"


def test_words_are_loaded_only_when_something_is_said():
    loaded = "import sys, schemas.wording; sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, check=False).returncode == 0
