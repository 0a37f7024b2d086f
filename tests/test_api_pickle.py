"""Derivatives pickle where the function does: their module's name is the recipe."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

import tangent_ad as ad

MODULE = """
import numpy as np

K = 2.0


def f(x, y=1.0):
    return np.sum(np.sin(x)) * y * K


class Shapes:
    @staticmethod
    def cube(x):
        return x ** 3
"""

READER = """
import pickle, sys
import numpy as np
made = pickle.load(sys.stdin.buffer)
print([float(np.sum(g(np.array([0.3, 0.9])))) if n == 1 else float(g(2.0, 1.0)) for g, n in made])
"""

SPAWN = """
import multiprocessing
import tangent_ad as ad

def cube(x):
    return x * x * x

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(ad.grad(cube), [1.0, 2.0]), pool.map(ad.grad(ad.grad(cube)), [1.0, 2.0]))
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "pickled_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pickled_module", raising=False)
    return importlib.import_module("pickled_module")


def environment(path):
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(path), *filter(None, sys.path)])}


def test_in_a_fresh_process(module, tmp_path):
    made = [
        (ad.grad(module.f), 1),
        (ad.hessian(module.f), 1),
        (ad.grad(module.f, wrt=("x",)), 1),
        (ad.jacobian(module.f, mode="forward"), 1),
        (ad.hvp(module.Shapes.cube), 2),
        (ad.hvp(ad.grad(module.Shapes.cube)), 2),
    ]
    data = pickle.dumps(made)
    done = subprocess.run([sys.executable, "-c", READER], input=data, capture_output=True, env=environment(tmp_path))
    assert not done.stderr.decode()
    expected = [float(np.sum(g(np.array([0.3, 0.9])))) if n == 1 else float(g(2.0, 1.0)) for g, n in made]
    assert done.stdout.decode().strip() == str(expected)


def test_in_a_spawned_process(tmp_path):
    script = tmp_path / "spawning.py"
    script.write_text(SPAWN)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment(tmp_path))
    assert done.stdout.strip() == "[3.0, 12.0] [6.0, 12.0]", done.stderr


def test_the_same_object_comes_back(module):
    made = ad.value_and_grad(module.f, wrt=("x", "y"))
    assert pickle.loads(pickle.dumps(made)) is made
    assert made.__module__ == "tangent_ad.generated.pickled_module.f.value_and_grad_x,y"
    assert importlib.import_module(made.__module__).f_value_and_grad_x_y is made


def test_what_cannot_be_pickled_itself():
    def local(x):
        return x * x

    for f in (local, lambda x: x * x):
        with pytest.raises((AttributeError, pickle.PicklingError)):
            pickle.dumps(ad.grad(f))


def test_a_changed_capture_makes_a_new_function(module):
    made = ad.grad(module.f)
    assert made(0.0) == 2.0
    module.K = 3.0
    assert made(0.0) == 3.0
    module.K = np.array(3.0)
    assert ad.grad(module.f) is not made


COMPILED_READER = """
import pickle, sys
print([g(2.0) for g in pickle.load(sys.stdin.buffer)])
"""

MAIN = """
import sys
import numpy as np
import tangent_ad as ad

K = 3.0

def helper(x):
    return np.sin(x) * K

def f(x):
    return helper(x) * x

def closure(k):
    def g(x):
        return k * x * x
    return g
"""

JOBLIB = """
from joblib import Parallel, delayed
if __name__ == "__main__":
    for g in (ad.grad(f), ad.grad(closure(3.0)), ad.grad(f, jit=True)):
        found = Parallel(n_jobs=2)(delayed(g)(x) for x in (0.0, 1.0))
        print([float(v) for v in found] == [float(g(0.0)), float(g(1.0))])
"""

CLOUDPICKLE = """
import cloudpickle, subprocess
made = [ad.grad(f), ad.hessian(f), ad.grad(closure(3.0)), ad.grad(lambda x: x * x * K), ad.grad(closure(3.0), jit=True)]
code = "import pickle, sys; print([float(g(2.0)) for g in pickle.load(sys.stdin.buffer)])"
done = subprocess.run([sys.executable, "-c", code], input=cloudpickle.dumps(made), capture_output=True)
print(done.stdout.decode().strip() == str([float(g(2.0)) for g in made]), done.stderr.decode())
"""


def test_compiled_derivatives_in_a_fresh_process(module, tmp_path):
    made = [ad.grad(module.Shapes.cube, jit=True), ad.grad(ad.grad(module.Shapes.cube, jit=True))]
    data = pickle.dumps(made)
    command = [sys.executable, "-c", COMPILED_READER]
    done = subprocess.run(command, input=data, capture_output=True, env=environment(tmp_path))
    assert done.stdout.decode().strip() == "[12.0, 12.0]", done.stderr.decode()


@pytest.mark.parametrize("package, script, lines", [("joblib", JOBLIB, 3), ("cloudpickle", CLOUDPICKLE, 1)])
def test_functions_of_a_script_and_closures(package, script, lines, tmp_path):
    """What plain pickle cannot name in another process, joblib and cloudpickle carry whole."""
    pytest.importorskip(package)
    path = tmp_path / "script.py"
    path.write_text(MAIN + script)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, env=environment(tmp_path))
    assert done.stdout.split() == ["True"] * lines, done.stdout + done.stderr
