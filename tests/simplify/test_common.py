"""Numbers that are computed once; adjoints that change behind what reads their old value."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree
from tests.simplify.passing import cases, passed

COMMON = cases("""
--- the same twice
t = x * y
z = t + 1.0
t2 = x * y
return z * t2
==>
t = x * y
z = t + 1.0
t2 = t
return z * t2
--- an operand is bound between
t = x * y
z = t + 1.0
x = z
t2 = x * y
return z * t2
--- an element is written between
w = u * x
t = w[0]
w[0] = y
t2 = w[0]
return t * t2
--- an element of another array is written between
w = u * x
t = w[0]
z = u.copy()
z[0] = y
t2 = w[0]
return t * t2 + z[0]
==>
w = u * x
t = w[0]
z = u.copy()
z[0] = y
t2 = t
return t * t2 + z[0]
--- in a loop, of what it leaves alone
t = x * y
for i in range(n):
    t2 = x * y
    y_bar = t2 * i
    x_bar = y_bar
return t
==>
t = x * y
for i in range(n):
    t2 = t
    y_bar = t2 * i
    x_bar = y_bar
return t
--- in a loop that changes it
t = x * y
z = 0.0
for i in range(n):
    t2 = x * y
    z = z + t2
    y = y + 1.0
return t + z
--- in one branch, then behind
z = 0.0
if x > y:
    t = x * y
    z = t
t2 = x * y
return z + t2
--- ahead of the branches
t = x * y
z = t
if x > y:
    t2 = x * y
    z = z + t2
return z
==>
t = x * y
z = t
if x > y:
    t2 = t
    z = z + t2
return z
--- a branch changes it
t = x * y
z = t
if x > y:
    x = y
t2 = x * y
return z + t2
--- an array is its own memory
t = u * x
t[0] = y
t2 = u * x
return t[0] + t2[0]
--- the user's number
t = x * y
z = x * y
return t + z
--- it is bound twice
t = x * y
z = t
t = x + y
t2 = x * y
return z + t2 + t
--- a part of the line
t = np.sin(x)
t2 = np.sin(x) * y
return t + t2
""")

POSTPONED = cases("""
--- read behind its change
x_bar = x
y_bar = y
t_bar = x_bar
x_bar = t_bar * y
y_bar += t_bar * x
return x_bar, y_bar
==>
x_bar = x
y_bar = y
y_bar += x_bar * x
x_bar = x_bar * y
return x_bar, y_bar
--- the change is read first
x_bar = x
t_bar = x_bar
x_bar = t_bar * y
y_bar = t_bar * x_bar
return x_bar, y_bar
--- what the change reads is bound between
x_bar = x
t_bar = x_bar
x_bar = t_bar * y
y = x * x
y_bar = t_bar * y
return x_bar, y_bar
--- read much later
x_bar = x
t_bar = x_bar
x_bar = t_bar * y
y_bar = t_bar * x
z = x_bar
return x_bar, y_bar, z, t_bar
--- read in a branch
x_bar = x
y_bar = y
t_bar = x_bar
x_bar = t_bar * y
if x > y:
    y_bar += t_bar * x
return x_bar, y_bar
--- an array that is written
x_bar = u * x
t_bar = x_bar
x_bar = t_bar * y
t_bar[0] = 2.0
y_bar = t_bar * x
return x_bar, y_bar
--- an array that is not
x_bar = u * x
t_bar = x_bar
x_bar = t_bar * y
y_bar = t_bar * x
return x_bar, y_bar
==>
x_bar = u * x
y_bar = x_bar * x
x_bar = x_bar * y
return x_bar, y_bar
--- the change reads what is written between
w = u * x
x_bar = x
t_bar = x_bar
x_bar = t_bar * w[0]
w[0] = y
y_bar = t_bar * w[0]
return x_bar, y_bar
--- added to
x_bar = x
t_bar = x_bar
x_bar += y
y_bar = t_bar * x
return x_bar, y_bar
--- the user's name
z = x
t_bar = z
z = t_bar * y
y_bar = t_bar * x
return z, y_bar
""")


@pytest.mark.parametrize(("before", "after"), COMMON)
def test_common(before: str, after: str) -> None:
    assert passed("common", before) == after


@pytest.mark.parametrize(("before", "after"), POSTPONED)
def test_postponed(before: str, after: str) -> None:
    assert passed("postponed", before) == after


def scale(a, b):
    return np.sin(a / b) * (a / b)


def called_twice(u, b: float):
    s = 0.0
    for i in range(len(u)):
        s += scale(u[i], b) * scale(u[i], b)
        if s > 0.5:
            s *= scale(s, b)
    return s + scale(s, b)


def products(u, b: float):
    s = 1.0
    for i in range(len(u)):
        s = s * u[i] + np.cos(s * b) * u[i]
    return s


def of_elements(u, b: float):
    v = u * b
    for i in range(1, len(v)):
        v[i] = v[i - 1] * v[i] + v[i] * v[i]
        v[0] = v[i] * v[0]
    return np.sum(v)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f", [called_twice, products, of_elements], ids=lambda f: f.__name__)
def test_values(f, jit: bool) -> None:
    agree(f, np.array([0.4, -0.3, 0.9, 0.7]), 0.6, jit=jit)


def test_text() -> None:
    text = inspect.getsource(ad.grad(products))
    assert "t_bar" not in text
    assert text.count("s_bar = s_bar * ") == 1
