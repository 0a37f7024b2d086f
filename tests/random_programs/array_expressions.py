"""Expressions that make, move or reduce arrays: reductions, products, linear algebra, shapes, gathers.

In: as for `expressions`, whose tables this module fills.  Out: nothing but the entries in the tables.
"""

from __future__ import annotations

from tests.random_programs.expressions import (
    ARRAY_MAKERS,
    NUMBER_MAKERS,
    expression,
    filling,
    leaf,
    narrower,
    number,
    positive,
    shape_text,
    strip,
)
from tests.random_programs.scope import Scope, Shape


def _reduce(scope: Scope, shape: Shape, depth: int) -> str | None:
    arrays = [a for a in scope.arrays() if all(a.shape)]
    if not arrays:
        return None
    array = scope.rng.choice(arrays)
    name = scope.pick("sum sum sum mean prod max min var std norm masked dot".split(), "reduction {}")
    if name == "norm" and scope.profile.compiled and len(array.shape) > 2:
        return None
    inner = strip(expression(scope, array.shape, depth - 1))
    scope.use(f"reduction {name}")
    if name == "norm":
        return f"np.linalg.norm({strip(positive(scope, array.shape, depth - 1)) if scope.chance(0.5) else inner})"
    if name == "masked":
        scope.use("boolean read")
        return f"np.sum({array.name}[{array.name} > {number(scope)}])"
    if name == "dot":
        line = (array.shape[0],)
        one, two = expression(scope, line, depth - 1), expression(scope, line, depth - 1)
        spelled = [f"np.dot({strip(one)}, {strip(two)})", f"({one} @ {two})", f"np.inner({strip(one)}, {strip(two)})"]
        return scope.rng.choice(spelled[:2] if scope.profile.compiled else spelled)
    if name == "std":
        inner = f"{inner} + np.arange({array.shape[-1]})" if array.shape[-1] > 1 else inner
    if scope.chance(0.3):
        scope.use("method spelling")
        return f"{array.name}.{name}()"
    return f"np.{name}({inner})"


def _to_number(scope: Scope, shape: Shape, depth: int) -> str | None:
    squares = [a for a in scope.arrays() if len(a.shape) == 2 and a.shape[0] == a.shape[1] and a.shape[0]]
    if not squares:
        return None
    square, name = scope.rng.choice(squares), scope.pick(["trace", "det", "slogdet"], "matrix {}")
    scope.use(f"matrix {name}")
    inner = strip(expression(scope, square.shape, depth - 1))
    if name == "trace":
        return f"np.trace({inner})"
    text = f"np.linalg.{name}({inner} + 3.0 * np.eye({square.shape[0]}))"
    return text if name == "det" else f"{text}[1]"


def _with_bools(scope: Scope, shape: Shape, depth: int) -> str:
    """A test as a factor or a term: true counts 1."""
    scope.use("arithmetic on bools")
    test = f"({leaf(scope, shape)} > {number(scope)})"
    return f"({test} {scope.rng.choice('*+')} {expression(scope, shape, depth - 1)})"


def _builtin(scope: Scope, shape: Shape, depth: int) -> str:
    name = scope.pick(["max", "min", "float", "int", "abs", "sum"], "builtin {}")
    scope.use(f"builtin {name}")
    if name in ("max", "min"):
        return f"{name}({strip(expression(scope, (), depth - 1))}, {strip(expression(scope, (), depth - 1))})"
    lines = [a.name for a in scope.arrays() if len(a.shape) == 1]
    if name == "sum" and lines:
        return f"sum({scope.rng.choice(lines)})"
    ints = scope.find("int")
    if name == "float" and ints and scope.chance(0.5):
        return f"float({scope.rng.choice(ints).name})"
    if name == "int":
        return f"int(3.0 * {expression(scope, (), depth - 1)})"
    return f"{'float' if name == 'float' else 'abs'}({strip(expression(scope, (), depth - 1))})"


