"""Loops of the kinds that storage looks at most closely, each with what makes it hard.

In: a `Scope`.  Out: a few lines; each writer says whether it could write anything.  Sums over iterations that have
elements of their own, perhaps in another loop, scaled behind it; a name that one iteration leaves for the next; two
names that are exchanged in a loop and written through both.
"""

from __future__ import annotations

from tests.random_programs.expressions import leaf
from tests.random_programs.scope import Scope, Var

SUMS, CARRIED, EXCHANGED = "loop of sums", "loop that carries a name", "loop that exchanges names"


def loop_of_sums(scope: Scope) -> bool:
    """`a += e(u[i])` in a loop, or in a loop of a loop; then `a -= s * a`."""
    array = _array(scope)
    if array is None or scope.depth > 1:
        return False
    scope.use(SUMS)
    total, inner, i = scope.fresh_name(), scope.fresh_name(), scope.fresh_name()
    before = leaf(scope, ())
    scope.line(f"{total} = {scope.rng.choice(['0.0', before])}")
    around = scope.chance(0.4)
    if around:
        scope.line(f"for {scope.fresh_name()} in range({scope.rng.randint(1, 3)}):")
        scope.indent += 1
        if scope.chance(0.5):
            scope.line(f"{total} = 0.5 * {total}")
    _header(scope, i, array)
    element = _element(array, i)
    scope.line(f"    {inner} = np.sin({element} + {leaf(scope, ())})")
    if scope.chance(0.4):
        scope.line(f"    if {inner} > 0.2:")
        scope.line(f"        {inner} = {inner} * {element}" + scope.rng.choice(["", f" + {leaf(scope, ())}"]))
    if scope.writable(array) and array.name in scope.env and scope.chance(0.5):
        scope.mark_written(array)
        scope.line(f"    {element} " + scope.rng.choice([f"= np.cos({inner})", f"+= 0.1 * {inner}", f"*= {inner}"]))
        if scope.chance(0.2):
            scope.line(f"    {element} += 0.3 * {_element(array, f'{i} - 1')}")
    if scope.chance(0.15):
        scope.line(f"    {total} = 0.9 * {total} + {inner}")
    else:
        scope.line(f"    {total} {scope.rng.choice('+-')}= {inner} * {scope.rng.choice([element, leaf(scope, ())])}")
    if around:
        if scope.chance(0.3):
            scope.line(f"{total} -= {number_between(scope)} * {total}")
        scope.indent -= 1
    scope.bind(Var(total, "num"))
    if scope.chance(0.7):
        scale = leaf(scope, ())
        scope.line(
            scope.rng.choice([f"{total} -= {scale} * {total}", f"{total} = np.sin({total})", f"{total} *= {scale}"])
        )
    return True


def loop_that_carries(scope: Scope) -> bool:
    """Each iteration reads what the one before left in a name, and leaves it something that it finds by itself."""
    array = _array(scope)
    if array is None:
        return False
    scope.use(CARRIED)
    total, left, i = scope.fresh_name(), scope.fresh_name(), scope.fresh_name()
    scope.line(f"{total} = {leaf(scope, ())}")
    scope.line(f"{left} = 1.0 * {leaf(scope, ())}")
    _header(scope, i, array)
    element = _element(array, i)
    own = f"0.5 * {element} + {leaf(scope, ())}"
    first = [f"    {total} += {left} * np.sin({element})"]
    then = scope.rng.choice(
        [
            [f"    {left} = {own}"],
            [f"    if {element} > 0.3:", f"        {left} = {own}"],
            [f"    {left} = {own}", f"    {left} = np.sin({left}) * {element}"],
        ]
    )
    for line in first + then if scope.chance(0.8) else then + first:
        scope.line(line)
    if scope.writable(array) and array.name in scope.env and scope.chance(0.3):
        scope.mark_written(array)
        scope.line(f"    {element} = np.cos({left})")
    scope.bind(Var(total, "num"))
    scope.bind(Var(left, "num"))
    return True


def loop_that_exchanges(scope: Scope) -> bool:
    """`b, c = c, b` in a loop that writes through both names.  (Of one array, such an exchange is refused.)"""
    array = _array(scope)
    if array is None:
        return False
    scope.use(EXCHANGED)
    one, two, i = scope.fresh_name(), scope.fresh_name(), scope.fresh_name()
    scope.line(f"{one} = {scope.rng.choice([f'{array.name}.copy()', f'{array.name} * {number_between(scope)}'])}")
    scope.line(f"{two} = {scope.rng.choice([f'{one}.copy()', f'np.sin({array.name})', f'0.5 * {one}'])}")
    scope.line(f"for {i} in range({scope.rng.randint(0, 3)}):")
    if scope.chance(0.6):
        exchange = [f"    {one}, {two} = {two}, {one}"]
    else:
        held = scope.fresh_name()
        exchange = [f"    {held} = {one}", f"    {one} = {two}", f"    {two} = {held}"]
    size = array.shape[0]
    at, other = (scope.rng.choice([f"{i} % {size}", "0", str(size - 1), "-1"]) for _ in range(2))
    writes = [
        f"    {_element(array, at, one)} = 0.5 * np.sin({_element(array, other, two)} + {leaf(scope, ())})",
        f"    {_element(array, other, two)} "
        + scope.rng.choice(["*= 0.7", f"+= 0.3 * {_element(array, at, one)}", "= 0.1"]),
    ]
    if scope.chance(0.4):
        writes.append(f"    {scope.rng.choice([one, two])} *= {number_between(scope)}")
    for line in scope.rng.choice([exchange + writes, writes + exchange, [writes[0], *exchange, *writes[1:]]]):
        scope.line(line)
    owner = scope.new_owner()
    for name in (one, two):
        scope.bind(Var(name, "arr", array.shape, owner))
    return True


def number_between(scope: Scope) -> str:
    return repr(round(scope.rng.uniform(0.2, 0.9), 2))


def _array(scope: Scope) -> Var | None:
    found = [a for a in scope.arrays() if all(a.shape)]
    return scope.rng.choice(found) if found else None


def _element(array: Var, index: str, name: str = "") -> str:
    return f"{name or array.name}[{', '.join([index, *('0' for _ in array.shape[1:])])}]"


def _header(scope: Scope, i: str, array: Var) -> None:
    size = scope.rng.choice([f"len({array.name})", f"{array.name}.shape[0]"])
    scope.line(f"for {i} in range({scope.rng.choice([size, size, f'1, {size}', f'{size} - 1, -1, -1'])}):")
