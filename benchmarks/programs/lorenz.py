"""The Lorenz system by the classical Runge-Kutta method: scalars in a long loop, a callee.

In: the start, the three parameters, the step, how many steps.  Out: the squared distance from the origin at the end.
"""


def slopes(x, y, z, s, r, b):
    return s * (y - x), x * (r - z) - y, x * y - b * z


def lorenz(x, y, z, s, r, b, h, n):
    for _ in range(n):
        ax, ay, az = slopes(x, y, z, s, r, b)
        bx, by, bz = slopes(x + 0.5 * h * ax, y + 0.5 * h * ay, z + 0.5 * h * az, s, r, b)
        cx, cy, cz = slopes(x + 0.5 * h * bx, y + 0.5 * h * by, z + 0.5 * h * bz, s, r, b)
        dx, dy, dz = slopes(x + h * cx, y + h * cy, z + h * cz, s, r, b)
        x = x + h / 6.0 * (ax + 2.0 * bx + 2.0 * cx + dx)
        y = y + h / 6.0 * (ay + 2.0 * by + 2.0 * cy + dy)
        z = z + h / 6.0 * (az + 2.0 * bz + 2.0 * cz + dz)
    return x * x + y * y + z * z
