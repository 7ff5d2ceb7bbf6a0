"""Words: a code and its facts become a sentence in Kyrgyz, Russian or English.

The texts are gettext catalogs in `schemas/locale/`, read when the first sentence is asked for. In a text `{cutoff}` is
a fact, `{due:to}` a fact in a given form, and `[, until {until}]` stands only when all its facts are known.
Facts are put in once and never read again as text with fields, so that nothing a stranger wrote can ask for a fact.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from typing import Final

from schemas.catalogs import FALLBACK, LANGUAGES, catalog, knows, template
from schemas.errors import AsharError
from schemas.figures import day, moment, number
from schemas.places import form_of

ZONE: Final = "Asia/Bishkek"

STAGES: Final = (
    "problems",
    "programme",
    "commission",
    "announcement",
    "intake",
    "completeness",
    "eligibility",
    "routing",
    "review",
    "sitting",
    "publication",
    "appeal",
    "contracting",
    "tranches",
    "monitoring",
    "closing",
    "audit",
)
LETTERS: Final = (
    *("receipt", "receipt_late", "receipt_cancelled", "cure_late"),
    "ask_for_more",
    "admitted",
    "refused",
    "qualified",
    "assigned",
    "declare",
    "convened",
    "won",
    "reserve",
    "passed_over",
    "contract_ready",
    *("signed", "amended"),
    "tranche_ordered",
    "tranche_held",
    *("period_opened", "period_ended", "period_extended", "period_paused", "period_resumed"),
    "report_soon",
    *("report_due", "report_due_missed"),
    "report_overdue",
    "report_overdue_office",
    "report_escalated",
    "report_received",
    "report_returned",
    "report_accepted",
    *("report_refused", "report_refused_office", "mend_asked", "mend_told", "mend_returned"),
    *("parcel_waiting", "parcel_unclear", "parcel_waits", "report_same"),
    "closing",
    "appeal_received",
    "appeal_decided",
    "errand_for_a_person",
    *("check_overdue", "check_escalated", "agenda_corrected"),
    *("mend_reminder", "mend_overdue", "mend_overdue_office", "mend_escalated", "mend_unseen"),
    *("refund_asked", "refund_reminder", "refund_overdue", "refund_overdue_office", "refund_escalated"),
    *("digest", "digest_contractor"),
    *("retention_due", "held_back"),
    *("witness_refuses", "witness_silent"),
)
COLUMNS: Final = (
    *("received", "complete", "refused", "funded", "reports", "money", "paid", "returned", "city", "late", "cured"),
    *(
        "when",
        "who",
        "what",
        "ground",
        "status",
        "total",
        "number",
        "organisation",
        "service",
        "until",
        "where",
        "score",
        "title",
    ),
    *("login", "role", "name", "kind", "size", "conflict", "criterion", "place", "votes", "memory"),
    *("decision", "case", "rule", "recorded", "recomputed", "result"),
    *("witness", "cosigned", "signed_at", "asked_at", "trouble"),
)
# what a value is made of, where it has parts
PARTS: Final = (
    *("actual", "baseline", "ceiling", "condition", "dated", "line", "of", "on", "own", "payee", "planned"),
    *("reached", "reference", "target", "text", "total", "unit", "value"),
)
SERVICES: Final = ("objects", "store", "database", "prefect", "worker", "notary", "mail", "scanner")
# what errors speak of, and their reasons by code
NOUNS: Final = (
    *(
        "job",
        "object",
        "application",
        "organisation",
        "member",
        "declaration",
        "assignment",
        "sheet",
        "sitting",
        "item",
        "ballot",
        "contest",
        "contract",
    ),
    *(
        "tranche",
        "appeal",
        "customer",
        "person",
        "rolegrant",
        "document",
        "finding",
        "problem",
        "programme",
        "period",
        "report",
        "visit",
        "mend",
        "parcel",
        "pack",
        "line",
        "indicator",
        "letter",
        "event",
        "field",
        "legalhold",
        "log",
        "witness",
    ),
)
WHYS: Final = (
    *(
        "entries",
        "ratio",
        "link",
        "path",
        "duplicate",
        "gap",
        "changed",
        "moved",
        "unlinked",
        "tail",
        "checkpoint",
        "fork",
        "map",
        "note",
        "signature",
        "unsigned",
        "erased",
        "apart",
        "behind",
        "store",
        "tiles",
        "policy",
        "unplaced",
        "twice",
    ),
    *("malformed", "unknown", "shrinks", "newer", "ahead", "inconsistent", "silent", "answer", "clock", "restored"),
)
HEALTH: Final = ("healthy", "starting", "failed", "stopped", "elsewhere", "off")

# Which words stand for a plain text value, by the name of the fact: facts come back from JSON without their enum.
_FAMILY: Final = {
    "act": "deed",
    "role": "role",
    "noun": "noun",
    "kind": "kind",
    "kinds": "kind",
    "severity": "severity",
    "seat": "seat",
    "background": "background",
    "choice": "choice",
    "evaluation": "evaluation",
    "signed": "seen",
    "fault": "fault",
    "errand": "errand",
    "obstacle": "obstacle",
    "channel": "channel",
    "media": "media",
    "service": "service",
    "stage": "stage",
    "unmet": "ground",
    "conditions": "condition",
    "code": "kind",
    "other": "kind",
    "field": "field",
    "fields": "field",
    "why": "why",
}
# Enums whose word family is not their name in small letters.
_ENUM_FAMILY: Final = {"Act": "deed", "JobState": "status.job", "BlobState": "status.blob"}

_TOKEN: Final = re.compile(r"\[(?P<optional>[^\[\]]*\{[^\[\]]*)\]|\{(?P<name>[a-z][a-z0-9_]*)(?::(?P<form>[a-z]+))?\}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})")
# Control and direction signs could make a file's name read as something else.
_SIGNS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def fields(code: str) -> frozenset[str]:
    """The facts that a sentence asks for, those it can do without included. KeyError when there is no such code."""
    found = _TOKEN.findall(template(code, FALLBACK).replace("[", "").replace("]", ""))
    return frozenset(name for _, name, _ in found)


def say(code: str, language: str, /, **facts: object) -> str:
    """The sentence of a code, filled with facts; a fact that is missing shows as ⟨name⟩, never as an error.

    A code that this language lacks is said in English, and one that nobody knows is said as itself.
    """
    for spoken in (language, FALLBACK):
        with suppress(KeyError):
            return _fill(template(code, spoken), spoken, facts)
    return code


def say_error(error: AsharError, language: str) -> str:
    """What went wrong, on what ground, and what to do."""
    for kind in type(error).__mro__:
        if knows(f"error.{kind.__name__}"):
            return say(f"error.{kind.__name__}", language, **error.facts)
    return say("error.AsharError", language, **error.facts)


def say_held(unmet: Sequence[object], language: str, /, **facts: object) -> str:
    """Why a tranche is not paid: one sentence that names every unmet condition. Facts: number, tranche, amount_tyiyn."""
    return say("gate.held", language, unmet=unmet, **facts)


def _clause(remark: object, language: str) -> str:
    """A remark as a part of a sentence: no capital, no point."""
    facts = _part(remark, "facts")
    told = {str(name): value for name, value in facts.items()} if isinstance(facts, Mapping) else {}
    return say(f"clause.{_part(remark, 'rule')}", language, **told)


def say_act(act: str, language: str, /, **facts: object) -> str:
    """An act as a line of the timeline; `actor` is who did it, as he is to be shown."""
    return say(f"act.{act}", language, **facts)


def say_place(place: str, language: str) -> str:
    """Where in a file something stands; empty for a place that helps nobody to find it."""
    found = form_of(place)
    return say(found[0], language, **found[1]) if found else ""


def say_remark(remark: object, language: str, *, graded: bool = True) -> str:
    """What a rule found, whether that rests on a value no lawyer has confirmed, what would cure it, and where it is.

    A remark is a `Remark`, a `Finding`, or the same as JSON: rule, severity, facts, placeholder. What it is about is
    added where the JSON has it: `file`, and `pack` with its version. `graded`: how serious it is is said there too.
    """
    rule, facts = _part(remark, "rule"), _part(remark, "facts")
    told = {str(name): value for name, value in facts.items()} if isinstance(facts, Mapping) else {}
    text = say(f"rule.{rule}", language, **told)
    if _part(remark, "placeholder"):
        text = f"{text} ({say('pack.placeholder', language)})"
    if _part(remark, "severity") == "to_cure":
        text = f"{text}\n   → {say(f'rule.{rule}.cure', language, **told)}"
    where = place_of(remark, language)
    known = {"file": _part(remark, "file") or "", "place": where, "pack": _part(remark, "pack") or ""}
    if any(known.values()):
        grade = _part(remark, "severity") if graded else ""
        text = f"{text}\n   {say('form.remark', language, severity=grade, rule=rule, **known)}"
    return text


def place_of(remark: object, language: str) -> str:
    """The page, or the place that its facts name; empty where neither is known."""
    page, facts = _part(remark, "page"), _part(remark, "facts")
    told = facts.get("place") if isinstance(facts, Mapping) else None
    return say_place(f"page {page}" if page else str(told or ""), language)


def _part(remark: object, name: str) -> object:
    return remark.get(name) if isinstance(remark, Mapping) else getattr(remark, name, None)


def _is_remark(value: object) -> bool:
    return _part(value, "rule") is not None and _part(value, "facts") is not None


def _fill(text: str, language: str, facts: Mapping[str, object]) -> str:
    def one(token: re.Match[str]) -> str:
        optional = token["optional"]
        if optional is not None:
            names = (inner["name"] for inner in _TOKEN.finditer(optional))
            known = all(name in facts and facts[name] not in (None, "", [], ()) for name in names)
            return _TOKEN.sub(one, optional) if known else ""
        name, form = token["name"], token["form"] or ""
        if name not in facts:
            return f"⟨{name}⟩"
        shown = _show(name, facts[name], form, language, facts)
        return shown[:1].upper() + shown[1:] if form == "cap" else shown

    # the point of a Russian date ends its sentence too
    return _TOKEN.sub(one, text).replace("\u00a0г..", "\u00a0г.")


def _show(name: str, value: object, form: str, language: str, facts: Mapping[str, object]) -> str:
    if value is None:
        return "—"
    if isinstance(value, Enum):
        return _word(_enum_family(value), str(value.value), language, facts)
    if _is_remark(value):
        return say_remark(value, language)
    if isinstance(value, Mapping):
        words = {str(key): text for key, text in value.items()}
        return _clean(
            str(words.get(language) or words.get("ky") or words.get("name") or next(iter(words.values()), ""))
        )
    if isinstance(value, (list, tuple, set, frozenset)):
        # a set has no order of its own: the sentence must not change from run to run
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        if form == "held":
            return say_held(list(items), language, **{key: one for key, one in facts.items() if key != name})
        if form == "clauses":
            return _join([_clause(item, language) for item in items], language)
        told = [_show(name, item, form, language, facts) for item in items]
        if any(_is_remark(item) for item in items):
            return "\n".join(f"{number}. {line}" for number, line in enumerate(told, 1))
        return _join(told, language)
    if isinstance(value, bool):
        return _word("answer", "yes" if value else "no", language, facts)
    if isinstance(value, int):
        return number(name, value, form, language)
    if isinstance(value, datetime):
        return moment(value, _zone(facts), form, language)
    if isinstance(value, date):
        return day(value, form, language)
    return _text(name, str(value), form, language, facts)


def _text(name: str, value: str, form: str, language: str, facts: Mapping[str, object]) -> str:
    with suppress(ValueError):
        if _DAY.fullmatch(value):
            return day(date.fromisoformat(value), form, language)
        if _INSTANT.fullmatch(value):
            return moment(datetime.fromisoformat(value), _zone(facts), form, language)
    if not value:
        return "—"
    family = f"status.{form or facts.get('noun')}" if name == "status" else _FAMILY.get(name)
    if family is None:
        return _clean(value)
    # several roles or conditions may come as one text
    return ", ".join(_word(family, one, language, facts) for one in value.split(", "))


def _zone(facts: Mapping[str, object]) -> str:
    return str(facts.get("zone") or ZONE)


def _word(family: str, value: str, language: str, facts: Mapping[str, object]) -> str:
    for spoken in (language, FALLBACK):
        text = catalog(spoken).get(f"{family}.{value}") if spoken in LANGUAGES else None
        if text is not None:
            # only what is wrong with a file asks for a fact of its own: the file's name
            return _fill(text, spoken, {"name": facts["name"]} if "name" in facts else {})
    return _clean(value)


def _enum_family(value: Enum) -> str:
    name = type(value).__name__
    if name.endswith("Status"):
        return f"status.{name.removesuffix('Status').lower()}"
    return _ENUM_FAMILY.get(name, name.lower())


def _clean(value: str) -> str:
    return _SIGNS.sub("\ufffd", value)


def _join(items: list[str], language: str) -> str:
    if len(items) < 2:
        return "".join(items) or "—"
    return f"{', '.join(items[:-1])} {template('form.and', language)} {items[-1]}"
