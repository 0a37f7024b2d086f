"""The few functions that emitted text may call besides NumPy.

In: numbers and arrays.  Out: numbers and fresh arrays.  Each is plain NumPy and stands alone: its source is copied into
written modules, so nothing here may use another name of this module.
"""

from __future__ import annotations

import numpy as np


def sum_to(g, x):
    """g summed over the axes along which broadcasting had stretched x; in the floating dtype of x."""
    g = np.asarray(g)
    shape = np.shape(x)
    if g.ndim < len(shape):
        g = g.reshape((1,) * (len(shape) - g.ndim) + g.shape)
    lead = g.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(lead + k for k, n in enumerate(shape) if n == 1 and g.shape[lead + k] != 1)
    if axes:
        g = np.sum(g, axis=axes, keepdims=True)
        g = g.reshape(g.shape[lead:])
    if g.shape != shape:  # zeros that nobody has spread yet
        g = np.broadcast_to(g, shape).copy()
    if isinstance(x, (bool, int, float)):
        return float(g)
    dtype = np.asarray(x).dtype
    if dtype.kind == "f" and g.dtype != dtype:
        g = g.astype(dtype)
    return g if shape else g[()]


def spread(g, x):
    """g broadcast to the shape of x, in the floating dtype of x: a fresh array, or a number if x is a number."""
    dtype = np.result_type(x) if not isinstance(x, (bool, int, float)) else np.dtype(float)
    if dtype.kind != "f":
        dtype = np.result_type(g, float)
    if np.shape(x) == ():
        return dtype.type(g)
    out = np.empty(np.shape(x), dtype)
    out[...] = g
    return out


def unreduce(g, x, axis=None, keepdims=False):
    """The adjoint of a sum: g with the reduced axes back, broadcast to the shape of x; fresh."""
    g = np.asarray(g)
    if axis is not None and not keepdims and np.ndim(x):
        g = np.expand_dims(g, axis)
    elif np.ndim(x) == 0:
        return g.reshape(())[()]
    return np.broadcast_to(g, np.shape(x)).copy()


def add_at(buffer, index, g):
    """buffer[index] += g, where repeated indices count as often as they occur; writes buffer."""
    np.add.at(buffer, index, g)


def copy_of(x):
    """x as memory of its own: a copy of an array; a number is itself."""
    return x.copy() if isinstance(x, np.ndarray) else x


def stored_in(value, x):
    """The value x + e as `x += e` leaves it in x: in the dtype of an array x, fresh; for a number x, value itself."""
    if not isinstance(x, np.ndarray):
        return value
    out = np.empty_like(x)
    np.copyto(out, value, casting="same_kind")
    return out


def matmul_left(g, a, b):
    """The adjoint of a in a @ b, given the adjoint g of the product."""
    if np.ndim(b) == 1:
        out = np.expand_dims(g, -1) * b
    elif np.ndim(a) == 1:
        out = (b @ np.expand_dims(g, -1))[..., 0]
    else:
        out = g @ np.swapaxes(b, -1, -2)
    lead = np.ndim(out) - np.ndim(a)
    axes = tuple(range(lead)) + tuple(lead + k for k, n in enumerate(np.shape(a)) if n == 1 != out.shape[lead + k])
    return np.sum(out, axis=axes, keepdims=True).reshape(np.shape(a)) if axes else out


def matmul_right(g, a, b):
    """The adjoint of b in a @ b, given the adjoint g of the product."""
    if np.ndim(a) == 1:
        out = np.expand_dims(a, -1) * np.expand_dims(g, -2) if np.ndim(b) > 1 else a * g
    elif np.ndim(b) == 1:
        out = (np.swapaxes(a, -1, -2) @ np.expand_dims(g, -1))[..., 0]
    else:
        out = np.swapaxes(a, -1, -2) @ g
    lead = np.ndim(out) - np.ndim(b)
    axes = tuple(range(lead)) + tuple(lead + k for k, n in enumerate(np.shape(b)) if n == 1 != out.shape[lead + k])
    return np.sum(out, axis=axes, keepdims=True).reshape(np.shape(b)) if axes else out


