"""A comment at the end of a line stays with what is left of the line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.order import number
from tangent_ad.emit.text import body_text
from tangent_ad.simplify.comments import place_comments
from tests.analyses.program import program
from tests.simplify.passing import cases

HEAD = "x: float, y: float, u: 'Float[np.ndarray, \"n\"]', k: int"
CASES = cases("""
--- a line in pieces
z = np.sin(x) * y + x  # the height
return z
==>
t = np.sin(x)
t2 = t * y
z = t2 + x  # the height
return z
--- two lines
z = x * y + x  # first
w = z * y  # second
return w
==>
t = x * y
z = t + x  # first
w = z * y  # second
return w
--- in a loop
z = x
for i in range(k):
    z = z * y + u[i]  # a step
return z
==>
z = x
for i in range(k):
    t = z * y
    t2 = u[i]
    z = t + t2  # a step
return z
--- an element
u[0] = x * y + u[1]  # the head
return u
==>
t = x * y
t2 = u[1]
t3 = t + t2
u[0] = t3  # the head
return u
--- comments above stay above
# the height
z = x * y + x
return z
==>
# the height
t = x * y
z = t + x
return z
""")


@pytest.mark.parametrize(("before", "after"), CASES)
def test_case(before: str, after: str) -> None:
    assert body_text(place_comments(program(HEAD, before).fn).body).strip() == after


def test_not_at_an_adjoint() -> None:
    """The last statement of a line is an adjoint; the comment stays with the user's."""
    fn = program(HEAD, "z = x * y  # the height\nreturn z").fn
    line = fn.body[0]
    adjoint = n.Assign(n.Name("z_bar"), n.Name("y"), info=replace(line.info, trailing=None))
    made = place_comments(number(replace(fn, body=(line, adjoint, *fn.body[1:]))))
    assert body_text(made.body).strip() == "z = x * y  # the height\nz_bar = y\nreturn z"
