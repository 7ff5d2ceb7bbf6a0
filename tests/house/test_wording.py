"""Every word a person may see is there in Kyrgyz, Russian and English, asks for the same facts, and is spelled right."""

import ast
import inspect
import re
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

import schemas
from documents.content import data
from flows.replay.decision import Verdict
from flows.steps.retrieval import COLUMNS
from rules import catalog, packs
from schemas import (
    application,
    collection,
    commission,
    contest,
    contract,
    customer,
    document,
    errors,
    event,
    facts,
    finding,
    hold,
    outbox,
    places,
    programme,
    report,
    settings,
    wording,
)
from schemas.event import Act
from schemas.facts import Kind
from schemas.wording import LANGUAGES, say, say_act, say_error, template
from storage.guards import recorded
from storage.ledger import UNTOLD

ROOT = Path(schemas.__file__).parents[1]
NOUNS = (
    *(application, collection, commission, contest, contract, customer, document, event),
    *(facts, finding, hold, outbox, programme, report, settings),
)
FIELD = re.compile(r"\{([a-z][a-z0-9_]*)(?::[a-z]+)?\}")


def errors_of_this_house() -> list[type[errors.AsharError]]:
    found = (one for _, one in inspect.getmembers(errors, inspect.isclass))
    return [one for one in found if issubclass(one, errors.AsharError)]


def enums() -> list[type[StrEnum]]:
    found = {
        one for module in NOUNS for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, StrEnum)
    }
    return sorted(found - {StrEnum}, key=lambda one: one.__name__)


def family(enum: type[StrEnum]) -> str:
    return wording._enum_family(next(iter(enum)))


def rule_ids() -> set[str]:
    return {*catalog.RULES, *catalog.PLACINGS}


@cache
def shipped() -> list[packs.Pack]:
    return [
        packs.load(one.stem) for one in (ROOT / "rules/packs").glob("*.toml") if not one.stem.startswith("holidays")
    ]


