"""What is written into the ledger of supplies: from a form to entries, with their audit line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from warmstation_server.accounts.scope import at_station
from warmstation_server.history.errors import HistoryAway
from warmstation_server.supplies.entry import KINDS, MOST, Entry, checked
from warmstation_server.supplies.errors import BadEntry
from warmstation_server.supplies.shelf import SETTLING, sensed_before
from warmstation_server.web.manage.shelf_facts import ItemFacts
from warmstation_server.web.manage.when import day
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

DONE = (*KINDS, "par")
FAULTS = (
    "supplies.wrong.kind",
    "supplies.wrong.quantity",
    "supplies.wrong.expired",
    "supplies.wrong.date",
    "supplies.wrong.long",
)
BEFORE = timedelta(hours=2)
"""The least level of so long before a restock is what was left on the shelf."""


class Refused(Exception):
    """`key` names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def taken(visit: Visit, parts: StaffParts, it: ItemFacts) -> str:
    """Write what the form says; what was done, one of DONE. Refused says why not."""
    kind, quantity = visit.form.text("do", 20), visit.form.whole("quantity")
    if quantity is None:
        quantity = visit.form.whole("other")
    if quantity is None:
        raise Refused("supplies.wrong.quantity")
    if kind == "par":
        _set_par(visit, parts, it, quantity)
        return "par"
    entry = _entry(visit, it, kind, quantity)
    entries = [entry]
    if entry.kind == "restock" and it.par:
        before = _left_before(parts, it, entry)
        entries = [before, entry] if before is not None else entries
    parts.registry.supplies.add(entries, _audit(visit, it, entry))
    return entry.kind


def _entry(visit: Visit, it: ItemFacts, kind: str, quantity: int) -> Entry:
    form, written = visit.form, visit.form.text("expires_on", 20)
    expires_on = day(written)
    if written and expires_on is None:
        raise Refused("supplies.wrong.date")
    known = next((one for one in KINDS if one == kind), None)
    if known is None:
        raise Refused("supplies.wrong.kind")
    entry = Entry(
        it.station.id,
        it.item,
        known,
        quantity,
        visit.now,
        visit.person.login,
        donor=form.text("donor", 300) if known == "restock" else "",
        expires_on=expires_on if known == "restock" else None,
        batch=form.whole("batch") if known == "discard" else None,
        note=form.text("note", 300),
    )
    today = visit.now.astimezone(ZoneInfo(it.station.zone)).date()
    try:
        return checked(entry, today)
    except BadEntry as bad:
        raise Refused(bad.key) from bad


def _left_before(parts: StaffParts, it: ItemFacts, restock: Entry) -> Entry | None:
    """What the level sensor saw before the shelf was filled."""
    came = [batch.at + SETTLING for batch in it.book.batches]
    since = max([restock.at - BEFORE, *came])
    try:
        reports = parts.history.reports(it.station.id, since, restock.at)
        levels = [
            supply.level
            for one in reports
            for supply in one.report.supplies or ()
            if supply.item == it.item and supply.level is not None
        ]
    except HistoryAway:
        return None
    if len(levels) < 2 or not it.par:
        return None
    return sensed_before(it.book, sorted(levels)[1], it.par, restock)


def _set_par(visit: Visit, parts: StaffParts, it: ItemFacts, par: int) -> None:
    if not 1 <= par <= MOST:
        raise Refused("supplies.wrong.quantity")
    where, subject = at_station(it.station.id), f"{it.station.id} {it.item}"
    before, after = {"quantity": it.par} if it.par else None, {"quantity": par}
    entry = visit.entry("supply.par", subject, before, after, place=where)
    parts.registry.supplies.set_par(it.station.id, it.item, par, entry)


def _audit(visit: Visit, it: ItemFacts, entry: Entry) -> Any:
    told: dict[str, Any] = {"kind": entry.kind, "quantity": entry.quantity}
    if entry.donor:
        told["donor"] = entry.donor
    if entry.expires_on:
        told["expires_on"] = entry.expires_on.isoformat()
    if entry.batch:
        told["batch"] = entry.batch
    subject = f"{entry.station} {entry.item}"
    return visit.entry(
        f"supply.{entry.kind}", subject, {"left": it.left}, told, place=at_station(entry.station)
    )
