"""Calls on which every rule is tried: function, arguments, keywords, positions of the differentiated arguments."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tangent_ad.runtime import helpers


@dataclass
class Case:
    fn: Any
    args: tuple
    active: tuple[int, ...] = (0,)
    kw: dict = field(default_factory=dict)
    second: bool = True  # is a second derivative promised?
    unknown: bool = True  # does the rule do without knowing the ranks?
    float32: bool = True

    def __str__(self) -> str:
        name = getattr(self.fn, "__name__", str(self.fn))
        return f"{name}{tuple(_brief(a) for a in self.args)}{self.kw or ''}"


def _brief(x: Any) -> Any:
    return list(x.shape) if isinstance(x, np.ndarray) else [_brief(e) for e in x] if isinstance(x, (list, tuple)) else x


def rand(*shape: int, low: float = 0.3, high: float = 0.9) -> np.ndarray:
    rng = np.random.default_rng(sum((k + 1) * 7 * n for k, n in enumerate(shape)) + int(1000 * (low + 9)))
    return rng.uniform(low, high, shape)


CASES: list[Case] = []


def add(
    fn: Any, *args: Any, on: tuple[int, ...] = (0,), second: bool = True, unknown: bool = True, f32=True, **kw
) -> None:
    CASES.append(Case(fn, args, on, kw, second, unknown, f32))


UNARY = """exp expm1 exp2 log log1p log2 log10 sqrt cbrt sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh
fabs degrees radians square reciprocal negative positive absolute rad2deg deg2rad sinc""".split()
SHAPES = ((), (3,), (2, 3), (1, 3), (0,), (2, 0))
PAIRS = (
    ((), ()),
    ((3,), ()),
    ((), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((1,), (3,)),
    ((0,), (1,)),
    ((2, 3), (2, 3)),
)


def value(shape: tuple[int, ...], low: float = 0.3, high: float = 0.9) -> Any:
    x = rand(*shape, low=low, high=high)
    return x if shape else float(x)


for name in UNARY:
    for shape in SHAPES:
        add(getattr(np, name), value(shape))
        if name not in ("log", "log2", "log10", "sqrt"):
            add(getattr(np, name), value(shape, -0.8, -0.2))
for shape in SHAPES:
    add(np.arccosh, value(shape, 1.2, 2.5))
    add(np.sinc, value(shape, -0.009, 0.009))
    add(abs, value(shape, -1.0, 1.0))
    add(operator.neg, value(shape))
    add(operator.pos, value(shape))

for a, b in PAIRS:
    x, y = value(a), value(b, 1.1, 2.4)
    for fn in (operator.add, operator.sub, operator.mul, operator.truediv, operator.mod, operator.pow):
        add(fn, x, y, on=(0, 1))
    for fn in (np.add, np.subtract, np.multiply, np.divide, np.remainder, np.fmod, np.power, np.hypot, np.arctan2):
        add(fn, x, y, on=(0, 1))
    for fn in (np.logaddexp, np.logaddexp2, np.maximum, np.minimum, np.fmax, np.fmin, np.copysign):
        add(fn, x, y, on=(0, 1))
        add(fn, y, x, on=(0,))
    add(np.float_power, x, y, on=(0, 1), f32=False)
    add(pow, x, y, on=(0, 1))
    add(np.clip, 2.0 * x, x, y, on=(0, 1, 2))
    add(np.clip, x, None, y, on=(0,))
    add(np.clip, x, 0.5, None, on=(0,))
    if 0 not in a:
        add(np.where, rand(3) > 0.5, x, y, on=(1, 2))
    add(operator.mod, -7.0 * x, y, on=(0, 1))
    add(np.fmod, -7.0 * x, y, on=(0, 1))
for n in (0, 1, 2, 3, 5, 0.5, 1.5, -1, -2.5, 2.0, 1.0):
    for fn in (operator.pow, np.power, pow):
        add(fn, value((3,)), n, on=(0,))
        if fn is not np.power or n != -1:
            add(fn, 0.7, n, on=(0,))
    add(math.pow, 0.7, n)
add(operator.pow, rand(3), rand(2, 3), on=(1,))
add(operator.pow, 2.0, 0.7, on=(1,))
add(np.ldexp, rand(3), 2)
add(np.where, True, 0.3, 0.4, on=(1, 2))
add(np.where, rand(2, 3) > 0.5, rand(3), 0.0, on=(1,))

# math
for (
    name
) in """exp expm1 log log1p log2 log10 sqrt sin cos tan asin acos atan sinh cosh tanh asinh atanh fabs degrees radians
erf erfc exp2 cbrt""".split():
    if hasattr(math, name):
        add(getattr(math, name), 0.4, f32=False)
add(math.acosh, 1.7, f32=False)
add(math.log, 0.4, 3.0, on=(0, 1), f32=False)
for name in ("pow", "hypot", "atan2", "fmod", "remainder", "copysign"):
    add(getattr(math, name), 5.7, 1.3, on=(0, 1), f32=False)
add(math.pow, 0.4, 1.3, on=(0, 1), f32=False)
add(math.hypot, 0.4, 1.3, 2.0, on=(0, 1, 2), f32=False)
add(math.ldexp, 0.4, 2, f32=False)
if hasattr(math, "fma"):
    add(math.fma, 0.4, 1.3, 2.0, on=(0, 1, 2), f32=False)

# Python
for fn in (max, min):
    add(fn, 0.4, 1.3, on=(0, 1))
    add(fn, 1.3, 0.4, on=(0, 1))
add(float, 0.4, f32=False)
add(np.float64, 0.4, f32=False)
add(np.float64, rand(2, 3), f32=False)
add(sum, rand(3))
add(sum, rand(2, 3))

# reductions
for fn in (np.sum, np.mean, np.prod, np.max, np.min, np.amax, np.amin, np.var, np.std):
    add(fn, 0.4)
    add(fn, rand(4))
    for kw in ({}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": (0, 1, 2)}, {"axis": (-1, 0)}):
        add(fn, rand(2, 3, 4), **kw)
        add(fn, rand(2, 3, 4), keepdims=True, **kw)
    add(fn, rand(2, 3), axis=1)
    add(fn, rand(1, 3), axis=0)
    add(fn, rand(0, 3), **({"axis": 1}))
    add(fn, rand(2, 3), 1)
for fn in (np.sum, np.prod):
    add(fn, rand(0, 3), axis=0)
    add(fn, rand(0))
for fn in (np.var, np.std):
    add(fn, rand(5), ddof=1)
    add(fn, rand(3, 5), axis=0, ddof=1)
for k in range(3):
    zeros = rand(2, 3)
    zeros[0, :k] = 0.0
    add(np.prod, zeros)
    add(np.prod, zeros, axis=1)
    add(np.cumprod, zeros, axis=1, second=False)
    add(np.cumprod, zeros, second=False)
for fn, again in ((np.cumsum, True), (np.cumprod, False)):
    add(fn, rand(4), second=again)
    add(fn, rand(0), second=again)
    add(fn, rand(2, 3), second=again)
    for axis in (0, 1, -1):
        add(fn, rand(2, 3), axis=axis, second=again)
add(np.diff, rand(4), unknown=False)
add(np.diff, rand(1), unknown=False)

# rearranging
for x in (rand(3), rand(2, 3), rand(2, 3, 4)):
    add(np.transpose, x)
    add(np.ravel, x)
    add(np.ndarray.flatten, x)
    add(np.copy, x)
    add(np.squeeze, x)
    add(np.expand_dims, x, 0)
    add(np.expand_dims, x, (0, -1))
    add(np.reshape, x, (-1,))
    add(np.reshape, x, -1)
    add(np.broadcast_to, x, (2, *x.shape))
    add(np.flip, x)
    add(np.flip, x, 0)
    add(np.roll, x, 2)
    add(np.roll, x, 1, 0)
    add(np.ndarray.astype, x, np.float64, f32=False)
    add(np.array, x)
    add(np.asarray, x)
    add(np.ascontiguousarray, x)
add(np.roll, rand(2, 3), (1, 2), (0, 1))
add(np.transpose, rand(2, 3, 4), (1, 2, 0))
add(np.transpose, rand(2, 3, 4), (-1, 0, 1))
add(np.swapaxes, rand(2, 3, 4), 0, 2)
add(np.moveaxis, rand(2, 3, 4), 0, -1)
add(np.reshape, rand(2, 3), (3, 2))
add(np.reshape, rand(1), ())
add(np.reshape, 0.4, (1, 1))
add(np.squeeze, rand(1, 3), 0)
add(np.squeeze, rand(1, 3, 1), axis=(0, 2))
add(np.squeeze, rand(1, 1))
add(np.broadcast_to, 0.4, (2, 3))
add(np.broadcast_to, rand(2, 1), (2, 3))
add(np.ravel, 0.4)
add(np.copy, 0.4)
add(np.ndarray.item, rand(1))
for fn in (np.tril, np.triu):
    add(fn, rand(3, 3))
    add(fn, rand(2, 3), 1)
    add(fn, rand(2, 3, 3), -1)
for k in (0, 1, -1):
    add(np.diag, rand(3), k)
    add(np.diag, rand(3, 3), k)
    add(np.diag, rand(2, 4), k)
    add(np.diagonal, rand(2, 4), k)
    add(np.trace, rand(3, 3), k)
    add(np.trace, rand(4, 2), k)

# making
add(np.full, (2, 3), 0.4, on=(1,))
add(np.full, (2, 3), rand(3), on=(1,))
add(np.full, 3, 0.4, on=(1,))
add(np.full_like, rand(2, 3), 0.4, on=(1,))
add(np.linspace, 0.4, 1.7, 5, on=(0, 1), f32=False)
add(np.linspace, 0.4, 1.7, 1, on=(0, 1), f32=False)

# joining
for axis in (0, 1, -1, -2):
    add(np.concatenate, (rand(2, 3), rand(2, 3, low=0.1), rand(2, 3, low=0.2)), axis)
    add(np.stack, (rand(2, 3), rand(2, 3, low=0.1)), axis)
add(np.concatenate, (rand(2), rand(3), rand(0)))
add(np.concatenate, (rand(2), rand(3, 2)), axis=None)
add(np.stack, (rand(2), rand(2, low=0.1)), axis=2 - 1)
add(np.stack, (0.3, 0.4))
for fn in (np.hstack, np.vstack, np.column_stack):
    add(fn, (rand(3), rand(3, low=0.1)), unknown=False)
    add(fn, (rand(2, 3), rand(2, 3, low=0.1)), unknown=False)
add(np.hstack, (0.3, rand(3)), unknown=False)
add(np.vstack, (rand(3), rand(2, 3)), unknown=False)
add(np.column_stack, (rand(2), rand(2, 3)), unknown=False)
add(np.array, [0.3, 0.4])
add(np.array, ((0.3, 0.4), (0.5, 0.6)))
add(np.array, [rand(3), rand(3, low=0.1)])
add(np.asarray, [0.3, 0.4])

# products
VECTORS = ((rand(3), rand(3, low=0.1)), (rand(2, 3), rand(3)), (rand(3), rand(3, 2)), (rand(2, 3), rand(3, 4)))
STACKS = ((rand(5, 2, 3), rand(5, 3, 4)), (rand(2, 3), rand(5, 3, 4)), (rand(1, 2, 3), rand(5, 3, 4)))
MORE = ((rand(3), rand(5, 3, 4)), (rand(5, 2, 3), rand(3)), (rand(0, 3), rand(3, 2)), (rand(2, 0), rand(0, 2)))
for a, b in (*VECTORS, *STACKS, *MORE):
    for fn in (operator.matmul, np.matmul):
        add(fn, a, b, on=(0, 1))
    if a.ndim <= 2 or b.ndim <= 2:
        add(np.dot, a, b, on=(0, 1))
    add(np.inner, a, np.swapaxes(b, -1, -2) if b.ndim > 1 else b, on=(0, 1))
    add(np.outer, a, b, on=(0, 1))
add(np.dot, rand(5, 2, 3), rand(4, 3, 2), on=(0, 1))
for fn in (np.dot, np.inner, np.outer, np.vdot):
    add(fn, 0.3, 0.4, on=(0, 1))
    if fn is not np.vdot:
        add(fn, 0.3, rand(3), on=(0, 1))
        add(fn, rand(2, 3), 0.3, on=(0, 1))
add(np.vdot, rand(3), rand(3, low=0.1), on=(0, 1))
add(np.vdot, rand(2, 3), rand(2, 3, low=0.1), on=(0, 1))
add(np.vdot, rand(2, 3), rand(6), on=(0, 1))
SQUARE = rand(3, 3) + 2.0 * np.eye(3)
MANY = rand(2, 3, 3) + 2.0 * np.eye(3)
add(np.linalg.solve, SQUARE, rand(3), on=(0, 1), f32=False)
add(np.linalg.solve, SQUARE, rand(3, 2), on=(0, 1), f32=False)
add(np.linalg.solve, MANY, rand(2, 3, 2), on=(0, 1), f32=False)
add(np.linalg.solve, MANY, rand(3, 2), on=(0, 1), f32=False)
for a, b in ((SQUARE, rand(3)), (SQUARE, rand(3, 2)), (MANY, rand(2, 3, 2)), (MANY, rand(3, 2))):
    y = np.linalg.solve(a, b)
    add(helpers.solve_transposed, a, y * 1.1, b, on=(0, 1), f32=False)
for a in (SQUARE, MANY):
    add(np.linalg.inv, a)
    add(np.linalg.det, a, second=a.ndim == 2)
    add(np.linalg.slogdet, a)
add(np.linalg.det, np.arange(9.0).reshape(3, 3), second=False)
add(helpers.log_abs_det, SQUARE)
add(np.linalg.det, np.ones((3, 3)), second=False)
add(np.linalg.norm, rand(3))
add(np.linalg.norm, rand(3), 2, unknown=False)
add(np.linalg.norm, rand(2, 3))
add(np.linalg.norm, rand(2, 3), "fro")
add(np.linalg.norm, rand(2, 3), axis=1)
add(np.linalg.norm, rand(2, 3), None, 0, True)
add(np.linalg.norm, rand(2, 3, 4), axis=(0, 2), keepdims=True)

# helpers
for g, x in (
    (rand(2, 3), rand(3)),
    (rand(2, 3), rand(2, 1)),
    (rand(2, 3), 0.4),
    (rand(3), rand(3)),
    (rand(0, 3), rand(3)),
):
    add(helpers.sum_to, g, x)
    add(helpers.spread, x, g)
for x, kw in ((rand(2, 3), {"axis": 0}), (rand(2, 3), {}), (0.4, {}), (rand(2, 3), {"axis": 1, "keepdims": True})):
    add(helpers.unreduce, np.sum(x, **kw), x, **kw)
add(helpers.copy_of, rand(3))
add(helpers.copy_of, 0.4)
for x in (rand(3), 0.4):
    add(helpers.stored_in, rand(3), x)
for a, b in (*VECTORS, *STACKS):
    add(helpers.matmul_left, np.matmul(a, b) * 1.1, a, b, on=(0, 2))
    add(helpers.matmul_right, np.matmul(a, b) * 1.1, a, b, on=(0, 1))
    add(helpers.dot_left, np.dot(a, b) * 1.1, a, b, on=(0, 2))
    add(helpers.dot_right, np.dot(a, b) * 1.1, a, b, on=(0, 1))
    b = np.swapaxes(b, -1, -2) if b.ndim > 1 else b
    add(helpers.dot_left, np.inner(a, b) * 1.1, a, b, True, on=(0, 2))
    add(helpers.dot_right, np.inner(a, b) * 1.1, a, b, True, on=(0, 1))
add(helpers.undiagonal, 0.4, rand(3, 3))
add(helpers.undiagonal, rand(2), rand(2, 4), 1)
add(helpers.undiagonal, rand(3, 3), rand(3))
for index in (
    1,
    np.array([0, 2]),
    np.array([1, 1, 0]),
    (np.array([0, 1, 0]), np.array([2, 2, 2])),
    np.array([[0, 1], [1, 1]]),
):
    add(helpers.read_last, rand(3, 3), index, unknown=True)
    taken = helpers.read_last(rand(3, 3, low=0.1), index)
    add(helpers.place_last, taken * 1.1, rand(3, 3), index)
add(helpers.cofactor, SQUARE, second=False, unknown=False)
add(helpers.prod_others, rand(2, 3), second=False)
add(helpers.prod_others, rand(2, 3), 1, second=False)
add(helpers.prod_pairs, rand(2, 3), rand(2, 3, low=0.1), on=(1,), second=False)
add(helpers.prod_pairs, rand(2, 3), rand(2, 3, low=0.1), 0, on=(1,), second=False)
add(helpers.cumprod_jvp, rand(2, 3), rand(2, 3, low=0.1), on=(1,), axis=1, second=False)
add(helpers.cumprod_jvp, rand(3), rand(3, low=0.1), on=(1,), second=False)
add(helpers.cumprod_vjp, rand(2, 3), rand(2, 3, low=0.1), on=(0,), axis=1, second=False)
add(helpers.cumprod_vjp, rand(3), rand(3, low=0.1), on=(0,), second=False)
