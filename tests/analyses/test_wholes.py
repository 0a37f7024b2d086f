"""Which array parameters are read as a whole."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.wholes import read_whole
from tests.analyses.program import program

HEAD = "u: 'Float[np.ndarray, \"n\"]', m: 'Float[np.ndarray, \"n k\"]', i: int, x: float"


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        ("return np.sum(u) * m[i, 0]", {"u"}),
        ("return u[i - 1] * u[i + 1] + m[i, i]", set()),
        ("s = 0.0\nfor k in range(len(u)):\n    s = s + u[k] * m[0, i]\nreturn s", {"u"}),
        ("s = 0.0\nfor k in range(3):\n    s = s + u[i + k]\nreturn s", set()),  # three elements
        ("s = 0.0\nfor k in range(i):\n    s = s + u[0] * m[k, 0]\nreturn s", set()),  # a column
        ("s = 0.0\nfor k in range(i):\n    for j in range(i):\n        s = s + m[k, j]\nreturn s", {"m"}),
        ("k = 0\ns = 0.0\nwhile k < i:\n    s = s + u[k]\n    k = k + 1\nreturn s", {"u"}),
        ("return u[1:-1] * x", {"u"}),
        ("return u[i:i + 2] * x", set()),
        ("return m[i, :] * x", set()),
        ("return m[:, :2] * x", {"m"}),
        ("return len(u) * m.shape[0] * x", set()),
        ("v = u\nw = v.T\ns = 0.0\nfor k in range(i):\n    s = s + w[k]\nreturn s + m[0, 0]", {"u"}),
        ("if x > 0.0:\n    v = u\nelse:\n    v = m[i]\nreturn np.sum(v)", {"u"}),
        ("v = u * x\nreturn v[0]", {"u"}),
        ("u[i] = x\nreturn u[i]", set()),
    ],
)
def test_arrays_gone_over(body: str, whole: set[str]) -> None:
    assert read_whole(program(HEAD, body, "u m x").fn) & {"u", "m"} == whole
