"""Says notices in a recipient's language: one notice in full, or many as a digest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import quote

from warmstation_server.notify import words
from warmstation_server.notify.evidence import facts
from warmstation_server.notify.markup import bold, cut, link, safe, size
from warmstation_server.notify.notice import Notice
from warmstation_server.notify.sender import Flavour
from warmstation_server.places import Text

LINE_BYTES = 240
"""A line of a digest at most, without its link."""
_TITLE_BYTES = 300


@dataclass(frozen=True, slots=True)
class Style:
    """How a channel wants its text."""

    flavour: Flavour
    language: str
    max_bytes: int


class Templates:
    """`zone`: whose local time is said. `base_url`: where the pages are, without final slash."""

    def __init__(self, base_url: str, zone: tzinfo, is_simulated: Callable[[str], bool]) -> None:
        self._base_url = base_url
        self._zone = zone
        self._is_simulated = is_simulated

    def title(self, notice: Notice, style: Style) -> str:
        """One line: how bad, where, what, and what became of it."""
        return self._title(notice, Style("plain", style.language, style.max_bytes))

    def full(self, notice: Notice, key: str, style: Style, *, may_repeat: bool) -> str:
        """One notice with its advice, evidence and link; the advice gives way where bytes end."""
        say = _sayer(style)
        flag = say(words.MAY_REPEAT) if may_repeat else ""
        head = bold(cut(self._title(notice, style), _TITLE_BYTES), style.flavour) + flag
        head += f"\n{say(words.SINCE)} {self._local(notice.since)}"
        if notice.at != notice.since:
            head += f" · {say(words.AT)} {self._local(notice.at)}"
        tail = self._link(notice, style) + f"\n{say(words.NUMBER)} {_short(key)}"
        room = style.max_bytes - size(head) - size(tail)
        return head + cut(_body(notice, style), max(room, 0)) + tail

    def line(self, notice: Notice, style: Style, *, linked: bool) -> str:
        """A notice in a digest."""
        name = self._name(notice, style)
        severity = words.SEVERITY_WORDS[notice.severity].in_language(style.language)
        if linked and notice.alert_id and style.flavour == "markdown":
            name = link(name, self._url(notice, style), style.flavour)
        what = cut(
            f"{_kind(notice, style)}{safe(_say(notice.title, style), style.flavour)}", LINE_BYTES
        )
        line = f"- [{severity}] {name} {what}"
        if style.flavour == "markdown":
            line = f"- {bold(severity, style.flavour)} {name} {what}"
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
        critical = sum(notice.severity == "critical" for notice in notices)
        words_ = words.DIGEST_CRITICAL if critical else words.DIGEST
        return _say(words_, style).format(n=len(notices), critical=critical)

    def _title(self, notice: Notice, style: Style) -> str:
        severity = words.SEVERITY_WORDS[notice.severity].in_language(style.language)
        what = safe(_say(notice.title, style), style.flavour)
        left, right = "【】" if not style.language.startswith("en") else ("(", ") ")
        return f"{left}{severity}{right}{self._name(notice, style)} {_kind(notice, style)}{what}"

    def _name(self, notice: Notice, style: Style) -> str:
        flag = _say(words.SIMULATED, style) if self._is_simulated(notice.station) else ""
        return cut(flag + safe(_say(notice.station_name, style), style.flavour), LINE_BYTES // 2)

    def _link(self, notice: Notice, style: Style) -> str:
        if not notice.alert_id:
            return ""
        return "\n" + link(_say(words.OPEN, style), self._acknowledge(notice, style), style.flavour)

    def _acknowledge(self, notice: Notice, style: Style) -> str:
        """The alert's page, at its form for taking it on; who is not signed in signs in first."""
        return f"{self._url(notice, style)}?do=acknowledge"

    def _url(self, notice: Notice, style: Style) -> str:
        return f"{self._page(style)}/{quote(notice.alert_id, safe='')}"

    def _page(self, style: Style) -> str:
        language = "/en" if style.language.startswith("en") else ""
        return f"{self._base_url}{language}/manage/alerts"

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%m-%d %H:%M")


def _body(notice: Notice, style: Style) -> str:
    say, said = _sayer(style), ""
    if notice.advice is not None:
        said += f"\n{say(words.ADVICE)} {safe(_say(notice.advice, style), style.flavour)}"
    if notice.evidence:
        told = " · ".join(facts(notice.evidence, style.language))
        said += f"\n{say(words.EVIDENCE)} {safe(told, style.flavour)}" if told else ""
    return said


def _kind(notice: Notice, style: Style) -> str:
    """Nothing for a new alert: that is what a message is expected to be."""
    if notice.kind == "firing":
        return ""
    colon = ": " if style.language.startswith("en") else "："
    return _say(words.KIND_WORDS[notice.kind], style) + colon


def _say(text: Text, style: Style) -> str:
    return text.in_language(style.language)


def _sayer(style: Style) -> Callable[[Text], str]:
    return lambda text: text.in_language(style.language)


def _short(key: str) -> str:
    return key[:8]
