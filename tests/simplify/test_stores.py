"""First additions to elements are stores: only where the element surely is zero, and nobody may have written it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.core import nodes as n
from tangent_ad.derived import build
from tangent_ad.pipeline import Request
from tangent_ad.simplify.stores import as_store
from tests.simplify.passing import cases, passed

CASES = cases("""
--- elements
u_bar = np.zeros_like(u)
u_bar[0] += x
u_bar[2] -= y
u_bar[0] += y
return u_bar
==>
u_bar = np.zeros_like(u)
u_bar[0] = x
u_bar[2] = -y
u_bar[0] += y
return u_bar
--- of a matrix
m_bar = np.zeros((3, 3))
m_bar[0, 1] += x
m_bar[1, 0] -= x - y
m_bar[0, 1] -= -y
m_bar[2, 2] -= -y
return m_bar
==>
m_bar = np.zeros((3, 3))
m_bar[0, 1] = x
m_bar[1, 0] = y - x
m_bar[0, 1] -= -y
m_bar[2, 2] = y
return m_bar
--- a row and one of its elements
m_bar = np.zeros_like(m)
m_bar[0] += x
m_bar[0, 1] += y
return m_bar
==>
m_bar = np.zeros_like(m)
m_bar[0] = x
m_bar[0, 1] += y
return m_bar
--- a row of an array
m_bar = np.zeros_like(m)
m_bar[1] += m[0]
return m_bar
==>
m_bar = np.zeros_like(m)
m_bar[1] = m[0]
return m_bar
--- an element of which the place is not known, and another
u_bar = np.zeros_like(u)
u_bar[n] += x
u_bar[0] += y
return u_bar
==>
u_bar = np.zeros_like(u)
u_bar[n] = x
u_bar[0] += y
return u_bar
--- one of which the place is not known, behind another
u_bar = np.zeros_like(u)
u_bar[0] += y
u_bar[n] += x
u_bar[1] += x
return u_bar
==>
u_bar = np.zeros_like(u)
u_bar[0] = y
u_bar[n] += x
u_bar[1] += x
return u_bar
--- from the end
u_bar = np.zeros_like(u)
u_bar[3] += y
u_bar[-1] += x
return u_bar
==>
u_bar = np.zeros_like(u)
u_bar[3] = y
u_bar[-1] += x
return u_bar
--- an index that is a truth value
u_bar = np.zeros_like(u)
u_bar[x > y] += x
u_bar[True] += x
return u_bar
--- an index that is an array
u_bar = np.zeros_like(u)
h = np.array([0, 0, 1])
u_bar[h] += x
return u_bar
--- a part
u_bar = np.zeros_like(u)
u_bar[1:] += x
return u_bar
--- of something else than what was zero
u_bar = np.zeros_like(u)
u_bar = u_bar + v
u_bar[0] += x
return u_bar
--- seen by a view
u_bar = np.zeros_like(u)
w_bar = u_bar[1:]
w_bar[0] += x
u_bar[1] += y
return u_bar
--- through a view of what was zero
t_bar = np.zeros_like(u)
w_bar = t_bar
w_bar[0] += x
t_bar[0] += y
return t_bar
--- written in a branch
u_bar = np.zeros_like(u)
if x > y:
    u_bar[0] += x
u_bar[0] += y
return u_bar
--- in a branch, made there
u_bar = v
if x > 0.0:
    u_bar = np.zeros_like(u)
    u_bar[0] += x
return u_bar
==>
u_bar = v
if x > 0.0:
    u_bar = np.zeros_like(u)
    u_bar[0] = x
return u_bar
--- of itself
u_bar = np.zeros_like(u)
u_bar[0] += u_bar[1] + x
u_bar[1] += x
return u_bar
--- read between
u_bar = np.zeros_like(u)
x_bar = u_bar[0]
u_bar[0] += x
return u_bar, x_bar
--- multiplied
u_bar = np.zeros_like(u)
u_bar[0] *= x
u_bar[1] /= y
u_bar[0] += x
return u_bar
==>
u_bar = np.zeros_like(u)
u_bar[0] *= x
u_bar[1] /= y
u_bar[0] += x
return u_bar
--- of the user's
w = np.zeros(4, int)
w[0] += 1
return w
--- a loop
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i] += x * i
return u_bar
==>
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i] = x * i
return u_bar
--- a loop from the end
u_bar = np.zeros_like(u)
for i in range(n - 1, -1, -1):
    x = x * y
    if x > 0.0:
        u_bar[i] -= x
return u_bar
==>
u_bar = np.zeros_like(u)
for i in range(n - 1, -1, -1):
    x = x * y
    if x > 0.0:
        u_bar[i] = -x
return u_bar
--- a loop, and behind it
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i] += x * i
u_bar[0] += y
for i in range(n):
    u_bar[i] += y
return u_bar
==>
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i] = x * i
u_bar[0] += y
for i in range(n):
    u_bar[i] += y
