"""Whatever is done to a dossier is found, under its code, by both verifiers."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from documents.verifiers import verify
from tests.dossier.browser import Page, page
from tests.dossier.forgeries import forgeries
from tests.dossier.makers import CONTEST, VERIFIER, VERIFIERS
from tests.dossier.makers import packed as bagged
from tests.dossier.spoiling import CASE, POLICY, honest, parts, sealed

FORGERIES = forgeries()
DOSSIERS = {"case": CASE, "contest": CONTEST, "closing": CONTEST}


def judged(raw: bytes, given: str, receipts: Any = ()) -> dict[str, Any]:
    """The verdict of verify.py, as it tells programs."""
    try:
        return {"good": True, **verify.verify(BytesIO(raw), given, receipts)}
    except verify.Wrong as wrong:
        return {"good": False, "code": wrong.args[0], "place": wrong.args[1]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with page() as made:
        made.open(VERIFIERS / "verify.html")
        yield made


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_under_its_code(name: str):
    forgery = FORGERIES[name]

    told = judged(forgery.zip, forgery.given, forgery.receipts)

    assert (told["good"], told.get("code")) == (False, forgery.code), told


def test_the_page_finds_the_same_in_the_same_place(browser: Page):
    asked = [(one.zip, one.given, one.receipts) for one in FORGERIES.values()]

    told = dict(zip(FORGERIES, browser.judge(asked), strict=True))

    assert told == {name: judged(one.zip, one.given, one.receipts) for name, one in FORGERIES.items()}


@pytest.mark.parametrize("kind", DOSSIERS)
@pytest.mark.parametrize("given", ["", VERIFIER, POLICY], ids=["own", "key", "policy"])
def test_an_honest_dossier_is_good_in_both(browser: Page, kind: str, given: str):
    raw = sealed(parts(kind, DOSSIERS[kind])).zip()
    size, root = honest().notes[0][0], honest()
    receipt = f"ashar {size} {verify.root_of(root.leaves[:size]).hex()[:16]}"

    told = judged(raw, given, [receipt])

    assert told["good"], told
    assert browser.judge([(raw, given, [receipt])]) == [told]


def test_every_code_has_a_forgery_and_words():
    codes = {f"E{number:02}" for number in range(1, 34)}
    source = (VERIFIERS / "verify.py").read_text()

    assert {one.code for one in FORGERIES.values()} == codes
    assert set(re.findall(r'"(E[0-9]{2})"', source)) == codes
    words = dict(re.findall(r"^(E[0-9]{2})\|[^|]*\|[^|]*\|(.*)$", source, re.MULTILINE))
    assert words.keys() == codes
    page = (VERIFIERS.parents[1] / "docs" / "dossier.md").read_text(encoding="utf-8")
    for code, text in words.items():
        assert f"| {code} | {text.replace(': {place}.', '.')} |" in page


def test_a_bag_is_written_as_the_verifiers_read_it():
    given = parts()
    names = [name for name in sealed(given).parts if name not in ("manifest-sha256.txt", "tagmanifest-sha256.txt")]
    ordered = {name: sealed(given).parts[name] for name in names}

    assert bagged(ordered) == sealed(given).zip()
