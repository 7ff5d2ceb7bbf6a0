"""Whole packages, good and with one gap each, and what the completeness rules must say of them and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cli.demo.papers import Writer
from cli.demo.wording import Wish
from rules.packs import Pack
from schemas.contest import Contest
from schemas.facts import Kind
from tests.quality.labelled import MAKERS, File
from tests.quality.spoilt import cut, locked
from tests.quality.whole import applicant, of_text, plain_word
from tests.quality.wording import LANGUAGES, NOTHING, Day, Som, Text, texts, usual
from tests.rules.makers import PACK, changed, contest

Said = tuple[str, str]  # a rule, and the code of the document that it speaks of
ON_NO_FORM: tuple[Said, ...] = (("not_on_form", "D02"), ("not_on_form", "D04"))  # of every package with own tables
_K = Kind
_MEDIA = {
    **dict.fromkeys((_K.LETTER, _K.PROJECT, _K.PLAN, _K.HEAD_APPOINTMENT, _K.PARTNER_LETTER, _K.DECLARATION), "docx"),
    _K.BUDGET: "xlsx",
    **dict.fromkeys((_K.REGISTRATION, _K.CHARTER, _K.TAX_CERTIFICATE, _K.SOCIAL_CERTIFICATE), "pdf"),
}
_CERTIFICATES = (_K.REGISTRATION, _K.TAX_CERTIFICATE, _K.SOCIAL_CERTIFICATE)


@dataclass(frozen=True)
class Case:
    """One package: its files, the pack and contest that it is checked by, and every remark that is due."""

    name: str
    language: str
    recipe: str
    files: tuple[File, ...] = field(repr=False)
    expected: frozenset[Said]
    pack: Pack = field(default=PACK, repr=False)
    contest: Contest = field(default_factory=contest, repr=False)
    wording: str = "known"

    @property
    def scanned(self) -> bool:
        return any(file.scanned for file in self.files)

    def row(self) -> tuple[str, ...]:
        """A line of the manifest."""
        told = "; ".join(sorted(f"{rule} {code}".strip() for rule, code in self.expected))
        return (self.name, self.language, str(len(self.files)), told, self.recipe)


HEADER = ("package", "language", "files", "remarks due", "recipe")


@dataclass(frozen=True)
class _Change:
    """What is peculiar to a package. `on` changes what one paper states, `everywhere` what all do."""

    name: str
    expected: tuple[Said, ...] = ()
    on: Mapping[Kind, Mapping[str, Any]] = field(default_factory=dict)
    everywhere: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[Kind, ...] = ()
    media: Mapping[Kind, str] = field(default_factory=dict)
    spoilt: Mapping[Kind, str] = field(default_factory=dict)
    pack: Pack = PACK
    with_term: bool = False
    poem: bool = False


def _day(year: int, month: int, day: int) -> Day:
    return Day(date(year, month, day))


def _sums(extra: int) -> dict[str, Any]:
    """The sums of a project that costs `extra` months of the coordinator more."""
    more = extra * 2_500
    asked = Som(45_000 + more)
    return {"n3": 6 + extra, "t3": Som(15_000 + more), "total": Som(50_000 + more), "requested": asked, "sumreq": asked}


_TWENTY = changed("eligibility.contribution_percent", 20)
_TEN = changed("eligibility.contribution_percent", 10)
_FORM = PACK.documents[Kind.PROJECT].form
assert _FORM is not None
_NEXT_FORM = changed("documents.D02.form", _FORM.value.model_copy(update={"version": _FORM.value.version + 1}))
_OTHER_NAME = {
    "ky": "«Таза Булак» коомдук фонду",
    "ru": "Общественный фонд «Чистый родник»",
    "en": 'Public Foundation "Clear Spring"',
}
_OTHER_THEME = {"ky": "Жаштар спорту", "ru": "Молодёжный спорт", "en": "Youth sport"}
_BARE = dict.fromkeys(("total", "requested", "sumreq", "own", "t3"), NOTHING)


def _changes(language: str) -> tuple[_Change, ...]:
    other, theme = _OTHER_NAME[language], _OTHER_THEME[language]
    letter, project, plan, budget, declares = _K.LETTER, _K.PROJECT, _K.PLAN, _K.BUDGET, _K.DECLARATION
    tax, social = _K.TAX_CERTIFICATE, _K.SOCIAL_CERTIFICATE
    last = _day(2018, 8, 3)
    wrong_sum = (("arithmetic", "D04"), ("sums_unequal", "D01"), ("sums_unequal", "D02"))
    nothing = (("sum_cannot_tell", "D04"), ("arithmetic_cannot_tell", "D04"), ("contribution_not_shown", "D04"))
    return (
        _Change("good"),
        _Change("good, all in PDF", media=dict.fromkeys(set(_MEDIA) - {budget}, "pdf")),
        _Change("good, all in Word", media=dict.fromkeys(_MEDIA, "docx")),
        _Change("good, budget in PDF", media={budget: "pdf"}),
        _Change("good on the last days", on={
            tax: {"issued": _day(2018, 7, 4)}, social: {"issued": last}, letter: {"dated": last}, declares: {"dated": last},
        }),
        _Change("good, valid to the day", with_term=True, on={tax: {"valid": last}}),
        _Change("good, own part just enough", pack=_TEN),
        _Change("good, at the ceiling", everywhere=_sums(2)),
        _Change("no social certificate", (("missing", "D08"),), without=(social,)),
        _Change("no registration", (("missing", "D05"),), without=(_K.REGISTRATION,)),
        _Change("no plan, no declaration", (("missing", "D03"), ("missing", "D15")), without=(plan, declares)),
        _Change("no partner's letter", (("missing", "D13"),), without=(_K.PARTNER_LETTER,)),
        _Change("tax certificate locked", (("unreadable", "D07"),), spoilt={tax: "locked"}),
        _Change("social certificate cut", (("unreadable", "D08"),), spoilt={social: "cut"}),
        _Change("tax certificate empty", (("unreadable", "D07"),), spoilt={tax: "empty"}),
        _Change("certificate is Word called PDF", (("flawed", "D08"),), spoilt={social: "named"}),
        _Change("a poem among the papers", (("unrecognised", "other"),), poem=True),
        _Change("letter to another contest", (("wrong_contest", "D01"),), on={letter: {"contest": "OSH-2018-3"}}),
        _Change("declares for another", (("wrong_contest", "D15"),), on={declares: {"contest": "BATKEN-2017-1"}}),
        _Change("theme not announced", (("wrong_theme", "D02"),), on={project: {"theme": theme}}),
        _Change("letter not signed", (("unsigned", "D01"),), on={letter: {"sign": False}}),
        _Change("declaration not signed", (("unsigned", "D15"),), on={declares: {"sign": False}}),
        _Change("decision not signed, PDF", (("unsigned", "D09"),), on={_K.HEAD_APPOINTMENT: {"sign": False}},
                media={_K.HEAD_APPOINTMENT: "pdf"}),
        _Change("no place to sign", (("signature_cannot_tell", "D01"),), on={letter: {"signplace": False}}),
        _Change("ended the day before", (("expired", "D07"),), with_term=True, on={tax: {"valid": _day(2018, 8, 2)}}),
        _Change("tax certificate a day too old", (("too_old", "D07"),), on={tax: {"issued": _day(2018, 7, 3)}}),
        _Change("social certificate of winter", (("too_old", "D08"),), on={social: {"issued": _day(2018, 2, 12)}}),
        _Change("certificate without a day", (("age_cannot_tell", "D07"),), on={tax: {"issued": NOTHING}}),
        _Change("letter of the day after", (("dated_late", "D01"),), on={letter: {"dated": _day(2018, 8, 4)}}),
        _Change("declaration a week late", (("dated_late", "D15"),), on={declares: {"dated": _day(2018, 8, 10)}}),
        _Change("charter of another", (("names_unequal", "D06"),), on={_K.CHARTER: {"org": other}}),
        _Change("letter of another", (("names_unequal", "D01"),), on={letter: {"org": other}}),
        _Change("letter, other tax number", (("numbers_unequal", "D01"),), on={letter: {"inn": "01203201510064"}}),
        _Change("project, other OKPO", (("numbers_unequal", "D02"),), on={project: {"okpo": "29104471"}}),
        _Change("letter asks for more", (("sums_unequal", "D01"),), on={letter: {"requested": Som(48_000)}}),
        _Change("partner gives less", (("contribution_unequal", "D13"),), on={_K.PARTNER_LETTER: {"own": Som(4_000)}}),
        _Change("sum written wrong", wrong_sum, on={budget: {"sumreq": Som(45_500)}}),
        _Change("line multiplied wrong", (("arithmetic", "D04"),), on={budget: {"n3": 7}}),
        _Change("form does not add up", (("arithmetic", "D02"),), on={project: {"total": Som(52_000)}}),
        _Change("over the ceiling", (("over_ceiling", "D04"),), everywhere=_sums(7)),
        _Change("own part too small", (("contribution_low", "D04"),), pack=_TWENTY),
        _Change("no sums anywhere", nothing, everywhere=_BARE, without=(_K.PARTNER_LETTER,), spoilt={budget: "prose"}),
        _Change("begins before the term", (("outside_term", "D02"),), on={project: {"starts": _day(2018, 9, 15)}}),
        _Change("plan ends after the term", (("outside_term", "D03"),), on={plan: {"ends": _day(2019, 4, 1)}}),
    )  # fmt: skip


_SCANS = (
    _Change("good, certificates scanned", media=dict.fromkeys(_CERTIFICATES, "scan")),
    _Change("scanned certificate too old", (("too_old", "D07"),), media={_K.TAX_CERTIFICATE: "scan"},
            on={_K.TAX_CERTIFICATE: {"issued": _day(2018, 6, 20)}}),
    _Change("scanned certificate ended", (("expired", "D07"),), media={_K.TAX_CERTIFICATE: "scan"}, with_term=True,
            on={_K.TAX_CERTIFICATE: {"valid": _day(2018, 7, 31)}}),
    _Change("scanned letter of the day after", (("dated_late", "D01"),), media={_K.LETTER: "scan"},
            on={_K.LETTER: {"dated": _day(2018, 8, 4)}}),
    _Change("good, letters scanned", media={_K.LETTER: "scan", _K.DECLARATION: "scan"}),
)  # fmt: skip

_PROSE = {
    "ky": ("ДОЛБООРДУН СМЕТАСЫ", "Каражат контейнерлерге, шаймандарга жана координатордун эмгегине жумшалат."),
    "ru": ("СМЕТА ПРОЕКТА", "Деньги пойдут на контейнеры, инвентарь и работу координатора."),
    "en": ("BUDGET OF THE PROJECT", "The money goes to containers, tools and the work of the coordinator."),
}
_POEM = {
    "ky": "Ак калпактуу Ала-Тоо, / мелтиреген Ысык-Көл, / сага арнаган ырымды / шамал ала кетти бейм.",
    "ru": "Белеют горы Ала-Тоо, / и озеро молчит, / а песню, сложенную мной, / по ветру вдаль летит.",
    "en": "White are the mountains, / the lake does not speak, / the wind took the song / that I made for the peak.",
}


def _text(language: str, kind: Kind, *, with_term: bool) -> Text:
    found = [one for one in texts(language) if one.kind is kind]
    return found[-1] if with_term and kind is _K.TAX_CERTIFICATE else found[0]


def _spoil(file: File, how: str, language: str) -> File:
    """The file of a kind with something wrong, under the sender's name for it."""
    match how:
        case "locked":
            return replace(file, make=locked)
        case "cut":
            return replace(file, name=file.name.replace(".pdf", ".docx"), make=cut)
        case "empty":
            return replace(file, make=lambda: b"")
        case "prose":
            return replace(file, name=file.name.replace(".xlsx", ".docx"), make=lambda: plain_word(*_PROSE[language]))
        case "named":
            text = _text(language, Kind.SOCIAL_CERTIFICATE, with_term=False)
            return replace(file, make=lambda: MAKERS["docx"][1](text.sheet(usual(language))))
    raise ValueError(how)


