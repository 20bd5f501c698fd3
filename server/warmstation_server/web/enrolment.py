"""What stations ask over HTTPS: a certificate, its renewal, keeping a commissioning record.

No login: a claim, or the station's own key, is what entitles. `app` includes the router.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from warmstation_server.clock import Clock
from warmstation_server.enrolment.errors import (
    BadClaim,
    BadRecord,
    BadSignature,
    BadSigningRequest,
    EnrolmentError,
)
from warmstation_server.registry import RegistryAway
from warmstation_server.web.problems import problem
from warmstation_wire import Payload
from warmstation_wire.enrolment import (
    COMMISSIONINGS,
    ENROLMENTS,
    MAX_BODY_BYTES,
    RENEWALS,
    Enrolled,
    EnrolmentRequest,
    Signed,
)

P = TypeVar("P", bound=Payload)
_STATUS = {BadClaim: 403, BadSignature: 403, BadSigningRequest: 422, BadRecord: 422}


class EnrolmentDesk(Protocol):
    """Who answers; enrolment.desk.Desk is one."""

    def enrol(self, text: str, csr: str, now: datetime) -> Enrolled:
        """A certificate for a claim."""
        ...

    def renew(self, said: Signed, now: datetime) -> Enrolled:
        """A certificate for the next key."""
        ...

    def commission(self, said: Signed, now: datetime) -> object:
        """Keep a record."""
        ...


def router(desk: EnrolmentDesk, clock: Clock) -> APIRouter:
    """The three addresses. Bodies are bounded; all that blocks runs in a worker thread."""
    routes = APIRouter()

    @routes.post(
        ENROLMENTS,
        response_model=Enrolled,
        openapi_extra=_body(EnrolmentRequest),
        summary="A station's first certificate",
    )
    async def enrol(request: Request) -> Response:
        def answer(asked: EnrolmentRequest) -> Enrolled:
            return desk.enrol(asked.claim, asked.csr, clock.now())

        return await _answered(request, EnrolmentRequest, answer)

    @routes.post(
        RENEWALS,
        response_model=Enrolled,
        openapi_extra=_body(Signed),
        summary="A station's next certificate",
    )
    async def renew(request: Request) -> Response:
        return await _answered(request, Signed, lambda said: desk.renew(said, clock.now()))

    @routes.post(
        COMMISSIONINGS,
        status_code=204,
        openapi_extra=_body(Signed),
        summary="Keep how a station was commissioned",
    )
    async def commission(request: Request) -> Response:
        def keep(said: Signed) -> None:
            desk.commission(said, clock.now())

        return await _answered(request, Signed, keep)

    return routes


async def _answered(
    request: Request, model: type[P], answer: Callable[[P], Enrolled | None]
) -> Response:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return problem(413, f"at most {MAX_BODY_BYTES} bytes")
    try:
        asked = model.model_validate_json(body)
        found = await run_in_threadpool(answer, asked)
    except ValidationError as error:
        return problem(422, "the request is not what it should be", _places(error))
    except RegistryAway:
        return problem(503, "the registry is away; try again")
    except EnrolmentError as error:
        return problem(_STATUS.get(type(error), 503), str(error))
    if found is None:
        return Response(status_code=204)
    headers = {"cache-control": "no-store"}
    return Response(found.to_json(), media_type="application/json", headers=headers)


def _places(error: ValidationError) -> list[dict[str, Any]]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [{"in": ".".join(map(str, each["loc"])), "reason": each["msg"]} for each in found[:10]]


def _body(model: type[Payload]) -> dict[str, Any]:
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
