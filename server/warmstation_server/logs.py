"""What the server says on stderr: one line an event, as text or as JSON, and no secrets.

`configure` is for whoever starts a server; a supervisor (systemd, a container engine) keeps it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection
from datetime import UTC, datetime

from warmstation_server.sections import LogSection
from warmstation_wire import rfc3339

HIDDEN = "***"
_SHORTEST = 4
"""What is shorter is no secret, and would blank half of every line."""
_IN_ADDRESS = re.compile(r"(?<=://)([^\s/:@]*):([^\s/@]+)@")
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_FOR_TERMINALS = frozenset({"color_message"})
"""What uvicorn says once more, with colours."""


def configure(section: LogSection, secrets: Collection[str] = ()) -> None:
    """All loggers of this process, from now on; `secrets` are never printed."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(section, secrets))
    logging.basicConfig(level=section.level.upper(), handlers=[handler], force=True)


def formatter(section: LogSection, secrets: Collection[str] = ()) -> logging.Formatter:
    """The one that the section asks for."""
    return (Json if section.format == "json" else Text)(secrets)


class Text(logging.Formatter):
    """For people: `2026-11-22 01:38:00,000 INFO logger words`; line breaks are written as \\n."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._hide = _Hiding(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The event's line."""
        return self._hide(super().format(record)).replace("\r", "\\r").replace("\n", "\\n")


class Json(logging.Formatter):
    """For programs: time, level, logger, thread, event; `error` with its trace; `extra` keys."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._hide = _Hiding(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The event's line."""
        said: dict[str, object] = {
            "time": rfc3339(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "event": record.getMessage(),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        left_out = _OWN | _FOR_TERMINALS
        more = {key: value for key, value in vars(record).items() if key not in left_out}
        hidden = {key: self._hide(value) for key, value in (more | said).items()}
        return json.dumps(hidden, ensure_ascii=False)


class _Hiding:
    """Replaces secrets, and passwords in addresses, before anything is quoted or escaped."""

    def __init__(self, secrets: Collection[str]) -> None:
        long = sorted((one for one in secrets if len(one) >= _SHORTEST), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, long))) if long else None

    def __call__(self, value: object) -> str:
        text = _IN_ADDRESS.sub(rf"\1:{HIDDEN}@", str(value))
        return text if self._secrets is None else self._secrets.sub(HIDDEN, text)