def _axis(scope: Scope, shape: Shape, depth: int) -> str | None:
    """A reduction along an axis, or a sum kept in shape."""
    name = scope.pick("sum sum mean max min prod var".split(), "reduction {} axis")
    if scope.profile.compiled:
        name = "sum"
    rank, extra = len(shape), scope.rng.choice([d for d in scope.dims if d] or [2])
    if rank >= 3:
        return None
    axis = scope.rng.randint(0, rank)
    if 1 in shape and scope.chance(0.5) and not scope.profile.compiled:
        axis = shape.index(1)
        full = shape[:axis] + (extra,) + shape[axis + 1 :]
        scope.use(f"reduction {name} axis")
        scope.use("reduction: keepdims")
        return f"np.{name}({strip(expression(scope, full, depth - 1))}, axis={axis}, keepdims=True)"
    full = shape[:axis] + (extra,) + shape[axis:]
    if rank == 1 and scope.odds(0.2, "reduction: tuple of axes") and not scope.profile.compiled:
        scope.use(f"reduction {name} axis")
        scope.use("reduction: tuple of axes")
        return f"np.{name}({strip(expression(scope, (2, *full), depth - 1))}, axis={(0, axis + 1)})"
    scope.use(f"reduction {name} axis")
    which = scope.rng.choice([axis, axis - len(full)])
    inner = expression(scope, full, depth - 1)
    if inner.isidentifier():
        scope.use("method spelling")
        return f"{inner}.{name}(axis={which})"
    return f"np.{name}({strip(inner)}, axis={which})"


def _product(scope: Scope, shape: Shape, depth: int) -> str | None:
    k = scope.rng.choice([d for d in scope.dims if d] or [2])
    roll, compiled = scope.rng.random(), scope.profile.compiled
    if len(shape) == 1:
        m = shape[0]
        if m and scope.odds(0.08, "matrix inv"):
            scope.use("matrix inv")
            scope.use("matmul vector")
            matrix, right = expression(scope, (m, m), depth - 2), expression(scope, shape, depth - 1)
            return f"(np.linalg.inv({matrix} + 4.0 * np.eye({m})) @ {right})"
        if m and not compiled and scope.odds(0.05, "inner"):
            scope.use("inner")
            return f"np.inner({expression(scope, (m, k), depth - 1)}, {expression(scope, (k,), depth - 1)})"
        if m and scope.odds(0.2, "matrix solve"):
            scope.use("matrix solve")
            matrix, right = expression(scope, (m, m), depth - 2), expression(scope, shape, depth - 1)
            return f"np.linalg.solve({matrix} + 4.0 * np.eye({m}), {right})"
        scope.use("matmul vector")
        one, two = ((m, k), (k,)) if roll < 0.6 else ((k,), (k, m))
    elif len(shape) == 2:
        if scope.odds(0.1, "index: None"):
            scope.use("index: None")
            one, two = (expression(scope, (d,), depth - 1) for d in shape)
            return f"(({one})[:, None] {scope.rng.choice('+-*')} ({two})[None, :])"
        if scope.odds(0.2, "outer"):
            scope.use("outer")
            return f"np.outer({expression(scope, shape[:1], depth - 1)}, {expression(scope, shape[1:], depth - 1)})"
        if shape[0] == shape[1] and shape[0] and scope.odds(0.2, "matrix inv"):
            scope.use("matrix inv")
            return f"np.linalg.inv({expression(scope, shape, depth - 1)} + 4.0 * np.eye({shape[0]}))"
        if not compiled and scope.odds(0.15, "inner"):
            scope.use("inner")
            a, b = (expression(scope, (m, k), depth - 1) for m in shape)
            return f"np.inner({a}, {b})"
        scope.use("matmul matrix")
        one, two = (shape[0], k), (k, shape[1])
    elif compiled:
        return None
    else:
        scope.use("matmul stacked")
        one, two = (shape[0], shape[1], k), ((k, shape[2]) if roll < 0.5 else (shape[0], k, shape[2]))
    a, b = expression(scope, one, depth - 1), expression(scope, two, depth - 1)
    spell = ["({} @ {})"] + ([] if compiled else ["np.matmul({}, {})"]) + (["np.dot({}, {})"] if len(shape) < 3 else [])
    return scope.rng.choice(spell).format(a, b)


def _where(scope: Scope, shape: Shape, depth: int) -> str:
    a, b = expression(scope, narrower(scope, shape), depth - 1), expression(scope, shape, depth - 1)
    test = leaf(scope, shape)
    if scope.odds(0.3, "where-guard idiom"):
        scope.use("where-guard idiom")
        inner = f"np.where({test} > 0.1, {test}, 1.0)"
        return f"np.where({test} > 0.1, {scope.rng.choice(['np.sqrt', 'np.log', 'np.reciprocal'])}({inner}), {b})"
    scope.use("function where")
    return f"np.where({test} > {number(scope)}, {strip(a)}, {strip(b)})"


