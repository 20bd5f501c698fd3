"""One way out: a sender with its limits and its style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warmstation_server.notify.batching import Limit, message_key, next_batch
from warmstation_server.notify.delivery import Batch, Delivery, Pace
from warmstation_server.notify.markup import size
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.outcome import Outcome, permanent
from warmstation_server.notify.sender import Flavour, Message, Sender
from warmstation_server.notify.template import Style, Templates
from warmstation_server.notify.words import MAY_REPEAT

MOST_LINES = 200
"""Of a digest, also where bytes are plenty: so it can be claimed again whole."""
_MOST_LINKED = 2
"""Messages: where lines with links would need more, the lines go without."""


@dataclass(frozen=True, slots=True)
class Channel:
    """`max_bytes`: of a message's text. `fallback`: the channel that takes over, by name."""

    name: str
    sender: Sender
    limit: Limit
    max_bytes: int
    flavour: Flavour = "plain"
    fallback: str | None = None

    def next_batch(self, due: Sequence[Delivery], pace: Pace, templates: Templates) -> Batch | None:
        """What goes now, of what is due."""
        return next_batch(due, pace, self.limit, lambda some: self._fits(some, templates))

    def message(self, batch: Batch, templates: Templates) -> Message:
        """A batch as it leaves."""
        notices = [one.notice for one in batch.deliveries]
        shown = newest(batch.deliveries)
        style = self._style(batch.deliveries[0].language)
        if len(shown) == 1:
            title = templates.title(shown[0], style)
            text = templates.full(shown[0], batch.message, style, may_repeat=batch.may_repeat)
        else:
            title = templates.heading(shown, style)
            text = templates.digest(
                shown,
                batch.message,
                style,
                linked=self._is_linked(batch.deliveries, templates),
                may_repeat=batch.may_repeat,
            )
        if batch.may_repeat:
            title += f" {MAY_REPEAT.in_language(style.language)}"
        return Message(
            *(batch.message, title, text, self.flavour, style.language),
            *(batch.may_repeat, notices, shown),
        )

    def _style(self, language: str) -> Style:
        return Style(self.flavour, language, self.max_bytes)

    def _fits(self, due: Sequence[Delivery], templates: Templates) -> int:
        linked = self._count(due, templates, linked=True)
        if len(due) <= _MOST_LINKED * linked:
            return linked
        return self._count(due, templates, linked=False)

    def _is_linked(self, deliveries: Sequence[Delivery], templates: Templates) -> bool:
        return self._count(deliveries, templates, linked=True) == len(deliveries)

    def _count(self, due: Sequence[Delivery], templates: Templates, *, linked: bool) -> int:
        """How many lines a digest holds, counted with the longest frame that it may have."""
        style = self._style(due[0].language)
        notices = [one.notice for one in due[:MOST_LINES]]
        head, tail = templates.frame(notices, message_key(due), style, may_repeat=True)
        room = self.max_bytes - size(head) - size(tail) - 1
        for number, notice in enumerate(notices):
            room -= size(templates.line(notice, style, linked=linked)) + 1
            if room < 0:
                return number
        return len(notices)


def newest(deliveries: Sequence[Delivery]) -> list[Notice]:
    """What of each alert is said last: what waited for the morning with its end is told as over."""
    found: dict[str, Delivery] = {}
    for one in deliveries:
        of = one.notice.alert_id or one.notice.key
        known = found.get(of)
        found[of] = one if known is None or known.id < one.id else known
    return [one.notice for one in found.values()]


class _NoSender:
    """Stands for a channel that is no longer configured."""

    def send(self, message: Message) -> Outcome:
        """What is left for the channel is given up, and the operator hears of it."""
        return permanent("no-channel", f"{len(message.notices)} notices wait for it")


def gone(name: str) -> Channel:
    """A channel that notices wait for and that the configuration does not name any more."""
    return Channel(name, _NoSender(), Limit(60), 2_000)
