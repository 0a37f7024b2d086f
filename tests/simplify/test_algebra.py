"""Arithmetic in its shortest form: nothing is lost that may be inf or nan, no memory is shared that was not."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- one times a number
x_bar = 1.0 * x
return x_bar
==>
x_bar = x
return x_bar
--- one times an array is new memory
u_bar = 1.0 * u
u_bar[0] = x
return u_bar
--- one times new memory
u_bar = 1.0 * (u * y)
u_bar[0] = x
return u_bar
==>
u_bar = u * y
u_bar[0] = x
return u_bar
--- one times an integer makes it a float
x_bar = 1.0 * n
return x_bar
--- one times an array of integers
x_bar = 1.0 * np.arange(3)
return x_bar
--- an integer one
x_bar = 1 * x
return x_bar
--- minus one
u_bar = -1.0 * u
return u_bar * x
==>
u_bar = -u
return u_bar * x
--- negative number
u_bar = -0.5 * u
return u_bar * x
==>
u_bar = -(0.5 * u)
return u_bar * x
--- negative factors, once
u_bar = -u * -v
return u_bar
==>
u_bar = --(u * v)
return u_bar
--- a double negation of an array is new memory
u_bar = -(-u)
u_bar[0] = x
return u_bar
==>
u_bar = --u
u_bar[0] = x
return u_bar
--- double negation of new memory
u_bar = -(-(u + v))
u_bar[0] = x
return u_bar
==>
u_bar = u + v
u_bar[0] = x
return u_bar
--- plus negative
x_bar = x + -y
return x_bar
==>
x_bar = x - y
return x_bar
--- minus negative
x_bar = x - -y
return x_bar
==>
x_bar = x + y
return x_bar
--- less zero
x_bar = x - 0.0
return x_bar
==>
x_bar = x
return x_bar
--- from zero
x_bar = 0.0 - x
return x_bar
==>
x_bar = -x
return x_bar
--- zero plus a number
x_bar = 0.0 + x
return x_bar
==>
x_bar = x
return x_bar
--- an array plus zero is new memory
u_bar = u + 0.0
u_bar[0] = x
return u_bar
--- nothing is dropped that may be nan
x_bar = 0.0 * np.log(-x * x)
return x_bar
==>
x_bar = 0.0 * np.log(-(x * x))
return x_bar
--- powers of two are exact
x_bar = 2.0 * (0.5 * x)
return x_bar
==>
x_bar = x
return x_bar
--- a factor of two goes to the front
x_bar = x * (2.0 * y)
return x_bar
==>
x_bar = 2.0 * x * y
return x_bar
--- other factors would round
x_bar = 3.0 * (0.1 * x)
return x_bar
--- a sum of what is negative
u_bar = -u
x_bar = np.sum(-u_bar)
return x_bar
==>
u_bar = -u
x_bar = -np.sum(u_bar)
return x_bar
--- sum_to of what is negative
u_bar = 2.0 * u
x_bar = sum_to(-u_bar, v)
return x_bar
==>
u_bar = 2.0 * u
x_bar = -sum_to(u_bar, v)
return x_bar
--- a sum of negative integers
x_bar = x * np.sum(-np.arange(n))
return x_bar
--- copies of new memory
u_bar = copy_of(u * v)
v_bar = copy_of(u)
v_bar[0] = x
return u_bar, v_bar
==>
u_bar = u * v
v_bar = copy_of(u)
v_bar[0] = x
return u_bar, v_bar
--- copies of a number
u_bar = np.copy(u * v)
x_bar = np.copy(x)
return u_bar * x_bar
==>
u_bar = u * v
x_bar = x
return u_bar * x_bar
--- filled arrays
u_bar = np.full_like(u, 2.0) * u
v_bar = np.full_like(u, 2.0) * 0.25
return u_bar * v_bar
==>
u_bar = 2.0 * u
v_bar = np.full_like(u, 0.5)
return u_bar * v_bar
--- an array of ones times an array is new memory
u_bar = np.ones_like(u) * u
u_bar[0] = x
return u_bar
--- an array of ones of another shape
u_bar = np.ones_like(u) * v
return u_bar
--- the arithmetic of the user
z = 1.0 * x - -y
w = -(-z)
return w
==>
z = 1.0 * x - -y
w = --z
return w
--- negative terms of sums
x_bar = x
x_bar += -y
x_bar -= -(x * y)
x_bar *= -y
return x_bar
==>
x_bar = x
x_bar -= y
x_bar += x * y
x_bar *= -y
return x_bar
--- bounds of a loop
for i in range(n + 2 - 1, 0 - 1 + 1, 1 - 2):
    x = x * i
return x
==>
for i in range(n + 1, 0, 1 - 2):
    x = x * i
return x
--- bounds of a loop, to nothing
for i in range(n - 1 + 1, n + 3 - 1 - 2):
    x = x * i
return x
==>
for i in range(n, n):
    x = x * i
return x
--- zero times what may be inf
x_bar = (x + 0.0) * 1.0 - 0.0 * y
return x_bar
==>
x_bar = x - 0.0 * y
return x_bar
--- arrays like the first of them
z = u
t = z * 2.0
t_bar = np.zeros_like(t * u)
v_bar = np.zeros_like(t)
return t_bar + v_bar
==>
z = u
t = z * 2.0
t_bar = np.zeros_like(u)
v_bar = np.zeros_like(u)
return t_bar + v_bar
--- a sign goes to the front
x_bar = -x * (1.0 * y)
return x_bar
==>
x_bar = -(x * y)
return x_bar
--- a tangent plus itself; of a name it is no longer
t_bar = u * v
u_bar = t_bar + t_bar
v_bar = x * t_bar + x * t_bar
return u_bar * v_bar
==>
t_bar = u * v
u_bar = t_bar + t_bar
v_bar = 2.0 * x * t_bar
return u_bar * v_bar
--- integers plus themselves
x_bar = x * (n + n)
return x_bar
--- a negative first term
x_bar = -x + 1.0
y_bar = -x + y
return x_bar * y_bar
==>
x_bar = -x + 1.0
y_bar = y - x
return x_bar * y_bar
--- literals are multiplied where that is no longer
x_bar = 2.0 * 0.25 * y
y_bar = 0.1 * 3.0 * x
return x_bar + y_bar
==>
x_bar = 0.5 * y
y_bar = 0.1 * 3.0 * x
return x_bar + y_bar
--- literals of the user
z = 2.0 * 0.25 * y
return z
--- the value of the user's function beside an adjoint
x_bar = 1.0 * y
return np.full(2, 1.0 * n), (1.0 * x_bar, 2.0 * 0.25 * y)
==>
x_bar = y
return np.full(2, 1.0 * n), (x_bar, 2.0 * 0.25 * y)
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("algebra", before) == after
