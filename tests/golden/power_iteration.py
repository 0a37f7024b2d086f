"""A dominant eigenvalue by repeated products."""

import numpy as np


def f(A: "Float[np.ndarray, 'n n']", v: "Float[np.ndarray, 'n']", steps: int):
    for _ in range(steps):
        w = A @ v
        v = w / np.sqrt(np.sum(w * w))
    return v @ (A @ v)


WRT = "A"


def arguments():
    return np.array([[2.0, 0.3], [0.1, 1.5]]), np.array([0.6, 0.8]), 3


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(A: "Float[np.ndarray, 'n n']", A_dot: "Float[np.ndarray, 'n n']", v: "Float[np.ndarray, 'n']", steps: int):
    """The value of `f` and its tangent, given tangents of `A`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if A.ndim != 2 or A.dtype.kind != "f":
        raise TypeError("f_jvp: A must be a 2-d floating array")
    if A.shape[1] != A.shape[0]:
        raise TypeError("f_jvp: A must have the shape n n of its annotation")
    if v.shape[0] != A.shape[0]:
        raise TypeError("f_jvp: v must have the shape n of its annotation")
    if A_dot.shape != A.shape or A_dot.dtype.kind != "f":
        raise TypeError("f_jvp: A_dot must be a floating array of the shape of A")
    v_dot = spread(0.0, v)
    for _ in range(steps):
        w = A @ v
        w_dot = A_dot @ v + A @ v_dot
        t = np.sqrt(np.sum(w * w))
        t_dot = (t > 0) / (2.0 * t + (t == 0)) * np.sum(2.0 * w * w_dot)
        v = w / t
        v_dot = w_dot / t - t_dot * (v / t)
    t2 = A @ v
    return v @ t2, v_dot @ t2 + v @ (A_dot @ v + A @ v_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(A: "Float[np.ndarray, 'n n']", v: "Float[np.ndarray, 'n']", steps: int):
    """The gradient of `f` in `A`.

    Returns: the derivative in `A`, in its shape.
    """
    if A.ndim != 2 or A.dtype.kind != "f":
        raise TypeError("f_grad: A must be a 2-d floating array")
    if A.shape[1] != A.shape[0]:
        raise TypeError("f_grad: A must have the shape n n of its annotation")
    if v.shape[0] != A.shape[0]:
        raise TypeError("f_grad: v must have the shape n of its annotation")
    v_saved = []
    w_saved = []
    t_saved = np.empty(max(steps, 0))
    for i in range(steps):
        v_saved.append(v)
        w = A @ v
        w_saved.append(w)
        t = np.sqrt(np.sum(w * w))
        t_saved[i] = t
        v = w / t
    # backward
    t_bar = 1.0 * v
    A_bar = np.outer(t_bar, v)
    v_bar = A @ v + A.T @ t_bar
    for i in range(steps - 1, -1, -1):
        w = w_saved.pop()
        t = t_saved[i]
        t_bar2 = -np.sum(v_bar * (v / t))
        t_bar3 = t_bar2 * ((t > 0) / (2.0 * t + (t == 0)))
        w_bar = v_bar / t + 2.0 * t_bar3 * w
        v = v_saved.pop()
        A_bar += np.outer(w_bar, v)
        v_bar = A.T @ w_bar
    return spread(A_bar, A)
