"""Who publishes: the deployment as its readers see it. For publish and web."""

from __future__ import annotations

from dataclasses import dataclass

from warmstation_server.places import Text

DEFAULT_NAME = Text("暖心驿站", "Warm Stations")
NOBODY = Text("")


@dataclass(frozen=True, slots=True)
class Site:
    """One deployment.

    `base_url`: how readers reach it, without a trailing slash. `zone`: IANA zone of its clocks.
    """

    base_url: str
    name: Text = DEFAULT_NAME
    operator: Text = NOBODY
    zone: str = "Asia/Shanghai"
    system_id: str = "warmstation"

    def url(self, path: str) -> str:
        """The absolute address of a path that begins with a slash."""
        return self.base_url.rstrip("/") + path