def dot_left(g, a, b, inner=False):
    """The adjoint of a in np.dot(a, b), or in np.inner(a, b), given the adjoint g of the result."""
    if np.ndim(a) == 0:
        return np.sum(g * b)
    if np.ndim(b) == 0:
        return g * b
    b = np.moveaxis(b, -1 if inner else max(-2, -np.ndim(b)), 0)
    return np.tensordot(g, b, (tuple(range(np.ndim(a) - 1, np.ndim(g))), tuple(range(1, np.ndim(b)))))


def dot_right(g, a, b, inner=False):
    """The adjoint of b in np.dot(a, b), or in np.inner(a, b), given the adjoint g of the result."""
    if np.ndim(b) == 0:
        return np.sum(g * a)
    if np.ndim(a) == 0:
        return g * a
    lead = tuple(range(np.ndim(a) - 1))
    return np.moveaxis(np.tensordot(a, g, (lead, lead)), 0, -1 if inner else max(-2, -np.ndim(b)))


def share(x, y, axis=None, keepdims=False):
    """Weights that sum to 1 over the reduced axes: where x equals its extremum y; ties share equally."""
    if axis is not None and not keepdims and np.ndim(x):
        y = np.expand_dims(y, axis)
    mask = np.asarray(x == y)
    weight = mask / np.sum(mask, axis=axis if np.ndim(x) else None, keepdims=True)
    return weight.astype(np.result_type(x) if np.result_type(x).kind == "f" else float)


def prod_others(x, axis=None):
    """For each element the product of all others along the axes, without division; the shape of x."""
    x = np.asarray(x)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(k % x.ndim for k in axes)
    rest = tuple(k for k in range(x.ndim) if k not in axes)
    rows = x.transpose(rest + axes)
    shape = rows.shape
    rows = rows.reshape((*shape[: len(rest)], int(np.prod(shape[len(rest) :]))))
    ones = np.ones_like(rows[..., :1])
    left = np.cumprod(np.concatenate((ones, rows[..., :-1]), -1), -1)
    right = np.cumprod(np.concatenate((ones, rows[..., :0:-1]), -1), -1)[..., ::-1]
    return (left * right)[..., : rows.shape[-1]].reshape(shape).transpose(np.argsort(rest + axes))


def prod_pairs(x, h, axis=None):
    """The derivative of prod_others(x, axis) in the direction h, without division; the shape of x."""
    x, h = np.asarray(x), np.asarray(h)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(k % x.ndim for k in axes)
    rest = tuple(k for k in range(x.ndim) if k not in axes)
    rows = x.transpose(rest + axes)
    shape = rows.shape
    flat = (*shape[: len(rest)], int(np.prod(shape[len(rest) :])))
    rows = np.moveaxis(rows.reshape(flat), -1, 0)
    steps = np.moveaxis(h.transpose(rest + axes).reshape(flat), -1, 0)
    out = np.zeros_like(rows)
    for k in range(len(rows)):
        value, slope = np.ones_like(out[k]), np.zeros_like(out[k])
        for j in range(len(rows)):
            if j != k:
                value, slope = value * rows[j], slope * rows[j] + value * steps[j]
        out[k] = slope
    return np.moveaxis(out, 0, -1).reshape(shape).transpose(np.argsort(rest + axes))


def cumprod_jvp(x, h, axis=None):
    """The derivative of np.cumprod(x, axis) in the direction h, without division."""
    x, h = (np.ravel(x), np.ravel(h)) if axis is None else (x, h)
    axis = 0 if axis is None else axis
    x, h = np.moveaxis(x, axis, 0), np.moveaxis(h, axis, 0)
    out = np.empty_like(x)
    value, slope = 1.0, 0.0
    for k in range(len(x)):
        value, slope = value * x[k], slope * x[k] + value * h[k]
        out[k] = slope
    return np.moveaxis(out, 0, axis)


