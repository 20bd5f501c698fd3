"""Whether the posted hours were kept, from what sensors saw."""

from __future__ import annotations

from warmstation_server.usage.kept import PostedHour, words

HOUR_MS = 3_600_000
SIGN, SILENT = PostedHour(HOUR_MS, HOUR_MS, True, 0), PostedHour(HOUR_MS, HOUR_MS, False, 0)
DARK = PostedHour(HOUR_MS, HOUR_MS // 3, False, 0)


def test_three_watched_hours_without_a_sign_are_closed() -> None:
    assert words([SIGN, SILENT, SILENT, SILENT, SIGN]) == ["open", *["closed"] * 3, "open"]


def test_a_quiet_hour_between_visits_is_open() -> None:
    assert words([SIGN, SILENT, SILENT, SIGN]) == ["open"] * 4


def test_a_short_opening_in_which_nobody_came_is_unknown() -> None:
    assert words([SILENT, SILENT]) == ["unknown", "unknown"]


def test_what_was_not_watched_is_unknown_and_never_good() -> None:
    assert words([SIGN, DARK, SIGN, DARK, SILENT]) == [
        "open", "unknown", "open", "unknown", "unknown",
    ]  # fmt: skip


def test_a_silence_does_not_reach_from_one_opening_into_the_next() -> None:
    morning = [PostedHour(HOUR_MS, HOUR_MS, False, 1)] * 2
    evening = [PostedHour(HOUR_MS, HOUR_MS, False, 2)] * 2
    assert words(morning + evening) == ["unknown"] * 4
