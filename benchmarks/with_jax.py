"""The benchmark programs as JAX's users write them.

In: nothing.  Out: `gradients()`: by program, the compiled gradient with the same arguments as ours, and what it is
taken in.  Importing this module needs JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaln, logsumexp

jax.config.update("jax_enable_x64", True)


def small(x, y):
    z = jnp.sin(x) * y
    return jnp.where(z > 0.0, z * z, z) + x


def logistic(w, X, y):
    return jnp.sum(jnp.log1p(jnp.exp(-y * (X @ w))))


def lorenz(x, y, z, s, r, b, h, n):
    def slopes(v):
        x, y, z = v
        return jnp.stack([s * (y - x), x * (r - z) - y, x * y - b * z])

    def step(v, _):
        k1 = slopes(v)
        k2 = slopes(v + 0.5 * h * k1)
        k3 = slopes(v + 0.5 * h * k2)
        k4 = slopes(v + h * k3)
        return v + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4), None

    v, _ = jax.lax.scan(step, jnp.stack([x, y, z]), None, length=n)
    return jnp.sum(v * v)


def gmm(alpha, mu, icf, x, gamma, m):
    n, d = x.shape
    K = alpha.shape[0]
    log_det = jnp.sum(icf[:, :d], axis=1)
    diagonal = jnp.exp(icf[:, :d])
    rows = [i for j in range(d) for i in range(j + 1, d)]
    columns = [j for j in range(d) for i in range(j + 1, d)]
    Q = jax.vmap(lambda v, low: jnp.diag(v).at[jnp.array(rows, int), jnp.array(columns, int)].set(low))
    y = jnp.einsum("kij,knj->kni", Q(diagonal, icf[:, d:]), x[None] - mu[:, None])
    terms = alpha[:, None] + log_det[:, None] - 0.5 * jnp.sum(y * y, axis=2)
    total = jnp.sum(logsumexp(terms, axis=0)) - n * logsumexp(alpha)
    squares = jnp.sum(diagonal * diagonal) + jnp.sum(icf[:, d:] ** 2)
    prior = 0.5 * gamma * gamma * squares - m * jnp.sum(log_det)
    a = 0.5 * (d + m + 1)
    log_gamma = 0.25 * d * (d - 1) * jnp.log(jnp.pi) + jnp.sum(gammaln(a - 0.5 * jnp.arange(d)))
    constant = 2.0 * a * d * (jnp.log(gamma) - 0.5 * jnp.log(2.0)) - log_gamma
    return total - 0.5 * n * d * jnp.log(2.0 * jnp.pi) + prior - K * constant


def lstm(main, extra, state, sequence):
    c, b = sequence.shape
    layers = state.shape[0] // 2

    def step(s, pair):
        x = pair[0] * extra[0]
        for k in range(layers):
            w, bias = main[2 * k].reshape(4, b), main[2 * k + 1].reshape(4, b)
            forget, outgate = (jax.nn.sigmoid(x * w[g] + bias[g]) for g in (0, 2))
            ingate = jax.nn.sigmoid(s[2 * k] * w[1] + bias[1])
            cell = s[2 * k + 1] * forget + ingate * jnp.tanh(s[2 * k] * w[3] + bias[3])
            x = outgate * jnp.tanh(cell)
            s = s.at[2 * k + 1].set(cell).at[2 * k].set(x)
        y = x * extra[1] + extra[2]
        return s, jnp.sum(pair[1] * (y - jnp.log(2.0 + jnp.sum(jnp.exp(y)))))

    _, losses = jax.lax.scan(step, state, (sequence[:-1], sequence[1:]))
    return -jnp.sum(losses) / ((c - 1) * b)


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[int, ...], tuple[int, ...]]] = {
    "small": (small, (0, 1), ()),
    "logistic": (logistic, (0,), ()),
    "lorenz": (lorenz, (0, 1, 2, 3, 4, 5), (7,)),
    "gmm": (gmm, (0, 1, 2), (5,)),
    "lstm": (lstm, (0, 1), ()),
}
"""Program, what it is differentiated in, which arguments are fixed when it is compiled."""


def gradient(name: str) -> Callable[..., Any] | None:
    """JAX's compiled gradient of a program, which waits for its result; None if there is no such program."""
    if name not in PROGRAMS:
        return None
    f, places, static = PROGRAMS[name]
    compiled = jax.jit(jax.grad(f, argnums=places), static_argnums=static)
    return lambda *args: jax.block_until_ready(compiled(*args))
