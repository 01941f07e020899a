"""Parcels are handed to the mail server, letter after letter in one conversation, and what that server says of each."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr

from alerts.letter import letter
from alerts.links import Links
from alerts.outcome import ACCEPTED, Outcome
from alerts.parcel import Parcel
from engine.config import Settings

# Seconds for each step of the conversation; a server that filters mail thinks for a few.
TIMEOUT = 15.0

PORTS = {"starttls": 587, "tls": 465, "none": 25}

MISSING = "réglez DEPECHES_SMTP_HOST et DEPECHES_MAIL_FROM."

# What a server says is cut here.
LONGEST_WORDS = 200

# What a server says that is about to hang up (RFC 5321, section 3.8).
_CLOSING = 421


def configured(settings: Settings) -> bool:
    """Whether mail can be sent from here; until then it waits."""
    return bool(settings.smtp_host and settings.mail_from)


class Conversation:
    """A conversation with the mail server: begun with the first letter, ended by `close`. Of one thread at a time.

    Greetings, encryption and the account take longer than a letter. A server that ends it (some take so many letters and no
    more) is spoken to anew, once for each letter: what it had not accepted is brought again under the same id.
    """

    def __init__(self, links: Links, settings: Settings) -> None:
        self._links, self._settings = links, settings
        self._sender = str(settings.mail_from)
        self._server: smtplib.SMTP | None = None
        self._letters = 0  # brought in this conversation

    def send(self, parcel: Parcel) -> Outcome:
        """Hand a parcel over; never raises what the server or the network does.

        What the server refuses for good (5xx) is this letter or its address; a sender it does not know, or an account, is
        the operator's to mend, and the letter waits. What is refused of one letter changes nothing for the next.
        """
        target = parcel.claim.target
        message = letter(parcel, self._links, self._sender, datetime.now(UTC))
        try:
            try:
                self._hand_over(message, target)
            except (smtplib.SMTPException, OSError) as error:
                if self._letters < 2 or not _had_enough(error):
                    raise
                self._hang_up()
                self._hand_over(message, target)
        except (smtplib.SMTPException, OSError) as error:
            outcome = _judged(error, target, self._settings)
            self._forget_letter(outcome)
            return outcome
        except BaseException:
            self._hang_up()
            raise
        return ACCEPTED

    def close(self) -> None:
        """Take leave. The letters are accepted: how the conversation ends changes nothing."""
        if self._server:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
        self._hang_up()

    def _hand_over(self, message: EmailMessage, target: str) -> None:
        self._server = self._server or _greeted(self._settings)
        self._letters += 1
        self._server.send_message(message, parseaddr(self._sender)[1], [target])

    def _forget_letter(self, outcome: Outcome) -> None:
        """What was begun of one is nothing to the next."""
        if not self._server:
            return
        try:
            if outcome.away:
                raise smtplib.SMTPServerDisconnected
            self._server.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        if self._server:
            self._server.close()
        self._server, self._letters = None, 0


def _greeted(settings: Settings) -> smtplib.SMTP:
    host, security = str(settings.smtp_host), settings.smtp_security
    port = settings.smtp_port or PORTS[security]
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
        if security == "tls"
        else smtplib.SMTP(host, port, timeout=TIMEOUT)
    )
    try:
        if security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, str(settings.smtp_password))
    except BaseException:
        server.close()
        raise
    return server


def _had_enough(error: Exception) -> bool:
    """Whether a server ended a conversation that had gone well: it hung up, says that it will (421), or takes no other letter
    for now. One that was silent for too long is not asked again at once."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return not isinstance(error.__context__, TimeoutError)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return 400 <= error.smtp_code < 500
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == _CLOSING for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == _CLOSING
    return isinstance(error, ConnectionError)


def _judged(error: Exception, target: str, settings: Settings) -> Outcome:
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
            return _refused(f"Le serveur de courrier refuse {target}", code, said)
        case smtplib.SMTPDataError():
            return _refused("Le serveur de courrier refuse ce message", error.smtp_code, error.smtp_error)
        case smtplib.SMTPAuthenticationError():
            return _away(f"refuse le compte DEPECHES_SMTP_USER ({error.smtp_code})")
        case smtplib.SMTPSenderRefused():
            return _away(f"refuse l'expéditeur DEPECHES_MAIL_FROM ({error.smtp_code} {_words(error.smtp_error)})")
        case smtplib.SMTPResponseException():
            return _away(f"a répondu {error.smtp_code} {_words(error.smtp_error)}")
        case smtplib.SMTPNotSupportedError():
            return _away(
                f"ne connaît pas ce que DEPECHES_SMTP_SECURITY={settings.smtp_security} ou le compte demandent"
            )
        case smtplib.SMTPException() | TimeoutError():
            return _away("n'a pas répondu, ou s'est tu")
    return _away(f"ne répond pas ({getattr(error, 'strerror', None) or error})")


def _refused(what: str, code: int, said: bytes | str) -> Outcome:
    return Outcome("bury" if 500 <= code < 600 else "retry", f"{what} : {code} {_words(said)}")


def _away(what: str) -> Outcome:
    return Outcome("retry", f"Le serveur de courrier {what}.", away=True)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:LONGEST_WORDS]
