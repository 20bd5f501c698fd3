"""The long tail of services by Apprise, https://github.com/caronc/apprise, the extra `apprise`.

Counted as delivered only where Apprise says that every service took it. It cannot be trusted for
the vendors that have a sender here: it calls HTTP 200 a success, whatever code is in the body.
Its services are called on the sender's own thread; a slow one delays no other channel.

A host that its address names must be public, or in a network that the channel allows: looked up
before each message. Apprise looks it up again by itself, so against a name that changes between the
two, or a redirect, only the network's own rules help; the webhook sender has no such gap.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from warmstation_server.errors import BadConfig
from warmstation_server.notify.errors import NotSent, Refused
from warmstation_server.notify.guard import Guard
from warmstation_server.notify.outcome import Outcome, delivered, permanent, retry
from warmstation_server.notify.sender import Message
from warmstation_server.notify.words import KEY

if TYPE_CHECKING:
    from apprise import Apprise

MAX_BYTES: Final = 2_000
"""Most services take this much; Apprise itself cuts for those that take less."""
PER_MINUTE: Final = 10
TIMEOUT = timedelta(seconds=60)
"""Well within a lease."""
_OWN = ("wecombot", "dingtalk", "feishu", "lark", "mailto", "mailtos")
_LOCAL = ("syslog", "dbus", "qt", "kde", "glib", "gnome", "macosx", "windows")
_HTTPS_PORT = 443


class _Said(Protocol):
    def __bool__(self) -> bool: ...


class AppriseSender:
    """`service`: an Apprise object with one address in it."""

    def __init__(self, service: Apprise, guard: Guard) -> None:
        self._service = service
        self._guard = guard

    def send(self, message: Message) -> Outcome:
        """Hand it over where it may go, and believe only a plain yes."""
        for host, port in _hosts(self._service):
            try:
                self._guard.addresses(host, port)
            except Refused as error:
                return permanent("address", str(error))
            except NotSent:
                continue  # no host after all, but a token or a name of the vendor's own
        return self._handed_over(message)

    def _handed_over(self, message: Message) -> Outcome:
        kind = "failure" if message.notices[0].severity == "critical" else "warning"
        text = f"{message.text}\n{KEY} {message.key}"
        try:
            said: _Said = self._service.notify(
                body=text,
                title=message.title,
                notify_type=kind,
                body_format="markdown" if message.flavour == "markdown" else "text",
                interpret_escapes=False,
                **_timeout(self._service),
            )
        except Exception as error:  # noqa: BLE001 - any of its hundred services may raise anything
            return retry("apprise", type(error).__name__, may_have_arrived=True)
        word = getattr(getattr(said, "status", None), "name", "FAILURE").lower()
        if said:
            return delivered("apprise")
        return retry(f"apprise-{word}", may_have_arrived=word in ("timeout", "partial"))


def sender(name: str, url: str, guard: Guard) -> AppriseSender:
    """The sender for an address; BadConfig where Apprise is missing or does not know it."""
    scheme = url.partition("://")[0].lower()
    if scheme in _LOCAL:
        raise BadConfig(f"channels.{name}: {scheme} shows messages on this machine, to nobody")
    if scheme in _OWN:
        raise BadConfig(
            f"channels.{name}: {scheme} has a sender of its own here, which reads the vendor's "
            "answer; use type wecom, dingtalk, feishu or smtp"
        )
    try:
        from apprise import Apprise
    except ImportError:
        raise BadConfig(
            f"channels.{name}: Apprise is not installed; install warmstation[server,apprise]"
        ) from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it logs addresses: secrets
    service = Apprise()
    if not service.add(url):
        raise BadConfig(f"channels.{name}: its url must be an address that Apprise knows")
    return AppriseSender(service, guard)


def _hosts(service: Apprise) -> Iterator[tuple[str, int]]:
    """The hosts that the address names; most services have a fixed one of their vendor."""
    for one in service:
        host = getattr(one, "host", None)
        templates: tuple[str, ...] = one.templates
        if host and any("{host}" in template for template in templates):
            yield str(host), int(getattr(one, "port", None) or _HTTPS_PORT)


def _timeout(service: Apprise) -> dict[str, Any]:
    """Older versions have no deadline of their own, only that of each request."""
    known = service.notify.__code__.co_varnames
    return {"timeout": TIMEOUT.total_seconds()} if "timeout" in known else {}
