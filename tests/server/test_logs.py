"""Logs: one line an event, for people and for programs, and nothing that is secret."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from tests.support.flow_server import ServeProcess
from warmstation_server.logs import formatter
from warmstation_server.sections import LogSection

BOTH = ("text", "json")
SECRETS = frozenset({'kä"lte\\1', "tok-91af-22", "tok-91af", "on"})


def say(form: str, record: logging.LogRecord) -> str:
    section = LogSection.model_validate({"format": form})
    return formatter(section, SECRETS).format(record)


def record(words: str, *values: object, **more: object) -> logging.LogRecord:
    found = logging.makeLogRecord({"name": "warmstation_server.pipeline", "msg": words} | more)
    found.args = values
    found.levelno, found.levelname = logging.WARNING, "WARNING"
    return found


def failed(words: str) -> logging.LogRecord:
    error = OSError(words)
    return record("the broker ended", exc_info=(OSError, error, None))


@pytest.mark.parametrize("form", BOTH)
def test_an_event_is_one_line_even_with_a_trace(form: str) -> None:
    said = say(form, failed("first line\nsecond line\r"))
    assert len(said.splitlines()) == 1
    assert "second line" in said


@pytest.mark.parametrize("form", BOTH)
def test_no_secret_is_printed_in_words_values_traces_or_extras(form: str) -> None:
    for one in (
        record('password kä"lte\\1 was refused'),
        record("refused: %s", "tok-91af-22"),
        record("refused", token="tok-91af-22"),
        failed('login with kä"lte\\1 and tok-91af failed'),
        record("registry %s", "postgresql://server:s3cret@db:5432/warmstation"),
    ):
        said = say(form, one)
        for secret in ("lte", "tok-91af", "s3cret", "af-22"):
            assert secret not in said
    assert "postgresql://server:***@db:5432" in say(form, one)


def test_json_says_when_who_and_what() -> None:
    said = json.loads(say("json", record("%d reports at Südstation", 7, created=0.5, station="a")))
    assert said["time"].startswith("1970-01-01T00:00:00")
    assert (said["level"], said["logger"]) == ("warning", "warmstation_server.pipeline")
    assert (said["event"], said["station"]) == ("7 reports at Südstation", "a")
    assert "error" not in said


def test_json_has_no_colours_of_a_terminal() -> None:
    said = json.loads(say("json", record("started", color_message="\x1b[36mstarted\x1b[0m")))
    assert "color_message" not in said


def test_a_word_too_short_for_a_secret_does_not_blank_the_line() -> None:
    assert say("text", record("nothing goes on")).endswith("nothing goes on")


def test_a_server_keeps_to_it_from_its_start_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "WARMSTATION_LOG__FORMAT": "json",
        "WARMSTATION_LOG__LEVEL": "debug",
        "WARMSTATION_BROKER__USERNAME": "server",
        "WARMSTATION_BROKER__PASSWORD": "kälte-91af",
    }.items():
        monkeypatch.setenv(name, value)
    server = ServeProcess(tmp_path / "server", mqtt_port=1)
    server.start_alone()
    assert server.stop()[0] == 0
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert {"serving " + server.config.base_url, "stopped"} <= {line["event"] for line in lines}
    assert "91af" not in server.log()
