"""The database is away, and everyone who writes to it is killed meanwhile: ours loses nothing.

InfluxDB where there is one, else VictoriaMetrics: what that keeps cannot be read by a history that
starts again, so there the killing is left out. `tests/README.md` has the full minute's figures.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench import side_by_side, side_databases


@pytest.mark.broker
@pytest.mark.slow
def test_ours_holds_every_report_that_was_published() -> None:
    is_influx = side_databases.influxd() is not None
    found: dict[str, Any] = side_by_side.measure(
        rate=40, away=20, patience=120, is_killed=int(is_influx)
    )
    stories = [story for story in found.values() if isinstance(story, dict)]
    assert len(stories) == 1 + is_influx
    for story in stories:
        assert story["published"] > 40 * 20
        assert story["ours"]["lost"] == 0
