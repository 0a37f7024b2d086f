"""Zeros at places whose adjoint has been taken: gone where no later statement reads the place."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- each iteration reads its own place
u_bar = u * x
for i in range(n):
    x = x * u_bar[i]
    u_bar[i] = 0.0
return x
==>
u_bar = u * x
for i in range(n):
    x = x * u_bar[i]
return x
--- the place before is read by the next iteration
u_bar = u * x
for i in range(1, n):
    x = x * u_bar[i] + u_bar[i - 1]
    u_bar[i] = 0.0
return x
--- the place before is read by an earlier iteration
u_bar = u * x
for i in range(n - 1, 0, -1):
    x = x * u_bar[i] + u_bar[i - 1]
    u_bar[i] = 0.0
return x
==>
u_bar = u * x
for i in range(n - 1, 0, -1):
    x = x * u_bar[i] + u_bar[i - 1]
return x
--- the place before is added to, and it is the next one's
u_bar = u * x
for i in range(n - 1, 0, -1):
    t_bar = u_bar[i]
    u_bar[i] = 0.0
    u_bar[i - 1] += t_bar * y
    x = x * t_bar
return x
==>
u_bar = u * x
for i in range(n - 1, 0, -1):
    t_bar = u_bar[i]
    u_bar[i - 1] += t_bar * y
    x = x * t_bar
return x
--- it is added to in the same iteration
u_bar = u * x
for i in range(n):
    t_bar = u_bar[i]
    u_bar[i] = 0.0
    u_bar[i] += t_bar * y
    x = x * t_bar
return x * u_bar[0]
--- the array is read behind the loop
u_bar = u * x
for i in range(n):
    x = x * u_bar[i]
    u_bar[i] = 0.0
return x, u_bar
--- an element is read behind the loop
u_bar = u * x
for i in range(1, n):
    x = x * u_bar[i]
    u_bar[i] = 0.0
return x * u_bar[0]
==>
u_bar = u * x
for i in range(1, n):
    x = x * u_bar[i]
return x * u_bar[0]
--- perhaps that element
u_bar = u * x
for i in range(1, n):
    x = x * u_bar[i]
    u_bar[i] = 0.0
return x * u_bar[n]
--- from the end
u_bar = u * x
for i in range(n):
    x = x * u_bar[-i]
    u_bar[-i] = 0.0
return x
--- a loop around it
u_bar = u * x
for k in range(2):
    for i in range(n):
        x = x * u_bar[i]
        u_bar[i] = 0.0
return x
--- a loop around it that makes the array
for k in range(2):
    u_bar = u * x
    for i in range(n):
        x = x * u_bar[i]
        u_bar[i] = 0.0
return x
--- the index moves on its own
u_bar = u * x
k = 0
for i in range(n):
    x = x * u_bar[k]
    u_bar[k] = 0.0
    k = (k + 2) % 3
return x
--- a loop of which nothing is known
u_bar = u * x
k = 0
while k < n:
    x = x * u_bar[k]
    u_bar[k] = 0.0
    k = k + 1
return x
--- a view reads it
u_bar = u * x
w_bar = u_bar[1:]
for i in range(1, n):
    x = x * u_bar[i] + w_bar[0]
    u_bar[i] = 0.0
return x
--- the user's array
w = u * x
for i in range(n):
    x = x * w[i]
    w[i] = 0.0
return x
--- memory of a parameter
u_bar = u
for i in range(n):
    x = x * u_bar[i]
    u_bar[i] = 0.0
return x
--- rows
m_bar = m * x
for i in range(n - 2):
    x = x + np.sum(m_bar[i])
    m_bar[i] = 0.0
return x
==>
m_bar = m * x
for i in range(n - 2):
    x = x + np.sum(m_bar[i])
return x
--- the rest of a row
m_bar = m * x
for i in range(n - 1):
    for j in range(n - 1):
        x = x + m_bar[i, j] * np.sum(m_bar[i, j:])
        m_bar[i, j] = 0.0
return x
==>
m_bar = m * x
for i in range(n - 1):
    for j in range(n - 1):
        x = x + m_bar[i, j] * np.sum(m_bar[i, j:])
return x
--- all of a row
m_bar = m * x
for i in range(n - 1):
    for j in range(n - 1):
        x = x + m_bar[i, j] * np.sum(m_bar[i])
        m_bar[i, j] = 0.0
return x
--- a comment stays
u_bar = u * x
for i in range(n):
    x = x * u_bar[i]
    # the next one
    u_bar[i] = 0.0
return x
==>
u_bar = u * x
for i in range(n):
    x = x * u_bar[i]
    # the next one
    pass
return x
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("spent", before) == after
