"""Constant lengths of the function's own arrays, in statements of the compiler."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- arrays like it
t = np.zeros(3)
t_bar = np.zeros_like(t)
t2_bar = np.empty_like(t)
t2_bar[:] = x
return t_bar + t2_bar + t
==>
t = np.zeros(3)
t_bar = np.zeros(3)
t2_bar = np.empty(3)
t2_bar[:] = x
return t_bar + t2_bar + t
--- lengths
t = np.zeros((2, 3))
t_bar = 1.0 * len(t) * t.size * t.shape[0] * t.shape[1]
return t_bar * t
==>
t = np.zeros((2, 3))
t_bar = 1.0 * 2 * 6 * 2 * 3
return t_bar * t
--- shape
t = np.zeros((2, 3))
t_bar = np.full(t.shape, x)
return t_bar * t
==>
t = np.zeros((2, 3))
t_bar = np.full((2, 3), x)
return t_bar * t
--- loops of the compiler
t = np.ones(3)
for i in range(len(t)):
    x = x * t[i]
for i_bar in range(t.shape[0] - 1):
    x = x + t[i_bar]
return x
==>
t = np.ones(3)
for i in range(3):
    x = x * t[i]
for i_bar in range(3 - 1):
    x = x + t[i_bar]
return x
--- the user's statements
w = np.zeros(3)
z = np.zeros_like(w)
return z * len(w)
--- the length of a parameter
u_bar = np.zeros_like(u)
return u_bar * len(u)
--- two lengths
if x > 0.0:
    t = np.zeros(3)
else:
    t = np.zeros(2)
t_bar = np.zeros_like(t)
return t_bar
--- a name that is bound again
t = np.zeros(3)
t = t[1:]
t_bar = np.zeros_like(t)
return t_bar
--- integers keep their dtype
t = np.zeros(3, int)
t_bar = np.zeros_like(t)
x_bar = 1.0 * len(t)
return t_bar * x_bar
==>
t = np.zeros(3, int)
t_bar = np.zeros_like(t)
x_bar = 1.0 * 3
return t_bar * x_bar
--- truth values keep their dtype
t = np.zeros(3, bool)
t_bar = np.zeros_like(t)
return t_bar
--- single precision keeps its dtype
t = np.zeros(3, np.float32)
t_bar = np.zeros_like(t)
return t_bar
--- its dtype
t = np.zeros(3)
t_bar = np.zeros((2,) + t.shape, t.dtype)
t2_bar = np.zeros((2,), t.dtype)
return t_bar, t2_bar * len(t2_bar)
==>
t = np.zeros(3)
t_bar = np.zeros((2,) + (3,))
t2_bar = np.zeros(2)
return t_bar, t2_bar * len(t2_bar)
--- a dtype of its own
t = np.zeros(3)
t_bar = np.zeros_like(t, dtype=np.float32)
return t_bar
--- zeros that are spread
t = np.zeros(3)
t_bar = spread(0.0, t)
t2_bar = spread(x, t)
t3_bar = spread(np.zeros((1,)), t)
return t_bar + t2_bar + t3_bar
==>
t = np.zeros(3)
t_bar = np.zeros(3)
t2_bar = spread(x, t)
t3_bar = np.zeros(3)
return t_bar + t2_bar + t3_bar
--- no element
t = np.zeros(0)
t_bar = np.zeros_like(t)
return t_bar * len(t)
==>
t = np.zeros(0)
t_bar = np.zeros(0)
return t_bar * len(t)
--- unknown length
t = np.zeros(n)
t_bar = np.zeros_like(t)
return t_bar * len(t)
--- one axis unknown
t = np.zeros((2, n))
t_bar = np.zeros_like(t)
x_bar = x * t.shape[0]
return t_bar * x_bar
--- in a loop
for i in range(n):
    t = np.zeros(2)
    t[0] = x
    t_bar = np.zeros_like(t)
    t_bar += t
    x = x + t_bar[0]
return x
==>
for i in range(n):
    t = np.zeros(2)
    t[0] = x
    t_bar = np.zeros(2)
    t_bar += t
    x = x + t_bar[0]
return x
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("sizes", before) == after
