"""Loading generated text: names stay live, the source is visible, files are safe."""

from __future__ import annotations

import inspect
import os
import pdb
import sys
import traceback

import numpy as np
import pytest

from tangent_ad.backends.files import cache_dir
from tangent_ad.backends.python import load
from tangent_ad.core import nodes as n
from tests.frontend.defining import define

TEXT = 'def f(x):\n    """Doc."""\n    return scale(x) * K\n'


@pytest.fixture(autouse=True, params=["files", "off"])
def cache(request, tmp_path, monkeypatch):
    monkeypatch.setenv("TANGENT_AD_CACHE", "off" if request.param == "off" else str(tmp_path / "cache"))
    return None if request.param == "off" else tmp_path / "cache"


def user(**names):
    return define(TEXT, "f", names)


def double(x):
    return 2 * x


def test_globals_are_read_live():
    f = user(scale=double, K=2.0)
    made = load(TEXT, "f", f)
    assert made(1.0) == 4.0
    f.__globals__["K"] = 3.0
    assert made(1.0) == 6.0
    for _ in range(100):  # long enough to be specialised
        assert made(1.0) == 6.0
    f.__globals__["K"] = 4.0
    assert made(1.0) == 8.0


def test_closure_cells_are_read_live():
    k = 2.0

    def f(x):
        return x * k

    def change(value):
        nonlocal k
        k = value

    made = load("def f(x):\n    return x * k\n", "f", f)
    assert made(1.0) == 2.0
    change(5.0)
    assert made(1.0) == 5.0


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("scale", abs, "was bound to another object"),
        ("K", np.ones(2), "changed its kind"),
        ("K", 2, "changed its kind"),
    ],
)
def test_rebinding_raises(name, value, what):
    f = user(scale=double, K=2.0)
    made = load(TEXT, "f", f)
    f.__globals__[name] = value
    with pytest.raises(RuntimeError, match=f"`{name}` {what} after the derivative in .* was generated"):
        made(1.0)


def test_a_deleted_name_is_a_name_error():
    f = user(scale=double, K=2.0)
    made = load(TEXT, "f", f)
    del f.__globals__["K"]
    with pytest.raises(NameError):
        made(1.0)


def test_builtins_and_own_functions_are_found():
    made = load("def g(x):\n    return len(x)\n\n\ndef f(x):\n    return g(x) + abs(-1)\n", "f", None)
    assert made([1, 2]) == 3


def test_externals_come_from_another_scope():
    other = define("K = 10.0\ndef g(x):\n    return K\n", "g")
    made = load("def f(x):\n    return x * K2\n", "f", user(K=1.0, scale=abs), externals=[n.External("K2", other, "K")])
    assert made(2.0) == 20.0
    other.__globals__["K"] = 20.0
    assert made(2.0) == 40.0


def test_it_is_an_ordinary_function():
    made = load(TEXT, "f", user(scale=double, K=2.0), module="tangent_ad.generated.sample.f.grad")
    assert inspect.getsource(made) == TEXT
    assert made.source == TEXT
    assert (made.__doc__, made.__name__, made.__qualname__) == ("Doc.", "f", "f")
    assert made.__module__ == "tangent_ad.generated.sample.f.grad"
    assert sys.modules[made.__module__].f is made
    assert str(inspect.signature(made)) == str(made.__signature__) == "(x)"
    assert not hasattr(made, "__wrapped__")
    assert inspect.isfunction(made)


def test_tracebacks_and_pdb_show_the_line():
    made = load(TEXT, "f", user(scale=double, K=2.0))
    with pytest.raises(TypeError) as caught:
        made(None)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert "return scale(x) * K" in [frame.line for frame in frames]
    assert pdb.Pdb(nosigint=True, readrc=False).set_break(made.__code__.co_filename, 3) is None


def test_files_are_private_and_verified(cache):
    if cache is None:
        assert cache_dir() is None
        return
    path = load("def f(x):\n    return x\n", "f", None).__code__.co_filename
    assert os.path.dirname(path) == str(cache.resolve())
    if os.name == "posix":
        assert cache.stat().st_mode & 0o777 == 0o700
    with open(path, "w") as file:
        file.write("def f(x):\n    return -x\n")
    again = load("def f(x):\n    return x\n", "f", None)
    assert again(1.0) == 1.0 and again.__code__.co_filename == path
    assert inspect.getsource(again) == "def f(x):\n    return x\n"
    assert os.listdir(cache) == [os.path.basename(path)]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has permissions for others")
@pytest.mark.parametrize("cache", ["files"], indirect=True)
def test_a_directory_others_can_write_is_not_used(cache):
    cache.mkdir()
    cache.chmod(0o777)
    made = load("def f(x):\n    return x\n", "f", None)
    assert not os.listdir(cache)
    assert inspect.getsource(made) == "def f(x):\n    return x\n"
