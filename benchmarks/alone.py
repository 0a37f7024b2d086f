"""One thread, and the processor as it is: what the command needs of its environment before anything is imported.

In: the environment.  Out: `environment()`, what it should be; `restart()` begins the command again with it if it is
not so yet.  Thread pools and kernels are chosen when libraries are loaded, so a setting made later would not count.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

SET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    # first calls are cold
    "TANGENT_AD_CACHE": "off",
}
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NVPL_BLAS_DEBUG_CPU_TYPE")
"""They force a slower kernel than the processor's own upon BLAS."""


def environment(now: Mapping[str, str]) -> dict[str, str]:
    """`now` with one thread for everything and BLAS free to choose its kernel."""
    return {name: value for name, value in now.items() if name not in UNSET} | SET


def restart() -> None:
    """Begin this command again with the right environment, unless it has that."""
    wanted = environment(os.environ)
    if wanted != dict(os.environ):
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]], wanted)
