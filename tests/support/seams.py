"""Makes plain Python look at a value wherever the compiled rooms do, and refuse what they refuse.

A plugin for pytest, `-p tests.support.seams`, with what `compiler_front` found in the file that
`WARMSTATION_SEAMS` names: every module that may be compiled looks, from its import on.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

Look = Callable[[Any], bool]

_SIMPLE: dict[str, type | tuple[type, ...]] = {
    "None": type(None),
    "float": (float, int),  # a whole number is made one with a fraction
    **{
        each.__name__: each
        for each in (int, bool, str, bytes, bytearray, list, dict, set, frozenset, tuple, range)
    },
}


_USUAL = {"float": float, "int": int, "bool": bool, "str": str, "list": list, "tuple": tuple}


def look(kind: Any) -> Look:
    """Whether a value is of a kind, as compiled code asks: what is in a list it does not know."""
    if kind is None:
        return lambda value: True
    if isinstance(kind, str):
        simple = _SIMPLE[kind]
        return lambda value: isinstance(value, simple)
    if "items" in kind:
        each = [look(item) for item in kind["items"]]
        return lambda value: (
            isinstance(value, tuple)
            and len(value) == len(each)
            and all(is_it(item) for is_it, item in zip(each, value, strict=True))
        )
    if "any" in kind:
        ways = [look(way) for way in kind["any"]]
        return lambda value: any(way(value) for way in ways)
    room, _, name = kind["class"].rpartition(".")
    return lambda value: isinstance(value, getattr(sys.modules[room], name))


class _Looks:
    """Of one module: what its changed source calls, a function for each kind."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: dict[str, str] = {}
        self.functions: dict[str, Callable[[Any, int], Any]] = {}

    def call(self, value: ast.expr, kind: Any) -> ast.Call:
        """The value itself, looked at."""
        words = json.dumps(kind)
        known = self._known.get(words)
        if known is None:
            known = self._known[words] = f"__seam_{len(self._known)}__"
            self.functions[known] = _seam(self._name, kind)
        name = ast.Name(known, ast.Load())
        return ast.copy_location(ast.Call(name, [value, ast.Constant(value.lineno)], []), value)


def _seam(module: str, kind: Any) -> Callable[[Any, int], Any]:
    is_it = look(kind)
    usual = _USUAL.get(kind) if isinstance(kind, str) else None

    def seam(value: Any, line: int) -> Any:
        if type(value) is usual or is_it(value):
            return value
        raise TypeError(f"{module}:{line}: compiled, this must be {kind}: {value!r:.80}")

    return seam


class _Changed(ast.NodeTransformer):
    """A module's source with its looks."""

    def __init__(self, found: dict[str, Any], looks: _Looks) -> None:
        self._values = {tuple(place): kind for place, kind in found["values"]}
        self._functions = {
            (line, name): (given, back) for line, name, given, back in found["functions"]
        }
        self._looks = looks
        self._back: list[Any] = [None]

    def visit(self, node: ast.AST) -> Any:
        """Annotations and patterns stay as they are; a value that is taken is looked at."""
        if isinstance(node, ast.pattern):
            return node
        made = super().visit(node)
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and isinstance(node, ast.expr):
            kind = self._values.get(_place(node))
            if kind is not None:
                return self._looks.call(made, kind)
        return made

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        """Of a class its functions: what fields begin with is a matter of dataclasses."""
        node.body = [
            self.visit(each) if isinstance(each, ast.FunctionDef) else each for each in node.body
        ]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """What it is given is looked at first."""
        given, back = self._functions.get((node.lineno, node.name), ({}, None))
        self._back.append(back)
        node.body = [self.visit(each) for each in node.body]
        self._back.pop()
        asked = [
            ast.copy_location(ast.Expr(self._looks.call(_name(name, node), kind)), node)
            for name, kind in given.items()
            if kind is not None and name != "self"
        ]
        at = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body[at:at] = asked
        return node

    def visit_Return(self, node: ast.Return) -> Any:
        """What it gives back is what it says."""
        self.generic_visit(node)
        if node.value is not None and self._back[-1] is not None:
            node.value = self._looks.call(node.value, self._back[-1])
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        """A name is given what it may hold."""
        self.generic_visit(node)
        self._given(node, node.targets)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        """So is one with an annotation, which stays."""
        if node.value is not None:
            node.value = self.visit(node.value)
            self._given(node, [node.target])
        return node

    def _given(self, node: Any, targets: Sequence[ast.expr]) -> None:
        for target in targets:
            kind = self._values.get(_place(target))
            if isinstance(target, ast.Name) and kind is not None:
                node.value = self._looks.call(node.value, kind)

    def visit_For(self, node: ast.For) -> Any:
        """Each item of a loop too."""
        self.generic_visit(node)
        node.body[:0] = [ast.copy_location(ast.Expr(each), node) for each in self._each(node)]
        return node

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        """And of a list that is made of others."""
        self.generic_visit(node)
        for each in self._each(node):
            node.ifs.insert(0, ast.BoolOp(ast.Or(), [each, ast.Constant(True)]))
        return node

    def _each(self, node: ast.For | ast.comprehension) -> list[ast.Call]:
        names = [each for each in ast.walk(node.target) if isinstance(each, ast.Name)]
        return [
            self._looks.call(_name(name.id, name), kind)
            for name in names
            if (kind := self._values.get(_place(name))) is not None
        ]


