"""The reports that histories are tried with leave no field of the contract out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from tests.server.history.reports import busy, full_report, rare_report
from warmstation_wire import AgentState, Climate, Report


def given(value: Any) -> set[str]:
    """Every field below that has a value, as `model.field`."""
    if isinstance(value, tuple):
        return set().union(*map(given, value))
    if not isinstance(value, BaseModel):
        return set()
    known = {name: getattr(value, name) for name in type(value).model_fields}
    here = {f"{type(value).__name__}.{name}" for name, one in known.items() if one is not None}
    return here.union(*map(given, known.values()))


def fields_of(model: type[BaseModel]) -> set[str]:
    """Every field of a model and of the models in it."""
    found = {f"{model.__name__}.{name}" for name in model.model_fields}
    for name in model.model_fields:
        for kind in _models(model.model_fields[name].annotation):
            found |= fields_of(kind)
    return found


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for one in get_args(kind):
        yield from _models(one)


def test_these_reports_have_every_field_of_the_contract() -> None:
    several = [full_report(1), rare_report(1), rare_report(2), busy(1)]
    rest = Climate(outdoor_c=1.0, setpoint_c=20.0, heater_w=1.0)
    health = AgentState(version="1", undervoltage=True, dropped=0, disk_free_mb=1)
    said = set().union(given(rest), given(health), *(given(one.report) for one in several))
    assert fields_of(Report) - said == set()
