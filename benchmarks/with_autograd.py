"""The array programs as users of autograd write them: no compiler, so only those without loops over elements.

In: a program's name.  Out: `gradients(name)`: gradients with the same arguments as ours.  Importing this module needs
autograd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import autograd.numpy as anp
from autograd import elementwise_grad, grad


def small(x, y):
    z = anp.sin(x) * y
    return (z * z if z > 0.0 else z) + x


def small_sums(xs, ys):
    z = anp.sin(xs) * ys
    return anp.where(z > 0.0, z * z, z) + xs


def logistic(w, X, y):
    return anp.sum(anp.log1p(anp.exp(-y * anp.dot(X, w))))


def mlp(W1, b1, W2, b2, x, target):
    r = anp.dot(anp.tanh(anp.dot(x, W1) + b1), W2) + b2 - target
    return anp.mean(r * r)


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "small": (small, (0, 1)),
    "logistic": (logistic, (0,)),
    "mlp": (mlp, (0, 1, 2, 3)),
}


def gradients(name: str) -> Iterator[tuple[str, Callable[[], Callable[..., Any]]]]:
    """What there is for a program: names, and makers of gradients."""
    if name == "small_sums":
        parts = tuple(elementwise_grad(small_sums, k) for k in (0, 1))
        yield "autograd", lambda: lambda xs, ys: tuple(part(xs, ys).sum() for part in parts)
    if name in PROGRAMS:
        f, places = PROGRAMS[name]
        yield "autograd", lambda: grad(f, places if len(places) > 1 else places[0])
