"""Statements: Python's AST to core.

In: the AST of one function, its comments and scope.  Out: a core `Function`; what is not in the language is refused.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc
from tangent_ad.core import spelling as sp
from tangent_ad.core.frozen import record
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.trampoline import Task, trampoline
from tangent_ad.core.walk import bound_names
from tangent_ad.errors import refuse
from tangent_ad.frontend.comments import Comments, attach
from tangent_ad.frontend.exprs import Context, derivative, expr, lower_expr, message
from tangent_ad.frontend.messages import EXPRESSIONS, ONE_RETURN, STATEMENTS
from tangent_ad.frontend.pieces import Pieces, gast
from tangent_ad.frontend.ranges import bounds, range_in


@record(frozen=True)
class _Body:
    """The statements of one function on their way: context, comments by statement, and a source of names."""

    ctx: Context
    comments: Comments
    places: dict[int, int]
    fresh: Fresh
    last: ast.stmt | None

    def info(self, node: ast.stmt) -> n.Info:
        place = self.places[id(node)]
        return n.Info(self.ctx.span(node), self.comments.above.get(place, ()), self.comments.trailing.get(place))


def lower_function(
    node: ast.FunctionDef | ast.Lambda,
    pyfunc: FunctionType,
    source: n.Source,
    text: str,
    shift: int,
    name: str,
    procedure: bool = False,
) -> n.Function:
    """The core form of a function.

    `text` is what was parsed, `shift` what to add to its line numbers to get lines of the file; a `procedure` may end
    without `return`.
    """
    scope = sc.scope_of(pyfunc)
    params = _all_args(node.args)
    stmts = node.body if isinstance(node, ast.FunctionDef) else [_return_of(node)]
    doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    if doc is not None:
        stmts = stmts[1:]
    stored = _stored(stmts)
    names = {arg.arg for arg in params}
    lines = tuple(source.text.splitlines())
    bare = Context(
        source, lines, source.text.isascii(), shift, scope, frozenset(names | set(stored)), Pieces(), {}, name
    )
    ctx = replace(bare, derived=_derived(bare, stmts, stored, names))
    order = [stmt for stmt in _in_order(stmts) if not _is_dropped(ctx, stmt)]
    at = bare.span(node)
    if not procedure and (not stmts or not isinstance(stmts[-1], ast.Return)):
        hint = "end the function with `return result`"
        raise refuse(f"`{name}` has no `return` at its end", ctx.span(stmts[-1]) if stmts else at, source, hint)
    body = _Body(
        ctx,
        attach(text, order, node.lineno) if isinstance(node, ast.FunctionDef) else Comments({}, {}, ()),
        {id(stmt): place for place, stmt in enumerate(order)},
        Fresh(names | set(stored)),
        stmts[-1] if stmts else None,
    )
    return number(
        n.Function(
            name=name,
            params=_params(bare, node.args, pyfunc),
            body=trampoline(_body(body, stmts)),
            doc="\n".join(line.rstrip() for line in doc.split("\n")) if doc else None,
            source=source,
            module=pyfunc.__module__ or "",
            qualname=pyfunc.__qualname__,
            line=at.line,
            pyfunc=pyfunc,
            comments_end=body.comments.end,
        )
    )


def _return_of(node: ast.Lambda) -> ast.stmt:
    return ast.copy_location(ast.Return(node.body), node.body)


def _all_args(args: ast.arguments) -> list[ast.arg]:
    extra = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *extra]


def _stored(stmts: Sequence[ast.stmt]) -> Counter[str]:
    """How often each name is assigned."""
    found: Counter[str] = Counter()
    for stmt in stmts:
        stack: list[Any] = [stmt]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name):
                if not isinstance(node.ctx, ast.Load):
                    found[node.id] += 1
            elif isinstance(node, ast.BinOp):
                stack += (node.left, node.right)
            elif not isinstance(node, ast.Constant):
                stack += ast.iter_child_nodes(node)
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    found[node.name] += 1
    return found


def _derived(ctx: Context, stmts: Sequence[ast.stmt], stored: Counter[str], params: set[str]) -> dict[str, n.Global]:
    """The names given once, in the function's own body, to a derivative: `dg = ad.grad(g)`."""
    found: dict[str, n.Global] = {}
    for stmt in stmts:
        if not (isinstance(stmt, ast.Assign) and len(stmt.targets) == 1 and isinstance(stmt.targets[0], ast.Name)):
            continue
        name = stmt.targets[0].id
        if not isinstance(stmt.value, ast.Call) or stored[name] != 1 or name in params:
            continue
        if _is_known(ctx, stmt.value.func):
            value = derivative(replace(ctx, derived=found), ctx.pieces.convert(stmt.value))
            if value is not None:
                found[name] = value
    return found


