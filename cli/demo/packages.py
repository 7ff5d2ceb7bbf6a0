"""About twelve packages for each city, as they really come: `make` writes them, the same bytes each time.

What is wrong with each is its *situation*; what must become of it is `expected`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from cli.demo import cities, printing, scan
from cli.demo.archives import zipped
from cli.demo.cities import Applicant, City
from cli.demo.papers import NAMES, Paper, Writer
from cli.demo.wording import Wish
from schemas.facts import Kind


class Expected(StrEnum):
    """What becomes of a package. A cure has the end of the whole case."""

    ELIGIBLE = "eligible"
    CURED = "cured"  # gaps are asked for, another package closes them, then eligible
    REFUSED = "refused"  # a ground that stays, or gaps that nobody closes in time
    TURNED_AWAY = "turned_away"  # too late
    NOT_TAKEN = "not_taken"  # refused at the door: the archive is unsafe
    SAME_CASE = "same_case"  # the same package once more


@dataclass(frozen=True)
class Package:
    """One hand-in. `kinds` says what a person would call each file; `requested` in tyiyn."""

    path: Path
    sender: str
    organisation: str
    arrives_at: datetime
    situation: str
    expected: str
    cure_of: str | None = None  # the sender whose gaps it closes
    key: str = ""
    merit: float = 0.0
    requested: int = 0
    kinds: dict[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True)
class _Draft:
    """Files before they are packed."""

    writer: Writer
    papers: list[Paper]
    packed: str = "folder"  # folder, zip, cp866, nested, outside
    cure: list[Paper] = field(default_factory=list)
    cure_after: timedelta = timedelta(days=5, hours=-6)


def _swap(papers: list[Paper], kind: Kind, name: str, content: bytes) -> list[Paper]:
    return [Paper(kind, name, content) if paper.kind is kind else paper for paper in papers]


def _of(papers: list[Paper], kind: Kind) -> Paper:
    return next(paper for paper in papers if paper.kind is kind)


def _without(papers: list[Paper], *kinds: Kind) -> list[Paper]:
    return [paper for paper in papers if paper.kind not in kinds]


def _plain(writer: Writer) -> _Draft:
    return _Draft(writer, writer.all())


def _zip(writer: Writer) -> _Draft:
    own = replace(writer, own_tables=True)
    return _Draft(own, own.all(), "zip")


def _missing(writer: Writer) -> _Draft:
    papers = writer.all()
    return _Draft(writer, _without(papers, Kind.SOCIAL_CERTIFICATE), "zip", [_of(papers, Kind.SOCIAL_CERTIFICATE)])


def _fresh_tax(writer: Writer) -> Paper:
    fresh = replace(writer, wish=Wish(tax_issued=writer.city.cutoff.date() + timedelta(days=3)))
    return replace(fresh.paper(Kind.TAX_CERTIFICATE), name="Салык маалымкаты (жаңы).pdf")


def _old(writer: Writer) -> _Draft:
    old = replace(writer, wish=Wish(tax_issued=writer.city.cutoff.date() - timedelta(days=76)))
    return _Draft(old, old.all(), "folder", [_fresh_tax(writer)])


def _expired(writer: Writer) -> _Draft:
    day = writer.city.cutoff.date()
    wish = Wish(tax_issued=day - timedelta(days=29), tax_valid_until=day - timedelta(days=1))
    ended = replace(writer, wish=wish)
    return _Draft(ended, ended.all(), "zip", [_fresh_tax(writer)])


def _password(writer: Writer) -> _Draft:
    papers, name = writer.all(), NAMES["kyrgyz"][Kind.CHARTER]
    locked = printing.pdf(writer.sheet(Kind.CHARTER), password="batken2018")  # noqa: S106 — a locked file is wanted
    opened = Paper(Kind.CHARTER, f"{name}.pdf", printing.pdf(writer.sheet(Kind.CHARTER)))
    return _Draft(writer, _swap(papers, Kind.CHARTER, f"{name}.pdf", locked), "folder", [opened])


def _empty(writer: Writer) -> _Draft:
    papers = writer.all()
    whole = _of(papers, Kind.SOCIAL_CERTIFICATE)
    return _Draft(writer, _swap(papers, Kind.SOCIAL_CERTIFICATE, whole.name, b""), "folder", [whole])


def _truncated(writer: Writer) -> _Draft:
    papers = writer.all()
    whole = _of(papers, Kind.REGISTRATION)
    cut = whole.content[: len(whole.content) * 3 // 5]
    return _Draft(writer, _swap(papers, Kind.REGISTRATION, whole.name, cut), "zip", [whole])


def _legacy(writer: Writer) -> _Draft:
    doc = files("cli.demo").joinpath("material", "plan.doc").read_bytes()
    return _Draft(writer, _swap(writer.all(), Kind.PLAN, "Иш план 2018.doc", doc))


def _slip(writer: Writer) -> _Draft:
    wrong = writer.budget(slip=-2700)  # 138 500 written as 135 800
    papers = writer.all()
    name = _of(papers, Kind.BUDGET).name
    return _Draft(writer, _swap(papers, Kind.BUDGET, name, wrong), "folder", [_of(papers, Kind.BUDGET)])


def _unsigned(writer: Writer) -> _Draft:
    papers = writer.all()
    letter = _of(papers, Kind.LETTER)
    blank = replace(writer, wish=Wish(signed=False)).paper(Kind.LETTER)
    return _Draft(writer, _swap(papers, Kind.LETTER, blank.name, blank.content), "folder", [letter])


def _nobody(writer: Writer) -> _Draft:
    blank = replace(writer, wish=Wish(signed=False))
    return _Draft(blank, blank.all(), "zip")


def _never(writer: Writer) -> _Draft:
    return _Draft(writer, _without(writer.all(), Kind.CHARTER, Kind.TAX_CERTIFICATE, Kind.DECLARATION))


def _late_cure(writer: Writer) -> _Draft:
    papers = writer.all()
    sent = _of(papers, Kind.TAX_CERTIFICATE)
    return _Draft(writer, _without(papers, Kind.TAX_CERTIFICATE), "folder", [sent], timedelta(days=40))


_ON_PAPER = (
    *(Kind.REGISTRATION, Kind.CHARTER, Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE),
    *(Kind.HEAD_APPOINTMENT, Kind.PARTNER_LETTER, Kind.DECLARATION, Kind.CONSENT),
)


def _photographed(writer: Writer) -> _Draft:
    papers = writer.all()
    papers = _swap(papers, Kind.REGISTRATION, "Каттоо күбөлүгү.jpg", scan.photograph(writer.sheet(Kind.REGISTRATION)))
    papers = _swap(papers, Kind.TAX_CERTIFICATE, "Салык маалымкаты.pdf", scan.scan(writer.sheet(Kind.TAX_CERTIFICATE)))
    papers = _swap(papers, Kind.DECLARATION, "Декларация.pdf", scan.scan(writer.sheet(Kind.DECLARATION)))
    return _Draft(writer, papers, "zip")


def _scanned(writer: Writer) -> _Draft:
    papers, cure = writer.all(), []
    for number, kind in enumerate(_ON_PAPER, 1):
        picture = scan.scan(writer.sheet(kind))
        papers = _swap(papers, kind, f"Скан{number:03d}.pdf", picture)
        cure.append(Paper(kind, f"{NAMES['kyrgyz'][kind]}.pdf", picture))
    return _Draft(writer, papers, "folder", cure)


def _old_names(writer: Writer) -> _Draft:
    papers = [
        Paper(one.kind, f"{NAMES['russian'][one.kind]}.{one.name.rpartition('.')[2]}", one.content)
        for one in writer.all()
    ]
    return _Draft(writer, papers, "cp866")


def _unknown(writer: Writer) -> _Draft:
    papers = writer.all()
    noise = random.Random("project file").randbytes(9_000)  # noqa: S311 — a file that no program knows
    return _Draft(
        writer, _swap(papers, Kind.PLAN, "03_Иш-чаралар планы.mpp", noise), "folder", [_of(papers, Kind.PLAN)]
    )


def _nested(writer: Writer) -> _Draft:
    return _Draft(writer, writer.all(), "nested")


def _outside(writer: Writer) -> _Draft:
    return _Draft(writer, writer.all(), "outside")


_HOOKED = str.maketrans({"ң": "ӊ", "Ң": "Ӊ", "ү": "ұ", "Ү": "Ұ", "ө": "ѳ", "Ө": "Ѳ"})


def _look_alikes(writer: Writer) -> _Draft:
    """Typed with a Kazakh keyboard and an old font: the letters look right and are others."""
    one = writer.one
    typed = replace(
        one,
        name=one.name.translate(_HOOKED),
        other_name=one.other_name.translate(_HOOKED),
        texts=tuple(text.translate(_HOOKED) for text in one.texts),
        title=one.title.translate(_HOOKED),
    )
    strange, papers = replace(writer, one=typed), writer.all()
    for kind in (Kind.LETTER, Kind.PROJECT, Kind.PLAN):
        papers = _swap(papers, kind, _of(papers, kind).name, strange.paper(kind).content)
    return _Draft(writer, papers)


def _wrong(writer: Writer) -> _Draft:
    other = replace(writer, wish=Wish(contest="KARAKOL-2018-1"))
    return _Draft(other, other.all(), "zip")


_E = Expected
_SITUATIONS: dict[str, tuple[str, Expected, Callable[[Writer], _Draft]]] = {
    "perfect": ("Everything is there and in order, on the city's own forms.", _E.ELIGIBLE, _plain),
    "perfect_zip": ("Everything is there, in a zip, on tables of the applicant's own making.", _E.ELIGIBLE, _zip),
    "missing_certificate": ("The social-contribution certificate is not there; it comes later.", _E.CURED, _missing),
    "old_certificate": (
        "The tax certificate was issued 76 days before the cut-off; a fresh one follows.",
        _E.CURED,
        _old,
    ),
    "expired_certificate": (
        "The tax certificate ran out the day before the cut-off; a fresh one follows.",
        _E.CURED,
        _expired,
    ),
    "password": ("The charter is a PDF under a password; an open one follows.", _E.CURED, _password),
    "empty_pdf": ("A certificate is a file of no bytes; the real one follows.", _E.CURED, _empty),
    "truncated": ("The registration certificate broke off on the way; a whole one follows.", _E.CURED, _truncated),
    "legacy_doc": ("The plan is a .doc of old Word: taken as it is, the officer looks himself.", _E.ELIGIBLE, _legacy),
    "scanned": ("All legal papers are scans named Скан001.pdf…; named properly, they are taken.", _E.CURED, _scanned),
    "photographed": (
        "The certificate is a telephone's picture on its side, two papers are scans.",
        _E.ELIGIBLE,
        _photographed,
    ),
    "budget_does_not_add_up": (
        "The sum of the budget is not the sum of its lines; a right one follows.",
        _E.CURED,
        _slip,
    ),
    "over_ceiling": ("More money is asked for than the theme allows; nothing follows.", _E.REFUSED, _plain),
    "unsigned": ("The letter is not signed; a signed one follows.", _E.CURED, _unsigned),
    "nobody_signed": ("No paper is signed, and nothing follows.", _E.REFUSED, _nobody),
    "late_by_a_second": ("Comes one second after the cut-off.", _E.TURNED_AWAY, _zip),
    "late_by_a_day": ("Comes the next day.", _E.TURNED_AWAY, _plain),
    "twice": ("Everything is there; the nervous sender sends the same package again.", _E.ELIGIBLE, _zip),
    "wrong_contest": ("The papers name the contest of another city.", _E.REFUSED, _wrong),
    "unknown_type": ("The plan is a file that no program here knows; a Word file follows.", _E.CURED, _unknown),
    "commercial": ("A limited company, not a non-commercial organisation.", _E.REFUSED, _plain),
    "name_mismatch": ("The charter bears another name than the certificate; nothing follows.", _E.REFUSED, _plain),
    "look_alikes": ("Letters that look like ң ү ө and are not.", _E.ELIGIBLE, _look_alikes),
    "russian_look_alikes": (
        "In Russian, the Kyrgyz name with letters that only look right.",
        _E.ELIGIBLE,
        _look_alikes,
    ),
    "old_names": ("A zip with Russian names in the code page of old Windows (cp866).", _E.ELIGIBLE, _old_names),
    "zip_in_zip": ("A zip with a zip of attachments inside.", _E.ELIGIBLE, _nested),
    "unsafe_zip": ("A zip with a file that would be written outside its folder.", _E.NOT_TAKEN, _outside),
    "relative": ("In order; a relative of a commission member heads the organisation.", _E.ELIGIBLE, _plain),
    "never_cures": ("Charter, tax certificate and declaration are missing, and nothing follows.", _E.REFUSED, _never),
    "late_cure": ("A certificate is missing; it comes long after the term.", _E.REFUSED, _late_cure),
}
_SAME_AGAIN = "same_package_again"


def situations() -> list[tuple[str, str]]:
    """Every situation and what it is, for the documentation."""
    told = [(name, sentence) for name, (sentence, _, _) in _SITUATIONS.items()]
    return [
        *told,
        (_SAME_AGAIN, "The same bytes under another name: one case stays one case."),
        ("cure", "Closes the gaps of an earlier package."),
    ]


def _cp866(papers: list[Paper]) -> bytes:
    """A zip as old Windows wrote it: names in cp866, without the mark of UTF-8."""
    stand_ins = [f"{'~' * (len(paper.name) - 3)}{at:03d}" for at, paper in enumerate(papers)]
    packed = zipped((name, paper.content) for name, paper in zip(stand_ins, papers, strict=True))
    for name, paper in zip(stand_ins, papers, strict=True):
        packed = packed.replace(name.encode(), paper.name.encode("cp866"))
    return packed


def _pack(draft: _Draft, place: Path) -> Path:
    """Writes a folder or a zip; answers with where it lies."""
    papers = draft.papers
    if draft.packed == "folder":
        place.mkdir(parents=True, exist_ok=True)
        for paper in papers:
            place.joinpath(paper.name).write_bytes(paper.content)
        return place
    entries = [(paper.name, paper.content) for paper in papers]
    if draft.packed == "cp866":
        packed = _cp866(papers)
    elif draft.packed == "nested":
        packed = zipped([*entries[:4], ("Тиркемелер.zip", zipped(entries[4:]))])
    elif draft.packed == "outside":
        packed = zipped([*entries, (f"../{papers[3].name}", papers[3].content)])
    else:
        packed = zipped((f"{draft.writer.one.key}/{name}", content) for name, content in entries)
    place.parent.mkdir(parents=True, exist_ok=True)
    target = place.with_name(place.name + ".zip")
    target.write_bytes(packed)
    return target


def _arrival(city: City, one: Applicant, at: int, situation: str) -> datetime:
    """Late ones to the second; the others in the weeks before, the most of them on the last days."""
    if situation == "late_by_a_second":
        return city.cutoff + timedelta(seconds=1)
    if situation == "late_by_a_day":
        return city.cutoff + timedelta(days=1, hours=-5)
    days = (9, 0, 3, 0, 1, 6, 0, 2, 1, 4, 0, 7)[at % 12]
    if not days:
        return city.cutoff - timedelta(minutes=7 + 23 * at, seconds=one.seed % 60)
    on = city.cutoff.date() - timedelta(days=days)
    return datetime.combine(on, time(9 + at % 8, one.seed % 60, one.seed % 50), tzinfo=city.cutoff.tzinfo)


def make(city: str, into: Path) -> list[Package]:
    """Writes all packages of a city into a folder; answers in order of arrival. The same bytes each time."""
    home, made = cities.load(city), []
    for at, one in enumerate(home.applicants):
        _, expected, spoil = _SITUATIONS[one.situation]
        own_tables = one.seed % 3 > 0 and one.situation != "perfect"
        draft = spoil(Writer(home, one, own_tables=own_tables))
        first = Package(
            path=_pack(draft, into / f"{at + 1:02d}-{one.key}"),
            sender=one.sender,
            organisation=one.organisation,
            arrives_at=_arrival(home, one, at, one.situation),
            situation=one.situation,
            expected=expected,
            key=one.key,
            merit=one.merit,
            requested=one.requested * 100,
            kinds={paper.name: paper.kind for paper in draft.papers},
        )
        made.append(first)
        if one.situation == "twice":
            again = _pack(draft, into / f"{at + 1:02d}-{one.key}-кайра")
            later = first.arrives_at + timedelta(minutes=4)
            made.append(
                replace(first, path=again, arrives_at=later, situation=_SAME_AGAIN, expected=Expected.SAME_CASE)
            )
        if draft.cure:
            closing = replace(draft, papers=draft.cure, packed="folder")
            made.append(
                replace(
                    first,
                    path=_pack(closing, into / f"{at + 1:02d}-{one.key}-толуктоо"),
                    arrives_at=home.cutoff + draft.cure_after,
                    situation="cure",
                    cure_of=one.sender,
                    kinds={paper.name: paper.kind for paper in draft.cure},
                )
            )
    return sorted(made, key=lambda package: package.arrives_at)
