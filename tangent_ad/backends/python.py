"""Text to a plain Python function.

In: the text of a module, the name of a function in it, and the user's function whose names it may use.
Out: the function.  It is an ordinary one: `inspect.getsource`, `help`, breakpoints and tracebacks work on it.
"""

from __future__ import annotations

import ast
import builtins
import dis
import hashlib
import inspect
import linecache
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from tangent_ad.backends.files import source_file
from tangent_ad.backends.guards import guarded
from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc

PACKAGE = "tangent_ad.generated"


class LiveGlobals(dict[str, Any]):
    """Globals of a generated module: what it does not define is looked up in the user's scope, at each use.

    A captured function that was bound to another one, or a value that changed its kind, raises RuntimeError: the text
    was derived from what they were.
    """

    def __init__(self, scope: sc.Scope, own: Mapping[str, Any], externals: Iterable[n.External] = ()) -> None:
        super().__init__(own)
        self._scope = scope
        self._externals = {e.spelling: (sc.scope_of(e.owner), e.name) for e in externals}
        self._expected: dict[str, tuple[str, Any]] = {}

    def expect(self, names: Iterable[str]) -> None:
        """Remember what names mean now."""
        for name in names:
            value = self._find(name)
            if not super().__contains__(name) and value is not sc.MISSING:
                self._expected[name] = _fingerprint(value)

    def agrees(self) -> bool:
        """True if all captured names still mean what the text was derived from."""
        return all(_agrees(expected, _fingerprint(self._find(name))) for name, expected in self._expected.items())

    def __contains__(self, name: object) -> bool:
        """Also for what is looked up: who pickles a function with its globals (cloudpickle) asks for each."""
        return super().__contains__(name) or (isinstance(name, str) and self._find(name) is not sc.MISSING)

    def _find(self, name: str) -> Any:
        scope, name = self._externals.get(name, (self._scope, name))
        return scope.find(name)

    def __missing__(self, name: str) -> Any:
        value = self._find(name)
        if value is sc.MISSING:
            raise KeyError(name)
        expected = self._expected.get(name)
        if expected is not None and not _agrees(expected, _fingerprint(value)):
            change = "was bound to another object" if expected[0] == "object" else "changed its kind"
            raise RuntimeError(
                f"`{name}` {change} after the derivative in {self['__name__']} was generated; "
                "differentiate the function again"
            )
        return value


def _fingerprint(value: Any) -> tuple[str, Any]:
    """What must not change of a captured object: all of a function, the kind of a value."""
    if isinstance(value, np.ndarray):
        return "value", ("array", value.ndim, value.dtype.kind)
    if isinstance(value, (bool, np.bool_)):
        return "value", ("number", "b")
    if isinstance(value, (int, np.integer)):
        return "value", ("number", "i")
    if isinstance(value, (float, np.floating)):
        return "value", ("number", "f")
    if isinstance(value, tuple):
        return "value", tuple(_fingerprint(part) for part in value)
    if callable(value) or isinstance(value, types.ModuleType):
        return "object", value
    return "value", type(value)


def _agrees(a: tuple[str, Any], b: tuple[str, Any]) -> bool:
    return a[1] is b[1] if a[0] == "object" else a == b


def load(
    text: str,
    name: str,
    namespace: types.FunctionType | sc.Scope | Mapping[str, Any] | None = None,
    module: str | None = None,
    extra: Mapping[str, Any] | None = None,
    externals: Iterable[n.External] = (),
) -> types.FunctionType:
    """Make the function `name` that a module's text defines.

    Parameters:
        text: the module.
        name: the function in it.
        namespace: the user's function, whose closure and globals the text reads live; or a scope; or a dict.
        module: the name of the generated module; by default made from the function's name and the text.
        extra: names to define in the module beforehand.
        externals: names that are read live from another function's scope (`Function.externals`).
    Returns: the function, with `source` (the text of its module).  The module of a function of `__main__` is found when
        it is imported, not before: in another process its name may mean nothing, so who can pickle functions whole
        (cloudpickle, joblib) should.
    Raises: RuntimeError, when the function is called, if a captured function was rebound since.

    >>> load("def double(x):\\n    return k * x\\n", "double", {"k": 2})(4)
    8
    """
    if isinstance(namespace, types.FunctionType):
        scope = sc.scope_of(namespace)
    elif isinstance(namespace, sc.Scope):
        scope = namespace
    else:
        scope = sc.Scope({}, {} if namespace is None else namespace)
    digest = hashlib.sha256(text.encode()).hexdigest()
    module = module or f"{PACKAGE}.{name}_{digest[:16]}"
    filename = source_file(text, name)
    linecache.checkcache(filename)
    code = compile_text(text, filename, plain=True)
    own = {"__name__": module, "__file__": filename, "__builtins__": builtins, **(extra or {})}
    globals_ = LiveGlobals(scope, own, externals)
    exec(code, globals_)
    globals_.expect(names_in(code))
    function = globals_[name]
    function.source = text
    function.__signature__ = inspect.signature(function)
    made = types.ModuleType(module, function.__doc__)
    made.__dict__.update({key: value for key, value in globals_.items() if key != "__builtins__"})
    if not module.startswith(f"{PACKAGE}.__main__."):
        sys.modules[module] = made
    return function


def compile_text(text: str, filename: str, plain: bool = False) -> types.CodeType:
    """`compile`, also for long sums and ladders when called far down the stack; `plain`: for Python, in which a guard
    may meet anything."""

    def compiled() -> types.CodeType:
        return compile(guarded(ast.parse(text, filename)) if plain else text, filename, "exec", dont_inherit=True)

    try:
        return compiled()
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 20_000)
        try:
            return compiled()
        finally:
            sys.setrecursionlimit(limit)


def names_in(code: types.CodeType) -> set[str]:
    """The global names that a module and the functions in it may read."""
    found: set[str] = set()
    stack = [code]
    while stack:
        top = stack.pop()
        found.update(_loaded(top))
        stack.extend(const for const in top.co_consts if isinstance(const, types.CodeType))
    return found


def _loaded(code: types.CodeType) -> Iterator[str]:
    """The names that a code object loads as globals: `co_names` holds those of attributes too, which are nobody's."""
    text = code.co_code
    for found in _LOADS.finditer(text[::2]):
        arg = int.from_bytes(text[2 * found.start() + 1 : 2 * found.end() : 2], "big")
        is_global = found[0][-1] == _LOAD_GLOBAL
        # the last bit: it is to be called
        yield code.co_names[arg >> 1 if is_global and sys.version_info >= (3, 11) else arg]


_LOAD_GLOBAL, _LOAD_NAME, _EXTENDED = (dis.opmap[op] for op in ("LOAD_GLOBAL", "LOAD_NAME", "EXTENDED_ARG"))
_OPS = tuple(re.escape(bytes((op,))) for op in (_EXTENDED, _LOAD_GLOBAL, _LOAD_NAME))
_LOADS = re.compile(b"%b*[%b%b]" % _OPS, re.DOTALL)
"""A load, with what is ahead of it where its argument takes more than a byte."""
