"""Branches: of one condition in one `if`, sums that begin in them, values that they only choose."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree
from tests.simplify.passing import cases, passed

JOINED = cases("""
--- values and adjoints
if x > y:
    t = 0.5 * x
x_bar = 0.0
if x > y:
    x_bar += t
return x_bar
==>
x_bar = 0.0
if x > y:
    t = 0.5 * x
    x_bar += t
return x_bar
--- both have another branch
if x > y:
    t = 0.5 * x
else:
    t = y
# backward
if x > y:
    x_bar = t
else:
    x_bar = -t
return x_bar
==>
if x > y:
    t = 0.5 * x
    # backward
    x_bar = t
else:
    t = y
    # backward
    x_bar = -t
return x_bar
--- only the first has another branch
x_bar = 0.0
if x > y:
    t = 0.5 * x
else:
    x_bar = y
if x > y:
    x_bar += t
return x_bar
==>
x_bar = 0.0
if x > y:
    t = 0.5 * x
    x_bar += t
else:
    x_bar = y
return x_bar
--- the condition changes in the first
if x > y:
    x = y - 1.0
x_bar = 1.0
if x > y:
    x_bar += 1.0
return x_bar, x
--- the condition changes between
x_bar = 1.0
if x > y:
    x_bar = x
x = y
if x > y:
    x_bar += 1.0
return x_bar
--- what the condition reads is written in the first
w = u * x
x_bar = 1.0
if w[0] > y:
    w[0] = y
    x_bar = 2.0
if w[0] > y:
    x_bar += 1.0
return x_bar
--- what stands between needs the first
x_bar = 1.0
if x > y:
    x_bar = x
y_bar = x_bar * y
if x > y:
    x_bar += 1.0
return x_bar, y_bar
--- the first needs what stands between to come later
x_bar = 1.0
y_bar = y
if x > y:
    x_bar = y_bar
y_bar = x
if x > y:
    x_bar += 1.0
return x_bar, y_bar
--- what is written between is read in the first
u_bar = u * x
x_bar = 0.0
if x > y:
    x_bar = u_bar[0]
u_bar[0] = 0.0
if x > y:
    x_bar += 1.0
return x_bar, u_bar
--- the user's two branches
if x > y:
    z = x
else:
    z = y
if x > y:
    z = z * x
return z
--- another condition
x_bar = 0.0
if x > y:
    x_bar = x
if x > 2.0:
    x_bar += 1.0
return x_bar
--- three
x_bar = 0.0
y_bar = 0.0
if x > y:
    t = 0.5 * x
if x > y:
    x_bar += t
if x > y:
    y_bar += t
return x_bar, y_bar
==>
x_bar = 0.0
y_bar = 0.0
if x > y:
    t = 0.5 * x
    x_bar += t
    y_bar += t
return x_bar, y_bar
""")

BEGUN = cases("""
--- in all branches
x_bar = 0.0
if x > y:
    x_bar += y
else:
    x_bar -= x
return x_bar
==>
if x > y:
    x_bar = y
else:
    x_bar = -x
return x_bar
--- in one branch
x_bar = 0.0
if x > y:
    x_bar += y
return x_bar
==>
x_bar = 0.0
if x > y:
    x_bar = y
return x_bar
--- in branches of branches
x_bar = 0.0
if x > y:
    if x > 1.0:
        x_bar += y
    else:
        x_bar += x
    x_bar += x
else:
    x_bar += x * y
return x_bar
==>
if x > y:
    if x > 1.0:
        x_bar = y
    else:
        x_bar = x
    x_bar += x
else:
    x_bar = x * y
return x_bar
--- in some branches of branches
x_bar = 0.0
if x > y:
    if x > 1.0:
        x_bar += y
    x_bar += x
else:
    x_bar += x * y
return x_bar
==>
x_bar = 0.0
if x > y:
    if x > 1.0:
        x_bar = y
    x_bar += x
else:
    x_bar = x * y
return x_bar
--- the zero is read
x_bar = 0.0
if x > y:
    y_bar = x_bar * y
    x_bar += y
else:
    y_bar = x
    x_bar += x
return x_bar, y_bar
==>
x_bar = 0.0
if x > y:
    y_bar = x_bar * y
    x_bar += y
else:
    y_bar = x
    x_bar = x
return x_bar, y_bar
--- the condition reads it
x_bar = 0.0
if x_bar > y:
    x_bar += y
else:
    x_bar += x
return x_bar
--- the term reads it
x_bar = 0.0
if x > y:
    x_bar += x_bar * y
else:
    x_bar += x
return x_bar
==>
x_bar = 0.0
if x > y:
    x_bar += x_bar * y