def _is_known(ctx: Context, func: ast.expr) -> bool:
    """Does a dotted name begin with one of the module's or the closure's that is bound?"""
    while isinstance(func, ast.Attribute):
        func = func.value
    return isinstance(func, ast.Name) and func.id not in ctx.locals and ctx.scope.find(func.id) is not sc.MISSING


def _in_order(stmts: Sequence[ast.stmt]) -> Any:
    stack = list(reversed(stmts))
    while stack:
        top = stack.pop()
        yield top
        for field in ("orelse", "body"):
            stack.extend(reversed([s for s in getattr(top, field, []) if isinstance(s, ast.stmt)]))


def _params(ctx: Context, args: ast.arguments, pyfunc: FunctionType) -> tuple[n.Param, ...]:
    if args.kwarg is not None:
        ctx.refuse("`**` parameters are not supported", args.kwarg, "name the parameters one by one")
    outside = replace(ctx, locals=frozenset())
    found = []
    positional = [*args.posonlyargs, *args.args]
    values = pyfunc.__defaults__ or ()
    without = len(positional) - len(args.defaults)
    for place, arg in enumerate(positional):
        default = args.defaults[place - without] if place >= without else None
        value = values[place - without] if default is not None and place - without < len(values) else None
        found.append(_param(outside, arg, "positional", default, value))
    if args.vararg is not None:
        found.append(_param(outside, args.vararg, "var", None, None))
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        value = (pyfunc.__kwdefaults__ or {}).get(arg.arg)
        found.append(_param(outside, arg, "keyword", default, value))
    return tuple(found)


def _param(ctx: Context, arg: ast.arg, form: str, default: ast.expr | None, value: Any) -> n.Param:
    annotation = ctx.text(arg.annotation) if arg.annotation is not None else None
    if default is None:
        return n.Param(arg.arg, form, None, annotation)
    # A default is evaluated once, where the function is defined: print the value rather than a name that may change.
    frozen = _frozen(value)
    core = frozen if frozen is not None else lower_expr(ctx, ctx.pieces.convert(default))
    if isinstance(core, n.Global) and core.value is not value:
        ctx.refuse(f"`{core.spelling}` was bound again after it became a default", default, "define the function again")
    return n.Param(arg.arg, form, core, annotation, value)


def _frozen(value: Any) -> n.Expr | None:
    if value is None or type(value) in (int, float, bool, str):
        return n.Const(value)
    if type(value) is tuple:
        parts = [_frozen(part) for part in value]
        return n.Tuple(tuple(part for part in parts if part is not None)) if None not in parts else None
    return None


def _body(fn: _Body, stmts: Sequence[ast.stmt]) -> Task[tuple[n.Stmt, ...]]:
    found: list[n.Stmt] = []
    for stmt in stmts:
        handler = _HANDLERS.get(type(stmt).__name__)
        if handler is None:
            text, hint = STATEMENTS.get(type(stmt).__name__, (f"{type(stmt).__name__} is not supported", ""))
            fn.ctx.refuse(text, stmt, hint)
        found.extend((yield handler(fn, stmt)))
    return tuple(found)


def _inner(fn: _Body, stmt: Any) -> Task[tuple[n.Stmt, ...]]:
    body = yield _body(fn, stmt.body)
    return body or (n.Pass(),)


