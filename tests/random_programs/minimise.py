"""Make a failing program small.

In: a program and a test that says whether a changed program still fails in the same way.  Out: the smallest found.
"""

from __future__ import annotations

import ast
import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.random_programs.generate import Program

Test = Callable[[Program], bool]


def minimise(program: Program, fails: Test, seconds: float = 20.0) -> Program:
    """The smallest program found within `seconds` for which `fails` still holds."""
    limit = time.monotonic() + seconds
    changed = True
    while changed and time.monotonic() < limit:
        changed = False
        for pass_ in (_statements, _unnest, _parameters, _expressions):
            smaller = _exhaust(program, pass_, fails, limit)
            changed |= smaller.source != program.source or smaller.wrt != program.wrt
            program = smaller
    return program


def _exhaust(
    program: Program, candidates: Callable[[Program], Iterator[Program]], fails: Test, limit: float
) -> Program:
    """Take the first smaller program that fails, from where the last one was found, until a whole round finds none."""
    skip = 0
    while True:
        for k, candidate in enumerate(candidates(program)):
            if time.monotonic() > limit:
                return program
            if k < skip or candidate == program:
                continue
            if fails(candidate):
                program, skip = candidate, k
                break
        else:
            if skip == 0:
                return program
            skip = 0


def _with(program: Program, tree: ast.Module) -> Program:
    return replace(program, source=ast.unparse(ast.fix_missing_locations(tree)) + "\n")


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield block


def _statements(program: Program) -> Iterator[Program]:
    """Leave out statements: runs of several first, then single ones, the last ones first."""
    count = [len(b) for b in _blocks(ast.parse(program.source))]
    for size in (8, 4, 2, 1):
        for which, length in enumerate(count):
            for start in range(length - size, -1, -max(1, size // 2)):
                tree = ast.parse(program.source)
                block = list(_blocks(tree))[which]
                if any(isinstance(s, (ast.Import, ast.Return)) for s in block[start : start + size]):
                    continue
                if any(isinstance(s, ast.FunctionDef) and s.name == "f" for s in block[start : start + size]):
                    continue
                block[start : start + size] = [] if length > size else [ast.Pass()]
                yield _with(program, tree)


def _unnest(program: Program) -> Iterator[Program]:
    """Replace if, for, while by their bodies; drop an else; take f out of the function that makes it."""
    tree = ast.parse(program.source)
    for k, outer in enumerate(tree.body):
        if isinstance(outer, ast.FunctionDef) and outer.name == "make":
            tree.body[k:] = [n for n in outer.body if not isinstance(n, ast.Return)]
            yield _with(program, tree)
            break
    for which, block in enumerate(_blocks(ast.parse(program.source))):
        for k, node in enumerate(block):
            forms: list[Callable[[Any], list[ast.stmt]]] = []
            if isinstance(node, (ast.If, ast.While)):
                forms = [lambda n: n.body, lambda n: n.orelse or [ast.Pass()], _without_else]
            elif isinstance(node, ast.For):
                forms = [lambda n: n.body, lambda n: [ast.Assign([n.target], ast.Constant(0)), *n.body], _one_trip]
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                width = range(len(node.targets[0].elts))
                forms = [lambda n, i=i: [ast.Assign([n.targets[0].elts[i]], _element(n.value, i))] for i in width]
            elif isinstance(node, ast.AugAssign):
                forms = [lambda n: [ast.Assign([n.target], n.value)]]
            for form in forms:
                tree = ast.parse(program.source)
                place = list(_blocks(tree))[which]
                place[k : k + 1] = form(place[k])
                yield _with(program, tree)


def _element(value: ast.expr, k: int) -> ast.expr:
    return value.elts[k] if isinstance(value, ast.Tuple) and k < len(value.elts) else value


def _without_else(node: Any) -> list[ast.stmt]:
    node.orelse = []
    return [node]


def _one_trip(node: Any) -> list[ast.stmt]:
    node.iter = ast.Call(ast.Name("range"), [ast.Constant(1)], [])
    return [node]


def _parameters(program: Program) -> Iterator[Program]:
    """Differentiate less; leave out parameters that nobody reads (annotations stay: they decide what is refused)."""
    for k in program.wrt:
        if len(program.wrt) > 1:
            yield replace(program, wrt=tuple(w for w in program.wrt if w != k))
    for k, p in enumerate(program.params):
        if k in program.wrt and len(program.wrt) == 1:
            continue
        tree = ast.parse(program.source)
        f = _main(tree)
        if f is None or any(isinstance(n, ast.Name) and n.id == p.name for n in ast.walk(f)):
            continue
        f.args.args = [a for a in f.args.args if a.arg != p.name]
        wrt = tuple(w - (w > k) for w in program.wrt if w != k)
        yield replace(_with(program, tree), params=(*program.params[:k], *program.params[k + 1 :]), wrt=wrt)


def _main(tree: ast.Module) -> ast.FunctionDef | None:
    return next((n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "f"), None)


class _Replace(ast.NodeTransformer):
    """Replaces the expression number `which` (in visiting order) by its form number `form`."""

    def __init__(self, which: int, form: int) -> None:
        self.which, self.form, self.seen, self.done = which, form, -1, False
        self.called: set[str] = set()

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Name) and node.id in self.called:
            return node
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            self.seen += 1
            if self.seen == self.which:
                forms = _simpler(node)
                if self.form < len(forms):
                    self.done = True
                    return copy.deepcopy(forms[self.form])
                return node
        return super().visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name):
            self.called.add(node.func.id)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return node


def _simpler(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Slice):
        return []
    if isinstance(node, ast.Name):
        return [] if node.id in ("np", "math", "range", "f", "float") else [ast.Constant(1.0)]
    if isinstance(node, ast.Constant):
        return [ast.Constant(1.0)] if isinstance(node.value, float) and node.value != 1.0 else []
    children = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
    if isinstance(node, ast.Call):
        children = [c.value if isinstance(c, ast.Starred) else c for c in node.args]
        children += [node.func.value] if isinstance(node.func, ast.Attribute) else []
    if isinstance(node, ast.Tuple) and len(node.elts) > 2:
        children += [ast.Tuple(node.elts[:k] + node.elts[k + 1 :], ast.Load()) for k in range(len(node.elts))]
    if isinstance(node, ast.Attribute):
        children = []
    return [*children, ast.Constant(1.0)] if not isinstance(node, (ast.Tuple, ast.List)) else children


def _expressions(program: Program) -> Iterator[Program]:
    """Replace expressions by their parts or by 1.0, the large ones first."""
    tree = ast.parse(program.source)
    count = sum(isinstance(n, ast.expr) for n in ast.walk(tree))
    for which in range(count):
        for form in range(6):
            replacer = _Replace(which, form)
            changed = replacer.visit(ast.parse(program.source))
            if not replacer.done:
                break
            yield _with(program, changed)
