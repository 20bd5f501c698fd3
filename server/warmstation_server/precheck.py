"""What a configuration names, looked at before a server starts. For `check-config` and the logs.

`config.check` says whether server.toml is well formed; this says whether the files, rules,
channels and services that it names are there. Nothing is made or changed.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from warmstation_server import claim, registry
from warmstation_server.alerts.rules import load as load_rules
from warmstation_server.clock import SystemClock
from warmstation_server.config import Config
from warmstation_server.errors import BadConfig
from warmstation_server.history import assembly as history
from warmstation_server.intake import trial
from warmstation_server.notify import assembly
from warmstation_server.notify import config as notify
from warmstation_wire import WarmstationError

_READ = "must be a file that can be read"
_WRITTEN = "must be a directory that can be written, or made"


def faults(config: Config, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Everything that is wrong, a sentence each that begins with its key."""
    found = [*_unreadable(config), *_unwritable(config)]
    looks = {
        "broker": lambda: _broker_files(config),
        "history.ca_file": lambda: _authority(config.history.ca_file),
        "alerts.rules": lambda: load_rules(config.alerts.rules),
        "notify.file": lambda: _channels(config, environ),
    }
    for key, look in looks.items():
        if not any(sentence.startswith(key) for sentence in found):
            found += _refused(key, look)
    return found


def away(config: Config) -> list[str]:
    """Broker, registry and history, tried once; a sentence each where they are not there."""
    is_at_work = claim.is_held(config.data_dir)
    meet = trial.knock if is_at_work else trial.greet
    return [
        *_refused("broker", lambda: meet(config.broker)),
        *_refused("registry.url", lambda: registry.reach(config.registry_url)),
        *_refused("history", lambda: history.reach(config)),
    ]


def _unreadable(config: Config) -> Iterator[str]:
    broker = config.broker
    named = {
        "broker.password_file": broker.password_file,
        "broker.ca_file": broker.ca_file,
        "broker.cert_file": broker.cert_file,
        "broker.key_file": broker.key_file,
        "history.token_file": config.history.token_file,
        "history.ca_file": config.history.ca_file,
        "alerts.rules": config.alerts.rules,
        "notify.file": config.notify.file,
    }
    for key, path in named.items():
        if path is not None and not (path.is_file() and os.access(path, os.R_OK)):
            yield f"{key}: {path} {_READ}"


def _unwritable(config: Config) -> Iterator[str]:
    named = {
        "data_dir": config.data_dir,
        "feed.directory": config.feed.directory,
        "exports.folder": config.exports.folder,
        "enrolment.directory": config.enrolment.directory,
    }
    for key, path in named.items():
        if path is not None and not _can_be_written(path):
            yield f"{key}: {path} {_WRITTEN}"


def _can_be_written(path: Path) -> bool:
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _broker_files(config: Config) -> None:
    broker = config.broker
    broker.password_text()
    if broker.ca_file is None:
        return
    try:
        trial.context(broker)
    except OSError as error:
        raise BadConfig(
            f"ca_file, cert_file and key_file must be certificates and their key: {error}"
        ) from None


def _authority(file: Path | None) -> None:
    if file is None:
        return
    try:
        ssl.create_default_context(cafile=file)
    except OSError as error:
        raise BadConfig(f"{file} must be a file of certificates: {error}") from None


def _channels(config: Config, environ: Mapping[str, str]) -> None:
    file, mail = config.notify.file, config.exports.mail_channel
    if file is None:
        if mail is not None:
            raise BadConfig("must be given, since exports.mail_channel names one of its channels")
        return
    found = notify.check(file)
    assembly.channels(found, file.parent, environ, SystemClock())
    if mail is not None and not isinstance(found.channels.get(mail), notify.SmtpChannel):
        raise BadConfig(
            f"{file}: exports.mail_channel: {mail} must be an smtp channel of this file"
        )


def _refused(key: str, look: Callable[[], object]) -> Iterator[str]:
    try:
        look()
    except WarmstationError as error:
        said = " ".join(str(error).split())
        yield said if said.startswith(key) else f"{key}: {said}"
