"""What is added to one element stands in one statement, and only where nothing between has to do with it."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree
from tests.simplify.passing import cases, passed


def in_place(u, k: float, n: int):
    for _ in range(n):
        for i in range(1, len(u) - 1):
            around = u[i - 1] + u[i + 1]
            u[i] = u[i] + k * (around - 2.0 * u[i]) - k * u[i] * u[i]
    return np.sum(u * u)


def perhaps_one_element(u, i: int, j: int):
    """u[j] may be u[i]."""
    a = u[i] * u[j]
    u[i] = a * u[i]
    b = u[i] * u[j] * u[i]
    u[j] = b + u[i]
    return u[i] * u[j] * u[i]


def index_that_moves(u, n: int):
    s = 0.0
    i = 0
    for _ in range(n):
        a = u[i] * u[i]
        i = (i + 2) % 3
        s += a * u[i]
        u[i] = s * u[i]
    return s


def through_a_view(u):
    v = u[1:]
    a = u[1] * u[2]
    v[0] = a * v[1]
    b = u[1] * v[0]
    v[1] = b + a * u[0]
    return u[1] * v[1] * u[2]


def in_single_precision(u, w):
    s = 0.0
    for i in range(1, 3):
        u[i] = u[i] * w[i] + u[i - 1] * u[i]
        s += u[i] * w[i - 1]
    return s + np.sum(u)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (in_place, (np.array([0.4, -0.3, 0.9, 0.2]), 0.3, 2)),
        (perhaps_one_element, (np.array([0.4, -0.3, 0.9]), 1, 1)),
        (perhaps_one_element, (np.array([0.4, -0.3, 0.9]), 2, 1)),
        (perhaps_one_element, (np.array([0.4, -0.3, 0.9]), 1, -2)),
        (index_that_moves, (np.array([0.4, -0.3, 0.9]), 4)),
        (through_a_view, (np.array([0.4, -0.3, 0.9]),)),
        (in_single_precision, (np.array([0.4, -0.3, 0.9]), np.array([0.1, 0.5, -0.7]))),
    ],
    ids=lambda p: p.__name__ if inspect.isfunction(p) else "",
)
def test_values(f, args, jit: bool) -> None:
    agree(f, *args, jit=jit)


def test_single_precision_of_one_operand() -> None:
    u, w = np.array([0.4, -0.3, 0.9], np.float32), np.array([0.1, 0.5, -0.7])
    exact = ad.grad(in_single_precision, "w")(u.astype(float), w)
    np.testing.assert_allclose(ad.grad(in_single_precision, "w")(u, w), exact, rtol=2e-6)


def test_one_statement_for_one_element() -> None:
    text = inspect.getsource(ad.grad(in_place, ("u", "k")))
    back = text[text.index("# backward") :]
    assert sum(line.strip().startswith("u_bar[i] ") for line in back.splitlines()) == 1


CASES = cases("""
--- side by side
x_bar = x
x_bar += y
x_bar -= y * y
return x_bar
==>
x_bar = x + y - y * y
return x_bar
--- a number, added to below
x_bar = x * y
y_bar = x + y
x_bar -= y_bar * y
return x_bar, y_bar
==>
y_bar = x + y
x_bar = x * y - y_bar * y
return x_bar, y_bar
--- a number, added to where it is set
x_bar = y
y = x * y
x_bar += 2.0 * x
return x_bar, y
==>
x_bar = y + 2.0 * x
y = x * y
return x_bar, y
--- neither may run beside the other
x_bar = y
y = x * y
x_bar += y
return x_bar, y
--- the number is read between
x_bar = x * y
y_bar = x_bar + y
x_bar += y
return x_bar, y_bar
--- the number is set anew between
x_bar = x * y
y_bar = x_bar
x_bar = y
x_bar += y * y
return x_bar, y_bar
==>
x_bar = x * y
y_bar = x_bar
x_bar = y + y * y
return x_bar, y_bar
--- a branch between
x_bar = x * y
if x > y:
    y = x
