"""Adjoints are spread once; again wherever the adjoint or what it belongs to may be another."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- twice
u_bar = x * y
u_bar = spread(u_bar, u)
u_bar[0] += x
u_bar = spread(u_bar, u)
u_bar[1] += x
return u_bar
==>
u_bar = x * y
u_bar = spread(u_bar, u)
u_bar[0] += x
u_bar[1] += x
return u_bar
--- the adjoint is bound between
u_bar = x * y
u_bar = spread(u_bar, u)
u_bar[0] += x
u_bar = u_bar[0]
u_bar = spread(u_bar, u)
u_bar[1] += x
return u_bar
--- the other name is bound between
w = u
u_bar = spread(x, w)
u_bar = spread(u_bar, w)
u_bar[0] += x
w = u[1:]
u_bar = u_bar[1:]
u_bar = spread(u_bar, w)
u_bar[1] += x
return u_bar
--- a sum may broadcast
u_bar = x * y
u_bar = spread(u_bar, u)
u_bar = u_bar + x
u_bar = spread(u_bar, u)
return u_bar
--- zeros in its shape
u_bar = np.zeros_like(u)
u_bar = spread(u_bar, u)
u_bar[0] += x
return u_bar
==>
u_bar = np.zeros_like(u)
u_bar[0] += x
return u_bar
--- zeros in another shape
u_bar = np.zeros_like(v)
u_bar = spread(u_bar, u)
u_bar[0] += x
return u_bar
--- once before a loop
u_bar = x * y
for i in range(n):
    u_bar = spread(u_bar, u)
    u_bar[i] += x
return u_bar
==>
u_bar = x * y
u_bar = spread(u_bar, u)
for i in range(n):
    u_bar[i] += x
return u_bar
--- behind a loop
u_bar = x * y
for i in range(n):
    u_bar = spread(u_bar, u)
    u_bar[i] += x
u_bar = spread(u_bar, u)
u_bar[1] += x
return u_bar
==>
u_bar = x * y
u_bar = spread(u_bar, u)
for i in range(n):
    u_bar[i] += x
u_bar[1] += x
return u_bar
--- a loop binds the adjoint
u_bar = x * y
for i in range(n):
    u_bar = spread(u_bar, u)
    u_bar[i] += x
    u_bar = u_bar[0]
return u_bar
--- a loop binds the other name
w = u
u_bar = x * y
for i in range(n):
    w = w * x
    u_bar = spread(u_bar, w)
    u_bar[i] += x
return u_bar
--- spread before a loop
u_bar = x * y
u_bar = spread(u_bar, u)
for i in range(n):
    u_bar = spread(u_bar, u)
    u_bar[i] += x
return u_bar
==>
u_bar = x * y
u_bar = spread(u_bar, u)
for i in range(n):
    u_bar[i] += x
return u_bar
--- once before two loops
u_bar = x * y
for i in range(n):
    for j in range(i):
        u_bar = spread(u_bar, u)
        u_bar[j] += x
return u_bar
==>
u_bar = x * y
u_bar = spread(u_bar, u)
for i in range(n):
    for j in range(i):
        u_bar[j] += x
return u_bar
--- two shapes in a loop
u_bar = x * y
for i in range(n):
    u_bar = spread(u_bar, u)
    u_bar[i] += x
    u_bar = spread(u_bar, v)
    u_bar[i] += x
return u_bar
--- in both branches
u_bar = x * y
if x > 0.0:
    u_bar = spread(u_bar, u)
    u_bar[0] += x
else:
    u_bar = spread(u_bar, u)
u_bar = spread(u_bar, u)
return u_bar
==>
u_bar = x * y
if x > 0.0:
    u_bar = spread(u_bar, u)
    u_bar[0] += x
else:
    u_bar = spread(u_bar, u)
return u_bar
--- in one branch
u_bar = x * y
if x > 0.0:
    u_bar = spread(u_bar, u)
    u_bar[0] += x
u_bar = spread(u_bar, u)
return u_bar
--- a branch of which nothing is left
u_bar = spread(x * y, u)
u_bar = spread(u_bar, u)
if x > 0.0:
    u_bar = spread(u_bar, u)
return u_bar
==>
u_bar = spread(x * y, u)
u_bar = spread(u_bar, u)
if x > 0.0:
    pass
return u_bar
--- once before a while loop
i = 0
u_bar = x * y
while i < n:
    u_bar = spread(u_bar, u)
    u_bar[i] += x
    i = i + 1
return u_bar
==>
i = 0
u_bar = x * y
u_bar = spread(u_bar, u)
while i < n:
    u_bar[i] += x
    i = i + 1
return u_bar
--- a comment stays
u_bar = np.zeros_like(u)
# the first
u_bar = spread(u_bar, u)
u_bar[0] += x
return u_bar
==>
u_bar = np.zeros_like(u)
# the first
pass
u_bar[0] += x
return u_bar
--- a number that is spread, perhaps to another shape
u_bar = spread(x, u)
u_bar = spread(u_bar, u)
return u_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("full", before) == after
