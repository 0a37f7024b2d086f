"""Rows that are filled where they lie: only if each is made of zeros, filled once, and seen by nobody meanwhile."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- one loop
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
return u_jac
==>
u_jac = np.zeros((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = u_jac[k]
    u_bar[k] = x
return u_jac
--- two loops
u_jac = np.empty(m.shape + u.shape, u.dtype)
a = m.shape[0]
b = m.shape[1]
for i in range(a):
    for j in range(b):
        u_bar = np.zeros_like(u)
        u_bar[i + j] += m[i, j]
        u_jac[i, j] = u_bar
return u_jac
==>
u_jac = np.zeros(m.shape + u.shape, u.dtype)
a = m.shape[0]
b = m.shape[1]
for i in range(a):
    for j in range(b):
        u_bar = u_jac[i, j]
        u_bar[i + j] = m[i, j]
return u_jac
--- two arrays
u_jac = np.empty((n,) + u.shape, u.dtype)
v_jac = np.empty((n,) + v.shape, v.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    v_bar = np.zeros_like(v)
    u_bar[k] += x
    v_bar[k] -= y
    u_jac[k] = u_bar
    v_jac[k] = v_bar
return u_jac, v_jac
==>
u_jac = np.zeros((n,) + u.shape, u.dtype)
v_jac = np.zeros((n,) + v.shape, v.dtype)
for k in range(n):
    u_bar = u_jac[k]
    v_bar = v_jac[k]
    u_bar[k] = x
    v_bar[k] = -y
return u_jac, v_jac
--- the first elements
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[1] += x
    u_bar[0] -= y
    u_bar[1] += y
    x = x * y
    u_jac[k] = u_bar
return u_jac
==>
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = u_jac[k]
    u_bar[1] = x
    u_bar[0] = -y
    u_bar[1] += y
    u_bar[2:] = 0.0
    x = x * y
return u_jac
--- the first elements of two arrays
u_jac = np.empty(m.shape + u.shape, u.dtype)
v_jac = np.empty(m.shape + v.shape, v.dtype)
a = m.shape[0]
b = m.shape[1]
for i in range(a):
    for j in range(b):
        u_bar = np.zeros_like(u)
        v_bar = np.zeros_like(v)
        u_bar[0] += m[i, j]
        v_bar[1] += m[i, j]
        u_jac[i, j] = u_bar
        v_jac[i, j] = v_bar
return u_jac, v_jac
==>
u_jac = np.empty(m.shape + u.shape, u.dtype)
v_jac = np.zeros(m.shape + v.shape, v.dtype)
a = m.shape[0]
b = m.shape[1]
for i in range(a):
    for j in range(b):
        u_bar = u_jac[i, j]
        v_bar = v_jac[i, j]
        u_bar[0] = m[i, j]
        u_bar[1:] = 0.0
        v_bar[1] = m[i, j]
return u_jac, v_jac
--- elements with one between
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[0] += x
    u_bar[2] += y
    u_jac[k] = u_bar
return u_jac
==>
u_jac = np.zeros((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = u_jac[k]
    u_bar[0] = x
    u_bar[2] = y
return u_jac
--- first elements, and others
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[0] += x
    u_bar[k] += y
    u_jac[k] = u_bar
return u_jac
==>
u_jac = np.zeros((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = u_jac[k]
    u_bar[0] = x
    u_bar[k] += y
return u_jac
--- first elements under a condition
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[0] += x
    if x > y:
        u_bar[1] += y
    u_jac[k] = u_bar
return u_jac
==>
u_jac = np.zeros((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = u_jac[k]
    u_bar[0] = x
    if x > y:
        u_bar[1] += y
return u_jac
--- first elements, read meanwhile
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[0] += x
    y = y + u_bar[2]
    u_bar[1] += y
    u_jac[k] = u_bar
return u_jac
==>
u_jac = np.zeros((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = u_jac[k]
    u_bar[0] = x
    y = y + u_bar[2]
    u_bar[1] += y
return u_jac
--- first rows of a matrix
m_jac = np.empty((n,) + m.shape, m.dtype)
for k in range(n):
    m_bar = np.zeros_like(m)
    m_bar[0] += x
    m_jac[k] = m_bar
return m_jac
==>
m_jac = np.zeros((n,) + m.shape, m.dtype)
for k in range(n):
    m_bar = m_jac[k]
    m_bar[0] = x
return m_jac
--- bound again
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_bar = u_bar * y
    u_jac[k] = u_bar
return u_jac
--- another row
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[n - 1 - k] = u_bar
return u_jac
--- a loop that leaves out a row
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(1, n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
return u_jac[1:]
--- rows transposed
u_jac = np.empty(m.shape + u.shape, u.dtype)
for i in range(2):
    for j in range(2):
        u_bar = np.zeros_like(u)
        u_bar[i + j] += m[i, j]
        u_jac[j, i] = u_bar
return u_jac
--- written behind the loop
u_jac = np.empty((4,) + u.shape, u.dtype)
for i in range(4):
    u_bar = np.zeros_like(u)
    u_bar[i] += x
    u_jac[i] = u_bar
for i in range(n):
    u_jac[i, 0] = y
return u_jac
--- read in the loop
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
    y = y + u_jac[k, 0]
return u_jac * y
--- stored twice
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
    u_jac[k] = u_bar
return u_jac
--- stored before
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_jac[k] = u_bar
    u_bar[k] += x
return u_jac
--- seen before
u_jac = np.empty((n,) + u.shape, u.dtype)
u_jac[:] = y
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
return u_jac
--- read behind
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
if n > 0:
    x = u_bar[0]
return u_jac * x
--- of another shape
u_jac = np.empty((n,) + v.shape, v.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
return u_jac
--- of another dtype
u_jac = np.empty((n,) + u.shape, np.float32)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    u_jac[k] = u_bar
return u_jac
--- like what the loop binds
w = u
u_jac = np.empty((n,) + w.shape, w.dtype)
for k in range(n):
    u_bar = np.zeros_like(w)
    u_bar[k] += x
    w = w * 2.0
    u_jac[k] = u_bar
return u_jac
--- a view of the row
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    w_bar = u_bar[1:]
    w_bar[0] += x
    u_jac[k] = u_bar
return u_jac
--- held by another name for the next iteration
w = u
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x + w[0]
    w = u_bar
    u_jac[k] = u_bar
return u_jac
--- counter bound
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.zeros_like(u)
    u_bar[k] += x
    k = 0
    u_jac[k] = u_bar
return u_jac[:1]
--- zeros in a branch
u_jac = np.empty((n,) + u.shape, u.dtype)
for k in range(n):
    u_bar = np.ones_like(u)
    if x > 0.0:
        u_bar = np.zeros_like(u)
    u_jac[k] = u_bar
return u_jac
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("rows", before) == after
