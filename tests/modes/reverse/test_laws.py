"""Every law of reverse mode has derivatives that break it, and each of them is found out."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.errors import InternalError
from tangent_ad.pipeline import Request, derive
from tangent_ad.storage import place as placing
from tangent_ad.storage.plan import _Planner
from tangent_ad.storage.values import Values
from tests.modes.reverse.broken import Derivative, derivative, earlier, found_out, renamed, uncopied


def carried(x, r, n):
    for _ in range(n):
        y = r * x
        x = y * (1.0 - x)
    return x


def overwritten(x, y):
    z = x * y
    z = z * np.sin(z)
    return z * x


def branches(x, n):
    for _ in range(n):
        if x > 0.5:
            x = x * x * 0.4
        else:
            x = np.sin(x) + x * x
    return x


def unknown_trips(x, b):
    while x < 5.0:
        y = np.exp(0.3 * x)
        x = x + y * b * x
    return x


def in_place(u: Float[np.ndarray, "n"], n):
    for _ in range(n):
        v = u * u
        u[1] = v[0] * u[0]
        v[0] = 1.0
        u = np.sin(u) * v
    return np.sum(u)


def backwards(x, m):
    s = x
    for i in range(m, 0, -1):
        for j in range(i):
            s = s * np.cos(s) + x * j
    return s


def written_first(u: Float[np.ndarray, "n"], n):
    u[0] = u[1] * u[2]
    return u[0] * u[1]


def nested_while(x, m):
    for _ in range(m):
        y = x
        while y < 3.0:
            y = y * np.exp(y) + x
        x = x + 0.1 * np.exp(-y)
    return x


def element_in_place(u, n):
    for i in range(n):
        first = u[i]
        u[i] = first * u[i + 1]
        u[i + 1] = first + u[i] * u[i]
    return np.sum(u)


def two_values(x, n):
    for _ in range(n):
        y = np.sin(x)
        x = x * y
        y = y * x
        x = x + y * y
    return x


ARGS: dict[Any, tuple[Any, ...]] = {
    carried: (0.3, 2.5, 4),
    overwritten: (0.4, 1.3),
    branches: (0.9, 4),
    unknown_trips: (0.4, 0.7),
    in_place: (np.array([0.3, 0.8, -0.4]), 3),
    backwards: (0.4, 3),
    nested_while: (0.4, 3),
    written_first: (np.array([0.3, 0.8, -0.4]), 3),
}
REFERENCE = {"optimise": False}


def restore_of_another_time(good: Derivative) -> Derivative:
    """`x` is bound once more between its restore and the adjoint that reads it."""
    later = n.Assign(n.Name("x"), n.Call(operator.add, "+", (n.Name("x"), n.Const(1.0))))
    return good.with_behind("x = x_saved[_]", later)


def shared_with_a_buffer(good: Derivative) -> Derivative:
    """The adjoint that is returned and the one that is written in place are one array."""
    return good.changed("u_bar = spread(u_bar, u3)@0", lambda e: e.args[0] if isinstance(e, n.Call) else e).changed(
        "u_bar = np.zeros((1,))", lambda e: n.Name("v_bar") if isinstance(e, n.Call) else e
    )


VERSION = "broke the version law"
OWNERSHIP = "broke the ownership law"
TAPE = "broke the tape law"
BROKEN: dict[str, tuple[Any, str, Any]] = {
    "a restore is dropped": (carried, VERSION, lambda d: d.without("x = x_saved[_]")),
    "what is computed again is not": (carried, VERSION, lambda d: d.without("y = r * x@1")),
    "a restore comes too late": (carried, VERSION, lambda d: d.moved("x = x_saved[_]", "t = 1.0 - x@1")),
    "a restore is overwritten": (carried, VERSION, restore_of_another_time),
    "a tape of another iteration is read": (carried, TAPE, lambda d: d.changed("x = x_saved[_]", earlier)),
    "a tape is filled for another iteration": (carried, TAPE, lambda d: d.changed("x_saved[_] = x", earlier)),
    "a tape is not filled": (carried, TAPE, lambda d: d.without("x_saved[_] = x")),
    "a tape is filled too late": (carried, TAPE, lambda d: d.moved("x_saved[_] = x", "x = y * t")),
    "an operand is computed too late": (overwritten, VERSION, lambda d: d.moved("z2 = x * y", "t_bar = z_bar * z2")),
    "two pops are swapped": (unknown_trips, VERSION, lambda d: d.changed(
        "x = x_saved.pop()", renamed("x", "y")).changed("y = y_saved.pop()", renamed("y", "x"))),
    "two tapes are swapped": (unknown_trips, VERSION, lambda d: d.changed("x = x_saved.pop()", renamed("x_saved", "t"))
                              .changed("y = y_saved.pop()", renamed("y_saved", "x_saved"))),
    "a value is put on a list behind its change": (unknown_trips, TAPE, lambda d: d.moved(
        "x_saved.append(x)", "x = x + t3")),
    "an iteration is not counted": (unknown_trips, TAPE, lambda d: d.without("trips += 1")),
    "a counter starts before all loops": (nested_while, TAPE, lambda d: d.moved("trips = 0", "y_saved = []")),
    "a counter comes back too late": (nested_while, TAPE, lambda d: d.moved(
        "trips = int(trips_saved[_])", "for k in range(trips):")),
    "a loop runs forwards again": (nested_while, TAPE, lambda d: d.changed(
        "for _ in range(m - 1, -1, -1):", lambda e: n.Const(1) if e == n.Const(-1) else e)),
    "an array is kept by reference": (in_place, TAPE, lambda d: d.changed("u_saved.append(u.copy())", uncopied)),
    "an array is kept after a write": (in_place, TAPE, lambda d: d.moved("u_saved.append(u.copy())", "u[1] = t3")),
    "an element of another iteration": (in_place, TAPE, lambda d: d.changed("t = t_saved[_]", earlier)),
    "the argument is not copied": (in_place, OWNERSHIP, lambda d: d.without("u = u.copy()")),
    "the argument is copied after a write": (written_first, OWNERSHIP, lambda d: d.moved("u = u.copy()", "u[0] = t3")),
    "an adjoint shares memory": (in_place, OWNERSHIP, shared_with_a_buffer),
    "rows are read in the other order": (backwards, TAPE, lambda d: d.changed(
        "s = s_saved[m - i, j]", lambda e: n.Tuple(e.elts[::-1]) if isinstance(e, n.Tuple) else e)),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found_out(what: str) -> None:
    f, law, breaks = BROKEN[what]
    good = derivative(f, f.__code__.co_varnames[0])
    good.check()
    with pytest.raises(InternalError, match=law):
        breaks(good).check()


def bounds_bound_within(u: np.ndarray, y: float):
    for _ in range(1, len(u)):
        u = 2.0 * y
        y = y * y + u
    return u + y


def test_what_is_sound_passes() -> None:
    for f in (*ARGS, bounds_bound_within):
        for options in ({}, REFERENCE):
            derivative(f, "y" if f is bounds_bound_within else f.__code__.co_varnames[0], **options).check()


ALL = [(f, {}) for f in ARGS if f is not in_place] + [(f, REFERENCE) for f in (carried, branches)]


@pytest.mark.parametrize(("f", "options"), ALL, ids=lambda x: getattr(x, "__name__", "reference" if x else "best"))
def test_no_mutant_is_wrong_and_unnoticed(f: Any, options: dict[str, Any]) -> None:
    good = derivative(f, f.__code__.co_varnames[0], **options)
    assert found_out(good, *ARGS[f]) or not good.sweeps.tapes


SABOTAGE: dict[str, tuple[Any, str, Any, tuple[Any, ...]]] = {
    "nothing is thought to change": (Values, "may_change", lambda *_: False, (carried, unknown_trips, in_place)),
    "writes are thought harmless": (Values, "may_hit", lambda *_: False, (element_in_place,)),
    "loops are forgotten": (Values, "loops_in_sweep", lambda *_: (), (carried, unknown_trips, in_place)),
    "nothing is thought to be written later": (placing, "is_written_later", lambda *_: False, (in_place,)),
    "names are thought free": (_Planner, "settle_name", lambda *_: None, (overwritten, two_values)),
}


@pytest.mark.parametrize("what", SABOTAGE)
def test_a_storage_room_that_errs_is_found_out(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, instead, functions = SABOTAGE[what]
    for f in functions:
        derivative(f, f.__code__.co_varnames[0]).check()
        with monkeypatch.context() as patch:
            patch.setattr(place, name, instead)
            with pytest.raises(InternalError, match=r"broke the (version|tape) law"):
                derive(f, Request("grad", (f.__code__.co_varnames[0],)), "f_grad")
