"""The benchmark programs in JAX, differentiated by Enzyme instead of by JAX.

In: a program's name.  Out: `gradients(name)`: compiled derivatives with the same arguments as ours, which wait for
their results.  Importing this module needs Enzyme-JAX (`enzyme-ad`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jax
from enzyme_ad.jax import enzyme_jax_ir

from benchmarks.with_jax import PROGRAMS, small_sums


def gradients(name: str) -> Iterator[tuple[str, Callable[[], Callable[..., Any]]]]:
    """What there is for a program: names, and makers of compiled derivatives."""
    if name == "small_sums":
        yield "enzyme", lambda: _pair_sums
    if name in PROGRAMS:
        f, places, static = PROGRAMS[name]
        yield "enzyme", lambda: _gradient(f, places, static)


def _gradient(f: Callable[..., Any], places: tuple[int, ...], static: tuple[int, ...]) -> Callable[..., Any]:
    """The gradient of f in the arguments at `places`; those at `static` come last and are compiled into it."""

    @cache
    def compiled(last: tuple[Any, ...]) -> Callable[..., Any]:
        return jax.jit(jax.grad(enzyme_jax_ir()(lambda *args: f(*args, *last)), argnums=places))

    def derivative(*args: Any) -> Any:
        count = len(args) - len(static)
        return jax.block_until_ready(compiled(args[count:])(*args[:count]))

    return derivative


def _pair_sums(xs: Any, ys: Any) -> Any:
    x_bar, y_bar = _PAIRS(xs, ys)
    return x_bar.sum(), y_bar.sum()


_PAIRS = _gradient(small_sums, (0, 1), ())
