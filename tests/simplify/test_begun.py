"""Sums of arrays that begin with their last term: only what nobody touched between may be there from the beginning."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- a sum that is bound again
u = u.copy()
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
u_bar[n] -= x
u_bar = u_bar + v_bar
return u_bar
==>
u = u.copy()
v_bar = u * v
u_bar = copy_of(v_bar)
u_bar[1:] += y
u_bar[n] -= x
return u_bar
--- a sum in place, the term is written behind it
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
u_bar += v_bar
v_bar[0] = x
return u_bar, v_bar
==>
v_bar = u * v
u_bar = copy_of(v_bar)
u_bar[1:] += y
v_bar[0] = x
return u_bar, v_bar
--- nothing between
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar += v_bar
return u_bar
==>
v_bar = u * v
u_bar = copy_of(v_bar)
return u_bar
--- the term is written between
v_bar = u * v
u_bar = np.zeros_like(v_bar)
v_bar[0] = x
u_bar[1:] += y
u_bar += v_bar
return u_bar
--- the term is written through a view
v_bar = u * v
w = v_bar[1:]
u_bar = np.zeros_like(v_bar)
w[0] = x
u_bar[1:] += y
u_bar += v_bar
return u_bar
--- the term is bound between
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
v_bar = u + v
u_bar += v_bar
return u_bar
--- the sum is read between
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
x_bar = u_bar[1]
u_bar += v_bar
return u_bar, x_bar
--- the sum reads itself
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
u_bar[0] += u_bar[1]
u_bar += v_bar
return u_bar
--- a part of the sum has another name
v_bar = u * v
u_bar = np.zeros_like(v_bar)
w_bar = u_bar[1:]
w_bar += y
u_bar += v_bar
return u_bar
--- a part of the sum is multiplied
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
u_bar[1:] *= y
u_bar += v_bar
return u_bar
--- a part of the sum is set
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] = y
u_bar += v_bar
return u_bar
--- the term is broadcast
v_bar = u[:1] * x
u_bar = np.zeros_like(u)
u_bar[1:] += y
u_bar = u_bar + v_bar
return u_bar
--- a term of the same dtype
v_bar = np.ones(4)
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
u_bar = u_bar + v_bar
return u_bar
==>
v_bar = np.ones(4)
u_bar = copy_of(v_bar)
u_bar[1:] += y
return u_bar
--- a term of integers
v_bar = np.zeros(4, int)
w = np.ones(4)
u_bar = np.zeros_like(w)
u_bar[1:] += y
u_bar = u_bar + v_bar
return u_bar
--- a term that is subtracted
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
u_bar -= v_bar
return u_bar
--- in a loop
v_bar = u * v
for i in range(n):
    u_bar = np.zeros_like(v_bar)
    u_bar[i] += y
    u_bar += v_bar
    x += np.sum(u_bar)
return x
==>
v_bar = u * v
for i in range(n):
    u_bar = copy_of(v_bar)
    u_bar[i] += y
    x += np.sum(u_bar)
return x
--- a loop between
v_bar = u * v
u_bar = np.zeros_like(v_bar)
for i in range(n):
    u_bar[i] += y
u_bar += v_bar
return u_bar
--- the user's array
v_bar = u * v
w = np.zeros_like(v_bar)
w[1:] += y
w += v_bar
return w
--- the term is a view of the sum
u_bar = np.zeros_like(u)
v_bar = u_bar[:]
u_bar[1:] += y
u_bar += v_bar
return u_bar
--- a comment at the last term
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
# the rest
u_bar += v_bar
return u_bar
--- zeros in branches
v_bar = u * v
if x > 0:
    u_bar = np.zeros_like(v_bar)
else:
    u_bar = np.zeros_like(v)
    u_bar[1] += x
    u_bar += v_bar
u_bar[1:] += y
u_bar += v_bar
return u_bar
--- two terms before the last
v_bar = u * v
u_bar = np.zeros_like(v_bar)
u_bar[1:] += y
u_bar[1:] += x
u_bar += v_bar
return u_bar
==>
v_bar = u * v
u_bar = copy_of(v_bar)
u_bar[1:] += y
u_bar[1:] += x
return u_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("begun", before) == after
