"""Cross-entropy of a softmax, the largest score taken off first."""

import numpy as np


def f(scores: "Float[np.ndarray, 'c']", label: int):
    shifted = scores - np.max(scores)
    return np.log(np.sum(np.exp(shifted))) - shifted[label]


WRT = "scores"


def arguments():
    return np.array([0.3, 1.2, -0.5, 0.9]), 2


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(scores: "Float[np.ndarray, 'c']", scores_dot: "Float[np.ndarray, 'c']", label: int):
    """The value of `f` and its tangent, given tangents of `scores`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if scores.ndim != 1 or scores.dtype.kind != "f":
        raise TypeError("f_jvp: scores must be a 1-d floating array")
    if scores_dot.shape != scores.shape or scores_dot.dtype.kind != "f":
        raise TypeError("f_jvp: scores_dot must be a floating array of the shape of scores")
    t = np.max(scores)
    shifted = scores - t
    shifted_dot = scores_dot - np.sum(share(scores, t) * scores_dot)
    t2 = np.exp(shifted)
    t3 = np.sum(t2)
    return np.log(t3) - shifted[label], np.divide(np.sum(t2 * shifted_dot), t3) - shifted_dot[label]



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(scores: "Float[np.ndarray, 'c']", label: int):
    """The gradient of `f` in `scores`.

    Returns: the derivative in `scores`, in its shape.
    """
    if scores.ndim != 1 or scores.dtype.kind != "f":
        raise TypeError("f_grad: scores must be a 1-d floating array")
    t = np.max(scores)
    shifted = scores - t
    t2 = np.exp(shifted)
    # backward
    shifted_bar = np.zeros_like(shifted)
    shifted_bar[label] = -1.0
    shifted_bar += np.divide(1.0, np.sum(t2)) * t2
    scores_bar = shifted_bar - share(scores, t) * np.sum(shifted_bar)
    return scores_bar
