"""Program k of seed s: module text, parameters, arguments.

In: seed and number.  Out: `Program`, the same on every machine.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.random_programs.coverage import profile
from tests.random_programs.expressions import expression, leaf, number, shape_text, strip
from tests.random_programs.indexing import subscript
from tests.random_programs.scope import Helper, Profile, Scope, Var
from tests.random_programs.statements import block


@dataclass(frozen=True)
class Program:
    """A generated module: `source` defines `f`; `params` say what its arguments are; `wrt` names what to derive."""

    name: str
    source: str
    params: tuple[Var, ...]
    wrt: tuple[int, ...]
    dtype: str
    seed: int
    writes: bool
    uses: Counter[str] = field(default_factory=Counter, compare=False)

    def arguments(self, variant: int = 0) -> list[Any]:
        """Argument set `variant`: 0 and 1 ordinary values, 2 with every int 0, 3 with one array passed twice."""
        rng = np.random.RandomState((self.seed * 10 + min(variant, 1)) % 2**32)
        made: list[Any] = []
        for p in self.params:
            if p.form == "int":
                made.append(0 if variant == 2 else p.hi)
            elif p.form == "iarr":
                made.append(rng.randint(p.lo, p.hi + 1, size=p.shape))
            elif p.form == "num":
                made.append(round(float(rng.uniform(-1.5, 1.5)), 3))
            else:
                made.append(np.round(rng.uniform(-1.5, 1.5, size=p.shape), 3).astype(self.dtype))
        if variant == 3:
            first: dict[Any, Any] = {}
            made = [
                first.setdefault(a.shape, a) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in made
            ]
        return made

    def variants(self) -> list[int]:
        shapes = [p.shape for p in self.params if p.form == "arr"]
        return [
            0,
            1,
            *([2] if any(p.form == "int" and p.hi for p in self.params) else []),
            *([3] if len(set(shapes)) < len(shapes) and not self.writes else []),
        ]


def generate(seed: int, number_: int) -> Program:
    """Program `number_` of `seed`."""
    mixed = (seed * 1_000_003 + number_) % 2**31
    rng = random.Random(mixed)
    uses: Counter[str] = Counter()
    dims = [rng.choice([2, 3, 4]), rng.choice([1, 2, 3, 4]), rng.choice([1, 2, 3])]
    steer = profile(seed, number_)
    if rng.random() < steer.odds(0.03, "empty axis"):
        dims[1] = 0
        uses["empty axis"] += 1
    dtype = "float32" if rng.random() < steer.odds(0.08, "dtype float32") else "float64"
    uses[f"dtype {dtype}"] += 1
    head = ["import math", "", "import numpy as np", ""]
    captured: list[Var] = []
    if rng.random() < 0.25:
        uses["module constant"] += 1
        head += [f"RATE = {round(rng.uniform(0.1, 1.5), 2)}", ""]
        captured.append(Var("RATE", "num"))
    if rng.random() < 0.15:
        uses["module array"] += 1
        values = [round(rng.uniform(-1, 1), 2) for _ in range(max(dims[0], 1))]
        kind = ", dtype=np.float32" if dtype == "float32" else ""
        head += [f"TABLE = np.array({values}{kind})", ""]
        captured.append(Var("TABLE", "arr", (len(values),), -1))
    helpers: list[Helper] = []
    texts: list[str] = []
    calls = any(name.startswith("call") for name in steer.wanted)
    for k in range(rng.choice([1, 2] if calls else [0, 0, 0, 1, 1, 2, 3])):
        helper, lines = _helper(rng, uses, dims, helpers, captured, k, steer)
        helpers.append(helper)
        texts += ["", *lines, ""]
    over_array = rng.random() < steer.odds(0.5, "closure over an array")
    closure = rng.random() < max(0.12, steer.odds(0.0, "closure over an array"))
    own = list(captured)
    if closure:
        uses["closure"] += 1
        own.append(Var("gain", "num"))
        if over_array:
            uses["closure over an array"] += 1
            own.append(Var("weights", "arr", (dims[0],), -2))
    params, wrt, lines, writes = _main(rng, uses, dims, helpers, own, steer)
    if closure:
        inner = ["    " + t if t else t for t in lines]
        lines = ["def make():", f"    gain = {round(rng.uniform(0.2, 1.8), 2)}", "", *inner]
        if any(v.name == "weights" for v in own):
            values = [round(rng.uniform(-1, 1), 2) for _ in range(dims[0])]
            lines.insert(2, f"    weights = np.array({values}, dtype=np.{dtype})")
        lines += ["", "    return f", "", "", "f = make()"]
    source = "\n".join([*head, *texts, "", *lines, ""])
    name = f"program_{seed}_{number_}"
    return Program(name, source, params, wrt, dtype, mixed, writes, uses)


def _parameters(rng: random.Random, uses: Counter[str], dims: list[int], count: int) -> list[Var]:
    params = []
    names = rng.sample(["x", "y", "u0", "a0", "w0", "k0", "b0"], count)
    for name in names:
        roll = rng.random()
        if roll < 0.35:
            params.append(Var(name, "num"))
        elif roll < 0.9:
            rank = rng.choice([1, 1, 1, 2, 2, 3])
            params.append(Var(name, "arr", tuple(rng.choice(dims) for _ in range(rank)), len(params) + 1))
            uses[f"parameter of rank {rank}"] += 1
        else:
            params.append(Var(name, "iarr", (rng.randint(1, 4),), lo=0, hi=max(max(dims[0], 1) - 1, 0)))
            uses["parameter: integer array"] += 1
    return params


def _scope(
    rng: random.Random,
    uses: Counter[str],
    dims: list[int],
    helpers: list[Helper],
    captured: list[Var],
    params: list[Var],
    steer: Profile,
) -> Scope:
    scope = Scope(rng, uses, dims, list(helpers), list(captured), profile=steer)
    scope.owners = 100
    scope.env = {p.name: p for p in params}
    return scope


def _annotated(scope: Scope, params: list[Var], often: bool) -> list[str]:
    """The parameters, some with annotations.

    Without them an alias that is written through may be refused, and rightly: `y = x; y += 1` writes into an array but
    not into a number.  So where the program makes aliases the annotations are nearly always there.
    """
    if scope.chance(0.95 if often else 0.1):
        scope.use("parameters annotated")
        kinds = {"num": "float", "int": "int", "arr": "np.ndarray", "iarr": "np.ndarray"}
        return [f"{p.name}: {kinds[p.form]}" for p in params]
    return [f"{p.name}: float" if p.form == "num" and scope.chance(0.2) else p.name for p in params]


def _main(
    rng: random.Random,
    uses: Counter[str],
    dims: list[int],
    helpers: list[Helper],
    captured: list[Var],
    steer: Profile,
) -> tuple[tuple[Var, ...], tuple[int, ...], list[str], bool]:
    params = _parameters(rng, uses, dims, rng.randint(1, 4))
    if not any(p.form in ("num", "arr") for p in params):
        params.append(Var("z0", "num"))
    if rng.random() < 0.4:
        trips = rng.randint(1, 3)
        params.append(Var("n", "int", lo=trips, hi=trips))
        uses["parameter: int"] += 1
    floating = [k for k, p in enumerate(params) if p.form in ("num", "arr")]
    wrt = tuple(sorted(rng.sample(floating, min(len(floating), rng.choice([1, 1, 2, 2, 3])))))
    scope = _scope(rng, uses, dims, helpers, captured, params, steer)
    scope.budget = rng.choice([5, 8, 12] if steer.compiled else [3, 5, 8, 8, 12, 16, 25])
    if rng.random() < 0.15:
        uses["docstring"] += 1
        scope.line('"""A generated program."""')
    block(scope, scope.budget)
    scope.line(f"return {_result(scope)}")
    owners = {p.owner for p in params if p.form == "arr"}
    writes = any(scope.owner(p) in scope.written for p in params if p.form == "arr") or bool(owners & scope.written)
    if writes:
        uses["argument written"] += 1
    often = scope.aliased or any(h.written or h.result == "view" for h in helpers)
    head = f"def f({', '.join(_annotated(scope, params, often))}):"
    return tuple(params), wrt, [head, *scope.lines], writes


def _as_number(scope: Scope, var: Var) -> str:
    if var.form == "num":
        return var.name
    return scope.rng.choice(
        [f"np.sum({var.name})", f"np.sum(np.sin({var.name}))", f"{var.name}.sum()", f"np.sum({var.name} * {var.name})"]
    )


def _result(scope: Scope) -> str:
    """The result: most live values flow into it."""
    live = [v for v in scope.env.values() if v.form in ("num", "arr")]
    if not live:
        return strip(expression(scope, (), 2))
    scope.rng.shuffle(live)
    odds = [
        scope.profile.boost(p, f"result: {name}") for p, name in ((0.18, "array"), (0.15, "tuple"), (0.67, "number"))
    ]
    kind = scope.rng.choices(["array", "tuple", "number"], odds)[0]
    arrays = [v for v in live if v.form == "arr"]
    if kind == "array" and arrays:
        scope.use("result: array")
        return strip(expression(scope, arrays[0].shape, 1)) if scope.chance(0.4) else arrays[0].name
    if kind == "tuple":
        scope.use("result: tuple")
        parts = [v.name if v.form == "num" or scope.chance(0.5) else _as_number(scope, v) for v in live[:3]]
        return ", ".join(parts) if len(parts) > 1 else f"{parts[0]}, 2.0 * {_as_number(scope, live[0])}"
    scope.use("result: number")
    return " + ".join(_as_number(scope, v) for v in live[:5])


def _helper(
    rng: random.Random,
    uses: Counter[str],
    dims: list[int],
    helpers: list[Helper],
    captured: list[Var],
    k: int,
    steer: Profile,
) -> tuple[Helper, list[str]]:
    name = f"part{k + 1}"
    kinds = {
        "num": "function",
        "arr": "function",
        "none": "statement",
        "view": "returns a view",
        "pair": "several results",
    }
    weights = [2.0, 1.0, 2.0, 1.0, 1.0]
    weights = [steer.boost(w, f"call: {name}") for w, name in zip(weights, kinds.values(), strict=True)]
    kind = rng.choices(list(kinds), weights)[0]
    params = [p for p in _parameters(rng, uses, dims, rng.randint(1, 3)) if p.form != "iarr"]
    if kind in ("none", "view") and not any(p.form == "arr" for p in params):
        params.insert(0, Var("v0", "arr", (dims[0],), 50))
    if not params:
        params = [Var("x", "num")]
    scope = _scope(rng, uses, dims, helpers, captured, params, steer)
    scope.budget = rng.randint(1, 3 if steer.compiled else 5)
    if kind == "num" or kind == "arr" or kind == "view":
        scope.frozen |= {p.owner for p in params if p.form == "arr"} if rng.random() < 0.7 else set()
    if "call: default argument" in steer.wanted and params[-1].form != "num":
        params.append(Var("c0", "num"))
        scope.env["c0"] = params[-1]
    often = steer.odds(0.4, "call: default argument")
    defaults = 1 if len(params) > 1 and params[-1].form == "num" and rng.random() < often else 0
    keep = dict(scope.env)
    block(scope, scope.budget)
    view_of, shape = "", ()
    if kind == "none":
        target = next(p for p in params if p.form == "arr")
        scope.line(
            f"{target.name}[...] = 0.5 * {target.name} + {leaf(scope, ())}"
            if scope.env.get(target.name) == target
            else "pass"
        )
    elif kind == "view":
        intact = [p for p in params if p.form == "arr" and scope.env.get(p.name) == keep[p.name]]
        if intact:
            view_of = intact[0].name
            shape = intact[0].shape[1:] if len(intact[0].shape) > 1 and rng.random() < 0.5 else intact[0].shape
            text = subscript(scope, intact[0].shape, shape)
            scope.line(f"return {view_of}[{text}]")
        else:
            kind = "num"
    if kind == "num":
        scope.line(f"return {strip(expression(scope, (), 2))}")
    elif kind == "pair":
        scope.line(f"return {strip(expression(scope, (), 2))}, {strip(expression(scope, (), 1))}")
    elif kind == "arr":
        arrays = [v for v in keep.values() if v.form == "arr"]
        shape = arrays[0].shape if arrays else (dims[0],)
        scope.line(f"return {strip(expression(scope, shape, 2))} * {number(scope)}")
    written = frozenset(p.name for p in params if p.form == "arr" and scope.owner(p) in scope.written)
    if kind == "none":
        written |= {next(p for p in params if p.form == "arr").name}
    texts = _annotated(scope, params, scope.aliased)
    if defaults:
        texts[-1] = f"{params[-1].name}={number(scope)}"
    helper = Helper(name, tuple(params), defaults, written, kind, shape, view_of)
    return helper, [f"def {name}({', '.join(texts)}):", *scope.lines]


__all__ = ["Program", "generate", "shape_text"]
