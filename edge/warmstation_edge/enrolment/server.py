"""Asks the server over HTTPS; plain HTTP to this machine only."""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from warmstation_edge.enrolment.errors import EnrolmentFailed, ServerAway
from warmstation_wire import Payload

_TIMEOUT_S = 30.0
_MAX_ANSWER = 64 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def answer(address: str, path: str, asked: Payload, authority: Path) -> bytes:
    """The body of the answer; ServerAway where there is none, EnrolmentFailed where it says no.

    The server is who a public authority, or the pinned one, says it is.
    """
    try:
        connection = _connection(address, authority)
    except ValueError as error:
        raise _no_address(address, error) from None
    try:
        where = urlsplit(address).path.rstrip("/") + path
        connection.request("POST", where, asked.to_json(), {"content-type": "application/json"})
        response = connection.getresponse()
        body = response.read(_MAX_ANSWER + 1)
    except http.client.InvalidURL as error:
        raise _no_address(address, error) from None
    except (OSError, http.client.HTTPException) as error:
        raise ServerAway(f"{address} was not reached: {error}") from None
    except ValueError as error:  # a name that no server can have
        raise _no_address(address, error) from None
    finally:
        connection.close()
    if response.status >= 500 or response.status == 429:
        raise ServerAway(f"{address} cannot answer now ({response.status}): try again")
    if response.status >= 300 or len(body) > _MAX_ANSWER:
        raise EnrolmentFailed(f"{address} refused ({response.status}): {_detail(body)}")
    return body


def _connection(address: str, authority: Path) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "http" and host in _LOOPBACK:
        return http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT_S)
    if parts.scheme != "https" or not host:
        raise EnrolmentFailed(f"{address}: must begin with https:// (a claim is a secret)")
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(authority)
    except OSError as error:
        raise EnrolmentFailed(f"{authority}: cannot be used ({error})") from None
    return http.client.HTTPSConnection(host, parts.port, timeout=_TIMEOUT_S, context=context)


def _no_address(address: str, error: Exception) -> EnrolmentFailed:
    return EnrolmentFailed(f"{address} is no address ({error}): https://HOST, or https://HOST:PORT")


def _detail(body: bytes) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return "without a reason"
    said = found.get("detail") if isinstance(found, dict) else None
    return str(said)[:300] if said else "without a reason"
