"""Short arrays as numbers: only where each element is named by a constant, or by the variable of a loop over them."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- both ends
t_bar = np.zeros(2)
t_bar[0] += x
t_bar[1] -= t_bar[0] * y
return t_bar[-1] * t_bar[-2]
==>
t_0_bar = x
t_1_bar = -(t_0_bar * y)
return t_1_bar * t_0_bar
--- an empty array
t_bar = np.empty(2)
t_bar[0] = x
t_bar[1] = y
return t_bar[0] * t_bar[1]
==>
t_0_bar = 0.0
t_1_bar = 0.0
t_0_bar = x
t_1_bar = y
return t_0_bar * t_1_bar
--- made again
t_bar = np.zeros(2)
t_bar[0] += x
y = y + t_bar[0]
t_bar = np.zeros(2)
t_bar[1] += y
return t_bar[0] + t_bar[1]
==>
t_1_bar = 0.0
t_0_bar = x
y = y + t_0_bar
t_0_bar = 0.0
t_1_bar = y
return t_0_bar + t_1_bar
--- a name that is taken
t_0_bar = y
t_bar = np.zeros(1)
t_bar[0] += x
return t_0_bar * t_bar[0]
==>
t_0_bar = y
t_0_bar2 = x
return t_0_bar * t_0_bar2
--- the variable of a loop
for k in range(2):
    t_bar = np.zeros(2)
    t_bar[k] += 2.0
    u[k] = t_bar[0] - t_bar[1]
return u
==>
for k in range(2):
    t_0_bar = 2.0 * (k == 0)
    t_1_bar = 2.0 * (k == 1)
    u[k] = t_0_bar - t_1_bar
return u
--- the variable of a loop, subtracted
for k in range(2):
    t_bar = np.zeros(3)
    t_bar[k] -= 2.0
    u[k] = t_bar[0] - t_bar[1] + t_bar[2]
return u
==>
for k in range(2):
    t_0_bar = -(2.0 * (k == 0))
    t_1_bar = -(2.0 * (k == 1))
    t_2_bar = -(2.0 * (k == 2))
    u[k] = t_0_bar - t_1_bar + t_2_bar
return u
--- inf times false is nan
for k in range(2):
    t_bar = np.zeros(2)
    t_bar[k] += np.inf
    u[k] = t_bar[0]
return u
--- what may be nan times false
for k in range(2):
    t_bar = np.zeros(2)
    t_bar[k] += x
    u[k] = t_bar[0]
return u
--- the variable of the loop is bound again
for k in range(2):
    t_bar = np.zeros(2)
    k = 1
    t_bar[k] += 2.0
    u[k] = t_bar[0]
return u
--- more elements than iterations
for k in range(3):
    t_bar = np.zeros(4)
    t_bar[k] += 2.0
    u[k] = t_bar[2]
return u
==>
for k in range(3):
    t_0_bar = 2.0 * (k == 0)
    t_1_bar = 2.0 * (k == 1)
    t_2_bar = 2.0 * (k == 2)
    t_3_bar = 2.0 * (k == 3)
    u[k] = t_2_bar
return u
--- a loop that does not begin at 0
for k in range(1, 2):
    t_bar = np.zeros(2)
    t_bar[k] += 2.0
    u[k] = t_bar[1]
return u
--- an element is set by the variable of the loop
for k in range(2):
    t_bar = np.zeros(2)
    t_bar[k] = 2.0
    u[k] = t_bar[1]
return u
--- integers round
t_bar = np.zeros(2, int)
t_bar[0] = x * 4.0
return t_bar[0] + t_bar[1]
--- the longest
t_bar = np.zeros(8)
t_bar[7] = x
return t_bar[-8] + t_bar[7]
==>
t_0_bar = 0.0
t_1_bar = 0.0
t_2_bar = 0.0
t_3_bar = 0.0
t_4_bar = 0.0
t_5_bar = 0.0
t_6_bar = 0.0
t_7_bar = 0.0
t_7_bar = x
return t_0_bar + t_7_bar
--- one longer
t_bar = np.zeros(9)
t_bar[8] = x
return t_bar[0] + t_bar[8]
--- single precision rounds
t_bar = np.zeros(2, np.float32)
t_bar[0] = x
return t_bar[0] + t_bar[1]
--- a part
t_bar = np.zeros(2)
t_bar[0:1] = x
return t_bar[0] + t_bar[1]
--- the whole
t_bar = np.zeros(2)
t_bar[0] = x
return t_bar
--- its length
t_bar = np.zeros(2)
t_bar[0] = x
return t_bar[0] * len(t_bar)
--- a second name
t_bar = np.zeros(2)
z = t_bar
z[0] = x
return t_bar[0]
--- made in a branch
if x > 0.0:
    t_bar = np.zeros(2)
    t_bar[0] = y
if x > 0.0:
    y = t_bar[0]
return y
==>
if x > 0.0:
    t_0_bar = 0.0
    t_1_bar = 0.0
    t_0_bar = y
if x > 0.0:
    y = t_0_bar
return y
--- a parameter
if x > 0.0:
    m = np.zeros(2)
    m[0] = x
    y = m[0]
return y
--- one element
t_bar = np.zeros(1)
t_bar[0] += u[0]
return t_bar[0]
==>
t_0_bar = u[0]
return t_0_bar
--- comments
# a pair
t_bar = np.zeros(2)
# one
t_bar[0] = x
return t_bar[0] + t_bar[1]
==>
# a pair
t_0_bar = 0.0
t_1_bar = 0.0
# one
t_0_bar = x
return t_0_bar + t_1_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("elements", before) == after
