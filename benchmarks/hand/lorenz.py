"""Adjoints of the Lorenz system, as an expert writes them for Numba.

In: the arguments of the program.  Out: the gradient.  The state is kept at each step; the slopes are computed again.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(error_model="numpy")
def _slopes(x, y, z, s, r, b):
    return s * (y - x), x * (r - z) - y, x * y - b * z


@numba.njit(error_model="numpy")
def _slopes_vjp(x, y, z, s, r, b, p, q, t):
    """The adjoints of the six arguments, given those of the three slopes."""
    return (
        -s * p + (r - z) * q + y * t,
        s * p - q + x * t,
        -x * q - b * t,
        (y - x) * p,
        x * q,
        -z * t,
    )


@numba.njit(error_model="numpy")
def lorenz_grad(x, y, z, s, r, b, h, n):
    """In x, y, z, s, r, b."""
    saved = np.empty((n, 3))
    half, sixth = 0.5 * h, h / 6.0
    for k in range(n):
        saved[k, 0], saved[k, 1], saved[k, 2] = x, y, z
        ax, ay, az = _slopes(x, y, z, s, r, b)
        bx, by, bz = _slopes(x + half * ax, y + half * ay, z + half * az, s, r, b)
        cx, cy, cz = _slopes(x + half * bx, y + half * by, z + half * bz, s, r, b)
        dx, dy, dz = _slopes(x + h * cx, y + h * cy, z + h * cz, s, r, b)
        x += sixth * (ax + 2.0 * bx + 2.0 * cx + dx)
        y += sixth * (ay + 2.0 * by + 2.0 * cy + dy)
        z += sixth * (az + 2.0 * bz + 2.0 * cz + dz)
    gx, gy, gz, gs, gr, gb = 2.0 * x, 2.0 * y, 2.0 * z, 0.0, 0.0, 0.0
    for k in range(n - 1, -1, -1):
        x, y, z = saved[k, 0], saved[k, 1], saved[k, 2]
        ax, ay, az = _slopes(x, y, z, s, r, b)
        x2, y2, z2 = x + half * ax, y + half * ay, z + half * az
        bx, by, bz = _slopes(x2, y2, z2, s, r, b)
        x3, y3, z3 = x + half * bx, y + half * by, z + half * bz
        cx, cy, cz = _slopes(x3, y3, z3, s, r, b)
        x4, y4, z4 = x + h * cx, y + h * cy, z + h * cz
        px, py, pz = sixth * gx, sixth * gy, sixth * gz
        ux, uy, uz, us, ur, ub = _slopes_vjp(x4, y4, z4, s, r, b, px, py, pz)
        qx, qy, qz = 2.0 * px + h * ux, 2.0 * py + h * uy, 2.0 * pz + h * uz
        vx, vy, vz, vs, vr, vb = _slopes_vjp(x3, y3, z3, s, r, b, qx, qy, qz)
        qx, qy, qz = 2.0 * px + half * vx, 2.0 * py + half * vy, 2.0 * pz + half * vz
        wx, wy, wz, ws, wr, wb = _slopes_vjp(x2, y2, z2, s, r, b, qx, qy, qz)
        qx, qy, qz = px + half * wx, py + half * wy, pz + half * wz
        ox, oy, oz, os, or_, ob = _slopes_vjp(x, y, z, s, r, b, qx, qy, qz)
        gx += ux + vx + wx + ox
        gy += uy + vy + wy + oy
        gz += uz + vz + wz + oz
        gs += us + vs + ws + os
        gr += ur + vr + wr + or_
        gb += ub + vb + wb + ob
    return gx, gy, gz, gs, gr, gb
