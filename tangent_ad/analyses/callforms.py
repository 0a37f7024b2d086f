"""The forms of the results of calls.

In: a call, and the forms of names.  Out: `RULES`: for a callable the form of what a call of it gives.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from tangent_ad.analyses.forms import (
    NUMBER,
    TRUE_OR_FALSE,
    UNKNOWN,
    WEAK,
    DType,
    Form,
    Shape,
    broadcast,
    is_open,
    promoted,
)
from tangent_ad.core import nodes as n
from tangent_ad.runtime import helpers


class Known(Protocol):
    """What is asked of the forms of a function."""

    table: dict[str, Form]

    def of(self, expr: n.Expr) -> Form: ...

    def sizes_of(self, expr: n.Expr) -> Shape | None: ...


OPERATORS = (
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.neg, operator.pos),
    *(abs, max, min),
)
UFUNCS = (
    *(np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum, np.negative, np.abs, np.sqrt),
    *(np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.exp, np.expm1, np.log),
    *(np.log1p, np.square, np.arctan2, np.hypot, np.sign),
)
TESTS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)
LIKE_FIRST = (np.zeros_like, np.ones_like, np.full_like, np.empty_like, np.copy, helpers.copy_of)
REDUCTIONS = (np.sum, np.mean, np.max, np.min, np.prod)
PRODUCTS = (operator.matmul, np.matmul, np.dot)


Rule = Callable[[Known, n.Call], Form]


def _elementwise(forms: Known, call: n.Call) -> Form:
    if call.keywords:
        return UNKNOWN
    parts = [forms.of(a) for a in call.args]
    shape, dtype = broadcast(*(p.shape for p in parts)), promoted(*(p.dtype for p in parts))
    if dtype == TRUE_OR_FALSE:
        return Form(shape)
    return Form(shape, dtype if call.fn in OPERATORS else _of_numpy(dtype))


def _one_of(forms: Known, call: n.Call) -> Form:
    """`max` and `min` of Python give one of their arguments as it is."""
    shapes, dtypes = zip(*((p.shape, p.dtype) for p in map(forms.of, call.args)), strict=True)
    return Form(broadcast(*shapes), dtypes[0] if all(dtype == dtypes[0] for dtype in dtypes) else None)


def _of_numpy(dtype: DType | None) -> DType | None:
    """The dtype of a function's result: of numbers it makes one that is not weak."""
    strong = dtype is None or any(isinstance(atom, str) for atom in dtype)
    return dtype if strong else frozenset((("numpy", dtype),))


def _test(forms: Known, call: n.Call) -> Form:
    return Form(broadcast(*(forms.of(a).shape for a in call.args)), TRUE_OR_FALSE)


def _like_first(forms: Known, call: n.Call) -> Form:
    """`np.zeros_like(x)` and the like; nothing is known where a dtype or a shape is given, too."""
    given = 2 if call.fn is np.full_like else 1
    return UNKNOWN if call.keywords or len(call.args) > given else forms.of(call.args[0])


def _like_second(forms: Known, call: n.Call) -> Form:
    form = forms.of(call.args[1])
    return Form(form.shape, _of_numpy(form.dtype))


def _product_adjoint(forms: Known, call: n.Call) -> Form:
    """`matmul_left(g, a, b)` is like a, `matmul_right(g, a, b)` like b."""
    like = call.args[1] if call.fn is helpers.matmul_left else call.args[2]
    return Form(forms.of(like).shape, promoted(*(forms.of(a).dtype for a in call.args)))


def _unreduce(forms: Known, call: n.Call) -> Form:
    return Form(forms.of(call.args[1]).shape, forms.of(call.args[0]).dtype)


def _share(forms: Known, call: n.Call) -> Form:
    return forms.of(call.args[0])


def _reduction(forms: Known, call: n.Call) -> Form:
    form = forms.of(call.args[0])
    if form.dtype == TRUE_OR_FALSE:
        return UNKNOWN
    if len(call.args) == 1 and not call.keywords:
        return Form((), _of_numpy(form.dtype))
    match call.keywords:
        case (("axis", n.Const(value=int() as axis)),) if len(call.args) == 1 and form.shape is not None:
            if not is_open(form.shape) and -len(form.shape) <= axis < len(form.shape):
                axes = list(form.shape)
                del axes[axis]
                return Form(tuple(axes), form.dtype)
    return Form(None, form.dtype)


