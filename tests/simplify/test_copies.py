"""Copies that the compiler made: none where an operation makes new memory anyway, `x.copy()` for arrays."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- an array
u_bar = copy_of(u)
u_bar[0] = x
return u_bar
==>
u_bar = u.copy()
u_bar[0] = x
return u_bar
--- terms of a sum
u_bar = copy_of(u) + copy_of(v)
return u_bar
==>
u_bar = u + v
return u_bar
--- what may be a number
x_bar = copy_of(x)
return x_bar
--- a copy of a product
u_bar = copy_of(copy_of(u) * y)
return u_bar
==>
u_bar = (u * y).copy()
return u_bar
--- what may give a view
u_bar = np.reshape(copy_of(u), (2, 2))
u_bar[0, 0] = x
return u_bar
==>
u_bar = np.reshape(u.copy(), (2, 2))
u_bar[0, 0] = x
return u_bar
--- spread
u_bar = spread(copy_of(x), u)
u_bar[0] = y
return u_bar
==>
u_bar = spread(x, u)
u_bar[0] = y
return u_bar
--- matrices
m_bar = copy_of(m) @ copy_of(m.T)
return m_bar
==>
m_bar = m @ m.T
return m_bar
--- the copy that the user made stays
w = np.copy(u)
w[0] = x
return w * copy_of(u)
==>
w = np.copy(u)
w[0] = x
return w * u
--- a number in one branch
for i in range(2):
    t_bar = copy_of(u) if i else copy_of(x)
return t_bar
==>
for i in range(2):
    t_bar = u.copy() if i else copy_of(x)
return t_bar
--- results
return copy_of(u), copy_of(x), -copy_of(u)
==>
return u.copy(), copy_of(x), -u
--- a part of an adjoint
u_bar = v * y
x_bar = u_bar[1:].copy() * y
return x_bar + u_bar.copy()
==>
u_bar = v * y
x_bar = u_bar[1:] * y
return x_bar + u_bar
--- a part of an adjoint that is kept
u_bar = v * y
x_bar = u_bar[1:].copy()
u_bar[1] = 0.0
return x_bar
==>
u_bar = v * y
x_bar = u_bar[1:].copy()
u_bar[1] = 0.0
return x_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("copies", before) == after
