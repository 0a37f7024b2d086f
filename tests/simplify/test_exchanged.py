"""Values that are exchanged, in one statement."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree
from tests.simplify.passing import cases, passed

CASES = cases("""
--- an exchange
t = x
x = y
y = t
return x - 2.0 * y
==>
x, y = y, x
return x - 2.0 * y
--- one of them computed
t = x + y * y
x = y
y = t
return x - 2.0 * y
==>
x, y = y, x + y * y
return x - 2.0 * y
--- the other reads what is kept
t = x
x = y + t * 2.0
y = t
return x - 2.0 * y
==>
x, y = y + x * 2.0, x
return x - 2.0 * y
--- the other reads what is computed
t = x + y
x = y + t * 2.0
y = t
return x - 2.0 * y
--- with tangents
t_dot = x * y
t = x + y * y
x_dot = y
x = y
y_dot = t_dot
y = t
return x - 2.0 * y, x_dot + 3.0 * y_dot
==>
y_dot = x * y
x_dot = y
x, y = y, x + y * y
return x - 2.0 * y, x_dot + 3.0 * y_dot
--- the tangents read the values
x_dot = x
y_dot = y
t = x + y * y
t_dot = x_dot + 2.0 * y * y_dot
x = y
x_dot = y_dot
y = t
y_dot = t_dot
return x - 2.0 * y, x_dot + 3.0 * y_dot
==>
x_dot = x
y_dot = y
x_dot, y_dot = y_dot, x_dot + 2.0 * y * y_dot
x, y = y, x + y * y
return x - 2.0 * y, x_dot + 3.0 * y_dot
--- one after the other
t = x * x
x = x * 2.0
y = t
return x - 2.0 * y
==>
y = x * x
x = x * 2.0
return x - 2.0 * y
--- one after the other, what comes off a list too
t_saved = [x, y]
t = t_saved.pop()
x = x * 2.0
y = t
return x - 2.0 * y
==>
t_saved = [x, y]
y = t_saved.pop()
x = x * 2.0
return x - 2.0 * y
--- nothing changes what is kept
t = x
z = y
y = t
return z - 2.0 * y
--- it is read again
t = x
x = y
y = t
return x - 2.0 * y + t
--- it is read between
t = x
x = y
z = t + x
y = t
return x - 2.0 * y + z
--- the name is read between
t = x
x = y
z = y + x
y = t
return x - 2.0 * y + z
==>
t = x
x = y
z = y + x
y = t
return x - 2.0 * y + z
--- the array is written between
w = u * x
t = w
w[0] = y
w = v
z = t
return z[0] - w[0]
==>
w = u * x
z = w
w[0] = y
w = v
return z[0] - w[0]
--- an element
w = u * x
t = w[0]
w[0] = w[1]
w[1] = t
return w[0] - 2.0 * w[1]
--- the user's temporary
z = x
x = y
y = z
return x - 2.0 * y
--- in a branch and behind it
t = x
if y > 0.0:
    x = y
y = t
return x - 2.0 * y
--- arrays
w = u * x
z = v * y
t = w
w = z
z = t
return w[0] - 2.0 * z[0]
==>
w = u * x
z = v * y
w, z = z, w
return w[0] - 2.0 * z[0]
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("exchanged", before) == after


def three_ways(u, y: float, n: int):
    a, b, c = u[0], y, u[1] * y
    for _ in range(n):
        a, b, c = b, c + 0.1 * a * b, a - c
    return a * b + c


def buffers(u, y: float, n: int):
    old, new = u.copy(), np.zeros_like(u)
    for _ in range(n):
        for i in range(1, len(u) - 1):
            new[i] = old[i] + y * (old[i - 1] - 2.0 * old[i] + old[i + 1]) ** 2
        old, new = new, old
    return np.sum(old * old) + np.sum(new)


def fibonacci(u, y: float, n: int):
    a, b = u[0], u[1]
    for _ in range(n):
        a, b = b, np.sin(a * y) + b
        if b > 1.0:
            a, b = b, a
    return a * b


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f", [three_ways, buffers, fibonacci], ids=lambda f: f.__name__)
def test_values(f, jit: bool) -> None:
    u = np.array([0.4, -0.3, 0.9, 0.2, 0.7])
    for n in (0, 1, 2, 5):
        agree(f, u, 0.3, n, jit=jit)


def test_compiled_code_adds_in_place() -> None:
    """What is known of arrays there is known of names that are bound one by one."""
    df = ad.grad(buffers, jit=True)
    df(np.array([0.4, -0.3, 0.9, 0.2, 0.7]), 0.3, 3)
    assert "old, new = new, old" in inspect.getsource(ad.grad(buffers))
    assert "[:] = " not in df.source
