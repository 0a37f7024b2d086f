"""The Jacobian blocks of bundle adjustment, as an expert writes them for Numba: shared values once, then two rows.

In: cameras (n, 11), points (m, 3), weights (p), features (p, 2).  Out: blocks (p, 2, 15): camera, point, weight.  Three
forms of the same formulas: `ba_parts` returns the derivatives in camera, point and weight of one observation as arrays,
`ba_parts_into` fills three such arrays, as ours do; `ba_blocks` goes over all observations itself and fills each block
as one array.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(error_model="numpy", inline="always")
def _formulas(camera, point, weight, feature, camera_jac, point_jac, weight_jac):
    rx, ry, rz = camera[0], camera[1], camera[2]
    x, y, z = point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]
    square = rx * rx + ry * ry + rz * rz
    cx, cy, cz = ry * z - rz * y, rz * x - rx * z, rx * y - ry * x
    if square > 0.0:
        angle = math.sqrt(square)
        c = math.cos(angle)
        s = math.sin(angle) / angle
        k = (1.0 - c) / square
        # derivatives of c, s, k in the square of the angle
        dc = -0.5 * s
        ds = 0.5 * (c - s) / square
        dk = (0.5 * s - k) / square
    else:
        c, s, k, dc, ds, dk = 1.0, 1.0, 0.0, 0.0, 0.0, 0.0
    dot = rx * x + ry * y + rz * z
    px = x * c + cx * s + rx * dot * k
    py = y * c + cy * s + ry * dot * k
    pz = z * c + cz * s + rz * dot * k
    u, v = px / pz, py / pz
    far = u * u + v * v
    focal, k1, k2 = camera[6], camera[9], camera[10]
    radial = 1.0 + k1 * far + k2 * far * far
    scale = focal * radial
    slope = 2.0 * focal * (k1 + 2.0 * k2 * far)
    for row in range(2):
        w = u if row == 0 else v
        # the adjoint of u, v, then of p
        gu = weight * (w * slope * u + (scale if row == 0 else 0.0))
        gv = weight * (w * slope * v + (scale if row == 1 else 0.0))
        qx, qy = gu / pz, gv / pz
        qz = -(qx * u + qy * v)
        along = qx * rx + qy * ry + qz * rz
        turned = qx * cx + qy * cy + qz * cz
        g_square = dc * (qx * x + qy * y + qz * z) + ds * turned + dk * along * dot
        camera_jac[row, 0] = qx * dot * k + s * (y * qz - z * qy) + x * along * k + 2.0 * rx * g_square
        camera_jac[row, 1] = qy * dot * k + s * (z * qx - x * qz) + y * along * k + 2.0 * ry * g_square
        camera_jac[row, 2] = qz * dot * k + s * (x * qy - y * qx) + z * along * k + 2.0 * rz * g_square
        gx = c * qx + s * (qy * rz - qz * ry) + rx * along * k
        gy = c * qy + s * (qz * rx - qx * rz) + ry * along * k
        gz = c * qz + s * (qx * ry - qy * rx) + rz * along * k
        camera_jac[row, 3], camera_jac[row, 4], camera_jac[row, 5] = -gx, -gy, -gz
        camera_jac[row, 6] = weight * w * radial
        camera_jac[row, 7], camera_jac[row, 8] = weight * (row == 0), weight * (row == 1)
        camera_jac[row, 9] = weight * w * focal * far
        camera_jac[row, 10] = weight * w * focal * far * far
        point_jac[row, 0], point_jac[row, 1], point_jac[row, 2] = gx, gy, gz
        weight_jac[row] = w * scale + camera[7 + row] - feature[row]


@numba.njit(error_model="numpy")
def ba_parts(camera, point, weight, feature):
    """The derivatives of one observation's two rows."""
    camera_jac, point_jac, weight_jac = np.empty((2, 11)), np.empty((2, 3)), np.empty(2)
    _formulas(camera, point, weight, feature, camera_jac, point_jac, weight_jac)
    return camera_jac, point_jac, weight_jac


@numba.njit(error_model="numpy")
def ba_parts_into(camera, point, weight, feature, camera_jac, point_jac, weight_jac):
    """The same, into arrays that the caller gives."""
    _formulas(camera, point, weight, feature, camera_jac, point_jac, weight_jac)


@numba.njit(error_model="numpy")
def ba_blocks(cameras, points, weights, features):
    """One block of 2 x 15 for each observation."""
    out = np.empty((len(weights), 2, 15))
    for i in range(len(weights)):
        _block(cameras[i % len(cameras)], points[i % len(points)], weights[i], features[i], out[i])
    return out


@numba.njit(error_model="numpy")
def _block(camera, point, weight, feature, out):
    _formulas(camera, point, weight, feature, out[:, :11], out[:, 11:14], out[:, 14])
