"""The documents say what is there: settings, commands, links, and everything that is made from code."""

import re
from pathlib import Path

import pytest
import typer

from cli.main import app
from schemas.settings import Settings
from scripts import make_docs
from tests.house.tree import ROOT, all_right, at, lines, tracked

PAGES = [one for one in tracked() if one.suffix == ".md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")


@pytest.mark.parametrize("name", sorted(make_docs.documents()))
def test_what_is_made_from_code_is_as_the_code_makes_it(name: str):
    written = (make_docs.DOCS / name).read_text(encoding="utf-8")

    assert written == make_docs.documents()[name], "run scripts/make_docs.py"


def test_every_setting_is_documented_and_every_documented_one_exists():
    known = {f"ASHAR_{name.upper()}" for name in Settings.model_fields}
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert set(re.findall(r"\| `(ASHAR_\w+)` \|", page)) == known


def test_no_page_speaks_of_a_setting_that_is_not_there():
    # of the command line alone: who acts for whom, and where a fault is shown whole
    known = {f"ASHAR_{name.upper()}" for name in Settings.model_fields}
    known |= {"ASHAR_CUSTOMER", "ASHAR_AS", "ASHAR_TRACE"}
    all_right(
        at(page, number, word)
        for page in PAGES
        for number, line in enumerate(lines(page), 1)
        for word in re.findall(r"\bASHAR_[A-Z0-9_]+\b", line)
        if word not in known and not (word.endswith("_") and any(one.startswith(word) for one in known))
    )


def commands(one: object, *path: str) -> list[str]:
    below = getattr(one, "commands", None)
    if below is None:
        return [" ".join(path)]
    return [" ".join(path), *(line for name, inner in below.items() for line in commands(inner, *path, name))]


def test_every_command_is_documented_and_every_documented_one_exists():
    known = set(commands(typer.main.get_command(app)))
    groups = {one for one in known if any(other.startswith(f"{one} ") for other in known)}
    rows = [match[1] for line in lines(ROOT / "docs" / "cli.md") if (match := re.match(r"\| `ashar ([^`]+)` \|", line))]
    told = {" ".join(word for word in row.split() if re.fullmatch(r"[a-z][a-z-]*", word)) for row in rows}

    assert told == known - groups - {""}


def test_no_page_speaks_of_a_command_that_is_not_there():
    known = set(commands(typer.main.get_command(app)))
    groups = {one for one in known if any(other.startswith(f"{one} ") for other in known)}
    options = r"(?:--?\w[\w-]*(?:[= ]\S+)? )*"
    spoken = re.compile(rf"(?:`|^|\$ |bin/)ashar {options}([a-z][a-z-]+)(?: ([a-z][a-z-]+))?")
    all_right(
        at(page, number, match[0])
        for page in PAGES
        for number, line in enumerate(lines(page), 1)
        for match in spoken.finditer(line)
        if match[1] not in known or (match[1] in groups and match[2] and f"{match[1]} {match[2]}" not in known)
    )


def test_every_link_leads_somewhere():
    wrong = []
    for page in PAGES:
        for number, line in enumerate(lines(page), 1):
            for found in LINK.finditer(line):
                target = found[1] or found[2]
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                place = (page.parent / file).resolve() if file else page
                if not place.exists():
                    wrong.append(at(page, number, f"no {target}"))
                elif anchor and place.suffix == ".md" and anchor not in anchors(place):
                    wrong.append(at(page, number, f"no heading {target}"))
    all_right(wrong)


def anchors(page: Path) -> set[str]:
    """Headings as GitHub names them in an address."""
    heads = (line.lstrip("#").strip().lower() for line in lines(page) if line.startswith("#"))
    return {re.sub(r"[^\w\- ]", "", head).replace(" ", "-") for head in heads}


def test_every_file_that_a_page_names_is_there():
    rooms = r"(?:schemas|rules|documents|storage|flows|services|cli|scripts|tests|docs)"
    named = re.compile(rf"`({rooms}/[\w./-]*)`")
    all_right(
        at(page, number, f"no {match[1]}")
        for page in PAGES
        for number, line in enumerate(lines(page), 1)
        for match in named.finditer(line)
        if not (ROOT / match[1]).exists()
    )


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(one.name[:4] for one in (ROOT / "docs" / "decisions").glob("*.md"))

    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_the_pages_a_newcomer_needs_are_linked_from_the_first_one():
    first = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [one.relative_to(ROOT).as_posix() for one in PAGES if one.parent == ROOT / "docs"]

    all_right(f"README.md: {one} is not linked" for one in pages if f"({one})" not in first)
