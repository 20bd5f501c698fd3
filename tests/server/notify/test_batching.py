from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.notices import TEMPLATES, Bot, channel, notice
from tests.support.registered import NOON
from warmstation_server.notify.batching import Limit, next_batch
from warmstation_server.notify.delivery import Batch, Delivery, Pace
from warmstation_server.places import Text


def delivery(number: int, severity: str = "warning", **changes: Any) -> Delivery:
    said = notice(number, severity=severity)
    facts: dict[str, Any] = {"recipient": "r", "channel": "chat", "language": "zh-CN"}
    return Delivery(number, said, **facts | changes)


def batch(*due: Delivery, sent: int = 0, held: bool = False, fits: int = 10) -> list[int] | None:
    pace = Pace(sent, NOON + timedelta(minutes=1) if held else None)
    found = next_batch(due, pace, Limit(20), lambda some: min(len(some), fits))
    return None if found is None else [one.id for one in found.deliveries]


def test_critical_notices_go_alone_and_first() -> None:
    assert batch(delivery(1, "critical"), delivery(2, "critical"), delivery(3)) == [1]


def test_few_go_alone_and_many_together() -> None:
    few = [delivery(number) for number in range(3)]
    assert batch(*few) == [0]
    assert batch(*few, delivery(3)) == [0, 1, 2, 3]
    assert batch(*few, delivery(3), fits=2) == [0, 1]


def test_the_last_messages_of_a_minute_are_for_critical_notices() -> None:
    assert batch(delivery(1), sent=15) == [1]
    assert batch(delivery(1), sent=16) is None
    assert batch(delivery(1, "critical"), sent=19) == [1]
    assert batch(delivery(1, "critical"), sent=20) is None


def test_a_resting_channel_gets_nothing() -> None:
    assert batch(delivery(1, "critical"), held=True) is None


def test_more_critical_notices_than_messages_go_together() -> None:
    due = [delivery(number, "critical") for number in range(4)]
    assert batch(*due, sent=17) == [0, 1, 2, 3]


def test_languages_do_not_mix() -> None:
    due = [delivery(number, language="en" if number % 2 else "zh-CN") for number in range(6)]
    assert batch(*due) == [0, 2, 4]


def test_what_may_have_arrived_goes_in_its_old_company_only() -> None:
    again = [delivery(n, message="m", may_repeat=True) for n in (5, 6)]
    assert batch(*again, *[delivery(n) for n in range(4)]) == [5, 6]
    assert batch(*[delivery(n) for n in range(4)], *again) == [0, 1, 2, 3]


names = st.text(st.characters(codec="utf-8", exclude_characters="\ufffd"), max_size=120)


@given(
    st.lists(
        st.tuples(names, names, st.sampled_from(["notice", "urgent", "critical"])),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from(["zh-CN", "en"]),
    st.sampled_from(["plain", "markdown"]),
    st.booleans(),
)
def test_no_text_ever_makes_a_message_too_long_or_breaks_a_character(
    said: list[tuple[str, str, Any]], language: str, flavour: Any, may_repeat: bool
) -> None:
    chat = channel("chat", Bot(), flavour=flavour)
    due = [
        Delivery(
            number,
            notice(
                number,
                severity=severity,
                station_name=Text(name),
                title=Text(title),
                advice=Text(title * 20),
            ),
            "r",
            "chat",
            language,
        )
        for number, (name, title, severity) in enumerate(said)
    ]
    due.sort(key=lambda one: -one.severity_rank)
    told = 0
    while due:
        found = chat.next_batch(due, Pace(0), TEMPLATES)
        assert found is not None
        flagged = Batch(found.message, found.deliveries, may_repeat)
        text = chat.message(flagged, TEMPLATES).text
        assert len(text.encode()) <= 2_048
        assert "\ufffd" not in text
        gone = {one.id for one in found.deliveries}
        due = [one for one in due if one.id not in gone]
        told += len(gone)
    assert told == len(said)


@pytest.mark.parametrize("per_minute", [2, 5, 20, 100])
def test_some_of_every_limit_is_left_to_both(per_minute: int) -> None:
    assert 1 <= Limit(per_minute).reserve < per_minute
