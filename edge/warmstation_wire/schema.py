"""JSON Schemas and the AsyncAPI 3.0 document of the contract, generated from the models.

`python -m warmstation_wire.schema` writes them into the package, `--check` fails on drift.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from warmstation_wire.alert import Alert
from warmstation_wire.command import Command, Result
from warmstation_wire.desired import Applied, Desired
from warmstation_wire.examples import EXAMPLES
from warmstation_wire.parts import MAX_PAYLOAD_BYTES, Payload
from warmstation_wire.presence import Presence
from warmstation_wire.receipt import Receipt
from warmstation_wire.report import Report
from warmstation_wire.status import StationStatus
from warmstation_wire.topics import ROOT, Leaf

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DIRECTORY = Path(__file__).parent / "schemas"

MODELS: Final[Mapping[Leaf, type[Payload]]] = {
    Leaf.REPORT: Report,
    Leaf.PRESENCE: Presence,
    Leaf.RECEIPT: Receipt,
    Leaf.DESIRED: Desired,
    Leaf.APPLIED: Applied,
    Leaf.COMMAND: Command,
    Leaf.RESULT: Result,
    Leaf.STATUS: StationStatus,
    Leaf.ALERT: Alert,
}
RETAINED: Final = frozenset({Leaf.PRESENCE, Leaf.DESIRED, Leaf.APPLIED, Leaf.STATUS})
FROM_STATION: Final = frozenset({Leaf.REPORT, Leaf.PRESENCE, Leaf.APPLIED, Leaf.RESULT})


def json_schema(leaf: Leaf) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one payload, with an example."""
    model = MODELS[leaf]
    return {
        "$schema": DIALECT,
        "$id": f"urn:warmstation:v1:{leaf.value}",
        **model.model_json_schema(mode="validation"),
        "examples": [json.loads(EXAMPLES[leaf].to_json())],
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document, from the server's point of view."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:warmstation:v1",
        "info": {
            "title": "Warmstation",
            "version": "1.0.0",
            "description": "Stations report over MQTT; the server answers what it has committed.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {leaf.value: _channel(leaf) for leaf in MODELS},
        "operations": {_operation_id(leaf): _operation(leaf) for leaf in MODELS},
        "components": {"messages": {leaf.value: _message(leaf) for leaf in MODELS}},
    }


def files() -> dict[str, str]:
    """File name -> text of everything that is generated."""
    documents = {f"{leaf.value}.json": json_schema(leaf) for leaf in MODELS}
    documents["asyncapi.json"] = asyncapi()
    return {
        name: json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        for name, document in documents.items()
    }


def drifted(directory: Path = DIRECTORY) -> list[str]:
    """Names of files that differ from what the models say, are missing, or are not ours."""
    wanted = files()
    found = {path.name: path.read_text(encoding="utf-8") for path in directory.glob("*.json")}
    return sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with `--check` name those that drifted and return 1."""
    parser = argparse.ArgumentParser(prog="python -m warmstation_wire.schema")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on drift")
    if parser.parse_args(arguments).check:
        for name in drifted():
            print(f"schemas/{name} differs from the models: run `make schemas`", file=sys.stderr)
        return 1 if drifted() else 0
    DIRECTORY.mkdir(exist_ok=True)
    for name, text in files().items():
        (DIRECTORY / name).write_text(text, encoding="utf-8")
    return 0


def _channel(leaf: Leaf) -> dict[str, Any]:
    an_id = "lower case letters, digits and dashes, 2 to 63 characters"
    return {
        "address": f"{ROOT}/{{district}}/{{station}}/{leaf.value}",
        "messages": {leaf.value: {"$ref": f"#/components/messages/{leaf.value}"}},
        "parameters": {"district": {"description": an_id}, "station": {"description": an_id}},
    }


def _operation_id(leaf: Leaf) -> str:
    return f"{'receive' if leaf in FROM_STATION else 'send'}_{leaf.value}"


def _operation(leaf: Leaf) -> dict[str, Any]:
    return {
        "action": "receive" if leaf in FROM_STATION else "send",
        "channel": {"$ref": f"#/channels/{leaf.value}"},
        "bindings": {"mqtt": {"qos": 1, "retain": leaf in RETAINED, "bindingVersion": "0.2.0"}},
    }


def _message(leaf: Leaf) -> dict[str, Any]:
    model = MODELS[leaf]
    return {
        "name": leaf.value,
        "title": model.__name__,
        "summary": (model.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "payload": _inlined(model.model_json_schema(mode="validation")),
        "examples": [{"payload": json.loads(EXAMPLES[leaf].to_json())}],
        "x-max-bytes": MAX_PAYLOAD_BYTES,
    }


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its `$defs` put where they are used: AsyncAPI has one place for refs."""
    definitions = schema.pop("$defs", {})

    def put(node: Any) -> Any:
        if isinstance(node, list):
            return [put(item) for item in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            return put(definitions[node["$ref"].rpartition("/")[2]])
        return {key: put(value) for key, value in node.items()}

    inlined: dict[str, Any] = put(schema)
    return inlined


if __name__ == "__main__":
    sys.exit(main())
