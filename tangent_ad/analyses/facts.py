"""All facts of one function, found in their order.

In: a function in normal form.  Out: `Facts`, what a mode needs to know.
"""

from __future__ import annotations

from tangent_ad.analyses.activity import Activity, find_activity
from tangent_ad.analyses.alias import Aliases, find_aliases
from tangent_ad.analyses.defs import Definitions, find_definitions
from tangent_ad.analyses.kinds import Kinds, infer_kinds
from tangent_ad.analyses.webs import Webs, find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind


@record(frozen=True)
class Facts:
    fn: n.Function
    defs: Definitions
    webs: Webs
    kinds: Kinds
    aliases: Aliases
    activity: Activity
    wrt: tuple[str, ...]


def find_facts(
    fn: n.Function,
    wrt: tuple[str, ...],
    given: dict[str, Kind],
    scalar_result: bool,
    check_writes: str,
    kinds: Kinds | None = None,
) -> Facts:
    """The facts of `fn`; `check_writes` is "all" or "maybe" (see `find_aliases`); `kinds`, if they are known."""
    defs = find_definitions(fn)
    if kinds is None:
        kinds = infer_kinds(fn, find_webs(fn), given, scalar_result)
    webs = kinds.webs
    aliases = find_aliases(fn, webs, kinds, defs, check_writes)
    return Facts(fn, defs, webs, kinds, aliases, find_activity(fn, webs, kinds, wrt), wrt)
