"""Places set to zero that nobody reads any more, and zeros that are added to."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- nobody reads the array again
u_bar = u * x
x_bar = u_bar[0]
u_bar[0] = 0.0
return x_bar
==>
u_bar = u * x
x_bar = u_bar[0]
return x_bar
--- the owner of a view is read
u_bar = u * x
w_bar = u_bar[1:]
x_bar = w_bar[0]
w_bar[0] = 0.0
return x_bar, u_bar
--- neither the zero nor the sum is read
u_bar = u * x
x_bar = u_bar[0]
u_bar[1] = 0.0
u_bar[1] += x_bar
return x_bar
==>
u_bar = u * x
x_bar = u_bar[0]
return x_bar
--- a zero and its term
u_bar = u * x
x_bar = u_bar[1]
u_bar[1] = 0.0
y_bar = x_bar * y
u_bar[1] += y_bar
return u_bar
==>
u_bar = u * x
x_bar = u_bar[1]
y_bar = x_bar * y
u_bar[1] = y_bar
return u_bar
--- a zero and what is subtracted
u_bar = u * x
x_bar = u_bar[1]
u_bar[1] = 0.0
u_bar[1] -= x_bar * y
return u_bar
==>
u_bar = u * x
x_bar = u_bar[1]
u_bar[1] = -(x_bar * y)
return u_bar
--- another element between
u_bar = u * x
x_bar = u_bar[0]
u_bar[0] = 0.0
u_bar[1] += x_bar
u_bar[0] += x_bar * y
return u_bar
==>
u_bar = u * x
x_bar = u_bar[0]
u_bar[1] += x_bar
u_bar[0] = x_bar * y
return u_bar
--- perhaps the same element between
u_bar = u * x
x_bar = u_bar[0]
u_bar[0] = 0.0
u_bar[-4] += x_bar
u_bar[0] += x_bar * y
return u_bar
--- another element that reads the array
u_bar = u * x
x_bar = u_bar[0]
u_bar[0] = 0.0
u_bar[1] += u_bar[0]
u_bar[0] += x_bar * y
return u_bar
--- another row
m_bar = m * x
x_bar = m_bar[0][0]
m_bar[0][0] = 0.0
m_bar[1][0] += x_bar
m_bar[0][0] += x_bar * y
return m_bar
--- the array is read between
u_bar = u * x
x_bar = u_bar[1]
u_bar[1] = 0.0
y_bar = u_bar[0]
u_bar[1] += x_bar * y_bar
return u_bar
--- the term reads the array
u_bar = u * x
u_bar[1] = 0.0
u_bar[1] += u_bar[0]
return u_bar
--- the term reads a view of the array
u_bar = u * x
w_bar = u_bar[:2]
u_bar[1] = 0.0
u_bar[1] += w_bar[0]
return u_bar
--- the index is bound between
i = 1
u_bar = u * x
u_bar[i] = 0.0
i = i + 1
u_bar[i] += y
return u_bar
--- perhaps another element
u_bar = u * x
u_bar[n] = 0.0
u_bar[1] += y
return u_bar
--- a later iteration reads it
u_bar = u * x
for i in range(n):
    x = x * u_bar[i]
    u_bar[i] = 0.0
return x
--- each iteration makes its own array
for i in range(n):
    u_bar = u * x
    x = x * u_bar[i]
    u_bar[i] = 0.0
return x
==>
for i in range(n):
    u_bar = u * x
    x = x * u_bar[i]
return x
--- the condition of a loop reads it
u_bar = u * x
while u_bar[0] > 0.0:
    y = y * u_bar[1]
    u_bar[0] = 0.0
return y
--- a part of an array
u_bar = u * x
v_bar = u_bar[1:].copy()
u_bar[1:] = 0.0
u_bar[1:] += v_bar * y
return u_bar
==>
u_bar = u * x
v_bar = u_bar[1:].copy()
u_bar[1:] = v_bar * y
return u_bar
--- the first of two terms
u_bar = u * x
u_bar[1] = 0.0
u_bar[1] += y
u_bar[1] += x
return u_bar
==>
u_bar = u * x
u_bar[1] = y
u_bar[1] += x
return u_bar
--- a negative zero
u_bar = u * x
u_bar[1] = -0.0
u_bar[1] += y
return u_bar
--- the user's array
w = u * x
y = w[0]
w[0] = 0.0
return y
--- the memory of a parameter
u_bar = u
x_bar = u_bar[0]
u_bar[0] = 0.0
return x_bar
--- read in one branch
u_bar = u * x
if x > 0.0:
    y = u_bar[0]
    u_bar[0] = 0.0
else:
    u_bar[1] = 0.0
    y = u_bar[2]
return y
==>
u_bar = u * x
if x > 0.0:
    y = u_bar[0]
else:
    u_bar[1] = 0.0
    y = u_bar[2]
return y
--- read behind the branches
u_bar = u * x
if x > 0.0:
    u_bar[1] = 0.0
return u_bar[1] * y
--- a term in a branch
u_bar = u * x
u_bar[1] = 0.0
if x > 0.0:
    u_bar[1] += y
return u_bar
--- a comment goes to the next statement
u_bar = u * x
x_bar = u_bar[0]
# cleared
u_bar[0] = 0.0
y_bar = x_bar * y
return y_bar
==>
u_bar = u * x
x_bar = u_bar[0]
# cleared
y_bar = x_bar * y
return y_bar
--- a comment where nothing is left
u_bar = u * x
for i in range(n):
    y = y * u_bar[0]
for i in range(n):
    # cleared
    u_bar[i] = 0.0
return y
==>
u_bar = u * x
for i in range(n):
    y = y * u_bar[0]
for i in range(n):
    # cleared
    pass
return y
--- new memory before the next read
u_bar = u * x
x = u_bar[0]
u_bar[0] = 0.0
u_bar = v * x
return u_bar
==>
u_bar = u * x
x = u_bar[0]
u_bar = v * x
return u_bar
--- perhaps new memory before the next read
u_bar = u * x
x = u_bar[0]
u_bar[0] = 0.0
if n > 1:
    u_bar = v * x
return u_bar
--- put back where it was taken from
u_bar = u * x
t_bar = u_bar[1:-1].copy()
u_bar[1:-1] = 0.0
v_bar = t_bar * y
u_bar[1:-1] += t_bar
return u_bar, v_bar
==>
u_bar = u * x
t_bar = u_bar[1:-1].copy()
v_bar = t_bar * y
return u_bar, v_bar
--- a number put back, with a comment
u_bar = u * x
x_bar = u_bar[n]
# cleared
u_bar[n] = 0.0
u_bar[n] += x_bar
return u_bar
==>
u_bar = u * x
x_bar = u_bar[n]
# cleared
pass
return u_bar
--- put back from a view, which was set to zero with it
u_bar = u * x
t_bar = u_bar[1:-1]
u_bar[1:-1] = 0.0
u_bar[1:-1] += t_bar
return u_bar
==>
u_bar = u * x
t_bar = u_bar[1:-1]
u_bar[1:-1] = 0.0
u_bar[1:-1] += t_bar
return u_bar
--- put back under another name's value
u_bar = u * x
t_bar = u_bar[1:-1].copy()
t_bar = v[1:-1].copy()
u_bar[1:-1] = 0.0
u_bar[1:-1] += t_bar
return u_bar
==>
u_bar = u * x
t_bar = u_bar[1:-1].copy()
t_bar = v[1:-1].copy()
u_bar[1:-1] = t_bar
return u_bar
--- put back when it was written meanwhile
u_bar = u * x
t_bar = u_bar[1:-1].copy()
t_bar[0] = y
u_bar[1:-1] = 0.0
u_bar[1:-1] += t_bar
return u_bar
==>
u_bar = u * x
t_bar = u_bar[1:-1].copy()
t_bar[0] = y
u_bar[1:-1] = t_bar
return u_bar
--- put back where something was added before
u_bar = u * x
t_bar = u_bar[1:-1].copy()
u_bar[:2] += v[:2]
u_bar[1:-1] = 0.0
u_bar[1:-1] += t_bar
return u_bar
==>
u_bar = u * x
t_bar = u_bar[1:-1].copy()
u_bar[:2] += v[:2]
u_bar[1:-1] = t_bar
return u_bar
--- put back at another place
u_bar = u * x
t_bar = u_bar[1:-1].copy()
u_bar[:-2] = 0.0
u_bar[:-2] += t_bar
return u_bar
==>
u_bar = u * x
t_bar = u_bar[1:-1].copy()
u_bar[:-2] = t_bar
return u_bar
--- put back with another sign
u_bar = u * x
t_bar = u_bar[1:-1].copy()
u_bar[1:-1] = 0.0
u_bar[1:-1] -= t_bar
return u_bar
==>
u_bar = u * x
t_bar = u_bar[1:-1].copy()
u_bar[1:-1] = -t_bar
return u_bar
--- put back at an index that has moved
u_bar = u * x
i = n
t_bar = u_bar[i]
i = i + 1
u_bar[i] = 0.0
u_bar[i] += t_bar
return u_bar
==>
u_bar = u * x
i = n
t_bar = u_bar[i]
i = i + 1
u_bar[i] = t_bar
return u_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("clears", before) == after
