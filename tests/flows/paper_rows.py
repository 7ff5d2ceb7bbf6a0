"""The case of Batken as rows, none of them in a database: an order of fifty thousand som about rubbish."""

import io
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from docx import Document as Word
from docx.document import Document as WordDocument

from documents.draft import draft
from documents.papers import Paper
from rules.packs import load
from rules.periods import Agreed
from rules.periods import plan as plan_periods
from rules.tranches import plan as plan_tranches
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import Background, Declaration, Item, ItemStatus, Member, Seat, Sheet, Sitting
from schemas.contest import Contest
from schemas.contract import Contract, Tranche
from schemas.customer import Customer, Person
from schemas.document import Document
from schemas.programme import Programme
from schemas.report import Period

CITIES = Path(__file__).parents[2] / "cli" / "demo" / "cities"
CITY = tomllib.loads((CITIES / "batken.toml").read_text("utf-8"))
FILE = tomllib.loads((CITIES / "batken-contest.toml").read_text("utf-8"))
PACK = load("kg-814-2017")

CUSTOMER = Customer(
    code="batken",
    name=CITY["name"],
    city=CITY["city"],
    requisites="post.ky: Баткен шаарынын мэри\npost.ru: Мэр города Баткен\n"
    + "".join(f"address.{language}: {said}\n" for language, said in CITY["requisites"]["address"].items())
    + "".join(f"{key}: {CITY['requisites'][key]}\n" for key in ("inn", "okpo", "bik", "account", "phone", "email"))
    + f"bank.ky: {CITY['requisites']['bank']['ky']}\n",
)
HEAD = Person(login="batken.head", name="Нурматов Акылбек Сапарович")
FINANCE = Person(login="batken.finance", name="Мамасадыков Данияр Эргешович")
SECRETARY = Person(login="batken.secretary", name="Жоробекова Айнура Кубанычевна")
PROGRAMME = Programme(
    problem_id=UUID(int=1),
    title=CITY["programme"]["title"],
    budget_line=CITY["programme"]["budget_line"],
    amount=5_000_000,
    starts=date(2018, 9, 1),
    ends=date(2019, 6, 30),
)
CONTEST = Contest(
    id=UUID(int=2),
    programme_id=UUID(int=1),
    number=FILE["number"],
    title=FILE["title"],
    goal=FILE["goal"],
    tasks=FILE["tasks"],
    problem=FILE["problem"],
    themes=[{"code": "B1", "title": FILE["themes"][0]["title"], "ceiling": 5_000_000}],
    budget=5_000_000,
    announced_on=date(2018, 7, 2),
    cutoff=datetime(2018, 8, 3, 11, 0, tzinfo=UTC),
    zone="Asia/Bishkek",
    project_starts=date(2018, 10, 1),
    project_ends=date(2019, 3, 31),
    pack=PACK.id,
    pack_version=PACK.version,
    pack_sha256=PACK.sha256,
)
ORGANISATION = Organisation(
    id=UUID(int=3),
    name="«Таза Көчө» коомдук фонду",
    inn="01707201410029",
    okpo="28411234",
    address="Баткен шаары, Нур көчөсү, 12",
    head="Эшматова Гүлнара Өскөновна",
    bank_account="1350100020003000",
    phone="+996 555 10 20 30",
    email="taza@kocho.example",
)


def application(number: int = 1, **changed: object) -> Application:
    given: dict[str, object] = {
        "id": UUID(int=100 + number),
        "contest_id": CONTEST.id,
        "organisation_id": ORGANISATION.id,
        "number": number,
        "sender": ORGANISATION.name,
        "received_at": datetime(2018, 8, 2, 5, 15, tzinfo=UTC),
        "package_sha256": "ab" * 32,
        "theme": "B1",
        "title": "Таштанды – биздин колубузда",
        "requested": 4_900_000,
        "own_contribution": 600_000,
        "status": ApplicationStatus.WINNER,
    }
    return Application(**given | changed)  # pyright: ignore[reportArgumentType]


def file(name: str, size: int = 48_211) -> Document:
    return Document(subject_id=UUID(int=101), name=name, sha256="60303ae22b998861" * 4, size=size)


def said(paper: Paper) -> str:
    """All text of the drafted paper, with plain spaces."""
    word: WordDocument = Word(io.BytesIO(draft(paper)))
    lines = [paragraph.text for paragraph in word.element.body.iter(f"{{{word.element.nsmap['w']}}}p")]
    return "\n".join(lines).replace("\u00a0", " ").replace("\u200b", "")


UNWORDED = ("paper.", "pack.", "calendar.", "condition.", "status.", "kind.", "seat.", "background.", "⟨", "None")


def no_code_shows(text: str) -> bool:
    """Everything was worded: no key of the catalog stands in the paper."""
    return not [each for each in UNWORDED if each in text]


# -- the commission ---------------------------------------------------------------------------------------------------

