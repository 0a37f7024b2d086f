"""What is printed and read back is what was printed: `lower(text(c)) == c`, on programs of every shape."""

from __future__ import annotations

import textwrap
import time

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.same import erase, same
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import function_text
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define


def helper(x, y=1.0):
    return x * y


NAMES = {"helper": helper, "K": 2.5, "table": np.arange(3.0)}

EXPRESSIONS = """
x + y - z
x - (y - z)
x - (y + z) * w
(x + y) * z / w // 2 % 3
x / (y / z)
x * (y / z)
-x ** 2
(-x) ** 2
x ** -y
x ** y ** z
(x ** y) ** z
-(x * y)
-x * y
- -x
-1
-1.5 ** x
(-1.5) ** x
x - -1
+x
~x
1e-300 * 1e300 + 1e16 + .1
np.inf - -np.inf
np.nan
math.inf + math.pi
x @ y @ z
x @ (y @ z)
x & y | z ^ w << 2 >> 1
x < y
x < y < z
x < y and y < z
x < y + 1 < z
x < y < z and w
(x and y) and z
x and (y and z)
x and y and z or w and (x or y)
not x
not (x and y)
(not x) == y
not x == y
x is None or y is not None
x == y != z
(x < y) == z
x if y else z
(x if y else z) if w else x
x if y else z if w else x
(x if y else z) + 1
-(x if y else z)
helper(x, y=2.0 * z)
helper((x, y), [x, y, z])
helper(x if y else z, not w)
np.sin(x) * np.linalg.norm(y, axis=-1, keepdims=True)
np.sum(x, axis=(0, 1))
np.add.at(x, y, z)
K * table[0] + table.sum()
x[i]
x[-1]
x[i, j]
x[i][j]
x[(i, j), 0]
x[:, None]
x[..., 0]
x[1:-1, ::2, :i:, i + 1:]
x[::-1]
x[i,]
x[()]
x[np.newaxis]
x[[0, 2, 1]]
x[x > 0]
(x + y)[0]
(x + y).T
(x @ y).sum(axis=0).T.shape[0]
x.T @ y.T
x.shape[0] * x.size + x.ndim
np.zeros(x.shape, x.dtype)
x.sum(), x.mean(0), x.max(axis=1), x.std(), x.var(ddof=1)
x.reshape(2, 3)
x.reshape((2, 3))
x.reshape(-1)
x.reshape((2,))
x.reshape(shape)
x.reshape(y.shape)
x.transpose()
x.transpose(1, 0)
x.transpose((1, 0))
x.astype(np.float32)
x.copy().ravel().flatten().item()
x.clip(0.0, 1.0).round(2).dot(y).trace()
len(x) + abs(y) + max(x, y, z) + float(x) + int(y)
()
(x,)
x, (y, z), ((x,), ())
[]
[x]
True, False, None
"it's", 'say "so"', "both ' and \\"", "tab\\t", "é"
"""


def assert_round_trip(fn: n.Function, names=NAMES) -> str:
    text = function_text(fn)
    back = read_function(define(text, fn.name, names))
    assert same(erase(back), erase(fn)), text
    assert function_text(back) == text
    return text


@pytest.mark.parametrize("line", EXPRESSIONS.strip().splitlines())
def test_expression(line):
    fn = read_function(define(f"def f(x, y, z, w, i, j, shape):\n    return {line}\n", "f", NAMES))
    text = assert_round_trip(fn)
    given = {"x": 1.5, "y": 2.0, "z": -3.0, "w": 0.5, "i": 1, "j": 0, "shape": (2,)}
    if "[" not in line and "." not in line and "helper" not in line:
        try:
            expected = define(f"def f(x, y, z, w, i, j, shape):\n    return {line}\n", "f", NAMES)(**given)
        except TypeError:
            return
        assert repr(define(text, "f", NAMES)(**given)) == repr(expected)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("2.0*x", "2.0 * x"),
        ("x[ i-1 ]", "x[i - 1]"),
        ("((x))", "x"),
        ("(x*y)+z", "x * y + z"),
        ("x**(2)", "x ** 2"),
        ("-(x**2)", "-x ** 2"),
        ("'a'", '"a"'),
        ("x[(i, j)]", "x[i, j]"),
        ("x.reshape((2, 3))", "x.reshape(2, 3)"),
        ("x<y and y<z", "x < y < z"),
        ("(x, y)", "x, y"),
        ("not (x)", "not x"),
        ("1_000.0", "1000.0"),
        ("0x10", "16"),
        ("1e9 + 1e-5 + 1e22 + 2.5e-07 + 1e5 + 1.5e8", "1e9 + 1e-5 + 1e22 + 2.5e-7 + 100000.0 + 150000000.0"),
    ],
)
def test_printed_as_a_person_would(written, printed):
    fn = read_function(define(f"def f(x, y, z, i, j):\n    return {written}\n"))
    assert function_text(fn) == f"def f(x, y, z, i, j):\n    return {printed}\n"


