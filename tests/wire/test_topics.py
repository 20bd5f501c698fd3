"""Topics go apart and together; what is not ours is refused."""

from __future__ import annotations

import pytest

from warmstation_wire import BadTopic, Leaf, Topic
from warmstation_wire.topics import every


@pytest.mark.parametrize("leaf", list(Leaf))
def test_a_topic_comes_back_as_it_was_written(leaf: Leaf) -> None:
    topic = Topic("kunshan", "ks-songnan", leaf)
    assert Topic.parse(str(topic)) == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "warmstation/v2/kunshan/ks-songnan/report",
        "warmstation/v1/kunshan/ks-songnan/reports",
        "warmstation/v1/kunshan/ks-songnan",
        "warmstation/v1/kunshan/KS/report",
        "warmstation/v1/kunshan/-x/report",
        "warmstation/v1/kunshan/a/report",
        "warmstation/v1/kunshan/+/report",
        "warmstation/v1/kunshan/ks-songnan/report\n",
        "warmstation/v1/kunshan/ks-songnan/report/x",
        "warmstation/v1/昆山/ks-songnan/report",
    ],
)
def test_a_foreign_topic_is_refused(text: str) -> None:
    with pytest.raises(BadTopic):
        Topic.parse(text)


def test_a_filter_covers_every_station() -> None:
    assert every(Leaf.REPORT) == "warmstation/v1/+/+/report"
    assert every(Leaf.STATUS, "kunshan") == "warmstation/v1/kunshan/+/status"
