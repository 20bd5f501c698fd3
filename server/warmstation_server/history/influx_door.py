"""The way to an InfluxDB 2 server: writes count when they succeed, Flux is given parameters.

What cannot be done now is HistoryAway. Lines that the server will never take are found by halving
the batch: writing a line again changes nothing, so the rest is stored whatever lies beside it.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.domain.dialect import Dialect
from influxdb_client.rest import ApiException
from influxdb_client.service.write_service import WriteService
from urllib3.exceptions import HTTPError

from warmstation_server.history import Meanwhile, idle, influx_wire
from warmstation_server.history.errors import HistoryAway, HistoryBroken

log = logging.getLogger(__name__)

_ANSWERED, _STORED = 200, 204
"""Of a write the second alone says so: 200 may be anybody's page, and 201 is "in part"."""
_REFUSALS = frozenset({400, 413, 422})
_TEXT = "text/plain; charset=utf-8"
_DIALECT = Dialect(header=True, annotations=[], delimiter=",", comment_prefix="#")
_NOTHING = "from(bucket: bucket) |> range(start: -1s) |> limit(n: 1)"
LINES_AT_ONCE = 500
"""Of one request: a big batch at a slow server would else run into the timeout, again and again."""
REQUESTS_AT_ONCE = 3
"""Of one batch: InfluxDB stores each with one processor, and syncs what came together at once."""
_LONGEST_PATIENCE = timedelta(minutes=1)
_WHOLE = {"content-length", "transfer-encoding"}
"""Without one of them an answer that is cut off within its headers looks like "nothing there"."""
_FLUX_COLUMNS = ["", "result", "table"]
"""What every table of an answer begins with."""
_LONGEST_CELL = 2**24
csv.field_size_limit(_LONGEST_CELL)

Params = Mapping[str, object]
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is, and who we are there. `timeout`: of each read; see influx_wire.

    `ca_file`: who signs its certificate; None: whom the system trusts.
    """

    url: str
    org: str
    token: str
    timeout: timedelta = timedelta(seconds=10)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that the server does not take, by its number in the batch, and why."""

    number: int
    reason: str


class _Refused(Exception):
    """The server took a batch in part or not at all, and the batch is why."""


class Door:
    """One server; any thread may use it."""

    def __init__(self, place: Place) -> None:
        self._name, self._org = place.url, place.org
        self._client = connect(place)
        self._writes = WriteService(self._client.api_client)
        self._queries = self._client.query_api()
        self._deletes = self._client.delete_api()
        self._hands = ThreadPoolExecutor(REQUESTS_AT_ONCE, "history-write")

    def write(self, bucket: str, lines: Sequence[str]) -> None:
        """Store all of these, or HistoryAway; HistoryBroken where the server refuses our own."""
        try:
            for start in range(0, len(lines), LINES_AT_ONCE):
                self._write(bucket, lines[start : start + LINES_AT_ONCE])
        except _Refused as refusal:
            raise HistoryBroken(f"{self._name} refuses what was added up: {refusal}") from refusal

    def write_all_but_refused(
        self, bucket: str, lines: Iterable[str], meanwhile: Meanwhile = idle
    ) -> list[RefusedLine]:
        """Store all that the server takes, or HistoryAway; which lines it does not take.

        A piece is sent while the next one is made, then `meanwhile` is done until all are stored;
        less than a piece is sent by this thread alone.
        """
        begun: list[Future[list[RefusedLine]]] = []
        try:
            for first, part in _parts(lines):
                if not begun and len(part) < LINES_AT_ONCE:
                    return self._write_part(bucket, first, part)
                begun.append(self._hands.submit(self._write_part, bucket, first, part))
            while not all(part.done() for part in begun) and meanwhile():
                pass
        finally:
            wait(begun)  # also where one has failed: nothing is under way when this returns
        return [one for part in begun for one in part.result()]

    def rows(self, flux: str, params: Params) -> Iterator[Row]:
        """What a query gives, cells as text; it is given all values as parameters."""
        with plain_errors(self._name):
            answer = self._queries.query_raw(flux, dialect=_DIALECT, params=dict(params))
            text = answer.data.decode()
        if answer.status != _ANSWERED or not _WHOLE & {name.lower() for name in answer.headers}:
            raise HistoryAway(f"The history at {self._name} answers a question with no answer.")
        return _read(text, self._name)

    def reach(self, bucket: str) -> None:
        """See that a bucket is there for us; HistoryAway where not."""
        for _ in self.rows(_NOTHING, {"bucket": bucket}):
            pass

    def delete(self, bucket: str, measurement: str, start_us: int, before_us: int) -> None:
        """Let go of a measurement's points within start..before."""
        with plain_errors(self._name):
            self._deletes.delete(
                start=_rfc3339(start_us, "000"),
                stop=_rfc3339(before_us - 1, "999"),
                predicate=f'_measurement="{measurement}"',
                bucket=bucket,
            )

    def aside(self, work: Callable[[], None]) -> Future[None]:
        """Have this done while the caller goes on."""
        return self._hands.submit(work)

    def close(self) -> None:
        """Let go of the connections."""
        self._hands.shutdown(cancel_futures=True)
        self._client.close()

    def _write_part(self, bucket: str, first: int, lines: Sequence[str]) -> list[RefusedLine]:
        """As write_all_but_refused, one request after the other. `first`: its number."""
        refused: list[RefusedLine] = []
        waiting = [(first, lines)]
        while waiting:
            start, part = waiting.pop()
            try:
                self._write(bucket, part)
            except _Refused as refusal:
                if len(part) == 1:
                    refused.append(RefusedLine(start, str(refusal)))
                    continue
                half = len(part) // 2
                waiting += [(start + half, part[half:]), (start, part[:half])]
        return refused

    def _write(self, bucket: str, lines: Sequence[str]) -> None:
        body = "\n".join(lines).encode()
        with plain_errors(self._name):
            try:
                _, status, _ = self._writes.post_write_with_http_info(
                    self._org, bucket, body, precision="ns", content_type=_TEXT
                )
            except ApiException as error:
                if error.status in _REFUSALS:
                    raise _Refused(_reason(error)) from None
                raise
        if status != _STORED:
            raise HistoryAway(f"The history at {self._name} answers a write with {status}.")