def _transpose(forms: Known, call: n.Call) -> Form:
    form = forms.of(call.args[0])
    if len(call.args) > 1 or call.keywords or form.shape is None or is_open(form.shape):
        return UNKNOWN
    return Form(form.shape[::-1], form.dtype)


def _matmul(forms: Known, call: n.Call) -> Form:
    a, b = (forms.of(x) for x in call.args[:2])
    dtype = promoted(a.dtype, b.dtype)
    if a.shape is None or b.shape is None or is_open(a.shape) or is_open(b.shape):
        return Form(None, dtype)
    if not (1 <= len(a.shape) <= 2 and 1 <= len(b.shape) <= 2):
        return Form(None, dtype)
    return Form((*a.shape[:-1], *b.shape[1:]), dtype)


def _outer(forms: Known, call: n.Call) -> Form:
    a, b = (forms.of(x) for x in call.args[:2])
    both = a.shape is not None and b.shape is not None and len(a.shape) == len(b.shape) == 1
    flat = both and a.shape is not None and b.shape is not None and not (is_open(a.shape) or is_open(b.shape))
    return Form((a.shape[0], b.shape[0]) if flat and a.shape and b.shape else None, promoted(a.dtype, b.dtype))


def _where(forms: Known, call: n.Call) -> Form:
    if len(call.args) != 3:
        return UNKNOWN
    parts = [forms.of(a) for a in call.args]
    dtype = promoted(parts[1].dtype, parts[2].dtype)
    strong = dtype is not None and dtype != TRUE_OR_FALSE and any(isinstance(atom, str) for atom in dtype)
    return Form(broadcast(*(p.shape for p in parts)), dtype if strong else None)


def _made(forms: Known, call: n.Call) -> Form:
    """`np.zeros(shape, dtype)` and the like; `np.full(shape, value)` of a number."""
    rest = call.args[2:] if call.fn is np.full else call.args[1:]
    given = [*rest, *(value for key, value in call.keywords if key == "dtype")]
    dtype: DType | None = frozenset(("float64",))
    if call.fn is np.full:
        value = forms.of(call.args[1])
        dtype = frozenset((("full", value.dtype),)) if value.dtype is not None else None
        dtype = frozenset(("float64",)) if value.dtype == WEAK and _is_float(call.args[1]) else dtype
    for one in given:
        dtype = _named_dtype(forms, one)
    return Form(forms.sizes_of(call.args[0]), dtype)


def _is_float(expr: n.Expr) -> bool:
    return isinstance(expr, n.Const) and type(expr.value) is float


def _named_dtype(forms: Known, expr: n.Expr) -> DType | None:
    match expr:
        case n.Global(value=value) if value in (np.float64, float):
            return frozenset(("float64",))
        case n.Global(value=value) if value is np.float32:
            return frozenset(("float32",))
        case n.Call(fn=np.ndarray.dtype, args=(x,)):
            return forms.of(x).dtype
    return None


def _popped(forms: Known, call: n.Call) -> Form:
    tape = call.args[0]
    return forms.table.get(f"[{tape.id}]", UNKNOWN) if isinstance(tape, n.Name) and len(call.args) == 1 else UNKNOWN


def _number(forms: Known, call: n.Call) -> Form:
    return NUMBER


RULES: Mapping[Any, Rule] = {
    **dict.fromkeys((*OPERATORS, *UFUNCS), _elementwise),
    **dict.fromkeys((max, min), _one_of),
    **dict.fromkeys(TESTS, _test),
    **dict.fromkeys(LIKE_FIRST, _like_first),
    **dict.fromkeys((helpers.sum_to, helpers.spread), _like_second),
    **dict.fromkeys((helpers.matmul_left, helpers.matmul_right), _product_adjoint),
    **dict.fromkeys(REDUCTIONS, _reduction),
    **dict.fromkeys(PRODUCTS, _matmul),
    **dict.fromkeys((len, np.size, np.ndim, int), _number),
    np.zeros: _made,
    np.ones: _made,
    np.empty: _made,
    np.full: _made,
    helpers.unreduce: _unreduce,
    helpers.share: _share,
    np.transpose: _transpose,
    np.outer: _outer,
    np.where: _where,
    list.pop: _popped,
}
