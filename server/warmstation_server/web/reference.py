"""OpenAPI and AsyncAPI documents as a page that people can read. Pure; Pages shows what it gives.

A document is boiled down to entries: an address, what goes in, what comes out, and an example.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]
DEEPEST = 4
"""Parts within parts are listed down to here; the document itself has everything."""


class Row(NamedTuple):
    """A parameter or a member. `name` has dots where it lies within another."""

    name: str
    kind: str
    is_required: bool
    text: str


class Entry(NamedTuple):
    """One operation or one channel."""

    id: str
    verb: str
    address: str
    title: str
    text: str
    inputs: tuple[Row, ...]
    outputs: tuple[Row, ...]
    example: str


class Reference(NamedTuple):
    """A whole document. `source`: where its JSON is."""

    title: str
    version: str
    text: str
    source: str
    entries: tuple[Entry, ...]


def from_openapi(document: Json, source: str) -> Reference:
    """The operations of an HTTP API (OpenAPI 3.1)."""
    entries = (
        _operation(verb, path, operation, document)
        for path, item in document["paths"].items()
        for verb, operation in item.items()
        if isinstance(operation, dict)
    )
    return _reference(document, source, tuple(entries))


def from_asyncapi(document: Json, source: str) -> Reference:
    """The channels of a broker (AsyncAPI 3.0)."""
    verbs = {
        one["channel"]["$ref"].rpartition("/")[2]: one["action"]
        for one in document["operations"].values()
    }
    entries = (
        _channel(name, verbs.get(name, ""), channel, document)
        for name, channel in document["channels"].items()
    )
    return _reference(document, source, tuple(entries))


def _reference(document: Json, source: str, entries: tuple[Entry, ...]) -> Reference:
    info = document["info"]
    return Reference(info["title"], info["version"], info.get("description", ""), source, entries)


def _operation(verb: str, path: str, operation: Json, document: Json) -> Entry:
    parameters = tuple(
        Row(
            one["name"],
            _kind(one.get("schema", {}), document),
            bool(one.get("required")),
            one.get("description", ""),
        )
        for one in operation.get("parameters", ())
    )
    body = _schema_of(operation.get("requestBody", {}))
    good: Json = next((r for code, r in operation["responses"].items() if code[0] == "2"), {})
    answer = _schema_of(good)
    return Entry(
        id=operation.get("operationId", f"{verb}-{path}"),
        verb=verb.upper(),
        address=path,
        title=operation.get("summary", path),
        text=operation.get("description", ""),
        inputs=(*parameters, *_rows(body, document)),
        outputs=tuple(_rows(answer, document)),
        example=_example(_resolved(answer, document)),
    )


def _channel(name: str, verb: str, channel: Json, document: Json) -> Entry:
    message = _resolved(next(iter(channel["messages"].values())), document)
    payload = message.get("payload", {})
    examples = message.get("examples", ())
    return Entry(
        id=name,
        verb=verb,
        address=channel["address"],
        title=message.get("title", message.get("name", name)),
        text=_resolved(payload, document).get("description", ""),
        inputs=tuple(
            Row(key, "string", True, one.get("description", ""))
            for key, one in channel.get("parameters", {}).items()
        ),
        outputs=tuple(_rows(payload, document)),
        example=_pretty(examples[0]["payload"]) if examples else "",
    )


def _rows(schema: Json, document: Json, prefix: str = "", depth: int = 0) -> Iterator[Row]:
    """The members of an object, and those of the objects in it."""
    found = _resolved(schema, document)
    if found.get("type") == "array":
        yield from _rows(found.get("items", {}), document, f"{prefix}[].".lstrip("."), depth)
        return
    required = found.get("required", ())
    for name, member in found.get("properties", {}).items():
        is_required = name in required
        yield Row(prefix + name, _kind(member, document), is_required, _text(member, document))
        if depth < DEEPEST:
            yield from _parts(member, document, prefix + name, depth)


def _parts(member: Json, document: Json, name: str, depth: int) -> Iterator[Row]:
    for one in (member, *member.get("anyOf", ())):
        found = _resolved(one, document)
        if found.get("type") == "array":
            yield from _rows(found.get("items", {}), document, f"{name}[].", depth + 1)
        else:
            yield from _rows(found, document, f"{name}.", depth + 1)


def _kind(schema: Json, document: Json) -> str:
    """`integer from 0 to 9`, `"on" or "off"`, `list of string`."""
    if "anyOf" in schema:
        return " or ".join(_kind(one, document) for one in schema["anyOf"])
    found = _resolved(schema, document)
    if "const" in found:
        return json.dumps(found["const"])
    if "enum" in found:
        return " or ".join(map(json.dumps, found["enum"]))
    kind = found.get("format") or found.get("type", "any")
    if kind == "array":
        return f"list of {_kind(found.get('items', {}), document)}"
    return f"{kind}{_bounds(found)}"


def _bounds(found: Json) -> str:
    """` from -60 to 100`, ` of 1 to 40 characters`, ` like ^[a-z]+$`; empty where any will do."""
    low, high = (_plain(found.get(key)) for key in ("minimum", "maximum"))
    short, long = found.get("minLength"), found.get("maxLength")
    if low is not None and low == high:
        return f" {low}"
    parts = [f"from {low}"] if low is not None else []
    if "exclusiveMinimum" in found:
        parts.append(f"above {_plain(found['exclusiveMinimum'])}")
    parts += [f"to {high}"] if high is not None else []
    if long is not None:
        parts.append(f"of {short or 0} to {long} characters")
    if "pattern" in found:
        parts.append(f"like {found['pattern']}")
    return "".join(f" {part}" for part in parts)


def _plain(number: float | None) -> float | None:
    """Without a fraction where it has none."""
    return int(number) if number is not None and number == int(number) else number


def _text(member: Json, document: Json) -> str:
    said = member.get("description") or _resolved(member, document).get("description", "")
    return str(said).partition("\n\n")[0]


def _schema_of(part: Json) -> Json:
    """What a request's or a response's JSON must look like."""
    content = part.get("content", {})
    kind = next((kind for kind in content if "json" in kind or "form" in kind), None)
    schema: Json = content[kind].get("schema", {}) if kind else {}
    return schema


def _resolved(schema: Json, document: Json) -> Json:
    """What a `$ref` stands for."""
    for _ in range(DEEPEST):
        if "$ref" not in schema:
            break
        there: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            there = there[step]
        schema = there
    return schema


def _example(schema: Json) -> str:
    examples = schema.get("examples", ())
    return _pretty(examples[0]) if examples else ""


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
