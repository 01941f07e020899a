"""A mail server that the tests run on this machine (aiosmtpd), as strict as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_port

TAKEN = "250 OK"


@dataclass(slots=True)
class PostOffice:
    """`taken`: the letters accepted; `asked`: how many were brought; `conversations`: in how many."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    asked: int = 0
    conversations: int = 0

    @property
    def ids(self) -> list[str]:
        return [str(each["Message-ID"]) for each in self.taken]


@contextmanager
def post_office(
    answer: Callable[[int], str] = lambda _: TAKEN,
    recipient: Callable[[str], str] = lambda _: TAKEN,
    sender: Callable[[int], str | None] = lambda _: TAKEN,
) -> Iterator[PostOffice]:
    """A server for the length of the block.

    Args:
        answer: to a letter, given how many were brought, from 1.
        recipient: to an address.
        sender: to the beginning of a letter, given how many this conversation had before; None: it hangs up.
    """
    found = PostOffice()

    class Handler:
        async def handle_EHLO(
            self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
        ) -> list[str]:
            found.conversations += 1
            session.host_name, session.letters = hostname, 0
            return responses

        async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:
            said = sender(session.letters)
            session.letters += 1
            if said is None:
                server.transport.abort()
            if said == TAKEN:
                envelope.mail_from = address
            return said or TAKEN

        async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
            said = recipient(address)
            if said == TAKEN:
                envelope.rcpt_tos.append(address)
            return said

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            found.asked += 1
            said = answer(found.asked)
            if said == TAKEN:
                found.taken.append(message_from_bytes(envelope.content, policy=policy.default))
            return said

    found.port = free_port()  # the controller calls its own port to see that it is there
    controller = Controller(Handler(), hostname="127.0.0.1", port=found.port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()
