"""A real mail server for the tests: it takes every letter, or refuses as it is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Delivery:
    """A letter as it arrived: the envelope's recipients and the message."""

    recipients: tuple[str, ...]
    message: EmailMessage


class MailServer:
    """Handler and state of a running server; `deliveries` grows as letters arrive."""

    def __init__(self, port: int) -> None:
        self.host, self.port = "127.0.0.1", port
        self.deliveries: list[Delivery] = []
        #: Answer to give instead of taking the letter, such as `451 Try again later`.
        self.refusal: str | None = None

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        return [delivery.message for delivery in self.deliveries]

    def sent_to(self, address: str) -> list[EmailMessage]:
        """The letters that arrived for one address, oldest first."""
        return [delivery.message for delivery in self.deliveries if address in delivery.recipients]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.refusal:
            return self.refusal
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.deliveries.append(Delivery(tuple(envelope.rcpt_tos), message))
        return "250 OK"


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """A mail server on a free port of this machine."""
    server = MailServer(free_port())
    controller = Controller(server, hostname=server.host, port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def free_port() -> int:
    """A TCP port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
