"""The labelled files that are whole: papers of other offices, of the demo's applicants, on the city's forms; digital and scanned."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageFilter

from cli.demo import cities, printing, scan
from cli.demo.archives import settled
from cli.demo.papers import Writer, writer
from cli.demo.word import word
from cli.demo.wording import Said, Wish
from documents import forms
from schemas.facts import Fault, Kind, Seen
from tests.quality.labelled import MAKERS, File
from tests.quality.wording import LANGUAGES, Text, texts, truth, usual

_TABLES = {Kind.BUDGET, Kind.FINANCIAL_REPORT}
_SCANNED = {
    *(Kind.LETTER, Kind.REGISTRATION, Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE, Kind.HEAD_APPOINTMENT),
    *(Kind.BANK_DETAILS, Kind.PARTNER_LETTER, Kind.DECLARATION),
}
_READ_IN_ENGLISH = {Kind.TAX_CERTIFICATE}  # the recogniser is given Kyrgyz and Russian; English is asked for once
_PHOTOGRAPHED = {Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE, Kind.REGISTRATION}
_TYPED = {Kind.TAX_CERTIFICATE, Kind.DECLARATION}


def of_text(text: Text, medium: str, name: str, *, signed: bool, **changed: Any) -> File:
    """A paper of another office in a medium. `changed` replaces what papers usually state."""
    values = {**usual(text.language), "sign": signed, **changed}
    suffix, make = MAKERS[medium]
    sign = (Seen.SEEN if values["sign"] else Seen.NOT_SEEN) if text.signs and values["signplace"] else None
    drawn = None if medium in ("xlsx", "txt") else sign
    told = "".join(f", {key} = {value}" for key, value in changed.items() if isinstance(value, (str, int)))
    return File(
        name=f"{name}.{suffix}",
        make=lambda: make(text.sheet(values)),
        kind=text.kind,
        language=text.language,
        medium=medium,
        wording="another office",
        recipe=f"texts/{text.language}.txt, «{text.name}»{', signed' if drawn is Seen.SEEN else ''}{told}",
        values=truth(text, values),
        closed=True,
        signed=drawn,
        adds_up=True if text.kind in _TABLES else None,
    )


def of_other_offices() -> Iterator[File]:
    """Every wording as a Word file with a name that says nothing and as a PDF with the sender's name for it."""
    for language in LANGUAGES:
        for number, text in enumerate(texts(language), 1):
            yield of_text(text, "docx", f"Документ {number} {language}", signed=bool(number % 2))
            yield of_text(text, "pdf", text.name, signed=not number % 2)
            if text.kind in _TABLES:
                yield of_text(text, "xlsx", f"Книга{number} {language}", signed=False)
            if text.kind in _TYPED:
                yield of_text(text, "txt", f"{language}{number}", signed=False)


def scanned() -> Iterator[File]:
    """Papers of other offices on a scanner (slightly turned, grey, dusty) and under a telephone."""
    for language in LANGUAGES:
        for number, text in enumerate(texts(language), 1):
            if text.kind in (_READ_IN_ENGLISH if language == "en" else _SCANNED):
                yield of_text(text, "scan", f"Скан_{number:04d} {language}", signed=bool(number % 3))
            if language != "en" and text.kind in _PHOTOGRAPHED:
                yield of_text(text, "photograph", f"IMG_{number:04d} {language}", signed=False)


def _pages(text: Text) -> Image.Image:
    return scan._set(text.sheet(usual(text.language)))[0]


def _as_pdf(page: Image.Image) -> bytes:
    out = BytesIO()
    page.convert("L").save(out, "JPEG", quality=70)
    return printing.pdf_of_pictures([out.getvalue()])


def _turned(text: Text, turn: int) -> bytes:
    return _as_pdf(_pages(text).rotate(turn, expand=True))


def _blurred(text: Text) -> bytes:
    return _as_pdf(_pages(text).filter(ImageFilter.GaussianBlur(7)))


def spoilt_scans() -> Iterator[File]:
    """Scans on their side, upside down, out of focus, and of nothing."""
    lost = frozenset({Fault.ILLEGIBLE, Fault.NO_TEXT})
    for language in ("ky", "ru"):
        text = next(one for one in texts(language) if one.kind is Kind.SOCIAL_CERTIFICATE)
        source = f"texts/{language}.txt, «{text.name}»"
        for turn in (90, 180, 270):
            yield File(
                name=f"scan{turn} {language}.pdf",
                make=lambda text=text, turn=turn: _turned(text, turn),
                kind=text.kind,
                language=language,
                medium="scan",
                wording="another office",
                recipe=f"{source}, page turned by {turn} degrees",
                values=truth(text, usual(language)),
                closed=True,
                faults=frozenset({Fault.TURNED}),
            )
        yield File(
            name=f"scan blurred {language}.pdf",
            make=lambda text=text: _blurred(text),
            kind=None,
            language=language,
            medium="scan",
            wording="another office",
            recipe=f"{source}, out of focus",
            closed=True,
            faults=lost,
        )
    yield File(
        name="scan empty.pdf",
        make=lambda: _as_pdf(Image.new("L", (1240, 1754), 250)),
        kind=None,
        language="",
        medium="scan",
        wording="none",
        recipe="a white page",
        closed=True,
        faults=lost,
    )


