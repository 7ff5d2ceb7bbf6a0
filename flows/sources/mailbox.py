"""A mailbox for reports, read by IMAP4rev1 (RFC 3501). Mails stay where they are; those taken are marked as seen."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

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

from flows.sources import Arrival
from schemas.collection import Mailbox, Mark
from schemas.errors import SourceDown

SECONDS = 60  # for each answer of the server
BODY = 4_000  # characters of the text in which a contract is looked for
_TAGS = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_FAILURES = (ImapToolsError, imaplib.IMAP4.error, OSError, socket.timeout)


class MailInbox:
    """One opened mailbox; `limit` is the largest mail that is fetched, in bytes."""

    def __init__(self, box: BaseMailBox, source: Mailbox, limit: int) -> None:
        self._box, self._source, self._limit = box, source, limit
        self.epoch = int(box.folder.status(source.folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def arrivals(self, mark: Mark | None, spool: Path, /) -> Iterator[Arrival]:
        """Mails with a greater number than the mark's; all of them where the server numbered anew."""
        last = mark.last if mark is not None and mark.epoch == self.epoch else 0
        try:
            # "n:*" always names the newest mail, even one that was taken
            numbers = sorted(int(uid) for uid in self._box.uids(AND(uid=f"{last + 1}:*")) if int(uid) > last)
            for number in numbers:
                with TemporaryDirectory(dir=spool) as folder:
                    arrival = self._arrival(number, Path(folder))
                    if arrival is not None:
                        yield arrival
        except _FAILURES as trouble:
            raise SourceDown(source=self._source.name, why=type(trouble).__name__) from trouble

    def taken(self, arrival: Arrival) -> None:
        # The mark remembers; the flag is for people who look into the mailbox.
        with suppress(*_FAILURES):
            self._box.flag(str(arrival.at), MailMessageFlags.SEEN, value=True)

    def _arrival(self, number: int, folder: Path) -> Arrival | None:
        head = self._one(number, headers_only=True)
        if head is None:
            return None  # somebody deleted it meanwhile
        if head.size_rfc822 > self._limit:
            return _arrival(head, number, folder, too_large=head.size_rfc822)
        whole = self._one(number, headers_only=False)
        if whole is None:
            return None
        for at, attachment in enumerate(whole.attachments, 1):
            if attachment.payload:
                _free(folder, _name(attachment.filename, at)).write_bytes(attachment.payload)
        return _arrival(whole, number, folder)

    def _one(self, number: int, *, headers_only: bool) -> MailMessage | None:
        asked = AND(uid=str(number))
        return next(iter(self._box.fetch(asked, mark_seen=False, headers_only=headers_only, bulk=True)), None)


def _arrival(mail: MailMessage, number: int, folder: Path, *, too_large: int = 0) -> Arrival:
    text = "" if too_large else (mail.text or _TAGS.sub(" ", mail.html))[:BODY]
    identity = "".join(mail.headers.get("message-id") or ()).strip() or f"{mail.date_str} {mail.from_} {mail.subject}"
    return Arrival(
        folder=folder,
        about=f"{mail.subject}\n{text}",
        subject=mail.subject,
        sender=mail.from_,
        reference=identity,
        at=number,
        too_large=too_large,
    )


def _name(given: str, at: int) -> str:
    """An attachment's name as the name of one file in one folder."""
    plain = "".join(one for one in PurePosixPath(given.replace("\\", "/")).name if one.isprintable())
    return plain.strip(" .")[-150:] or f"{at}"


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
