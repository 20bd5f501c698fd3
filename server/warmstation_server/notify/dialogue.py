"""A dialogue with an SMTP server that ends, however the server behaves. For the mail sender."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
from typing import Any

from warmstation_server.deadline import Reader, left, send

MAX_SAID_BYTES = 65_536
"""Of all that a server says; a dialogue is a dozen lines."""


class NotSmtp(smtplib.SMTPServerDisconnected):
    """It said something that is no answer of SMTP's: nobody knows what it has done."""


class Dialogue(smtplib.SMTP):
    """Each piece that is heard within `step_s`, and all before the deadline.

    `tls`: from the first byte, None where STARTTLS or nothing follows.
    """

    def __init__(
        self, host: str, port: int, deadline: float, step_s: float, tls: ssl.SSLContext | None
    ) -> None:
        self._deadline = deadline
        self._step_s = step_s
        self._tls = tls
        super().__init__(host, port, timeout=step_s)

    def connect(
        self, host: str = "localhost", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        """See SMTP."""
        wait_s = min(left(self._deadline), self._step_s)
        self.sock = socket.create_connection((host, port), wait_s, source_address)
        self.file = None
        if self._tls is not None:
            try:
                self.sock = self._tls.wrap_socket(self.sock, server_hostname=host)
            except BaseException:
                self.close()
                raise
        return self.getreply()

    def getreply(self) -> tuple[int, bytes]:
        """See SMTP. NotSmtp where the answer has no code."""
        if self.file is None and self.sock is not None:
            heard = Reader(self.sock, self._deadline, self._step_s, MAX_SAID_BYTES)
            self.file = io.BufferedReader(heard)
        try:
            code, said = super().getreply()
        except smtplib.SMTPResponseException as error:  # a line without end, not a refusal
            raise NotSmtp(str(error.smtp_error)) from None
        if not 200 <= code < 600:
            self.close()
            raise NotSmtp(f"code {code}")
        return code, said

    def send(self, s: Any) -> None:
        """See SMTP."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("closed before")
        data = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        try:
            send(self.sock, data, self._deadline)
        except OSError:
            self.close()
            raise
