"""pydantic-settings' reading of an environment that is handed in. For environment.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from warmstation_server.environment import BETWEEN, PREFIX


class Source(EnvSettingsSource):
    """pydantic-settings' reading of an environment that is handed in."""

    def __init__(self, model: type[BaseModel], environment: Mapping[str, str]) -> None:
        self._given = {name.lower(): value for name, value in environment.items()}
        fields: dict[str, Any] = {
            name: (one.annotation, one) for name, one in model.model_fields.items()
        }
        names = create_model("Names", __base__=BaseSettings, **fields)
        super().__init__(names, env_prefix=PREFIX, env_nested_delimiter=BETWEEN)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Lists are read as the rest is, in `_value`."""
        return value
