"""Unit tests of rules: a YAML file says what is heard when, and what must follow. For the CLI.

    rules: rules.toml                  # over the shipped ones; beside this file
    hours: Mo-Su 09:00-18:00           # of the station that is tested; always open without
    tests:
      - name: no heat is told at once, and to the community after half an hour
        start: 2026-11-23T12:00:00+08:00
        input:
          - {at: 0m, condition: heating.no_heat, holds: true, every: 5m, until: 1h}
          - {at: 1h, condition: heating.no_heat, holds: false}
        until: 2h
        transitions:
          - {at: 0m, alert: heating.no_heat, is: firing}
        notices:
          - {at: 0m, alert: heating.no_heat, is: firing, to: station}

`transitions` and `notices` must be all there are, `pending` and `dropped` aside; where a test has
none of the two, that one is not looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from warmstation_server.alerts.condition import Condition
from warmstation_server.alerts.dry_run import DryRun
from warmstation_server.alerts.errors import BadRuleTests
from warmstation_server.alerts.rule import duration
from warmstation_server.alerts.rules import load
from warmstation_server.alerts.state import TransitionKind
from warmstation_server.alerts.words import unheard_of
from warmstation_server.hours import BadHours, Hours
from warmstation_server.notify.notice import NoticeKind
from warmstation_server.places import Region, Station, Text
from warmstation_server.status.override import Override
from warmstation_wire.alert import Tier

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""A Monday noon in China."""
_STATION = "station-1"
Span = Annotated[timedelta, BeforeValidator(lambda text: duration(str(text)))]


def _known(name: str) -> str:
    said = unheard_of(name)
    if said is not None or "*" in name:
        raise ValueError(said or "must be the name of one condition")
    return name


