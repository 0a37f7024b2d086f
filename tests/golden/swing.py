"""A function of the user's that is called in a loop."""




def spring(q, k):
    return -k * q - 0.1 * q * q * q


def f(q, v, k, h, n):
    for _ in range(n):
        v = v + h * spring(q, k)
        q = q + h * v
    return 0.5 * v * v


WRT = "k"


def arguments():
    return 0.5, 0.1, 1.2, 0.05, 3


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(q, v, k, k_dot, h, n):
    """The value of `f` and its tangent, given tangents of `k`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(k) != 0 and k.dtype.kind != "f":
        raise TypeError("f_jvp: k must be a number or a floating array")
    if np.shape(k_dot) != np.shape(k):
        raise TypeError("f_jvp: k_dot must have the shape of k")
    q_dot = spread(0.0, q)
    v_dot = spread(0.0, v)
    for _ in range(n):
        t = -k
        t_dot = t * q_dot - q * k_dot
        t2 = 0.1 * q
        t3 = t2 * q
        t_dot2 = h * (t_dot - (q * (q * (0.1 * q_dot) + t2 * q_dot) + t3 * q_dot))
        v_dot = v_dot + t_dot2
        v = v + h * (t * q - t3 * q)
        q_dot = q_dot + h * v_dot
        q = q + h * v
    t4 = 0.5 * v
    return t4 * v, v * (0.5 * v_dot) + t4 * v_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(q, v, k, h, n):
    """The gradient of `f` in `k`.

    Returns: the derivative in `k`, in its shape.
    """
    if np.ndim(q) != 0:
        raise TypeError("f_grad: q must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(v) != 0:
        raise TypeError("f_grad: v must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(k) != 0:
        raise TypeError("f_grad: k must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(h) != 0:
        raise TypeError("f_grad: h must be a number; for an array use `vjp` or `jacobian`")
    q_saved = np.empty(max(n, 0))
    for i in range(n):
        q_saved[i] = q
        v = v + h * (-k * q - 0.1 * q * q * q)
        q = q + h * v
    # backward
    q_bar = 0.0
    k_bar = 0.0
    v_bar = v
    for i in range(n - 1, -1, -1):
        q = q_saved[i]
        t = 0.1 * q
        v_bar = v_bar + q_bar * h
        t_bar = v_bar * h
        t_bar2 = -(t_bar * q)
        q_bar += t_bar2 * t - t_bar * (t * q) + 0.1 * (t_bar2 * q) - t_bar * k
        k_bar -= t_bar * q
    return k_bar
