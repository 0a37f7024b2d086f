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
    if W_dot.shape != W.shape or W_dot.dtype.kind != "f":
        raise TypeError("f_jvp: W_dot must be a floating array of the shape of W")
    if U_dot.shape != U.shape or U_dot.dtype.kind != "f":
        raise TypeError("f_jvp: U_dot must be a floating array of the shape of U")
    gates = x @ W + h @ U
    gates_dot = x @ W_dot + h @ U_dot
    t = np.exp(-gates[:n])
    t_dot = -(t * gates_dot[:n])
    t2 = 1.0 + t
    keep = 1.0 / t2
    t3 = np.exp(-gates[n:2 * n])
    t3_dot = -(t3 * gates_dot[n:2 * n])
    t4 = 1.0 + t3
    let = 1.0 / t4
    let_dot = -(t3_dot.copy() * (let / t4))
    t5 = np.exp(-gates[2 * n:3 * n])
    t5_dot = -(t5 * gates_dot[2 * n:3 * n])
    t6 = 1.0 + t5
    out = 1.0 / t6
    out_dot = -(t5_dot.copy() * (out / t6))
    t_dot2 = -(c * (t_dot.copy() * (keep / t2)))
    t7 = np.tanh(gates[3 * n:])
    c = keep * c + let * t7
    c_dot = t_dot2 + (t7 * let_dot + let * ((1.0 - t7 * t7) * gates_dot[3 * n:]))
    t8 = np.tanh(c)
    h = out * t8
    return np.sum(h * h), np.sum(2.0 * h * (t8 * out_dot + out * ((1.0 - t8 * t8) * c_dot)))



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(W: "Float[np.ndarray, 'i g']", U: "Float[np.ndarray, 'h g']", x: "Float[np.ndarray, 'i']", h, c, n: int):
    """The gradient of `f` in `W` and `U`.

    Returns: (the derivative in `W`, in its shape; the derivative in `U`, in its shape).
    """
    c_saved = c
    h_saved = h
    t = x @ W
    t2 = h @ U
    gates = t + t2
    t3 = -gates[:n]
    t4 = np.exp(t3)
    t5 = 1.0 + t4
    keep = 1.0 / t5
    t6 = -gates[n:2 * n]
    t7 = np.exp(t6)
    t8 = 1.0 + t7
    let = 1.0 / t8
    t9 = -gates[2 * n:3 * n]
    t10 = np.exp(t9)
    t11 = 1.0 + t10
    out = 1.0 / t11
    t12 = keep * c
    t13 = np.tanh(gates[3 * n:])
    t14 = let * t13
    c = t12 + t14
    t15 = np.tanh(c)
    h = out * t15
    t16 = h * h
    # backward
    W_bar = np.zeros_like(W)
    U_bar = np.zeros_like(U)
    t_bar = np.zeros_like(t)
    gates_bar = np.zeros_like(gates)
    t3_bar = np.zeros_like(t3)
    t4_bar = np.zeros_like(t4)
    t5_bar = np.zeros_like(t5)
    keep_bar = np.zeros_like(keep)
    t6_bar = np.zeros_like(t6)
    t7_bar = np.zeros_like(t7)
    t8_bar = np.zeros_like(t8)
    let_bar = np.zeros_like(let)
    t9_bar = np.zeros_like(t9)
    t10_bar = np.zeros_like(t10)
    t11_bar = np.zeros_like(t11)
    out_bar = np.zeros_like(out)
    t12_bar = np.zeros_like(t12)
    t13_bar = np.zeros_like(t13)
    t14_bar = np.zeros_like(t14)
    t15_bar = np.zeros_like(t15)
    h_bar = np.full_like(t16, 2.0) * h
    out_bar += sum_to(h_bar * t15, out)
    t15_bar += sum_to(h_bar * out, t15)
    c_bar = t15_bar * (1.0 - t15 * t15)
    t12_bar += sum_to(c_bar, t12)
    t14_bar += sum_to(c_bar, t14)
    let_bar += sum_to(t14_bar * t13, let)
    t13_bar += sum_to(t14_bar * let, t13)
    gates_bar[3 * n:] += t13_bar * (1.0 - t13 * t13)
    keep_bar += sum_to(t12_bar * c_saved, keep)
    t11_bar -= out_bar * (out / t11)
    t10_bar += t11_bar
    t9_bar += t10_bar * t10
    gates_bar[2 * n:3 * n] -= t9_bar
    t8_bar -= let_bar * (let / t8)
    t7_bar += t8_bar
    t6_bar += t7_bar * t7
    gates_bar[n:2 * n] -= t6_bar
    t5_bar -= keep_bar * (keep / t5)
    t4_bar += t5_bar
    t3_bar += t4_bar * t4
    gates_bar[:n] -= t3_bar
    t_bar += sum_to(gates_bar, t)
    U_bar += matmul_right(copy_of(sum_to(gates_bar, t2)), h_saved, U)
    W_bar += np.outer(x, t_bar)
    return W_bar, U_bar
