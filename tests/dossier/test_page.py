"""The page that verifies, in a real browser: by hand, by keyboard, by dropping a file, and without a network."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.verifiers import verify
from scripts import seal_page
from tests.dossier.browser import Page, page
from tests.dossier.makers import CONTEST, VERIFIER, VERIFIERS, packed
from tests.dossier.spoiling import CASE, POLICY, parts, rows, sealed, with_rows

LANGUAGES = ("ky", "ru", "en")
HOSTILE = '<img src=x onerror="document.title=1">\u202e'


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with page() as made:
        made.do("Network.enable")
        made.do("Runtime.enable")
        made.do("Log.enable")
        yield made


@pytest.fixture
def tab(browser: Page) -> Page:
    browser.open(VERIFIERS / "verify.html")
    return browser


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "case.zip"
    file.write_bytes(sealed(parts()).zip())
    return file


def chosen(tab: Page, file: Path) -> None:
    """As a person chooses a file."""
    document = tab.do("DOM.getDocument")["root"]["nodeId"]
    node = tab.do("DOM.querySelector", nodeId=document, selector="#file")["nodeId"]
    tab.do("DOM.setFileInputFiles", files=[str(file)], nodeId=node)
    decided(tab)


def decided(tab: Page) -> None:
    tab.wait("verdict !== null && !verdict.busy && !document.getElementById('verdict').hidden")


def said(tab: Page) -> list[str]:
    return tab.ask(
        "[...document.querySelectorAll('#verdict h2 span:last-child, #verdict p')].map(one => one.textContent)"
    )


def key(tab: Page, name: str, code: int) -> None:
    for kind in ("keyDown", "keyUp"):
        text = {"text": "\r"} if name == "Enter" and kind == "keyDown" else {}
        tab.do("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, **text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["case", "contest", "closing"])
def test_it_says_what_the_other_verifier_says(tab: Page, tmp_path: Path, kind: str, language: str):
    file = tmp_path / "one.zip"
    file.write_bytes(sealed(parts(kind, CASE if kind == "case" else CONTEST)).zip())
    tab.ask(f"document.querySelector('[data-to={language}]').click(); input.key.value = {json.dumps(POLICY)}")

    chosen(tab, file)

    with file.open("rb") as opened:
        assert said(tab) == list(verify.sentences(verify.verify(opened, POLICY), language))
    assert tab.ask("document.documentElement.lang") == language


def test_a_bad_one_is_told_with_its_code_and_the_language_changes_at_once(tab: Page, tmp_path: Path):
    file = tmp_path / "bad.zip"
    file.write_bytes(sealed(with_rows(parts(), rows(parts())[:-1])).zip())

    chosen(tab, file)

    for language in LANGUAGES:
        tab.ask(f"document.querySelector('[data-to={language}]').click()")
        first, why = said(tab)
        assert first == verify.worded("bad", language)
        assert why.endswith("E22. " + verify.worded("E22", language, place="3, 4"))
    assert tab.ask("document.getElementById('verdict').className") == "card bad"


def test_a_key_that_is_given_later_is_tried_at_once(tab: Page, good: Path):
    chosen(tab, good)
    assert tab.ask("verdict.key") == VERIFIER

    tab.ask(f"input.key.value = {json.dumps(VERIFIER)}; input.key.dispatchEvent(new Event('change'))")
    tab.wait("verdict.key === 'given'")
    tab.ask("input.receipt.value = 'ashar 1 0000000000000000'; input.receipt.dispatchEvent(new Event('change'))")
    tab.wait("verdict.code === 'E30'")


def test_a_file_can_be_dropped(tab: Page, good: Path):
    raw = base64.b64encode(good.read_bytes()).decode()
    tab.ask(
        f"const raw = Uint8Array.from(atob('{raw}'), one => one.charCodeAt(0)); const bag = new DataTransfer();"
        "bag.items.add(new File([raw], 'dropped.zip'));"
        "dispatchEvent(new DragEvent('drop', { dataTransfer: bag, cancelable: true, bubbles: true }))"
    )
    decided(tab)

    assert tab.ask("verdict.good")
    assert tab.ask("document.getElementById('named').textContent") == "dropped.zip"


def test_the_keyboard_reaches_everything(tab: Page, good: Path):
    reached = []
    for _ in range(6):
        key(tab, "Tab", 9)
        reached.append(tab.ask("document.activeElement.id || document.activeElement.dataset.to"))
    assert reached == ["ky", "ru", "en", "file", "key", "receipt"]

    tab.ask("document.querySelector('[data-to=en]').focus()")
    key(tab, "Enter", 13)
    assert tab.ask("document.title") == "Verification of a dossier"
    chosen(tab, good)
    assert tab.ask("document.activeElement.id") == "verdict"


def test_it_asks_no_network_for_anything_and_no_stranger_writes_into_it(browser: Page, tmp_path: Path):
    browser.heard.clear()
    browser.open(VERIFIERS / "verify.html")
    file = tmp_path / "hostile.zip"
    # the name stands in the sentence of what is wrong, and in that of the file
    file.write_bytes(packed({**parts(), HOSTILE.encode().hex(): b"x"}))
    chosen(browser, file)
    browser.ask(f"verdict = {{good: false, code: 'E02', place: {json.dumps(HOSTILE)}}}; show()")

    assert HOSTILE[:-1] in said(browser)[1]
    assert "\u202e" not in said(browser)[1]
    assert browser.ask("document.querySelectorAll('img').length") == 0
    asked = [one["params"]["request"]["url"] for one in browser.heard if one["method"] == "Network.requestWillBeSent"]
    assert {url.partition(":")[0] for url in asked} <= {"file", "blob"}
    assert len([url for url in asked if url.startswith("file")]) == 1
    complaints = [one for one in browser.heard if one["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
    assert complaints == []
    refused = browser.ask("fetch('http://127.0.0.1:1/').then(() => 'sent', one => String(one))")
    assert "Failed to fetch" in refused
    assert "Content Security Policy" in str(browser.heard[-6:]) + str(browser.do("Page.enable")) + str(browser.heard)


def test_the_policy_lets_its_own_script_run_and_no_other():
    source = (VERIFIERS / "verify.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', source)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert seal_page.sealed(source) == source


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(tab: Page, good: Path, width: int):
    chosen(tab, good)
    for language in LANGUAGES:
        tab.ask(f"document.querySelector('[data-to={language}]').click()")
        assert tab.picture(width, 844).startswith(b"\x89PNG")
        assert tab.ask("document.documentElement.scrollWidth <= innerWidth")
        heights = tab.ask(
            "[...document.querySelectorAll('nav button, #drop')].map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44
