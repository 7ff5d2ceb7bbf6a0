"""A labelled file: its bytes, what a careful person would say of it, and how it was made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from openpyxl import Workbook

from cli.demo import printing, scan
from cli.demo.archives import settled
from cli.demo.word import word
from cli.demo.wording import Fields, Rows, Said, Sheet
from schemas.facts import Fault, Kind, Seen

SIGHTED = (Seen.SEEN, Seen.NOT_SEEN)


@dataclass(frozen=True)
class File:
    """One file of the set. What is None or absent is not asked; `closed`: `values` are all that the paper states."""

    name: str
    make: Callable[[], bytes] = field(repr=False)
    kind: Kind | None
    language: str
    medium: str
    wording: str  # whose words: the city's forms, the demo's papers, another office, none
    recipe: str
    values: dict[str, str | int] = field(default_factory=dict)
    closed: bool = False
    faults: frozenset[Fault] = frozenset()
    signed: Seen | None = None
    adds_up: bool | None = None

    @property
    def scanned(self) -> bool:
        """Whether it is read by text recognition only."""
        return self.medium in ("scan", "photograph")

    def row(self) -> tuple[str, ...]:
        """A line of the manifest."""
        told = "; ".join(f"{key}={value}" for key, value in self.values.items())
        adds = "" if self.adds_up is None else "yes" if self.adds_up else "no"
        faults = " ".join(sorted(fault.value for fault in self.faults))
        return (
            *(self.name, self.kind.value if self.kind else "", self.language, self.medium, self.wording),
            *(faults, self.signed.value if self.signed else "", adds, told, self.recipe),
        )


HEADER = ("file", "kind", "language", "medium", "wording", "faults", "signed", "adds up", "values", "recipe")


def _cell(text: str) -> str | int:
    plain = text.replace(" ", "").replace("\u00a0", "").replace(",", "")
    return int(plain) if plain.isdigit() and len(plain) < 9 else text


def book(sheet: Sheet) -> bytes:
    """A paper typed into a workbook: figures are numbers, sums have no formulas."""
    workbook = Workbook()
    page = workbook.active
    assert page is not None
    for block in sheet:
        match block:
            case Said(text, _):
                page.append([text])
            case Fields(rows):
                for row in rows:
                    page.append(list(row))
            case Rows(header, rows):
                for row in (header, *rows):
                    page.append([_cell(text) for text in row])
            case _:
                page.append([block.label, None, block.name])
    out = BytesIO()
    workbook.save(out)
    return settled(out.getvalue())


def plain_text(sheet: Sheet) -> bytes:
    """A paper typed in a text editor."""
    lines: list[str] = []
    for block in sheet:
        match block:
            case Said(text, _):
                lines.append(text)
            case Rows(header, rows):
                lines += ["\t".join(row) for row in (header, *rows)]
            case Fields(rows):
                lines += [f"{label}: {value}" for label, value in rows]
            case _:
                lines.append(f"{block.label}: ________ {block.name}")
    return "\n".join(lines).encode()


MAKERS: dict[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "docx": ("docx", word),
    "pdf": ("pdf", printing.pdf),
    "xlsx": ("xlsx", book),
    "txt": ("txt", plain_text),
    "scan": ("pdf", scan.scan),
    "photograph": ("jpg", scan.photograph),
}
