"""Notices in their table. `add_notices` is for whoever commits a transition of an alert."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Connection, insert, select

from warmstation_server.notify.notice import Notice, NoticeKind, Severity
from warmstation_server.places import Text
from warmstation_server.registry.notice_tables import NoticeTable

_AT_ONCE = 500
"""Keys asked for in one statement: databases bound the number of its parameters."""


def add_notices(connection: Connection, notices: Iterable[Notice]) -> int:
    """Keep these in the caller's transaction; how many are new.

    A key that is kept already is left as it is: saying a notice twice says it once.
    """
    by_key = {notice.key: notice for notice in notices}
    for key in _known(connection, list(by_key)):
        del by_key[key]
    if by_key:  # in one statement: an incident of a city is thousands of them at once
        connection.execute(insert(NoticeTable), [_row(notice) for notice in by_key.values()])
    return len(by_key)


def notice_of(row: NoticeTable) -> Notice:
    """A notice as kept."""
    return Notice(
        key=row.key,
        alert_id=row.alert_id,
        kind=cast("NoticeKind", row.kind),
        severity=cast("Severity", row.severity),
        station=row.station,
        station_name=Text(row.station_name_zh, row.station_name_en),
        tier=row.tier,
        region_id=row.region_id,
        title=Text(row.title_zh, row.title_en),
        since=row.since,
        at=row.at,
        advice=None if row.advice_zh is None else Text(row.advice_zh, row.advice_en),
        evidence=dict(row.evidence),
    )


def _row(notice: Notice) -> dict[str, Any]:
    advice = notice.advice
    return {
        "key": notice.key,
        "alert_id": notice.alert_id,
        "kind": notice.kind,
        "severity": notice.severity,
        "station": notice.station,
        "station_name_zh": notice.station_name.zh,
        "station_name_en": notice.station_name.en,
        "tier": notice.tier,
        "region_id": notice.region_id,
        "title_zh": notice.title.zh,
        "title_en": notice.title.en,
        "advice_zh": None if advice is None else advice.zh,
        "advice_en": None if advice is None else advice.en,
        "since": notice.since,
        "at": notice.at,
        "evidence": dict(notice.evidence),
        "routed_at": None,
    }


def _known(connection: Connection, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for first in range(0, len(keys), _AT_ONCE):
        some = keys[first : first + _AT_ONCE]
        found |= set(connection.scalars(select(NoticeTable.key).where(NoticeTable.key.in_(some))))
    return found