def cumprod_vjp(g, x, axis=None):
    """The adjoint of x in np.cumprod(x, axis), given the adjoint g of the result; without division."""
    shape = np.shape(x)
    x = np.ravel(x) if axis is None else x
    axis = 0 if axis is None else axis
    before = np.moveaxis(np.cumprod(x, axis), axis, 0)
    x, g = np.moveaxis(x, axis, 0), np.moveaxis(g, axis, 0)
    out = np.empty_like(x)
    after = 0.0
    for k in range(len(x) - 1, -1, -1):
        after = g[k] + after
        out[k] = after * before[k - 1] if k else after
        after = after * x[k]
    return np.moveaxis(out, 0, axis).reshape(shape)


def undiagonal(g, x, offset=0):
    """The adjoint of a trace or a diagonal: zeros of the shape of x with g on a diagonal; its own adjoint."""
    if np.ndim(x) == 0:
        return np.trace(g, offset)
    if np.ndim(x) == 1:
        return np.diagonal(g, offset).copy()
    if np.ndim(x) != 2:
        raise TypeError("np.trace, np.diag and np.diagonal are differentiated for 2-dimensional arrays")
    out = np.zeros(np.shape(x), np.result_type(x, np.float32) if np.ndim(g) == 0 else g.dtype)
    k = np.arange(len(np.diagonal(x, offset)))
    out[k - min(offset, 0), k + max(offset, 0)] = g
    return out


def solve_transposed(a, g, b):
    """The solution w of a.T w = g, where g has the shape of np.linalg.solve(a, b)."""
    if np.ndim(b) == 1 and np.ndim(a) > 2:
        raise TypeError("np.linalg.solve is differentiated for one vector and one matrix: write b[:, None]")
    return np.linalg.solve(np.swapaxes(a, -1, -2), g)


def cofactor(a):
    """The cofactors of the square matrix a, which are the derivative of its determinant, singular or not."""
    u, s, vt = np.linalg.svd(a)
    others = np.ones_like(s)
    for k in range(s.shape[-1]):
        for j in range(s.shape[-1]):
            if j != k:
                others[..., k] = others[..., k] * s[..., j]
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return (u * (others * sign[..., None])[..., None, :]) @ vt


def det_sign(a):
    """The sign of the determinant of a."""
    return np.linalg.slogdet(a)[0]


def log_abs_det(a):
    """The logarithm of the absolute value of the determinant of a."""
    return np.linalg.slogdet(a)[1]


def read_last(buffer, index):
    """buffer[index] as a copy, in which of the repetitions of an element only the last keeps its value."""
    taken = buffer[index]
    if np.ndim(taken) == 0:
        return taken
    count = np.arange(np.size(taken)).reshape(np.shape(taken))
    last = np.full(np.shape(buffer), -1)
    last[index] = count
    return np.where(last[index] == count, taken, np.zeros_like(taken))


def place_last(g, buffer, index):
    """The adjoint of the buffer in read_last(buffer, index): zeros of its shape with g where an element was read."""
    out = np.zeros_like(buffer)
    if np.ndim(buffer[index]) == 0:
        out[index] = g
        return out
    count = np.arange(np.size(g)).reshape(np.shape(g))
    last = np.full(np.shape(buffer), -1)
    last[index] = count
    np.add.at(out, index, np.where(last[index] == count, g, np.zeros_like(g)))
    return out


def shares_memory(memory, x):
    """Does x, or an array in the tuple x, perhaps lie in the memory of an array?"""
    parts = [x]
    while parts:
        part = parts.pop()
        if isinstance(part, (tuple, list)):
            parts.extend(part)
        elif np.may_share_memory(memory, part):
            return True
    return False


def stop_gradient(x):
    """x itself, as a value that does not depend on anything: its derivative is zero."""
    return x
