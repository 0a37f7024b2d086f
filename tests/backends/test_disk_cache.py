"""Compiled derivatives on disk: found by the next process, never an old one, private, movable, off."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = """\
import numba
import numpy as np
import tangent_ad as ad

K = 2.0
TABLE = np.array([1.0, 2.0])


def special(x):
    return x * x


ad.partials(special, lambda y, x: 2.0 * x)


def inner(x):
    return np.sin(x) * K


def f(x, n=3):
    for i in range(n):
        x = inner(x) + special(x) * TABLE[i % 2]
    return x
"""
USE = """\
import time
import numba
from cached_model import ad, f, np

numba.njit(lambda x: x + 1.0)(1.0)  # what Numba itself needs to begin with
start = time.perf_counter()
g = ad.grad(f, jit=True)
value = g(0.3)
spent = time.perf_counter() - start
has_text = "def f_grad" in g.source and list(g.sources.values()) == [g.source]
print(value, sum(g.stats.cache_hits.values()), spent, has_text)
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "cached_model.py").write_text(MODEL)

    def used(cache="cache", code=USE):
        place = cache if cache == "off" else str(tmp_path / cache)
        env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}", "TANGENT_AD_CACHE": place}
        env.pop("NUMBA_CACHE_DIR", None)
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=tmp_path)
        assert not done.stderr, done.stderr
        value, hits, spent, has_text = done.stdout.split()
        assert has_text == "True"
        return float(value), int(hits), float(spent)

    return used


def test_a_second_process_is_warm(run, tmp_path):
    value, hits, cold = run()
    assert hits == 0
    again, hits, warm = run()
    assert again == value and hits == 1
    assert warm < max(0.5, cold / 4), f"{warm:.2f} s, after {cold:.2f} s without the cache"
    for place in ("cache", "cache/__pycache__"):
        assert stat.S_IMODE((tmp_path / place).stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "old, new",
    [
        ("K = 2.0", "K = 2.5"),
        ("[1.0, 2.0]", "[1.0, 2.5]"),
        ("np.sin(x)", "np.cos(x)"),
        ("lambda y, x: 2.0 * x", "lambda y, x: 3.0 * x"),
        ("n=3", "n=4"),
        ("for i in range(n)", "for i in range(n + 1)"),
    ],
)
def test_no_old_derivative_is_served(old, new, run, tmp_path):
    before, _, _ = run()
    assert old in MODEL
    (tmp_path / "cached_model.py").write_text(MODEL.replace(old, new))
    changed, hits, _ = run()
    assert hits == 0 and changed != before
    fresh, _, _ = run(cache="off")
    assert changed == fresh


def test_what_was_accepted_is_not_made_again(run, tmp_path):
    """With all kinds annotated the derivative is made at once, to refuse it at once: by the first process only."""
    (tmp_path / "cached_model.py").write_text(MODEL.replace("def f(x, n=3)", "def f(x: float, n: int = 3)"))
    value, _, _ = run()
    never = "import tangent_ad.compiled as c\ndef never(*a): raise AssertionError\nc.build = never\n"
    assert run(code=never + USE)[:2] == (value, 1)
    (tmp_path / "cached_model.py").write_text(MODEL.replace("def f(x, n=3)", "def f(x: float, n: int = 4)"))
    code = never + USE.replace("g = ad", "from tests.backends.raising import raises\ng = ad")
    code = (
        never + "from cached_model import ad, f\ntry: ad.grad(f, jit=True)\nexcept AssertionError: print(0, 0, 0, True)"
    )
    assert run(code=code) == (0.0, 0, 0.0)


def test_moved_and_off(run, tmp_path):
    value, _, _ = run("elsewhere")
    assert list((tmp_path / "elsewhere" / "__pycache__").glob("*.nbi"))
    assert run("off")[:2] == run("off")[:2] == (value, 0)
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_others_can_write_is_not_used(run, tmp_path):
    (tmp_path / "cache" / "__pycache__").mkdir(parents=True)
    (tmp_path / "cache" / "__pycache__").chmod(0o777)
    assert run()[1] == run()[1] == 0
    assert not list((tmp_path / "cache" / "__pycache__").iterdir())


def test_a_text_that_was_changed_is_not_shown(tmp_path, monkeypatch):
    from tangent_ad.backends.files import note, noted

    monkeypatch.setenv("TANGENT_AD_CACHE", str(tmp_path / "own"))
    note("f_grad", "(float64,)", "def f_grad(x): ...\n")
    assert noted("f_grad", "(float64,)") == "def f_grad(x): ...\n"
    assert noted("f_grad", "(int64,)") is None
    [file] = (tmp_path / "own").glob("*.txt")
    file.write_text(file.read_text().replace("...", "pass"))
    assert noted("f_grad", "(float64,)") is None
