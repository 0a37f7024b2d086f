"""A cell of a recurrent network: gates cut out of one product."""

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def f(W: "Float[np.ndarray, 'i g']", U: "Float[np.ndarray, 'h g']", x: "Float[np.ndarray, 'i']", h, c, n: int):
    gates = x @ W + h @ U
    keep = sigmoid(gates[:n])
    let = sigmoid(gates[n : 2 * n])
    out = sigmoid(gates[2 * n : 3 * n])
    c = keep * c + let * np.tanh(gates[3 * n :])
    h = out * np.tanh(c)
    return np.sum(h * h)


WRT = ("W", "U")


def arguments():
    rng = np.random.default_rng(4)
    w, u = rng.uniform(-1.0, 1.0, (3, 8)), rng.uniform(-1.0, 1.0, (2, 8))
    return w, u, np.array([0.3, -0.2, 0.7]), np.array([0.1, 0.4]), np.array([-0.3, 0.2]), 2


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(W: "Float[np.ndarray, 'i g']", W_dot: "Float[np.ndarray, 'i g']", U: "Float[np.ndarray, 'h g']",
        U_dot: "Float[np.ndarray, 'h g']", x: "Float[np.ndarray, 'i']", h, c, n: int):
    """The value of `f` and its tangent, given tangents of `W` and `U`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if W.ndim != 2 or W.dtype.kind != "f":
        raise TypeError("f_jvp: W must be a 2-d floating array")
    if U.ndim != 2 or U.dtype.kind != "f":
        raise TypeError("f_jvp: U must be a 2-d floating array")
    if U.shape[1] != W.shape[1]:
        raise TypeError("f_jvp: U must have the shape h g of its annotation")
    if x.shape[0] != W.shape[0]:
        raise TypeError("f_jvp: x must have the shape i of its annotation")
    if W_dot.shape != W.shape or W_dot.dtype.kind != "f":
        raise TypeError("f_jvp: W_dot must be a floating array of the shape of W")
    if U_dot.shape != U.shape or U_dot.dtype.kind != "f":
        raise TypeError("f_jvp: U_dot must be a floating array of the shape of U")
    gates = x @ W + h @ U
    gates_dot = x @ W_dot + h @ U_dot
    t = np.exp(-gates[:n])
    keep = 1.0 / (1.0 + t)
    t2 = np.exp(-gates[n:2 * n])
    let = 1.0 / (1.0 + t2)
    let_dot = t2 * gates_dot[n:2 * n] * (let * let)
    t3 = np.exp(-gates[2 * n:3 * n])
    out = 1.0 / (1.0 + t3)
    out_dot = t3 * gates_dot[2 * n:3 * n] * (out * out)
    t_dot = c * (t * gates_dot[:n] * (keep * keep))
    t4 = np.tanh(gates[3 * n:])
    c = keep * c + let * t4
    c_dot = t_dot + (t4 * let_dot + let * ((1.0 - t4 * t4) * gates_dot[3 * n:]))
    t5 = np.tanh(c)
    h = out * t5
    return np.sum(h * h), np.sum(2.0 * h * (t5 * out_dot + out * ((1.0 - t5 * t5) * c_dot)))



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(W: "Float[np.ndarray, 'i g']", U: "Float[np.ndarray, 'h g']", x: "Float[np.ndarray, 'i']", h, c, n: int):
    """The gradient of `f` in `W` and `U`.

    Returns: (the derivative in `W`, in its shape; the derivative in `U`, in its shape).
    """
    if W.ndim != 2 or W.dtype.kind != "f":
        raise TypeError("f_grad: W must be a 2-d floating array")
    if U.ndim != 2 or U.dtype.kind != "f":
        raise TypeError("f_grad: U must be a 2-d floating array")
    if U.shape[1] != W.shape[1]:
        raise TypeError("f_grad: U must have the shape h g of its annotation")
    if x.shape[0] != W.shape[0]:
        raise TypeError("f_grad: x must have the shape i of its annotation")
    c_saved = c
    h_saved = h
    t = x @ W
    t2 = h @ U
    gates = t + t2
    t3 = np.exp(-gates[:n])
    keep = 1.0 / (1.0 + t3)
    t4 = np.exp(-gates[n:2 * n])
    let = 1.0 / (1.0 + t4)
    t5 = np.exp(-gates[2 * n:3 * n])
    out = 1.0 / (1.0 + t5)
    t6 = np.tanh(gates[3 * n:])
    c = keep * c + let * t6
    t7 = np.tanh(c)
    h = out * t7
    # backward
    gates_bar = np.zeros_like(gates)
    h_bar = 2.0 * h
    c_bar = sum_to(h_bar * out, t7) * (1.0 - t7 * t7)
    gates_bar[3 * n:] += sum_to(c_bar * let, t6) * (1.0 - t6 * t6)
    gates_bar[2 * n:3 * n] += sum_to(h_bar * t7, out) * (out * out) * t5
    gates_bar[n:2 * n] += sum_to(c_bar * t6, let) * (let * let) * t4
    gates_bar[:n] += sum_to(c_bar * c_saved, keep) * (keep * keep) * t3
    U_bar = matmul_right(copy_of(sum_to(gates_bar, t2)), h_saved, U)
    W_bar = np.outer(x, sum_to(gates_bar, t).copy())
    return spread(W_bar, W), spread(U_bar, U)
