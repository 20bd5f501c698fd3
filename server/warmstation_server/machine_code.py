"""Whether the hot rooms run as machine code (`server/build_compiled.py`) or as plain Python.

For those who tell what runs: figures and benches. Nothing decides by it; both do the same.
"""

from __future__ import annotations

from warmstation_server.diagnosis import station


def is_compiled() -> bool:
    """Whether what is imported here was compiled."""
    return not str(station.__file__).endswith(".py")
