"""Facts of a function in normal form, in the first of its forms that has them.

In: a function in normal form, the kinds of its parameters.  Out: its facts.  What is refused as it stands may be plain
once names are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tangent_ad.analyses.facts import Facts, find_facts
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import number
from tangent_ad.errors import RefusedError
from tangent_ad.modes.augmented import resolve_augmented
from tangent_ad.modes.joins import joins_apart, shared_names
from tangent_ad.modes.split import split_webs


def normal_facts(fn: n.Function, wrt: tuple[str, ...], given: dict[str, Kind], scalar: bool, check: str) -> Facts:
    """The facts of `fn`; `scalar` and `check` as of `find_facts`."""
    kinds = infer_kinds(fn, find_webs(fn), given, scalar)
    plain = resolve_augmented(fn, kinds)
    known, fn = kinds if plain is fn else None, plain
    try:
        return find_facts(fn, wrt, given, scalar, check, known)
    except RefusedError:
        for apart in _apart(fn, given, scalar):
            with suppress(RefusedError):
                return find_facts(apart, wrt, given, scalar, check)
        raise


def _apart(fn: n.Function, given: dict[str, Kind], scalar: bool) -> Iterator[n.Function]:
    """Where names are reused, an alias may outlive its owner's name: `fn` with one name for each web; then also with
    one name for each definition of what is shared."""
    fn = number(split_webs(fn, find_webs(fn)))
    fn = resolve_augmented(fn, infer_kinds(fn, find_webs(fn), given, scalar))
    yield fn
    fn = joins_apart(fn, shared_names(fn, infer_kinds(fn, find_webs(fn), given, scalar)))
    yield resolve_augmented(fn, infer_kinds(fn, find_webs(fn), given, scalar))
