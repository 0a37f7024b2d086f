"""A triangular matrix packed row by row, forward substitution in it, and a `while` that counts."""

import numpy as np


def f(packed, b, d: int):
    y = np.zeros(d)
    start = 0
    for i in range(d):
        s = b[i]
        for j in range(i):
            s -= packed[start + j] * y[j]
        y[i] = s / packed[start + i]
        start += i + 1
    k = 0
    product = 1.0
    while k < d:
        product = product * y[k] + np.sin(product)
        k += 2
    return product


WRT = "packed"


def arguments():
    return np.array([1.3, 0.4, -1.1, 0.2, -0.3, 0.9]), np.array([0.5, 0.7, -0.2]), 3


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(packed, packed_dot, b, d: int):
    """The value of `f` and its tangent, given tangents of `packed`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if packed.ndim != 1 or packed.dtype.kind != "f":
        raise TypeError("f_jvp: packed must be a 1-d floating array")
    if b.ndim != 1:
        raise TypeError("f_jvp: b must be a 1-d array")
    if packed_dot.shape != packed.shape or packed_dot.dtype.kind != "f":
        raise TypeError("f_jvp: packed_dot must be a floating array of the shape of packed")
    y = np.zeros(d)
    y_dot = spread(0.0, y)
    start = 0
    for i in range(d):
        s = b[i]
        s_dot = 0.0
        for j in range(i):
            t = packed[start + j]
            t2 = y[j]
            s_dot -= t2 * packed_dot[start + j] + t * y_dot[j]
            s -= t * t2
        t3 = packed[start + i]
        t4 = s / t3
        y_dot[i] = s_dot / t3 - packed_dot[start + i] * (t4 / t3)
        y[i] = t4
        start += i + 1
    k = 0
    product = 1.0
    product_dot = 0.0
    while k < d:
        t5 = y[k]
        t_dot = t5 * product_dot + product * y_dot[k]
        t_dot2 = np.cos(product) * product_dot
        product = product * t5 + np.sin(product)
        product_dot = t_dot + t_dot2
        k += 2
    return product, product_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(packed, b, d: int):
    """The gradient of `f` in `packed`.

    Returns: the derivative in `packed`, in its shape.
    """
    if packed.ndim != 1 or packed.dtype.kind != "f":
        raise TypeError("f_grad: packed must be a 1-d floating array")
    if b.ndim != 1:
        raise TypeError("f_grad: b must be a 1-d array")
    product_saved = []
    y = np.zeros(d)
    start = 0
    for i in range(d):
        s = b[i]
        for j in range(i):
            s -= packed[start + j] * y[j]
        y[i] = s / packed[start + i]
        start += i + 1
    k = 0
    product = 1.0
    trips = 0
    while k < d:
        product_saved.append(product)
        product = product * y[k] + np.sin(product)
        k += 2
        trips += 1
    # backward
    packed_bar = np.zeros_like(packed)
    y_bar = np.zeros_like(y)
    product_bar = 1.0
    for k2 in range(trips):
        k -= 2
        product = product_saved.pop()
        y_bar[k] += product_bar * product
        product_bar = product_bar * np.cos(product) + product_bar * y[k]
    for i in range(d - 1, -1, -1):
        start -= i + 1
        t = packed[start + i]
        t_bar = y_bar[i]
        s_bar = t_bar / t
        packed_bar[start + i] -= t_bar * (y[i] / t)
        for j in range(i):
            y_bar[j] -= s_bar * packed[start + j]
            packed_bar[start + j] -= s_bar * y[j]
    return packed_bar
