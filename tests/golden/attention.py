"""Attention of one query over a table of keys."""

import numpy as np


def f(q: "Float[np.ndarray, 'd']", K: "Float[np.ndarray, 'n d']", V: "Float[np.ndarray, 'n v']"):
    score = np.exp(K @ q / np.sqrt(len(q)))
    out = (score / np.sum(score)) @ V
    return np.sum(out * out)


WRT = ("q", "K", "V")


def arguments():
    rng = np.random.default_rng(8)
    return rng.uniform(-1.0, 1.0, 2), rng.uniform(-1.0, 1.0, (3, 2)), rng.uniform(-1.0, 1.0, (3, 2))


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(q: "Float[np.ndarray, 'd']", q_dot: "Float[np.ndarray, 'd']", K: "Float[np.ndarray, 'n d']",
        K_dot: "Float[np.ndarray, 'n d']", V: "Float[np.ndarray, 'n v']", V_dot: "Float[np.ndarray, 'n v']"):
    """The value of `f` and its tangent, given tangents of `q` and `K` and `V`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if q.ndim != 1 or q.dtype.kind != "f":
        raise TypeError("f_jvp: q must be a 1-d floating array")
    if K.ndim != 2 or K.dtype.kind != "f":
        raise TypeError("f_jvp: K must be a 2-d floating array")
    if V.ndim != 2 or V.dtype.kind != "f":
        raise TypeError("f_jvp: V must be a 2-d floating array")
    if K.shape[1] != q.shape[0]:
        raise TypeError("f_jvp: K must have the shape n d of its annotation")
    if V.shape[0] != K.shape[0]:
        raise TypeError("f_jvp: V must have the shape n v of its annotation")
    if q_dot.shape != q.shape or q_dot.dtype.kind != "f":
        raise TypeError("f_jvp: q_dot must be a floating array of the shape of q")
    if K_dot.shape != K.shape or K_dot.dtype.kind != "f":
        raise TypeError("f_jvp: K_dot must be a floating array of the shape of K")
    if V_dot.shape != V.shape or V_dot.dtype.kind != "f":
        raise TypeError("f_jvp: V_dot must be a floating array of the shape of V")
    t = np.sqrt(len(q))
    score = np.exp(K @ q / t)
    score_dot = score * ((K_dot @ q + K @ q_dot) / t)
    t2 = np.sum(score)
    t3 = score / t2
    out = t3 @ V
    out_dot = (score_dot / t2 - np.sum(score_dot) * (t3 / t2)) @ V + t3 @ V_dot
    return np.sum(out * out), np.sum(2.0 * out * out_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(q: "Float[np.ndarray, 'd']", K: "Float[np.ndarray, 'n d']", V: "Float[np.ndarray, 'n v']"):
    """The gradient of `f` in `q` and `K` and `V`.

    Returns: (the derivative in `q`, in its shape; the derivative in `K`, in its shape; the derivative in `V`, in its shape).
    """
    if q.ndim != 1 or q.dtype.kind != "f":
        raise TypeError("f_grad: q must be a 1-d floating array")
    if K.ndim != 2 or K.dtype.kind != "f":
        raise TypeError("f_grad: K must be a 2-d floating array")
    if V.ndim != 2 or V.dtype.kind != "f":
        raise TypeError("f_grad: V must be a 2-d floating array")
    if K.shape[1] != q.shape[0]:
        raise TypeError("f_grad: K must have the shape n d of its annotation")
    if V.shape[0] != K.shape[0]:
        raise TypeError("f_grad: V must have the shape n v of its annotation")
    t = np.sqrt(len(q))
    score = np.exp(K @ q / t)
    t2 = np.sum(score)
    t3 = score / t2
    out = t3 @ V
    # backward
    out_bar = 2.0 * out
    t3_bar = V @ out_bar
    V_bar = np.outer(t3, out_bar)
    t_bar = (t3_bar / t2 - np.sum(t3_bar * (t3 / t2))) * score / t
    K_bar = np.outer(t_bar, q)
    q_bar = K.T @ t_bar
    return spread(q_bar, q), spread(K_bar, K), spread(V_bar, V)
