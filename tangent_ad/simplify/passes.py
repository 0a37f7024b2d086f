"""The order of the simplifying passes.

In: derived code.  Out: the same function with fewer statements.
"""

from __future__ import annotations

from collections.abc import Callable

from tangent_ad.core import nodes as n
from tangent_ad.core.order import number, ordered
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import same_body
from tangent_ad.frontend.pure import all_names
from tangent_ad.simplify.algebra import simplify_algebra
from tangent_ad.simplify.begun import begin_sums
from tangent_ad.simplify.behind import take_behind
from tangent_ad.simplify.branched import begin_in_branches
from tangent_ad.simplify.carried import carry_values
from tangent_ad.simplify.chosen import choose_values
from tangent_ad.simplify.clears import settle_clears
from tangent_ad.simplify.comments import place_comments
from tangent_ad.simplify.common import share_numbers
from tangent_ad.simplify.context import Context, with_names
from tangent_ad.simplify.copies import settle_copies
from tangent_ad.simplify.dead import remove_dead
from tangent_ad.simplify.elements import split_arrays
from tangent_ad.simplify.exchanged import exchange_values
from tangent_ad.simplify.first import assign_first
from tangent_ad.simplify.full import spread_once
from tangent_ad.simplify.handed import join_names
from tangent_ad.simplify.joined import join_branches
from tangent_ad.simplify.merge import merge_sums
from tangent_ad.simplify.moves import move_adjoints
from tangent_ad.simplify.names import renumber
from tangent_ad.simplify.postponed import postpone_changes
from tangent_ad.simplify.rows import fill_rows
from tangent_ad.simplify.settled import settle_shapes
from tangent_ad.simplify.signs import drop_guards
from tangent_ad.simplify.sink import sink_sums
from tangent_ad.simplify.sizes import write_sizes
from tangent_ad.simplify.spared import spare_lent
from tangent_ad.simplify.spent import drop_spent
from tangent_ad.simplify.stores import store_first
from tangent_ad.simplify.summed import sum_rows
from tangent_ad.simplify.tapes import drop_tapes
from tangent_ad.simplify.tidy import tidy
from tangent_ad.simplify.unnest import unnest, unnest_all

NOTHING_KNOWN = Context()
Pass = Callable[[n.Function, Context], n.Function]

PASSES: tuple[tuple[str, Pass], ...] = (
    ("comments", lambda fn, context: place_comments(fn)),
    ("dead", lambda fn, context: remove_dead(fn)),
    ("tapes", lambda fn, context: drop_tapes(fn)),
    ("carried", carry_values),
    ("full", lambda fn, context: spread_once(fn)),
    ("first", assign_first),
    ("settled", settle_shapes),
    ("sizes", write_sizes),
    ("elements", split_arrays),
    ("signs", drop_guards),
    ("algebra", simplify_algebra),
    ("unnest", unnest),
    ("algebra", simplify_algebra),
    ("tidy", tidy),
    ("settled", settle_shapes),
    ("dead", lambda fn, context: remove_dead(fn)),
    ("tapes", lambda fn, context: drop_tapes(fn)),
    ("sink", sink_sums),
    ("first", assign_first),
    ("unnest", unnest),
    ("algebra", simplify_algebra),
    ("tidy", tidy),
    ("settled", settle_shapes),
    ("rows", fill_rows),
    ("clears", settle_clears),
    ("spent", drop_spent),
    ("begun", begin_sums),
    ("moves", move_adjoints),
    ("handed", join_names),
    ("common", share_numbers),
    ("chosen", choose_values),
    ("joined", join_branches),
    ("branched", begin_in_branches),
    ("chosen", choose_values),
    ("unnest", unnest),
    ("algebra", simplify_algebra),
    ("copies", settle_copies),
    ("dead", lambda fn, context: remove_dead(fn)),
    ("tapes", lambda fn, context: drop_tapes(fn)),
    ("merge", merge_sums),
    ("postponed", postpone_changes),
    ("algebra", simplify_algebra),
    ("unnest", unnest_all),
    ("algebra", simplify_algebra),
    ("summed", sum_rows),
    ("behind", take_behind),
    ("stores", store_first),
    ("spared", spare_lent),
    ("exchanged", exchange_values),
    ("names", renumber),
)
"""Each keeps what the function computes; none needs another, so each can be left out (`Context.without`)."""


def simplify(fn: n.Function, context: Context = NOTHING_KNOWN) -> n.Function:
    """`fn` without dead code, its temporaries back in the expressions they came from.

    Parameters: the derived function; what is known of the function it comes from (without that, no name is taken for
        one of the compiler's).
    Returns: a numbered function that computes the same.

    >>> from tangent_ad.core.build import Sym
    >>> t, x = n.Name("t"), n.Name("x")
    >>> body = (n.Assign(t, (Sym(x) + 1.0).expr), n.Return((Sym(t) * Sym(x)).expr))
    >>> fn = simplify(n.Function("f", (n.Param("x"),), body), Context(frozenset("x")))
    >>> fn.body == (n.Return(((Sym(x) + 1.0) * Sym(x)).expr),)
    True
    """
    fn = number(fn)
    if context is NOTHING_KNOWN:
        context = Context(user_names=frozenset(all_names(fn)))
    context = with_names(fn, context)
    settled: dict[str, n.Function] = {}
    for name, run in PASSES:
        if name in context.without or settled.get(name) is fn:
            continue
        made = run(fn, context)
        if same_body(made.body, fn.body):
            settled[name] = fn
        else:
            fn = verify(ordered(made), name)
            if name == "elements":  # has new names
                context = with_names(fn, context)
    return fn
