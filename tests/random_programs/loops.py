"""Loops: for over range in all its forms, bounded while.

In: a `Scope` and the function that writes a block.  Out: a loop whose body keeps the types of what it found.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.random_programs.expressions import leaf, number
from tests.random_programs.scope import Scope, Var

Block = Callable[[Scope, int], None]


def for_loop(scope: Scope, block: Block) -> bool:
    header, values, bound = _range(scope)
    before = dict(scope.env)
    old = [v for v in scope.find("int") if v.name not in scope.protected and v.name in scope.env]
    name = scope.fresh_name() if not old or scope.chance(0.9) else scope.rng.choice(old).name
    if name == bound:
        name = scope.fresh_name()
    scope.use("for" if scope.depth == 0 else f"for nested {scope.depth + 1}")
    scope.line(f"for {name} in range({header}):")
    changes = scope.odds(0.08, "loop variable changed in the body")
    kept = _enter(scope)
    lo, hi = (min(values), max(values)) if values else (0, 0)
    scope.bind(Var(name, "int", lo=lo, hi=hi))
    scope.protected.add(name)
    block(scope, scope.rng.randint(1, 4))
    if changes:
        scope.use("loop variable changed in the body")
        scope.line(f"{name} = {name} + 1")
    if bound and scope.odds(0.3, "bound changed in the body"):
        scope.use("bound changed in the body")
        scope.line(f"{bound} = {bound} - 1")
        scope.env.pop(bound, None)
        before.pop(bound, None)
    end = scope.env
    _leave(scope, kept)
    scope.env = before
    if values and header.replace("-", "").replace(", ", "").isdigit():  # it surely ran
        for var in end.values():
            if var.name not in before and var.name != name and scope.chance(0.5):
                scope.use("loop-made name used afterwards")
                scope.env[var.name] = var
        last = values[-1] + changes
        scope.use("loop variable used afterwards")
        scope.env[name] = Var(name, "int", lo=last, hi=last)
    else:
        scope.env.pop(name, None)
    return True


def _range(scope: Scope) -> tuple[str, list[int], str]:
    """The text inside range(), the values it can take, and the name of its bound if that may be changed."""
    rng = scope.rng
    exact = [v for v in scope.find("int") if v.lo == v.hi and -1 <= v.lo <= 5]
    loose = [v for v in scope.find("int") if 0 <= v.lo < v.hi <= 5]
    roll = rng.random()
    if scope.profile.wanted:
        kinds = ["triangular", "length of an array", "variable", "constants"]
        roll = (0.1, 0.3, 0.6, 0.9)[kinds.index(scope.pick(kinds, "range: {}"))]
    if loose and roll < 0.2:
        v = rng.choice(loose)
        scope.use("range: triangular")
        if rng.random() < 0.5:
            return f"{v.name} + 1", list(range(v.hi + 1)), ""
        stop = rng.randint(v.lo + 1, 5)
        return f"{v.name}, {stop}", list(range(v.lo, stop)), ""
    if scope.arrays() and roll < 0.45:
        array = rng.choice(scope.arrays())
        size = array.shape[0]
        text = rng.choice([f"len({array.name})", f"{array.name}.shape[0]"])
        if scope.odds(0.25, "range: negative step"):
            scope.use("range: negative step")
            return f"{text} - 1, -1, -1", list(range(size - 1, -1, -1)), ""
        start = rng.choice([0, 0, 1])
        scope.use("range: length of an array")
        return (text if not start else f"{start}, {text}"), list(range(start, size)), ""
    if exact and roll < 0.7:
        v = rng.choice(exact)
        scope.use("range: variable")
        bound = v.name if v.name in scope.env and v.name not in scope.protected else ""
        return v.name, list(range(v.lo)), bound
    start, stop, step = rng.randint(-2, 2), rng.randint(0, 4), rng.choice([1, 1, 1, 2, -1, -2, 3])
    if "range: zero trips" in scope.profile.wanted and scope.chance(0.5):
        start, stop, step = rng.choice([(0, 0, 1), (2, 1, 1), (2, 2, 2), (1, 0, 3)])
    if step < 0:
        start, stop = stop, start - 1
    values = list(range(start, stop, step))
    scope.use("range: zero trips" if not values else "range: negative step" if step < 0 else "range: constants")
    if step == 1:
        return (
            (str(stop), list(range(stop)), "") if start == 0 or rng.random() < 0.6 else (f"{start}, {stop}", values, "")
        )
    return f"{start}, {stop}, {step}", values, ""


def while_loop(scope: Scope, block: Block) -> bool:
    before = dict(scope.env)
    numbers = [v for v in scope.find("num") if v.name in scope.env]
    if numbers and scope.odds(0.35, "while: halving"):
        v = scope.rng.choice(numbers).name
        scope.use("while: halving")
        scope.line(f"while {v} > {number(scope)} or {v} < -{number(scope)}:")
        scope.line(f"    {v} = {scope.rng.choice([f'0.5 * {v}', f'{v} / 3.0', f'0.4 * np.sin({v}) * {v}'])}")
        return True
    name, trips = scope.fresh_name(), scope.rng.randint(0, 3)
    scope.use("while: counted")
    scope.line(f"{name} = 0")
    extra = f" and {leaf(scope, ())} < {scope.rng.choice(['2.0', '30.0'])}" if scope.chance(0.4) else ""
    scope.line(f"while {name} < {trips}{extra}:")
    kept = _enter(scope)
    scope.env[name] = Var(name, "int", lo=0, hi=max(trips - 1, 0))
    scope.protected.add(name)
    block(scope, scope.rng.randint(1, 3))
    scope.line(f"{name} += 1")
    _leave(scope, kept)
    scope.env = before
    scope.env[name] = Var(name, "int", lo=0, hi=trips)
    return True


def _enter(scope: Scope) -> set[str]:
    kept = scope.protected
    scope.protected = kept | set(scope.env)
    scope.indent, scope.depth = scope.indent + 1, scope.depth + 1
    return kept


def _leave(scope: Scope, kept: set[str]) -> None:
    scope.protected = kept
    scope.indent, scope.depth = scope.indent - 1, scope.depth - 1