@cache
def applicant(language: str) -> Writer:
    """An applicant of the demo who writes in this language and has a partner."""
    city = {"ky": "batken", "ru": "karakol"}[language]
    found = next(one for one in cities.load(city).applicants if one.language == language and one.partner)
    return writer(city, found.key)


def _house_values(writes: Writer, kind: Kind) -> dict[str, str | int]:
    one = writes.one
    who: dict[str, str | int] = {"organisation": one.organisation, "inn": one.inn}
    issued: dict[str, str | int] = {**who, "issued_on": writes.certified.isoformat()}
    letter: dict[str, str | int] = {**who, "contest": writes.city.number, "dated": writes.day.isoformat()}
    money: dict[str, str | int] = {
        "total": one.total * 100,
        "requested": one.requested * 100,
        "own_contribution": one.own * 100,
    }
    term = {"starts": writes.city.project_starts.isoformat(), "ends": writes.city.project_ends.isoformat()}
    return {
        Kind.LETTER: letter,
        Kind.PROJECT: {**who, **money, **term, "okpo": one.okpo, "title": one.title},
        Kind.BUDGET: money,
        Kind.REGISTRATION: {**who, "okpo": one.okpo, "registered_on": one.registered_on.isoformat()},
        Kind.CHARTER: {"organisation": one.organisation},
        Kind.TAX_CERTIFICATE: issued,
        Kind.SOCIAL_CERTIFICATE: issued,
        Kind.BANK_DETAILS: {**who, "bank_account": one.bank_account},
        Kind.PARTNER_LETTER: {"own_contribution": one.own * 100, "dated": writes.day.isoformat()},
        Kind.DECLARATION: letter,
    }.get(kind, {})


_SIGNABLE = {Kind.LETTER, Kind.DECLARATION, Kind.PARTNER_LETTER, Kind.PROJECT}


def of_the_demo() -> Iterator[File]:
    """Papers of the demo's applicants, whose phrases the reader's tables know; every other one with own tables."""
    for language in ("ky", "ru"):
        for signed in (True, False):
            whole = applicant(language)
            writes = Writer(whole.city, whole.one, Wish(signed=signed), own_tables=not signed)
            for kind in writes.kinds():
                paper = writes.paper(kind)
                form = signed and kind in (Kind.PROJECT, Kind.BUDGET)
                yield File(
                    name=f"{language}{int(signed)} {paper.name}",
                    make=lambda content=paper.content: content,
                    kind=kind,
                    language=language if kind is not Kind.BUDGET else "",
                    medium=paper.name.rpartition(".")[2],
                    wording="the city's form" if form else "the demo",
                    recipe=f"demo, {whole.one.key}, {kind.name.lower()}, {'signed' if signed else 'not signed'}",
                    values=_house_values(writes, kind),
                    signed=(Seen.SEEN if signed else Seen.NOT_SEEN) if kind in _SIGNABLE else None,
                    adds_up=True if kind is Kind.BUDGET else None,
                )
        for kind in (Kind.TAX_CERTIFICATE, Kind.REGISTRATION):
            yield File(
                name=f"{language} scan {kind.value[1:]}.pdf",
                make=lambda kind=kind, writes=applicant(language): scan.scan(writes.sheet(kind)),
                kind=kind,
                language=language,
                medium="scan",
                wording="the demo",
                recipe=f"demo, {applicant(language).one.key}, {kind.name.lower()}, on a scanner",
                values=_house_values(applicant(language), kind),
            )


def on_the_forms() -> Iterator[File]:
    """The application form and the budget in each language, filled in."""
    money = {"total": 5_000_000, "requested": 4_500_000, "own_contribution": 500_000}
    lines = [(1, "A", "шт", 10, 1500, None, None, None), (2, "B", "шт", 7, 5000, None, None, 5000)]
    for language in LANGUAGES:
        values = usual(language)
        known = {key: values[key] for key in ("contest", "theme", "inn", "okpo", "title")}
        known |= {"organisation": values["org"]}
        fields = {
            **known,
            **{key: f"{values[key]:dots}" for key in ("starts", "ends", "dated")},
            "total": f"{values['total']:s}",
            "requested": f"{values['requested']:k}",
            "own_contribution": f"{values['own']:s}",
        }
        days = {key: values[key].on.isoformat() for key in ("starts", "ends", "dated")}
        yield File(
            name=f"form {language}.docx",
            make=lambda language=language, fields=fields: settled(forms.fill("application-form", language, fields)),
            kind=Kind.PROJECT,
            language=language,
            medium="docx",
            wording="the city's form",
            recipe="application form, every field filled in, not signed",
            values={**known, **days, **money},
            signed=Seen.NOT_SEEN,
        )
        yield File(
            name=f"budget {language}.xlsx",
            make=lambda language=language: settled(forms.fill("budget", language, {}, lines)),
            kind=Kind.BUDGET,
            language="",
            medium="xlsx",
            wording="the city's form",
            recipe="budget form, two lines, sums left to its formulas",
            values=dict(money),
            adds_up=True,
        )


def plain_word(*paragraphs: str) -> bytes:
    """A Word file of paragraphs."""
    return word(tuple(Said(one) for one in paragraphs))
