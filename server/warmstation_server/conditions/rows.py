"""The fields of a dataclass in one row, for what is saved of a station. Pure.

`dataclasses.astuple` copies whatever is in them too, and costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any


def reader(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """Reads all fields of such an object, two or more, in their order."""
    return attrgetter(*(field.name for field in fields(kind)))
