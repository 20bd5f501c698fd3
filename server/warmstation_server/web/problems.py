"""Errors for programs: RFC 9457 problem details. For web."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.responses import JSONResponse


def problem(
    status: int,
    detail: str,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem+json response: what is wrong in one sentence, and where if that is known."""
    from starlette.responses import JSONResponse

    return JSONResponse(
        details(status, detail, errors),
        status,
        {"cache-control": "no-store", "x-content-type-options": "nosniff", **(headers or {})},
        media_type="application/problem+json",
    )


def details(status: int, detail: str, errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The body of such a response."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return body
