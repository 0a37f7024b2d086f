"""Statements: what a program is made of below its signature.

In: a `Scope` with parameters bound.  Out: lines of Python in `scope.lines`; `block` writes a number of statements.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.random_programs import array_expressions as array_expressions  # fills the tables of expressions
from tests.random_programs.array_statements import (
    assign_array,
    augment_array,
    factor,
    fresh_array,
    index_array,
    maybe_view,
    new_array,
    store,
    two_views,
    view,
)
from tests.random_programs.expressions import (
    call_text,
    condition,
    expression,
    leaf,
    number,
    shape_text,
    strip,
)
from tests.random_programs.indexing import subscript
from tests.random_programs.loops import for_loop, while_loop
from tests.random_programs.patterns import (
    CARRIED,
    EXCHANGED,
    SUMS,
    loop_of_sums,
    loop_that_carries,
    loop_that_exchanges,
)
from tests.random_programs.scope import Scope, Var

COMMENTS = ("# step", "# the update", "# mix", "# keep it small", "# next")


def block(scope: Scope, count: int) -> None:
    """Write up to `count` statements, at least one."""
    start = len(scope.lines)
    for _ in range(count):
        if scope.budget <= 0:
            break
        statement(scope)
    if len(scope.lines) == start:
        scope.use("pass")
        scope.line("pass")


def statement(scope: Scope) -> None:
    scope.budget -= 1
    if scope.chance(0.04):
        scope.use("comment")
        scope.line(scope.rng.choice(COMMENTS))
    boost = scope.profile.boost
    makers: list[tuple[float, Callable[[Scope], bool]]] = [
        (4, _assign_number),
        (2.5, assign_array),
        (boost(2, "augmented number"), _augment_number),
        (boost(3, "store", "augmented element", "augmented slice"), store),
        (boost(2, "augmented array"), augment_array),
        (boost(1.2, "view", "alias", "chained assignment of"), view),
        (boost(0.7, "tuple assignment", "chained assignment", "starless"), _several),
        (boost(0.4, "integer arithmetic"), _integer),
        (boost(0.3, "boolean variable", "test: variable", "test: variable"), _boolean),
        (boost(1.2, "call:"), _procedure),
        (boost(0.5, "local array"), new_array),
        (boost(0.3, "assert", "raise under"), _check),
        (boost(0.4, "swap"), _swap),
        (boost(0.3, "shape unpacked"), _unpack_shape),
        (boost(0.4, "integer array", "store with an integer array", "fancy read"), index_array),
        (boost(0.6, "maybe a view"), maybe_view),
        (boost(0.2, "two views"), two_views),
        (boost(0.0001, "pass"), _nothing),
    ]
    if scope.depth < 3 and scope.budget > 1:
        inner = 1 + scope.depth
        makers += [
            (boost(2.4 / inner, "for nested", "range:", "bound changed", "loop"), _for),
            (boost(1.6 / inner, "elif"), _if),
            (boost(0.5 / inner, "while:"), _while),
            (boost(0.5 / inner, SUMS), loop_of_sums),
            (boost(0.25 / inner, CARRIED), loop_that_carries),
            (boost(0.3 / inner, EXCHANGED), loop_that_exchanges),
        ]
    while True:
        if scope.rng.choices([m for _, m in makers], [w for w, _ in makers])[0](scope):
            return


def _nothing(scope: Scope) -> bool:
    scope.use("pass")
    scope.line("pass")
    return True


def _for(scope: Scope) -> bool:
    return for_loop(scope, block)


def _while(scope: Scope) -> bool:
    return while_loop(scope, block)


def _if(scope: Scope) -> bool:
    scope.use("if")
    scope.line(f"if {strip(condition(scope))}:")
    before, branches = dict(scope.env), []
    kinds = ["if", *(["elif"] if scope.odds(0.25, "elif") else []), *(["else"] if scope.chance(0.6) else [])]
    for k, kind in enumerate(kinds):
        scope.env = dict(before)
        if k:
            scope.use(kind)
            scope.line("else:" if kind == "else" else f"elif {strip(condition(scope))}:")
        scope.indent, scope.depth = scope.indent + 1, scope.depth + 1
        block(scope, scope.rng.randint(1, 3))
        scope.indent, scope.depth = scope.indent - 1, scope.depth - 1
        branches.append(scope.env)
    if kinds[-1] != "else":
        branches.append(before)
    scope.join(branches)
    return True


def _assign_number(scope: Scope) -> bool:
    text = strip(expression(scope, (), 3))
    var = scope.renamed(Var("", "num"), scope.target_name(Var("", "num")))
    if scope.odds(0.06, "annotated assignment"):
        scope.use("annotated assignment")
        scope.line(f"{var.name}: float = {text}")
    else:
        scope.use("assign number")
        scope.line(f"{var.name} = {text}")
    scope.bind(var)
    return True


def _augment_number(scope: Scope) -> bool:
    targets = scope.find("num")
    targets = [t for t in targets if t.name in scope.env]
    if not targets:
        return False
    target, op = scope.rng.choice(targets), scope.pick("+ + - * * / % ** //".split(), "augmented number {}=")
    scope.use(f"augmented number {op}=")
    scope.line(f"{target.name} {op}= {factor(scope, op, ())}")
    return True


def _several(scope: Scope) -> bool:
    roll = {"tuple assignment": 0.2, "chained assignment": 0.5, "starless unpacking of an array": 0.8}[
        scope.pick(["tuple assignment", "chained assignment", "starless unpacking of an array"])
    ]
    if roll < 0.4:
        scope.use("tuple assignment")
        one, two = strip(expression(scope, (), 2)), strip(expression(scope, (), 2))
        a = scope.target_name(Var("", "num"))
        b = scope.target_name(Var("", "num"))
        if a == b:
            return False
        scope.line(f"{a}, {b} = {one}, {two}")
    elif roll < 0.7:
        scope.use("chained assignment")
        a, b = scope.target_name(Var("", "num")), scope.fresh_name()
        scope.line(f"{a} = {b} = {strip(expression(scope, (), 2))}")
    else:
        scope.use("starless unpacking of an array")
        rows = [v for v in scope.find("arr") if v.shape == (2,)]
        if not rows:
            return False
        a, b = scope.target_name(Var("", "num")), scope.fresh_name()
        row = scope.rng.choice(rows).name
        scope.line(f"{a}, {b} = {row}[0], {row}[1]")
    scope.bind(Var(a, "num"))
    scope.bind(Var(b, "num"))
    return True


def _swap(scope: Scope) -> bool:
    """`a, b = b, a` of numbers or of two arrays of one shape (a double buffer)."""
    numbers = [v for v in scope.find("num") if v.name in scope.env]
    arrays = [v for v in scope.arrays() if v.name in scope.env and scope.writable(v)]
    pairs = [(a, b) for a in arrays for b in arrays if a.name < b.name and a.shape == b.shape]
    if pairs and (len(numbers) < 2 or scope.pick(["arrays", "numbers"], "swap {}") == "arrays"):
        a, b = scope.rng.choice(pairs)
        scope.merge(a, b)
        scope.use("swap arrays")
    elif len(numbers) >= 2:
        a, b = scope.rng.sample(numbers, 2)
        scope.use("swap numbers")
    else:
        return False
    scope.line(f"{a.name}, {b.name} = {b.name}, {a.name}")
    return True


def _integer(scope: Scope) -> bool:
    known = [v for v in scope.find("int") if abs(v.hi) < 20 and abs(v.lo) < 20]
    if not known:
        return False
    source, k = scope.rng.choice(known), scope.rng.randint(1, 2)
    name = scope.fresh_name()
    op = scope.rng.choice(["+", "-", "*"])
    lo, hi = {
        "+": (source.lo + k, source.hi + k),
        "-": (source.lo - k, source.hi - k),
        "*": (source.lo * k, source.hi * k),
    }[op]
    scope.use("integer arithmetic")
    scope.line(f"{name} = {source.name} {op} {k}")
    scope.bind(Var(name, "int", lo=lo, hi=hi))
    return True


def _boolean(scope: Scope) -> bool:
    name = scope.fresh_name()
    scope.use("boolean variable")
    scope.line(f"{name} = {strip(condition(scope))}")
    scope.bind(Var(name, "bool"))
    if scope.odds(0.2, "test: variable"):
        scope.use("test: variable")
        one, two = strip(expression(scope, (), 2)), leaf(scope, ())
        var = scope.renamed(Var("", "num"), scope.target_name(Var("", "num")))
        scope.line(f"{var.name} = {one} if {name} else {two}")
        scope.bind(var)
    return True


def _unpack_shape(scope: Scope) -> bool:
    arrays = [a for a in scope.arrays() if len(a.shape) <= 2]
    if not arrays:
        return False
    array = scope.rng.choice(arrays)
    names = [scope.fresh_name() for _ in array.shape]
    scope.use("shape unpacked")
    if len(names) == 1 and scope.chance(0.6):
        scope.line(
            f"{names[0]} = {scope.rng.choice([f'len({array.name})', f'{array.name}.shape[0]', f'{array.name}.size'])}"
        )
    else:
        scope.line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {array.name}.shape")
    for name, size in zip(names, array.shape, strict=True):
        scope.bind(Var(name, "int", lo=size, hi=size))
    return True


def _check(scope: Scope) -> bool:
    if scope.pick(["assert", "raise under an if"]) == "assert":
        scope.use("assert")
        scope.line(f"assert abs({leaf(scope, ())}) < 1e9" + scope.rng.choice(["", ', "too large"']))
    else:
        scope.use("raise under an if")
        scope.line(f"if {leaf(scope, ())} > 1e9:")
        scope.line('    raise ValueError("too large")')
    return True


def _procedure(scope: Scope) -> bool:
    """A call of a function that writes its arguments or returns a view, or several values."""
    helpers = [h for h in scope.helpers if h.written or h.result in ("view", "pair")]
    if not helpers:
        return False
    helper = scope.rng.choice(helpers)
    given: dict[str, str] = {}
    taken: dict[str, Var] = {}
    busy: set[int] = set()
    for p in helper.params:
        if p.form != "arr" or (p.name not in helper.written and p.name != helper.view_of):
            continue
        choices: list[tuple[str, Var]] = []
        for v in scope.arrays():
            if (
                v.name not in scope.env
                or scope.owner(v) in busy
                or (p.name in helper.written and not scope.writable(v))
            ):
                continue
            text = subscript(scope, v.shape, p.shape)
            if v.shape == p.shape:
                choices += [(v.name, v)] * 2
            elif text is not None:
                choices.append((f"{v.name}[{text}]", v))
        if not choices:
            return False
        given[p.name], taken[p.name] = scope.rng.choice(choices)
        busy.add(scope.owner(taken[p.name]))
    for p in helper.params:  # other arrays it reads: never memory that it writes, unless rarely and on purpose
        if p.form == "arr" and p.name not in given:
            free = [v for v in scope.find("arr", p.shape) if scope.owner(v) not in busy or scope.chance(0.1)]
            given[p.name] = scope.rng.choice(free).name if free else f"np.full({shape_text(p.shape)}, {number(scope)})"
    for name in helper.written:
        scope.mark_written(taken[name])
    text = call_text(scope, helper, given, 2)
    if helper.result == "none":
        scope.use("call: statement")
        scope.line(text)
    elif helper.result == "pair":
        scope.use("call: several results")
        a, b = scope.fresh_name(), scope.fresh_name()
        scope.line(f"{a}, {b} = {text}")
        scope.bind(Var(a, "num"))
        scope.bind(Var(b, "num"))
    elif helper.result == "view":
        scope.use("call: returns a view")
        name = scope.fresh_name()
        scope.line(f"{name} = {text}")
        scope.bind(Var(name, "arr", helper.shape, scope.owner(taken[helper.view_of])))
    elif helper.result == "num":
        name = scope.target_name(Var("", "num"))
        scope.line(f"{name} = {text}")
        scope.bind(Var(name, "num"))
    else:
        var = fresh_array(scope, helper.shape)
        scope.line(f"{var.name} = {text}")
        scope.bind(var)
    return True
