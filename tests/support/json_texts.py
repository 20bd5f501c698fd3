"""The JSON parsing texts of the shared recordings, one pytest parameter each."""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

_DIRECTORY = Path(__file__).parents[3] / "shared/data/json_parsing/test_parsing"


def json_texts(prefix: str) -> list[ParameterSet]:
    """(name, bytes) of every text whose name begins so; one skipped parameter where absent."""
    found = sorted(_DIRECTORY.glob(f"{prefix}*.json"))
    if not found:
        reason = f"the JSON parsing texts are not beside this checkout ({prefix})"
        return [pytest.param("", b"", marks=pytest.mark.skip(reason=reason), id=prefix)]
    return [pytest.param(path.name, path.read_bytes(), id=path.name) for path in found]
