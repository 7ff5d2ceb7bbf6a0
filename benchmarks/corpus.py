"""Packages for the benchmarks: eight files an application, the same bytes for the same seed, no two files alike.

The mix is what an organisation of some years hands in: the city's form and workbook, certificates of a page, a plan, a charter and a yearly
report that a word processor printed to PDF (a charter has some 40 pages; findings: documents, 1c). A few packages
are written as the demo's applicants write them; every further one is a copy whose files differ by a comment that readers pass over, so
that hashing, storing and reading are paid for each. The samples, where they are at hand, stand in for the seventh file of every other package: those with a
text of their own, since text recognition is counted apart.
"""

import io
import random
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.demo import cities, wording
from cli.demo.papers import Writer
from cli.demo.word import word
from cli.demo.wording import Said, Sheet
from documents.convert import to_pdf
from schemas.facts import Kind

CITY = "batken"
# kind, name and pages that it is brought to; None leaves it as it is
MIX: tuple[tuple[Kind, str, int | None], ...] = (
    (Kind.LETTER, "01 арыз.pdf", 1),
    (Kind.PROJECT, "02 билдирме.docx", None),
    (Kind.PLAN, "03 план.pdf", 6),
    (Kind.BUDGET, "04 смета.xlsx", None),
    (Kind.REGISTRATION, "05 күбөлүк.pdf", 1),
    (Kind.CHARTER, "06 устав.pdf", 24),
    (Kind.TAX_CERTIFICATE, "07 салык.pdf", 1),
    (Kind.ANNUAL_REPORT, "16 жылдык отчет.pdf", 16),
)
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
DIGITAL = (
    *("law.pdf", "example.pdf", "cp1251.pdf", "VVP_6_tables.pdf", "doc_with_long_list.pdf"),
    *("tz.docx", "example.docx", "13_moloko_1_polug.docx", "example.xlsx"),
)
LINES_A_PAGE = 26  # clauses of the length that papers have
BASES = 8


def marked(content: bytes, suffix: str, mark: str) -> bytes:
    """The same file with a comment of its own."""
    if suffix == ".pdf":
        at = content.rfind(b"startxref")  # before it, so that no offset changes
        return content[:at] + f"% {mark}\n".encode() + content[at:]
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = mark.encode()
    return out.getvalue()


def _sheet(writer: Writer, kind: Kind) -> Sheet:
    """A yearly report is not among what the demo's applicants write: it is a plan under its own title."""
    if kind is not Kind.ANNUAL_REPORT:
        return writer.sheet(kind)
    return (Said("2025-жыл үчүн жылдык отчет", "title"), *writer.sheet(Kind.PLAN)[1:])


class Corpus:
    """Makes packages on demand into `folder`; `seed` decides which base and which sample each takes."""

    def __init__(self, folder: Path, seed: int = 2018) -> None:
        self.folder = folder
        self.random = random.Random(seed)  # noqa: S311 -- no secret
        home = cities.load(CITY)
        applicants = [replace(one, situation="perfect") for one in home.applicants]
        self.clauses = [
            line.text
            for one in applicants
            for line in (*wording.charter(one), *wording.plan(home, one))
            if isinstance(line, Said) and line.style not in {"title", "head"}
        ]
        self.bases = self._bases([Writer(home, one) for one in applicants[:BASES]])
        self.samples = [SAMPLES / name for name in DIGITAL if (SAMPLES / name).exists()]

    def _bases(self, writers: list[Writer]) -> list[dict[str, bytes]]:
        """The packages that all others are copies of; one call of LibreOffice prints them all."""
        with TemporaryDirectory() as folder:
            sources: dict[Path, tuple[int, str]] = {}
            for at, writer in enumerate(writers):
                for kind, name, pages in MIX:
                    if pages is not None:
                        source = Path(folder) / f"{at}-{kind.value}.docx"
                        source.write_bytes(word(self._long(_sheet(writer, kind), pages)))
                        sources[source] = at, name
            made = to_pdf(list(sources), Path(folder) / "pdf")
            printed = {sources[source]: path.read_bytes() for source, path in made.items()}
        return [
            {name: writer.paper(kind).content if pages is None else printed[at, name] for kind, name, pages in MIX}
            for at, writer in enumerate(writers)
        ]

    def _long(self, sheet: Sheet, pages: int) -> Sheet:
        """The paper with clauses before its signature, in another order each time."""
        more = [Said(f"{at}. {self.random.choice(self.clauses)}") for at in range(1, LINES_A_PAGE * (pages - 1) + 1)]
        return (*sheet[:-1], *more, sheet[-1])

    def package(self, number: int) -> Path:
        """A folder of eight files."""
        place = self.folder / f"{number:06d}"
        place.mkdir(parents=True, exist_ok=True)
        base = self.random.choice(self.bases)
        for at, (name, content) in enumerate(base.items()):
            if MIX[at][0] is Kind.TAX_CERTIFICATE and self.samples and number % 2:
                sample = self.random.choice(self.samples)
                name, content = sample.name, sample.read_bytes()  # noqa: PLW2901
            place.joinpath(name).write_bytes(marked(content, Path(name).suffix, f"{number}-{at}"))
        return place

    def many(self, count: int, start: int = 0) -> list[Path]:
        """So many packages, numbered from `start`."""
        return [self.package(number) for number in range(start, start + count)]

    def clear(self) -> None:
        """Remove what was made."""
        shutil.rmtree(self.folder, ignore_errors=True)