def _parts(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Pieces of one request each, and the number of each one's first line."""
    rest = iter(lines)
    for first in count(step=LINES_AT_ONCE):
        part = list(islice(rest, LINES_AT_ONCE))
        if not part:
            return
        yield first, part


def connect(place: Place) -> InfluxDBClient:
    """A client of the server; nothing is asked of it yet."""
    client = InfluxDBClient(
        url=place.url,
        token=place.token,
        org=place.org,
        timeout=int(place.timeout.total_seconds() * 1000),
        ssl_ca_cert=None if place.ca_file is None else str(place.ca_file),
    )
    influx_wire.limit(client.api_client.rest_client.pool_manager, place.timeout)
    return client


@contextmanager
def plain_errors(url: str) -> Iterator[None]:
    """Say the client's errors in this room's words."""
    try:
        yield
    except ApiException as error:
        if not error.status:  # so the client says that there is no TLS with it
            why = " ".join(str(error.reason).split())
            raise HistoryAway(f"The history at {url} cannot be reached: {why}.") from error
        raise HistoryAway(
            f"The history at {url} answers {error.status}: {_reason(error)}.", _patience(error)
        ) from error
    except InfluxDBError as error:
        raise HistoryAway(f"The history at {url} cannot be used: {error}") from error
    except (HTTPError, OSError, UnicodeDecodeError) as error:
        raise HistoryAway(f"The history at {url} cannot be reached: {error}.") from error


def _rfc3339(us: int, nanoseconds: str) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}{nanoseconds}Z"


def _reason(error: ApiException) -> str:
    return str(error.message or error.reason or error.body or "no reason given").strip()


def _patience(error: ApiException) -> timedelta:
    """How long the server asks us to wait."""
    headers: Mapping[str, str] = error.headers or {}
    asked = headers.get("Retry-After", "")
    if not asked.isdecimal():  # nothing, or a date
        return timedelta()
    return min(timedelta(seconds=int(asked[:9])), _LONGEST_PATIENCE)


def _read(text: str, name: str) -> Iterator[Row]:
    """Tables of an answer, one below the other: a blank line, then the next header."""
    header: list[str] = []
    for cells in csv.reader(io.StringIO(text)):
        if not cells:
            header = []
        elif not header:
            header = cells
            if header[:3] != _FLUX_COLUMNS and "error" not in header[:2]:
                raise HistoryAway(f"The history at {name} answers a question with a page.")
        elif "error" in header[:2]:
            raise HistoryAway(f"The history answers a question with an error: {cells}.")
        elif len(cells) < len(header):
            raise HistoryAway(f"The history at {name} answers half of a question.")
        else:
            yield dict(zip(header, cells, strict=False))


def pivoted(cells: Iterable[Row]) -> list[Row]:
    """Points of cells that came field by field: tags, `_time`, and each field under its name.

    Much cheaper here than in the database, which would hand over each series by itself.
    """
    found: dict[tuple[str | None, ...], Row] = {}
    for cell in cells:
        key = cell["_time"], cell.get("station"), cell.get("stream")
        point = found.get(key)
        if point is None:
            point = found[key] = {"_time": cell["_time"]}
            for tag in ("station", "stream"):
                if tag in cell:
                    point[tag] = cell[tag]
        point[cell["_field"]] = cell["_value"]
    return list(found.values())


def time_ns(text: str) -> int:
    """A time as InfluxDB writes it, exact to the nanosecond."""
    whole, _, rest = text.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return seconds * 1_000_000_000 + int(rest.ljust(9, "0") or 0)
