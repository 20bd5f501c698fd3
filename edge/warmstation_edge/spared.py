"""What `run` leaves out of its memory: modules that its libraries import and that it never uses.

`__main__` calls it before anything else is imported, and nobody else does. In the place of each
module stands another one, which becomes the real one where something of it is used after all; so
nothing is lost but a few milliseconds at that moment. It spares 4 MB of an agent that may have 45.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_SETTINGS = {"PYTHONTZPATH": "/usr/share/zoneinfo", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""zoneinfo, which pydantic imports, need not read how this Python was built (0.7 MB), nor pydantic
what else is installed to find plugins."""

_FOR_LATER: Mapping[str, tuple[str, ...]] = {
    "ast": (),  # inspect, from Python 3.13 on: signatures of what is written in C
    "colorzero": ("Color",),  # gpiozero: lamps with colours
    "gpiozero": (),  # ready-made boards, robots, tones; our sensors import what they use from below
    "importlib.metadata": ("entry_points",),  # pydantic and gpiozero: plugins; with it e-mail, ZIP
    "importlib.resources": (),  # gpiozero: displays with letters; with it compressors
    "ipaddress": (),  # urllib.parse: addresses in brackets
    "pydantic._internal._docs_extraction": ("extract_docstrings_from_cls",),  # with it `ast`
    "statistics": ("mean", "median"),  # gpiozero: smoothing, which is ours
    "subprocess": (),  # gpiozero: ping
    "urllib.request": (),  # paho: WebSockets behind a proxy; with it HTTP
}
"""Each with what is imported from it by name."""
_ENTERED = frozenset({"gpiozero", "importlib.resources"})
"""Packages of which a module is imported while the package itself is left out."""


def spare(environment: MutableMapping[str, str]) -> None:
    """Keep out what can be kept out; what is there already stays, what is not installed too."""
    for name, value in _SETTINGS.items():
        environment.setdefault(name, value)
    later = {name: _for_later(name) for name in _FOR_LATER if name not in sys.modules}
    sys.modules.update({name: module for name, module in later.items() if module is not None})
    for name, module in later.items():
        parent, _, child = name.rpartition(".")
        if parent and module is not None:
            setattr(import_module(parent), child, module)


def _for_later(name: str) -> ForLater | None:
    if name not in _ENTERED:
        return ForLater(name, _FOR_LATER[name])
    spec = find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        return None
    return ForLater(name, _FOR_LATER[name], list(spec.submodule_search_locations))


class ForLater(ModuleType):
    """In the place of a module until something of it is used. `path`: where its modules lie."""

    def __init__(
        self, name: str, functions: tuple[str, ...], path: list[str] | None = None
    ) -> None:
        super().__init__(name)
        if path is not None:
            self.__path__ = path
        for function in functions:
            setattr(self, function, partial(self._call, function))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system asks for these, and takes no for an answer
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} yet")
        return getattr(self._real(), name)

    def _call(self, function: str, *given: Any, **named: Any) -> Any:
        return getattr(self._real(), function)(*given, **named)

    def _real(self) -> ModuleType:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return import_module(self.__name__)
