"""What `ad.explain` says of each variable: beside its line, with the reason, and true of the text that is written."""

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

import tangent_ad as ad

GOLDEN = sorted(p.stem for p in Path(__file__).parents[1].joinpath("golden").glob("[a-z]*.py"))


def storage(f, mode="grad", wrt=0):
    """The listing of the storage, by line of text without its indentation."""
    text = ad.explain(f, mode, wrt)
    listing = re.search(r"^# \d+\. storage: [^\n]*\n(.*?)^# \d+\. ", text, re.MULTILINE | re.DOTALL)[1]
    return [line.strip() for line in listing.splitlines() if line.strip()]


def line_with(f, code, **options):
    [found] = [line for line in storage(f, **options) if line.startswith(code)]
    return found.partition("  # ")[2]


def first_line(f):
    return f.__code__.co_firstlineno


def simulate(x, r, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


def curve(x, y):
    z = np.sin(x) * y  # a slope
    unused = z * 3.0  # noqa: F841
    if z > 0:
        z = z * z
    return z + x


def again(x, n):
    s = 0.0
    for i in range(n):
        d = x - 2.0
        s = s + d * d
        x = x * s
    return x


def alone(x, n):
    s = 0.0
    for i in range(n):
        s += (x - 2.0) * (x - i)
    return s


def branches(x, n):
    s = 0.0
    for i in range(n):
        if np.exp(x * i) > 3.0:
            x = np.sin(x)
        s += x
    return s


def called(x, n):
    for _ in range(n):
        x = inner(x)
    return x


def inner(q):
    r = np.sin(q)
    r = r * r
    return r


def test_kept_for_the_next_iteration():
    at = first_line(simulate) + 2
    assert line_with(simulate, "for") == (
        f"x as an iteration begins: kept in x_saved for the adjoint of line {at}: line {at} overwrites it"
    )
    assert line_with(simulate, "x = r") == "x: active"
    assert storage(simulate, wrt=("x", "r"))[1:4] == [
        "# x: active",
        "# r: active, left in its name",
        "# n: not active, left in its name",
    ]


def test_left_dropped_and_the_users_own_comment():
    assert line_with(curve, "z = np.sin") == "a slope; z: active, left in its name"
    assert line_with(curve, "unused") == "noqa: F841; unused: not active, dropped: nothing needs its value"
    assert line_with(curve, "z = z * z") == "z: active, dropped: nothing needs its value"
    kept = line_with(curve, "z = np.sin", mode="value_and_grad")
    assert kept.startswith("a slope; z: active, computed again for the adjoint of line")
    assert kept.endswith("overwrites it")


def test_computed_again():
    at = first_line(again) + 4
    assert (
        line_with(again, "d = x")
        == f"d: active, computed again for the adjoint of line {at}: line {at - 1} overwrites it in the next iteration"
    )


def test_a_loop_that_runs_with_its_reverse():
    assert line_with(alone, "for") == "the loop: its reverse runs within each iteration"


def smooth(u, c, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


def test_writes_and_what_has_no_name():
    at = first_line(smooth) + 3
    assert line_with(smooth, "u[i]", wrt=("u", "c")) == (
        f"`u[i - 1] - 2.0 * u[i] + u[i + 1]`: active, kept in t_saved for the adjoint of line {at}: "
        f"line {at} overwrites it in the next iteration; u: active, written in place"
    )


def test_conditions():
    assert line_with(branches, "if") == "the condition: kept in branch_saved"


def test_functions_written_in_place():
    found = [line for line in storage(called) if line.startswith("# in a function written in place: ")]
    assert all("np.sin" in line or "kept" in line for line in found)
    assert any("kept" in line for line in [*found, *storage(called)])


def test_forward_mode():
    assert line_with(curve, "unused", mode="jvp").endswith("; unused: not active")
    assert storage(curve, "jvp")[1:3] == ["# x: active, its tangent beside it", "# y: not active"]


@pytest.mark.parametrize("name", GOLDEN)
def test_what_is_said_is_so(name):
    """Every variable is spoken of, and every tape that is named stands in the text."""
    f = importlib.import_module(f"tests.golden.{name}").f
    lines = storage(f)
    said = " ".join(line.partition("#")[2] for line in lines)
    for p in f.__code__.co_varnames[: f.__code__.co_argcount]:
        assert re.search(rf"\b{p}: (not )?active", said)
    source = ad.grad(f).source
    for tape in re.findall(r"kept in (\w+)", said):
        assert re.search(rf"\b{tape}\b", source), tape
