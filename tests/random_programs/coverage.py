"""Coverage: how programs are steered so that every production meets every mode, and who goes to the costly modes.

In: seed and number of a program; how often each production met each mode.  Out: its profile; who is checked next.

A program's profile depends on its seed and number alone, so each can be printed and run again by itself: two of three
programs want a few productions that are seldom by themselves, and every third one keeps to what Numba compiles.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from tests.random_programs.scope import NATURAL, Profile

_SELDOM = """
annotated assignment|array of numbers|bound changed in the body|broadcast: missing axis|call: default argument
call: keyword argument|call: procedure|call: returns a view|call: several results|call: statement
call inside a loop or branch|chained assignment of an array|closure over an array|concatenate|copy|cumsum|diag
dtype float32|empty axis|fancy read|for nested 3|for nested 2|function arccosh|function ceil|function floor
function round|function sign|function arcsin|function arccos|function arctanh|function power|index: None|inner
integer array|local array: copy|local array: empty|local array: full|local array: ones|local array: zeros_like
loop variable changed in the body|matmul matrix|matmul stacked|matmul vector|matrix det|matrix inv|matrix slogdet
matrix solve|matrix trace|maybe a view|outer|pass|raise under an if|range: negative step|range: triangular
range: variable|range: zero trips|ravel|reduction max axis|reduction mean axis|reduction min axis|reduction prod axis
reduction sum axis|reduction var axis|reduction: keepdims|reduction: tuple of axes|reduction masked|reshape
result: array|result: tuple|shape unpacked|stack|starless unpacking of an array|swap arrays|swap numbers
store broadcasts|store with an integer array *=|store with an integer array +=|store with an integer array =
test: variable|view: None|view: row|view: transpose|where-guard idiom|while: counted|while: halving|elif
builtin abs|builtin float|builtin int|builtin max|builtin min|builtin sum|alias|assert
augmented element %=|augmented element **=|augmented element *=|augmented element +=|augmented element -=
augmented element /=|augmented slice %=|augmented slice **=|augmented slice *=|augmented slice -=|augmented slice /=
augmented array //=|augmented array %=|augmented array **=|augmented array /=|augmented number %=|augmented number **=
augmented number //=|augmented number /=|loop of sums|loop that carries a name|loop that exchanges names
"""
SELDOM = tuple(name for line in _SELDOM.strip().splitlines() for name in line.split("|"))

NOT_IN_NUMBA = frozenset(
    {
        "inner",  # numpy.inner
        "matmul stacked",  # matrix products of stacks
        *(f"reduction {name} axis" for name in ("max", "mean", "min", "prod", "var")),  # only sum has an axis
        "reduction: keepdims",
        "reduction: tuple of axes",
    }
)
"""Productions that Numba compiles in no program at all, derivative or not."""


RAREST = tuple(
    """
test: variable|index: None|ravel|matrix inv|matrix slogdet|matrix det|range: triangular|bound changed in the body
call: default argument|while: halving|local array: zeros_like|view: transpose|for nested 3|stack|inner
array of numbers|reduction norm|arithmetic on bools|integer arithmetic|function clip|matrix trace|diag
reduction: tuple of axes|chained assignment of an array
""".strip()
    .replace("\n", "|")
    .split("|")
)
"""Productions that are seldom even where they are wanted: they are wanted twice as often."""


def profile(seed: int, number: int) -> Profile:
    """How program `number` of `seed` is steered."""
    rng = random.Random(f"profile {seed} {number}")
    if number % 3 == 2:
        return NATURAL
    compiled = number % 3 == 0
    names = [name for name in (*SELDOM, *RAREST) if not (compiled and name in NOT_IN_NUMBA)]
    return Profile(frozenset(rng.sample(names, 14 if compiled else 10)), compiled)


def applies(production: str, mode: str) -> bool:
    return mode != "jit" or production not in NOT_IN_NUMBA


def candidate(mode: str, number: int) -> bool:
    """May program `number` be chosen for `mode`?"""
    return mode != "jit" or number % 3 == 0


def choose(pool: Mapping[int, Counter[str]], met: Mapping[str, int], mode: str, least: int, how_many: int) -> list[int]:
    """The programs of `pool` (number -> productions) that give most of what `mode` met too seldom, for their size."""
    lacks = Counter({p: least - met[p] for p in met if applies(p, mode) and met[p] < least})
    chosen: list[int] = []
    for _ in range(how_many):
        gains = {
            k: sum(lacks[p] for p in uses if p in lacks) / (30 + sum(uses.values()))
            for k, uses in pool.items()
            if k not in chosen
        }
        best = max(gains, key=lambda k: (gains[k], -k), default=None)
        if best is None or not gains[best]:
            break
        chosen.append(best)
        lacks = Counter({p: n - (p in pool[best]) for p, n in lacks.items() if n - (p in pool[best]) > 0})
    return chosen
