"""`warmstation demo`: a simulated fleet with real agents, broker and server, on this machine."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from warmstation.demo.broker import DemoBroker
from warmstation.demo.options import Options
from warmstation.demo.voice import Asked
from warmstation.errors import DemoError


def demo(
    context: typer.Context,
    fleet: Annotated[
        str, typer.Option(help="kunshan, xifeng, haibowan, xinghualing, feicheng or all.")
    ] = "kunshan",
    stations: Annotated[int | None, typer.Option(min=1, help="Only the first N.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the pages.")] = 8000,
    mqtt_port: Annotated[int, typer.Option(min=1, max=65535, help="Of the broker.")] = 1883,
    days: Annotated[int, typer.Option(min=0, max=366, help="Of made-up history.")] = 28,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop by itself.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Instead of the user's cache.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Only JSON, at the end.")] = False,
    fault: Annotated[
        list[str] | None, typer.Option(help="As in ks-songnan:heater_dead@+60s/600s.")
    ] = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="The embedded broker even where mosquitto is.")
    ] = False,
) -> None:
    """Bring up a simulated city: stations, broker, server, pages. Ctrl-C takes it all down."""
    from warmstation.demo import stage

    options = Options(
        fleet=fleet,
        stations=stations,
        port=port,
        mqtt_port=mqtt_port,
        days=days,
        seconds=seconds,
        data_dir=data_dir,
        is_headless=headless,
        faults=tuple(fault or ()),
        is_embedded=embedded,
    )
    with _Terminal(is_quiet=headless) as terminal:
        proof = stage.run(options, terminal, _asked(), context.obj)
    if headless:
        typer.echo(json.dumps(asdict(proof)))
    else:
        typer.echo(
            f"{proof.reports} reports measured by {proof.stations} simulated stations, "
            f"{proof.committed} committed, {proof.waiting} still in an outbox, "
            f"{proof.lost} lost, {proof.duplicated} duplicated"
        )
    if proof.lost or proof.duplicated:
        raise DemoError(f"{proof.lost} reports lost, {proof.duplicated} duplicated")


HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def alone() -> typer.Typer:
    """An app that has no other command."""
    app = typer.Typer(
        name="warmstation",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings=HELP_NAMES,
    )
    app.callback()(lambda: None)  # one command stays a command by its name
    app.command()(demo)
    return app


class _Terminal:
    """Says what happens, with a bar while the history is made; quiet in headless runs."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._console = Console(stderr=False, quiet=is_quiet, highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, disable=is_quiet)
        self._task: TaskID | None = None

    def __enter__(self) -> _Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def said(self, text: str) -> None:
        """One line."""
        self._console.print(text, soft_wrap=True)

    def past(self, done: float) -> None:
        """The share of the history that is made."""
        if self._task is None:
            self._progress.start()
            self._task = self._progress.add_task("making history (simulated)", total=1.0)
        self._progress.update(self._task, completed=done)
        if done >= 1:
            self._progress.stop()

    def up(self, options: Options, broker: DemoBroker, stations: int) -> None:
        """The addresses."""
        page = f"http://127.0.0.1:{options.port}"
        for name, address in (
            ("riders", f"{page}/"),
            ("English", f"{page}/en/"),
            ("open feed", f"{page}/feed/v1/feed.json"),
            ("API", f"{page}/api/v1/openapi.json"),
            ("MQTT", f"127.0.0.1:{broker.server_port} ({broker.name})"),
            ("files", f"{options.directory}"),
        ):
            self._console.print(f"  {name:<10} {address}")
        self._console.print(f"{stations} simulated stations are up. Ctrl-C ends the demo.")


def _asked() -> Asked:
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt  # a second Ctrl-C does not wait
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return lambda: bool(asked)
