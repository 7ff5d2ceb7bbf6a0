import io
import runpy
import subprocess
import zipfile
from pathlib import Path

import pytest

from documents import forms, reading
from schemas.document import Kind
from schemas.errors import BadDraft

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
