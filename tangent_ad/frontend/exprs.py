"""Expressions: gast to core.

In: a gast expression and the `Context` of its function.  Out: a core expression with every name resolved.

`expr` gives the core form of a name or a literal, and for what has parts a generator for `trampoline`, so that long
chains do not recurse.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc
from tangent_ad.core import spelling as sp
from tangent_ad.core.frozen import record
from tangent_ad.core.trampoline import Task, trampoline
from tangent_ad.core.walk import subexpressions
from tangent_ad.errors import refuse
from tangent_ad.frontend.messages import EXPRESSIONS
from tangent_ad.frontend.pieces import Pieces, gast
from tangent_ad.frontend.scope import INSTEAD, canonical, has_members, is_transformation


@record(frozen=True)
class Context:
    """What the lowering of one function knows: its source, its names and the pieces its AST was cut into.

    `shift` is what must be added to a line number of the AST to get the line in the file.
    `ascii`: in the whole file a column in bytes, as the AST counts, is one in characters.
    `derived` are local names that stand for a generated derivative: name -> (spelling, function).
    """

    source: n.Source
    lines: tuple[str, ...]
    ascii: bool
    shift: int
    scope: sc.Scope
    locals: frozenset[str]
    pieces: Pieces
    derived: Mapping[str, n.Global]
    name: str

    def span(self, node: Any) -> n.Span:
        """Where a node stands in the file, columns counted in characters."""
        line, end = node.lineno + self.shift, node.end_lineno + self.shift
        if self.ascii:
            return n.Span(line, node.col_offset, end, node.end_col_offset)
        return n.Span(line, self._col(line, node.col_offset), end, self._col(end, node.end_col_offset))

    def text(self, node: Any) -> str:
        """The source of a node on one line, runs of blanks made single."""
        s = self.span(node)
        rows = list(self.lines[s.line - 1 : s.end_line])
        rows[-1] = rows[-1][: s.end_col]
        rows[0] = rows[0][s.col :]
        return " ".join(" ".join(rows).split())

    def refuse(self, message: str, node: Any, hint: str = "") -> NoReturn:
        raise refuse(message, self.span(node), self.source, hint)

    def _col(self, line: int, offset: int) -> int:
        row = self.lines[line - 1] if line <= len(self.lines) else ""
        return offset if row.isascii() else len(row.encode()[:offset].decode(errors="ignore"))


def lower_expr(ctx: Context, node: Any) -> n.Expr:
    """The core form of a gast expression."""
    return trampoline(expr(ctx, node))


def expr(ctx: Context, node: Any) -> Task[n.Expr] | n.Expr:
    """One expression of any kind."""
    node = ctx.pieces.resolve(node)
    kind = type(node).__name__
    handler = _HANDLERS.get(kind)
    if handler is None:
        message, hint = EXPRESSIONS.get(kind, (f"`{ctx.text(node)}` is not supported", ""))
        ctx.refuse(message, node, hint)
    found: Task[n.Expr] | n.Expr = handler(ctx, node)
    return found


def _constant(ctx: Context, node: Any) -> n.Expr:
    if isinstance(node.value, (complex, bytes)):
        ctx.refuse(f"a {type(node.value).__name__} value is not supported", node, "real numbers")
    return n.Const(node.value)


def _name(ctx: Context, node: Any) -> n.Expr:
    if node.id in ctx.derived:
        return ctx.derived[node.id]
    if node.id in ctx.locals:
        return n.Name(node.id, span=ctx.span(node))
    return n.Global(node.id, _find(ctx, node))


def _find(ctx: Context, node: Any) -> Any:
    value = ctx.scope.find(node.id)
    if value is sc.MISSING:
        ctx.refuse(f"name `{node.id}` is not defined", node, f"define `{node.id}` before differentiating `{ctx.name}`")
    return value


def _resolve(ctx: Context, node: Any) -> n.Global | None:
    """The object a dotted name means, if its root is not local and all but its last part have members."""
    attrs: list[Any] = []
    while isinstance(node, gast.Attribute):
        attrs.append(node)
        node = node.value
    if not isinstance(node, gast.Name) or node.id.startswith("\0"):
        return None
    if node.id in ctx.derived:
        return None if attrs else ctx.derived[node.id]
    if node.id in ctx.locals:
        return None
    value, spelling = _find(ctx, node), node.id
    for part in reversed(attrs):
        if not has_members(value):
            return None
        try:
            value = getattr(value, part.attr)
        except AttributeError:
            close = difflib.get_close_matches(part.attr, dir(value), 1)
            hint = f"{spelling}.{close[0]}" if close else f"a name that `{spelling}` has"
            ctx.refuse(f"`{spelling}` has no attribute `{part.attr}`", part, hint)
        spelling = f"{spelling}.{part.attr}"
    return n.Global(spelling, value)


def _attribute(ctx: Context, node: Any) -> Task[n.Expr]:
    found = _resolve(ctx, node)
    if found is not None:
        if found.value is np.inf or found.value is np.nan:
            # The printer has no other way to write these two constants.
            return n.Const(found.value) if found.spelling in ("np.inf", "np.nan") else found
        return found
    if node.attr not in sp.ATTRIBUTES:
        instead = INSTEAD.get(node.attr, "pass the value as an argument")
        ctx.refuse(f"attribute `.{node.attr}` is not supported", node, instead)
    value = yield expr(ctx, node.value)
    return n.Call(sp.ATTRIBUTES[node.attr], f".{node.attr}", (value,), (), ctx.span(node))


def _call(ctx: Context, node: Any) -> Task[n.Expr]:
    func = ctx.pieces.resolve(node.func)
    found = _resolve(ctx, func)
    if found is None and isinstance(func, gast.Call):
        found = derivative(ctx, func)
        if found is None:
            ctx.refuse("calling the result of a call is not supported", node, "name the function at module level")
    for arg in node.args:
        if isinstance(arg, gast.Starred):
            ctx.refuse("`*` in a call is not supported", arg, "write the arguments out one by one")
    for keyword in node.keywords:
        if keyword.arg is None:
            ctx.refuse("`**` in a call is not supported", keyword.value, "write the arguments out one by one")
    if found is None and isinstance(func, gast.Attribute):
        return (yield _method(ctx, node, func))
    if found is None:
        what = f"`{func.id}`, a local value," if isinstance(func, gast.Name) else "this expression"
        ctx.refuse(f"calling {what} is not supported", node, "call a function defined at module level")
    if not callable(found.value):
        ctx.refuse(f"`{found.spelling}` is not a function", node, "call a function")
    if found.value is len and len(node.args) == 1 and _is_range(ctx, node.args[0]):
        bounds, _ = yield _arguments(ctx, node.args[0])  # a trip count: derived code counts like this
        span = ctx.span(node)
        counted_range = n.Call(range, "range", bounds, (), ctx.span(node.args[0]))
        return n.Call(len, found.spelling, (counted_range,), (), span)
    if found.value is range:
        ctx.refuse("`range` is only supported in `for i in range(...)`", node, "np.arange(...)")
    args, keywords = yield _arguments(ctx, node)
    if (found.value is max or found.value is min) and not keywords:
        if len(args) == 1:
            ctx.refuse(f"`{found.value.__name__}` of one value is not supported", node, f"np.{found.value.__name__}(x)")
        while len(args) > 2:  # two at a time, as Python compares them
            args = (n.Call(found.value, found.spelling, args[:2], (), ctx.span(node)), *args[2:])
    return n.Call(canonical(found.value), found.spelling, args, keywords, ctx.span(node))


def _is_range(ctx: Context, node: Any) -> bool:
    found = _resolve(ctx, node.func) if isinstance(node, gast.Call) and not node.keywords else None
    return found is not None and found.value is range


def _arguments(ctx: Context, node: Any) -> Task[tuple[tuple[n.Expr, ...], tuple[tuple[str, n.Expr], ...]]]:
    args = []
    for arg in node.args:
        args.append((yield expr(ctx, arg)))
    keywords = []
    for keyword in node.keywords:
        keywords.append((keyword.arg, (yield expr(ctx, keyword.value))))
    return tuple(args), tuple(keywords)


def _method(ctx: Context, node: Any, func: Any) -> Task[n.Expr]:
    name = func.attr
    if name not in sp.METHODS:
        ctx.refuse(f"method `.{name}()` is not supported", node, INSTEAD.get(name, "a NumPy function"))
    receiver = yield expr(ctx, func.value)
    args, keywords = yield _arguments(ctx, node)
    if name == "format" and not (isinstance(receiver, n.Const) and isinstance(receiver.value, str)):
        ctx.refuse("`.format()` is only supported on a string constant", node, '"...".format(value)')
    if name in ("append", "pop") and (not isinstance(receiver, n.Name) or len(args) != (name == "append") or keywords):
        hint = "a local list, with `.append(value)` and `.pop()`"
        ctx.refuse(f"this use of `.{name}()` is not supported", node, hint)
    if name in sp.SHAPE_METHODS and len(args) > 1:
        args = (n.Tuple(args),)
    return n.Call(sp.METHODS[name], f".{name}()", (receiver, *args), keywords, ctx.span(node))


def derivative(ctx: Context, node: Any) -> n.Global | None:
    """The function that `ad.grad(g)` gives, evaluated now; None if the call is not one of those."""
    found = _resolve(ctx, ctx.pieces.resolve(node.func))
    if found is None or not is_transformation(found.value):
        return None
    args = [_static(ctx, arg) for arg in node.args]
    keywords = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            ctx.refuse("`**` in a call is not supported", keyword.value, "write the arguments out one by one")
        keywords[keyword.arg] = _static(ctx, keyword.value)
    return n.Global(ctx.text(node), found.value(*args, **keywords))


def _static(ctx: Context, node: Any) -> Any:
    """The value of an argument that is known before the program runs."""
    if isinstance(node, gast.Call):
        inner = derivative(ctx, node)
        if inner is not None:
            return inner.value
    elif isinstance(node, gast.Constant):
        return node.value
    elif isinstance(node, gast.Tuple):
        return tuple(_static(ctx, part) for part in node.elts)
    else:
        found = _resolve(ctx, node)
        if found is not None:
            return found.value
    ctx.refuse("the arguments of a transformation must be known before the program runs", node, "a global function")


def _binary(ctx: Context, node: Any) -> Task[n.Expr]:
    left = yield expr(ctx, node.left)
    right = yield expr(ctx, node.right)
    fn = sp.BINARY[type(node.op).__name__]
    return n.Call(fn, sp.SYMBOL[fn], (left, right), (), ctx.span(node))


def _unary(ctx: Context, node: Any) -> Task[n.Expr]:
    operand = ctx.pieces.resolve(node.operand)
    value = yield expr(ctx, operand)
    fn = sp.UNARY[type(node.op).__name__]
    literal = isinstance(operand, gast.Constant) or (isinstance(operand, gast.Attribute) and isinstance(value, n.Const))
    if isinstance(node.op, gast.USub) and literal and type(value.value) in (int, float):
        return n.Const(-value.value)
    return n.Call(fn, sp.SYMBOL[fn], (value,), (), ctx.span(node))


def _compare(ctx: Context, node: Any) -> Task[n.Expr]:
    values = [(yield expr(ctx, node.left))]
    for part in node.comparators:
        values.append((yield expr(ctx, part)))
    found: list[n.Expr] = []
    for place, op in enumerate(node.ops):
        kind = type(op).__name__
        if kind not in sp.COMPARE:
            ctx.refuse("`in` is not supported", node, "compare with `==`")
        fn = sp.COMPARE[kind]
        found.append(n.Call(fn, sp.SYMBOL[fn], (values[place], values[place + 1]), (), ctx.span(node)))
    for middle in values[1:-1]:
        if not all(_cheap(part) for part in subexpressions(middle)):
            ctx.refuse("a call in the middle of a chained comparison would run twice", node, "name its value first")
    return found[0] if len(found) == 1 else n.BoolOp("and", tuple(found))


def _cheap(part: n.Expr) -> bool:
    if not isinstance(part, n.Call):
        return True
    if part.fn in sp.SYMBOL or part.fn is len or part.spelling in (".shape", ".size", ".ndim"):
        return True
    module = getattr(part.fn, "__module__", None) or ""
    return isinstance(part.fn, np.ufunc) or module.partition(".")[0] in ("numpy", "math", "builtins")


def _bool(ctx: Context, node: Any) -> Task[n.Expr]:
    values = []
    for part in node.values:
        values.append((yield expr(ctx, part)))
    return n.BoolOp("and" if isinstance(node.op, gast.And) else "or", tuple(values))


def _ifexp(ctx: Context, node: Any) -> Task[n.Expr]:
    test = yield expr(ctx, node.test)
    body = yield expr(ctx, node.body)
    orelse = yield expr(ctx, node.orelse)
    return n.IfExp(test, body, orelse)


def _elements(ctx: Context, node: Any) -> Task[n.Expr]:
    parts = []
    for part in node.elts:
        parts.append((yield expr(ctx, part)))
    return n.Tuple(tuple(parts)) if isinstance(node, gast.Tuple) else n.List(tuple(parts))


def _subscript(ctx: Context, node: Any) -> Task[n.Expr]:
    value = yield expr(ctx, node.value)
    index = yield expr(ctx, node.slice)
    return n.Index(value, index, ctx.span(node))


def _slice(ctx: Context, node: Any) -> Task[n.Expr]:
    parts: list[n.Expr | None] = []
    for part in (node.lower, node.upper, node.step):
        parts.append(None if part is None else (yield expr(ctx, part)))
    return n.Slice(*parts)


def message(ctx: Context, node: Any) -> n.Expr:
    """The message of `raise` or `assert`: an f-string becomes a call of `str.format`."""
    node = ctx.pieces.resolve(node)
    if not isinstance(node, gast.JoinedStr):
        return lower_expr(ctx, node)
    pattern, args = "", []
    parts: list[Any] = node.values
    for part in parts:
        if isinstance(part, gast.Constant):
            pattern += str(part.value).replace("{", "{{").replace("}", "}}")
            continue
        spec = ""
        if part.format_spec is not None:
            if not all(isinstance(piece, gast.Constant) for piece in part.format_spec.values):
                ctx.refuse("a computed format is not supported", node, "a fixed format such as `{x:.3f}`")
            spec = ":" + "".join(piece.value for piece in part.format_spec.values)
        pattern += "{" + (f"!{chr(part.conversion)}" if part.conversion >= 0 else "") + spec + "}"
        args.append(lower_expr(ctx, part.value))
    if not args:
        return n.Const(pattern.replace("{{", "{").replace("}}", "}"))
    return n.Call(str.format, ".format()", (n.Const(pattern), *args), (), ctx.span(node))


_HANDLERS: Mapping[str, Any] = {
    "Constant": _constant,
    "Name": _name,
    "Attribute": _attribute,
    "Call": _call,
    "BinOp": _binary,
    "UnaryOp": _unary,
    "Compare": _compare,
    "BoolOp": _bool,
    "IfExp": _ifexp,
    "Tuple": _elements,
    "List": _elements,
    "Subscript": _subscript,
    "Slice": _slice,
}
__all__ = ["Context", "derivative", "expr", "lower_expr", "message"]
