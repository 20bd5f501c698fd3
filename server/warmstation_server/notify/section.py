"""What all tables of notify.toml have in common. For the files of its configuration."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from warmstation_server.notify.rota import QuietHours

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,63}$")]
MailAddress = Annotated[str, Field(pattern=r"^[^@\s<>,]+@[^@\s<>,]+$")]
Language = Literal["zh-CN", "en"]
Names = Annotated[tuple[Name, ...], Field(strict=False, min_length=1)]


class Section(BaseModel):
    """A table of notify.toml: strict, frozen, unknown keys are mistakes."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)


def span_of(text: str) -> QuietHours:
    """Quiet hours such as 22:00-07:00; ValueError says what is allowed."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError("must be two times of day such as 22:00-07:00") from None
    if start == end or start.tzinfo or end.tzinfo:
        raise ValueError("must be two different times of day such as 22:00-07:00")
    return QuietHours(start, end)
