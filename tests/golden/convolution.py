"""A convolution layer by loops."""

import numpy as np


def f(kernel, bias, image):
    n, m = image.shape
    p, q = kernel.shape
    loss = 0.0
    for i in range(n - p + 1):
        for j in range(m - q + 1):
            s = bias
            for a in range(p):
                for b in range(q):
                    s += kernel[a, b] * image[i + a, j + b]
            # a rectifier
            if s > 0.0:
                loss += s * s
    return loss


WRT = ("kernel", "bias")


def arguments():
    rng = np.random.default_rng(6)
    return rng.uniform(-1.0, 1.0, (2, 2)), 0.1, rng.uniform(-1.0, 1.0, (4, 3))


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(kernel, kernel_dot, bias, bias_dot, image):
    """The value of `f` and its tangent, given tangents of `kernel` and `bias`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if kernel.ndim != 2 or kernel.dtype.kind != "f":
        raise TypeError("f_jvp: kernel must be a 2-d floating array")
    if np.ndim(bias) != 0:
        raise TypeError("f_jvp: bias must be a number")
    if image.ndim != 2:
        raise TypeError("f_jvp: image must be a 2-d array")
    if kernel_dot.shape != kernel.shape or kernel_dot.dtype.kind != "f":
        raise TypeError("f_jvp: kernel_dot must be a floating array of the shape of kernel")
    if np.ndim(bias_dot) != 0:
        raise TypeError("f_jvp: bias_dot must be a number")
    n, m = image.shape
    p, q = kernel.shape
    loss = 0.0
    loss_dot = 0.0
    for i in range(n - p + 1):
        for j in range(m - q + 1):
            s = bias
            s_dot = bias_dot
            for a in range(p):
                for b in range(q):
                    t = image[i + a, j + b]
                    s_dot = s_dot + t * kernel_dot[a, b]
                    s = s + kernel[a, b] * t
            # a rectifier
            if s > 0.0:
                loss_dot += 2.0 * s * s_dot
                loss += s * s
    return loss, loss_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(kernel, bias, image):
    """The gradient of `f` in `kernel` and `bias`.

    Returns: (the derivative in `kernel`, in its shape; the derivative in `bias`, in its shape).
    """
    if kernel.ndim != 2 or kernel.dtype.kind != "f":
        raise TypeError("f_grad: kernel must be a 2-d floating array")
    if np.ndim(bias) != 0:
        raise TypeError("f_grad: bias must be a number")
    if image.ndim != 2:
        raise TypeError("f_grad: image must be a 2-d array")
    n, m = image.shape
    p, q = kernel.shape
    kernel_bar = np.zeros_like(kernel)
    bias_bar = 0.0
    for i in range(n - p + 1):
        for j in range(m - q + 1):
            s = bias
            for a in range(p):
                for b in range(q):
                    s = s + kernel[a, b] * image[i + a, j + b]
            # backward
            s_bar = 2.0 * s if s > 0.0 else 0.0
            for a in range(p):
                for b in range(q):
                    kernel_bar[a, b] += s_bar * image[i + a, j + b]
            bias_bar += s_bar
    return kernel_bar, bias_bar
