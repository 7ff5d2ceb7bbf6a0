"""Letters leave: by SMTP, or into the outbox folder of an office without a mail server. Each once, by its message id."""

import hashlib
import os
import re
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from uuid import UUID

from documents import qr
from flows.office import Office
from flows.papers.report_forms import Form
from flows.steps import reminders, telling
from flows.steps.monitoring.forms import forms_of
from flows.steps.telling import Stamp
from schemas.contract import Contract
from schemas.document import Document
from schemas.doer import CLOCK
from schemas.errors import BadAddress, MailDown
from schemas.event import Act
from schemas.facts import Media
from schemas.outbox import Job, Letter
from schemas.report import Period
from schemas.wording import say
from storage.ledger import Because
from storage.work import Look, looking

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
WITH_FORMS = frozenset({"period_opened", "period_ended", "report_soon", "report_due"})
TYPES = {
    Media.DOCX.value: ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    Media.PDF.value: ("application", "pdf"),
    Media.XLSX.value: ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def send(office: Office, job: Job) -> None:
    """Errand letters.send. Raises MailDown when the mail server does not take it; the letter stays in the outbox.

    A reminder that is no longer true is not sent.
    """
    if reminders.weed(office, job):
        return
    with looking(office.engine, office.system) as look:
        letter = look.get(Letter, job.subject_id)
    told = telling.for_letter(office, letter) if letter.sent_at is None else None
    with looking(office.engine, office.system) as look:
        message = compose(office, look, letter, told)
    if letter.sent_at is None:
        office.whole()  # what leaves can be put on record
        _hand_over(office, letter, message)
    with office.acting(CLOCK, Act.LETTER_SEND) as work:
        letter = work.get(Letter, job.subject_id)
        if letter.sent_at is None:
            letter.sent_at = work.at
            for one in work.all(Letter, digest_id=letter.id, void_at=None):
                one.sent_at = work.at
            because = Because(
                rule="letter", facts={"letter": letter.code, "language": letter.language, "key": letter.key}
            )
            work.record(Act.LETTER_SEND, letter, because=because)
        work.finish(job)


def compose(office: Office, look: Look, letter: Letter, told: Stamp | None = None) -> EmailMessage:
    """The letter in its reader's language, with its papers attached, and the checkpoint that it tells."""
    facts = {"zone": office.settings.zone, **letter.facts}
    message = EmailMessage()
    message["From"] = office.settings.mail_from
    message["To"] = recipient(letter.to)
    message["Subject"] = " ".join(say(f"letter.{letter.code}.subject", letter.language.value, **facts).split())
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{identity(letter)}@ashar>"
    body = say(f"letter.{letter.code}.body", letter.language.value, **facts)
    if told is not None:
        body = f"{body.rstrip()}\n\n—\n{say('form.checkpoint', letter.language.value, line=told.text)}\n"
    message.set_content(body)
    for document in look.all(Document, id=[UUID(one) for one in letter.attachments], order="name"):
        if document.blob_id is not None:
            main, sub = TYPES.get(str(document.facts.get("media")), ("application", "octet-stream"))
            content = office.blobs.read(document.blob_id, office.settings.file_limit, document.sha256)
            message.add_attachment(content, maintype=main, subtype=sub, filename=document.name)
    for form in _forms(look, letter):
        main, sub = TYPES[form.media.value]
        message.add_attachment(form.content, maintype=main, subtype=sub, filename=form.name)
    if told is not None:
        picture: dict[str, Any] = {"filename": f"ashar-{told.size}.png", "disposition": "inline"}
        message.add_attachment(qr.png(told.text), maintype="image", subtype="png", **picture)
    # last, since setting the content and attaching to it take such headers away
    message["Content-Language"] = letter.language.value
    return message


def _forms(look: Look, letter: Letter) -> list[Form]:
    """The forms of the report that a letter asks for, as they are to be filled in on the day it leaves."""
    if letter.code not in WITH_FORMS:
        return []
    told = {"tenant_id": letter.tenant_id, "number": letter.facts.get("number")}
    contract = look.one(Contract, **told)
    period = contract and look.one(Period, contract_id=contract.id, number=letter.facts.get("period"))
    return forms_of(look, period) if period else []


def recipient(told: str) -> Address:
    """One recipient, whatever was told at the door: no second address, no second header, no name that is an address."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in told).split())
    name, address = parseaddr(plain)
    if not _ADDRESS.fullmatch(address) or plain.count("@") > 1:
        return Address(display_name=plain.replace("@", " "))
    return Address(display_name=name, addr_spec=address)


def identity(letter: Letter) -> str:
    return hashlib.sha256(letter.key.encode()).hexdigest()[:32]


def _hand_over(office: Office, letter: Letter, message: EmailMessage) -> None:
    at = office.settings
    if not at.smtp_host:
        _into_folder(office.home / "outbox", identity(letter), message)
        return
    if not _ADDRESS.fullmatch(recipient(letter.to).addr_spec):
        raise BadAddress(letter=str(letter.id))
    try:
        with smtplib.SMTP(at.smtp_host, at.smtp_port, timeout=30) as server:
            if at.smtp_starttls:
                server.starttls()
            if at.smtp_user:
                server.login(at.smtp_user, at.smtp_password.get_secret_value())
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as trouble:
        raise MailDown(letter=str(letter.id), why=type(trouble).__name__) from trouble


def _into_folder(folder: Path, name: str, message: EmailMessage) -> None:
    """The same letter has the same file name: handed over twice it is there once."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{name}.{os.getpid()}"
    draft.write_bytes(bytes(message))
    draft.replace(folder / f"{name}.eml")
