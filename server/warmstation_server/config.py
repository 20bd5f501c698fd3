"""server.toml: what one server is, read once at start. For serve and the command line.

`check(path)` gives a frozen Config or raises BadConfig with one sentence a mistake.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from warmstation_server.errors import BadConfig

Port = Annotated[int, Field(ge=1, le=65535)]
LocalPath = Annotated[Path, Field(strict=False)]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be an IANA time zone such as Asia/Shanghai")
    return name


class Section(BaseModel):
    """A table of server.toml: strict, frozen, unknown keys are mistakes."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class BrokerConfig(Section):
    """The MQTT broker. `client_id` names the persistent session: never change it lightly."""

    host: str = "127.0.0.1"
    port: Port = 1883
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "warmstation-server"
    username: str | None = None
    password_file: LocalPath | None = None
    ca_file: LocalPath | None = None
    cert_file: LocalPath | None = None
    key_file: LocalPath | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=3600)] = 30

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if self.password_file is not None and self.username is None:
            raise ValueError("password_file needs username")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if self.cert_file is not None and self.ca_file is None:
            raise ValueError("cert_file needs ca_file")
        return self

    def password(self) -> str | None:
        """The first line of `password_file`; BadConfig where it cannot be read."""
        if self.password_file is None:
            return None
        try:
            return self.password_file.read_text(encoding="utf-8").splitlines()[0]
        except (OSError, UnicodeDecodeError, IndexError) as error:
            raise BadConfig(
                f"broker.password_file: {self.password_file} must be a readable file "
                f"with the password in its first line ({error})"
            ) from None


class HttpConfig(Section):
    """Where the web server listens; loopback unless told otherwise.

    `base_url`: how readers reach it, where that is not this address (behind a proxy).
    """

    host: str = "127.0.0.1"
    port: Port = 8000
    base_url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")] | None = None


class RegistryConfig(Section):
    """`url`: an SQLAlchemy URL; by default a file in the data directory."""

    url: str | None = None


class HistoryConfig(Section):
    """Which storage, and for how many days each single report is kept (usage stays for good)."""

    storage: Literal["sqlite"] = "sqlite"
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 90


class FeedConfig(Section):
    """`directory`: also write the open feed there, for any web server to serve."""

    directory: LocalPath | None = None


class IntakeConfig(Section):
    """A batch ends `batch_ms` after its first message or with `max_batch` messages.

    `queue`: messages held in memory at most; beyond that the broker keeps them.
    """

    batch_ms: Annotated[int, Field(ge=1, le=1000)] = 150
    max_batch: Annotated[int, Field(ge=1, le=20_000)] = 4_000
    queue: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000


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

    `reload`: a command that brings the revocation list to the broker and makes it read it.
    """

    directory: LocalPath | None = None
    days: Annotated[int, Field(ge=1, le=3650)] = 730
    reload: str | None = None


class HomeAssistantSection(Section):
    """MQTT discovery: `enabled` publishes every station as a device below `prefix`."""

    enabled: bool = False
    prefix: Annotated[str, Field(pattern=r"^[^\s+#/]+(/[^\s+#/]+)*$")] = "homeassistant"
    language: Literal["zh-CN", "en"] = "zh-CN"


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


class Config(Section):
    """All of server.toml. Only `data_dir` must be given."""

    data_dir: LocalPath
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    broker: BrokerConfig = BrokerConfig()
    http: HttpConfig = HttpConfig()
    registry: RegistryConfig = RegistryConfig()
    history: HistoryConfig = HistoryConfig()
    feed: FeedConfig = FeedConfig()
    intake: IntakeConfig = IntakeConfig()
    dead_letters: DeadLettersConfig = DeadLettersConfig()
    alerts: AlertsSection = AlertsSection()
    notify: NotifySection = NotifySection()
    exports: ExportsSection = ExportsSection()
    home_assistant: HomeAssistantSection = HomeAssistantSection()
    enrolment: EnrolmentSection = EnrolmentSection()

    @property
    def zone_info(self) -> ZoneInfo:
        """The deployment's zone: its days begin at midnight there."""
        return ZoneInfo(self.zone)

    @property
    def registry_url(self) -> str:
        """Where the registry is."""
        return self.registry.url or f"sqlite:///{self.data_dir / 'registry.db'}"

    @property
    def history_path(self) -> Path:
        """The embedded history's file."""
        return self.data_dir / "history.db"

    @property
    def watch_path(self) -> Path:
        """What was learned of the stations."""
        return self.data_dir / "watch.state"

    @property
    def authority_dir(self) -> Path:
        """Where the deployment's authority keeps its key."""
        return self.enrolment.directory or self.data_dir / "authority"

    @property
    def discovered_path(self) -> Path:
        """What Home Assistant was told of."""
        return self.data_dir / "home-assistant.topics"

    @property
    def usage_path(self) -> Path:
        """What days add up to; made again from the history where it is gone."""
        return self.data_dir / "usage.db"

    @property
    def exports_path(self) -> Path:
        """Exports that were asked for, a folder each."""
        return self.data_dir / "exports"

    @property
    def dead_letters_path(self) -> Path:
        """The dead letters' file."""
        return self.data_dir / "dead-letters.db"

    @property
    def retention(self) -> timedelta:
        """How long single reports are kept."""
        return timedelta(days=self.history.retention_days)

    @property
    def base_url(self) -> str:
        """How readers reach the web server, without a trailing slash."""
        http = self.http
        host = f"[{http.host}]" if ":" in http.host else http.host
        return (http.base_url or f"http://{host}:{http.port}").rstrip("/")


def check(path: Path) -> Config:
    """Read and check server.toml; BadConfig says which key is wrong and what it may be."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: is not TOML: {error}") from None
    return parse(table, str(path), relative_to=path.parent)


def parse(table: dict[str, Any], name: str, relative_to: Path = Path()) -> Config:
    """A table as Config; relative paths are taken from `relative_to`."""
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        raise BadConfig("; ".join(_sentences(name, error))) from None
    return _anchored(config, relative_to)


def _anchored(config: Config, root: Path) -> Config:
    """Every relative path of the file counts from the file's own directory."""

    def at(section: Section) -> Section:
        moved = {
            key: root / value
            for key, value in section
            if isinstance(value, Path) and not value.is_absolute()
        }
        return section.model_copy(update=moved)

    sections = {key: at(value) for key, value in config if isinstance(value, Section)}
    return config.model_copy(update={**sections, "data_dir": root / config.data_dir})


def _sentences(name: str, error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [f"{name}: {_key(one['loc'])}: {_meaning(one['type'], one['msg'])}" for one in found]


def _key(where: tuple[int | str, ...]) -> str:
    return ".".join(map(str, where)) or "the file"


def _meaning(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is not a key of this file"
    if kind == "missing":
        return "must be given"
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    return said[:1].lower() + said[1:]
