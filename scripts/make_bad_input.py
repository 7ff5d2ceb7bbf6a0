"""Writes docs/bad-input.md from the lists that the tests of bad input run through. Run after a change of a list."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from schemas.collection import Obstacle  # noqa: E402
from schemas.errors import AsharError  # noqa: E402
from schemas.finding import Remark, Severity  # noqa: E402
from schemas.wording import say, say_error, say_remark  # noqa: E402
from tests.collection.bad_reports import BAD_REPORTS, BadReport, Same  # noqa: E402
from tests.intake.bad_inputs import BAD, Bad  # noqa: E402

TARGET = ROOT / "docs" / "bad-input.md"
ABOUT = {"number": "BATKEN-2018-1/1", "period": 2, "of": 2, "due": "2019-03-15", "customer": "", "id": "5f0c2e4a"}
CAME = {"received": "2019-03-04T05:20:00+00:00", "sender": "sender@ngo.example", "subject": ""}
LATER = {"source": "imap://reports@batken.example", "files": 2}


def sentence(bad: Bad | BadReport, language: str) -> str:
    """What people read of it, in one language."""
    if bad.told is None:
        return "—"
    if isinstance(bad.told, AsharError):
        told = say_error(bad.told, language)
    elif isinstance(bad.told, Remark):
        told = say_remark(bad.told, language)
    elif isinstance(bad.told, Same):
        told = _of_letter("report_same", language)
    else:
        assert isinstance(bad, BadReport)
        told = _of_letter("parcel_unclear" if bad.hears else "parcel_waiting", language, obstacle=bad.told.value)
    return " ".join(told.split()).replace("|", "\\|")


def _of_letter(code: str, language: str, **more: str) -> str:
    """The sentences of a letter between how it greets and what it asks for."""
    return say(f"letter.{code}.body", language, **ABOUT, **CAME, **LATER, **more).split("\n\n")[1]


def then(bad: BadReport) -> str:
    """What happens to a report like this."""
    if isinstance(bad.told, Obstacle):
        return "no report; it waits in the tray"
    if isinstance(bad.told, Same):
        return "no new report; the term runs on"
    if bad.told is None:
        return "one report, read; nothing is held against it"
    held = bad.told.severity is not Severity.NOTICE
    return "a report, read; it cannot be accepted so" if held else "a report, read; the officer sees the note"


def who(bad: BadReport) -> str:
    """Who is written to."""
    if isinstance(bad.told, Obstacle):
        return "the coordinator, and the contractor" if bad.hears else "the coordinator"
    if isinstance(bad.told, Remark) and bad.told.severity is not Severity.NOTICE:
        return "the contractor: the receipt, and the sentence with the return"
    return "the contractor" if isinstance(bad.told, Same) else "the contractor: the receipt"


def kept(bad: BadReport) -> str:
    """What stays with us; a mail stays in its mailbox besides, whatever it is."""
    if isinstance(bad.told, Obstacle):
        return "the parcel with its files" if bad.kept else "the parcel without files"
    return "the report with its files"


def page() -> str:
    """docs/bad-input.md."""
    lines = [
        "# Bad input: what happens, what people read, what is kept",
        "",
        "Made from `tests/intake/bad_inputs.py` and `tests/collection/bad_reports.py` by `scripts/make_bad_input.py`; do not",
        "edit. Each line is a test of `tests/intake/` or of `tests/collection/test_bad_reports.py`; names, numbers and times",
        "in the sentences are examples.",
        "",
        "## Applications and acts",
        "",
        "| what came in | what happens | кыргызча | по-русски | what is kept |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.came} | {one.then} | {sentence(one, 'ky')} | {sentence(one, 'ru')} | {one.kept} |" for one in BAD
    ]
    lines += [
        "",
        "## Monitoring reports",
        "",
        "As mails to a real mailbox; a watched folder or bucket gives the same verdicts. A mail is never deleted from its mailbox,",
        "whatever comes of it. Of a report that cannot be accepted so, the officer returns all faults at once.",
        "",
        "| what came in | what happens | кыргызча | по-русски | who is told | what is kept |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.came} | {then(one)} | {sentence(one, 'ky')} | {sentence(one, 'ru')} | {who(one)} | {kept(one)} |"
        for one in BAD_REPORTS
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
