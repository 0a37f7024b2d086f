"""The benchmark programs as JAX's users write them.

In: a program's name.  Out: `gradients(name)`: compiled derivatives with the same arguments as ours, which wait for
their results; for a scan also with a checkpoint on its body.  Importing this module needs JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaln, logsumexp

jax.config.update("jax_enable_x64", True)


def small(x, y):
    z = jnp.sin(x) * y
    return jnp.where(z > 0.0, z * z, z) + x


def small_sums(xs, ys):
    return jax.vmap(small)(xs, ys).sum()


def logistic(w, X, y):
    return jnp.sum(jnp.log1p(jnp.exp(-y * (X @ w))))


def lorenz(x, y, z, s, r, b, h, n, around=lambda body: body):
    def slopes(x, y, z):
        return s * (y - x), x * (r - z) - y, x * y - b * z

    def ahead(v, k, h):
        return tuple(a + h * d for a, d in zip(v, k, strict=True))

    def step(v, _):
        k1 = slopes(*v)
        k2 = slopes(*ahead(v, k1, 0.5 * h))
        k3 = slopes(*ahead(v, k2, 0.5 * h))
        k4 = slopes(*ahead(v, k3, h))
        mean = tuple(p + 2.0 * q + 2.0 * t + u for p, q, t, u in zip(k1, k2, k3, k4, strict=True))
        return ahead(v, mean, h / 6.0), None

    v, _ = jax.lax.scan(around(step), tuple(jnp.asarray(a) for a in (x, y, z)), None, length=n)
    return sum(a * a for a in v)


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


def lstm(main, extra, state, sequence, around=lambda body: body):
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

    _, losses = jax.lax.scan(around(step), state, (sequence[:-1], sequence[1:]))
    return -jnp.sum(losses) / ((c - 1) * b)


def jacobi(start, k, e, sweeps, around=lambda body: body):
    def sweep(u, _):
        c = u[1:-1, 1:-1]
        near = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        return u.at[1:-1, 1:-1].set(c + k * (near - 4.0 * c) - e * c * c), None

    u, _ = jax.lax.scan(around(sweep), start, None, length=sweeps)
    return jnp.sum(u * u)


def put(share, strike, rate, volatility, years, steps, around=lambda body: body):
    dt = years / steps
    up = jnp.exp(volatility * jnp.sqrt(dt))
    discount = jnp.exp(-rate * dt)
    p = (1.0 / discount - 1.0 / up) / (up - 1.0 / up)
    gain = strike - share * jnp.exp(jnp.arange(-steps, steps + 1) * volatility * jnp.sqrt(dt))
    even = jnp.arange(steps + 1)

    # every step works on all cells; those beyond the tree are never read
    def step(value, k):
        hold = discount * (p * jnp.append(value[1:], 0.0) + (1.0 - p) * value)
        exercise = gain[jnp.minimum(2 * even - k + steps, 2 * steps)]
        return jnp.where(exercise > hold, exercise, hold), None

    value, _ = jax.lax.scan(around(step), jnp.maximum(gain[2 * even], 0.0), jnp.arange(steps - 1, -1, -1))
    return value[0]


def mlp(W1, b1, W2, b2, x, target):
    r = jnp.tanh(x @ W1 + b1) @ W2 + b2 - target
    return jnp.mean(r * r)


def reprojection(camera, point, weight, feature):
    r, q = camera[:3], point - camera[3:6]
    square = r @ r
    angle = jnp.sqrt(square)
    c = jnp.cos(angle)
    turned = q * c + jnp.cross(r, q) * jnp.sin(angle) / angle + r * (r @ q) * (1.0 - c) / square
    uv = turned[:2] / turned[2]
    far = uv @ uv
    scale = camera[6] * (1.0 + camera[9] * far + camera[10] * far * far)
    return weight * (uv * scale + camera[7:9] - feature)


def blocks(cameras, points, weights, features):
    i = jnp.arange(len(weights))
    jacobian = jax.vmap(jax.jacrev(reprojection, argnums=(0, 1, 2)))
    camera, point, weight = jacobian(cameras[i % len(cameras)], points[i % len(points)], weights, features)
    return jnp.concatenate([camera, point, weight[..., None]], axis=2)


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[int, ...], tuple[int, ...]]] = {
    "small": (small, (0, 1), ()),
    "logistic": (logistic, (0,), ()),
    "lorenz": (lorenz, (0, 1, 2, 3, 4, 5), (7,)),
    "gmm": (gmm, (0, 1, 2), (5,)),
    "lstm": (lstm, (0, 1), ()),
    "jacobi": (jacobi, (0, 1, 2), (3,)),
    "put": (put, (0, 1, 2, 3), (5,)),
    "mlp": (mlp, (0, 1, 2, 3), ()),
}
"""Program, what it is differentiated in, which arguments are fixed when it is compiled."""
SCANS = ("lorenz", "lstm", "jacobi", "put")


def gradients(name: str) -> Iterator[tuple[str, Callable[[], Callable[..., Any]]]]:
    """What there is for a program: names, and makers of compiled derivatives."""
    if name == "ba":
        yield "jit", lambda: _waiting(jax.jit(blocks))
    if name == "small_sums":
        yield "jit", lambda: _waiting(jax.jit(_pair_sums))
    if name in PROGRAMS:
        f, places, static = PROGRAMS[name]
        yield "jit", lambda: _waiting(jax.jit(jax.grad(f, argnums=places), static_argnums=static))
        if name in SCANS:
            g = partial(f, around=jax.checkpoint)
            yield "jit, checkpoint", lambda: _waiting(jax.jit(jax.grad(g, argnums=places), static_argnums=static))


def _pair_sums(xs: Any, ys: Any) -> Any:
    x_bar, y_bar = jax.grad(small_sums, argnums=(0, 1))(xs, ys)
    return x_bar.sum(), y_bar.sum()


def _waiting(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: jax.block_until_ready(f(*args))
