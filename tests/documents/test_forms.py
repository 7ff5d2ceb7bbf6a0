import io
import runpy
import subprocess
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from documents import facts, forms, reading, tables
from documents.content import Content, Passage, data
from schemas.errors import BadDraft
from schemas.facts import Facts, Kind, Media

ROOT = Path(__file__).parents[2]


def test_the_forms_that_are_handed_out_are_those_that_the_script_makes(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "scripts" / "make_forms.py"))["main"](tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {name: (ROOT / "documents" / "templates" / name).read_bytes() for name in made}
    assert len(made) == 12
    assert [name for name in made if parts(made[name]) != parts(kept[name])] == []


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_form_that_does_not_exist_and_a_field_that_it_lacks_are_told() -> None:
    with pytest.raises(BadDraft):
        forms.blank("passport", "ky")
    with pytest.raises(BadDraft) as refused:
        forms.fill("application-form", "ky", {"colour": "red"})
    assert refused.value.facts["missing"] == ["colour"]


def test_a_form_saved_by_another_office_program_still_gives_its_values(tmp_path: Path) -> None:
    """Applicants use what they have: here the form goes through LibreOffice, as .docx and as .pdf."""
    filled = tmp_path / "form.docx"
    given = {
        "contest": "batken-2018-01",
        "organisation": "КФ «Таза Шаар»",
        "inn": "01707201410029",
        "requested": "50 000 сом",
    }
    filled.write_bytes(forms.fill("application-form", "ky", given, [["Урналар", "даана", "0", "40"]]))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    for kind in ("docx:MS Word 2007 XML", "pdf"):
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(tmp_path / "out"),
            str(filled),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)

    word = reading.read(tmp_path / "out" / "form.docx", "form.docx", file_limit=10_000_000)
    paper = reading.read(tmp_path / "out" / "form.pdf", "form.pdf", file_limit=10_000_000)

    expected = {"contest": "batken-2018-01", "organisation": "КФ «Таза Шаар»", "inn": "01707201410029"}
    assert word.kind is Kind.PROJECT
    assert {key: word.text(key) for key in expected} == expected
    assert word.amount("requested") == 5000000
    assert [(one.name, one.target) for one in word.indicators] == [("Урналар", 40)]
    assert paper.kind is Kind.PROJECT
    assert {key: paper.text(key) for key in expected} == expected
    assert paper.amount("requested") == 5000000
    assert (word.text("form"), paper.text("form")) == ("application-form 1 ky", "application-form 1 ky")
    assert {key for key, written in paper.fields.items() if written} == {*given}
    assert {**word.fields, "indicators": True} == {**paper.fields, "indicators": True}


def read(tmp_path: Path, name: str, content: bytes) -> Facts:
    path = tmp_path / name
    path.write_bytes(content)
    return reading.read(path, name, file_limit=10_000_000)


@pytest.mark.parametrize("language", forms.LANGUAGES)
def test_a_blank_form_is_empty_in_every_field(tmp_path: Path, language: str) -> None:
    for form, suffix in (("application-form", "docx"), ("budget", "xlsx")):
        facts = read(tmp_path, f"form.{suffix}", forms.blank(form, language))
        assert facts.text("form") == f"{form} 1 {language}"
        assert facts.fields
        assert not any(facts.fields.values())


PROMPTS = [text for prompt in data("labels.toml")["prompt"].values() for text in prompt.values()]


@pytest.mark.parametrize("left", ["", "____", "____ / ____", "…………", "«___» __________ 20___ г.", *PROMPTS])
def test_a_field_left_at_its_prompt_or_with_a_line_to_write_on_is_empty(tmp_path: Path, left: str) -> None:
    given = {"goal": left or " ", "title": left or " ", "starts": left or " ", "problem": "Таштанды көп."}
    facts = read(tmp_path, "form.docx", forms.fill("application-form", "ky", given))

    assert {key: facts.fields[key] for key in given} == {
        "goal": False,
        "title": False,
        "starts": False,
        "problem": True,
    }
    assert set(facts.values) == {"form"}


