"""What nobody reads is gone; what has an effect, or may be read, is not."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- a chain
t = x * y
t2 = t + 1.0
return x
==>
return x
--- a name that a loop carries reads itself
t = x
for i in range(n):
    t = t * y
return x
--- the first of two names that a loop carries
t = x
t2 = y
for i in range(n):
    t2 = t
    t = t2 * y
return x
==>
t = x
for i in range(n):
    t2 = t
    t = t2 * y
return x
--- an exchange
t, t2 = x, y
t, t2 = t2, t
return t
--- one name of a tuple
t, t2 = x * y, y
return t
--- no name of a tuple
t, t2 = x * y, y
return x
==>
return x
--- a sum that reads itself
t = 0.0
for i in range(n):
    t += u[i]
return x
--- an array that is read by its own sum
t_bar = np.zeros(3)
t_bar[0] = x
t_bar[1] += t_bar[0]
return x
--- an array that is written through a view
t_bar = np.zeros(3)
w = t_bar[1:]
w[0] = x
return t_bar
--- a name of new memory and of another array
t_bar = np.zeros(3)
t_bar = u
t_bar[0] = x
return x
==>
t_bar = u
t_bar[0] = x
return x
--- the memory of a parameter
u[0] = x
return x
--- a tape that only grows
t_saved = []
for i in range(n):
    t_saved.append(x)
    x = x * y
return x
==>
for i in range(n):
    x = x * y
return x
--- a tape that is popped from
t_saved = [u]
t = t_saved.pop()
return x
--- two dead branches
if x > 0.0:
    t = y
else:
    t2 = y
return x
==>
return x
--- one dead branch
if x > 0.0:
    t = y
else:
    x = y
return x
==>
if x > 0.0:
    pass
else:
    x = y
return x
--- a guard
if x > 4.0:
    t = y
    raise ValueError("x")
t = y * y
return x
==>
if x > 4.0:
    raise ValueError("x")
return x
--- an assertion reads
t = x * x
assert t >= 0.0, "x"
t = t + 1.0
return x
==>
t = x * x
assert t >= 0.0, "x"
return x
--- a loop in a loop
for i in range(n):
    for j in range(i):
        t = u[j]
return x
==>
return x
--- the variable of a loop
i = 2
for i in range(n):
    t = u[i]
return x * i
==>
i = 2
for i in range(n):
    pass
return x * i
--- the condition of a while loop
i = 0
while i < n:
    t = x
    i = i + 1
return x
==>
i = 0
while i < n:
    i = i + 1
return x
--- overwritten
t = x * y
t = y
return t
==>
t = y
return t
--- overwritten in one branch
t = x * y
if x > 0.0:
    t = y
return t
--- overwritten in a loop that may not run
t = x * y
for i in range(n):
    t = y
return t
--- the index of a place
i = n
t_bar = np.zeros(4)
t_bar[i] = x
return t_bar
--- an array that is only written
i = n
t_bar = np.zeros(4)
t_bar[i] = x
return y
==>
return y
--- an array that is only written by a call
t_bar = np.zeros(4)
add_at(t_bar, np.array([0, 1]), x)
return y
==>
return y
--- a number
t = x
t *= 2.0
return u
==>
return u
--- a branch of nothing
if x > 0.0:
    pass
else:
    t = x
return x
==>
return x
--- a comment above a dead adjoint stays, one above a dead statement goes
# of the user's
z = x * y
# backward
t_bar = 1.0
x_bar = 2.0 * y
return x_bar
==>
# backward
x_bar = 2.0 * y
return x_bar
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("dead", before) == after
