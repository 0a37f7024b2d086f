"""Temporaries go back into expressions: only where the value stays the same and is computed once."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- into the next statement
t = x * y
z = t + x
return z
==>
z = x * y + x
return z
--- chain
t = x * y
t2 = t + x
t3 = t2 * t2
return t3
==>
t2 = x * y + x
return t2 * t2
--- the user's name
w = x * y
return w + x
--- read twice
t = np.sin(x)
return t * t
--- comparison
t = x > y
if t:
    z = x
else:
    z = y
if t:
    z = z * x
return z
==>
if x > y:
    z = x
else:
    z = y
if x > y:
    z = z * x
return z
--- comparison changes
t = x > y
x = x + 2.0
if t:
    z = x
else:
    z = y
return z
--- comparison changes in its branch
t = x > y
if t:
    x = y * 2.0
if t:
    x = x * y
return x
--- comparison of elements
t = u[0] > y
if t:
    z = x
else:
    z = y
if t:
    z = z * x
return z
--- another name
t = x
z = t * t
return z + t
==>
z = x * x
return z + x
--- name bound again
t = x
x = x * y
return t * x
--- another name that a loop binds
t = x
for i in range(n):
    x = x * t
return x
--- a number
t = 2.0
for i in range(n):
    x = x * t
return x * t
==>
for i in range(n):
    x = x * 2.0
return x * 2.0
--- an operand is bound again
t = x * y
x = 2.0
return t * x
--- an operand is written
t = u[0] * y
u[0] = x
return t
--- operand written through a view
w = u[1:]
t = u[1] * y
w[0] = x
return t
--- other memory written
t = u[0] * y
w = v * 2.0
w[0] = x
return t + w
==>
w = v * 2.0
w[0] = x
return u[0] * y + w
--- an operand is added to through a view
t = u * y
w = u[1:]
w += x
return t
--- a shape does not change
t = len(u)
u[0] = x
return t * u
==>
u[0] = x
return len(u) * u
--- into a loop
t = np.sin(x)
for i in range(n):
    y = y * t
return y
--- into the header
t = n + 1
for i in range(t):
    y = y * x
return y
==>
for i in range(n + 1):
    y = y * x
return y
--- into a test
t = x * y
if t > 0.0:
    y = x
return y
==>
if x * y > 0.0:
    y = x
return y
--- into the test of a while loop
t = x * y + 0.5
while x * x < t:
    x = x * 1.5 + 0.1
return x
--- under a condition
t = np.sqrt(x)
return t if x > 0.0 else y
--- into a condition
t = x * y
return x if t > 0.0 else y
==>
return x if x * y > 0.0 else y
--- behind and
t = np.sqrt(x)
z = x > 0.0 and t > 0.5
return z
--- memory that is written
t = u * 2.0
t[0] = x
return t
--- a view that is written
t = u[1:]
t[0] = x
return u
--- a view that is read
t = u[1:]
return t * x
==>
return u[1:] * x
--- an operator before a method
t = u * v
return t.sum()
--- an index before a method
t = m[0]
return t.sum()
==>
return m[0].sum()
--- an effect
t_saved = [x]
t = t_saved.pop()
t_saved.append(y)
return t
--- read in a branch and behind
t = x * y
if x > 0.0:
    z = t
else:
    z = y
return z + t
--- bound in a branch
t = x * y
if x > 0.0:
    t = y
return t
--- adjoint returned
x_bar = x * y
return x_bar
--- adjoint of a temporary returned
t_bar = x * y
return t_bar
==>
return x * y
--- a sum that begins
x_bar = x * y
x_bar += y
return x_bar * x
==>
x_bar = x * y + y
return x_bar * x
--- a sum in place
u_bar = u * y
u_bar += v
return u_bar * x
--- a sign
y_bar = x * x
x_bar = -y_bar
y = y + x_bar
x = x - x_bar
return x * y
==>
x_bar = -(x * x)
y = y + x_bar
x = x - x_bar
return x * y
--- a long expression
t = x * y * x * y * x * y * x
t2 = y * x * y * x * y * x
z_bar = t * t2
z_bar = z_bar * x
return z_bar
==>
t = x * y * x * y * x * y * x
z_bar = t * (y * x * y * x * y * x) * x
return z_bar
--- tuple target
t = x * y
z, w = t, y
return z * w
==>
z, w = x * y, y
return z * w
--- the index of a place
t = n + 1
u[t] = x
return u
==>
u[n + 1] = x
return u
--- a view in the place of a name
t = m[0]
t[1] = x
return m
--- comments come together
# the product
t = x * y
# the sum
z = t + x
return z
==>
# the product
# the sum
z = x * y + x
return z
--- read by its own statement
t = x
t = t * y
return t
==>
return x * y
--- an exchange through a temporary
t = x
x = y
y = t
return x - y
--- an exchange
t, t2 = x, y
t, t2 = t2, t
return t - t2
--- a product that is read twice
t = x * y
z = t + np.sin(t)
return z
==>
z = x * y + np.sin(x * y)
return z
--- a product that is read four times
t = x * y
z = t + np.sin(t) + np.cos(t)
return z * t
--- a quotient
t = x / y
z = t + np.sin(t)
return z
--- a product whose operand is bound between
t = x * y
x = t + 1.0
z = t + np.sin(x)
return z
--- a product that a loop reads
t = x * y
z = 0.0
for i in range(n):
    z += t
    z *= t
return z
--- a product of arrays
t = u * v
z = t + np.sin(t)
return z
--- a product of what may be an array
t = u[n:] * x
z = t + np.sin(t)
return z
--- parts of an array
t = u[1:]
z = np.sum(t * t)
return z
==>
z = np.sum(u[1:] * u[1:])
return z
--- parts of an array in a loop
z = 0.0
for i in range(n):
    t = u[1:]
    z += np.sum(t * t)
return z
--- parts of an array that is written between
w = u * x
t = w[1:].copy()
t2 = w[0]
w[0] = np.sin(t2)
z = t2 + w[0]
return z + t
--- a part that is written
w = u * x
t = w[1:]
t[0] = y
return np.sum(t) + np.sum(w)
--- parts at a place that is computed
t = u[n]
z = t * np.sin(t)
return z
--- two effects
t_saved = [x, y]
t = t_saved.pop()
t2 = t_saved.pop()
return t - t2
--- an operand is written by a call
t = u * 2.0
add_at(u, np.array([0, 1]), x)
return t + u
--- what an array is filled with keeps its name, if it is long
t_bar = x / y * ((x > 0.0) / (2.0 * x + 1.0))
t2_bar = np.full(u.shape, t_bar)
v_bar = t2_bar * u
return v_bar
==>
t_bar = x / y * ((x > 0.0) / (2.0 * x + 1.0))
v_bar = np.full(u.shape, t_bar) * u
return v_bar
--- what an array is filled with, short
t_bar = x / y
t2_bar = np.full(u.shape, t_bar)
v_bar = t2_bar * u
return v_bar
==>
v_bar = np.full(u.shape, x / y) * u
return v_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("unnest", before) == after
