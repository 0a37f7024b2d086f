"""Kinds by name.

In: the kinds of a function's webs.  Out: `NameKinds`, of each name what covers all its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from tangent_ad.analyses.kinds import Kinds, operand_kind
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import ANY, Kind, join
from tangent_ad.errors import RefusedError


@record(frozen=True)
class NameKinds:
    """The kinds of names, each covering all values that the name ever holds: no pass makes it wrong."""

    table: Mapping[str, Kind]

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset([name for name, kind in self.table.items() if kind.is_number])

    def of(self, name: str) -> Kind:
        return self.table.get(name, ANY)

    def at(self, expr: n.Expr) -> Kind:
        """The kind of an expression; ANY if it cannot be told."""
        if isinstance(expr, n.Name):
            return self.of(expr.id)
        try:
            return operand_kind(expr, self.of)
        except RefusedError:
            return ANY


def name_kinds(kinds: Kinds) -> NameKinds:
    """The kinds of the names whose webs have these kinds."""
    table: dict[str, Kind] = {}
    for num, name in kinds.webs.of_def:
        found = kinds.defined(num, name)
        table[name] = join(table[name], found) if name in table else found
    return NameKinds(table)