@cache
def called() -> dict[str, list[ast.Call]]:
    """Every call in the rooms that speak, by the name of what is called."""
    found: dict[str, list[ast.Call]] = {}
    for room in ("flows", "documents", "cli"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    found.setdefault(getattr(node.func, "id", getattr(node.func, "attr", "")), []).append(node)
    return found


def calls(*names: str) -> list[ast.Call]:
    return [call for name in names for call in called().get(name, ())]


def strings(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def grounds() -> set[str]:
    """Rule ids that the steps give as the ground of an act, written out where they do."""
    by_rule = {
        word
        for call in calls("by_rule", "reckoned", "by_order")
        if len(call.args) > 1
        for word in strings(call.args[1])
    }
    because = {
        word for call in calls("Because") for key in call.keywords if key.arg == "rule" for word in strings(key.value)
    }
    rungs = {rung for pack in shipped() for rung in pack.ladder}
    return by_rule | because | rungs | rule_ids()


def replayed() -> set[str]:
    """What is decided again, and why it cannot be, written out in `flows/replay/`."""
    decisions = {word for call in calls("Compared", "Unknown") if call.args for word in strings(call.args[0])}
    whys = {word for call in calls("CannotTell") for word in strings(call.args[0])} | {"withheld"}
    verdicts = {f"replay.verdict.{one.value}" for one in Verdict}
    return {f"replay.{one}" for one in decisions} | {f"replay.why.{one}" for one in whys} | verdicts


def spoken() -> set[str]:
    """Codes that are written out where they are said."""
    return {
        call.args[0].value
        for call in calls("say", "both")
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


@cache
def named() -> tuple[str, ...]:
    """Codes, or beginnings of codes, that stand anywhere in the rooms that speak: "paper.placing.", "cli.up.ready"."""
    code = re.compile(r"(?:paper|pack|calendar|cli)\.[a-z0-9_.]*")
    texts = {
        node.value
        for room in ("flows", "documents", "cli")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return tuple(text for text in texts if code.fullmatch(text))


def is_named(code: str) -> bool:
    return any(code == one or (one.endswith(".") and code.startswith(one)) for one in named())


@cache
def wanted() -> set[str]:
    codes = {f"error.{one.__name__}" for one in errors_of_this_house()}
    codes |= {f"act.{one.value}" for one in Act}
    codes |= {f"{family(enum)}.{one.value}" for enum in enums() for one in enum}
    codes |= {f"rule.{one}" for one in rule_ids()} | {f"rule.{one}.cure" for one in catalog.RULES}
    codes |= {f"clause.{one}" for one in catalog.GATE} | {"gate.held"}
    codes |= {f"ground.{one}" for one in grounds()}
    codes |= {f"letter.{one}.{part}" for one in wording.LETTERS for part in ("subject", "body")}
    codes |= {f"stage.{one}" for one in wording.STAGES} | {f"service.{one}" for one in wording.SERVICES}
    codes |= {f"health.{one}" for one in wording.HEALTH} | {f"cli.column.{one}" for one in wording.COLUMNS}
    codes |= {f"condition.{one}" for pack in shipped() for one in conditions(pack)}
    codes |= {f"noun.{one}" for one in wording.NOUNS} | {f"why.{one}" for one in wording.WHYS}
    codes |= {f"field.{one}" for one in ("surname", *data("labels.toml")["line"])} | set(places._FORMS)
    codes |= {f"field.{one}" for pack in shipped() for one in form_fields(pack)}
    codes |= {f"column.{one}" for table in recorded() for one in {*table.c.keys()} - UNTOLD}
    codes |= {f"cli.trail.column.{one}" for one in COLUMNS} | {f"part.{one}" for one in wording.PARTS}
    checks = {word for call in calls("Compared", "Unknown", "_unknown") if call.args for word in strings(call.args[0])}
    codes |= {f"replay.{one}" for one in checks} | {f"replay.verdict.{one.value}" for one in Verdict}
    codes |= {f"replay.why.{word}" for call in calls("CannotTell") if call.args for word in strings(call.args[0])}
    codes.add("replay.why.withheld")
    codes |= {f"form.month.{month}" for month in range(1, 13)} | {"form.and", "form.kilobytes", "form.megabytes"}
    codes |= replayed()
    return codes | {"answer.yes", "answer.no", "pack.placeholder", "form.remark"} | spoken()


def conditions(pack: packs.Pack) -> set[str]:
    return {*pack.tranches.first.value, *pack.tranches.later.value}


def form_fields(pack: packs.Pack) -> set[str]:
    return {one for rule in pack.documents.values() if rule.filled for one in rule.filled.value}


def test_everything_that_can_be_said_is_worded_in_each_language():
    missing = {language: sorted(wanted() - wording.catalog(language).keys()) for language in LANGUAGES}

    assert missing == {"ky": [], "ru": [], "en": []}


def test_nothing_is_worded_that_nobody_says():
    unused = [code for code in wording.catalog("ky") if code not in wanted() and not is_named(code)]

    assert sorted(unused) == []


def test_the_languages_ask_for_the_same_facts():
    texts = {code: [set(FIELD.findall(template(code, one))) for one in LANGUAGES] for code in wording.catalog("ky")}

    assert {code: fields for code, fields in texts.items() if fields[0] != fields[1] or fields[1] != fields[2]} == {}


def test_a_rule_asks_for_no_fact_that_its_remark_lacks():
    asked = {rule: wording.fields(f"rule.{rule}") | wording.fields(f"rule.{rule}.cure") for rule in catalog.RULES}

    assert {rule: fields for rule, fields in asked.items() if not fields <= {*catalog.RULES[rule]}} == {}


def test_every_letter_a_step_or_a_ladder_sends_has_its_words():
    sent = {
        word for call in calls("to_sender", "to_person", "to_role") for one in call.args[2:5] for word in strings(one)
    } | {word for call in calls("to_contractor") for word in strings(call.args[2])}
    sent |= {rung.value.letter for pack in shipped() for rung in pack.ladder.values()}

    assert {one for one in sent if re.fullmatch(r"[a-z_]+", one)} <= {*wording.LETTERS}


def test_no_latin_letter_hides_in_a_cyrillic_word():
    mixed = re.compile(r"[а-яёңөү][a-z]|[a-z][а-яёңөү]", re.IGNORECASE)
    plain = {(one, code): FIELD.sub(" ", text) for one in LANGUAGES for code, text in wording.catalog(one).items()}

    assert {where: mixed.findall(text) for where, text in plain.items() if mixed.search(text)} == {}


def test_kyrgyz_is_written_with_kyrgyz_letters():
    foreign = re.compile("[ұқғәіһӊӈҥўїє]", re.IGNORECASE)

    assert {code for code, text in wording.catalog("ky").items() if foreign.search(text)} == set()
    assert {code for code, text in wording.catalog("ru").items() if re.search("[ңөүқғұӊ]", text)} == set()
    assert {
        code for code, text in wording.catalog("en").items() if re.search("[а-яёңөү]", text, re.IGNORECASE)
    } == set()


def test_kyrgyz_paragraphs_are_kyrgyz():
    no_hook = {
        code
        for code, text in wording.catalog("ky").items()
        if len(FIELD.sub("", text)) > 300 and not re.search("[ңөү]", text, re.IGNORECASE)
    }

    assert no_hook == set()


def test_russian_guesses_nobodys_gender():
    """The timeline leads with the actor and goes on without a verb of his; addressing is in the polite plural."""
    acts = {act: template(f"act.{act.value}", "ru") for act in Act}
    gendered = re.compile(
        r"\b(?:сделал|отказал|получил|решил|внёс|передал)а?\b|уважаем(?:ый|ая)\b|\bВы \w+ла?\b",
        re.IGNORECASE,
    )

    assert {act for act, text in acts.items() if not text.startswith("{actor}: ")} == set()
    assert {code for code, text in wording.catalog("ru").items() if gendered.search(text)} == set()


def test_english_names_no_he_or_she():
    assert {
        code for code, text in wording.catalog("en").items() if re.search(r"\b(?:he|she|his|her|him)\b", text)
    } == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_renders_with_sample_facts_and_leaves_no_sign_of_a_field(language: str):
    for code in wording.catalog(language):
        facts = {name: sample(name) for name in wording.fields(code)} | {"noun": "application", "name": "устав.pdf"}
        told = say(code, language, **facts)

        assert not re.search(r"[{}⟨⟩\[\]]", told), (code, told)
        assert told == told.strip(), (code, told)
        assert "  " not in told.replace("\n   →", ""), (code, told)


def sample(name: str) -> object:
    if name.endswith("_tyiyn") or name in {"amount", "ceiling", "size", "limit", "score"}:
        return 124_560_005
    if name in {"received", "cutoff", "at"}:
        return datetime(2018, 7, 20, 12, 0, 1, tzinfo=UTC)
    if name in {"until", "due", "on", "day", "valid_until", "needed_until", "starts", "ends"}:
        return "2018-07-05"
    samples = {
        "act": Act.CONTEST_ANNOUNCE,
        "kind": Kind.CHARTER,
        "code": "D06",
        "fault": "encrypted",
        "role": "secretary",
    }
    return samples.get(name, "7")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_and_act_makes_a_sentence_without_facts_too(language: str):
    for error in errors_of_this_house():
        assert len(say_error(error(), language)) > 60
    for act in Act:
        assert say_act(act, language, actor="Айгүл Т.").startswith("Айгүл Т.")
