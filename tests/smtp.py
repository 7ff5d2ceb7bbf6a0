"""A mail server that answers what it is told to, for tests of letters that leave."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from services.child import free_ports


class Peer:
    """What it takes is kept; `answers` are given one by one, then it takes everything."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.taken: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return answer


@contextmanager
def listening(peer: Peer) -> Iterator[Controller]:
    controller = Controller(peer, hostname="127.0.0.1", port=free_ports(1)[0])
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


def body(message: EmailMessage) -> str:
    part = message.get_body()
    assert part is not None
    return part.get_content()
