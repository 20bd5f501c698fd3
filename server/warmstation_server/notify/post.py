"""Mail with files, over a channel of notify.toml. For exports; alerts go through the drain."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from warmstation_server.clock import Clock
from warmstation_server.errors import BadConfig
from warmstation_server.notify.assembly import mail_sender
from warmstation_server.notify.config import SmtpChannel, check, secret
from warmstation_server.notify.errors import NotifyError
from warmstation_server.notify.sender import Message


class NotMailed(NotifyError):
    """The mail server did not take it; may be tried again."""


def mail_files(
    path: Path, channel: str, to: Sequence[str], clock: Clock
) -> Callable[[str, Sequence[Path]], None]:
    """Sends files to these addresses, or to the channel's own; BadConfig where it cannot be."""
    known = check(path).channels.get(channel)
    if not isinstance(known, SmtpChannel):
        raise BadConfig(f"exports.mail_channel: {path} has no smtp channel {channel}")
    box = known.model_copy(update={"to": tuple(to)}) if to else known

    def read(key: str, file: Path | None, variable: str | None) -> str | None:
        return secret(f"channels.{channel}.{key}", file, variable, path.parent, os.environ)

    sender = mail_sender(channel, box, read, path.parent, clock)

    def send(subject: str, files: Sequence[Path]) -> None:
        text = "\n".join(file.name for file in files)
        key = hashlib.blake2b(f"{subject}\n{text}".encode(), digest_size=12).hexdigest()
        message = Message(key, subject, text, "plain", "zh-CN", may_repeat=True, notices=())
        outcome = sender.send(message, files)
        if outcome.kind != "delivered":
            raise NotMailed(f"the mail server said {outcome.code}: {outcome.detail}")

    return send
