"""Kinds that the user wrote down.

In: a function.  Out: kinds of its parameters, from annotations: numbers, `np.ndarray`, `NDArray[np.float32]`, and the
jaxtyping spelling `Float[np.ndarray, "n d"]`, read from the source.
"""

from __future__ import annotations

import re

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import BOOL, FLOAT, INT, Kind, array

_NUMBERS = {"float": FLOAT, "int": INT, "bool": BOOL, "np.float64": FLOAT, "np.float32": FLOAT.with_dtype("float32")}
_DTYPES = {"Float": "float", "Float64": "float", "Float32": "float32", "Int": "int", "Int64": "int", "Bool": "bool"}
_SHAPED = re.compile(r"""(\w+)\[\s*(?:np\.ndarray|numpy\.ndarray|NDArray|Array)\s*,\s*["']([^"']*)["']\s*\]""")
_NDARRAY = re.compile(r"(?:\w+\.)*NDArray\[\s*(?:np\.|numpy\.)?(\w+)\s*\]")


def annotated_kinds(fn: n.Function) -> dict[str, Kind]:
    """The kinds that annotations give to parameters; `x: float` says a number, not an array."""
    found = {p.name: kind_of_annotation(p.annotation) for p in fn.params if p.annotation}
    return {name: kind for name, kind in found.items() if kind is not None}


def kind_of_annotation(text: str) -> Kind | None:
    """The kind that one annotation means, or None if it says nothing.

    >>> kind_of_annotation('Float[np.ndarray, "n d"]').rank
    2
    """
    text = text.strip().strip("'").strip()
    if text in _NUMBERS:
        return _NUMBERS[text]
    if text in ("np.ndarray", "numpy.ndarray", "NDArray"):
        return array(None, None)
    shaped = _SHAPED.search(text)
    if shaped and shaped[1] in _DTYPES:
        axes = shaped[2].split()
        if any(a.startswith("*") or a == "..." for a in axes):
            return array(None, _DTYPES[shaped[1]])
        return Kind("value", _DTYPES[shaped[1]], len(axes))
    typed = _NDARRAY.search(text)
    if typed:
        dtype = {"float64": "float", "float32": "float32", "bool_": "bool"}.get(typed[1])
        return array(None, dtype or ("int" if "int" in typed[1] else None))
    return None
