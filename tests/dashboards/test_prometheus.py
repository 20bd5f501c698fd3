from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parents[2] / "dashboards/prometheus/warmstation.rules.yml"
CASES = RULES.with_name("warmstation.tests.yml")
METRICS = Path(__file__).parents[2] / "server/warmstation_server"


def promtool(*words: object) -> str:
    program = shutil.which("promtool")
    assert program, "promtool is not installed: apt-get install prometheus"
    done = subprocess.run([program, *map(str, words)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def test_prometheus_takes_the_rules() -> None:
    assert f"{len(rules())} rules found" in promtool("check", "rules", RULES)


def test_the_rules_speak_when_they_should_and_else_are_silent() -> None:
    assert "SUCCESS" in promtool("test", "rules", CASES)


def test_every_rule_is_tried_both_ways() -> None:
    names = {rule["alert"] for rule in rules()}
    for case in yaml.safe_load(CASES.read_text())["tests"]:
        assert {one["alertname"] for one in case["alert_rule_test"]} == names


def test_a_rule_says_how_bad_it_is_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["action"]


def test_rules_ask_for_figures_that_the_server_has() -> None:
    source = (METRICS / "metrics.py").read_text() + (METRICS / "parts.py").read_text()
    for rule in rules():
        for name in re.findall(r"warmstation_(\w+)", rule["expr"]):
            short = re.sub(r"_(total|bucket)$", "", name)
            assert f'"warmstation_{short}"' in source or f'"{short}"' in source, name
