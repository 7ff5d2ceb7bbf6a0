"""What the tests of bad input share: packages, and whether people were told what the list says."""

import zipfile
from pathlib import Path

from documents import forms
from flows.steps import completeness
from schemas.doer import CLOCK
from schemas.errors import (
    AsharError,
)
from schemas.event import Event
from schemas.finding import Finding
from schemas.outbox import Job, Letter
from schemas.wording import LANGUAGES, say_error, say_remark
from tests.intake.bad_inputs import BAD
from tests.offices import WINNER, Desk

LISTED = {one.name: one for one in BAD}


def folder(desk: Desk, files: dict[str, bytes], name: str = "package") -> Path:
    place = desk.home / "incoming" / name
    place.mkdir(parents=True)
    for told, content in files.items():
        (place / told).write_bytes(content)
    return place


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def form(desk: Desk, **changed: str) -> bytes:
    """The winner's application form with other words in it."""
    from cli.demo.papers import Writer

    values = Writer(desk.papers.city, desk.papers.applicant(WINNER))._values()
    return forms.fill("application-form", "ky", {**values, **changed})


def traces(desk: Desk) -> tuple[int, int, int]:
    return len(desk.all(Event)), len(desk.all(Letter)), len(desk.all(Job))


def is_told(name: str, raised: AsharError) -> None:
    """The error is the listed one, and every language says it without a missing fact."""
    told = LISTED[name].told
    assert isinstance(told, AsharError)
    assert (type(raised), set(raised.facts)) == (type(told), set(told.facts))
    for language in LANGUAGES:
        said = say_error(raised, language)
        assert len(said) > 60
        assert "⟨" not in said


def is_found(name: str, desk: Desk, case: int) -> Finding:
    """The remark is the listed one, to be cured, and every language says it without a missing fact."""
    told = LISTED[name].told
    assert not isinstance(told, AsharError)
    found = [
        one
        for one in desk.all(Finding, application_id=desk.case(case).id, rule=told.rule)
        if one.facts.get("fault") == told.facts.get("fault")
    ]
    assert [one.severity for one in found] == [told.severity], [one.facts for one in desk.all(Finding)]
    assert set(found[0].facts) - {"place"} == set(told.facts)  # where it stands is told beside it
    for language in LANGUAGES:
        assert "⟨" not in say_remark(found[0], language)
    return found[0]


def checked(desk: Desk) -> None:
    """The cut-off passes; what came in is read and checked."""
    assert desk.work().troubles == []
    desk.after_cutoff(minutes=5)
    completeness.close(desk.office, CLOCK, desk.contest.id)
    assert desk.work().troubles == []
