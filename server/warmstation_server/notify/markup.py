"""Text that fits: cut by bytes without breaking a character, and with nothing in it that acts."""

from __future__ import annotations

from warmstation_server.notify.sender import Flavour
from warmstation_server.notify.words import CUT

# Chat apps act on some characters (mentions, links, colours): names become what they look like.
_HARMLESS = str.maketrans("<>[]*`_#", "＜＞［］＊｀＿＃")
_HARMLESS_PLAIN = str.maketrans("<>", "＜＞")


def size(text: str) -> int:
    """Bytes in UTF-8, as the vendors count."""
    return len(text.encode())


def cut(text: str, max_bytes: int) -> str:
    """At most so many bytes, ending in an ellipsis where something is missing."""
    raw = text.encode()
    if len(raw) <= max_bytes:
        return text
    if max_bytes < size(CUT):
        return ""
    return raw[: max_bytes - size(CUT)].decode(errors="ignore") + CUT


def safe(text: str, flavour: Flavour) -> str:
    """One line of somebody else's words that no chat app takes for a command."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line.translate(_HARMLESS if flavour == "markdown" else _HARMLESS_PLAIN)


def bold(text: str, flavour: Flavour) -> str:
    """Heavier where the channel can."""
    return f"**{text}**" if flavour == "markdown" else text


def link(words: str, url: str, flavour: Flavour) -> str:
    """A link by its words, or the words and the address."""
    return f"[{words}]({url})" if flavour == "markdown" else f"{words}: {url}"