Known = Annotated[str, AfterValidator(_known)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Heard(_Section):
    """A condition, once or again and again."""

    at: Span
    condition: Known
    holds: bool | None = True
    subject: str = ""
    value: float | None = None
    confidence: float = 1.0
    late: bool = False
    every: Span | None = None
    until: Span | None = None


class Expected(_Section):
    """When something must have come to pass, with which alert."""

    at: Span
    alert: Known
    subject: str = ""


class Happened(Expected):
    """An entry of an alert's history."""

    what: Annotated[TransitionKind, Field(alias="is")]


class Told(Expected):
    """A notice, and to whom."""

    what: Annotated[NoticeKind, Field(alias="is")]
    to: Tier | None = None


class RuleTest(_Section):
    """One test."""

    name: str
    start: AwareDatetime = START
    input: list[Heard]
    until: Span
    transitions: list[Happened] | None = None
    notices: list[Told] | None = None

    @field_validator("start")
    @classmethod
    def _in_our_time(cls, start: datetime) -> datetime:
        if not 2000 <= start.year < 2100:
            raise ValueError("must be between the years 2000 and 2100")
        return start

    @model_validator(mode="after")
    def _hears_all(self) -> Self:
        for heard in self.input:
            if heard.at > self.until:
                raise ValueError(f"until: must not end before {heard.condition} is heard")
        return self


class RuleTests(_Section):
    """A whole file."""

    rules: str | None = None
    hours: str = "24/7"
    tests: Annotated[list[RuleTest], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test did not find, or found and did not expect. `of`: transitions or notices."""

    test: str
    of: str
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]


class _Place:
    def __init__(self, hours: str) -> None:
        region = Region("region-1", Text("社区", "Community"), "community", "street-1")
        street = Region("street-1", Text("街道", "Street"), "street", "district-1")
        district = Region("district-1", Text("区", "District"), "district", "city-1")
        city = Region("city-1", Text("市", "City"), "city")
        place = Station(
            _STATION,
            "district-1",
            Text("驿站", "Station"),
            31.0,
            121.0,
            "region-1",
            hours,
            10,
            "shop",
        )
        self.regions: Mapping[str, Region] = {
            one.id: one for one in (region, street, district, city)
        }
        self.stations: Mapping[str, Station] = {_STATION: place}
        self.known: Mapping[str, Station] = self.stations
        self.overrides: Mapping[str, Override] = {}
        self._hours = Hours(hours)

    def hours(self, _station: Station) -> Hours:
        return self._hours


def run(path: Path, rules: Path | None = None) -> tuple[int, tuple[Failure, ...]]:
    """How many tests there are, and those that failed. BadRuleTests, BadRules."""
    given = _read(path)
    if rules is None and given.rules is not None:
        rules = path.parent / given.rules
    known = load(rules)
    try:
        place = _Place(given.hours)
    except BadHours as error:
        raise BadRuleTests(f"{path}: hours: {error}") from None
    failures = []
    for test in given.tests:
        trial = DryRun(place, known, test.start)
        for condition in sorted(_said(test), key=lambda one: one.at):
            trial.take((condition,), condition.at)
        trial.take((), test.start + test.until)
        failures += list(_judged(test, trial))
    return len(given.tests), tuple(failures)


def _read(path: Path) -> RuleTests:
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return RuleTests.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise BadRuleTests(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadRuleTests(f"{path}: cannot be read: it is not UTF-8") from None
    except yaml.YAMLError as error:
        raise BadRuleTests(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise BadRuleTests("\n".join(_faults(path, text, error))) from None


def _faults(path: Path, text: str, error: ValidationError) -> Iterator[str]:
    """Each mistake by its line and place, as `tests.0.input.2.at`."""
    root = yaml.compose(text, yaml.SafeLoader)
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(map(str, one["loc"])) or "the file"
        said = one["msg"].removeprefix("Value error, ").removeprefix("Input ")
        said = "is not known here" if one["type"] == "extra_forbidden" else said
        said = "must not be empty" if one["type"] == "too_short" else said
        said = "must be given" if one["type"] == "missing" else said
        said = "should be a table with keys" if one["type"] == "model_type" else said
        yield f"{path}:{_line(root, one['loc'])}: {where}: {said}"


def _line(node: yaml.Node | None, where: tuple[int | str, ...]) -> int:
    """Where this stands, or the narrowest of what it is in."""
    line = 1 if node is None else node.start_mark.line + 1
    match node, where:
        case yaml.SequenceNode(), (int(number), *rest) if number < len(node.value):
            return _line(node.value[number], tuple(rest))
        case yaml.MappingNode(), (str(name), *rest):
            for key, value in node.value:
                if key.value == name:
                    return _line(value, tuple(rest)) if rest else key.start_mark.line + 1
    return line


def _said(test: RuleTest) -> Iterator[Condition]:
    for heard in test.input:
        after = heard.at
        while True:
            yield Condition(
                _STATION,
                heard.condition,
                heard.holds,
                test.start + after,
                heard.subject,
                heard.value,
                heard.confidence,
                is_late=heard.late,
            )
            if not heard.every or after + heard.every >= (heard.until or test.until):
                break
            after += heard.every


def _judged(test: RuleTest, trial: DryRun) -> Iterator[Failure]:
    if test.transitions is not None:
        found = [
            _shown(one.at - test.start, one.name, one.subject, one.kind)
            for one in trial.transitions
            if one.kind not in ("pending", "dropped")
        ]
        wanted = [_shown(one.at, one.alert, one.subject, one.what) for one in test.transitions]
        yield from _differing(test, "transitions", wanted, found)
    if test.notices is not None:
        names = {one.alert_id: (one.name, one.subject) for one in trial.transitions}
        to = [one.to for one in test.notices]
        told = [
            _shown(
                one.at - test.start, *names[one.alert_id], one.kind, one.tier if any(to) else None
            )
            for one in trial.notices
        ]
        wanted = [_shown(one.at, one.alert, one.subject, one.what, one.to) for one in test.notices]
        yield from _differing(test, "notices", wanted, told)


def _differing(test: RuleTest, of: str, wanted: list[str], found: list[str]) -> Iterator[Failure]:
    missing = tuple((Counter(wanted) - Counter(found)).elements())
    unexpected = tuple((Counter(found) - Counter(wanted)).elements())
    if missing or unexpected:
        yield Failure(test.name, of, missing, unexpected)


def _shown(after: timedelta, name: str, subject: str, what: str, to: str | None = None) -> str:
    where = f"{name}({subject})" if subject else name
    return f"{after} {where} {what}" + (f" to {to}" if to else "")
