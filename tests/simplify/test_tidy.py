"""Sums in place for numbers of the compiler's own; loops that count up where nobody reads the variable."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- sums
t = x
t = t + y * x
t = t - x
return t
==>
t = x
t += y * x
t -= x
return t
--- an array gets new memory
t = u * x
t = t + v
return t
--- what may be an array
t = m[0]
t = t + y
return t
--- the user's name
w = x
w = w + y
return w
--- a parameter
x = x + y
return x
--- a product
t = x
t = t * y
return t
--- the second operand
t = x
t = y + t
return t
--- itself
t = x
t = t + t
return t
==>
t = x
t += t
return t
--- counting down to 0
for i in range(n - 1, -1, -1):
    x = x * y
return x
==>
for i in range(n):
    x = x * y
return x
--- counting down to 1
for i in range(n + 1, 0, -1):
    x = x * y
return x
==>
for i in range(n + 1):
    x = x * y
return x
--- counting down below 0
for i in range(n + 3, -2, -1):
    x = x * y
return x
==>
for i in range(n + 5):
    x = x * y
return x
--- variable read
for i in range(n - 1, -1, -1):
    x = x * i
return x
--- variable read behind
i = 3
for i in range(n - 1, -1, -1):
    x = x * y
return x * i
--- variable read inside
for i in range(n - 1, -1, -1):
    for j in range(i):
        x = x * y
return x
--- in steps of two
for i in range(n - 1, -1, -2):
    x = x * y
return x
--- to a bound that is no constant
k = n
for i in range(n, k - 2, -1):
    x = x * y
return x
--- counting up
for i in range(2, n):
    x = x * y
return x
--- an integer
t = n
t = t + 1
return t
==>
t = n
t += 1
return t
--- an integer that becomes a float
t = n
t = t + x
return t
==>
t = n
t += x
return t
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("tidy", before) == after
