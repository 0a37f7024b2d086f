"""The order of the simplifying passes.

In: derived code.  Out: the same function with fewer statements.
"""

from __future__ import annotations

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import number
from tangent_ad.simplify.dead import remove_dead
from tangent_ad.simplify.first import assign_first


def simplify(fn: n.Function) -> n.Function:
    """Dead code out; a sum that starts at zero starts with its first term."""
    fn = number(remove_dead(fn))
    fn = number(assign_first(fn))
    return number(remove_dead(fn))
