"""What the derivative is where calculus does not say.

In: arguments at a kink.  Out: the convention, one function per kink, used by every rule that meets it.

| where                                            | the derivative is                                               |
|--------------------------------------------------|-----------------------------------------------------------------|
| abs, fabs at 0                                   | 0                                                               |
| maximum, minimum, fmax, fmin, max(a, b), min(a, b) at a tie | shared: 0.5 to each                                   |
| max(a, b, c), min(a, b, c) at a tie              | as of max(max(a, b), c): two at a time                          |
| x.max(), x.min() (also along axes) at a tie      | shared equally by all that attain it                            |
| clip on a bound                                  | 1 to the clipped value, 0 to the bound                          |
| sqrt, cbrt at 0                                  | 0                                                               |
| hypot, linalg.norm, std at 0                     | 0                                                               |
| arctan2 at (0, 0)                                | 0                                                               |
| x ** n (n a literal) at x = 0                    | 0 for 0 < n < 1; 0 for n = 0                                    |
| a ** b in a, at a = 0                            | 0 for b < 1, 1 for b = 1                                        |
| a ** b in b                                      | 0 for a <= 0                                                    |
| sinc at 0                                        | 0                                                               |
| sign, floor, ceil, trunc, rint, round, //, int, comparisons | 0 everywhere                                         |
| %, mod, remainder, fmod in the divisor           | minus the whole quotient, also at a jump                        |
| copysign in x at 0                               | 0; in the sign: 0                                               |
| log at 0, log1p at -1, arcsin at 1, …            | inf, as NumPy has it: a warning, never an exception             |

A value that is guarded by `np.where(x > 0, np.log(x), 0.0)` must be guarded inside as well, as in every reverse mode:
`np.log(np.where(x > 0, x, 1.0))`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_ad.core.build import call
from tangent_ad.rules.shapes import rank_of


def nonzero(x: Any) -> Any:
    """x, and 1 where x is 0: a divisor that never raises, for numerators that vanish there."""
    return x + (x == 0)


def tie(t: Any, x: Any, y: Any, larger: bool = True) -> Any:
    """t where x wins against y, half of t where they are equal, else 0; in the dtype of t."""
    return t * (x > y if larger else x < y) + 0.5 * t * (x == y)


def sqrt_partial(y: Any) -> Any:
    """1 / (2 y), and 0 at y = 0."""
    return (y > 0) / (2.0 * y + (y == 0))


def over(c: Any, x: Any) -> Any:
    """c / x where x may be a Python number that is 0: inf and a warning, not ZeroDivisionError."""
    rank = rank_of(x)
    return c / x if rank is not None and rank > 0 else call(np.divide, "np.divide", c, x)