STATEMENTS = {
    "loops": """
        def f(x, n):
            s = 0.0
            for i in range(n):
                for j in range(1, n):
                    s += x[i] * j
                for _ in range(n, 0, -1):
                    pass
            while s > 1.0 and not s > 1e9:
                s /= 2.0
            return s
    """,
    "branches": """
        def f(x):
            if x > 0:
                y = x
            elif x < -1:
                y = 2.0
            elif x == 0:
                if x is None:
                    y = 1
                else:
                    y = 2
            else:
                y = -x
                if y > 3:
                    y = 3.0
            return y
    """,
    "assignments": """
        def f(x, u):
            a, b = x, 2 * x
            (c, d), e = (a, b), 1
            u[0], u[1:] = a, b
            u[c, ..., None] = d
            x -= a
            x *= a
            x /= a
            x //= a
            x %= a
            x **= a
            x @= a
            u[0] += e
            u[:, 1] -= 1.0
            k: float = 1.0
            return x, k
    """,
    "errors": """
        def f(x):
            if x < 0:
                raise ValueError("x must not be negative")
            if x > 9:
                raise ValueError
            if x > 8:
                raise IndexError("a", x)
            assert x != 1
            assert x != 2 and x, "two"
            return x
    """,
    "stack": """
        def f(x, n):
            x_saved = []
            for _ in range(n):
                x_saved.append(x)
                x = x * x
            for _ in range(n):
                x = x_saved.pop()
            return x
    """,
    "signature": '''
        def f(x: float, y: np.ndarray, n: int = 3, s="a", *rest, k=-1.5, flag: bool = True, t=(1, None)):
            """Twice.

                indented, with \\\\ and \\"\\"\\" in it

            end"
            """
            return x
    ''',
    "keyword only": """
        def f(x, *, k):
            return x * k
    """,
    "short doc": '''
        def f(x):
            """It says "yes\\""""
            return x
    ''',
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements(name):
    text = textwrap.dedent(STATEMENTS[name]).lstrip()
    fn = read_function(define(text))
    printed = assert_round_trip(fn)
    assert printed == text or name in ("assignments", "signature")


def test_several_targets():
    text = "def f(x, u):\n    a = b = x + 1\n    u[0] = u[1] = a\n    return b\n"
    fn = read_function(define(text))
    expected = """def f(x, u):
    a = x + 1
    b = a
    t = a
    u[0] = t
    u[1] = t
    return b
"""
    assert assert_round_trip(fn) == expected


def test_default_values_are_printed_as_they_were():
    assert "n=3" in function_text(read_function(define("N = 3\ndef f(x, n=N):\n    return x * n\nN = 4\n")))


def test_annotations_of_other_modules_are_dropped():
    fn = read_function(define("Float = dict\ndef f(x: Float, y: 'np.ndarray', z: list[int] = None):\n    return x\n"))
    assert function_text(fn).startswith("def f(x, y: 'np.ndarray', z: list[int] = None):")


def test_numpy_scalars_are_printed():
    body = (n.Return(n.Tuple((n.Const(np.float32(0.5)), n.Const(-np.inf), n.Const(np.int64(-3)), n.Const(-0.0)))),)
    text = function_text(n.Function("f", (), body))
    assert text == "def f():\n    return np.float32(0.5), -np.inf, np.int64(-3), -0.0\n"
    assert define(text)() == (0.5, -np.inf, -3, 0.0)


def test_long_sum():
    length = 2900  # CPython itself gives up at 2,980
    total = " + ".join(["x", *(f"{k}.0" for k in range(1, length))])
    fn = read_function(define(f"def f(x):\n    return {total}\n"))
    text = assert_round_trip(fn)
    assert max(map(len, text.splitlines())) <= 120
    assert define(text)(1.0) == 1.0 + sum(range(1, length))


def test_a_chain_too_long_for_python_is_still_printed():
    import operator

    chain: n.Expr = n.Name("x")
    for _ in range(20_000):
        chain = n.Call(operator.add, "+", (chain, n.Name("x")))
    fn = n.Function("f", (n.Param("x"),), (n.Return(chain),))
    assert function_text(fn).count("+") == 20_000
    assert same(fn, erase(fn))


def test_long_products_calls_and_conditions():
    lines = ["    y = x"]
    lines += ["    y = " + "np.sin(" * 60 + "y" + ")" * 60]
    lines += ["    y = " + "-" * 80 + "y"]
    lines += ["    y = y if " + " and ".join(f"x > {k}" for k in range(500)) + " else x"]
    lines += ["    y = y" + "[0]" * 100 + ".T" * 100]
    fn = read_function(define("def f(x):\n" + "\n".join(lines) + "\n    return y\n"))
    assert_round_trip(fn)


def test_long_ladder():
    rows = ["def f(x):", "    if x > 0:", "        y = 0.0"]
    for k in range(1, 1000):
        rows += [f"    elif x > -{k}:", f"        y = {k}.0"]
    fn = read_function(define("\n".join([*rows, "    return y"]) + "\n"))
    assert_round_trip(fn)
    assert sum(1 for _ in statements(fn.body)) == 2001


def test_work_grows_with_the_number_of_statements():
    """Ten times the statements in about ten times the CPU time: no matter how busy the machine is."""

    def seconds(count: int) -> float:
        rows = ["def f(x, u):"] + [f"    y{k % 7} = np.sin(x) * u[{k % 5}] + {k}.0" for k in range(count)]
        f = define("\n".join([*rows, "    return y0"]) + "\n")
        start = time.process_time()
        function_text(read_function(f))
        return time.process_time() - start

    seconds(50)
    assert seconds(5000) < 30.0 * seconds(500)
