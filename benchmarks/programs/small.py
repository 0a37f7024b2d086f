"""A few operations on two numbers: what a call costs.

In: two numbers.  Out: one.
"""

import math


def small(x, y):
    z = math.sin(x) * y
    if z > 0.0:
        z = z * z
    return z + x
