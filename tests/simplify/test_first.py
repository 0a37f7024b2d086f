"""Sums that begin with their first term: in its shape, its dtype, and memory of their own."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- numbers
x_bar = 0.0
x_bar += x * y
return x_bar
==>
x_bar = x * y
return x_bar
--- what is subtracted
x_bar = 0.0
x_bar -= x
return x_bar
==>
x_bar = -x
return x_bar
--- bound again
x_bar = 0.0
x_bar = x_bar + x * y
return x_bar
==>
x_bar = x * y
return x_bar
--- a name
x_bar = 0.0
x_bar += x
return x_bar
==>
x_bar = x
return x_bar
--- a name that may be an array
x_bar = 0.0
x_bar = x_bar + x
return x_bar
==>
x_bar = copy_of(x)
return x_bar
--- an array is copied
u_bar = np.zeros_like(u)
u_bar += u
u_bar[0] = x
return u_bar
==>
u_bar = copy_of(u)
u_bar[0] = x
return u_bar
--- a view is copied
u_bar = 0.0
u_bar = u_bar + u[1:]
u_bar[0] = x
return u_bar
==>
u_bar = copy_of(u[1:])
u_bar[0] = x
return u_bar
--- perhaps another dtype
u_bar = np.zeros_like(u)
u_bar += u * y
u_bar[0] = x
return u_bar
==>
u_bar = u * y
u_bar[0] = x
return spread(u_bar, u)
--- a number is spread
u_bar = np.zeros_like(u)
u_bar += x * y
return u_bar
==>
u_bar = spread(x * y, u)
return u_bar
--- the user's array
w = np.zeros_like(u)
w += x * y
return w
--- perhaps another shape
u_bar = np.zeros_like(u)
u_bar += v * x
return u_bar
==>
u_bar = spread(v * x, u)
return u_bar
--- the second term
u_bar = np.zeros_like(u)
u_bar += 2.0 * u
u_bar += v
return u_bar
==>
u_bar = 2.0 * u
u_bar += v
return u_bar
--- a term that reads the sum
x_bar = 0.0
x_bar += x * x_bar
return x_bar
--- read between
x_bar = 0.0
y_bar = x_bar
x_bar += x
return x_bar * y_bar
--- something else between
x_bar = 0.0
y_bar = y * y
x_bar += x
return x_bar * y_bar
==>
y_bar = y * y
x_bar = x
return x_bar * y_bar
--- a loop between
x_bar = 0.0
for i in range(n):
    y = y * x
x_bar += y
return x_bar
==>
for i in range(n):
    y = y * x
x_bar = y
return x_bar
--- a loop adds
x_bar = 0.0
for i in range(n):
    x_bar += y
x_bar += y
return x_bar
--- within a loop
for i in range(n):
    x_bar = 0.0
    x_bar += x * y
    x = x_bar
return x
==>
for i in range(n):
    x_bar = x * y
    x = x_bar
return x
--- in a branch that may not run
x_bar = 0.0
if x > 0.0:
    x_bar += y
return x_bar
--- within a branch
if x > 0.0:
    x_bar = 0.0
    x_bar += y
else:
    x_bar = 0.0
return x_bar
==>
if x > 0.0:
    x_bar = y
else:
    x_bar = 0.0
return x_bar
--- no sum
x_bar = 0.0
x_bar *= x
return x_bar
--- no zero
x_bar = 1.0
x_bar += x
return x_bar
--- an integer zero
x_bar = 0
x_bar += x
return x_bar
--- a negative zero
x_bar = -0.0
x_bar += x
return x_bar
==>
x_bar = x
return x_bar
--- a filled array
u_bar = np.zeros_like(u)
u_bar += np.full(u.shape, x)
return u_bar
==>
u_bar = np.full_like(u, x)
return u_bar
--- a filled array of another shape
u_bar = np.zeros_like(u)
u_bar += np.full(v.shape, x)
return u_bar
==>
u_bar = spread(np.full(v.shape, x), u)
return u_bar
--- comments
# the slope
x_bar = 0.0
x_bar += x * y  # first
return x_bar
==>
# the slope
x_bar = x * y  # first
return x_bar
--- comments moved
# the slope
x_bar = 0.0
y_bar = y * y
x_bar += x * y_bar
return x_bar
==>
# the slope
y_bar = y * y
x_bar = x * y_bar
return x_bar
--- a term that is written later
u_bar = np.zeros_like(u)
u_bar += v
v[0] = x
return u_bar
==>
u_bar = spread(v, u)
v[0] = x
return u_bar
--- the sum is the second operand
x_bar = 0.0
x_bar = x + x_bar
return x_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("first", before) == after
