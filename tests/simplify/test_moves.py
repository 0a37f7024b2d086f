"""Adjoint arrays handed on: only memory that nobody else reads or holds."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- nobody reads it again
u_bar = u * x
v_bar = copy_of(u_bar)
v_bar[0] = y
return v_bar
==>
u_bar = u * x
v_bar = u_bar
v_bar[0] = y
return v_bar
--- read behind the copy
u_bar = u * x
v_bar = copy_of(u_bar)
v_bar[0] = y
return v_bar, u_bar
--- bound anew
u_bar = u * x
v_bar = copy_of(u_bar)
v_bar[0] = y
u_bar = v * x
return v_bar, u_bar
==>
u_bar = u * x
v_bar = u_bar
v_bar[0] = y
u_bar = v * x
return v_bar, u_bar
--- perhaps bound anew
u_bar = u * x
v_bar = copy_of(u_bar)
v_bar[0] = y
if x > 0.0:
    u_bar = v * x
return v_bar, u_bar
--- memory of a parameter
v_bar = copy_of(u)
v_bar[0] = y
return v_bar
--- a view holds it
u_bar = u * x
w_bar = u_bar[1:]
v_bar = copy_of(u_bar)
v_bar[1] = y
return v_bar, w_bar
--- the copy has a view elsewhere
u_bar = u * x
v_bar = v * y
w_bar = v_bar[1:]
v_bar = copy_of(u_bar)
v_bar[1] = y
return v_bar, w_bar
--- bound anew in each iteration
u_bar = u * x
for i in range(n):
    v_bar = copy_of(u_bar)
    v_bar[i] = y
    u_bar = v_bar * y
return u_bar
==>
u_bar = u * x
for i in range(n):
    v_bar = u_bar
    v_bar[i] = y
    u_bar = v_bar * y
return u_bar
--- read by the next iteration
u_bar = u * x
for i in range(n):
    v_bar = copy_of(u_bar)
    v_bar[i] = y
    y = y + np.sum(v_bar)
return y
--- two arrays are exchanged
u_bar = u * x
v_bar = v * y
for i in range(n):
    t_bar = copy_of(u_bar)
    u_bar = copy_of(v_bar)
    v_bar = copy_of(t_bar)
    u_bar[0] += x
return u_bar, v_bar
==>
u_bar = u * x
v_bar = v * y
for i in range(n):
    t_bar = u_bar
    u_bar = v_bar
    v_bar = t_bar
    u_bar[0] += x
return u_bar, v_bar
--- the user's names
w = u * x
z = copy_of(w)
z[0] = y
return z
--- results
u_bar = u * x
v_bar = v * x
return copy_of(u_bar), copy_of(v_bar)
==>
u_bar = u * x
v_bar = v * x
return u_bar, v_bar
--- one array as two results
u_bar = u * x
return copy_of(u_bar), copy_of(u_bar)
--- parameters as results
return copy_of(u), copy_of(u[1:])
--- a view as a result
u_bar = u * x
v_bar = u_bar[1:]
return copy_of(v_bar)
--- spreading copies once more
u_bar = u * x
v_bar = spread(copy_of(u_bar), u)
v_bar[0] = y
return v_bar, u_bar
==>
u_bar = u * x
v_bar = spread(u_bar, u)
v_bar[0] = y
return v_bar, u_bar
--- to itself
u_bar = u * x
u_bar = copy_of(u_bar)
u_bar[0] = y
return u_bar
--- in an expression
u_bar = u * x
v_bar = v + copy_of(u_bar)
return v_bar
--- perhaps memory of a parameter
if x > 0.0:
    u_bar = u
else:
    u_bar = u * x
v_bar = copy_of(u_bar)
v_bar[0] = y
return v_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("moves", before) == after
