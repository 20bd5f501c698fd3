"""Mail over SMTP (RFC 5321), by STARTTLS or TLS, with a Message-ID that is the idempotency key."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Final, Literal

from warmstation_server.clock import Clock
from warmstation_server.notify.curve import Picture, nothing, of_message
from warmstation_server.notify.dialogue import Dialogue, NotSmtp
from warmstation_server.notify.outcome import Outcome, delivered, permanent, retry
from warmstation_server.notify.sender import Message

MAX_BYTES: Final = 200_000
PER_MINUTE: Final = 60
STEP_TIMEOUT_S: Final = 5.0
"""For each line of the dialogue."""
DEADLINE_S: Final = 60.0
"""For all of it: well within a lease."""
_NOT_ASCII = "is not an ASCII address"
Refusal = tuple[int, str, str]
"""Code, recipient, words."""
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whose server, who says it, and to whom."""

    host: str
    port: int
    security: Security
    sender: str
    to: Sequence[str]
    username: str | None = None
    password: str | None = None


class SmtpSender:
    """One connection a message: notices are few, and a connection that waits goes stale."""

    def __init__(
        self,
        mailbox: Mailbox,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = STEP_TIMEOUT_S,
        deadline_s: float = DEADLINE_S,
        picture: Picture = nothing,
    ) -> None:
        self._picture = picture
        self._mailbox = mailbox
        self._clock = clock
        self._tls = tls or ssl.create_default_context()
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s

    def send(self, message: Message, files: Sequence[Path] = ()) -> Outcome:
        """Delivered when the server has taken it, with these files, for one recipient at least."""
        try:
            server = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            return _refused(error.smtp_code, "the server refuses user name or password")
        except smtplib.SMTPNotSupportedError:
            return permanent("smtp", "the server has no STARTTLS or no way to log in")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, _text(error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return retry("unreachable", _cause(error))
        except UnicodeError:
            return permanent("smtp", "the host, the user name or the password is not ASCII")
        try:
            return self._told(server, self._mail(message, files))
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        box = self._mailbox
        deadline = time.monotonic() + self._deadline_s
        tls = self._tls if box.security == "tls" else None
        server = Dialogue(box.host, box.port, deadline, self._timeout_s, tls)
        try:
            if box.security == "starttls":
                server.starttls(context=self._tls)
            server.ehlo_or_helo_if_needed()
            if box.username is not None:
                server.login(box.username, box.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _told(self, server: smtplib.SMTP, mail: bytes) -> Outcome:
        refused: list[Refusal] = []
        if not self._mailbox.sender.isascii():
            return permanent("smtp", f"{self._mailbox.sender} {_NOT_ASCII}")
        try:
            code, said = server.mail(self._mailbox.sender)
            if code >= 300:
                return _refused(code, _text(said))
            for address in self._mailbox.to:
                code, why = _asked(server, address)
                if code >= 300:
                    refused.append((code, address, why))
        except (OSError, smtplib.SMTPException) as error:
            return retry("unreachable", _cause(error))
        if len(refused) == len(self._mailbox.to):
            code, _, why = min(refused)
            return _refused(code, why)
        return self._handed_over(server, mail, refused)

    def _handed_over(
        self, server: smtplib.SMTP, mail: bytes, refused: Sequence[Refusal]
    ) -> Outcome:
        try:
            code, said = server.data(mail)
        except smtplib.SMTPDataError as error:  # refused before anything of the mail was sent
            return _refused(error.smtp_code, _text(error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return retry("unanswered", _cause(error), may_have_arrived=True)
        if code >= 300:
            return _refused(code, _text(said))
        not_told = "; ".join(f"{address}: {code} {why}" for code, address, why in refused)
        return delivered(str(code), f"refused: {not_told}" if refused else "")

    def _mail(self, message: Message, files: Sequence[Path]) -> bytes:
        box, mail = self._mailbox, EmailMessage()
        mail["From"] = box.sender
        mail["To"] = ", ".join(filter(str.isascii, box.to))
        mail["Subject"] = " ".join(message.title.split())
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = f"<{message.key}@{box.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = message.language
        mail.set_content(message.text, cte="base64")  # not every server takes eight bits
        drawn = of_message(message, self._picture)
        if drawn is not None:
            mail.add_attachment(
                drawn, "image", "png", disposition="inline", filename="temperatures.png"
            )
        for file in files:
            kind = guess_type(file.name)[0] or "application/octet-stream"
            maintype, _, subtype = kind.partition("/")
            mail.add_attachment(
                file.read_bytes(), maintype=maintype, subtype=subtype, filename=file.name
            )
        return mail.as_bytes(policy=SMTP)


def _refused(code: int, said: str) -> Outcome:
    """RFC 5321, 4.2.1: 4xx may go another time, 5xx never will."""
    return permanent(str(code), said) if code >= 500 else retry(str(code), said)


def _asked(server: smtplib.SMTP, address: str) -> tuple[int, str]:
    """Its answer to a recipient, or ours: not every server takes addresses beyond ASCII."""
    if not address.isascii():
        return 553, _NOT_ASCII
    code, said = server.rcpt(address)
    return code, _text(said)


def _text(said: bytes | str) -> str:
    return said if isinstance(said, str) else said.decode("utf-8", "replace")


def _cause(error: Exception) -> str:
    if isinstance(error, NotSmtp):
        return "the server does not speak SMTP"
    cause = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    if isinstance(cause, TimeoutError):
        return "it took too long"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return "the server ended the connection" if "closed" in str(error) else type(error).__name__
