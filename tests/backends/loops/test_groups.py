"""Which statements become one nest of loops: each program gives the number of its nests, and does with them, on
arrays that are empty, short and seen under two names, to the bit what it did before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.backends.python import load
from tangent_ad.backends.typed import FORMS, for_numba
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, INT, Kind, array
from tangent_ad.core.order import number
from tangent_ad.core.walk import statements
from tangent_ad.emit.module import module_text
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.read import read_function

KINDS: dict[str, Kind] = {"u": array(1, "float"), "m": array(2, "float"), "s": FLOAT, "k": INT}


def compiled_form(f: Any) -> n.Function:
    fn = number(read_function(f))
    return for_numba(fn, {p.name: KINDS[p.name] for p in fn.params}, FORMS)


def nests(f: Any) -> int:
    """The outermost loops that `f` gets and did not have."""

    def loops(fn: n.Function) -> int:
        inner = [s for s in statements(fn.body) if isinstance(s, n.For)]
        nested = {id(x) for s in inner for x in statements(s.body) if isinstance(x, n.For)}
        return sum(id(s) not in nested for s in inner)

    return loops(compiled_form(f)) - loops(number(read_function(f)))


def arguments(f: Any, size: int) -> list[Any]:
    rng = np.random.default_rng(size)
    given = {"u": rng.standard_normal(size), "m": rng.standard_normal((size, size)), "s": 0.7, "k": min(1, size)}
    return [given[p.name] for p in number(read_function(f)).params]


def copies(args: list[Any]) -> list[Any]:
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def parts(result: Any) -> list[np.ndarray]:
    return [np.asarray(e) for e in (result if isinstance(result, tuple) else (result,))]


def chain(u, s):
    t = u * s
    w = t + u
    r = w * t
    return r


def shifted(u, s):
    t = u[:-1] * s
    u[1:] = t + 1.0
    return u


def in_place(u, s):
    t = u * s
    u[:] = t + u
    return u


def number_between(u, s):
    t = u * s
    s = s + 1.0
    w = t * s
    r = w * w
    return r


def element_between(u, s):
    t = u * s
    u[0:1] = 2.0
    w = t * u
    return w


def alias_between(u, s):
    t = u * s
    w = u
    w *= t
    r = t + u
    return r


def view_between(u, s):
    row = u[1:]
    t = row * s
    row *= t
    r = t + row
    return r, u


def overlapping_views(u, s):
    a = u[1:]
    b = u[:-1]
    t = a * s
    b += t
    r = a * t
    return r, u


def reversed_reads(u, s):
    t = u * s
    w = t[::-1] + u
    return w


def transposed(m, s):
    t = m * s
    w = t.T + 1.0
    return w


def sum_of_a_product(u, s):
    t = u * s
    r = np.sum(t * u)
    return r


def sum_that_is_needed(u, s):
    t = u * s
    r = np.sum(t * t)
    w = t * r
    return w


def two_shapes(u, m, s):
    t = u * s
    w = m * s
    x = t + 1.0
    y = w * x
    return x, y


def bound_again(u, s):
    t = u * s
    t = t + u
    r = t * t
    return r


def condition_between(u, s):
    t = u * s
    if s > 0.5:
        t = t + 1.0
    w = t * u
    return w


def in_a_loop(u, k):
    for _ in range(3):
        t = u * 0.5
        u = t + u
    return u * k


def read_behind(u, s):
    t = u * s
    w = t + 1.0
    first = t[:1]
    return w * 2.0, first


def cut_by_a_variable(u, k):
    t = u[k:] * 2.0
    w = t + 1.0
    return w


def integers(u, k):
    t = np.arange(len(u)) * k
    w = t + 1
    return u * w


ONE = (chain, in_place, sum_of_a_product, bound_again, alias_between, view_between)
NONE = (transposed, reversed_reads, cut_by_a_variable, integers)
ALL = (
    *ONE,
    *NONE,
    shifted,
    number_between,
    element_between,
    overlapping_views,
    sum_that_is_needed,
    two_shapes,
    condition_between,
    in_a_loop,
    read_behind,
)


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", [0, 1, 2, 5])
def test_the_same_is_computed(f: Any, size: int) -> None:
    args, text = arguments(f, size), module_text((compiled_form(f),), ())
    made = load(text, f.__name__, f, None, externals=())
    mine, theirs = copies(args), copies(args)
    try:
        expected = f(*theirs)
    except (IndexError, ValueError):
        return
    got = made(*mine)
    for a, b in zip(parts(got) + parts(tuple(mine)), parts(expected) + parts(tuple(theirs)), strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("f", ONE, ids=lambda f: f.__name__)
def test_one_nest(f: Any) -> None:
    assert nests(f) == 1


@pytest.mark.parametrize("f", NONE, ids=lambda f: f.__name__)
def test_no_nest(f: Any) -> None:
    assert nests(f) == 0


def text_of(f: Any) -> str:
    return body_text(compiled_form(f).body).strip()


def test_two_iterations_that_touch_one_element_are_kept_apart() -> None:
    assert nests(shifted) == nests(overlapping_views) == nests(element_between) == 0


def test_a_number_that_is_bound_between_ends_the_nest() -> None:
    assert text_of(number_between).startswith("t = u * s\ns = s + 1.0\nr = np.empty(")
    assert "w = t[i] * s" in text_of(number_between)


def test_a_sum_ends_the_nest_that_needs_it() -> None:
    assert text_of(sum_that_is_needed).endswith("w = t * r\nreturn w") and nests(sum_that_is_needed) == 1


def test_a_view_of_another_name_is_read_at_the_same_place() -> None:
    """`row` is `u[1:]`: both are the same element of `u` in one iteration."""
    assert "u[i] *= t" in text_of(view_between) and "range(1, u.shape[0])" in text_of(view_between)
