"""Packages of scans: what has no text of its own is read behind the counter, and the check waits for it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cli.demo import scan
from cli.demo.papers import Writer
from flows.steps import completeness, recognition
from schemas.application import ApplicationStatus
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.errors import Overtaken
from schemas.event import Act, Event
from schemas.facts import Fault, Kind
from schemas.finding import Finding
from schemas.outbox import Errand, Job
from storage import outbox
from tests.intake.makers import checked, folder
from tests.offices import WINNER, Desk

pytestmark = pytest.mark.server
Open = Callable[..., Desk]
SCANNED = (Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE, Kind.REGISTRATION)


@pytest.fixture
def open_desk(desk_at: Open) -> Desk:
    desk = desk_at("announced")
    desk.after_cutoff(days=-5)
    return desk


def package(desk: Desk, **spoiled: bytes) -> Path:
    """The winner's papers, the certificates as scans with the names that a scanner gives."""
    writes = Writer(desk.papers.city, desk.papers.applicant(WINNER))
    files = {one.name: one.read_bytes() for one in desk.papers.package(WINNER, without=SCANNED).iterdir()}
    files |= {f"Скан00{n}.pdf": scan.scan(writes.sheet(kind)) for n, kind in enumerate(SCANNED)}
    return folder(desk, {**files, **spoiled})


def scans(desk: Desk) -> list[Document]:
    return [one for one in desk.all(Document) if one.name.startswith("Скан")]


def test_a_package_with_scans_is_as_good_as_one_of_texts(open_desk: Desk) -> None:
    given = open_desk.hand_in(package(open_desk))
    assert open_desk.work(Errand.INSPECT).troubles == []
    assert [one.inspected for one in scans(open_desk)] == [False] * 3
    assert recognition.waiting(open_desk.office) == 3
    open_desk.after_cutoff(minutes=5)
    completeness.close(open_desk.office, CLOCK, open_desk.contest.id)
    assert open_desk.all(Job, errand=Errand.CHECK) == []

    assert open_desk.work(Errand.RECOGNISE).troubles == []

    assert {one.kind for one in scans(open_desk)} == set(SCANNED)
    assert len(open_desk.all(Job, errand=Errand.CHECK)) == 1
    assert open_desk.work().troubles == []
    assert [(one.rule, one.facts) for one in open_desk.all(Finding) if one.severity != "notice"] == []
    assert open_desk.case(given.number).status is ApplicationStatus.ELIGIBLE
    told = open_desk.all(Event, act=Act.APPLICATION_RECOGNISE)
    assert len(told) == 3


def test_a_file_is_read_once_however_often_its_errand_is_done(open_desk: Desk) -> None:
    open_desk.hand_in(package(open_desk))
    open_desk.work(Errand.INSPECT)
    office = open_desk.office
    [job] = outbox.claim(
        office.engine, [Errand.RECOGNISE], limit=1, lease=timedelta(hours=1), now=office.machine_now(), run_id=""
    )

    recognition.recognise(office, job)
    with pytest.raises(Overtaken):
        recognition.recognise(office, job)

    assert len(open_desk.all(Event, act=Act.APPLICATION_RECOGNISE)) == 1


def test_where_nothing_can_recognise_the_scan_is_for_the_officer_to_look_at(
    open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "_recognises", lambda: False)
    open_desk.hand_in(package(open_desk))
    checked(open_desk)

    assert all(Fault.NO_TEXT in one.seen().faults for one in scans(open_desk))
    assert open_desk.all(Job, errand=Errand.RECOGNISE) == []


def test_a_text_is_never_sent_to_recognition(open_desk: Desk) -> None:
    open_desk.hand_in(open_desk.papers.package(WINNER))
    open_desk.work(Errand.INSPECT)

    assert open_desk.all(Job, errand=Errand.RECOGNISE) == []
    assert all(one.seen().recognised == 0 for one in open_desk.all(Document))
