"""Facts of a function in normal form, in the first of its forms that has them.

In: a function in normal form, the kinds of its parameters.  Out: its facts.  What is refused as it stands may be plain
once names are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from tangent_ad.analyses.facts import Facts, find_facts
from tangent_ad.analyses.kinds import Kinds, infer_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.order import number
from tangent_ad.errors import RefusedError
from tangent_ad.modes.augmented import dtypes_kept, resolve_augmented
from tangent_ad.modes.bound import bound_everywhere
from tangent_ad.modes.joins import joins_apart, shared_names
from tangent_ad.modes.short import short_arrays
from tangent_ad.modes.split import split_webs


def normal_facts(
    fn: n.Function,
    wrt: tuple[str, ...],
    given: dict[str, Kind],
    scalar: bool,
    check: str,
    presume: bool = True,
    short: bool = True,
    compiled: bool = False,
) -> Facts:
    """The facts of `fn`; `scalar` and `check` as of `find_facts`, `presume` as of `infer_kinds`; `short`: short arrays
    become numbers; `compiled`: Numba's, which have one type throughout."""

    def kinds_of(fn: n.Function) -> Kinds:
        return infer_kinds(fn, find_webs(fn), given, scalar, presume)

    def resolved(fn: n.Function) -> tuple[n.Function, Kinds]:
        kinds = kinds_of(fn)
        plain = resolve_augmented(fn, kinds)
        return plain, kinds if plain is fn else kinds_of(plain)

    def shortened(fn: n.Function, kinds: Kinds) -> tuple[n.Function, Kinds]:
        return short_arrays(fn, kinds, kinds_of, compiled) if short else (fn, kinds)

    def forms() -> Iterator[tuple[n.Function, Kinds]]:
        """Where names are reused, an alias may outlive its owner's name: `fn` as it is, first with all names bound,
        views too; with one name for each web; then also with one name for each definition of what is shared."""
        made, kinds = resolved(fn)
        if check == "all" or compiled:
            own = bound_everywhere(made, kinds)
            every = bound_everywhere(made, kinds, shared=True)
            if every is not own:
                yield shortened(*resolved(every))
            if own is not made:
                made, kinds = resolved(own)
        made, kinds = shortened(made, kinds)
        yield made, kinds
        made, kinds = resolved(number(split_webs(made, kinds.webs)))
        yield made, kinds
        yield resolved(joins_apart(made, shared_names(made, kinds)))

    refusal: RefusedError | None = None
    for made, kinds in forms():
        try:
            facts = find_facts(made, wrt, given, scalar, check, kinds)
        except RefusedError as error:
            refusal = refusal or error
            continue
        made = dtypes_kept(facts)
        return facts if made is facts.fn else find_facts(made, wrt, given, scalar, check, kinds_of(made))
    assert refusal is not None
    raise refusal
