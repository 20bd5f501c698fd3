"""What can go wrong when a station enrols; each is one sentence for whoever asked."""

from __future__ import annotations

from warmstation_server.errors import ServerError


class EnrolmentError(ServerError):
    """Root of this room's errors."""


class BadAuthority(EnrolmentError, OSError):
    """The deployment's own authority cannot be read or made."""


class BadClaim(EnrolmentError, PermissionError):
    """A claim that is unknown, used or over. One sentence for all: a guesser learns nothing."""


class BadSigningRequest(EnrolmentError, ValueError):
    """A signing request for something else than this station's own key."""


class BadSignature(EnrolmentError, PermissionError):
    """A statement that no valid certificate of ours stands behind."""


class BadRecord(EnrolmentError, ValueError):
    """A commissioning record that is not one."""


class BadHost(EnrolmentError, ValueError):
    """What is given for a machine's name can be none."""
