"""Packages of a few PDF files, printed as applicants print them; made once and read many times."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cli.demo import cities, printing
from cli.demo.papers import NAMES, Writer, _label
from cli.demo.wording import Rows, Said, Sheet, signature
from schemas.facts import Kind

CITY = "batken"
INDICATORS = ("Көрсөткүч", "Бирдиги", "Баштапкы мааниси", "Максаттуу мааниси")
COSTS = (
    *("№", "Чыгымдын аталышы", "Өлчөө бирдиги", "Саны", "Бирдиктин баасы"),
    *("Жалпы сумма", "МСЗ каражаты", "Уюмдун салымы"),
)


@dataclass(frozen=True)
class Package:
    """What comes to the door, and when."""

    path: Path
    sender: str
    arrives_at: datetime


def _project(writer: Writer) -> Sheet:
    one = writer.one
    told = [(_label(key, one.language), value) for key, value in writer._values().items()]
    rows = tuple((line.name, line.unit, str(line.baseline), str(line.target)) for line in one.indicators)
    return (
        Said("КОНКУРСТУК БИЛДИРМЕ", "title"),
        Rows(told[0], tuple(told[1:])),
        Said("Көрсөткүчтөр", "head"),
        Rows(INDICATORS, rows),
        signature(one, writer.wish),
    )


def _budget(writer: Writer) -> Sheet:
    rows = [
        (
            str(number),
            cost.name,
            cost.unit,
            *map(str, (cost.quantity, cost.price, cost.total, cost.total - cost.own, cost.own)),
        )
        for number, cost in enumerate(writer.one.budget, 1)
    ]
    one = writer.one
    rows.append(("", "Жыйынтыгы", "", "", "", str(one.total), str(one.requested), str(one.own)))
    return (Said("ДОЛБООРДУН СМЕТАСЫ", "title"), Rows(COSTS, tuple(rows)))


def _printed(writer: Writer, kind: Kind) -> bytes:
    made = {Kind.PROJECT: _project, Kind.BUDGET: _budget}.get(kind)
    return printing.pdf(made(writer) if made else writer.sheet(kind))


class Counter:
    """Makes the packages of an applicant under a folder, the same files once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.city = cities.load(CITY)

    def package(
        self, key: str, *, without: tuple[Kind, ...] = (), only: tuple[Kind, ...] = (), as_word: tuple[Kind, ...] = ()
    ) -> Package:
        """The papers of the applicant of that key. `as_word` come as he typed them, the rest as PDF."""
        one = replace(next(one for one in self.city.applicants if one.key == key), situation="perfect")
        writer = Writer(self.city, one)
        kinds = [kind for kind in writer.kinds() if kind not in without and (not only or kind in only)]
        marks = [
            f"{mark}{kind.value}" for mark, given in zip("-+~", (without, only, as_word), strict=True) for kind in given
        ]
        place = self.folder / "".join([key, *marks])
        if not place.is_dir():
            place.mkdir(parents=True)
            for kind in kinds:
                if kind in as_word:
                    paper = writer.paper(kind)
                    place.joinpath(paper.name).write_bytes(paper.content)
                else:
                    place.joinpath(f"{NAMES['kyrgyz'][kind]}.pdf").write_bytes(_printed(writer, kind))
        return Package(place, one.sender, self.city.cutoff - timedelta(days=2))
