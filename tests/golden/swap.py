"""Names exchange their values."""




def f(u, v, n):
    for _ in range(n):
        u, v = v, u + v * v
    return u * v


WRT = ("u", "v")


def arguments():
    return 0.3, 0.7, 3


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(u, u_dot, v, v_dot, n):
    """The value of `f` and its tangent, given tangents of `u` and `v`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(u) != 0 and u.dtype.kind != "f":
        raise TypeError("f_jvp: u must be a number or a floating array")
    if np.ndim(v) != 0 and v.dtype.kind != "f":
        raise TypeError("f_jvp: v must be a number or a floating array")
    if np.shape(u_dot) != np.shape(u):
        raise TypeError("f_jvp: u_dot must have the shape of u")
    if np.shape(v_dot) != np.shape(v):
        raise TypeError("f_jvp: v_dot must have the shape of v")
    for _ in range(n):
        u_dot, v_dot = v_dot, u_dot + 2.0 * v * v_dot
        u, v = v, u + v * v
    return u * v, v * u_dot + u * v_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(u, v, n):
    """The gradient of `f` in `u` and `v`.

    Returns: (the derivative in `u`, in its shape; the derivative in `v`, in its shape).
    """
    if np.ndim(u) != 0:
        raise TypeError("f_grad: u must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(v) != 0:
        raise TypeError("f_grad: v must be a number; for an array use `vjp` or `jacobian`")
    v_saved = np.empty(max(n, 0))
    for i in range(n):
        v_saved[i] = v
        u, v = v, u + v * v
    # backward
    u_bar = v
    v_bar = u
    for i in range(n - 1, -1, -1):
        v = v_saved[i]
        v_bar, u_bar = u_bar + 2.0 * v_bar * v, v_bar
    return u_bar, v_bar
