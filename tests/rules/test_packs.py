import hashlib
import re
from datetime import date

import pytest

from rules import packs
from rules.packs import CATALOGUE
from schemas.errors import IncompletePack, NoPack
from schemas.facts import Kind
from tests.rules.makers import PACK

TEXT = (packs.FOLDER / "example.toml").read_bytes()


def missing(text: bytes) -> list[str]:
    with pytest.raises(IncompletePack) as refusal:
        packs.parse("broken", text)
    told = refusal.value.facts["missing"]
    assert isinstance(told, list)
    return told


@pytest.mark.parametrize("name", packs.names())
def test_every_shipped_pack_is_complete_and_names_its_sources(name: str):
    pack = packs.load(name)

    assert set(pack.documents) >= set(CATALOGUE)
    assert all(item.source for _, item in pack.items())
    assert set(pack.legal_ground) == {"ky", "ru", "en"}
    assert pack.sha256 == hashlib.sha256((packs.FOLDER / f"{name}.toml").read_bytes()).hexdigest()


def test_the_example_is_fictional_and_verified_against_itself_and_the_kyrgyz_packs_are_not_yet():
    assert PACK.force.fictional
    assert PACK.placeholders() == []
    for name in ("kg-814-2017", "kg-604-2022"):
        assert "quorum.share" in packs.load(name).placeholders()
        assert "documents.D07.max_age" in packs.load(name).placeholders()
        assert "ladder.soon" in packs.load(name).placeholders()


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2018, 6, 29), "kg-814-2017"),
        (date(2022, 11, 24), "kg-814-2017"),
        (date(2022, 11, 25), "kg-604-2022"),
        (date(2030, 1, 1), "kg-604-2022"),
    ],
)
def test_a_contest_is_held_to_the_pack_in_force_on_its_announcement_day(day: date, name: str):
    assert packs.in_force(day) == name


def test_there_is_no_pack_before_the_law():
    with pytest.raises(NoPack):
        packs.in_force(date(2017, 4, 27))


@pytest.mark.parametrize("name", ["nowhere", "holidays-kg", "../packs/example", ""])
def test_only_a_shipped_pack_is_loaded(name: str):
    with pytest.raises(NoPack):
        packs.load(name)


def test_an_incomplete_pack_names_every_missing_value_at_once():
    text = re.sub(rb"(?m)^(rounds|share|pass_mark) = .*\n", b"", TEXT)

    assert [one for one in missing(text) if one.endswith(": missing")] == [
        "cure.rounds: missing",
        "quorum.share: missing",
        "ranking.pass_mark: missing",
    ]


def test_a_document_without_a_rule_is_missing():
    text = re.sub(rb"(?s)\[documents\.D17\].*?\n\n", b"", TEXT)

    assert missing(text) == ["documents: no rule for D17"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (rb'status = "verified"', b'status = "sure"', "status"),
        (rb"\[announcement\]", b"[announcement]\nextra = 1", "announcement.extra"),
        (rb"value = \[30, 70\]", b"value = [30, 60]", "tranches: the shares do not make 100 per cent"),
        (rb"value = \[30, 70\]", b"value = [70, 30]", "tranches: the first share is above the advance limit"),
        (
            rb"liftable = \{ value = \[",
            b'liftable = { value = ["contract_signed", ',
            "never to be lifted: contract_signed",
        ),
        (rb'"criterion:importance", ', b'"criterion:beauty", ', "ranking.tie_break: no criterion:beauty"),
        (rb'en = "The made-up Example Act"', b'en = ""', "ground.value: no text in en"),
        (rb'(?m)^model = \{ value = "gate"', b'model = { value = "bands"', "criteria.on_theme: bands need their table"),
        (rb'(?m)^model = \{ value = "gate"', b'model = { value = "scale"', "needs a label for each step"),
        (rb"(?m)^high = \{ value = 1,", b"high = { value = 0,", "criteria.on_theme.high.value"),
        (rb"(?m)^low = \{ value = 0,", b"low = { value = 100,", "low is not below high"),
        (rb"(?m)^weight = \{ value = \d+", b"weight = { value = 0", "criteria: nothing has a weight"),
        (rb"\A", b"\xff", "file: "),
        (rb"\A", b"= broken\n", "file: "),
    ],
)
def test_a_wrong_pack_is_refused_with_the_place(old: bytes, new: bytes, expected: str):
    told = missing(re.sub(old, new, TEXT))

    assert any(expected in one for one in told), told


def test_a_verified_value_lifts_the_placeholder_and_nothing_else_changes():
    before = packs.load("kg-604-2022")
    text = (packs.FOLDER / "kg-604-2022.toml").read_bytes()
    text = re.sub(rb'(\[cure\]\nterm = .*?)"placeholder"', rb'\1"verified"', text)

    after = packs.parse("kg-604-2022", text)

    assert set(before.placeholders()) - set(after.placeholders()) == {"cure.term"}
    assert after.sha256 != before.sha256


def test_what_rests_on_a_placeholder_says_so():
    law = packs.load("kg-604-2022")

    assert packs.resting(law.force.since, law.cure.term)
    assert not packs.resting(law.force.since, None)
    assert PACK.documents[Kind.LICENCE].max_age is None
