"""Gauss-Seidel sweeps in place: every cell reads neighbours that were overwritten just before.

In: the field u (n, m), which is written; the coupling k; the loss e; how many sweeps.  Out: the squared norm of u.
"""


def gauss_seidel(u, k, e, sweeps):
    n, m = u.shape
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                around = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
                u[i, j] = u[i, j] + k * (around - 4.0 * u[i, j]) - e * u[i, j] * u[i, j]
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += u[i, j] * u[i, j]
    return total
