"""Inputs of the larger programs: ADBench's read from files, or synthetic ones of any size.

In: the folder named by the environment variable TANGENT_AD_ADBENCH_DIR (files `gmm_d2_K5.txt`, ...), or a size and a
seed.  Out: tuples of arguments for the programs in `benchmarks/programs`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
VARIABLE = "TANGENT_AD_ADBENCH_DIR"


class Observations(NamedTuple):
    """A bundle adjustment problem: observation i sees camera i mod n and point i mod m."""

    cameras: Array
    points: Array
    weights: Array
    features: Array

    def arguments(self, i: int) -> tuple[Array, Array, float, Array]:
        """The arguments of `residual` for observation i."""
        camera, point = self.cameras[i % len(self.cameras)], self.points[i % len(self.points)]
        return camera, point, float(self.weights[i]), self.features[i]


def folder() -> Path | None:
    """The folder of the input files, or None if there is none."""
    name = os.environ.get(VARIABLE, "")
    return Path(name) if name and Path(name).is_dir() else None


def read_gmm(path: Path) -> tuple[Any, ...]:
    """alpha, mu, icf, x, gamma, m of a file `gmm_dD_KK.txt`."""
    head, numbers = _read(path)
    d, k, n = head
    alpha, mu, icf, x, last = _split(numbers, (k,), (k, d), (k, d + d * (d - 1) // 2), (n, d), (2,))
    return alpha, mu, icf, x, float(last[0]), int(last[1])


def read_lstm(path: Path) -> tuple[Any, ...]:
    """main, extra, state, sequence of a file `lstm_lL_cC.txt`."""
    head, numbers = _read(path)
    layers, c, b = head
    return tuple(_split(numbers, (2 * layers, 4 * b), (3, b), (2 * layers, b), (c, b)))


def read_ba(path: Path, jitter: float = 0.005, seed: int = 0) -> Observations:
    """The one observation of a file `ba1_*.txt`, replicated to the file's sizes and jittered so that they differ."""
    head, numbers = _read(path)
    camera, point, weight, feature = _split(numbers, (11,), (3,), (1,), (2,))
    return replicate(camera, point, float(weight[0]), feature, (head[0], head[1], head[2]), jitter, seed)


def replicate(
    camera: Array,
    point: Array,
    weight: float,
    feature: Array,
    sizes: tuple[int, int, int],
    jitter: float = 0.005,
    seed: int = 0,
) -> Observations:
    """n cameras, m points and p observations, each a jittered copy of the given one."""
    n, m, p = sizes
    rng = np.random.default_rng(seed)

    def copies(value: Any, *shape: int) -> Array:
        return np.asarray(value * (1.0 + jitter * rng.standard_normal(shape)), dtype=np.float64)

    return Observations(copies(camera, n, 11), copies(point, m, 3), copies(weight, p), copies(feature, p, 2))


def synthetic_gmm(d: int = 3, k: int = 4, n: int = 30, seed: int = 0) -> tuple[Any, ...]:
    """Arguments of the mixture programs, of any size."""
    rng = np.random.default_rng(seed)
    icf = 0.5 * rng.standard_normal((k, d + d * (d - 1) // 2))
    return rng.standard_normal(k), rng.standard_normal((k, d)), icf, rng.standard_normal((n, d)), 1.2, 2


def synthetic_lstm(layers: int = 2, c: int = 12, b: int = 5, seed: int = 0) -> tuple[Any, ...]:
    """Arguments of the LSTM programs, of any size."""
    rng = np.random.default_rng(seed)
    shapes = ((2 * layers, 4 * b), (3, b), (2 * layers, b))
    main, extra, state = (0.5 * rng.standard_normal(shape) for shape in shapes)
    return main, extra, state, rng.integers(0, 2, (c, b)).astype(np.float64)


def synthetic_ba(n: int = 3, m: int = 5, p: int = 7, seed: int = 0) -> Observations:
    """A small bundle adjustment problem."""
    camera = np.array([0.3, -0.4, 0.2, 0.1, 0.2, -4.0, 500.0, 3.0, -2.0, 0.01, -0.002])
    return replicate(camera, np.array([0.5, -0.3, 1.5]), 0.9, np.array([40.0, -20.0]), (n, m, p), seed=seed)


def synthetic_mlp(n: int, widths: tuple[int, int, int] = (64, 64, 10), seed: int = 0) -> tuple[Any, ...]:
    """Arguments of the perceptron: a batch of n."""
    rng = np.random.default_rng(seed)
    i, h, o = widths
    shapes = ((i, h), (h,), (h, o), (o,))
    weights = [rng.standard_normal(shape) / np.sqrt(shape[0]) for shape in shapes]
    return *weights, rng.standard_normal((n, i)), rng.standard_normal((n, o))


def _read(path: Path) -> tuple[list[int], Array]:
    head, _, rest = path.read_text().partition("\n")
    return [int(word) for word in head.split()], np.array(rest.split(), dtype=np.float64)


def _split(numbers: Array, *shapes: tuple[int, ...]) -> list[Array]:
    """Consecutive pieces of `numbers` of the given shapes, which must use all of it."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    if sum(sizes) != numbers.size:
        raise ValueError(f"expected {sum(sizes)} numbers for the shapes {shapes}, found {numbers.size}")
    pieces = np.split(numbers, np.cumsum(sizes)[:-1])
    return [piece.reshape(shape).copy() for piece, shape in zip(pieces, shapes, strict=True)]
