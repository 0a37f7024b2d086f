"""What annotations and guards say."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.annotations import annotated_kinds, kind_of_annotation, named_axes
from tangent_ad.core.kinds import BOOL, FLOAT, INT, Kind, array
from tests.analyses.program import program


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("float", FLOAT),
        ("'float'", FLOAT),
        (" int ", INT),
        ("bool", BOOL),
        ("np.float64", FLOAT),
        ("np.float32", Kind("value", "float32", 0)),
        ("np.ndarray", array(None, None)),
        ("NDArray", array(None, None)),
        ("NDArray[np.float32]", array(None, "float32")),
        ("npt.NDArray[np.float64]", array(None, "float")),
        ("np.typing.NDArray[np.int64]", array(None, "int")),
        ("NDArray[np.bool_]", array(None, "bool")),
        ("NDArray[np.complex128]", array(None, None)),
        ('Float[np.ndarray, "n d"]', array(2)),
        ("\"Float[np.ndarray, 'n 3']\"", array(2)),
        ('Float32[NDArray, "n"]', array(1, "float32")),
        ('Float64[Array, "..."]', array(None, "float")),
        ('Float[np.ndarray, "*batch n"]', array(None, "float")),
        ('Float[np.ndarray, ""]', FLOAT),
        ('Int[np.ndarray, "n"]', array(1, "int")),
        ('jaxtyping.Bool[np.ndarray, "n k"]', array(2, "bool")),
        ('Complex[np.ndarray, "n"]', None),
        ("Sequence[float]", None),
        ("float | None", None),
        ("list[np.ndarray]", None),
        ("", None),
    ],
)
def test_one_annotation(text: str, kind: Kind | None) -> None:
    assert kind_of_annotation(text) == kind


def test_axes_that_are_named() -> None:
    assert named_axes('Float[np.ndarray, " n   k 3 "]') == ("n", "k", "3")
    assert named_axes('Float[np.ndarray, "n+1"]') == ()
    assert named_axes('Float[np.ndarray, "... n"]') == ()
    assert named_axes("float") == ()


GUARD = "raise TypeError('no')"


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (f"if np.ndim(x) != 0:\n    {GUARD}\nreturn x", {"x": Kind("value", None, 0)}),
        (f"if x.ndim != 2 or x.dtype.kind != 'f':\n    {GUARD}\nreturn x", {"x": array(2)}),
        (f"if x.ndim != 1 and y.ndim != 1:\n    {GUARD}\nreturn x", {}),
        (f"if x.ndim == 1:\n    {GUARD}\nreturn x", {}),
        (f"if x.shape != y.shape:\n    {GUARD}\nreturn x", {}),
        (
            f"if y.ndim != 1 or y.dtype.kind != 'f':\n    {GUARD}\nif x.shape != y.shape:\n    {GUARD}\nreturn x",
            {"x": array(1), "y": array(1)},
        ),
        (f"z = 2.0\nif x.ndim != 1:\n    {GUARD}\nreturn x * z", {"x": Kind("value", None, 1)}),
        (f"x = x[0]\nif np.ndim(x) != 0:\n    {GUARD}\nreturn x", {}),
        (f"for _ in range(2):\n    pass\nif np.ndim(x) != 0:\n    {GUARD}\nreturn x", {}),
        (f"if np.ndim(x) != 0:\n    {GUARD}\nelse:\n    x = 2.0\nreturn x", {"x": Kind("value", None, 0)}),
        ("if np.ndim(x) != 0:\n    x = 2.0\nreturn x", {}),
    ],
)
def test_guards(body: str, kinds: dict[str, Kind]) -> None:
    assert annotated_kinds(program("x, y", body).fn) == kinds


def test_a_guard_and_an_annotation() -> None:
    p = program("x: 'NDArray[np.float32]', y: float", f"if x.ndim != 2:\n    {GUARD}\nreturn x * y")
    assert annotated_kinds(p.fn) == {"x": array(2, "float32"), "y": FLOAT}