SEATS = {one["person"]: one for one in CITY["commission"]}
MEMBERS = [
    (
        Member(
            id=UUID(int=200 + number),
            contest_id=CONTEST.id,
            person_id=UUID(int=300 + number),
            seat=Seat(SEATS[one["login"]]["seat"]),
            background=Background(SEATS[one["login"]]["background"]),
        ),
        Person(id=UUID(int=300 + number), login=one["login"], name=one["name"]),
    )
    for number, one in enumerate((each for each in CITY["people"] if each["login"] in SEATS), 1)
]
RECUSED = MEMBERS[2][0]
PRESENT = [str(member.id) for member, _ in MEMBERS if member is not MEMBERS[5][0]]
SITTING = Sitting(
    id=UUID(int=4),
    contest_id=CONTEST.id,
    at=datetime(2018, 8, 24, 4, 0, tzinfo=UTC),
    place="Мэриянын чоң залы",
    present=PRESENT,
)
OTHERS = {
    2: ("«Жашыл Кыштак» коомдук бирикмеси", "Компост – бай топурак"),
    3: ("«Өнүгүү & Үмүт» коомдук фонду", "Таза арык – таза шаар"),
}


def ranked() -> list[Application]:
    """The winner, one in reserve, and one that the commission did not recommend."""
    first = application(1, place=1, score=8150, ground="above_cut")
    second = application(
        2, place=2, score=7425, ground="no_award_left", title=OTHERS[2][1], status=ApplicationStatus.RESERVE,
        organisation_id=UUID(int=402), requested=4_750_050,
    )  # fmt: skip
    third = application(
        3, score=4210, ground="not_recommended", title=OTHERS[3][1], status=ApplicationStatus.PASSED_OVER,
        organisation_id=None, sender=OTHERS[3][0],
    )  # fmt: skip
    return [first, second, third]


def agenda() -> list[Item]:
    """Six members; on the second item one stands aside, on the third the chair's vote decides."""
    shared = {"sitting_id": SITTING.id}
    return [
        Item(**shared, application_id=UUID(int=101), position=1, entitled=6, present=5, needed=4, votes_for=5,
             reason="эң жогорку балл, чечим чыгармачыл", status=ItemStatus.RECOMMENDED),
        Item(**shared, application_id=UUID(int=102), position=2, entitled=5, present=4, needed=4, votes_for=3,
             votes_abstain=1, recused=[str(RECUSED.id)], reason="долбоор туруктуу", status=ItemStatus.RECOMMENDED),
        Item(**shared, application_id=UUID(int=103), position=3, entitled=6, present=5, needed=4, votes_for=2,
             votes_against=2, votes_abstain=1, casting_vote=True, reason="чыгымдар негизделген эмес",
             status=ItemStatus.NOT_RECOMMENDED),
    ]  # fmt: skip


def sheets() -> list[Sheet]:
    """Two for each; the first member abstains on own contribution."""
    codes = list(PACK.criteria)
    return [
        Sheet(
            application_id=UUID(int=100 + case),
            member_id=member.id,
            points={code: None if code == "contribution" and index == 0 else 5 - case + index for code in codes},
            total=0,
        )
        for case in (1, 2, 3)
        for index, (member, _) in enumerate(MEMBERS[:2])
    ]


def declared(reason: str = "Арыз ээсинин жетекчиси – бир тууган агам", found: tuple[str, ...] = ()) -> Declaration:
    return Declaration(
        contest_id=CONTEST.id,
        member_id=RECUSED.id,
        application_id=UUID(int=102),
        conflict=True,
        reason=reason,
        found=list(found),
    )


# -- the contract -----------------------------------------------------------------------------------------------------


def contract(**changed: object) -> Contract:
    given: dict[str, object] = {
        "id": UUID(int=5),
        "application_id": UUID(int=101),
        "organisation_id": ORGANISATION.id,
        "number": "BATKEN-2018-1/1",
        "amount": 4_900_000,
        "own_contribution": 600_000,
        "starts": date(2018, 10, 1),
        "ends": date(2019, 3, 31),
        "lines": [
            {"name": "Иргөө үчүн контейнерлер", "total": 3_000_000, "requested": 2_600_000, "own": 400_000},
            {"name": "Мектептердеги сабактар", "total": 1_500_000, "requested": 1_300_000, "own": 200_000},
            {"name": "Координатордун эмгек акысы", "total": 1_000_000, "requested": 1_000_000, "own": 0},
        ],
        "indicators": [
            {"name": "Таштандыны иргеген үй-бүлөлөр", "unit": "үй-бүлө", "baseline": 125, "target": 400},
            {"name": "Окутулган окуучулар", "unit": "адам", "target": 600},
        ],
        "signed_on": date(2018, 9, 20),
    }
    return Contract(**given | changed)  # pyright: ignore[reportArgumentType]


def tranches() -> list[Tranche]:
    return [
        Tranche(contract_id=UUID(int=5), number=number, amount=part.amount, after_period=part.after_period,
                conditions=list(part.conditions))
        for number, part in enumerate(plan_tranches(PACK, 4_900_000), 1)
    ]  # fmt: skip


def periods(**last: object) -> list[Period]:
    """Two quarters; `last` changes the second."""
    planned = plan_periods(PACK, Agreed(date(2018, 10, 1), date(2019, 3, 31)))
    made = [
        Period(id=UUID(int=500 + one.number), contract_id=UUID(int=5), number=one.number, of=len(planned),
               starts=one.starts, ends=one.ends, due=one.due, final=one.final)
        for one in planned
    ]  # fmt: skip
    for name, value in last.items():
        setattr(made[-1], name, value)
    return made
