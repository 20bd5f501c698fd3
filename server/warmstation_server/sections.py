"""The tables of server.toml, one class each. For config.py, and for rooms that take one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from warmstation_server.errors import BadConfig

Port = Annotated[int, Field(ge=1, le=65535)]
LocalPath = Annotated[Path, Field(strict=False)]
Address = Annotated[
    str,
    Field(
        pattern=r"^https?://[^\s]+$", description="an address with http:// or https:// before it"
    ),
]
ClientId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._-]{1,64}$", description="1 to 64 of the characters A-Z a-z 0-9 . _ -"
    ),
]
District = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9-]{1,62}$",
        description="2 to 63 of the characters a-z 0-9 -, a letter or digit first",
    ),
]
BucketName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="1 to 64 of the characters A-Z a-z 0-9 . _ -, a letter or digit first",
    ),
]
TopicPrefix = Annotated[
    str,
    Field(
        pattern=r"^[^\s+#/]+(/[^\s+#/]+)*$",
        description="a topic without spaces, + and #, and without / at its ends",
    ),
]
"""A `description` says what a pattern takes; `allowed` puts it into a sentence."""


class Section(BaseModel):
    """A table of server.toml: strict, frozen, unknown keys are mistakes."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class BrokerConfig(Section):
    """The MQTT broker. `client_id` names the persistent session: never change it lightly.

    `districts`: only these are heard; where none is named, all are.

    `password` comes from the environment only: server.toml names a `password_file`.
    """

    host: str = "127.0.0.1"
    port: Port = 1883
    client_id: ClientId = "warmstation-server"
    username: str | None = None
    password: SecretStr | None = None
    password_file: LocalPath | None = None
    ca_file: LocalPath | None = None
    cert_file: LocalPath | None = None
    key_file: LocalPath | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=3600)] = 30
    districts: Annotated[tuple[District, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if self.password_file is not None and self.username is None:
            raise ValueError("password_file needs username")
        if self.password is not None and self.username is None:
            raise ValueError("password needs username")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if self.cert_file is not None and self.ca_file is None:
            raise ValueError("cert_file needs ca_file")
        return self

    def password_text(self) -> str | None:
        """`password`, or the first line of `password_file`; BadConfig where it cannot be read."""
        if self.password is not None:
            return self.password.get_secret_value()
        return _first_line("broker.password_file", "password", self.password_file)


class HttpConfig(Section):
    """Where the web server listens; loopback unless told otherwise.

    `base_url`: how readers reach it, where that is not this address (behind a proxy).
    """

    host: str = "127.0.0.1"
    port: Port = 8000
    base_url: Address | None = None


class RegistryConfig(Section):
    """`url`: an SQLAlchemy URL; by default a file in the data directory."""

    url: str | None = Field(default=None, repr=False)


class HistoryConfig(Section):
    """Which storage, and for how many days each single report is kept (usage stays for good).

    The rest is for `influx`, an InfluxDB 2 server: single reports go to `bucket`, what stays to
    `kept_bucket`; `fields`: which of a report's values have a field of their own, beside the whole
    of it; `ca_file`: who signs its certificate, where the system trusts nobody who does. `token`
    comes from the environment only: server.toml names a `token_file`.
    """

    storage: Literal["sqlite", "influx"] = "sqlite"
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 90
    url: Address | None = None
    org: str | None = None
    bucket: BucketName = "warmstation"
    kept_bucket: BucketName = "warmstation-kept"
    fields: Literal["charted", "all"] = "charted"
    token: SecretStr | None = None
    token_file: LocalPath | None = None
    ca_file: LocalPath | None = None
    timeout_s: Annotated[int, Field(ge=1, le=300)] = 10

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.storage == "influx":
            if self.url is None or self.org is None:
                raise ValueError("storage influx needs url and org")
            if self.token is None and self.token_file is None:
                raise ValueError("storage influx needs token_file, or a token in the environment")
        if self.ca_file is not None and not (self.url or "").startswith("https:"):
            raise ValueError("ca_file needs a url that begins with https://")
        if self.bucket == self.kept_bucket:
            raise ValueError("bucket and kept_bucket must be two buckets")
        return self

    def token_text(self) -> str | None:
        """`token`, or the first line of `token_file`; BadConfig where it cannot be read."""
        if self.token is not None:
            return self.token.get_secret_value()
        return _first_line("history.token_file", "token", self.token_file)


class FeedConfig(Section):
    """`directory`: also write the open feed there, for any web server to serve."""

    directory: LocalPath | None = None


class IntakeConfig(Section):
    """A batch ends `batch_ms` after its first message or with `max_batch` messages.

    `queue`: messages held in memory at most; beyond that the broker keeps them. `processes`: so
    many beside the server read what comes, so that as many more cores share the work.
    """

    batch_ms: Annotated[int, Field(ge=1, le=1000)] = 150
    max_batch: Annotated[int, Field(ge=1, le=20_000)] = 1_000
    queue: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    processes: Annotated[int, Field(ge=0, le=16)] = 0


class DeadLettersConfig(Section):
    """How much of what was refused is kept; the oldest goes first."""

    max_rows: Annotated[int, Field(ge=1, le=10_000_000)] = 10_000
    max_mb: Annotated[int, Field(ge=1, le=10_000)] = 64


class AlertsSection(Section):
    """`rules`: a file of rules laid over the shipped ones. `agent`: older agents are told of."""

    rules: LocalPath | None = None
    agent: str | None = None


class EnrolmentSection(Section):
    """The deployment's own authority: its directory, and how many days it signs a station for.

    `reload`: a command that brings ACL and revocation list to the broker and makes it read them.
    `lists`: a directory where the broker finds both, if the server may write there itself.
    """

    directory: LocalPath | None = None
    days: Annotated[int, Field(ge=1, le=3650)] = 730
    reload: str | None = None
    lists: LocalPath | None = None


class HomeAssistantSection(Section):
    """MQTT discovery: `enabled` publishes every station as a device below `prefix`."""

    enabled: bool = False
    prefix: TopicPrefix = "homeassistant"
    language: Literal["zh-CN", "en"] = "zh-CN"


class LogSection(Section):
    """One line an event on stderr; `json` for programs that collect logs."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class NotifySection(Section):
    """`file`: notify.toml, with channels and routes; without it nobody is told of alerts."""

    file: LocalPath | None = None


class ExportsSection(Section):
    """A month's figures, made early in the next one; nothing of it without folder or mail_channel.

    `mail_channel`: an smtp channel of notify.toml; `mail_to`: its own addresses where empty.
    """

    folder: LocalPath | None = None
    mail_channel: str | None = None
    mail_to: Annotated[tuple[str, ...], Field(strict=False)] = ()
    day: Annotated[int, Field(ge=1, le=28)] = 2
    hour: Annotated[int, Field(ge=0, le=23)] = 6
    forms: Annotated[
        tuple[Literal["xlsx", "pdf", "csv", "hours"], ...], Field(strict=False, min_length=1)
    ] = ("xlsx", "pdf")
    region: str = ""
    language: Literal["zh-CN", "en"] = "zh-CN"


def _first_line(key: str, what: str, path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise BadConfig(
            f"{key}: {path} must be a readable file with the {what} in its first line ({error})"
        ) from None
