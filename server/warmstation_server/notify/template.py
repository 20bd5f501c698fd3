"""Says notices in a recipient's language: one notice in full, or many as a digest. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from warmstation_server.notify import words
from warmstation_server.notify.delivery import TO_ALL
from warmstation_server.notify.evidence import facts
from warmstation_server.notify.hints import Hint, no_hint
from warmstation_server.notify.markup import bold, cut, link, safe, size
from warmstation_server.notify.notice import ENDS, Notice
from warmstation_server.notify.sender import Flavour
from warmstation_server.places import Station, Text

log = logging.getLogger(__name__)

LINE_BYTES = 240
"""A line of a digest at most, without its link."""
_TITLE_BYTES = 300
LASTED = "lasted_min"
"""The figure that a notice of an end brings with it."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a channel wants its text."""

    flavour: Flavour
    language: str
    max_bytes: int


class Templates:
    """`zone`: whose local time is said. `base_url`: where the pages are, without final slash.

    `station`: as it is registered, None where it is not. `hint`: what the past adds to advice.
    """

    def __init__(
        self,
        base_url: str,
        zone: tzinfo,
        station: Callable[[str], Station | None],
        hint: Hint = no_hint,
    ) -> None:
        self._base_url = base_url
        self._zone = zone
        self._station = station
        self._hint = hint

    def title(self, notice: Notice, style: Style) -> str:
        """One line: how bad, where, what, and what became of it."""
        plain = Style("plain", style.language, style.max_bytes)
        return _or_bare(lambda: self._title(notice, plain), notice, plain)

    def full(self, notice: Notice, key: str, style: Style, *, may_repeat: bool) -> str:
        """One notice with its advice, evidence and link; the advice gives way where bytes end."""
        return _or_bare(
            lambda: self._full(notice, key, style, may_repeat=may_repeat), notice, style
        )

    def _full(self, notice: Notice, key: str, style: Style, *, may_repeat: bool) -> str:
        say = _sayer(style)
        flag = say(words.MAY_REPEAT) if may_repeat else ""
        head = bold(cut(self._title(notice, style), _TITLE_BYTES), style.flavour) + flag
        tail = f"\n{self._times(notice, style)}{self._place(notice, style)}"
        tail += self._link(notice, style) + f"\n{say(words.NUMBER)} {_short(key)}"
        room = style.max_bytes - size(head) - size(tail)
        return head + cut(_body(notice, style, self._hint(notice)), max(room, 0)) + tail

    def line(self, notice: Notice, style: Style, *, linked: bool) -> str:
        """A notice in a digest."""
        return _or_bare(lambda: self._line(notice, style, linked=linked), notice, style)

    def _line(self, notice: Notice, style: Style, *, linked: bool) -> str:
        name = self._name(notice, style)
        if linked and notice.alert_id and style.flavour == "markdown":
            name = link(name, self._url(notice, style), style.flavour)
        what = cut(safe(_say(notice.title, style), style.flavour), LINE_BYTES)
        state = _state(notice, style)
        state = bold(state, style.flavour) if style.flavour == "markdown" else f"[{state}]"
        line = f"- {state} {name} {what} {self._since(notice)}"
        if linked and notice.alert_id and style.flavour == "plain":
            line += f" {self._url(notice, style)}"
        return line

    def digest(
        self, notices: Sequence[Notice], key: str, style: Style, *, linked: bool, may_repeat: bool
    ) -> str:
        """Many notices, a line each, in the order given."""
        lines = [self.line(notice, style, linked=linked) for notice in notices]
        head, tail = self.frame(notices, key, style, may_repeat=may_repeat)
        return "\n".join((head, *lines, tail))

    def frame(
        self, notices: Sequence[Notice], key: str, style: Style, *, may_repeat: bool
    ) -> tuple[str, str]:
        """What stands before and after the lines of a digest."""
        say = _sayer(style)
        head = bold(self.heading(notices, style), style.flavour)
        head += say(words.MAY_REPEAT) if may_repeat else ""
        tail = link(say(words.ALL), self._page(style), style.flavour)
        return head, f"{tail}\n{say(words.NUMBER)} {_short(key)}"

    def heading(self, notices: Sequence[Notice], style: Style) -> str:
        """How many, and how many of the worst kind."""
        critical = sum(one.severity == "critical" and one.kind not in ENDS for one in notices)
        words_ = words.DIGEST_CRITICAL if critical else words.DIGEST
        return _say(words_, style).format(n=len(notices), critical=critical)

    def _title(self, notice: Notice, style: Style) -> str:
        state, what = _state(notice, style), safe(_say(notice.title, style), style.flavour)
        if style.language.startswith("en"):
            return f"({state}) {self._name(notice, style)}: {what}"
        return f"【{state}】{self._name(notice, style)} {what}"

    def _name(self, notice: Notice, style: Style) -> str:
        station = self._station(notice.station)
        is_simulated = station is not None and station.is_simulated
        flag = _say(words.SIMULATED, style) if is_simulated else ""
        return cut(flag + safe(_say(notice.station_name, style), style.flavour), LINE_BYTES // 2)

    def _link(self, notice: Notice, style: Style) -> str:
        if not notice.alert_id:
            return ""
        if notice.kind in TO_ALL:
            return "\n" + link(_say(words.LOOK, style), self._url(notice, style), style.flavour)
        return "\n" + link(_say(words.OPEN, style), self._acknowledge(notice, style), style.flavour)

    def _acknowledge(self, notice: Notice, style: Style) -> str:
        """The alert's page, at its form for taking it on; who is not signed in signs in first."""
        return f"{self._url(notice, style)}?do=acknowledge"

    def _url(self, notice: Notice, style: Style) -> str:
        return f"{self._page(style)}/{quote(notice.alert_id, safe='')}"

    def _page(self, style: Style) -> str:
        language = "/en" if style.language.startswith("en") else ""
        return f"{self._base_url}{language}/manage/alerts"

    def _times(self, notice: Notice, style: Style) -> str:
        said = f"{_say(words.SINCE, style)}{self._local(notice.since)}"
        lasted = notice.at - notice.since
        how = words.LASTS
        if notice.kind in ENDS:  # it may be told hours after its end
            lasted, how = timedelta(minutes=_figure(notice.evidence.get(LASTED))), words.LASTED
        if lasted < timedelta(minutes=1):
            return said
        return f"{said} · {_say(how, style).format(time=_time(lasted, style))}"

    def _place(self, notice: Notice, style: Style) -> str:
        """For who may not know the station, and for whoever has to send somebody there at once."""
        station = self._station(notice.station)
        is_known = notice.tier == "station" and notice.severity != "critical"
        if station is None or is_known or notice.kind in ENDS:
            return ""
        said = safe(station.address, style.flavour)
        if station.contact_phone:
            said += f" · {_say(words.PHONE, style)} {safe(station.contact_phone, style.flavour)}"
        said = cut(said.removeprefix(" · "), LINE_BYTES)
        return f"\n{_say(words.PLACE, style)}{said}" if said else ""

    def _since(self, notice: Notice) -> str:
        """Its time of day, with the day where that is another than when it is said."""
        said = self._local(notice.since)
        day, _, clock = said.partition(" ")
        return clock if self._local(notice.at).startswith(day) else said

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%m-%d %H:%M")


def _or_bare(said: Callable[[], str], notice: Notice, style: Style) -> str:
    """What was to be said; where another version kept what this one has no words for, the names.

    A notice is told badly rather than not at all, and it holds up no other.
    """
    try:
        return said()
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        log.exception("notice %s has no words", notice.key)
        name, what = (safe(one.zh, style.flavour) for one in (notice.station_name, notice.title))
        return cut(f"{name} {what} {_short(notice.key)}", LINE_BYTES)


def _body(notice: Notice, style: Style, hint: Text | None) -> str:
    say, said = _sayer(style), ""
    if notice.kind in ENDS:
        return ""  # there is nothing to be done any more
    if notice.advice is not None:
        said += f"\n{say(words.ADVICE)}{safe(_say(notice.advice, style), style.flavour)}"
    if hint is not None:
        said += f"\n{safe(_say(hint, style), style.flavour)}"
    if notice.evidence:
        told = " · ".join(facts(notice.evidence, style.language))
        said += f"\n{say(words.EVIDENCE)}{safe(told, style.flavour)}" if told else ""
    return said


def _state(notice: Notice, style: Style) -> str:
    """How bad it is and what became of it, in as few words as a locked phone shows."""
    kind = _say(words.KIND_WORDS.get(notice.kind, Text("")), style)
    if notice.kind in ENDS:
        return kind
    severity = _say(words.SEVERITY_WORDS[notice.severity], style)
    if notice.kind == "firing" or not kind:  # that is what a message is expected to be
        return severity
    if style.language.startswith("en"):
        return f"{severity}, {kind[:1].lower()}{kind[1:]}"
    return f"{severity}·{kind}"


def _time(lasted: timedelta, style: Style) -> str:
    minutes = int(lasted.total_seconds() // 60)
    hours, days = minutes // 60, minutes // 1440
    text = words.DAYS if days else words.HOURS if hours else words.MINUTES
    return _say(text, style).format(d=days, h=hours % 24, m=minutes % 60)


def _figure(value: float | str | None) -> float:
    return value if isinstance(value, int | float) else 0.0


def _say(text: Text, style: Style) -> str:
    return text.in_language(style.language)


def _sayer(style: Style) -> Callable[[Text], str]:
    return lambda text: text.in_language(style.language)


def _short(key: str) -> str:
    return key[:8]
