"""Rules of what derived text uses besides NumPy: tapes, guards, the helpers of writes with repeated indices.

In: nothing.  Out: the registry is filled.  The derivatives of tapes are the modes' own work (the adjoint of `append`
is `pop` of the adjoint tape and the reverse), so they appear here with their kinds only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_ad.core.build import call
from tangent_ad.core.kinds import ANY, BOOL, INT, OTHER, Kind
from tangent_ad.errors import RefusedError
from tangent_ad.rules.registry import custom, linear, zero
from tangent_ad.rules.shapes import dtype_of, kind_of
from tangent_ad.runtime import helpers


def _popped(tape: Any) -> Kind:
    kind = kind_of(tape)
    return kind.elts[0] if kind.form == "tape" and kind.elts else ANY


def _element(buffer: Any, index: Any) -> Kind:
    return Kind("value", dtype_of(kind_of(buffer)), None)


def _of_matrix(a: Any) -> Kind:
    if kind_of(a).has_rank and kind_of(a).rank != 2:
        raise RefusedError("np.linalg.slogdet is differentiated for one matrix", hint="a loop over the matrices")
    return Kind("value", dtype_of(kind_of(a)), 0)


zero(list.append, lambda tape, value: None, lambda tape, value: OTHER, spelling=".append()", writes=(0,))
zero(list.pop, lambda tape: None, _popped, spelling=".pop()", writes=(0,), result="maybe")
zero(range, lambda start, stop, step=1: None, lambda *a: OTHER, spelling="range")
zero(slice, lambda start, stop=None, step=None: None, lambda *a: OTHER, spelling="slice")
zero(np.dtype.kind, lambda dtype: None, lambda dtype: OTHER, spelling=".kind")
zero(np.ndarray.itemsize, lambda a: None, lambda a: INT, spelling=".itemsize")
zero(np.ndarray.flags, lambda a: None, lambda a: OTHER, spelling=".flags")
zero(type(np.empty(0).flags).c_contiguous, lambda flags: None, lambda flags: BOOL, spelling=".c_contiguous")
zero(np.may_share_memory, lambda a, b: None, lambda a, b: BOOL)
zero(helpers.shares_memory, lambda memory, x: None, lambda memory, x: BOOL, spelling="shares_memory")
zero(str.format, lambda text, *values: None, lambda text, *values: OTHER, spelling=".format()")
zero(helpers.det_sign, lambda a: None, _of_matrix, spelling="det_sign")
custom(
    helpers.log_abs_det,
    jvp=lambda y, dots, a: np.sum(np.linalg.inv(a).T * dots[0]),
    vjp=lambda g, y, a: (g * np.linalg.inv(a).T,),
    kind=_of_matrix,
    spelling="log_abs_det",
)
linear(
    helpers.read_last,
    lambda g, buffer, index: call(helpers.place_last, "place_last", g, buffer, index),
    kind=_element,
    spelling="read_last",
)
linear(
    helpers.place_last,
    lambda h, g, buffer, index: call(helpers.read_last, "read_last", h, index),
    kind=lambda g, buffer, index: kind_of(buffer),
    spelling="place_last",
)
