"""What is erased is told by both verifiers alike: how much, when, and by which order."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from documents.verifiers import verify
from tests.dossier.browser import Page, page
from tests.dossier.erasures import VALUES, erased, without
from tests.dossier.harmless import judged
from tests.dossier.makers import CONTEST, ORDER, VERIFIER, VERIFIERS, Chain, World, parts_of
from tests.dossier.spoiling import CASE, rows, sealed
from tests.dossier.test_page import LANGUAGES, chosen, said

TOLD = {"case": (2, 1, 0), "contest": (4, 2, 0), "closing": (0, 0, 2)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with page() as made:
        yield made


@pytest.fixture
def tab(browser: Page) -> Page:
    browser.open(VERIFIERS / "verify.html")
    return browser


@pytest.mark.parametrize("kind", TOLD)
def test_values_and_events_are_counted_and_the_traces_of_emptied_rows_are_not(tab: Page, kind: str):
    raw = sealed(parts_of(erased(), kind, CASE if kind == "case" else CONTEST, withheld=1)).zip()

    told = judged(raw, VERIFIER)

    assert (told["redacted"], len(told["erasures"]), told["unaccounted"]) == TOLD[kind]
    assert all((one["count"], one["number"], one["on"]) == (2, "58", "2008-04-14") for one in told["erasures"])
    assert told["withheld"] == 1
    assert tab.judge([(raw, VERIFIER, [])]) == [told]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["case", "closing"])
def test_both_say_the_same_and_a_strangers_words_end_no_line(tab: Page, tmp_path: Path, kind: str, language: str):
    file = tmp_path / "one.zip"
    file.write_bytes(sealed(parts_of(erased(), kind, CASE if kind == "case" else CONTEST)).zip())
    tab.ask(f"document.querySelector('[data-to={language}]').click(); input.key.value = {json.dumps(VERIFIER)}")

    chosen(tab, file)

    with file.open("rb") as opened:
        lines = list(verify.sentences(verify.verify(opened, VERIFIER), language))
    assert said(tab) == lines
    code, facts = ("erasure", {"at": "01.03.2026 08:19 UTC", "count": 2, **ORDER, "on": "14.04.2008"})
    if kind == "closing":
        code, facts = "unaccounted", {"count": 2}
    assert verify.worded(code, language, **facts) in lines


def test_an_erasing_event_that_says_nothing_of_its_order_is_told_all_the_same(tab: Page):
    made = World(Random(14))
    chain = Chain(made.uuid(), "customer", "batken", None)
    made.tell(chain, "trail:dispose", facts={"values": 37})  # of many cases: it names no digest
    made.tell(chain, "trail:redact", rich=False)
    made.seal()
    raw = sealed(parts_of(made, "customer", "batken")).zip()

    told = judged(raw, VERIFIER)

    assert [(one["count"], one["order"], one["on"]) for one in told["erasures"]] == [(37, "", ""), (0, "", "")]
    assert "Ground: -, No. -, -." in " ".join(verify.sentences(told, "en"))
    assert tab.judge([(raw, VERIFIER, [])]) == [told]


def test_an_event_without_content_accounts_only_for_what_was_before_it(tab: Page):
    """The last event's own value, and one before it, where the last but one is a skeleton."""
    made = World(Random(15))
    chain = Chain(made.uuid(), "case", CASE, ("contest", CONTEST))
    for act in ("application:receive", "application:open", "application:admit"):
        made.tell(chain, act)
    made.seal()
    given = parts_of(made)
    first, hidden, last = rows(given)
    given["data/events.jsonl"] = first + b"\n" + last + b"\n"
    given["data/skeletons.jsonl"] = b"".join(one.entry + b"\n" for one in made.told)
    values = rows(given, VALUES)
    given = without(given, *(at for at, one in enumerate(values) if json.loads(one)["event"] in hidden.decode()))
    left = len(rows(given, VALUES))

    zips = [sealed(without(given, at)).zip() for at in (0, left - 1)]
    told = [judged(one, VERIFIER) for one in zips]

    assert (told[0]["good"], told[0]["unaccounted"]) == (True, 1)
    assert (told[1]["good"], told[1].get("code"), told[1].get("place")) == (False, "E33", "data/events.jsonl:2")
    assert tab.judge([(one, VERIFIER, []) for one in zips]) == told
