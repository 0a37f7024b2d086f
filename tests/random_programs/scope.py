"""What the generator knows while it writes a program: names, shapes, who shares memory, which ints fit which axis.

In: nothing.  Out: `Var`, `Helper`, and `Scope`, the mutable state of one function being written.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Var:
    """A variable.  `shape` is () for numbers; `lo`/`hi` bound an int; `owner` names the memory of an array."""

    name: str
    form: str  # "num" | "int" | "bool" | "arr" | "iarr" (integer array whose entries lie in lo..hi)
    shape: Shape = ()
    owner: int = 0
    lo: int = 0
    hi: int = 0

    def same_type(self, other: Var) -> bool:
        return (self.form, self.shape, self.lo, self.hi) == (other.form, other.shape, other.lo, other.hi)


@dataclass(frozen=True)
class Helper:
    """A generated function that others may call.

    result: "num", "pair" (two numbers), "arr" with `shape`, "view" of the parameter `view_of`, or "none".
    """

    name: str
    params: tuple[Var, ...]
    defaults: int
    written: frozenset[str]
    result: str
    shape: Shape = ()
    view_of: str = ""


@dataclass(frozen=True)
class Profile:
    """How a program is steered.

    wanted:   productions that shall come more often than by themselves.
    compiled: leave out what Numba has no implementation for (`NOT_IN_NUMBA` in `coverage`).
    """

    wanted: frozenset[str] = frozenset()
    compiled: bool = False

    def boost(self, weight: float, *prefixes: str) -> float:
        """`weight`, several times that if a production that begins with one of `prefixes` is wanted."""
        return 5.0 * weight if any(w.startswith(prefixes) for w in self.wanted) else weight

    def odds(self, p: float, production: str) -> float:
        return max(p, 0.5) if production in self.wanted else p


NATURAL = Profile()


@dataclass
class Scope:
    """The state of one function being written."""

    rng: random.Random
    uses: Counter[str]
    dims: Sequence[int]
    helpers: list[Helper]
    captured: list[Var]
    env: dict[str, Var] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    indent: int = 1
    depth: int = 0
    budget: int = 10
    protected: set[str] = field(default_factory=set)
    frozen: set[int] = field(default_factory=set)
    written: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)
    aliased: bool = False
    profile: Profile = NATURAL
    owners: int = 0
    counter: int = 0

    def use(self, production: str) -> None:
        self.uses[production] += 1

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def odds(self, p: float, production: str) -> bool:
        """True with probability `p`, or one half if the production is wanted."""
        return self.chance(self.profile.odds(p, production))

    def pick(self, names: Sequence[str], production: str = "{}") -> str:
        """One of `names`; `production` says how each is counted, and the wanted ones come more often."""
        weights = [self.profile.boost(1.0, production.format(name)) for name in names]
        return self.rng.choices(names, weights)[0]

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def new_owner(self) -> int:
        self.owners += 1
        return self.owners

    def owner(self, var: Var) -> int:
        """The memory a variable lives in; memories that may be one are merged."""
        found = var.owner
        while found in self.merged:
            found = self.merged[found]
        return found

    def merge(self, a: Var, b: Var) -> None:
        one, two = self.owner(a), self.owner(b)
        if one == two:
            return
        self.merged[one] = two
        for marks in (self.frozen, self.written):
            if one in marks:
                marks.add(two)

    def writable(self, var: Var) -> bool:
        return self.owner(var) not in self.frozen and var.name not in {c.name for c in self.captured}

    def mark_written(self, var: Var) -> None:
        self.written.add(self.owner(var))

    def find(self, form: str, shape: Shape | None = None) -> list[Var]:
        known = [*self.env.values(), *self.captured]
        return [v for v in known if v.form == form and (shape is None or v.shape == shape)]

    def arrays(self) -> list[Var]:
        return self.find("arr")

    def fresh_name(self) -> str:
        self.counter += 1
        pool = "abcdeghpqrstuvwz"
        return pool[(self.counter - 1) % len(pool)] + ("" if self.counter <= len(pool) else str(self.counter))

    def target_name(self, var: Var) -> str:
        """A name for a new value of `var`'s type: fresh, or an old one that may be overwritten with it."""
        if self.chance(0.45):
            fits = [v for v in self.env.values() if v.form not in ("iarr",) and self._may_become(v, var)]
            if fits:
                self.use("overwrite a name")
                return self.rng.choice(fits).name
        return self.fresh_name()

    def _may_become(self, old: Var, new: Var) -> bool:
        if old.name in self.protected:
            return old.same_type(new) and new.form not in ("int",)
        if old.form == new.form and old.shape == new.shape:
            return True
        return self.rng.random() < 0.12

    def bind(self, var: Var) -> None:
        """Record an assignment.  Inside a loop the name may still hold its old memory in the next iteration."""
        old = self.env.get(var.name)
        if old is not None and old.form == "arr" and var.form == "arr" and var.name in self.protected:
            self.merge(old, var)
        if old is not None and old.form != var.form:
            self.use("reuse a name with another kind")
        self.env[var.name] = var

    def join(self, branches: list[dict[str, Var]]) -> None:
        """The names that every branch leaves with one type."""
        result: dict[str, Var] = {}
        for name, var in branches[0].items():
            if all(name in b and b[name].same_type(var) for b in branches[1:]):
                for b in branches[1:]:
                    if var.form == "arr":
                        self.merge(var, b[name])
                result[name] = var
        self.env = result

    def renamed(self, var: Var, name: str) -> Var:
        return replace(var, name=name)