def _shape(scope: Scope, shape: Shape, depth: int) -> str | None:
    rng, rank = scope.rng, len(shape)
    names = ["reshape", "ravel", "concatenate", "stack", "cumsum", "diag", "transpose", "index: None", "copy"]
    name = scope.pick([*names, "array of numbers"])
    if name == "reshape":
        scope.use(name)
        size = 1
        for d in shape:
            size *= d
        inner = expression(scope, (size,) if rank > 1 or rng.random() < 0.3 else (shape[0], 1), depth - 1)
        return rng.choice(
            [f"np.reshape({strip(inner)}, {shape_text(shape)})", f"({inner}).reshape({shape_text(shape)})"]
        )
    if name == "ravel" and rank == 1:
        scope.use(name)
        rows = rng.choice([d for d in (1, 2, 3, shape[0]) if d and shape[0] % d == 0])
        return f"np.ravel({strip(expression(scope, (rows, shape[0] // rows), depth - 1))})"
    if name == "concatenate" and shape[0] >= 2:
        scope.use(name)
        cut = rng.randint(1, shape[0] - 1)
        one, two = (strip(expression(scope, (d, *shape[1:]), depth - 1)) for d in (cut, shape[0] - cut))
        return f"np.concatenate(({one}, {two}))"
    if name == "stack" and rank >= 2:
        axis = rng.randrange(rank)
        rest = shape[:axis] + shape[axis + 1 :]
        if 1 <= shape[axis] <= 3:
            scope.use(name)
            rows = ", ".join(strip(expression(scope, rest, depth - 2)) for _ in range(shape[axis]))
            return f"np.stack(({rows},), axis={axis})"
    if name == "cumsum" and not (scope.profile.compiled and rank > 1):
        scope.use(name)
        axis = f", axis={rng.randrange(rank)}" if rank > 1 else rng.choice(["", ", axis=0"])
        axis = "" if scope.profile.compiled else axis
        return f"np.cumsum({strip(expression(scope, shape, depth - 1))}{axis})"
    if name == "diag" and rank == 1 and shape[0]:
        scope.use(name)
        return f"np.diag({strip(expression(scope, shape * 2, depth - 1))})"
    if name == "diag" and rank == 2 and shape[0] == shape[1]:
        scope.use(name)
        return f"np.diag({strip(expression(scope, shape[:1], depth - 1))})"
    if name == "transpose" and rank >= 2:
        scope.use(name)
        return f"np.transpose({strip(expression(scope, shape[::-1], depth - 1))})"
    if name == "index: None" and 1 in shape and rank >= 2:
        scope.use("index: None")
        axis = shape.index(1)
        index = ", ".join("None" if k == axis else ":" for k in range(rank))
        return f"({expression(scope, shape[:axis] + shape[axis + 1 :], depth - 1)})[{index}]"
    if name == "copy":
        scope.use(name)
        inner = expression(scope, shape, depth - 1)
        return f"{inner}.copy()" if inner.isidentifier() else f"np.copy({strip(inner)})"
    if name == "array of numbers" and rank == 1 and 1 <= shape[0] <= 4:
        scope.use("array of numbers")
        return f"np.array([{', '.join(strip(expression(scope, (), depth - 2)) for _ in range(shape[0]))}])"
    return None


def _gather(scope: Scope, shape: Shape, depth: int) -> str | None:
    """A read with an integer array, repeated entries likely."""
    sources = [a for a in scope.arrays() if all(a.shape) and a.shape[1:] == shape[1:]]
    if not sources or not shape[0]:
        return None
    array = scope.rng.choice(sources)
    index = [v.name for v in scope.find("iarr") if v.shape == shape[:1] and v.hi < array.shape[0]]
    scope.use("fancy read")
    if index and scope.chance(0.7):
        return f"{array.name}[{scope.rng.choice(index)}]"
    listed = [scope.rng.randrange(array.shape[0]) for _ in range(shape[0])]
    return f"{array.name}[np.array({listed})]"


def _constructed(scope: Scope, shape: Shape, depth: int) -> str:
    likes = [v.name for v in scope.find("arr", shape)]
    scope.use("constructor in an expression")
    if likes and scope.chance(0.5):
        return f"(np.ones_like({scope.rng.choice(likes)}) * {leaf(scope, ())})"
    return f"np.full({shape_text(shape)}, {filling(scope, depth - 1)})"


NUMBER_MAKERS[:] = [
    (2.5, _reduce, ("reduction",)),
    (1.0, _to_number, ("matrix",)),
    (0.5, _builtin, ("builtin",)),
    (0.15, _with_bools, ("arithmetic on bools",)),
]
ARRAY_MAKERS[:] = [
    (0.8, _axis, ("reduction",)),
    (1.2, _product, ("matrix inv", "matrix solve", "matmul", "inner", "outer", "index: None")),
    (0.7, _where, ("where", "function where")),
    (1.2, _shape, tuple("reshape ravel concatenate stack cumsum diag transpose index: copy array".split())),
    (0.6, _gather, ("fancy",)),
    (0.4, _constructed, ("constructor",)),
    (0.15, _with_bools, ("arithmetic on bools",)),
]
