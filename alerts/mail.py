"""A parcel is handed to the mail server, and what that server says of it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
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


def configured(settings: Settings) -> bool:
    """Whether mail can be sent from here; until then it waits."""
    return bool(settings.smtp_host and settings.mail_from)


def send(parcel: Parcel, links: Links, settings: Settings) -> Outcome:
    """Hand a parcel over; never raises what the server or the network does.

    What the server refuses for good (5xx) is this letter or its address; a sender it does not know, or an account, is
    the operator's to mend, and the letter waits.
    """
    target = parcel.claim.target
    try:
        message = letter(parcel, links, str(settings.mail_from), datetime.now(UTC))
        with _server(settings) as server:
            server.send_message(message, parseaddr(str(settings.mail_from))[1], [target])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _refused(f"Le serveur de courrier refuse {target}", code, said)
    except smtplib.SMTPDataError as error:
        return _refused("Le serveur de courrier refuse ce message", error.smtp_code, error.smtp_error)
    except smtplib.SMTPAuthenticationError as error:
        return _away(f"refuse le compte DEPECHES_SMTP_USER ({error.smtp_code})")
    except smtplib.SMTPSenderRefused as error:
        return _away(f"refuse l'expéditeur DEPECHES_MAIL_FROM ({error.smtp_code} {_words(error.smtp_error)})")
    except smtplib.SMTPResponseException as error:
        return _away(f"a répondu {error.smtp_code} {_words(error.smtp_error)}")
    except smtplib.SMTPNotSupportedError:
        return _away(f"ne connaît pas ce que DEPECHES_SMTP_SECURITY={settings.smtp_security} ou le compte demandent")
    except (smtplib.SMTPException, TimeoutError):
        return _away("n'a pas répondu, ou s'est tu")
    except OSError as error:
        return _away(f"ne répond pas ({error.strerror or error})")
    return ACCEPTED


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
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
        yield server
        # The letter is accepted: how the conversation ends changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


def _refused(what: str, code: int, said: bytes | str) -> Outcome:
    return Outcome("bury" if 500 <= code < 600 else "retry", f"{what} : {code} {_words(said)}")


def _away(what: str) -> Outcome:
    return Outcome("retry", f"Le serveur de courrier {what}.", away=True)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:LONGEST_WORDS]
