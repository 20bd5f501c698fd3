"""Enrols, renews, signs: one station's dealings with the authority of its deployment."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from warmstation_edge.enrolment.crypto import Crypto
from warmstation_edge.enrolment.errors import EnrolmentFailed
from warmstation_edge.enrolment.identity import Identity
from warmstation_wire import Payload
from warmstation_wire.enrolment import (
    COMMISSIONINGS,
    ENROLMENTS,
    RENEWALS,
    Commissioning,
    Enrolled,
    EnrolmentRequest,
    Renewal,
    Signed,
)

Ask = Callable[[str, str, Payload, Path], bytes]
"""Address, path, what is asked, the pinned authority; server.answer is the real one."""
_log = logging.getLogger(__name__)
RENEW_AT = 2 / 3
"""The share of its life after which a certificate is renewed: eight months before its end."""


class Station:
    """Who this is, and what it is known by. `authority` is the pinned certificate."""

    def __init__(
        self, station_id: str, identity: Identity, authority: Path, crypto: Crypto, ask: Ask
    ) -> None:
        self._id = station_id
        self._identity = identity
        self._authority = authority
        self._crypto = crypto
        self._ask = ask

    def enrol(self, server: str, claim: str) -> datetime:
        """Become known with a claim; until when. EnrolmentFailed says why not.

        A claim that has been used here is not sent again: the server would say that it is used.
        """
        if claim.partition(".")[0] != self._id:
            raise EnrolmentFailed(f"this claim is not for {self._id}: ask for one that is")
        self._pinned()
        if self._identity.was_given(claim):
            return self.until()
        key, request = self._asked()
        try:
            asked = EnrolmentRequest(claim=claim, csr=request)
        except ValidationError:
            raise EnrolmentFailed("this is no claim: it looks like ID.abc2...") from None
        until = self._take(server, key, self._ask(server, ENROLMENTS, asked, self._authority))
        with suppress(EnrolmentFailed):  # it is enrolled all the same
            self._identity.keep_claim(claim)
        return until

    def renew(self, now: datetime, *, is_forced: bool = False) -> datetime | None:
        """Renew where it is time; until when, None where it is not. EnrolmentFailed."""
        key, certificate = self._held()
        since, until = self._crypto.span(certificate)
        if not is_forced and now < since + (until - since) * RENEW_AT:
            return None
        server, (next_key, request) = self._server(), self._asked()
        signed = self._signed(Renewal(csr=request), key, certificate)
        return self._take(server, next_key, self._ask(server, RENEWALS, signed, self._authority))

    def until(self) -> datetime:
        """The end of the certificate that is held. EnrolmentFailed where there is none."""
        return self._crypto.span(self._held()[1])[1]

    def commission(self, told: Commissioning) -> None:
        """Hand the commissioning record in. EnrolmentFailed."""
        key, certificate = self._held()
        signed = self._signed(told, key, certificate)
        self._ask(self._server(), COMMISSIONINGS, signed, self._authority)

    def _take(self, server: str, key: str, body: bytes) -> datetime:
        try:
            enrolled = Enrolled.model_validate_json(body)
        except ValidationError:
            raise EnrolmentFailed(f"{server} did not answer with a certificate") from None
        if not self._crypto.is_of(enrolled.certificate, self._pinned(), key):
            raise EnrolmentFailed(
                f"the certificate is not one of the authority in {self._authority}:"
                " is this the right server?"
            )
        self._identity.keep(key, enrolled.certificate)
        self._identity.keep_server(server)
        return enrolled.not_after

    def _signed(self, said: Payload, key: str, certificate: str) -> Signed:
        statement = said.to_json()
        signature = base64.b64encode(self._crypto.signature(key, statement)).decode()
        return Signed(certificate=certificate, statement=statement.decode(), signature=signature)

    def _asked(self) -> tuple[str, str]:
        """The key that waits for a certificate, and its request. What a dying card made of a key
        waits for nothing: there is a new one then."""
        try:
            waiting = self._identity.pending_key()
            if waiting is not None:
                return waiting, self._crypto.request(waiting, self._id)
        except EnrolmentFailed as error:
            _log.warning("a new key is made, the one that waited is broken: %s", error)
        key = self._crypto.new_key()
        self._identity.keep_pending(key)
        return key, self._crypto.request(key, self._id)

    def _held(self) -> tuple[str, str]:
        held = self._identity.parts()
        if held is None:
            raise EnrolmentFailed("this station is not enrolled: warmstation-agent enrol")
        return held

    def _server(self) -> str:
        server = self._identity.server()
        if server is None:
            raise EnrolmentFailed("nobody knows which server signed: warmstation-agent enrol")
        return server

    def _pinned(self) -> str:
        try:
            return self._authority.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise EnrolmentFailed(
                f"{self._authority}: the deployment's authority must be there first ({error})"
            ) from None
