"""Statements about arrays: assignment, stores, updates in place, views, constructors.

In: a `Scope`.  Out: a line or two; each writer says whether it could write anything.
"""

from __future__ import annotations

from tests.random_programs.expressions import expression, filling, number, positive, shape_text, strip
from tests.random_programs.indexing import subscript
from tests.random_programs.scope import Scope, Shape, Var


def some_shape(scope: Scope) -> Shape:
    known = [a.shape for a in scope.arrays()]
    if known and scope.chance(0.7):
        return scope.rng.choice(known)
    return tuple(scope.rng.choice(scope.dims) for _ in range(scope.rng.choice([1, 1, 1, 2, 2, 3])))


def fresh_array(scope: Scope, shape: Shape) -> Var:
    var = Var("", "arr", shape, scope.new_owner())
    return scope.renamed(var, scope.target_name(var))


def assign_array(scope: Scope) -> bool:
    shape = some_shape(scope)
    text = strip(expression(scope, shape, 2))
    if "(" not in text and not any(op in text for op in ("+", "*", "/", " - ", "%")):
        text = f"{text} * {number(scope)}"  # a bare name or subscript would be an alias: `view` makes those
    elif text.startswith("np.reshape") or ".reshape(" in text or "ravel" in text or text.startswith("np.diag"):
        text = f"1.0 * {text if text.startswith('np.') else f'({text})'}"
    elif text.startswith("np.transpose") or text.endswith("]") or text.endswith(".T"):
        text = f"({text}) * 1.0"
    elif " if " in text:
        text = f"({text}) + 0.0"
    scope.use("assign array")
    var = fresh_array(scope, shape)
    scope.line(f"{var.name} = {text}")
    scope.bind(var)
    return True


def new_array(scope: Scope) -> bool:
    """A local array by a constructor, filled where that is needed."""
    shape = some_shape(scope)
    kind = scope.pick(["zeros", "ones", "full", "empty", "zeros_like", "copy"], "local array: {}")
    likes = [v.name for v in scope.find("arr", shape)]
    if kind in ("zeros_like", "copy") and not likes:
        kind = "zeros"
    scope.use(f"local array: {kind}")
    size = shape_text(shape)
    if kind == "full":
        text = f"np.full({size}, {filling(scope, 0)})"
    elif kind == "zeros_like":
        text = f"np.zeros_like({scope.rng.choice(likes)})"
    elif kind == "copy":
        text = f"{scope.rng.choice(likes)}.copy()"
    else:
        text = f"np.{kind}({size})"
    fill = strip(expression(scope, shape, 1))
    var = fresh_array(scope, shape)
    scope.line(f"{var.name} = {text}")
    if kind == "empty":
        scope.line(f"{var.name}[{', '.join(':' for _ in shape)}] = {fill if var.name not in fill else number(scope)}")
    scope.bind(var)
    return True


def factor(scope: Scope, op: str, shape: Shape) -> str:
    if op in ("/", "%", "//"):
        return strip(positive(scope, shape, 1))
    if op == "**":
        return "2"
    if op == "*" and scope.chance(0.6):
        return f"np.cos({strip(expression(scope, shape, 1))})"
    return strip(expression(scope, shape, 2))


def _writable(scope: Scope) -> list[Var]:
    return [a for a in scope.arrays() if scope.writable(a)]


def _place(scope: Scope, array: Var) -> tuple[str, Shape]:
    """A subscripted place of `array` and its shape."""
    shape = array.shape[scope.rng.randint(0, len(array.shape)) :] if scope.chance(0.7) else array.shape
    shape = tuple(scope.rng.randint(min(1, d), d) for d in shape)
    if not all(array.shape):
        shape = array.shape
    text = subscript(scope, array.shape, shape) or ", ".join(":" for _ in array.shape)
    return f"{array.name}[{text}]", shape if subscript(scope, array.shape, shape) is not None else array.shape


def store(scope: Scope) -> bool:
    arrays = _writable(scope)
    if not arrays:
        return False
    array = scope.rng.choice(arrays)
    if scope.chance(scope.profile.boost(0.12, "store with an integer array")) and array.shape[0]:
        return _fancy_store(scope, array)
    place, shape = _place(scope, array)
    scope.mark_written(array)
    if scope.chance(0.7 if scope.profile.wanted else 0.4):
        part = "slice" if shape else "element"
        op = scope.pick("+ + - * / % **".split(), f"augmented {part} {{}}=")
        scope.use(f"augmented {part} {op}=")
        scope.line(f"{place} {op}= {factor(scope, op, shape if scope.chance(0.7) else ())}")
        return True
    scope.use("store element" if not shape else "store slice")
    value = expression(scope, shape, 2)
    if shape and scope.chance(0.25):
        scope.use("store broadcasts")
        value = expression(scope, (), 2)
    scope.line(f"{place} = {strip(value)}")
    return True