def _header(fn: _Body, node: ast.AST) -> n.Expr:
    return lower_expr(fn.ctx, fn.ctx.pieces.convert(node))


def _is_dropped(ctx: Context, stmt: ast.stmt) -> bool:
    """True for a string used as a comment, `...`, and a name given to a derivative that is known now."""
    if isinstance(stmt, ast.Expr):
        return isinstance(stmt.value, ast.Constant)
    if not isinstance(stmt, ast.Assign) or len(stmt.targets) > 1:
        return False
    return isinstance(stmt.targets[0], ast.Name) and stmt.targets[0].id in ctx.derived


def _assign(fn: _Body, stmt: ast.Assign) -> Task[tuple[n.Stmt, ...]]:
    if _is_dropped(fn.ctx, stmt):
        return ()
    first = stmt.targets[0]
    info = fn.info(stmt)
    value = yield expr(fn.ctx, fn.ctx.pieces.convert(stmt.value))
    if len(stmt.targets) == 1:
        return (n.Assign(_target(fn, first), value, info=info),)
    # `a = b = e` stores the one value from left to right.
    targets = [_target(fn, target) for target in stmt.targets]
    rebound = {name for target in targets[1:] for name in bound_names(target)}
    reuse = isinstance(targets[0], n.Name) and targets[0].id not in rebound
    shared = targets[0] if reuse else n.Name(fn.fresh.take("t"))
    assert isinstance(shared, n.Name)
    found = [n.Assign(shared, value, info=info)]
    for target in targets:
        if target is not shared:
            found.append(n.Assign(target, n.Name(shared.id), info=n.Info(info.span)))
    return tuple(found)


def _target(fn: _Body, node: ast.expr) -> n.Expr:
    if isinstance(node, ast.Name):
        return n.Name(node.id, span=fn.ctx.span(node))
    stack: list[ast.expr] = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, (ast.Tuple, ast.List)):
            stack.extend(top.elts)
        elif isinstance(top, ast.Starred):
            fn.ctx.refuse("`*` in an assignment is not supported", top, "name the elements one by one")
        elif isinstance(top, ast.Attribute):
            fn.ctx.refuse("assigning to an attribute is not supported", top, "a local variable")
        elif isinstance(top, ast.Subscript):
            root: ast.expr = top
            while isinstance(root, (ast.Subscript, ast.Attribute)):
                root = root.value
            if isinstance(root, ast.Name) and root.id not in fn.ctx.locals:
                text = f"writing into `{root.id}`, which is not local, is not supported"
                fn.ctx.refuse(text, top, "pass it as an argument")
    core = _header(fn, node)
    return n.Tuple(core.elts) if isinstance(core, n.List) else core


def _ann_assign(fn: _Body, stmt: ast.AnnAssign) -> Task[tuple[n.Stmt, ...]]:
    if stmt.value is None:
        fn.ctx.refuse("a declaration without a value is not supported", stmt, "assign the first value here")
    value = yield expr(fn.ctx, fn.ctx.pieces.convert(stmt.value))
    annotation = fn.ctx.text(stmt.annotation)
    return (n.Assign(_target(fn, stmt.target), value, annotation, fn.info(stmt)),)


def _aug_assign(fn: _Body, stmt: ast.AugAssign) -> Task[tuple[n.Stmt, ...]]:
    value = yield expr(fn.ctx, fn.ctx.pieces.convert(stmt.value))
    return (n.AugAssign(_target(fn, stmt.target), sp.BINARY[type(stmt.op).__name__], value, fn.info(stmt)),)


def _for(fn: _Body, stmt: ast.For) -> Task[tuple[n.Stmt, ...]]:
    if stmt.orelse:
        fn.ctx.refuse("`else` of a loop is not supported", stmt.orelse[0], "put the statements after the loop")
    node, back = range_in(fn.ctx, stmt.iter)
    if not isinstance(stmt.target, ast.Name):
        fn.ctx.refuse("the target of a `for` loop must be a name", stmt.target, "for i in range(...): ...")
    start, stop, step = bounds(fn.ctx, node, [_header(fn, arg) for arg in node.args], back)
    body = yield _inner(fn, stmt)
    target = n.Name(stmt.target.id, span=fn.ctx.span(stmt.target))
    return (n.For(target, start, stop, step, body, fn.info(stmt)),)


