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
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.contest import Contest
from schemas.customer import Customer, Person
from schemas.document import Document
from schemas.programme import Programme

CITY = tomllib.loads(Path("cli/demo/cities/batken.toml").read_text("utf-8"))
FILE = tomllib.loads(Path("cli/demo/cities/batken-contest.toml").read_text("utf-8"))
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
    lines = [paragraph.text for paragraph in word.element.body.iter("{%s}p" % word.element.nsmap["w"])]
    return "\n".join(lines).replace("\u00a0", " ").replace("\u200b", "")