else:
    x_bar = x
return x_bar
--- in a loop of a branch
x_bar = 0.0
if x > y:
    for i in range(n):
        x_bar += y
else:
    x_bar += x
return x_bar
==>
x_bar = 0.0
if x > y:
    for i in range(n):
        x_bar += y
else:
    x_bar = x
return x_bar
--- a negative zero
x_bar = -0.0
if x > y:
    x_bar += y
else:
    x_bar += x
return x_bar
--- the user's number
z = 0.0
if x > y:
    z += y
else:
    z += x
return z
--- a comment stays
# backward
x_bar = 0.0
y_bar = y
if x > y:
    x_bar += y
else:
    x_bar += x
return x_bar + y_bar
==>
# backward
y_bar = y
if x > y:
    x_bar = y
else:
    x_bar = x
return x_bar + y_bar
""")

CHOSEN = cases("""
--- a conditional expression
if x > y:
    t = x * y
else:
    t = x + y
return t
==>
t = x * y if x > y else x + y
return t
--- a number that may be replaced
x_bar = 0.0
if x > y:
    x_bar = y
return x_bar
==>
x_bar = y if x > y else 0.0
return x_bar
--- it is mentioned between
x_bar = 0.0
y_bar = x_bar
if x > y:
    x_bar = y
return x_bar, y_bar
--- the branch reads it
x_bar = 2.0
if x > y:
    x_bar = x_bar * y
return x_bar
--- the user's branches
if x > y:
    z = x * y
else:
    z = x + y
return z
--- more than one statement
if x > y:
    t = x * y
    t2 = x
else:
    t = x + y
    t2 = y
z = t
return z * t2
--- the name that a value is given
if x > y:
    t2 = x
    t = x * y
else:
    t2 = y
    t = x + y
z = t
return z * t2
==>
if x > y:
    t2 = x
    z = x * y
else:
    t2 = y
    z = x + y
return z * t2
--- the temporary is read later
if x > y:
    t2 = x
    t = x * y
else:
    t2 = y
    t = x + y
z = t
return z * t2 * t
--- the name is read in a branch
z = x
if x > y:
    t2 = z
    t = x * y
else:
    t2 = y
    t = x + y
z = t
return z * t2
--- not in every branch
t = y
if x > y:
    t2 = x
    t = x * y
else:
    t2 = y
z = t
return z * t2
--- branches of branches
if x > y:
    t2 = x
    t = x * y
else:
    if x > 0.0:
        t2 = y
        t = x
    else:
        t2 = x
        t = y
z = t
return z * t2
==>
if x > y:
    t2 = x
    z = x * y
elif x > 0.0:
    t2 = y
    z = x
else:
    t2 = x
    z = y
return z * t2
""")


@pytest.mark.parametrize(("before", "after"), JOINED)
def test_joined(before: str, after: str) -> None:
    assert passed("joined", before) == after


@pytest.mark.parametrize(("before", "after"), BEGUN)
def test_begun(before: str, after: str) -> None:
    assert passed("branched", before) == after


@pytest.mark.parametrize(("before", "after"), CHOSEN)
def test_chosen(before: str, after: str) -> None:
    assert passed("chosen", before) == after


def nested_choices(x, y):
    a = x * y if x > y else (x if x > 0.5 else np.sin(y))
    b = a if a > x else y * a
    return a * b if b > 0.0 and x > 0.0 else a - b


def choices_in_a_loop(u, y: float):
    s = 0.0
    for i in range(len(u)):
        r = u[i] if u[i] > 0.0 else y * u[i]
        s += r * r if abs(r) < 1.0 else 2.0 * abs(r) - 1.0
    return s


def one_condition(u, y: float):
    s = 0.3
    for i in range(len(u)):
        if u[i] > y:
            t = np.exp(-u[i])
            s += t * y
        elif u[i] > 0.0:
            s *= y
    return s


def of_arrays(u, y: float):
    v = u * y if y > 0.5 else u
    v[0] = v[0] * v[1] if y < 1.0 else v[1]
    return np.sum(v * v)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f", [nested_choices, choices_in_a_loop, one_condition, of_arrays], ids=lambda f: f.__name__)
def test_values(f, jit: bool) -> None:
    u = np.array([0.4, -0.3, 1.9, 0.8])
    for args in [(0.9, 0.3), (0.3, 0.9), (-0.2, 0.4)] if f is nested_choices else [(u, 0.6), (u, 0.2), (u, 1.3)]:
        agree(f, *args, jit=jit)


def test_text() -> None:
    text = inspect.getsource(ad.grad(nested_choices))
    assert "b = a if a > x else y * a" in text and "a = x if x > 0.5 else np.sin(y)" in text
