"""The array programs as users of PyTorch write them: eager, so only those without long loops over numbers.

In: a program's name.  Out: `gradients(name)`: gradients with the same arguments as ours.  Importing this module needs
PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.func import jacrev, vmap

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def small(x, y):
    z = torch.sin(x) * y
    return (z * z if z > 0.0 else z) + x


def small_sums(xs, ys):
    z = torch.sin(xs) * ys
    return (torch.where(z > 0.0, z * z, z) + xs).sum()


def logistic(w, X, y):
    return torch.log1p(torch.exp(-y * (X @ w))).sum()


def mlp(W1, b1, W2, b2, x, target):
    r = torch.tanh(x @ W1 + b1) @ W2 + b2 - target
    return (r * r).mean()


def gmm(alpha, mu, icf, x, gamma, m):
    n, d = x.shape
    K = alpha.shape[0]
    log_det = icf[:, :d].sum(dim=1)
    diagonal = torch.exp(icf[:, :d])
    rows = [i for j in range(d) for i in range(j + 1, d)]
    columns = [j for j in range(d) for i in range(j + 1, d)]
    Q = torch.diag_embed(diagonal).clone()
    Q[:, rows, columns] = icf[:, d:]
    y = torch.einsum("kij,knj->kni", Q, x[None] - mu[:, None])
    terms = alpha[:, None] + log_det[:, None] - 0.5 * (y * y).sum(dim=2)
    total = torch.logsumexp(terms, dim=0).sum() - n * torch.logsumexp(alpha, dim=0)
    squares = (diagonal * diagonal).sum() + (icf[:, d:] ** 2).sum()
    prior = 0.5 * gamma * gamma * squares - m * log_det.sum()
    a = 0.5 * (d + m + 1)
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi) + sum(math.lgamma(a - 0.5 * j) for j in range(d))
    constant = 2.0 * a * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma
    return total - 0.5 * n * d * math.log(2.0 * math.pi) + prior - K * constant


def lstm(main, extra, state, sequence):
    c, b = sequence.shape
    layers = state.shape[0] // 2
    s = list(state)
    weights = [main[2 * k].reshape(4, b) for k in range(layers)]
    biases = [main[2 * k + 1].reshape(4, b) for k in range(layers)]
    total = torch.zeros(())
    for t in range(c - 1):
        x = sequence[t] * extra[0]
        for k in range(layers):
            w, bias = weights[k], biases[k]
            forget, outgate = torch.sigmoid(x * w[0] + bias[0]), torch.sigmoid(x * w[2] + bias[2])
            ingate, change = torch.sigmoid(s[2 * k] * w[1] + bias[1]), torch.tanh(s[2 * k] * w[3] + bias[3])
            s[2 * k + 1] = s[2 * k + 1] * forget + ingate * change
            x = s[2 * k] = outgate * torch.tanh(s[2 * k + 1])
        y = x * extra[1] + extra[2]
        total = total + (sequence[t + 1] * (y - torch.log(2.0 + torch.exp(y).sum()))).sum()
    return -total / ((c - 1) * b)


def jacobi(start, k, e, sweeps):
    u = start
    for _ in range(sweeps):
        c = u[1:-1, 1:-1]
        near = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        new = u.clone()
        new[1:-1, 1:-1] = c + k * (near - 4.0 * c) - e * c * c
        u = new
    return (u * u).sum()


def reprojection(camera, point, weight, feature):
    r, q = camera[:3], point - camera[3:6]
    square = r @ r
    angle = torch.sqrt(square)
    c = torch.cos(angle)
    turned = q * c + torch.linalg.cross(r, q) * torch.sin(angle) / angle + r * (r @ q) * (1.0 - c) / square
    uv = turned[:2] / turned[2]
    far = uv @ uv
    scale = camera[6] * (1.0 + camera[9] * far + camera[10] * far * far)
    return weight * (uv * scale + camera[7:9] - feature)


def blocks(cameras, points, weights, features):
    i = torch.arange(len(weights))
    jacobian = vmap(jacrev(reprojection, argnums=(0, 1, 2)))
    camera, point, weight = jacobian(cameras[i % len(cameras)], points[i % len(points)], weights, features)
    return torch.cat([camera, point, weight[..., None]], dim=2)


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "small": (small, (0, 1)),
    "logistic": (logistic, (0,)),
    "gmm": (gmm, (0, 1, 2)),
    "lstm": (lstm, (0, 1)),
    "jacobi": (jacobi, (0, 1, 2)),
    "mlp": (mlp, (0, 1, 2, 3)),
}


def gradients(name: str) -> Iterator[tuple[str, Callable[[], Callable[..., Any]]]]:
    """What there is for a program: names, and makers of gradients."""
    if name == "ba":
        yield "torch.func", lambda: lambda *args: blocks(*map(_tensor, args)).numpy()
    if name == "small_sums":
        yield "torch", lambda: _pair_sums
    if name in PROGRAMS:
        f, places = PROGRAMS[name]
        yield "torch", lambda: lambda *args: _gradient(f, places, args)


def _gradient(f: Callable[..., Any], places: tuple[int, ...], args: tuple[Any, ...]) -> Any:
    given = [_tensor(a).requires_grad_() if k in places else _tensor(a) for k, a in enumerate(args)]
    found = torch.autograd.grad(f(*given), [given[k] for k in places])
    parts = tuple(part.numpy() for part in found)
    return parts if len(parts) > 1 else parts[0]


def _pair_sums(xs: Any, ys: Any) -> Any:
    x_bar, y_bar = _gradient(small_sums, (0, 1), (xs, ys))
    return x_bar.sum(), y_bar.sum()


def _tensor(a: Any) -> Any:
    return torch.as_tensor(a) if isinstance(a, np.ndarray | float) else a
