"""Compiled code that calls a compiled function many times, as a user's own program does.

In: a Numba dispatcher (a program or its derivative).  Out: a Numba dispatcher that calls it in a loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np


def sum_of_values(f: Callable[..., Any]) -> Callable[..., Any]:
    """f(x, y) over arrays, summed."""

    @numba.njit(error_model="numpy")
    def run(xs, ys):
        total = 0.0
        for i in range(len(xs)):
            total += f(xs[i], ys[i])
        return total

    found: Callable[..., Any] = run
    return found


def sum_of_pairs(f: Callable[..., Any]) -> Callable[..., Any]:
    """The two results of f(x, y) over arrays, summed."""

    @numba.njit(error_model="numpy")
    def run(xs, ys):
        first, second = 0.0, 0.0
        for i in range(len(xs)):
            a, b = f(xs[i], ys[i])
            first += a
            second += b
        return first, second

    found: Callable[..., Any] = run
    return found


def residuals(f: Callable[..., Any]) -> Callable[..., Any]:
    """The two residuals of every observation."""

    @numba.njit(error_model="numpy")
    def run(cameras, points, weights, features):
        out = np.empty((len(weights), 2))
        for i in range(len(weights)):
            out[i] = f(cameras[i % len(cameras)], points[i % len(points)], weights[i], features[i])
        return out

    found: Callable[..., Any] = run
    return found


def blocks_in_place(f: Callable[..., Any]) -> Callable[..., Any]:
    """The 2 x 15 block of every observation, from a Jacobian that fills its three parts."""

    @numba.njit(error_model="numpy")
    def run(cameras, points, weights, features):
        out = np.empty((len(weights), 2, 15))
        for i in range(len(weights)):
            block = out[i]
            camera, point = cameras[i % len(cameras)], points[i % len(points)]
            f(camera, point, weights[i], features[i], block[:, :11], block[:, 11:14], block[:, 14])
        return out

    found: Callable[..., Any] = run
    return found


def blocks(f: Callable[..., Any]) -> Callable[..., Any]:
    """The 2 x 15 block of every observation, from a Jacobian that returns its three parts."""

    @numba.njit(error_model="numpy")
    def run(cameras, points, weights, features):
        out = np.empty((len(weights), 2, 15))
        for i in range(len(weights)):
            camera, point, weight = f(cameras[i % len(cameras)], points[i % len(points)], weights[i], features[i])
            out[i, :, :11] = camera
            out[i, :, 11:14] = point
            out[i, :, 14] = weight
        return out

    found: Callable[..., Any] = run
    return found