def _case(language: str, change: _Change) -> Case:
    files: list[File] = []
    for kind, usual_medium in _MEDIA.items():
        if kind in change.without:
            continue
        text = _text(language, kind, with_term=change.with_term)
        stated = {**change.everywhere, **change.on.get(kind, {})}
        sign = stated.pop("sign", True)
        file = of_text(text, change.media.get(kind, usual_medium), text.name, signed=sign, **stated)
        files.append(_spoil(file, change.spoilt[kind], language) if kind in change.spoilt else file)
    if change.poem:
        poem = plain_word(*_POEM[language].split(" / "))
        files.append(replace(files[0], name="ыр.docx", make=lambda: poem, kind=Kind.OTHER, recipe="a poem"))
    return Case(
        name=f"{language}: {change.name}",
        language=language,
        recipe=f"papers of another office, {change.name}",
        files=tuple(files),
        expected=frozenset({*change.expected, *ON_NO_FORM}),
        pack=change.pack,
    )


def _of_the_demo(language: str) -> Iterator[Case]:
    whole = applicant(language)
    city, cutoff = whole.city, whole.city.cutoff.date()
    at = city.cutoff
    held = contest(
        number=city.number,
        themes=[{"code": code, "title": title, "ceiling": 10**8} for code, title in city.themes.items()],
        budget=10**9,
        cutoff=at.astimezone(UTC) if at.tzinfo else datetime.combine(cutoff, at.time(), UTC),
        project_starts=city.project_starts,
        project_ends=city.project_ends,
    )
    old, ended = cutoff - timedelta(days=76), cutoff - timedelta(days=1)
    unsigned = tuple(("unsigned", code) for code in ("D01", "D09", "D13", "D15", "D17"))
    one = whole.one
    left_out = replace(one, texts=("", *one.texts[1:]))
    wishes: tuple[tuple[str, Wish, tuple[Said, ...], tuple[Kind, ...]], ...] = (
        ("good", Wish(), (), ()),
        ("old tax certificate", Wish(tax_issued=old), (("too_old", "D07"),), ()),
        ("old social certificate", Wish(social_issued=old), (("too_old", "D08"),), ()),
        ("ended", Wish(tax_issued=cutoff - timedelta(days=20), tax_valid_until=ended), (("expired", "D07"),), ()),
        ("no charter", Wish(), (("missing", "D06"),), (Kind.CHARTER,)),
        ("nothing signed", Wish(signed=False), unsigned, ()),
    )

    def package(name: str, writes: Writer, expected: tuple[Said, ...], without: tuple[Kind, ...], pack: Pack) -> Case:
        papers = [writes.paper(kind) for kind in writes.kinds() if kind not in without]
        return Case(
            name=f"{language}: demo, {name}",
            language=language,
            recipe=f"the demo's {one.key}, {name}",
            files=tuple(
                File(one.name, (lambda content=one.content: content), one.kind, language, "", "the demo", name)
                for one in papers
            ),
            expected=frozenset(expected),
            contest=held,
            pack=pack,
        )

    for name, wish, expected, without in wishes:
        yield package(name, Writer(city, one, wish), expected, without, PACK)
        own = Writer(city, one, wish, own_tables=True)
        yield package(f"{name}, own tables", own, (*expected, *ON_NO_FORM), without, PACK)
    yield package("a field left empty", Writer(city, left_out), (("unfilled", "D02"),), (), PACK)
    yield package("form of last year", Writer(city, one), (("form_outdated", "D02"),), (), _NEXT_FORM)


def cases() -> Iterator[Case]:
    """Every package, in a fixed order."""
    for language in LANGUAGES:
        for change in _changes(language):
            yield _case(language, change)
    for language in ("ky", "ru"):
        for change in _SCANS:
            yield _case(language, change)
        yield from _of_the_demo(language)