x_bar += y
return x_bar
--- what is added reads the sum
x_bar = x * y
x_bar += x_bar * y
return x_bar
--- a new array
x_bar = u * x
t_bar = np.sum(v)
x_bar += u * t_bar
return x_bar
==>
t_bar = np.sum(v)
x_bar = u * x + u * t_bar
return x_bar
--- a number to a new array
x_bar = u * x
x_bar -= np.sum(v)
return x_bar
==>
x_bar = u * x - np.sum(v)
return x_bar
--- a copy
x_bar = u.copy()
x_bar += v[0]
return np.sum(x_bar)
==>
x_bar = u + v[0]
return np.sum(x_bar)
--- what is returned keeps its dtype
x_bar = u.copy()
x_bar += v[0]
return x_bar
==>
x_bar = u + v[0]
return spread(x_bar, u)
--- a copy of what is written between
w = u * x
x_bar = w.copy()
w[1] = y
x_bar += w
return x_bar
--- arrays that may be of other shapes
x_bar = u * x
x_bar += v
return x_bar
--- a sum that makes a new array
x_bar = u
y_bar = v * x
x_bar = x_bar + y_bar
return x_bar
==>
y_bar = v * x
x_bar = u + y_bar
return x_bar
--- it may have another name
x_bar = u * x
y_bar = x_bar
x_bar += x
return x_bar, y_bar
--- it is written through another name
x_bar = u * x
y_bar = x_bar[1:]
y_bar[0] = y
x_bar += x
return x_bar
--- something else between
u_bar = u * x
u_bar[1:] += y
v_bar = v * y
u_bar[1:] += x
return u_bar, v_bar
==>
u_bar = u * x
v_bar = v * y
u_bar[1:] += y + x
return u_bar, v_bar
--- set, then added to
u_bar = u * x
u_bar[0] = y
u_bar[0] -= x
return u_bar
==>
u_bar = u * x
u_bar[0] = y - x
return u_bar
--- the array is read between
u_bar = u * x
u_bar[1] += y
x_bar = u_bar[1]
u_bar[1] += x
return u_bar, x_bar
--- the index is bound between
k = 0
u_bar = u * x
u_bar[k] += y
k = k + 1
u_bar[k] += x
return u_bar
--- the index is an element that is written between
k = np.zeros(1, int)
u_bar = u * x
u_bar[k[0]] += y
k[0] = 2
u_bar[k[0]] += x
return u_bar
--- the index is an element that is written through a view
k = np.zeros(2, int)
w = k[1:]
u_bar = u * x
u_bar[k[1]] += y
w[0] = 2
u_bar[k[1]] += x
return u_bar
--- what is added is written between
w = u * y
u_bar = u * x
u_bar[1:] += w[1:]
w[2] = x
u_bar[1:] += y * w[1:]
return u_bar
--- what is added first is written between
w = u * y
u_bar = u * x
u_bar[1:] += w[1:]
w[2] = x
u_bar[1:] += y
return u_bar
==>
w = u * y
u_bar = u * x
u_bar[1:] += w[1:] + y
w[2] = x
return u_bar
--- perhaps one element
u_bar = u * x
u_bar[n] += y
u_bar[1] += x
u_bar[n] += x
return u_bar
==>
u_bar = u * x
u_bar[1] += x
u_bar[n] += y + x
return u_bar
--- sums in any order
u_bar = u * x
u_bar[:-1] += x
y_bar = x * y
u_bar[1:] += y_bar
u_bar[:-1] -= y_bar
return u_bar
==>
u_bar = u * x
y_bar = x * y
u_bar[1:] += y_bar
u_bar[:-1] += x - y_bar
return u_bar
--- set, perhaps added to, added to
u_bar = u * x
u_bar[1] = x
u_bar[n] += y
u_bar[1] += y * x
return u_bar
==>
u_bar = u * x
u_bar[1] = x + y * x
u_bar[n] += y
return u_bar
--- set, perhaps added to, and what is added is bound between
u_bar = u * x
u_bar[1] = x
u_bar[n] += y
y = x * x
u_bar[1] += y
return u_bar
--- what is added between reads the array
u_bar = u * x
u_bar[:-1] += x
u_bar[1:] += u_bar[0]
u_bar[:-1] += y
return u_bar
--- a product between
u_bar = u * x
u_bar[:-1] += x
u_bar[1:] *= y
u_bar[:-1] += y
return u_bar
--- what is added comes off a list
t_saved = [x, y, x * y]
u_bar = u * x
u_bar[1:] += t_saved.pop()
x_bar = t_saved.pop()
u_bar[1:] += t_saved.pop()
return u_bar, x_bar
--- numbers that come off a list, side by side
t_saved = [x, 2.0 * y]
x_bar = y
x_bar -= t_saved.pop()
x_bar += t_saved.pop() * y
return x_bar
--- a number that comes off a list
t_saved = [x, y]
x_bar = t_saved.pop()
y_bar = t_saved.pop()
x_bar += 2.0
return x_bar, y_bar
--- in the user's array
w = u * x
w[1] += y
w[1] += x
return w
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("merge", before) == after
