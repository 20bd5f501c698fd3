"""server.toml: what one server is, read once at start. For serve and the command line.

`check(path)` gives a frozen Config or raises BadConfig with one sentence a mistake.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, ValidationError

from warmstation_server import environment
from warmstation_server.allowed import meaning
from warmstation_server.errors import BadConfig
from warmstation_server.sections import (
    AlertsSection,
    BrokerConfig,
    DeadLettersConfig,
    EnrolmentSection,
    ExportsSection,
    FeedConfig,
    HistoryConfig,
    HomeAssistantSection,
    HttpConfig,
    IntakeConfig,
    LocalPath,
    LogSection,
    NotifySection,
    RegistryConfig,
    Section,
)

__all__ = ["BrokerConfig", "Config", "check", "parse"]

_SECRETS = (("broker", "password"), ("history", "token"))


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be an IANA time zone such as Asia/Shanghai")
    return name


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
    log: LogSection = LogSection()

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
        return self.data_dir / "watch.db"

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
    def usage_supplies_path(self) -> Path:
        """What the ledger of supplies adds up to; made again from it where it is gone."""
        return self.data_dir / "usage-supplies.db"

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


def check(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read and check server.toml, and what the environment says over it.

    BadConfig says which key is wrong and what it may be.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise BadConfig(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadConfig(f"{path}: is not TOML: it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}: is not TOML: {error}") from None
    return parse(table, str(path), path.parent, environment.read(Config, environ))


def parse(
    table: dict[str, Any],
    name: str,
    relative_to: Path = Path(),
    said: environment.Said | None = None,
) -> Config:
    """A table as Config; relative paths are taken from `relative_to`."""
    said = said or environment.Said()
    for section, key in _SECRETS:
        if key in table.get(section, {}):
            raise BadConfig(
                f"{name}: {section}.{key}: no secret belongs in this file: give {key}_file, "
                f"or WARMSTATION_{section.upper()}__{key.upper()} in the environment"
            )
    try:
        config = Config.model_validate(said.over(table))
    except ValidationError as error:
        raise BadConfig("; ".join(_sentences(name, error, said))) from None
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


def _sentences(name: str, error: ValidationError, said: environment.Said) -> list[str]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    found = [one for one in found if not _follows(one["loc"], found)]
    schema = Config.model_json_schema()
    return [
        f"{said.variables.get(tuple(map(str, one['loc'])), name)}: {_key(one['loc'])}: "
        f"{meaning(one['type'], one['msg'], one['loc'], schema)}"
        for one in found
    ]


def _follows(where: tuple[int | str, ...], found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list is said to be too short only because members of it are refused."""
    others = (one["loc"] for one in found)
    return any(len(one) > len(where) and one[: len(where)] == where for one in others)


def _key(where: tuple[int | str, ...]) -> str:
    return ".".join(map(str, where)) or "the file"
