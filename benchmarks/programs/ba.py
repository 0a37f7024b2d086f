"""ADBench's bundle adjustment: the residuals of one observation.

In: camera (11: rotation 3, centre 3, focal, principal point 2, radial 2), point (3), weight, feature (2).
Out: an array of 3: the weighted reprojection error (2) and the weight's own residual.
"""

import math

import numpy as np


def cross(ax, ay, az, bx, by, bz):
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


def rotate(rx, ry, rz, x, y, z):
    """Rodrigues' formula: (x, y, z) turned about the axis r by the angle |r|."""
    square = rx * rx + ry * ry + rz * rz
    if square > 0.0:
        angle = math.sqrt(square)
        c = math.cos(angle)
        s = math.sin(angle) / angle
        cx, cy, cz = cross(rx, ry, rz, x, y, z)
        along = (rx * x + ry * y + rz * z) * (1.0 - c) / square
        px = x * c + cx * s + rx * along
        py = y * c + cy * s + ry * along
        pz = z * c + cz * s + rz * along
    else:
        cx, cy, cz = cross(rx, ry, rz, x, y, z)
        px = x + cx
        py = y + cy
        pz = z + cz
    return px, py, pz


def residual(camera, point, weight, feature):
    x, y, z = rotate(camera[0], camera[1], camera[2], point[0] - camera[3], point[1] - camera[4], point[2] - camera[5])
    u = x / z
    v = y / z
    # radial distortion
    square = u * u + v * v
    scale = camera[6] * (1.0 + camera[9] * square + camera[10] * square * square)
    out = np.empty(3)
    out[0] = weight * (u * scale + camera[7] - feature[0])
    out[1] = weight * (v * scale + camera[8] - feature[1])
    out[2] = 1.0 - weight * weight
    return out


def reprojection(camera, point, weight, feature):
    """The two rows of `residual` that see the point: their Jacobian has 15 columns."""
    x, y, z = rotate(camera[0], camera[1], camera[2], point[0] - camera[3], point[1] - camera[4], point[2] - camera[5])
    u = x / z
    v = y / z
    # radial distortion
    square = u * u + v * v
    scale = camera[6] * (1.0 + camera[9] * square + camera[10] * square * square)
    out = np.empty(2)
    out[0] = weight * (u * scale + camera[7] - feature[0])
    out[1] = weight * (v * scale + camera[8] - feature[1])
    return out
