"""What a demo is told, and the files that follow from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from warmstation.demo.claim import cache_directory
from warmstation.errors import DemoError


@dataclass(frozen=True, slots=True)
class Options:
    """One demo. `seconds`: None = until Ctrl-C. `data_dir`: None = the user's cache."""

    fleet: str = "kunshan"
    stations: int | None = None
    port: int = 8000
    mqtt_port: int = 1883
    days: int = 28
    seconds: float | None = None
    data_dir: Path | None = None
    is_headless: bool = False
    faults: tuple[str, ...] = ()
    is_embedded: bool = False

    @property
    def directory(self) -> Path:
        """Everything that the demo writes is below it."""
        name = f"demo-{self.fleet}-{self.stations or 'all'}-{self.days}d"
        return (self.data_dir or cache_directory(name)).absolute()

    def settle(self) -> None:
        """DemoError where the directory holds a demo of another fleet."""
        mine = {"fleet": self.fleet, "stations": self.stations}
        mark = self.directory / "demo.json"
        try:
            found = json.loads(mark.read_text("utf-8"))
        except FileNotFoundError:
            mark.write_text(json.dumps(mine), "utf-8")
            return
        except (OSError, ValueError) as error:
            raise DemoError(f"{mark} cannot be read ({error}): choose another --data-dir") from None
        if found != mine:
            raise DemoError(
                f"{self.directory} holds a demo of {found}: choose another --data-dir or delete it"
            )

    def server_config(self) -> str:
        """server.toml of the demo: loopback only."""
        return "\n".join(
            [
                'data_dir = "server"',
                "[broker]",
                f"port = {self.mqtt_port}",
                'client_id = "warmstation-demo"',
                "[http]",
                f"port = {self.port}",
                "[feed]",
                'directory = "feed"',
                "",
            ]
        )
