"""Run a written derivative in a fresh interpreter in which tangent_ad cannot be imported.

In: the written file, the name of its function, the arguments.  Out: the function's result.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tangent_ad.errors import TangentError

SCRIPT = '''\
import runpy
import sys


class Block:
    """Refuses to find tangent_ad, wherever it may be installed."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "tangent_ad":
            raise ModuleNotFoundError(name + " is blocked", name=name)


sys.meta_path.insert(0, Block())
try:
    import tangent_ad
except ModuleNotFoundError:
    pass
else:
    sys.exit("tangent_ad could be imported")

import numpy as np

_, module, function, inputs, outputs = sys.argv
with np.load(inputs) as archive:
    arguments = [archive[name] for name in archive.files]
np.savez(outputs, *runpy.run_path(module)[function](*arguments))
'''


def run_alone(module: Path, function: str, arguments: tuple[NDArray[np.float64], ...]) -> list[NDArray[np.float64]]:
    """The arrays that `function` of the file `module` returns for `arguments`, computed in another process.

    Parameters: the written file; a function in it that returns a tuple of arrays; its arguments, all arrays.
    Returns: the arrays.
    Raises: TangentError with the other interpreter's message if it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs = Path(folder, "inputs.npz"), Path(folder, "outputs.npz")
        np.savez(inputs, *arguments)
        command = [sys.executable, "-c", SCRIPT, str(module), function, str(inputs), str(outputs)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise TangentError(f"the written module {module} failed on its own:\n{done.stderr.strip()}")
        with np.load(outputs) as archive:
            return [archive[name] for name in archive.files]
