"""A copy is known again by its words in a row, whatever was changed that a reader hardly sees; our own forms are nobody's."""

import random
from math import log, sqrt
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from documents import forms, reading, scan, sketch
from documents.content import Content, Passage
from rules import copying
from schemas.facts import SKETCH, Kind, Sketch
from tests.documents.conftest import WordMaker

SAID = (
    "Биздин шаарда таштанды жыйноочу жай жок, ошондуктан эл таштандыны арыктын боюна төгөт.",
    "Сасык жыт жана чымын балдардын ден соолугуна зыян келтирет, 2017-жылы 14 бала ооруган.",
)


def of(*passages: str) -> Sketch:
    return sketch.sketch(Content(passages=[Passage(one, "page 1") for one in passages]))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param([one.upper() for one in SAID], id="capitals"),
        pytest.param([one.replace("о", "o").replace("а", "a") for one in SAID], id="Latin letters that look alike"),
        pytest.param([one.replace("ң", "н").replace("ө", "o") for one in SAID], id="Kyrgyz letters left out"),
        pytest.param([one.replace("та", "т\u00adа") for one in SAID], id="hyphens that nobody sees"),
        pytest.param([one.replace("2017", "2018").replace("14", "15") for one in SAID], id="other figures"),
        pytest.param([" — ".join(one.split()) for one in SAID], id="other signs"),
        pytest.param([" ".join(SAID)], id="other lines"),
    ],
)
def test_what_a_reader_hardly_sees_hides_no_copy(changed: list[str]):
    assert of(*changed) == of(*SAID)


def test_other_words_make_another_text():
    assert set(of(*SAID).numbers()).isdisjoint(of("Карылар үйүндө ысык тамак даярдап берүү долбоору боюнча").numbers())


def test_a_sketch_is_the_same_on_every_machine():
    assert of("бир эки үч төрт беш алты").numbers() == (2396434785, 2437179667)


def test_too_few_words_have_no_sequence_of_five():
    assert of("бир эки үч төрт") == of("") == of("1 2 3 4 5 6 7") == Sketch(of=0, hashes="")
    assert of("бир эки үч төрт беш").of == 1


def test_of_a_long_text_the_smallest_numbers_are_kept():
    words = [f"{chr(0x430 + at % 32)}{chr(0x430 + at // 32)}" for at in range(SKETCH + 44)]

    long = of(" ".join(words))

    assert (long.of, len(long.numbers())) == (SKETCH + 40, SKETCH)
    assert long.numbers() == tuple(sorted(sketch.shingles(" ".join(words)))[:SKETCH])


@pytest.mark.parametrize("language", forms.LANGUAGES)
def test_our_own_blank_form_says_nothing_of_its_own(language: str, tmp_path: Path):
    path = tmp_path / "form.docx"
    path.write_bytes(forms.blank("application-form", language))

    facts = reading.read(path, path.name, file_limit=1_000_000)

    assert (facts.kind, facts.sketch) == (Kind.PROJECT, Sketch(of=0, hashes=""))


def test_a_project_has_a_sketch_and_a_letter_none(word: WordMaker, tmp_path: Path):
    letter = word("letter.docx", ["Сопроводительное письмо", "Направляем заявку на конкурс и просим принять её", *SAID])
    form = tmp_path / "form.docx"
    form.write_bytes(forms.fill("application-form", "ky", {"title": "Таза арык", "problem": " ".join(SAID)}))

    read = [reading.read(path, path.name, file_limit=1_000_000) for path in (letter, form)]

    assert [one.kind for one in read] == [Kind.LETTER, Kind.PROJECT]
    assert read[0].sketch is None
    assert read[1].sketch is not None
    assert set(of(*SAID).numbers()) <= set(read[1].sketch.numbers())


def test_a_scanned_plan_has_one_too(tmp_path: Path):
    lines = [scan.Line(text=one, confidence=90) for one in ("Иш-чаралардын планы", *SAID)]
    told = tmp_path / "words.json"
    told.write_text(scan.Recognised(pages=[scan.Page(number=1, lines=lines, confidence=90)], of=1).model_dump_json())

    facts = scan.understand(told, "Иш план.pdf")

    assert (facts.kind, facts.sketch) == (Kind.PLAN, of("Иш-чаралардын планы", *SAID))


@given(st.text(st.characters(exclude_categories=())))
@example("бир эки \ud800үч төрт беш алты")
def test_any_text_has_a_sketch(text: str):
    made = of(text, text)

    assert Sketch.model_validate_json(made.model_dump_json()) == made


@settings(deadline=None, max_examples=25)
@given(sentences=st.integers(20, 120), kept=st.integers(0, 120), added=st.integers(0, 120), seed=st.integers(0, 10_000))
def test_the_share_that_a_copier_keeps_is_found_within_the_error_that_is_promised(
    sentences: int, kept: int, added: int, seed: int
):
    draw = random.Random(seed)
    source = [_sentence(draw) for _ in range(sentences)]
    copy = [*source[:kept], *(_sentence(draw) for _ in range(added))]
    exact_mine, exact_theirs = sketch.shingles("\n".join(copy)), sketch.shingles("\n".join(source))

    found, sample = copying.shared(of(*copy), of(*source))

    if sample:
        true = len(exact_mine & exact_theirs) / len(exact_mine)
        assert abs(found / sample - true) <= sqrt(log(2e9) / (2 * sample))


def _sentence(draw: random.Random) -> str:
    return " ".join("".join(draw.choices("абвгдежзиклмнопрст", k=draw.randint(2, 9))) for _ in range(12)) + "."
