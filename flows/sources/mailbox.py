"""A mailbox for reports, read by IMAP4rev1 (RFC 3501). Mails stay where they are; those taken are marked as seen."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.header import decode_header
from email.utils import parseaddr
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from imap_tools import (
    AND,
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessage,
    MailMessageFlags,
)

from flows.sources import Arrival, Listed
from schemas.collection import Mailbox, Mark
from schemas.errors import SourceDown

SECONDS = 60  # for each answer of the server
BODY = 4_000  # characters of the text in which a contract is looked for
LONGEST = 200  # bytes of a file's name; a file system allows 255
ORIGINAL = "mail.eml"  # a mail that cannot be taken apart, as it came
_TAGS = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_FROM = re.compile(rb"^From:((?:.*\n[ \t])*.*)$", re.IGNORECASE | re.MULTILINE)
_FAILURES = (ImapToolsError, imaplib.IMAP4.error, OSError, socket.timeout)


class MailInbox:
    """One opened mailbox; `limit` is the largest mail that is fetched, in bytes."""

    def __init__(self, box: BaseMailBox, source: Mailbox, limit: int) -> None:
        self._box, self._source, self._limit = box, source, limit
        self.epoch = int(box.folder.status(source.folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def listed(self, mark: Mark | None, /) -> list[Listed]:
        """Mails with a greater number than the mark's; all of them where the server numbered anew."""
        last = mark.last if mark is not None and mark.epoch == self.epoch else 0
        with self._answering():
            # "n:*" always names the newest mail, even one that was taken
            numbers = sorted(int(uid) for uid in self._box.uids(AND(uid=f"{last + 1}:*")) if int(uid) > last)
        return [Listed(f"{self.epoch} {number}", f"UID {number}", at=number) for number in numbers]

    def opened(self, one: Listed, folder: Path, /) -> Arrival | None:
        """Its attachments. What the library cannot take apart is one file, the mail as it came."""
        told = _SIZE.search(b" ".join(_bytes(self._asked(one.at, "(RFC822.SIZE)"))))
        if told is None:
            return None  # somebody deleted it meanwhile
        size = int(told[1])
        whole = size <= self._limit
        raw = self._asked(one.at, "(BODY.PEEK[])" if whole else "(BODY.PEEK[HEADER])")
        content = next((part[1] for part in raw if isinstance(part, tuple) and b"BODY[" in part[0]), None)
        if content is None:
            return None
        try:
            return _arrival(MailMessage.from_bytes(content), folder, too_large=0 if whole else size)
        except Exception as fault:  # noqa: BLE001 -- whatever somebody sends: the mails behind it are others' reports
            for left in folder.iterdir():
                left.unlink()
            if whole:
                (folder / ORIGINAL).write_bytes(content)
            return Arrival(
                folder,
                about="",
                sender=_sender(content),
                reference=sha256(content).hexdigest(),
                too_large=0 if whole else size,
                broken=type(fault).__name__,
            )

    def taken(self, one: Listed, /) -> bool:
        # The mark remembers; the flag is for people who look into the mailbox.
        with suppress(*_FAILURES):
            self._box.flag(str(one.at), MailMessageFlags.SEEN, value=True)
        return True

    def _asked(self, number: int, what: str) -> list[Any]:
        with self._answering():
            told, answer = self._box.client.uid("fetch", str(number), what)
            if told != "OK":
                raise imaplib.IMAP4.error(what)
        return answer

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except _FAILURES as trouble:
            raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble


def _bytes(answer: list[Any]) -> Iterator[bytes]:
    for part in answer:
        if isinstance(part, bytes):
            yield part
        elif isinstance(part, tuple):
            yield part[0]


def _arrival(mail: MailMessage, folder: Path, *, too_large: int) -> Arrival:
    text = "" if too_large else (mail.text or _TAGS.sub(" ", mail.html))[:BODY]
    subject = _subject(mail)
    identity = "".join(mail.headers.get("message-id") or ()).strip() or f"{mail.date_str} {mail.from_} {subject}"
    for at, attachment in enumerate(() if too_large else mail.attachments, 1):
        if attachment.payload:
            _free(folder, _name(attachment.filename, at)).write_bytes(attachment.payload)
    return Arrival(
        folder=folder,
        about=f"{subject}\n{text}",
        subject=subject,
        sender=mail.from_,
        reference=identity,
        too_large=too_large,
    )


def _subject(mail: MailMessage) -> str:
    """The subject; bytes that name no alphabet are read as UTF-8, or else as Windows writes Cyrillic."""
    parts = decode_header(mail.obj.get("subject") or "")
    return "".join(one if isinstance(one, str) else _read(one, charset) for one, charset in parts)


def _read(text: bytes, charset: str | None) -> str:
    for one, errors in ((charset or "utf-8", "replace" if charset else "strict"), ("utf-8", "strict")):
        with suppress(LookupError, ValueError):
            return text.decode(one, errors)
    return text.decode("cp1251", "replace")


def _sender(raw: bytes) -> str:
    """The address in a head that could not be taken apart; empty where none is plain."""
    found = _FROM.search(raw[:100_000].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0])
    address = parseaddr(found[1].decode("ascii", "ignore"))[1] if found else ""
    return address if "@" in address else ""


def _name(given: str, at: int) -> str:
    """An attachment's name as the name of one file in one folder."""
    plain = "".join(one for one in PurePosixPath(given.replace("\\", "/")).name if one.isprintable())
    return plain.encode()[-LONGEST:].decode("utf-8", "ignore").strip(" .") or f"{at}"


def _free(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    names = [name, *(f"{path.stem} ({at}){path.suffix}" for at in range(2, 1000))]
    return next(folder / one for one in names if not (folder / one).exists())


def _connected(source: Mailbox) -> BaseMailBox:
    if source.security == "none":
        return MailBoxUnencrypted(source.host, source.port, timeout=SECONDS)
    kind = MailBox if source.security == "tls" else MailBoxStartTls
    # Without a context of ours the standard library would take any certificate.
    return kind(source.host, source.port, timeout=SECONDS, ssl_context=ssl.create_default_context())


@contextmanager
def opened(source: Mailbox, limit: int) -> Iterator[MailInbox]:
    """Log in and choose the folder. Raises SourceDown."""
    try:
        box = _connected(source)
    except _FAILURES as trouble:
        raise SourceDown(source=source.name, why=type(trouble).__name__) from trouble
    try:
        try:
            box.login(source.user, source.password.get_secret_value(), initial_folder=source.folder)
            inbox = MailInbox(box, source, limit)
        except _FAILURES as trouble:
            raise SourceDown(source=source.name, why=type(trouble).__name__) from trouble
        yield inbox
    finally:
        with suppress(*_FAILURES):
            box.logout()