def _place(node: ast.expr) -> tuple[int | None, ...]:
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def _name(name: str, at: Any) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


class _Loader(SourceFileLoader):
    """Loads a module with its looks, never from compiled bytes."""

    found: dict[str, Any]

    def get_code(self, fullname: str) -> CodeType:
        """The changed source."""
        path = self.get_filename(fullname)
        self.looks = _Looks(fullname)
        tree = ast.parse(Path(path).read_bytes(), path)
        changed = ast.fix_missing_locations(_Changed(self.found, self.looks).visit(tree))
        return compile(changed, path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Its classes look at their fields afterwards."""
        code = self.get_code(module.__name__)
        vars(module).update(self.looks.functions)
        exec(code, vars(module))
        for name, fields in self.found["classes"].items():
            kind = getattr(module, name.rpartition(".")[2], None)
            if isinstance(kind, type):
                _guard(kind, {field: look(each) for field, each in fields.items()}, fields)


def _guard(kind: type, looks: dict[str, Look], kinds: dict[str, Any]) -> None:
    plain: Any = kind.__setattr__
    begin: Any = vars(kind).get("__init__")

    def wrong(name: str, value: Any) -> TypeError:
        said = f"compiled, {kind.__name__}.{name} must be {kinds[name]}: {value!r:.80}"
        return TypeError(said)

    def given(self: Any, name: str, value: Any) -> None:
        is_it = looks.get(name)
        if is_it is not None and not is_it(value):
            raise wrong(name, value)
        plain(self, name, value)

    def begun(self: Any, *values: Any, **more: Any) -> None:
        begin(self, *values, **more)
        for name, is_it in looks.items():
            value = getattr(self, name, None)
            if hasattr(self, name) and not is_it(value):
                raise wrong(name, value)

    if begin and getattr(getattr(kind, "__dataclass_params__", None), "frozen", False):
        kind.__init__ = begun  # type: ignore[misc]
    else:
        kind.__setattr__ = given  # type: ignore[assignment, method-assign]


class _Finder(MetaPathFinder):
    def __init__(self, modules: dict[str, Any]) -> None:
        self._modules = modules

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Ours alone."""
        found = self._modules.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target)
        if found is None or spec is None or spec.origin is None:
            return None
        loader = _Loader(fullname, spec.origin)
        loader.found = found
        spec.loader = loader
        return spec


def install(modules: dict[str, Any]) -> None:
    """From here on these modules look; none may have been imported before."""
    early = sorted(set(modules) & set(sys.modules))
    if early:
        raise RuntimeError(f"imported already: {early}")
    sys.meta_path.insert(0, _Finder(modules))


if "WARMSTATION_SEAMS" in os.environ:
    install(json.loads(Path(os.environ["WARMSTATION_SEAMS"]).read_text("utf-8"))["modules"])
