"""Whole packages out of unseen wordings, good and with one gap each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from schemas.facts import Kind
from tests.quality.cases import ON_NO_FORM, Case, Said
from tests.quality.unseen import CASES, LANGUAGES, paper, texts

_K = Kind
_MEDIA = {
    **dict.fromkeys((_K.LETTER, _K.PROJECT, _K.PLAN, _K.HEAD_APPOINTMENT, _K.PARTNER_LETTER, _K.DECLARATION), "docx"),
    _K.BUDGET: "xlsx",
    **dict.fromkeys((_K.REGISTRATION, _K.CHARTER, _K.TAX_CERTIFICATE, _K.SOCIAL_CERTIFICATE), "pdf"),
}


@dataclass(frozen=True)
class _Change:
    """What is peculiar to a package, as in `tests.quality.cases`."""

    name: str
    expected: tuple[Said, ...] = ()
    on: Mapping[Kind, Mapping[str, Any]] = field(default_factory=dict)
    everywhere: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[Kind, ...] = ()
    also: tuple[Kind, ...] = ()
    unsigned: tuple[Kind, ...] = ()
    in_pdf: bool = False


def _changes(language: str) -> tuple[_Change, ...]:
    other = {
        "ky": "«Ак Булак» коомдук фонду",
        "ru": "Общественный фонд «Белый ключ»",
        "en": "public foundation “White Spring”",
    }
    letter, project, tax, social, partner = (
        _K.LETTER,
        _K.PROJECT,
        _K.TAX_CERTIFICATE,
        _K.SOCIAL_CERTIFICATE,
        _K.PARTNER_LETTER,
    )
    return (
        _Change("good"),
        _Change("good, all in PDF", in_pdf=True),
        _Change("good, with licence, consent and account", also=(_K.LICENCE, _K.CONSENT, _K.BANK_DETAILS, _K.STAFF_CV)),
        _Change("good on the last days", on={tax: {"issued": date(2018, 7, 4)}, letter: {"dated": date(2018, 8, 3)}}),
        _Change("no social certificate", (("missing", "D08"),), without=(social,)),
        _Change("no plan, no declaration", (("missing", "D03"), ("missing", "D15")), without=(_K.PLAN, _K.DECLARATION)),
        _Change("no charter", (("missing", "D06"),), without=(_K.CHARTER,)),
        _Change("tax certificate a day too old", (("too_old", "D07"),), on={tax: {"issued": date(2018, 7, 3)}}),
        _Change("social certificate of winter", (("too_old", "D08"),), on={social: {"issued": date(2018, 2, 12)}}),
        _Change("letter of the day after", (("dated_late", "D01"),), on={letter: {"dated": date(2018, 8, 4)}}),
        _Change("declaration a week late", (("dated_late", "D15"),), on={_K.DECLARATION: {"dated": date(2018, 8, 10)}}),
        _Change("letter to another contest", (("wrong_contest", "D01"),), on={letter: {"contest": "OSH-2018-3"}}),
        _Change("letter, other tax number", (("numbers_unequal", "D01"),), on={letter: {"inn": "01203201510064"}}),
        _Change("project, other tax number", (("numbers_unequal", "D02"),), on={project: {"inn": "01203201510064"}}),
        _Change("letter of another", (("names_unequal", "D01"),), on={letter: {"org": other[language]}}),
        _Change("charter of another", (("names_unequal", "D06"),), on={_K.CHARTER: {"org": other[language]}}),
        _Change("letter asks for more", (("sums_unequal", "D01"),), on={letter: {"requested": 48_000}}),
        _Change("partner gives less", (("contribution_unequal", "D13"),), on={partner: {"own": 4_000}}),
        _Change("over the ceiling", (("over_ceiling", "D04"),), everywhere={"requested": 52_500}),
        _Change("letter not signed", (("unsigned", "D01"),), unsigned=(letter,)),
        _Change("letters not signed, PDF", (("unsigned", "D13"), ("unsigned", "D15")), unsigned=(partner, _K.DECLARATION), in_pdf=True),
        _Change("begins before the term", (("outside_term", "D02"),), on={project: {"starts": date(2018, 9, 15)}}),
        _Change("plan ends after the term", (("outside_term", "D03"),), on={_K.PLAN: {"ends": date(2019, 4, 1)}}),
        _Change("licence ends within the term", (("expired", "D14"),), also=(_K.LICENCE,), on={_K.LICENCE: {"valid": date(2019, 3, 30)}}),
    )  # fmt: skip


def _case(language: str, change: _Change) -> Case:
    kinds = [*(kind for kind in _MEDIA if kind not in change.without), *change.also]
    files = tuple(
        paper(
            language,
            kind,
            "pdf" if change.in_pdf and kind is not Kind.BUDGET else _MEDIA.get(kind, "docx"),
            texts(language)[kind.value]["name"],
            signed=kind not in change.unsigned,
            values=replace(CASES[language], **{**change.everywhere, **change.on.get(kind, {})}),
        )
        for kind in kinds
    )
    return Case(
        name=f"unseen {language}: {change.name}",
        language=language,
        recipe=f"unseen wordings, {change.name}",
        files=files,
        expected=frozenset({*change.expected, *ON_NO_FORM}),
        wording="unseen",
    )


def unseen_cases() -> Iterator[Case]:
    """Every package, in a fixed order."""
    for language in LANGUAGES:
        for change in _changes(language):
            yield _case(language, change)
