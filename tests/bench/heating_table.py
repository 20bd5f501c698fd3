"""Prints the table: what each detector finds, how soon, by which name, and how often for nothing.

    python -m tests.bench.heating_table --stations 24 --days 60 --seed 1000

Seeds below 1000 were looked at while the detector was made; 1000 and above are held out.
Each station learns for `--learn` healthy days; from there every trouble gets a future of its own
and one healthy future counts the false alarms. Minutes from onset (no heat, half heat and
detached: from the first call); `shown`: from the first minute that could show it, which differs
for a relay that welds under call. A trouble that is not found counts as infinitely late.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from typing import Any

from tests.bench.heating_faults import FAULTS
from tests.bench.heating_runs import Outcome, Winter, winter
from tests.bench.heating_stress import stress_world
from tests.bench.heating_world import World
from warmstation_server.diagnosis.config import Kind

_KINDS: tuple[Kind, ...] = ("electric", "heatpump", "radiator")


def main() -> None:
    """Runs the bench."""
    arguments = _arguments()
    winters = [_winter(number, arguments) for number in range(arguments.stations)]
    if arguments.json:
        print(json.dumps(_summary(winters)))
        return
    for line in _lines(winters, by_group=arguments.groups):
        print(line)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stations", type=int, default=12)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--learn", type=int, default=14)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--harsh", action="store_true")
    parser.add_argument("--interval", type=float, default=60.0)
    parser.add_argument("--kind", choices=_KINDS)
    parser.add_argument("--sensors", choices=["room", "outlet", "power", "mixed"], default="mixed")
    parser.add_argument("--no-doors", action="store_true")
    parser.add_argument("--elsewhere", action="store_true", help="stations of other worlds")
    parser.add_argument("--stress", action="store_true", help="the second world's equations")
    parser.add_argument("--only", default="", help="troubles, separated by commas; none: healthy")
    parser.add_argument("--groups", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def _winter(number: int, arguments: argparse.Namespace) -> Winter:
    seed = arguments.seed + number
    kind = arguments.kind or _KINDS[number % 3]
    mixed = arguments.sensors == "mixed" and number % 2 == 0
    metered = arguments.sensors == "power" or mixed
    if arguments.stress:
        world: World = stress_world(seed, harsh=arguments.harsh)
    else:
        world = World.of(
            seed,
            kind,
            arguments.interval,
            metered=metered,
            harsh=arguments.harsh,
            is_elsewhere=arguments.elsewhere,
        )
    world.building.has_outlet = arguments.sensors != "room"
    world.building.has_doors = not arguments.no_doors
    only = [name for name in arguments.only.split(",") if name]
    result = winter(world, seed, learn_days=arguments.learn, days=arguments.days, only=only)
    if arguments.verbose:
        _print_ours(result)
    return result


def _print_ours(result: Winter) -> None:
    for outcome in result.outcomes:
        if outcome.detector == "ours" and (not outcome.is_right or (outcome.minutes or 99) > 60):
            minutes = "never" if outcome.minutes is None else f"{outcome.minutes:.0f}"
            print(result.seed, result.group, outcome.fault, minutes, outcome.label, file=sys.stderr)
    for (name, cause), count in result.false.items():
        if name == "ours":
            print(result.seed, result.group, "FALSE", cause, count, file=sys.stderr)


def _row(outcomes: list[Outcome]) -> dict[str, Any]:
    """Figures of one detector and one trouble; None = more than half or 5 % are not found."""
    runs = len(outcomes)
    minutes = sorted(math.inf if o.minutes is None else o.minutes for o in outcomes)
    shown = sorted(math.inf if o.shown_min is None else o.shown_min for o in outcomes)
    middle, last = runs // 2, min(runs - 1, math.ceil(0.95 * runs) - 1)
    return {
        "runs": runs,
        "found": sum(m < math.inf for m in minutes) / runs,
        "in_an_hour": sum(m <= 60.0 for m in minutes) / runs,
        "in_24_h": sum(m <= 1440.0 for m in minutes) / runs,
        "median_min": _finite(minutes[middle]),
        "p95_min": _finite(minutes[last]),
        "median_shown_min": _finite(shown[middle]),
        "p95_shown_min": _finite(shown[last]),
        "right": sum(o.is_right for o in outcomes) / runs,
        "labels": dict(Counter(o.label for o in outcomes)),
    }


def _finite(value: float) -> float | None:
    return value if value < math.inf else None


def _summary(winters: list[Winter]) -> dict[str, Any]:
    years = sum(one.days for one in winters) / 365.25
    outcomes = [outcome for one in winters for outcome in one.outcomes]
    summary: dict[str, Any] = {
        "stations": len(winters),
        "station_years": years,
        "us_a_report": 1e6 * sum(one.report_s for one in winters) / len(winters),
    }
    for name in ("16C", "G36", "ours"):
        false: Counter[str] = Counter()
        for one in winters:
            for (detector, cause), count in one.false.items():
                if detector == name:
                    false[f"{cause} {one.group}"] += count
        mine = [outcome for outcome in outcomes if outcome.detector == name]
        rows = {key: _row([o for o in mine if o.fault == key]) for key in _faults(mine)}
        summary[name] = {
            "false_a_year": sum(false.values()) / years,
            "limits_that_were_so": sum(
                count for one in winters for (by, _), count in one.so.items() if by == name
            ),
            "false": dict(false),
            "faults": rows,
        }
    return summary


def _faults(outcomes: list[Outcome]) -> list[str]:
    present = {outcome.fault for outcome in outcomes}
    return [fault for fault in FAULTS if fault in present]


def _lines(winters: list[Winter], *, by_group: bool) -> list[str]:
    summary = _summary(winters)
    lines = [
        f"{summary['stations']} stations, {summary['station_years']:.1f} healthy station-years, "
        f"{summary['us_a_report']:.1f} us a report"
    ]
    for name in ("16C", "G36", "ours"):
        one = summary[name]
        lines.append(
            f"{name}: {one['false_a_year']:.2f} false alarms a station-year {one['false']}, "
            f"and {one['limits_that_were_so']} limits told that the air had passed"
        )
        lines += [f"  {fault:13}{_figures(row)}" for fault, row in one["faults"].items()]
    if by_group:
        mine = [o for one in winters for o in one.outcomes if o.detector == "ours"]
        for key in sorted({(o.fault, o.group) for o in mine}):
            row = _row([o for o in mine if (o.fault, o.group) == key])
            lines.append(f"  {key[0]:13}{key[1]:13}{_figures(row)}")
    return lines


def _figures(row: dict[str, Any]) -> str:
    def minutes(value: float | None) -> str:
        return "never" if value is None else f"{value:.0f}"

    shown = ""
    if (row["median_shown_min"], row["p95_shown_min"]) != (row["median_min"], row["p95_min"]):
        shown = f"(shown {minutes(row['median_shown_min'])}/{minutes(row['p95_shown_min'])}) "
    return (
        f"{row['runs']:4} found {row['found']:4.0%} 1h {row['in_an_hour']:4.0%} "
        f"24h {row['in_24_h']:4.0%} median {minutes(row['median_min']):>5} "
        f"p95 {minutes(row['p95_min']):>5} {shown}right {row['right']:4.0%} {row['labels']}"
    )


if __name__ == "__main__":
    main()