def _fancy_store(scope: Scope, array: Var) -> bool:
    index = [v for v in scope.find("iarr") if v.hi < array.shape[0]]
    if index:
        chosen = scope.rng.choice(index)
        text, count = chosen.name, chosen.shape[0]
    else:
        listed = [scope.rng.randrange(array.shape[0]) for _ in range(scope.rng.randint(1, 3))]
        text, count = f"np.array({listed})", len(listed)
    scope.mark_written(array)
    op = scope.pick(["", "", "+", "*"], "store with an integer array {}=")
    scope.use(f"store with an integer array {op}=")
    scope.line(f"{array.name}[{text}] {op}= {strip(expression(scope, (count, *array.shape[1:]), 2))}")
    return True


def augment_array(scope: Scope) -> bool:
    arrays = [a for a in _writable(scope) if a.name in scope.env]
    if not arrays:
        return False
    target, op = scope.rng.choice(arrays), scope.pick("+ + - * * / % ** //".split(), "augmented array {}=")
    scope.use(f"augmented array {op}=")
    scope.mark_written(target)
    scope.line(f"{target.name} {op}= {factor(scope, op, target.shape if scope.chance(0.7) else ())}")
    return True


def view(scope: Scope) -> bool:
    """A name for a part of an array, or for all of it."""
    arrays = [a for a in scope.arrays() if a.name in scope.env]
    if not arrays:
        return False
    source = scope.rng.choice(arrays)
    kind = scope.rng.choices(
        ["alias", "view: transpose", "view: None", "part"],
        [
            scope.profile.boost(0.2, "alias", "chained assignment of an array"),
            scope.profile.boost(0.15, "view: transpose"),
            scope.profile.boost(0.1, "view: None"),
            scope.profile.boost(0.55, "view: slice", "view: row"),
        ],
    )[0]
    if kind == "alias":
        text, shape = source.name, source.shape
        scope.use("alias")
    elif kind == "view: transpose" and len(source.shape) > 1:
        text, shape = f"{source.name}.T", source.shape[::-1]
        scope.use("view: transpose")
    elif kind == "view: None" and len(source.shape) < 3:
        text, shape = f"{source.name}[None, :]", (1, *source.shape)
        scope.use("view: None")
    else:
        text, shape = _place(scope, source)
        if not shape:
            return False
        scope.use("view: slice" if len(shape) == len(source.shape) else "view: row")
    var = Var("", "arr", shape, scope.owner(source))
    scope.aliased = True
    name = scope.target_name(var)
    if name == source.name and name in scope.protected:
        return False
    if kind == "alias" and scope.odds(0.1, "chained assignment of an array"):
        scope.use("chained assignment of an array")
        other = scope.fresh_name()
        scope.line(f"{other} = {name} = {text}")
        scope.bind(scope.renamed(var, other))
    else:
        scope.line(f"{name} = {text}")
    scope.bind(scope.renamed(var, name))
    return True


def two_views(scope: Scope) -> bool:
    """Two names for parts of one array, both written: what one writes the other may read."""
    arrays = [a for a in _writable(scope) if a.name in scope.env and a.shape[0] >= 2]
    if not arrays:
        return False
    source = scope.rng.choice(arrays)
    length = scope.rng.randint(1, source.shape[0])
    made = []
    for _ in range(2):
        start = scope.rng.randint(0, source.shape[0] - length)
        var = Var(scope.fresh_name(), "arr", (length, *source.shape[1:]), scope.owner(source))
        scope.line(f"{var.name} = {source.name}[{start}:{start + length}]")
        scope.bind(var)
        made.append(var)
    scope.use("two views")
    scope.aliased = True
    scope.mark_written(source)
    one, two = made
    scope.line(f"{one.name} {scope.rng.choice('+*')}= {strip(expression(scope, scope.rng.choice([(), two.shape]), 1))}")
    place = f"{two.name}[{subscript(scope, two.shape, two.shape)}]"
    scope.line(f"{place} = {scope.rng.choice(['np.sin', 'np.cos', '0.5 * '])}({one.name})")
    return True


def maybe_view(scope: Scope) -> bool:
    """A name for `reshape` or `ravel` of an array: nobody writes to that memory any more."""
    arrays = [a for a in scope.arrays() if a.name in scope.env and scope.owner(a) not in scope.written]
    if not arrays or scope.depth:
        return False
    source = scope.rng.choice(arrays)
    size = 1
    for d in source.shape:
        size *= d
    scope.use("maybe a view")
    shape = (size,)
    text = scope.rng.choice([f"{source.name}.ravel()", f"{source.name}.reshape({size})", f"np.ravel({source.name})"])
    var = Var("", "arr", shape, scope.owner(source))
    scope.frozen.add(var.owner)
    name = scope.target_name(var)
    scope.line(f"{name} = {text}")
    scope.bind(scope.renamed(var, name))
    return True


def index_array(scope: Scope) -> bool:
    if scope.depth:
        return False
    listed = [scope.rng.randint(0, max(scope.dims) - 1) for _ in range(scope.rng.randint(1, 4))]
    name = scope.fresh_name()
    scope.use("integer array")
    scope.line(f"{name} = np.array({listed})")
    scope.bind(Var(name, "iarr", (len(listed),), lo=min(listed), hi=max(listed)))
    return True
