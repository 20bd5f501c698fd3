"""What a key of server.toml may be, in words; for `config`'s sentences about mistakes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_BEYOND = ("greater_", "less_")
_NUMBERS = ("int_", "float_", *_BEYOND)
_FIRST = {"minimum": "from {}", "exclusiveMinimum": "above {}"}
_LAST = {"maximum": "up to {}", "exclusiveMaximum": "below {}"}


def meaning(kind: str, message: str, where: tuple[int | str, ...], schema: Schema) -> str:
    """A mistake as pydantic names it, with what is allowed at that place of the schema."""
    if kind == "extra_forbidden":
        return f"is not a key of this file: {_instead(str(where[-1]), _at(where[:-1], schema))}"
    if kind == "missing":
        return "must be given"
    place = _at(where, schema)
    if kind == "string_pattern_mismatch" and "description" in place:
        return f"should be {place['description']}"
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    said = said[:1].lower() + said[1:]
    bounds = _bounds(place) if kind.startswith(_NUMBERS) else ""
    if bounds and kind.startswith(_BEYOND):
        return f"should be {bounds}"
    return f"{said} ({bounds})" if bounds else said


def _instead(key: str, place: Schema) -> str:
    names = list(place.get("properties", {}))
    near = difflib.get_close_matches(key, names, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"


def _bounds(place: Schema) -> str:
    parts = [
        words.format(place[name])
        for words_of in (_FIRST, _LAST)
        for name, words in words_of.items()
        if name in place
    ]
    return " ".join(parts)


def _at(where: tuple[int | str, ...], schema: Schema) -> Schema:
    """What the schema says of a place; empty where it says nothing."""
    found = schema
    for key in where:
        found = _whole(found, schema).get("properties", {}).get(key, {})
    return _whole(found, schema)


def _whole(place: Schema, schema: Schema) -> Schema:
    """References followed, and of alternatives all that any of them says."""
    if "$ref" in place:
        named: Schema = schema["$defs"][place["$ref"].rpartition("/")[2]]
        return {**named, **{key: one for key, one in place.items() if key != "$ref"}}
    found: dict[str, Any] = {}
    for one in place.get("anyOf", ()):
        found |= _whole(one, schema)
    return {**found, **place}
