"""What mypyc makes of the compiled rooms before any C is written: what it refuses, what it checks.

Where compiled code takes a value whose type nobody proved (out of `Any`, a library, a caller in
plain Python), it looks at the value, and raises TypeError where the annotation was wrong. Plain
Python tolerates that. Printed as JSON by `python -m tests.support.compiler_front [MORE.py]`, for
`seams.py`, which makes plain Python look at the same places.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from build_compiled import ROOT, declared

Kind = Any
"""What a value has to be, for JSON: None (anything), a name, a class, alternatives, a tuple."""

_OPTIONS = ("--config-file=", "--ignore-missing-imports", "--explicit-package-bases")
_VALUES = {"CallExpr", "IndexExpr", "MemberExpr", "NameExpr"}
_SIMPLE = {
    f"builtins.{each.__name__}": each.__name__
    for each in (int, float, bool, str, bytes, bytearray, list, dict, set, frozenset, tuple, range)
} | {"None": "None", "builtins.None": "None"}


def seams(*more: Path) -> dict[str, Any]:
    """`refused`: in the compiler's words; `modules`: where each one's code looks at a value."""
    trees, types, refused, mapper, looks = _front_end(more)
    found = {}
    for name, each in looks.items():
        found[name] = _Module(trees[name], types, mapper, each).found
        found[name]["classes"] = each.classes
    return {"refused": refused, "modules": found}


class _Looks:
    """Of one module: the lines where compiled code looks at a value, and the fields of classes."""

    def __init__(self, ir: Any) -> None:
        ops = import_module("mypyc.ir.ops")
        self.at = {
            (op.line, json.dumps(kind(op.type)))
            for function in ir.functions
            for block in function.blocks
            for op in block.ops
            if isinstance(op, (ops.Cast, ops.Unbox))
        }
        self.classes = {
            one.fullname: {name: kind(each) for name, each in one.attributes.items()}
            for one in ir.classes
            if one.is_ext_class and not one.is_generated and one.attributes
        }


class _Module:
    """The places of one module: functions by line and name, all else by line and column."""

    def __init__(self, tree: Any, types: Any, mapper: Any, looks: _Looks) -> None:
        self._mapper, self._looks = mapper, looks
        self.found: dict[str, Any] = {"values": [], "functions": []}
        for node in _below(tree, set()):
            if type(node).__name__ in _VALUES and node in types:
                self._value(node, self._kind(types[node]))
            elif type(node).__name__ == "FuncDef" and hasattr(node.type, "arg_types"):
                self._function(node)

    def _kind(self, type_: Any) -> Kind:
        return kind(self._mapper.type_to_rtype(type_))

    def _value(self, node: Any, wanted: Kind) -> None:
        if (node.line, json.dumps(wanted)) in self._looks.at:
            place = (node.line, node.column, node.end_line, node.end_column)
            self.found["values"].append([place, wanted])

    def _function(self, node: Any) -> None:
        given = {
            name: self._kind(type_)
            for name, type_, how in zip(
                node.arg_names, node.type.arg_types, node.arg_kinds, strict=True
            )
            if not how.is_star()
        }
        back = None if node.is_generator or node.is_coroutine else self._kind(node.type.ret_type)
        self.found["functions"].append([node.line, node.name, given, back])


def _below(node: Any, seen: set[int]) -> Iterator[Any]:
    """Every node of the source below this one; the compiler's own visitor wants to be compiled."""
    if isinstance(node, (list, tuple)):
        for each in node:
            yield from _below(each, seen)
    elif type(node).__module__ in _SOURCE and id(node) not in seen:
        seen.add(id(node))
        yield node
        for name in _parts(node.__class__):
            yield from _below(getattr(node, name, None), seen)


@cache
def _parts(kind: Any) -> list[str]:
    every = (name for above in kind.__mro__ for name in vars(above))
    return sorted({name for name in every if name[0] != "_" and name not in _NOT_BELOW})


_SOURCE = {"mypy.nodes", "mypy.patterns"}
_NOT_BELOW = {"node", "info", "names", "type", "analyzed", "original_def", "unanalyzed_items"}


def kind(type_: Any) -> Kind:
    """A type of the compiler's as what a value has to be."""
    types = import_module("mypyc.ir.rtypes")
    if isinstance(type_, types.RTuple):
        return {"items": [kind(each) for each in type_.types]}
    if isinstance(type_, types.RUnion):
        kinds = [kind(each) for each in type_.items]
        return None if None in kinds else {"any": kinds}
    if isinstance(type_, types.RInstance):
        return {"class": type_.class_ir.fullname}
    return _SIMPLE.get(type_.name)


def _front_end(more: Sequence[Path]) -> tuple[Any, ...]:
    build, emit = import_module("mypyc.build"), import_module("mypyc.codegen.emitmodule")
    mapper_of, errors_of = import_module("mypyc.irbuild.mapper"), import_module("mypyc.errors")
    told = import_module("mypyc.options").CompilerOptions(multi_file=True)
    scan = import_module("mypy.fscache").FileSystemCache()
    places = [ROOT / "edge", *(path.parent for path in more)]
    os.chdir(ROOT / "server")
    os.environ["MYPYPATH"] = os.pathsep.join(map(str, places))
    names = [str(path.relative_to("server")) for path in declared()] + [str(path) for path in more]
    paths, everything, options = build.get_mypy_config([*_OPTIONS, *names], None, told, scan)
    # What pydantic's own code is typed like decides nothing here, and takes half of the time.
    for package in ("pydantic", "pydantic.*"):
        options.per_module_options[package] = {"follow_imports": "skip"}
    options.build_per_module_cache()
    groups = build.construct_groups(paths, False, True, "warmstation")
    try:
        typed = emit.parse_and_typecheck(everything, options, told, groups, scan)
    except import_module("mypy.errors").CompileError as error:
        return {}, {}, error.messages, None, {}
    mapper = mapper_of.Mapper({one.module: "warmstation" for one in paths})
    errors = errors_of.Errors(options)
    made = emit.compile_modules_to_ir(typed, mapper, told, errors)
    refused = [said for said in errors.new_messages() if ": error:" in said]
    looks = {} if refused else {one.module: _Looks(made[one.module]) for one in paths}
    trees = {one.module: typed.graph[one.module].tree for one in paths}
    return trees, typed.types, refused, mapper, looks


if __name__ == "__main__":
    print(json.dumps(seams(*map(Path, sys.argv[1:]))))