return u_bar
--- a loop behind a store
u_bar = np.zeros_like(u)
u_bar[0] += y
for i in range(n):
    u_bar[i] += x * i
return u_bar
==>
u_bar = np.zeros_like(u)
u_bar[0] = y
for i in range(n):
    u_bar[i] += x * i
return u_bar
--- nested loops
m_bar = np.zeros_like(m)
for i in range(m.shape[0]):
    y = y * x
    for j in range(m.shape[1]):
        m_bar[j, i] += y
return m_bar
==>
m_bar = np.zeros_like(m)
for i in range(m.shape[0]):
    y = y * x
    for j in range(m.shape[1]):
        m_bar[j, i] = y
return m_bar
--- a sum in the inner loop
u_bar = np.zeros_like(u)
for i in range(n):
    for j in range(3):
        u_bar[i] += x
return u_bar
--- a sum in the outer loop
u_bar = np.zeros_like(u)
for j in range(3):
    for i in range(n):
        u_bar[i] += x
return u_bar
--- the diagonal
m_bar = np.zeros((4, 4))
for i in range(n):
    m_bar[i, i] += x
return m_bar
==>
m_bar = np.zeros((4, 4))
for i in range(n):
    m_bar[i, i] = x
return m_bar
--- a column that moves
m_bar = np.zeros((4, 4))
h = np.zeros(1, int)
for i in range(n):
    m_bar[i, h[0]] += x
    h[0] = 1
return m_bar
==>
m_bar = np.zeros((4, 4))
h = np.zeros(1, int)
for i in range(n):
    m_bar[i, h[0]] = x
    h[0] = 1
return m_bar
--- an index that comes again
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i // 2] += x
return u_bar
--- indices that are the same element
u_bar = np.zeros(3)
for i in range(-1, n):
    u_bar[i] += x
return u_bar
--- a counter that the body binds
u_bar = np.zeros_like(u)
for i in range(n):
    i = 0
    u_bar[i] += x
return u_bar
--- a counter of two loops
m_bar = np.zeros((4, 4))
for i in range(n):
    for i in range(n):
        m_bar[i, 0] += x
return m_bar
--- two additions in a loop
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i] += x
    u_bar[i] += y
return u_bar
--- a neighbour
u_bar = np.zeros(6)
for i in range(n):
    u_bar[i] += x
    u_bar[i + 1] += y
return u_bar
--- read in the loop
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i] += x
    x = x + u_bar[0]
return u_bar
--- read in its term
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[i] += x + u_bar[0]
return u_bar
--- as often as a condition holds
u_bar = np.zeros_like(u)
z = 0
while z < n:
    u_bar[z] += x
    z = z + 1
return u_bar
--- in a loop within a loop that repeats
u_bar = np.zeros_like(u)
z = 0
for i in range(n):
    while z < 5:
        u_bar[i] += x
        z = z + 1
return u_bar
--- made in each iteration
m_bar = np.zeros((4, 4))
for i in range(n):
    u_bar = np.zeros_like(u)
    u_bar[0] += x
    for j in range(2):
        v_bar = np.zeros_like(v)
        v_bar[j] += x
        m_bar[i] += v_bar
    m_bar[i] += u_bar
return m_bar
==>
m_bar = np.zeros((4, 4))
for i in range(n):
    u_bar = np.zeros_like(u)
    u_bar[0] = x
    for j in range(2):
        v_bar = np.zeros_like(v)
        v_bar[j] = x
        m_bar[i] += v_bar
    m_bar[i] += u_bar
return m_bar
--- made outside, added to in each iteration
u_bar = np.zeros_like(u)
for i in range(n):
    u_bar[0] += x
return u_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("stores", before) == after


def test_unknown_kinds() -> None:
    """An index may be an array, or a truth value, where nobody says what it is."""
    body = "u_bar = np.zeros_like(u)\nu_bar[n] += x\nreturn u_bar"
    assert passed("stores", body, {}) == body


def test_a_store_of_what_is_no_sum() -> None:
    place, x = n.Index(n.Name("u_bar"), n.Const(0)), n.Name("x")
    assert as_store(n.AugAssign(place, operator.add, x)) == n.Assign(place, x)
    for stmt in (n.AugAssign(place, operator.mul, x), n.Assign(place, x)):
        assert as_store(stmt) == stmt


def test_values_that_are_not_finite() -> None:
    """0 + inf and 0 + nan are what they are."""

    def f(u: Any, k: int) -> Any:
        return u[0] / u[1] + u[k] * u[2]

    u = np.array([1.0, 0.0, np.inf, np.nan])
    with np.errstate(all="ignore"):
        off = build(f, Request("grad", ("u",), without=frozenset(("stores",))), "g").load()
        for k in (-1, 0, 3):
            np.testing.assert_array_equal(ad.grad(f)(u, k), off(u, k))
