"""Adjoints that come back under their first name: only if nothing else knows that name meanwhile."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- there and back
u_bar = u * 2.0
v_bar = u_bar
t_bar = copy_of(v_bar[1:])
v_bar[0] += y
u_bar = v_bar
u_bar[1:] += t_bar
return u_bar
==>
u_bar = u * 2.0
t_bar = copy_of(u_bar[1:])
u_bar[0] += y
u_bar[1:] += t_bar
return u_bar
--- set to zero and added to
u_bar = u * 2.0
for i in range(n):
    v_bar = u_bar
    t_bar = copy_of(v_bar[1:])
    v_bar[1:] = 0.0
    u_bar = v_bar
    u_bar[1:] += x * t_bar
return u_bar
==>
u_bar = u * 2.0
for i in range(n):
    t_bar = copy_of(u_bar[1:])
    u_bar[1:] = x * t_bar
return u_bar
--- numbers
x_bar = x
y_bar = x_bar
y_bar = y_bar * y
y_bar += x
x_bar = y_bar
return x_bar
==>
x_bar = x
x_bar = x_bar * y
x_bar += x
return x_bar
--- nothing between
u_bar = u * 2.0
for i in range(n):
    v_bar = u_bar
    u_bar = v_bar
return u_bar
==>
u_bar = u * 2.0
for i in range(n):
    pass
return u_bar
--- two at once
u_bar = u * 2.0
v_bar = u_bar
t_bar = v_bar
t_bar[0] = x
v_bar = t_bar
u_bar = v_bar
return u_bar
==>
u_bar = u * 2.0
u_bar[0] = x
return u_bar
--- one after the other
u_bar = u * 2.0
v_bar = u_bar
v_bar[0] = x
u_bar = v_bar
u_bar[1] += y
v_bar = u_bar
v_bar = v_bar * x
u_bar = v_bar
return u_bar
==>
u_bar = u * 2.0
u_bar[0] = x
u_bar[1] += y
u_bar = u_bar * x
return u_bar
--- in branches and loops between
u_bar = u * 2.0
v_bar = u_bar
if x > 0.0:
    v_bar = v_bar * y
for i in range(n):
    v_bar[i] += x
u_bar = v_bar
return u_bar
==>
u_bar = u * 2.0
if x > 0.0:
    u_bar = u_bar * y
for i in range(n):
    u_bar[i] += x
return u_bar
--- needed behind
u_bar = u * 2.0
v_bar = u_bar
v_bar[0] = x
u_bar = v_bar
return u_bar * v_bar
--- needed in the next iteration
u_bar = u * 2.0
v_bar = v * 1.0
for i in range(n):
    x = x + v_bar[0]
    v_bar = u_bar
    v_bar = v_bar * y
    u_bar = v_bar
return u_bar, x
--- bound anew behind
u_bar = u * 2.0
v_bar = u_bar
v_bar[0] = x
u_bar = v_bar
v_bar = v * 3.0
return u_bar * v_bar
==>
u_bar = u * 2.0
u_bar[0] = x
v_bar = v * 3.0
return u_bar * v_bar
--- the first one read between
u_bar = u * 2.0
v_bar = u_bar
v_bar = v_bar * y
x_bar = u_bar[0]
u_bar = v_bar
return u_bar, x_bar
--- the first one bound between
u_bar = u * 2.0
v_bar = u_bar
v_bar[0] = x
u_bar = v * 1.0
t_bar = v_bar + u_bar
u_bar = v_bar
return u_bar * t_bar
--- the first one written between
u_bar = u * 2.0
v_bar = u_bar
if x > 0.0:
    u_bar[0] = y
u_bar = v_bar
return u_bar
--- back in a branch
u_bar = u * 2.0
v_bar = u_bar
v_bar = v_bar * y
if x > 0.0:
    u_bar = v_bar
return u_bar
--- back in a loop
u_bar = u * 2.0
v_bar = u_bar
for i in range(n):
    v_bar = v_bar * y
    u_bar = v_bar
return u_bar
--- a view of it
u_bar = u * 2.0
v_bar = u_bar
w_bar = v_bar[1:]
u_bar = v_bar
w_bar[0] = x
return u_bar
==>
u_bar = u * 2.0
w_bar = u_bar[1:]
w_bar[0] = x
return u_bar
--- an exchange
u_bar = u * 2.0
v_bar = v * 3.0
for i in range(n):
    t_bar = v_bar
    v_bar = u_bar
    u_bar = t_bar
    u_bar[0] += x
return u_bar, v_bar
--- the user's names
z = u * 2.0
w = z
w[0] = x
z = w
return z
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("handed", before) == after
