"""States agree only if deriving again would give the same."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_ad import rules  # noqa: F401  (fills the registry)
from tangent_ad.captured import MOST, State, state_of
from tests.frontend.defining import define

TEXT = "def g(x):\n    return K * x\ndef f(x, y=2.0, *, k=(1, 2)):\n    return g(x) * np.sin(y) * tools.scale + C[0]\n"


def made() -> Any:
    tools = types.ModuleType("tools_of_the_user")
    tools.scale, tools.other = 3.0, 5.0  # type: ignore[attr-defined]
    return define(TEXT, "f", {"K": 1.5, "C": np.array([1.0, 2.0]), "tools": tools})


def bind(name: str, value: Any) -> Callable[[Any], None]:
    return lambda f: f.__globals__.__setitem__(name, value)


def set_default(f: Any) -> None:
    f.__defaults__ = (3.0,)


def set_keyword(f: Any) -> None:
    f.__kwdefaults__ = {"k": (1, 3)}


def set_code(f: Any) -> None:
    f.__code__ = define(TEXT.replace("x * y", "x"), "f").__code__


def set_code_of_g(f: Any) -> None:
    f.__globals__["g"].__code__ = define("def g(x):\n    return x\n", "g").__code__


def set_member(f: Any) -> None:
    f.__globals__["tools"].scale = 4.0


def set_attribute(f: Any) -> None:
    f.note = "declared"


CHANGES: dict[str, Callable[[Any], None]] = {
    "a number": bind("K", 2.5),
    "its sign": bind("K", -1.5),
    "its type": bind("K", np.float64(1.5)),
    "a function": bind("g", lambda x: x),
    "a module": bind("np", types.ModuleType("np")),
    "a member of a module": set_member,
    "an array": bind("C", np.array([1.0, 2.0])),
    "a default": set_default,
    "a default by keyword": set_keyword,
    "its code": set_code,
    "the code of what it calls": set_code_of_g,
    "an attribute": set_attribute,
    "an array instead of a number": bind("K", np.array(1.5)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(what: str) -> None:
    f = made()
    before = state_of(f)
    assert before is not None and before.agrees(state_of(f))
    CHANGES[what](f)
    after = state_of(f)
    assert not before.agrees(after)
    assert after is None or after.agrees(state_of(f))


UNSEEN: dict[str, Callable[[Any], None]] = {
    "another global": bind("unrelated", 1.0),
    "another member of the module": lambda f: setattr(f.__globals__["tools"], "other", 6.0),
    "the same number": bind("K", 1.5),
    "the content of an array, which is read when it runs": lambda f: f.__globals__["C"].__setitem__(0, 7.0),
}


@pytest.mark.parametrize("what", UNSEEN)
def test_what_does_not_matter(what: str) -> None:
    f = made()
    before = state_of(f)
    UNSEEN[what](f)
    assert before is not None and before.agrees(state_of(f))


def test_zeros_differ_by_their_sign() -> None:
    f = define("def f(x):\n    return K * x\n", "f", {"K": 0.0})
    before = state_of(f)
    f.__globals__["K"] = -0.0
    assert before is not None and not before.agrees(state_of(f))


@pytest.mark.parametrize("value", [[1.0], {"a": 1.0}, object(), types.SimpleNamespace(a=1.0), (1.0, [2.0]), {1.0}])
def test_what_may_change_unseen_has_no_state(value: Any) -> None:
    f = define("def f(x):\n    return K * x\n", "f", {"K": value})
    assert state_of(f) is None
    g = define("def f(x):\n    return inner(x)\n", "f", {"inner": f})
    assert state_of(g) is None


def closure(k: float) -> Any:
    scale = k

    def f(x):
        return scale * x

    def change(value: float) -> None:
        nonlocal scale
        scale = value

    return f, change


def test_cells() -> None:
    f, change = closure(2.0)
    other, _ = closure(2.0)
    before = state_of(f)
    assert before is not None and not before.agrees(state_of(other)), "another function"
    change(3.0)
    assert not before.agrees(state_of(f))


def test_functions_that_call_each_other() -> None:
    text = "def even(x):\n    return x if x < 1.0 else odd(x - 1.0)\ndef odd(x):\n    return even(x - 1.0)\n"
    even = define(text, "even")
    before = state_of(even)
    assert before is not None and before.agrees(state_of(even))
    even.__globals__["odd"].__defaults__ = (1.0,)
    assert not before.agrees(state_of(even))


def test_too_many_functions_have_no_state() -> None:
    names: dict[str, Any] = {}
    last: Any = None
    for k in range(MOST + 1):
        last = define(f"def f{k}(x):\n    return {f'f{k - 1}(x)' if k else 'x'}\n", f"f{k}", dict(names))
        names[f"f{k}"] = last
        if k == MOST - 1:
            assert state_of(last) is not None
    assert state_of(last) is None


def test_agreeing() -> None:
    one, other = [1.0], [1.0]
    assert not State((one,), ()).agrees(State((other,), ())), "equal is not the same"
    assert State((one,), (1,)).agrees(State((one,), (1,)))
    assert not State((one,), (1,)).agrees(State((one,), (2,)))
    assert not State((one,), ()).agrees(State((one, one), ()))
    assert not State((), ()).agrees(None)


def test_libraries_do_not_change() -> None:
    f = define("def f(x):\n    return math.sin(x) * abs(x) + np.linalg.norm(x)\n", "f")
    before = state_of(f)
    assert before is not None and before.agrees(state_of(f))
    f.__globals__["abs"] = math.fabs
    assert not before.agrees(state_of(f))
