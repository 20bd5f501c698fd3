"""What the environment says over server.toml: WARMSTATION_TABLE__KEY. For config.py.

WARMSTATION_BROKER__PORT=8883 is `[broker] port`. Any key can be in a file of its own, as container
engines and systemd hand over secrets: WARMSTATION_REGISTRY__URL_FILE=/run/secrets/registry-url.
A value of a key that takes no text is written as in TOML: 8883, true, ["xlsx"].
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from warmstation_server.errors import BadConfig

PREFIX = "WARMSTATION_"
BETWEEN = "__"
_FILE = "_file"


@dataclass(frozen=True, slots=True)
class Said:
    """What the environment says: a table as TOML would give it, and who said each key."""

    table: dict[str, Any] = field(default_factory=dict)
    variables: dict[tuple[str, ...], str] = field(default_factory=dict)

    def over(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """The file's table with the environment's keys in place of its own."""
        merged = dict(table)
        for key, value in self.table.items():
            below = merged.get(key)
            if isinstance(value, dict) and isinstance(below, dict):
                merged[key] = below | value
            else:
                merged[key] = value
        return merged


def read(model: type[BaseModel], environment: Mapping[str, str]) -> Said:
    """All that is said of this model's keys; BadConfig names the variable that says none."""
    said = Said()
    if not any(name.startswith(PREFIX) for name in environment):
        return said
    from warmstation_server.environment_source import Source  # pydantic-settings is slow to load

    known = model.model_fields
    for name in environment:
        place = name.removeprefix(PREFIX).lower().partition(BETWEEN)
        if name.startswith(PREFIX) and place[1] and place[0] not in known:
            tables = ", ".join(key for key, one in known.items() if _section(one))
            raise BadConfig(f"{name}: there is no table {place[0]}; there are {tables}")
    for key, value in Source(model, environment)().items():
        section = _section(known[key])
        if section is None or not isinstance(value, dict):
            _say(said, (key,), value, model, environment)
            continue
        said.table[key] = {}
        for leaf, text in value.items():
            _say(said, (key, leaf), text, section, environment)
    return said


def _say(
    said: Said,
    where: tuple[str, ...],
    value: Any,
    model: type[BaseModel],
    environment: Mapping[str, str],
) -> None:
    leaf = where[-1]
    stem = leaf.removesuffix(_FILE)
    name = next(one for one in environment if one.lower() == _variable(where).lower())
    if leaf not in model.model_fields and leaf != stem and stem in model.model_fields:
        leaf, value = stem, _first_line(name, Path(str(value)))
    place = (*where[:-1], leaf)
    if place in said.variables:
        raise BadConfig(f"{name}: {said.variables[place]} says the same key")
    said.variables[place] = name
    table = said.table if len(where) == 1 else said.table[where[0]]
    known = model.model_fields.get(leaf)
    table[leaf] = value if known is None else _value(known, value)


def _variable(where: tuple[str, ...]) -> str:
    return PREFIX + BETWEEN.join(where)


def _first_line(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise BadConfig(
            f"{name}: {path} must be a readable file with the value in its first line ({error})"
        ) from None


def _value(known: FieldInfo, text: Any) -> Any:
    """Text where the key takes text; else what TOML reads, and the text where it reads nothing."""
    if not isinstance(text, str) or _takes_text(known.annotation):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _takes_text(kind: Any) -> bool:
    if get_origin(kind) is Literal or kind in (str, Path, SecretStr):
        return True
    if get_origin(kind) is tuple:
        return False
    return any(_takes_text(one) for one in get_args(kind))


def _section(known: FieldInfo) -> type[BaseModel] | None:
    kind = known.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
