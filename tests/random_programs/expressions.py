"""Expressions of a wanted shape.

In: a `Scope`, a shape, a depth.  Out: the text of an expression that has this shape and, given values of ordinary
size, no exception and no infinity; `()` is a number.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.random_programs.indexing import subscript
from tests.random_programs.scope import Helper, Scope, Shape

ANYWHERE = (
    "sin",
    "cos",
    "tanh",
    "arctan",
    "arcsinh",
    "square",
    "expm1",
    "sinh",
    "cosh",
    "exp",
    "exp2",
    "abs",
    "tan",
    "cbrt",
)
FLAT = ("sign", "floor", "ceil", "round")
POSITIVE = ("sqrt", "log", "log1p", "log2", "log10", "reciprocal", "cbrt")
UNIT = ("arcsin", "arccos", "arctanh")
UNARY = tuple(dict.fromkeys((*ANYWHERE, *POSITIVE, *UNIT, "arccosh", *FLAT)))
BINARY = ("hypot", "maximum", "minimum", "fmax", "fmin", "arctan2", "logaddexp")
MATH = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctanh": "atanh",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
}
IN_MATH = {"sin", "cos", "tanh", "expm1", "sinh", "cosh", "exp", "tan", "sqrt", "log", "log1p", "log2", "log10", *MATH}


Maker = Callable[[Scope, Shape, int], "str | None"]
NUMBER_MAKERS: list[tuple[float, Maker, tuple[str, ...]]] = []
ARRAY_MAKERS: list[tuple[float, Maker, tuple[str, ...]]] = []
"""Weights, makers, how the names of what they make begin; filled by `array_expressions`, which needs this module."""


def number(scope: Scope) -> str:
    return (
        repr(round(scope.rng.uniform(0.2, 2.0), 2))
        if scope.chance(0.85)
        else scope.rng.choice(["2", "3", "1.0", "0.5", "np.pi"])
    )


def expression(scope: Scope, shape: Shape, depth: int = 2) -> str:
    """An expression of `shape`."""
    if depth <= 0 or scope.chance(0.15):
        return leaf(scope, shape)
    boost = scope.profile.boost
    makers: list[tuple[float, Maker]] = [
        (6, _arithmetic),
        (boost(3, *(f"function {name}" for name in UNARY)), _function),
        (boost(1.2, *(f"function {name}" for name in BINARY)), _two),
        (boost(0.6, "function power"), _power),
        (boost(0.5, "operator %", "operator //"), _modulo),
        (0.5, _conditional),
        (boost(1.2, "call:"), _call),
        (boost(0.25, "function clip"), _clip),
    ]
    makers += [(boost(w, *prefixes), maker) for w, maker, prefixes in (ARRAY_MAKERS if shape else NUMBER_MAKERS)]
    while True:
        maker = scope.rng.choices([m for _, m in makers], [w for w, _ in makers])[0]
        text = maker(scope, shape, depth)
        if text is not None:
            return text


def leaf(scope: Scope, shape: Shape) -> str:
    rng = scope.rng
    if not shape:
        sources = [v.name for v in scope.find("num")] * 2
        for array in rng.sample(scope.arrays(), min(2, len(scope.arrays()))):
            if all(array.shape):
                sources.append(f"{array.name}[{subscript(scope, array.shape, ())}]")
        if rng.random() < 0.12:
            sources += [v.name for v in scope.find("int") if abs(v.lo) < 9 and abs(v.hi) < 9]
        return rng.choice(sources) if sources and rng.random() < 0.85 else number(scope)
    same = [v.name for v in scope.find("arr", shape)] * 2
    for array in rng.sample(scope.arrays(), min(3, len(scope.arrays()))):
        text = subscript(scope, array.shape, shape)
        if text is not None and text != ":":
            same.append(f"{array.name}[{text}]")
        if len(shape) > 1 and array.shape == shape[::-1]:
            scope.use("transpose")
            same.append(f"{array.name}.T")
    if not same or rng.random() < 0.04:
        scope.use("constructor in an expression")
        fill = filling(scope, 0)
        return rng.choice([f"np.full({shape_text(shape)}, {fill})", f"(np.ones({shape_text(shape)}) * {fill})"])
    return rng.choice(same)


def shape_text(shape: Shape) -> str:
    return str(shape[0]) if len(shape) == 1 else repr(shape)


def narrower(scope: Scope, shape: Shape) -> Shape:
    """A shape that broadcasts to `shape`."""
    if not shape or scope.chance(0.35):
        return ()
    if scope.chance(0.6) and not scope.odds(0.0, "broadcast: missing axis"):
        return shape
    cut = shape[scope.rng.randint(0, len(shape)) :]
    made = tuple(1 if scope.chance(0.3) else d for d in cut)
    if made != shape and made:
        scope.use("broadcast: size one" if 1 in made else "broadcast: missing axis")
    return made


def positive(scope: Scope, shape: Shape, depth: int) -> str:
    """An expression whose values are at least about 0.3."""
    e = expression(scope, shape, depth - 1)
    forms = ["({} ** 2 + 0.5)", "(np.exp(0.3 * {}) + 0.3)", "(np.abs({}) + 0.6)", "(1.7 + np.sin({}))"]
    return scope.rng.choice([*forms, "(0.5 + np.square({}))"]).format(e)


def unit(scope: Scope, shape: Shape, depth: int) -> str:
    e = expression(scope, shape, depth - 1)
    return scope.rng.choice(["0.8 * np.sin({})", "0.7 * np.tanh({})", "0.9 * np.cos({})"]).format(e)


def _arithmetic(scope: Scope, shape: Shape, depth: int) -> str:
    op = scope.rng.choice(["+", "+", "-", "*", "*", "*", "/", "unary -"])
    scope.use(f"operator {op}")
    if op == "unary -":
        sign = "+" if scope.chance(0.1) else "-"
        return f"({sign}{expression(scope, shape, depth - 1)})"
    one, two = shape, narrower(scope, shape)
    if op == "/":
        return f"({expression(scope, one, depth - 1)} / {positive(scope, two, depth - 1)})"
    if scope.chance(0.5):
        one, two = two, one
    return f"({expression(scope, one, depth - 1)} {op} {expression(scope, two, depth - 1)})"


def _spell(scope: Scope, name: str, shape: Shape) -> str:
    if name == "abs" and scope.chance(0.5) and not (shape and scope.profile.compiled):
        return "abs"
    if not shape and name in IN_MATH and scope.chance(0.4):
        scope.use("math module")
        return f"math.{MATH.get(name, name)}"
    return f"np.{name}"


def _weight(name: str) -> float:
    """How often a function comes by itself."""
    lists = ((0.6, ANYWHERE), (0.25, POSITIVE), (0.08, UNIT), (0.02, ("arccosh",)), (0.05, FLAT))
    return sum(share / len(names) for share, names in lists if name in names)


def _function(scope: Scope, shape: Shape, depth: int) -> str:
    weights = [scope.profile.boost(_weight(name), f"function {name}") for name in UNARY]
    name = scope.rng.choices(UNARY, weights)[0]
    if name in ANYWHERE:
        inner = expression(scope, shape, depth - 1)
        if name in ("exp", "exp2", "expm1", "sinh", "cosh", "tan"):
            inner = f"0.3 * {inner}"
    elif name in POSITIVE:
        inner = positive(scope, shape, depth)
    elif name in UNIT:
        inner = unit(scope, shape, depth)
    elif name == "arccosh":
        inner = f"1.2 + {positive(scope, shape, depth)}"
    else:
        inner = expression(scope, shape, depth - 1)
    scope.use(f"function {name}")
    return f"{_spell(scope, name, shape)}({inner})"


def _two(scope: Scope, shape: Shape, depth: int) -> str:
    name = scope.pick(BINARY, "function {}")
    scope.use(f"function {name}")
    one, two = shape, narrower(scope, shape)
    if scope.chance(0.5):
        one, two = two, one
    second = positive(scope, two, depth - 1) if name == "arctan2" else expression(scope, two, depth - 1)
    return f"np.{name}({expression(scope, one, depth - 1)}, {second})"


def _power(scope: Scope, shape: Shape, depth: int) -> str:
    roll = scope.rng.random()
    scope.use("operator **")
    if roll < 0.5:
        return f"({expression(scope, shape, depth - 1)} ** {scope.rng.choice(['2', '3', '2.0', '1'])})"
    base, exponent = positive(scope, shape, depth), expression(scope, narrower(scope, shape), depth - 2)
    if roll < 0.8:
        return f"({base} ** {exponent})"
    scope.use("function power")
    return f"np.power({base}, {exponent})"


def _modulo(scope: Scope, shape: Shape, depth: int) -> str:
    op = scope.rng.choice(["%", "%", "//"])
    scope.use(f"operator {op}")
    by = number(scope) if scope.chance(0.5) else positive(scope, narrower(scope, shape), depth - 1)
    return f"({expression(scope, shape, depth - 1)} {op} {by})"


def _clip(scope: Scope, shape: Shape, depth: int) -> str | None:
    if not shape and scope.profile.compiled:
        return None
    scope.use("function clip")
    return f"np.clip({expression(scope, shape, depth - 1)}, -{number(scope)}, {number(scope)})"


def condition(scope: Scope, depth: int = 1) -> str:
    """A number-valued test."""
    rng = scope.rng
    roll = rng.random()
    bools = scope.find("bool")
    if bools and (roll > 0.9 or scope.odds(0.0, "test: variable")):
        scope.use("test: variable")
        return rng.choice(bools).name
    if depth > 0 and roll < 0.25:
        op = rng.choice(["and", "or"])
        scope.use(f"test: {op}")
        return f"{condition(scope, 0)} {op} {condition(scope, 0)}"
    if depth > 0 and roll < 0.32:
        scope.use("test: not")
        return f"not {condition(scope, 0)}"
    if roll < 0.45:
        scope.use("test: chained comparison")
        return f"-{number(scope)} < {leaf(scope, ())} <= {number(scope)}"
    ints = scope.find("int")
    if ints and roll < 0.65:
        scope.use("test: integer")
        name = rng.choice(ints).name
        return rng.choice([f"{name} % 2 == 0", f"{name} > {rng.randint(0, 3)}", f"{name} != {rng.randint(0, 2)}"])
    if scope.arrays() and roll < 0.82:
        scope.use("test: shape")
        array = rng.choice(scope.arrays())
        return rng.choice(
            [
                f"len({array.name}) > 1",
                f"{array.name}.shape[0] == {array.shape[0]}",
                f"{array.name}.size > 2",
                f"{array.name}.ndim == 1",
            ]
        )
    scope.use("test: comparison")
    right = leaf(scope, ()) if roll < 0.95 else number(scope)
    return f"{expression(scope, (), depth)} {rng.choice(['<', '>', '<=', '>='])} {right}"


def _conditional(scope: Scope, shape: Shape, depth: int) -> str:
    scope.use("conditional expression")
    return f"({expression(scope, shape, depth - 1)} if {condition(scope)} else {expression(scope, shape, depth - 1)})"


def _call(scope: Scope, shape: Shape, depth: int) -> str | None:
    """A call of a generated function that changes nothing."""
    fits = [h for h in scope.helpers if not h.written and h.result == ("arr" if shape else "num") and h.shape == shape]
    if not fits:
        return None
    helper = scope.rng.choice(fits)
    return call_text(scope, helper, {}, depth)


def call_text(scope: Scope, helper: Helper, given: dict[str, str], depth: int) -> str:
    """The call of `helper`; `given` are argument texts already chosen.  Later arguments may be keywords or left out."""
    rng, parts, named = scope.rng, [], False
    first_default = len(helper.params) - helper.defaults
    for k, p in enumerate(helper.params):
        if k >= first_default and p.name not in given and scope.chance(0.5):
            scope.use("call: default argument")
            named = True
            continue
        if p.form == "int":
            text = given.get(p.name) or str(rng.randint(p.lo, p.hi))
        else:
            text = given.get(p.name) or strip(expression(scope, p.shape, depth - 1))
        if named or (k and scope.odds(0.25, "call: keyword argument")):
            named = True
            scope.use("call: keyword argument")
            text = f"{p.name}={text}"
        parts.append(text)
    scope.use("call: " + ("procedure" if helper.written else "function"))
    if scope.depth:
        scope.use("call inside a loop or branch")
    return f"{helper.name}({', '.join(parts)})"


def strip(text: str) -> str:
    """Without outer parentheses, if they belong together."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    level = 0
    for k, c in enumerate(text):
        level += (c == "(") - (c == ")")
        if level == 0 and k < len(text) - 1:
            return text
    return text[1:-1]


def filling(scope: Scope, depth: int) -> str:
    """A floating number for `np.full`, which would make an integer array of an int."""
    text = strip(expression(scope, (), depth))
    return f"1.0 * {text}" if text.isdigit() or any(v.name == text for v in scope.find("int")) else text
