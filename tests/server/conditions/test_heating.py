"""A station's diagnosis between two runs of the server."""

from __future__ import annotations

import json
import logging

import pytest

from warmstation_server.conditions.heating import Heating
from warmstation_server.diagnosis.config import HeatingConfig
from warmstation_server.diagnosis.station import Diagnosis


def _saved(state: object) -> list[object]:
    rows = Heating().saved()
    config = HeatingConfig()
    rows[0] = state
    rows[1] = [getattr(config, name) for name in HeatingConfig.__dataclass_fields__]
    return json.loads(json.dumps(rows))  # type: ignore[no-any-return]


def test_diagnosis_of_this_version_goes_on_where_it_was(caplog: pytest.LogCaptureFixture) -> None:
    saved = _saved(Diagnosis(HeatingConfig()).state())

    assert Heating.resumed(saved).saved() == saved
    assert caplog.records == []


def test_diagnosis_of_an_older_version_begins_anew_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        resumed = Heating.resumed(_saved({"version": 2, "parts": {"shape": [], "floats": ""}}))

    assert resumed.saved()[0] is None
    assert "begins to learn anew: state version 2" in caplog.text
