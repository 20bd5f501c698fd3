"""What can be wrong with a file of rules or of rule tests: one sentence a mistake."""

from __future__ import annotations

from warmstation_server.errors import ServerError


class BadRules(ServerError, ValueError):
    """Rules that cannot be used: names file, line and key, and what is allowed."""


class BadRuleTests(ServerError, ValueError):
    """A file of rule tests that cannot be used."""


class UnknownAlert(ServerError, LookupError):
    """No alert of this id is open."""


class BadRange(ServerError, ValueError):
    """A time in which nothing can be judged."""


class BadPlaces(ServerError, LookupError):
    """Names of stations and regions that are not registered."""
