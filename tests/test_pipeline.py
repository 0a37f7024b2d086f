"""The way of a function: its stages in their order, and what the way leaves behind."""

from __future__ import annotations

import gc
import sys
import threading
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, array
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import statements
from tangent_ad.derived import Derived
from tangent_ad.emit.text import function_text
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.pipeline import MODES, Request, analyse, deep_stack, derive, parameter_kinds, policy_of
from tests.frontend.defining import define
from tests.joint_elsewhere import decay
from tests.simplify.programs import PROGRAMS

NORMAL = ("read", "desugar", "storage")


def f(x, y: float):
    z = x * np.sin(y)
    for i in range(3):
        z = z * x
    return z


def calls(x: float):
    s = decay(x)
    for _ in range(2):
        s = s * decay(s)
    return s


def stages(fn: Any, request: Request) -> list[str]:
    seen: list[str] = []

    def trace(stage: str, made: n.Function) -> None:
        verify(made, stage)
        seen.append(stage)

    derive(fn, request, "made", trace)
    return seen


@pytest.mark.parametrize("mode", MODES)
def test_stages(mode: str) -> None:
    assert stages(f, Request(mode, ("x",))) == [*NORMAL, mode, "simplify"]
    assert stages(calls, Request(mode, ("x",)))[:5] == [*NORMAL, mode, "simplify"]
    joint = stages(calls, Request(mode, ("x",)))[5:]
    assert joint and set(joint) == {"joint call"}
    assert stages(calls, Request(mode, ("x",), joint=False)) == [*NORMAL, mode, "simplify"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fn, args, wrt", PROGRAMS[:4], ids=lambda v: getattr(v, "__name__", ""))
def test_what_may_be_left_out_changes_nothing(fn: Any, args: tuple[Any, ...], wrt: tuple[str, ...], mode: str) -> None:
    """Tracing, optimisation and joint calls: the same values; and without tracing the same text."""
    made = derive(fn, Request(mode, wrt), "made")[1]
    traced = derive(fn, Request(mode, wrt), "made", lambda stage, program: None)[1]
    assert function_text(made) == function_text(traced)
    found = []
    for request in (Request(mode, wrt), Request(mode, wrt, optimise=False), Request(mode, wrt, joint=False)):
        others, last = derive(fn, request, "made")
        given = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
        if mode == "vjp":
            given.insert(0, np.ones_like(fn(*[np.copy(a) if isinstance(a, np.ndarray) else a for a in args])))
        elif mode == "jvp":
            names = [p.name for p in last.params]
            given = [
                np.ones_like(v) if name.endswith("_dot") else v
                for name, v in zip(names, doubled(given, names), strict=True)
            ]
        elif np.ndim(fn(*[np.copy(a) if isinstance(a, np.ndarray) else a for a in args])):
            return
        assert not others
        result = Derived((last,), fn, "made").load()(*given)
        found.append(np.hstack([np.ravel(part) for part in flat(result)]))
    for one in found[1:]:
        np.testing.assert_allclose(one, found[0], rtol=1e-12, atol=1e-14)


def doubled(args: list[Any], names: list[str]) -> list[Any]:
    """Each argument again where its tangent stands."""
    given, out = list(args), []
    for name in names:
        out.append(out[-1] if name.endswith("_dot") else given.pop(0))
    return out


def flat(value: Any) -> list[Any]:
    return [part for v in value for part in flat(v)] if isinstance(value, tuple) else [value]


def test_integers_that_a_derivative_would_round_become_floats() -> None:
    """`x` starts as an integer and takes fractions: its tangent and its tape are floats."""
    g = define("def f(u, k: int):\n    s = 1\n    for i in range(k):\n        s = s * u[i] + 1\n    return s * u[0]\n")
    made = derive(g, Request("grad", ("u",)), "made")[1]
    found = Derived((made,), g, "made").load()(np.array([0.5, 0.25]), 2)
    h = 1e-6
    for k in range(2):
        step = np.eye(2)[k] * h
        both = [g(np.array([0.5, 0.25]) + sign * step, 2) for sign in (1, -1)]
        np.testing.assert_allclose(found[k], (both[0] - both[1]) / (2 * h), rtol=1e-8)


def test_a_variable_called_range_is_refused_where_loops_need_it() -> None:
    hidden = define("def f(x, range):\n    return x * range\n", "f")
    assert derive(hidden, Request("grad", ("x",)), "made")[1].name == "made"
    loop = define("def g(a, k: int):\n    for i in range(k):\n        a = a * a\n    return a\n", "g")
    calling = define("def f(x, k: int):\n    range = g(x, k)\n    return range * x\n", "f", {"g": loop})
    with pytest.raises(RefusedError, match="a variable named `range` hides"):
        derive(calling, Request("grad", ("x",), joint=False), "made")


def test_policies() -> None:
    every = policy_of(Request("grad", ("x",)))
    assert every.reuse and every.recompute and every.preallocate and every.fuse and every.share and not every.typed
    none = policy_of(Request("grad", ("x",), optimise=False))
    assert not (none.reuse or none.recompute or none.preallocate or none.fuse or none.share)
    for name in ("recompute", "preallocate", "fuse", "share"):
        one = policy_of(Request("grad", ("x",), without=frozenset((name,))))
        assert [getattr(one, k) for k in ("recompute", "preallocate", "fuse", "share")].count(False) == 1
        assert getattr(one, name) is False
    assert policy_of(Request("grad", ("x",), kinds=(("x", FLOAT),))).typed


def test_kinds_of_parameters() -> None:
    """A tangent has the rank of its value, in floats; a seed is not told."""
    g = define("def f(u: 'Float[np.ndarray, \"n\"]', k: int, x: float):\n    return np.sum(u) * x * k\n")
    request = Request("jvp", ("u", "x"))
    facts = analyse(derive_read(g), request)
    made = derive(g, request, "made")[1]
    found = parameter_kinds(facts, made)
    assert [(p, kind.rank, kind.dtype) for p, kind in found.items()] == [
        ("u", 1, "float"), ("u_dot", 1, "float"), ("k", 0, "int"), ("x", 0, "float"), ("x_dot", 0, "float")
    ]  # fmt: skip
    reverse = derive(g, Request("vjp", ("u",)), "made")[1]
    assert "out_bar" not in parameter_kinds(facts, reverse)


def derive_read(g: Any) -> n.Function:
    from tangent_ad.frontend.read import read_function

    return read_function(g)


def test_kinds_from_outside_come_before_annotations() -> None:
    g = define("def f(u, x):\n    return u * x\n", "f")
    request = Request("grad", ("u",), kinds=(("u", FLOAT), ("x", FLOAT)))
    guards = [s for s in statements(derive(g, request, "made")[1].body) if isinstance(s, n.Raise)]
    assert not guards
    with pytest.raises(UsageError, match="the result is an array"):
        derive(g, Request("grad", ("u",), kinds=(("u", array(1, "float")), ("x", FLOAT))), "made")


def test_the_deep_stack_is_given_back() -> None:
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    with deep_stack():
        assert sys.getrecursionlimit() >= 12_000 and not gc.isenabled()
        with deep_stack():
            pass
        assert not gc.isenabled(), "the outer one is not done"
        with pytest.raises(KeyError), deep_stack():
            raise KeyError
    assert (sys.getrecursionlimit(), gc.isenabled()) == (limit, collecting)
    gc.disable()
    try:
        with deep_stack():
            pass
        assert not gc.isenabled(), "whoever switched it off wants it off"
    finally:
        gc.enable()


def test_threads() -> None:
    """Derivatives made by several threads at once are those that one makes."""
    wanted = function_text(derive(f, Request("grad", ("x",)), "made")[1])
    found: list[str] = []

    def work() -> None:
        for _ in range(3):
            found.append(function_text(derive(f, Request("grad", ("x",)), "made")[1]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 12
