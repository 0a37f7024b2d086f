"""Which names mean the same array, at one point of a block.

In: the statements of a block, one by one.  Out: `Objects`: for a name the memory that it may be part of, the array that
it surely is, and the view that it is of another name.

Names of one class (`find_memory`) may share memory.  Within a block more is known: what has just been made new shares
memory with nothing but what is made of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from tangent_ad.analyses.defs import bound_by, bound_within
from tangent_ad.analyses.indexed import index_parts
from tangent_ad.backends.loops.elements import Elements
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import COMPOUND, expressions, map_names, names_read, statements
from tangent_ad.simplify.context import is_fresh
from tangent_ad.simplify.memory import Memory

Root = Hashable


def classes_of(fn: n.Function, memory: Memory) -> dict[str, str]:
    """The class of each name.  The arguments of a function that writes one of them may be the same array."""
    given = {memory.class_of.get(p.name, p.name) for p in fn.params}
    written = frozenset[str]().union(*(effect.writes for effect in memory.effects.values()))
    one = min(given) if given & written else ""
    found = dict(memory.class_of) | {name: memory.class_of.get(name, name) for name in (p.name for p in fn.params)}
    return {name: one if one and held in given else held for name, held in found.items()}


@dataclass
class Objects:
    elements: Elements
    class_of: dict[str, str]
    roots: dict[str, Root] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    views: dict[str, n.Expr] = field(default_factory=dict)
    count: int = 0

    def root(self, name: str) -> Root:
        """The memory of a name: names of different memory share none."""
        return self.roots.get(name, self._class(name))

    def token(self, name: str) -> Hashable:
        """The array that a name is: equal for names of the same array, all of it."""
        return self.tokens.get(name, name)

    def resolved(self, expr: n.Expr) -> n.Expr:
        """`expr` with the places that names are views of."""
        return map_names(expr, lambda name: self.views.get(name.id, name))

    def step(self, stmt: n.Stmt) -> None:
        """Take note of what a statement does to names."""
        kinds = self.elements.forms.kinds
        self._write(stmt)
        match stmt:
            case n.Assign(target=n.Name(id=name), value=value) if kinds.of(name).is_array:
                self._bind(name, value)
            case n.Assign(target=n.Index(value=n.Name(id=name)) as target) if kinds.of(name).is_array:
                if kinds.at(target).form != "value":
                    self._forget(names_read(target) | names_read(stmt.value))
            case n.Assign(target=n.Name(id=name)) | n.AugAssign(target=n.Name(id=name)) if kinds.of(name).is_number:
                self._unview(name)
            case n.AugAssign(target=n.Name(id=name)) | n.AugAssign(target=n.Index(value=n.Name(id=name))) if kinds.of(
                name
            ).is_array:
                pass
            case _:
                inside = tuple(statements((stmt,))) if type(stmt) in COMPOUND else (stmt,)
                bound = bound_within(stmt) if type(stmt) in COMPOUND else frozenset(bound_by(stmt))
                others = (s for s in inside if not self._is_plain(s))
                named = {name for s in others for e in expressions(s) for name in names_read(e)}
                for name in bound:
                    self._unview(name)
                    self._reset(name)
                self._forget(bound | named)

    def _write(self, stmt: n.Stmt) -> None:
        """Views whose index is an element of what a statement writes are known no more."""
        if not self.views:
            return
        names: set[str] = set()
        for s in statements((stmt,)):
            if isinstance(s, (n.Assign, n.AugAssign)) and not (
                isinstance(s, n.Assign) and isinstance(s.target, n.Name)
            ):
                names |= names_read(s.target)
            elif isinstance(s, n.ExprStmt):
                names |= names_read(s.value)
        lost = {self._class(name) for name in names}
        kinds = self.elements.forms.kinds
        for name, view in list(self.views.items()):
            if any(self._class(read) in lost for read in _index_names(view) if not kinds.of(read).is_number):
                del self.views[name]

    def _is_plain(self, stmt: n.Stmt) -> bool:
        """Can no name that it only mentions mean the same array as another, behind it?"""
        if isinstance(stmt, (n.Assign, n.AugAssign)) and isinstance(stmt.target, n.Index):
            return self.elements.forms.kinds.at(stmt.target).form == "value"
        return isinstance(stmt, (n.Assign, n.AugAssign, n.For, n.If, n.While))

    def _bind(self, name: str, value: n.Expr) -> None:
        base = value
        while isinstance(base, n.Index) and self._is_basic(base):
            base = base.value
        if not isinstance(base, n.Name) or not self.elements.forms.kinds.of(base.id).is_array:
            self._unview(name)
            self._reset(name)
            if is_fresh(value):
                self.roots[name] = ("fresh", self.count)
            else:
                self._forget((name,))
            return
        root, token, view = self.root(base.id), self.token(base.id), self.resolved(value)
        self._unview(name)
        self._reset(name)
        self.roots[name] = root
        if base is value:
            self.tokens[name] = token  # type: ignore[assignment]
        if name not in names_read(view) and self._is_cut(view) and self.elements.shape(view) is not None:
            self.views[name] = view

    def _is_basic(self, place: n.Index) -> bool:
        return all(isinstance(part, n.Slice) or self.elements._is_integer(part) for part in index_parts(place.index))

    def _is_cut(self, place: n.Expr) -> bool:
        """Is a part of an axis taken?  A row is as good as what it is a row of."""
        while isinstance(place, n.Index):
            if any(isinstance(part, n.Slice) and part != n.Slice() for part in index_parts(place.index)):
                return True
            place = place.value
        return False

    def _unview(self, name: str) -> None:
        """Views that are spelled with a name that is bound again are known no more."""
        self.views.pop(name, None)
        for other in [other for other, view in self.views.items() if name in names_read(view)]:
            del self.views[other]

    def _reset(self, name: str) -> None:
        self.roots.pop(name, None)
        self.count += 1
        self.tokens[name] = self.count

    def _forget(self, names: Iterable[str]) -> None:
        """Other names may mean the arrays of these by now."""
        lost = {self._class(name) for name in names}
        for name in [name for name in self.roots if self._class(name) in lost]:
            del self.roots[name]

    def _class(self, name: str) -> Root:
        return self.class_of.get(name, name)


def _index_names(place: n.Expr) -> set[str]:
    """The names that stand in the indices of a place."""
    found: set[str] = set()
    while isinstance(place, n.Index):
        found |= names_read(place.index)
        place = place.value
    return found
