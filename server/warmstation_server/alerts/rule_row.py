"""One [[rule]] of a rule file as it is written: the rim, in pydantic. Used by `rule_file` alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from warmstation_server.alerts.rule import TIERS, Escalation, Flapping, Page, duration
from warmstation_wire.alert import Severity, Tier

NEVER = "never"
_SHORTEST = timedelta(minutes=1)
"""What comes again and again, or takes something back, would not end otherwise."""


def _duration(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise ValueError('must be a duration in quotes such as "10m"')  # noqa: TRY004 - pydantic's
    return duration(value)


def _a_minute(value: timedelta) -> timedelta:
    if value < _SHORTEST:
        raise ValueError("must be at least 1m")
    return value


def _or_never(value: Any) -> Any:
    return None if value == NEVER else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Patience = Annotated[Duration, AfterValidator(_a_minute)]
Number = Annotated[float, Field(strict=False, allow_inf_nan=False)]
_NAME = r"^(\*|[a-z][a-z_]*\.(\*|[a-z][a-z0-9_]*))$"
_ONE = r"^[a-z][a-z_]*\.[a-z][a-z0-9_]*$"


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class _Step(_Section):
    after: Duration
    to: Tier


class _Flapping(_Section):
    changes: Annotated[int, Field(ge=2, le=100)]
    within: Patience


class RuleRow(_Section):
    """What one table says; a key that is not there is inherited."""

    name: Annotated[str, Field(pattern=_NAME)]
    region: Annotated[str, Field(min_length=1)] | None = None
    pending_for: Annotated[Duration, Field(alias="for")] = timedelta(0)
    keep_firing_for: Duration = timedelta(0)
    raise_above: Number | None = None
    clear_below: Number | None = None
    raise_below: Number | None = None
    clear_above: Number | None = None
    min_confidence: Annotated[float, Field(strict=False, ge=0, le=1)] = 0.0
    severity: Severity = "warning"
    severity_closed: Severity | None = None
    owner: Tier = "station"
    page: Page = "open hours"
    escalate: list[_Step] = []
    remind: Annotated[Patience | None, BeforeValidator(_or_never)] = None
    acknowledge_for: Patience = timedelta(hours=4)
    stale_after: Patience = timedelta(minutes=30)
    flapping: Annotated[_Flapping | None, BeforeValidator(_or_never)] = None
    inhibited_by: list[Annotated[str, Field(pattern=_ONE)]] = []
    at_once: bool = False
    is_absence: Annotated[bool, Field(alias="absence")] = False
    is_public: Annotated[bool, Field(alias="public")] = False

    @model_validator(mode="after")
    def _rises(self) -> Self:
        times = [step.after for step in self.escalate]
        tiers = [TIERS.index(step.to) for step in self.escalate]
        if times != sorted(set(times)) or tiers != sorted(set(tiers)):
            raise ValueError("escalate: each step must come later and go to a wider tier")
        return self

    def given(self) -> dict[str, Any]:
        """The fields of a Rule that this table sets."""
        found = {key: getattr(self, key) for key in self.model_fields_set - {"name", "region"}}
        if "escalate" in found:
            found["escalate"] = tuple(Escalation(one.after, one.to) for one in self.escalate)
        if self.flapping is not None:
            found["flapping"] = Flapping(self.flapping.changes, self.flapping.within)
        if "inhibited_by" in found:
            found["inhibited_by"] = tuple(self.inhibited_by)
        return found


KEYS = tuple(field.alias or name for name, field in RuleRow.model_fields.items())


def faults(error: ValidationError) -> list[tuple[str, str]]:
    """Key and sentence of every mistake."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [_fault(one["loc"], one["type"], one["msg"]) for one in found]


def _fault(where: tuple[int | str, ...], kind: str, message: str) -> tuple[str, str]:
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    key = str(where[0]) if where else said.partition(":")[0]
    match kind:
        case "extra_forbidden" if len(where) == 1:
            return key, f"is not known here; known are {', '.join(KEYS)}"
        case "extra_forbidden":
            return key, f"{where[-1]} is not known here"
        case "string_too_short":
            return key, "must not be empty"
        case "missing":
            return key, "must be given" if len(where) == 1 else f"{where[-1]} must be given"
        case _ if len(where) > 1 and kind != "string_pattern_mismatch":
            return key, f"{_inner(where[1:])} {said}"
        case "string_pattern_mismatch" if len(where) > 1:
            return key, 'must name conditions one by one, such as "station.offline"'
        case "string_pattern_mismatch":
            return key, 'must be a condition such as "heating.no_heat", or "heating.*", or "*"'
    return key, (said if where else said.partition(": ")[2]) or said


def _inner(where: tuple[int | str, ...]) -> str:
    """`entry 2: to`, of a list of tables; `changes`, of a table."""
    return " ".join(f"entry {one + 1}:" if isinstance(one, int) else one for one in where)