def _while(fn: _Body, stmt: ast.While) -> Task[tuple[n.Stmt, ...]]:
    if stmt.orelse:
        fn.ctx.refuse("`else` of a loop is not supported", stmt.orelse[0], "put the statements after the loop")
    test = _header(fn, stmt.test)
    body = yield _inner(fn, stmt)
    return (n.While(test, body, fn.info(stmt)),)


def _if(fn: _Body, stmt: ast.If) -> Task[tuple[n.Stmt, ...]]:
    test = _header(fn, stmt.test)
    body = yield _inner(fn, stmt)
    orelse = yield _body(fn, stmt.orelse)
    return (n.If(test, body, orelse, fn.info(stmt)),)


def _return(fn: _Body, stmt: ast.Return) -> Task[tuple[n.Stmt, ...]]:
    if stmt is not fn.last:
        fn.ctx.refuse("`return` before the end of the function is not supported", stmt, ONE_RETURN)
    value = None if stmt.value is None else (yield expr(fn.ctx, fn.ctx.pieces.convert(stmt.value)))
    return (n.Return(value, fn.info(stmt)),)


def _assert(fn: _Body, stmt: ast.Assert) -> Task[tuple[n.Stmt, ...]]:
    test = _header(fn, stmt.test)
    text = message(fn.ctx, fn.ctx.pieces.convert(stmt.msg)) if stmt.msg is not None else None
    return (n.Assert(test, text, fn.info(stmt)),)
    yield


def _raise(fn: _Body, stmt: ast.Raise) -> Task[tuple[n.Stmt, ...]]:
    if stmt.cause is not None:
        fn.ctx.refuse("`raise ... from` is not supported", stmt, "`raise` alone")
    if stmt.exc is None:
        fn.ctx.refuse("a bare `raise` is not supported", stmt, 'raise ValueError("what is wrong")')
    node = fn.ctx.pieces.convert(stmt.exc)
    made = node if isinstance(node, gast.Call) else None
    kind = lower_expr(fn.ctx, made.func if made is not None else node)
    if not (isinstance(kind, n.Global) and isinstance(kind.value, type) and issubclass(kind.value, BaseException)):
        fn.ctx.refuse("only an exception class can be raised", stmt, 'raise ValueError("what is wrong")')
    if made is not None and made.keywords:
        fn.ctx.refuse("keywords of an exception are not supported", stmt, 'raise ValueError("what is wrong")')
    args = tuple(message(fn.ctx, arg) for arg in made.args) if made is not None else ()
    return (n.Raise(kind, args, fn.info(stmt)),)
    yield


def _expr_stmt(fn: _Body, stmt: ast.Expr) -> Task[tuple[n.Stmt, ...]]:
    if _is_dropped(fn.ctx, stmt):
        return ()
    if not isinstance(stmt.value, ast.Call):
        kind = type(stmt.value).__name__
        if kind not in EXPRESSIONS:
            fn.ctx.refuse("this statement has no effect", stmt, "leave it out")
    value = yield expr(fn.ctx, fn.ctx.pieces.convert(stmt.value))
    return (n.ExprStmt(value, fn.info(stmt)),)


def _pass(fn: _Body, stmt: ast.Pass) -> Task[tuple[n.Stmt, ...]]:
    return (n.Pass(fn.info(stmt)),)
    yield


_HANDLERS: dict[str, Any] = {
    "Assign": _assign,
    "AnnAssign": _ann_assign,
    "AugAssign": _aug_assign,
    "For": _for,
    "While": _while,
    "If": _if,
    "Return": _return,
    "Assert": _assert,
    "Raise": _raise,
    "Expr": _expr_stmt,
    "Pass": _pass,
}
