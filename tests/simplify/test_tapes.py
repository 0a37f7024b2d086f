"""Tapes that nobody needs, or that hold one value; a tape that is seen in any other way stays."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- what is popped is dead
t_saved = []
for i in range(n):
    t_saved.append(x)
    x = x * y
for i in range(n):
    z = t_saved.pop()
return x
==>
for i in range(n):
    x = x * y
for i in range(n):
    pass
return x
--- what is popped is read
t_saved = []
for i in range(n):
    t_saved.append(x)
    x = x * y
z = x
for i in range(n):
    z = t_saved.pop()
return x * z
--- what is popped is bound again
t_saved = []
for i in range(n):
    t_saved.append(x)
    x = x * y
z = x
for i in range(n):
    z = t_saved.pop()
    z = x
return x * z
==>
for i in range(n):
    x = x * y
z = x
for i in range(n):
    z = x
return x * z
--- one value
t_saved = []
z = x * y
for i in range(n):
    t_saved.append(z)
for i in range(n):
    z = t_saved.pop()
    x = x * z
return x
==>
z = x * y
for i in range(n):
    pass
for i in range(n):
    x = x * z
return x
--- the value of a parameter
t_saved = []
for i in range(n):
    t_saved.append(y)
for i in range(n):
    y = t_saved.pop()
    x = x * y
return x
==>
for i in range(n):
    pass
for i in range(n):
    x = x * y
return x
--- one of two values
t_saved = []
z = x
if y > 0.0:
    z = y
for i in range(n):
    t_saved.append(z)
for i in range(n):
    z = t_saved.pop()
    x = x * z
return x
--- bound in the loop
t_saved = []
for i in range(n):
    z = u[i]
    t_saved.append(z)
for i in range(n):
    z = t_saved.pop()
    x = x * z
return x
--- parameter bound again
t_saved = []
for i in range(n):
    t_saved.append(y)
    y = x
for i in range(n):
    y = t_saved.pop()
    x = x * y
return x
--- the values of two names
t_saved = []
z = x * y
t_saved.append(z)
t_saved.append(y)
z = t_saved.pop()
z = t_saved.pop()
return z
--- popped into another name
t_saved = []
z = x * y
t_saved.append(z)
w = t_saved.pop()
return z * w
--- its length
t_saved = []
t_saved.append(x)
z = len(t_saved)
w = t_saved.pop()
return z
--- a second name
t_saved = []
z = t_saved
z.append(x)
w = t_saved.pop()
return x
--- in another tape
t_saved = []
t2_saved = []
t_saved.append(x)
t2_saved.append(t_saved)
z = t_saved.pop()
return x
--- the name is added to
t_saved = []
z = x * y
t_saved.append(z)
z += x
z = t_saved.pop()
return z
--- made twice
t_saved = []
t_saved.append(x)
t_saved = []
t_saved.append(y)
z = t_saved.pop()
return x
--- the values of an expression
t_saved = []
for i in range(n):
    t_saved.append(x * y)
for i in range(n):
    x = t_saved.pop()
return x
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("tapes", before) == after
