"""Adjoints as an expert writes them for Numba: what ours are measured against.

In: nothing.  Out: compiled functions with the arguments of the programs, by name.  Importing this needs Numba.
"""

from benchmarks.hand.ba import ba_blocks, ba_parts, ba_parts_into
from benchmarks.hand.gmm import gmm_arrays_grad, gmm_loops_grad
from benchmarks.hand.lorenz import lorenz_grad
from benchmarks.hand.lstm import lstm_arrays_grad, lstm_loops_grad
from benchmarks.hand.mlp import mlp_grad
from benchmarks.hand.scalar import logistic_grad, put_grad, small_grad, small_grads
from benchmarks.hand.stencil import gauss_seidel_grad, jacobi_grad

__all__ = [
    "ba_blocks",
    "ba_parts",
    "ba_parts_into",
    "gauss_seidel_grad",
    "gmm_arrays_grad",
    "gmm_loops_grad",
    "jacobi_grad",
    "logistic_grad",
    "lorenz_grad",
    "lstm_arrays_grad",
    "lstm_loops_grad",
    "mlp_grad",
    "put_grad",
    "small_grad",
    "small_grads",
]
