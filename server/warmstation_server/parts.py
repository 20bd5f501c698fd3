"""Builds every part of a server from its configuration: the one place that knows them all."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from warmstation_server import claim
from warmstation_server.alerting import Alerting, AlertParts
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.rules import load as load_rules
from warmstation_server.alerts.scene import RosterScene
from warmstation_server.chores import KEPT, Chores
from warmstation_server.clock import Clock
from warmstation_server.config import Config
from warmstation_server.dead_letters import DeadLetters
from warmstation_server.duty import Duty, OwnAlerts, holder_of
from warmstation_server.enrolment.doorman import Doorman
from warmstation_server.exports.assembly import Figures, figures
from warmstation_server.fast_lane import FastLane
from warmstation_server.history import History
from warmstation_server.history.assembly import Hooks, opened
from warmstation_server.history.errors import HistoryAway
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.intake import Intake
from warmstation_server.intake.apart import IntakeApart
from warmstation_server.intake.mqtt import MqttIntake
from warmstation_server.intake.orders import Orders
from warmstation_server.kept_watch import KeptWatch
from warmstation_server.learning import Learning
from warmstation_server.metrics import Metrics, district_ages_s
from warmstation_server.picture import Picture
from warmstation_server.pipeline import Pace, Parts, Pipeline
from warmstation_server.publish.directory import Directory
from warmstation_server.publish.home_assistant import Discovery
from warmstation_server.publish.renderer import Renderer, Sink
from warmstation_server.publish.site import Site
from warmstation_server.registry import Registry
from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, Snapshot
from warmstation_server.stocking import Stocking
from warmstation_server.upkeep import RegistryUpkeep
from warmstation_server.usage.response import KEPT as ALERTS_KEPT
from warmstation_server.web.app import create_app
from warmstation_server.web.front import Front
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.static_site import StaticSite
from warmstation_server.withheld import secrets

if TYPE_CHECKING:
    from warmstation_server.enrolment.desk import Desk as EnrolmentDesk
    from warmstation_server.notify.drain import Drain

SETTLE_WITHIN = timedelta(seconds=1.5)


@dataclass(frozen=True, slots=True)
class Stores:
    """What is on disk."""

    registry: Registry
    roster: Roster
    history: History
    letters: DeadLetters
    figures: Figures


@dataclass(frozen=True, slots=True)
class Server:
    """All parts, built and connected, not yet started."""

    intake: Intake
    pipeline: Pipeline
    chores: Chores
    learning: Learning
    renderer: Renderer
    app: Front
    listener: socket.socket
    figures: Figures
    drain: Drain | None
    doorman: Doorman


@contextlib.contextmanager
def built(config: Config, clock: Clock) -> Iterator[Server]:
    """Open what must be open, close it in the opposite order.

    WarmstationError with one sentence where a port, a file or the registry cannot be had.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(claim.listener(config.http.host, config.http.port))
        yield _assembled(config, clock, listener, _opened(config, clock, stack))


def _opened(config: Config, clock: Clock, stack: ExitStack) -> Stores:
    registry = stack.enter_context(closing(Registry.open(config.registry_url)))
    roster = Roster(registry, RegistryUpkeep(registry, clock), registry.audit)
    roster.refresh()
    history = opened(config, Hooks(roster.target_c, roster.is_posted_open, roster.seats))
    stack.enter_context(closing(history))
    if isinstance(history, SqliteHistory):
        stack.callback(_settle, history, clock)
    bounds = config.dead_letters
    letters = DeadLetters.open(config.dead_letters_path, bounds.max_rows, bounds.max_mb * 2**20)
    stack.enter_context(closing(letters))
    found = figures(config, history, registry, roster, clock, stack)
    return Stores(registry, roster, history, letters, found)


def _settle(history: SqliteHistory, clock: Clock) -> None:
    """So that the next start need not read the journal, as far as there is time for it."""
    end = clock.now() + SETTLE_WITHIN
    with contextlib.suppress(HistoryAway):
        history.settle(lambda: clock.now() > end)


def _assembled(config: Config, clock: Clock, listener: socket.socket, stores: Stores) -> Server:
    metrics, current = Metrics(), Current(Snapshot(clock.now()))
    intake = _intake(config, clock)
    registry = stores.registry
    forgetful = ((registry.alerts, ALERTS_KEPT), (registry.notifications, KEPT))
    learning = Learning(stores.history, clock, config.alerts.agent)
    stocking = _stocking(config, clock, stores, learning)
    drain = _drain(config, clock, stores, metrics)
    alerting, desk = _alerting(config, clock, stores, metrics, intake, stocking, drain)
    chores = Chores(stores.history, stores.roster, clock, config.zone_info, forgetful)
    parts = Parts(
        transport=intake,
        sender=intake,
        history=stores.history,
        letters=stores.letters,
        roster=stores.roster,
        picture=Picture(stores.roster, current),
        metrics=metrics,
        clock=clock,
        busy=lambda: chores.busy,
        alerting=alerting,
        discovery=_discovery(config, intake),
        lane=FastLane(intake, stores.history, alerting, stores.roster, clock),
    )
    batch = timedelta(milliseconds=config.intake.batch_ms)
    pipeline = Pipeline(parts, Pace(batch, config.intake.max_batch, config.retention))
    # The first picture is right before anyone can look at it.
    pipeline.turn((), clock.now())
    _watch(metrics, intake, current, clock, config.data_dir)
    site = Site(base_url=config.base_url, zone=config.zone)
    sinks = _sinks(config, current, site, clock)
    renderer = Renderer(current, site, sinks)
    app = create_app(
        current=current,
        site=site,
        feed=lambda: renderer.documents,
        registry=stores.registry,
        history=stores.history,
        metrics=metrics.render,
        clock=clock,
        ready=lambda: _unready(intake, pipeline),
        enrolment=lambda: _enrolment(config, stores),
        staff=StaffParts(
            current,
            site,
            registry,
            stores.history,
            clock,
            desk,
            stocking,
            stores.figures.district,
            stores.figures.jobs,
        ),
    )
    doorman = Doorman(
        config.authority_dir, registry.revision, lambda: _enrolment(config, stores), clock
    )
    return Server(
        intake, pipeline, chores, learning, renderer, app, listener, stores.figures, drain, doorman
    )