@pytest.mark.parametrize("written", ["20", "20 г.", "жок", "0", "Бул жерге жазыңыз деген жазуу"])
def test_what_is_written_is_not_empty(tmp_path: Path, written: str) -> None:
    facts = read(tmp_path, "form.docx", forms.fill("application-form", "ky", {"target_group": written}))

    assert facts.fields["target_group"]


def test_of_long_answers_it_is_noted_that_they_are_there_and_not_what_they_say(tmp_path: Path) -> None:
    facts = read(tmp_path, "form.docx", forms.fill("application-form", "ru", {"goal": "Чистый город."}))

    assert facts.fields["goal"]
    assert "Чистый" not in facts.model_dump_json()


def acroform(**given: str | None) -> bytes:
    """A PDF with a text field for each key; None leaves it empty."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    fields = ArrayObject()
    for name, value in given.items():
        field = DictionaryObject({NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject(name)})
        if value is not None:
            field[NameObject("/V")] = TextStringObject(value)
        fields.append(writer._add_object(field))
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_form_of_pdf_fields_is_read_like_the_others(tmp_path: Path) -> None:
    content = acroform(**{"ashar.form": "application-form 2 ru"}, title="Чистый город", goal="Убрать.", theme=None)
    facts = read(tmp_path, "заявка.pdf", content)

    assert (facts.kind, facts.text("form"), facts.text("title")) == (
        Kind.PROJECT,
        "application-form 2 ru",
        "Чистый город",
    )
    assert facts.fields == {"title": True, "goal": True, "theme": False}


@pytest.mark.parametrize("keywords", ["application-form 1", "кызыктуу сөздөр", "a " * 400])
def test_other_keywords_of_a_pdf_make_it_no_form(tmp_path: Path, keywords: str) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(acroform(title="Таза шаар")))
    writer.add_metadata({"/Keywords": keywords})
    out = io.BytesIO()
    writer.write(out)

    assert read(tmp_path, "билдирме.pdf", out.getvalue()).text("form") is None


def test_a_printed_label_on_two_lines_is_put_together_and_an_empty_field_is_seen() -> None:
    page = Passage("Чечүүнүн жолу жана\nжаңылыгы\nБутулкалар жыйналат.\nТелефон\nДареги Баткен", "page 1")

    assert list(tables.printed_form([page], own=True)) == [
        ("Чечүүнүн жолу жана жаңылыгы", "Бутулкалар жыйналат.", "page 1"),
        ("Телефон", "", "page 1"),
        ("Дареги", "Баткен", "page 1"),
    ]


def test_on_another_layout_a_label_alone_is_answered_by_the_next_line() -> None:
    page = Passage("Долбоордун максаты\nТаза шаар.\nТелефон\nДареги Баткен", "page 2")

    assert list(tables.printed_form([page], own=False)) == [
        ("Долбоордун максаты", "Таза шаар.", "page 2"),
        ("Телефон", "", "page 2"),
        ("Дареги", "Баткен", "page 2"),
    ]


def test_the_number_of_the_first_line_is_no_sum_under_the_heading_of_a_budgets_last_column() -> None:
    budget = Content(
        passages=[
            Passage(
                "ДОЛБООРДУН СМЕТАСЫ\nУюмдун\nсалымы\n1\nИдиш даана 2 300 600 500 100\nЖыйынтыгы 600 500 100", "page 1"
            )
        ]
    )
    found = Facts(media=Media.PDF, kind=Kind.BUDGET)
    facts.fill(found, budget)

    assert found.amount("own_contribution") == 100_00


@pytest.mark.parametrize("last", ["Жыйынтык форум", "Итоговая встреча"])
def test_a_numbered_line_that_begins_like_a_sum_is_a_line(tmp_path: Path, last: str) -> None:
    rows = [
        (1, "Тренер", 100.0, 90.0, None, "чек"),
        (2, "Жол кире", 50.0, 40.0, None, "чек"),
        (3, last, 30.0, 20.0, None, "чек"),
    ]

    found = read(tmp_path, "report.xlsx", forms.fill("financial-report", "ky", {"number": "B-1", "period": "1"}, rows))

    assert [one.name for one in found.lines] == ["Тренер", "Жол кире", last]
