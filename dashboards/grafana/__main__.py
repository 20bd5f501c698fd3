"""Writes the dashboards, or with --check only compares; exit code 1 where a file differs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from grafana.chargers import chargers
from grafana.fleet import fleet
from grafana.heating import heating
from grafana.intake import intake
from grafana.panels import Json
from grafana.usage import usage

FOLDER = Path(__file__).parent / "dashboards"


def dashboards() -> Iterator[tuple[Path, Json]]:
    """Every dashboard and the file it belongs into."""
    for one in (fleet(), intake(), heating(), chargers(), usage()):
        yield FOLDER / f"{one['uid'].removeprefix('warmstation-')}.json", one


def text(dashboard: Json) -> str:
    """The file's content, the same every time."""
    return json.dumps(dashboard, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(words: list[str]) -> int:
    """The exit code."""
    differ = []
    for path, dashboard in dashboards():
        wanted = text(dashboard)
        if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
            differ.append(path.name)
            if "--check" not in words:
                path.parent.mkdir(exist_ok=True)
                path.write_text(wanted, encoding="utf-8")
    for name in differ:
        print(f"{name} {'is out of date' if '--check' in words else 'written'}")
    return 1 if differ and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