def _intake(config: Config, clock: Clock) -> Intake:
    if config.intake.processes:
        bounds = config.intake.queue, config.intake.processes
        return IntakeApart(Orders(config.broker, *bounds, config.log, tuple(secrets(config))))
    return MqttIntake(config.broker, config.intake.queue, clock)


def _stocking(config: Config, clock: Clock, stores: Stores, learning: Learning) -> Stocking:
    """What reports and the ledger of supplies say may be wrong."""
    watch = KeptWatch(config.watch_path, stores.roster, config.alerts.agent, learning)
    watch.catch_up(stores.history, stores.registry.alerts.load().passed, clock.now())
    return Stocking(watch, stores.registry.supplies, stores.roster)


def _alerting(
    config: Config,
    clock: Clock,
    stores: Stores,
    metrics: Metrics,
    intake: Intake,
    source: Stocking,
    drain: Drain | None,
) -> tuple[Alerting, Desk]:
    now, roster = clock.now(), stores.roster
    scene = RosterScene(roster, load_rules(config.alerts.rules, roster.regions), now)
    duty = Duty(stores.registry.duties, holder_of(config.data_dir))
    desk = Desk(OwnAlerts(stores.registry.alerts, duty.holder), scene)
    parts = AlertParts(
        source=source,
        desk=desk,
        scene=scene,
        roster=roster,
        sender=intake,
        metrics=metrics,
        is_listening=lambda: intake.is_connected,
        wake=drain.wake if drain is not None else lambda: None,
        duty=duty,
    )
    return Alerting(parts), desk


def _enrolment(config: Config, stores: Stores) -> EnrolmentDesk:
    from warmstation_server.enrolment.desk import Desk  # cryptography is slow to load

    life = timedelta(days=config.enrolment.days)
    return Desk(config.authority_dir, stores.registry.enrolments, life, config.enrolment.lists)


def _drain(config: Config, clock: Clock, stores: Stores, metrics: Metrics) -> Drain | None:
    """Who tells people, where it is said who they are."""
    path = config.notify.file
    if path is None:
        return None
    from warmstation_server.notify.assembly import Deployment, drain_for
    from warmstation_server.notify.curve import Curves
    from warmstation_server.notify.hints import Hints

    deployment = Deployment(
        config.base_url,
        config.zone_info,
        stores.roster,
        stores.registry.people.all,
        Curves(stores.history, config.zone_info),
        Hints(stores.registry.alerts, lambda: stores.roster.stations),
    )
    outbox = stores.registry.notifications
    return drain_for(path, outbox, deployment, clock, metrics.notifications)


def _sinks(config: Config, current: Current, site: Site, clock: Clock) -> tuple[Sink, ...]:
    """Feed and pages as files, where a directory is given for them."""
    if config.feed.directory is None:
        return ()
    return (StaticSite(current, site, clock, Directory(config.feed.directory)).write,)


def _discovery(config: Config, intake: Intake) -> Discovery | None:
    """Where it is switched off again, what was published is taken away."""
    told = config.home_assistant
    if not told.enabled and not config.discovered_path.exists():
        return None
    language = told.language if told.enabled else None
    return Discovery(intake, config.discovered_path, config.base_url, language, told.prefix)


def _watch(
    metrics: Metrics, intake: Intake, current: Current, clock: Clock, data_dir: Path
) -> None:
    def picture_age_s() -> float:
        return (clock.now() - current.get().at).total_seconds()

    metrics.watch("queue_messages", "Messages taken in that wait.", lambda: intake.waiting)
    metrics.watch("broker_connected", "1 while the broker is there.", lambda: intake.is_connected)
    metrics.watch("picture_age_seconds", "Age of the picture that readers see.", picture_age_s)
    free = partial(claim.free_bytes, data_dir)
    metrics.watch("data_free_bytes", "Room on the disk of the data directory.", free)
    metrics.watch_each(
        "board_age_seconds",
        "Since any station of a district was last heard; none where none ever was.",
        "district",
        lambda: district_ages_s(current.get(), clock.now()),
    )


def _unready(intake: Intake, pipeline: Pipeline) -> str | None:
    if not intake.is_connected:
        return "the broker is away"
    return "the history is away" if pipeline.is_holding else None
