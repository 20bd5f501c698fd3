"""The generated documents agree with the models and with each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from warmstation_wire import Leaf
from warmstation_wire.examples import EXAMPLES
from warmstation_wire.schema import DIRECTORY, MODELS, asyncapi, drifted, json_schema


def test_the_committed_schemas_are_those_of_the_models() -> None:
    assert drifted() == []


def test_drift_is_noticed(tmp_path: Path) -> None:
    for path in DIRECTORY.glob("*.json"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), encoding="utf-8")
    (tmp_path / "report.json").write_text("{}", encoding="utf-8")
    (tmp_path / "receipt.json").unlink()
    assert drifted(tmp_path) == ["receipt.json", "report.json"]


@pytest.mark.parametrize("leaf", list(MODELS))
def test_the_example_fits_its_schema(leaf: Leaf) -> None:
    schema = json_schema(leaf)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    validator.validate(json.loads(EXAMPLES[leaf].to_json()))


def test_the_schema_refuses_what_the_model_refuses() -> None:
    report = json.loads(EXAMPLES[Leaf.REPORT].to_json())
    validator = Draft202012Validator(json_schema(Leaf.REPORT))
    for wrong in ({"seq": 0}, {"station": "KS"}, {"v": 2}, {"climate": {"room_c": 200}}):
        with pytest.raises(ValidationError):
            validator.validate({**report, **wrong})


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi()
    found = list(_references(document))
    assert len(found) == 2 * len(MODELS)
    for reference in found:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []
