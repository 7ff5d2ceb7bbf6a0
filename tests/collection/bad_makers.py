"""What the cases of bad reports are made of: a contract whose second period waits, and files that are good but for one thing."""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from email.message import EmailMessage
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from tests.collection.imap_server import mail
from tests.quality import report_files
from tests.quality.report_files import Told

Files = Sequence[tuple[str, bytes]]
Mails = Sequence[EmailMessage | bytes]
STRANGER = "kimdir@pochta.example"
PROGRAMME, FINANCIAL = "Программалык отчёт 2.docx", "Финансылык отчёт 2.xlsx"


@dataclass(frozen=True)
class Bench:
    """A contract whose first period is accepted and whose second waits; `told` is what a good report of it says."""

    number: str
    contractor: str
    told: Told
    starts: date
    ends: date

    def mail(self, files: Files, *, sender: str = "", subject: str | None = None, identity: str = "a") -> EmailMessage:
        about = f"{self.number} период 2" if subject is None else subject
        return mail(sender or self.contractor, about, files, identity=identity)


def papers(told: Told) -> Files:
    """Both reports as a contractor writes them: a Word file and a workbook."""
    return [(PROGRAMME, work(told)), (FINANCIAL, money(told))]


def work(told: Told) -> bytes:
    return report_files.word(told, "ky", "work", ("indicators",))[0]


def money(told: Told) -> bytes:
    return report_files.book(told, "ky")[0]


def says(change: Callable[[Told], Told]) -> Callable[[Bench], Mails]:
    """A good report but for this."""
    return lambda bench: [bench.mail(papers(change(bench.told)))]


def comes_with(*more: tuple[str, bytes]) -> Callable[[Bench], Mails]:
    return lambda bench: [bench.mail([*papers(bench.told), *more])]


def with_money(name: str, make: Callable[[Bench], bytes]) -> Callable[[Bench], Mails]:
    """The programme report is good, the financial one is this file."""
    return lambda bench: [bench.mail([(PROGRAMME, work(bench.told)), (name, make(bench))])]


def on_first_line(told: Told, som: float) -> Told:
    """Another sum on the first line, with its receipt and the balance to match."""
    (name, planned, _), *lines = told.lines
    (number, day, line, _), *receipts = told.receipts
    changed = replace(
        told,
        lines=((name, planned, som), *lines),
        receipts=((number, day, line, som), *receipts) if som > 0 else receipts,
    )
    return replace(changed, cash=(told.cash[0], told.cash[1], told.cash[0] + told.cash[1] - changed.spent))


def zipped(**files: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def locked(bench: Bench) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(report_files.printed(bench.told, "ky")))), BytesIO()
    writer.encrypt("сырсөз", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def damaged(bench: Bench) -> bytes:
    whole = zipfile.ZipFile(BytesIO(money(bench.told)))
    parts = {one: whole.read(one) for one in whole.namelist()}
    return zipped(**{**parts, "xl/workbook.xml": parts["xl/workbook.xml"][:60]})


def raw(bench: Bench, *head: str) -> bytes:
    lines = [f"From: {bench.contractor}", "Message-ID: <raw@ngo.example>", *head, "", "Салам", ""]
    return "\r\n".join(lines).encode()


def photo(day: date | None) -> tuple[str, bytes]:
    return "IMG_1.jpg", report_files.photograph(day)
