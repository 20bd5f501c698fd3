"""What a configuration holds that no log and no page may show."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from warmstation_server.config import Config
from warmstation_server.errors import BadConfig


def secrets(config: Config, environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """What must never be printed: passwords and tokens that the configuration holds or names."""
    tokens = {config.broker.password_text(), config.history.token_text()}
    found = tokens | {_password(config.registry_url)}
    if config.notify.file is not None:
        found |= _of_channels(config.notify.file, environ)
    return frozenset(one for one in found if one)


def _password(url: str) -> str | None:
    try:
        found = urlsplit(url).password
    except ValueError:
        return None
    return None if found is None else unquote(found)


def _of_channels(file: Path, environ: Mapping[str, str]) -> set[str | None]:
    """Addresses and passwords of notify.toml; none where it is broken, which the start says."""
    from warmstation_server.notify import config as notify

    found: set[str | None] = set()
    try:
        known = notify.check(file).channels.items()
    except BadConfig:
        return found
    for name, one in known:
        for key in ("url", "secret", "password"):
            where, variable = getattr(one, f"{key}_file", None), getattr(one, f"{key}_env", None)
            try:
                found.add(notify.secret(f"{name}.{key}", where, variable, file.parent, environ))
            except BadConfig:
                continue
    return found
