"""Building core expressions by writing ordinary NumPy.

In: `Sym`s (an expression and what is known of its value), numbers, arrays.  Out: `Sym`s, or plain values when no
argument was a `Sym`.  So one rule, `lambda y, x: np.cos(x)`, prints as `np.cos(x)` in emitted code and computes in a
test.  What NumPy and Python dispatch (operators, ufuncs, `np.sum`, `x.T`) needs no care; what they do not dispatch
(`np.full`, `math.sin`, runtime helpers) is written `call(np.full, "np.full", shape, value)`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from tangent_ad.core import nodes
from tangent_ad.core.kinds import ANY, BOOL, FLOAT, INT, OTHER, Kind, promote, tuple_of

BINARY: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
"""The binary operators of core by their spelling."""

_UFUNC_SPELLING = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.matmul: "@",
    np.less: "<",
    np.less_equal: "<=",
    np.greater: ">",
    np.greater_equal: ">=",
    np.equal: "==",
    np.not_equal: "!=",
    np.bitwise_and: "&",
    np.bitwise_or: "|",
}
# Not the divisions and powers: on Python numbers the operators raise where the ufuncs give inf or nan.
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_ARITHMETIC = ("+", "-", "*", "/", "**")


class Sym:
    """A core expression that can be calculated with.

    Parameters: `expr`, the expression; `kind`, what is known of its value.

    >>> x = Sym(nodes.Name("x"), FLOAT)
    >>> (2.0 * np.cos(x)).expr.spelling
    '*'
    >>> (1.0 * x).expr
    Name(id='x', version=None)
    """

    __slots__ = ("expr", "kind")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, expr: nodes.Expr, kind: Kind = ANY) -> None:
        self.expr = expr
        self.kind = kind

    def __repr__(self) -> str:
        return f"Sym({self.expr!r})"

    @property
    def is_const(self) -> bool:
        """True if the value is written in the program: a literal or a tuple of literals."""
        return _is_const(self.expr)

    @property
    def const(self) -> Any:
        """The value of a literal or of a tuple of literals; raises ValueError for anything else."""
        return _const_value(self.expr)

    @property
    def T(self) -> Sym:
        return Sym(nodes.Call(np.transpose, self._spelled(".T", "np.transpose"), (self.expr,)), self.kind)

    @property
    def shape(self) -> Sym:
        elts = (INT,) * self.kind.rank if self.kind.has_rank and self.kind.rank is not None else None
        return Sym(nodes.Call(np.shape, self._spelled(".shape", "np.shape"), (self.expr,)), Kind("tuple", elts=elts))

    @property
    def size(self) -> Sym:
        return Sym(nodes.Call(np.size, self._spelled(".size", "np.size"), (self.expr,)), INT)

    @property
    def ndim(self) -> Sym:
        return Sym(nodes.Call(np.ndim, self._spelled(".ndim", "np.ndim"), (self.expr,)), INT)

    def _spelled(self, attribute: str, function: str) -> str:
        """An attribute only of what is surely an array; a Python float has none."""
        return attribute if self.kind.is_array else function

    def copy(self) -> Sym:
        return Sym(nodes.Call(np.copy, ".copy()", (self.expr,)), self.kind)

    def __getitem__(self, index: Any) -> Sym:
        return Sym(nodes.Index(self.expr, _index(index)))

    def __iter__(self) -> Any:
        raise TypeError("a symbolic value cannot be iterated; index it")

    def __bool__(self) -> bool:
        raise TypeError("a symbolic value has no truth value; write the condition with np.where or a product")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "at":
            return call(ufunc.at, f"np.{ufunc.__name__}.at", *inputs, **kwargs)
        if method != "__call__" or "out" in kwargs:
            return NotImplemented
        return call(ufunc, f"np.{ufunc.__name__}", *inputs, **kwargs)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        prefix = "np.linalg." if func.__module__ == "numpy.linalg" else "np."
        return call(func, prefix + func.__name__, *args, **kwargs)

    def __neg__(self) -> Any:
        return negative(self)

    def __pos__(self) -> Sym:
        return self

    def __abs__(self) -> Any:
        return call(np.abs, "np.abs", self)

    def __invert__(self) -> Any:
        return call(operator.invert, "~", self)


def _install_operators() -> None:
    """Give `Sym` the binary operators of Python, in both orders."""
    names = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow"}
    names |= {"@": "matmul", "&": "and", "|": "or", "^": "xor"}
    for symbol, name in names.items():
        setattr(Sym, f"__{name}__", lambda a, b, s=symbol: binary(s, a, b))
        setattr(Sym, f"__r{name}__", lambda a, b, s=symbol: binary(s, b, a))
    for symbol, name in {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}.items():
        setattr(Sym, f"__{name}__", lambda a, b, s=symbol: binary(s, a, b))


_install_operators()


def node(x: Any) -> nodes.Expr:
    """The expression of `x`: a `Sym`'s own, a literal for a number, a tuple or a slice of such.

    >>> node(2.0)
    Const(value=2.0)
    """
    if isinstance(x, Sym):
        return x.expr
    if isinstance(x, nodes.Expr):
        return x
    if isinstance(x, tuple):
        return nodes.Tuple(tuple(node(e) for e in x))
    if isinstance(x, list):
        return nodes.List(tuple(node(e) for e in x))
    if isinstance(x, slice):
        return _index(x)
    if isinstance(x, np.generic):
        return nodes.Const(x.item())
    if x is None or x is Ellipsis or isinstance(x, (bool, int, float, str)):
        return nodes.Const(x)
    if callable(x) and getattr(x, "__module__", None) in ("numpy", "builtins"):
        prefix = "np." if x.__module__ == "numpy" else ""
        return nodes.Global(prefix + cast(str, getattr(x, "__name__", "")), x)
    raise TypeError(f"no core expression for {type(x).__name__}")


def sym(x: Any, kind: Kind | None = None) -> Sym:
    """`x` as a `Sym`; the kind of a number is its own."""
    if isinstance(x, Sym):
        return x if kind is None else Sym(x.expr, kind)
    return Sym(node(x), _literal_kind(x) if kind is None else kind)


def _literal_kind(x: Any) -> Kind:
    if isinstance(x, (bool, np.bool_)):
        return BOOL
    if isinstance(x, (int, np.integer)):
        return INT
    if isinstance(x, (float, np.floating)):
        return FLOAT
    if isinstance(x, tuple):
        return tuple_of(*(e.kind if isinstance(e, Sym) else _literal_kind(e) for e in x))
    return OTHER if not isinstance(x, nodes.Expr) else ANY


def has_sym(x: Any) -> bool:
    """True if `x` is a `Sym` or a tuple or list that holds one."""
    return isinstance(x, Sym) or (isinstance(x, (tuple, list)) and any(has_sym(e) for e in x))


def call(fn: Callable[..., Any], spelling: str, *args: Any, **kwargs: Any) -> Any:
    """The call `fn(*args, **kwargs)`: a `Sym` if an argument is one, else computed.

    >>> call(np.full, "np.full", (2,), Sym(nodes.Name("g"))).expr.spelling
    'np.full'
    >>> call(np.full, "np.full", (2,), 3.0)
    array([3., 3.])
    """
    if not has_sym(args) and not has_sym(tuple(kwargs.values())):
        return fn(*args, **kwargs)
    if isinstance(fn, np.ufunc) and not kwargs:
        if fn is np.negative:
            return negative(args[0])
        if fn in _UFUNC_SPELLING:
            return binary(_UFUNC_SPELLING[fn], *args)
    keywords = tuple((k, node(v)) for k, v in kwargs.items())
    return Sym(nodes.Call(fn, spelling, tuple(node(a) for a in args), keywords))


def negative(x: Any) -> Any:
    """`-x`, with double negation dropped and literals negated."""
    if not isinstance(x, Sym):
        return -x
    e = x.expr
    if isinstance(e, nodes.Const):
        return Sym(nodes.Const(-e.value), x.kind)
    if isinstance(e, nodes.Call) and e.fn is operator.neg:
        return Sym(e.args[0], x.kind)
    return Sym(nodes.Call(operator.neg, "-", (e,)), x.kind)


def binary(symbol: str, a: Any, b: Any) -> Any:
    """`a symbol b`, with the few foldings that change no value: 1 * x, x + 0, a + -b, literals with literals."""
    fn = BINARY[symbol]
    if not (isinstance(a, Sym) or isinstance(b, Sym)):
        return fn(a, b)
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        raise TypeError("an array cannot stand in symbolic code")
    x, y = sym(a), sym(b)
    folded = _fold(symbol, x, y)
    return folded if folded is not None else Sym(nodes.Call(fn, symbol, (x.expr, y.expr)), _binary_kind(symbol, x, y))


def _fold(symbol: str, x: Sym, y: Sym) -> Sym | None:
    p, q = _number(x), _number(y)
    if p is not None and q is not None:
        try:
            return sym(BINARY[symbol](p, q))
        except (ArithmeticError, TypeError):
            return None
    if symbol == "*":
        for number, other in ((p, y), (q, x)):
            if number == 1 and not (isinstance(number, float) and other.kind.dtype in ("int", "bool")):
                return other
            if number == -1 and other.kind.dtype != "bool":
                return cast(Sym, negative(other))
        return _fold_product(x, y)
    if symbol in ("**", "/") and q == 1 and isinstance(q, int if symbol == "**" else float):
        return x
    if symbol in ("+", "-"):
        if q == 0:
            return x
        if p == 0:
            return y if symbol == "+" else cast(Sym, negative(y))
        if isinstance(y.expr, nodes.Call) and y.expr.fn is operator.neg:
            return cast(Sym, binary("-" if symbol == "+" else "+", x, Sym(y.expr.args[0], y.kind)))
    return None


def _fold_product(x: Sym, y: Sym) -> Sym | None:
    """a * -b is -(a * b); a * (1 / b) is a / b: one rounding less, and for an array a no error at b = 0."""
    for t, u in ((x, y), (y, x)):
        if not isinstance(u.expr, nodes.Call):
            continue
        if u.expr.fn is operator.neg:
            return cast(Sym, negative(binary("*", t, Sym(u.expr.args[0], u.kind))))
        if u.expr.fn in (operator.truediv, np.divide) and u.expr.args[0] == nodes.Const(1.0):
            parts = (t.expr, u.expr.args[1])
            return Sym(nodes.Call(u.expr.fn, u.expr.spelling, parts), _binary_kind("/", t, u))
    return None


def _number(x: Sym) -> Any:
    """The number that `x` is a literal of, or None; bools count as no number."""
    value = x.expr.value if isinstance(x.expr, nodes.Const) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _binary_kind(symbol: str, x: Sym, y: Sym) -> Kind:
    if x.kind.form != "value" or y.kind.form != "value":
        return ANY
    a, b = x.kind.rank, y.kind.rank
    if a is not None and b is not None and a >= 0 and b >= 0:
        rank: int | None = max(a, b)
    else:
        rank = -1 if x.kind.is_array or y.kind.is_array else None
    if symbol in _COMPARISONS:
        return Kind("value", "bool", rank)
    if symbol not in _ARITHMETIC:
        return ANY if symbol == "@" else Kind("value", None, rank)
    dtype = promote(x.kind, y.kind)
    return Kind("value", dtype if dtype in ("float", "float32") else None, rank)


def _index(index: Any) -> nodes.Expr:
    if isinstance(index, tuple):
        return nodes.Tuple(tuple(_index(i) for i in index))
    if isinstance(index, slice):
        parts = (None if p is None else node(p) for p in (index.start, index.stop, index.step))
        return nodes.Slice(*parts)
    return node(index)


def _is_const(expr: nodes.Expr) -> bool:
    if isinstance(expr, (nodes.Tuple, nodes.List)):
        return all(_is_const(e) for e in expr.elts)
    return isinstance(expr, nodes.Const)


def _const_value(expr: nodes.Expr) -> Any:
    if isinstance(expr, nodes.Const):
        return expr.value
    if isinstance(expr, nodes.Tuple):
        return tuple(_const_value(e) for e in expr.elts)
    if isinstance(expr, nodes.List):
        return [_const_value(e) for e in expr.elts]
    raise ValueError("not a constant")
