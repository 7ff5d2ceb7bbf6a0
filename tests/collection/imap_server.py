"""A real IMAP server (Dovecot) for one test module: one mailbox over plain IMAP and IMAPS on loopback."""

import imaplib
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from services import child
from services.certificates import issue

USER, PASSWORD = "reports@batken.example", "kupuya-soz-4"
CONFIG = """
base_dir = {folder}/base
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 1
ssl = yes
ssl_cert = <{folder}/tls/node.pem
ssl_key = <{folder}/tls/node.key
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass
class ImapServer:
    """Started by `start`, stopped by `stop`; `authority` is the file of the authority that signed its certificate."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="ashar-imap-")))
    plain: int = 0
    secure: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def authority(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    def start(self) -> None:
        self.folder.chmod(0o755)
        issue(self.folder / "tls", "127.0.0.1")
        (self.folder / "tls").chmod(0o755)
        for name in ("mail", "home"):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, "mail", "mail")
        self.plain, self.secure = child.free_ports(2)
        config = self.folder / "dovecot.conf"
        config.write_text(CONFIG.format(folder=self.folder, password=PASSWORD, plain=self.plain, secure=self.secure))
        self._process = child.spawn(["dovecot", "-F", "-c", str(config)], cwd=self.folder, log=self.folder / "out")
        assert child.until(self._answers, 20), (self.folder / "log").read_text() + (self.folder / "out").read_text()

    def stop(self) -> None:
        if self._process is not None:
            child.stop(self._process, patience=10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, *mails: bytes | EmailMessage) -> None:
        with self._client() as client:
            for mail in mails:
                client.append("INBOX", "", "", bytes(mail))

    def flags(self) -> list[str]:
        """Flags of each mail, in order."""
        with self._client() as client:
            client.select("INBOX", readonly=True)
            _, told = client.fetch("1:*", "(FLAGS)")
            return [bytes(one).decode() for one in told if one]

    def renumber(self) -> None:
        """The server forgets its numbers: every mail gets a new one, under a new UIDVALIDITY."""
        self.stop_serving()
        for file in (self.folder / "mail").glob("dovecot*"):
            file.unlink()
        (self.folder / "mail" / "dovecot-uidvalidity").unlink(missing_ok=True)
        self.start_serving()

    def stop_serving(self) -> None:
        assert self._process is not None
        child.stop(self._process, patience=10)

    def start_serving(self) -> None:
        config = self.folder / "dovecot.conf"
        self._process = child.spawn(["dovecot", "-F", "-c", str(config)], cwd=self.folder, log=self.folder / "out")
        assert child.until(self._answers, 20)

    def empty(self) -> None:
        with self._client() as client:
            _, told = client.select("INBOX")
            if told == [b"0"]:
                return
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.plain, timeout=10)
        client.login(USER, PASSWORD)
        return client

    def _answers(self) -> bool:
        try:
            with self._client():
                return True
        except (OSError, imaplib.IMAP4.error):
            return False

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))


def mail(
    sender: str, subject: str, files: Sequence[tuple[str, bytes]], *, text: str = "", identity: str = ""
) -> EmailMessage:
    """A mail as a contractor sends it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, USER, subject
    message["Message-ID"] = f"<{identity or abs(hash((sender, subject)))}@ngo.example>"
    message.set_content(text or "Саламатсызбы! Отчёт тиркелди.")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message
