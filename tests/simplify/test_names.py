"""Temporaries are counted from the first, in the order of the text; other names stay."""

from __future__ import annotations

import pytest

from tests.simplify.passing import cases, passed

CASES = cases("""
--- gaps
t3 = x * y
t7 = t3 * t3
return t7
==>
t = x * y
t2 = t * t
return t2
--- the order of the text
t7 = x * y
t3 = t7 * y
t7 = t3 * t7
return t7
==>
t = x * y
t2 = t * y
t = t2 * t
return t
--- with their adjoints
t3 = x * y
t3_bar = t3 * y
t9_bar = t3_bar * x
return t3_bar + t9_bar
==>
t = x * y
t_bar = t * y
t_bar2 = t_bar * x
return t_bar + t_bar2
--- an adjoint before its temporary
t3_bar = y
t9 = x * t3_bar
t3 = t9 * y
return t3
==>
t2_bar = y
t = x * t2_bar
t2 = t * y
return t2
--- with what is saved of them
t3 = x
t3_saved = t3
t3_saved2 = y
t3_bar_saved = x * y
return t3_saved * t3_saved2 * t3_bar_saved
==>
t = x
t_saved = t
t_saved2 = y
t_bar_saved = x * y
return t_saved * t_saved2 * t_bar_saved
--- a gap before the first
t2 = x * y
t5 = t2 * y
return t5
==>
t = x * y
t2 = t * y
return t2
--- names that only look like it
total = x
tau2 = y
t_0_bar = x
tx_bar = y
return total * tau2 * t_0_bar * tx_bar
--- variables of loops and tuples
for t4 in range(n):
    t6, t8 = x * t4, y
    x = t6 * t8
return x
==>
for t in range(n):
    t2, t3 = x * t, y
    x = t2 * t3
return x
--- nothing to do
t = x
t2 = y
return t * t2
--- places
t4 = u * x
t4[0] = y
t4[1] += x
return t4
==>
t = u * x
t[0] = y
t[1] += x
return t
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert passed("names", before) == after
