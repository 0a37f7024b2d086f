"""The modules of generated functions: a name is the recipe.

In: a module name `tangent_ad.generated.<module>.<qualname>.<mode>_<wrt>`.  Out: that module, generated (again) when
it is imported.  So a derivative can be pickled wherever the function itself can, and read back in another process.

A tuple of parameters is written with commas: `grad_x,y`, and `grad_x,` for the tuple of one.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder

    class _Importer(MetaPathFinder, Loader):
        """What an import asks: `find_spec`, `create_module`, `exec_module`."""

else:
    _Importer = object  # `importlib.abc` takes longer to import than any room of this package

PACKAGE = __name__
__path__: list[str] = []  # modules are imported from here, by the finder below

WORKSPACE = "+workspace"
"""The end of a mode: the derivative takes a workspace."""

INTO = "+into"
"""The end of a mode: the derivative fills arrays that it is given."""

_MODES = (
    "value_and_grad",
    "jacobian-forward",
    "jacobian-reverse",
    "jacobian",
    "hessian",
    "grad",
    "hvp",
    "jvp",
    "vjp",
)
MODES = (*(mode + end for mode in _MODES for end in (WORKSPACE, INTO)), *_MODES)

Generate = Callable[[Any, str, Any], types.FunctionType]


def module_name(f: Any, mode: str, wrt: tuple[str, ...], bare: bool) -> str:
    """The name of the module of a derivative.

    >>> from tangent_ad.demo.mixture import negative_log_likelihood
    >>> module_name(negative_log_likelihood, "grad", ("mu",), True)
    'tangent_ad.generated.tangent_ad.demo.mixture.negative_log_likelihood.grad_mu'
    """
    text = wrt[0] if bare else ",".join(wrt) + ("," if len(wrt) == 1 else "")
    owner = getattr(f, "__module__", None) or "__main__"
    return f"{PACKAGE}.{owner}.{getattr(f, '__qualname__', 'f')}.{mode}_{text}"


def qualname(f: Any, name: str) -> str:
    """The qualified name of a derivative: one that cannot be found from outside where that of `f` cannot."""
    own: str = getattr(f, "__qualname__", "")
    return name if is_importable(f) else f"{own.rpartition('.')[0] or own}.{name}"


def is_importable(f: Any) -> bool:
    """True if another process finds `f` by its module and its name."""
    module: Any = sys.modules.get(getattr(f, "__module__", None) or "")
    return module is not None and _member(module, f.__qualname__) is f


def parse(name: str) -> tuple[list[str], str, str | tuple[str, ...]] | None:
    """The parts of a module name: the dotted name of the function, the mode, `wrt`; None if it is no recipe.

    >>> parse("tangent_ad.generated.pkg.mod.f.value_and_grad_x,y")
    (['pkg', 'mod', 'f'], 'value_and_grad', ('x', 'y'))
    """
    *where, last = name.removeprefix(PACKAGE + ".").split(".")
    for mode in MODES:
        if last.startswith(mode + "_") and len(where) > 1:
            names = last[len(mode) + 1 :]
            return where, mode, tuple(filter(None, names.split(","))) if "," in names else names
    return None


def function_of(where: Sequence[str]) -> Any:
    """The function that a dotted name means, or None."""
    for split in range(len(where) - 1, 0, -1):
        try:
            module = importlib.import_module(".".join(where[:split]))
        except ModuleNotFoundError:
            continue
        found = _member(module, ".".join(where[split:]))
        if callable(found):
            return found
    return None


def _member(owner: Any, path: str) -> Any:
    for part in path.split("."):
        owner = getattr(owner, part, None)
    return owner


class Finder(_Importer):
    """Finds and makes the modules of this package."""

    def __init__(self, generate: Generate) -> None:
        self.generate = generate

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(PACKAGE + "."):
            return None
        return ModuleSpec(fullname, self, origin="generated", is_package=True)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType | None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Generate; a name that is not a recipe is a package of recipes, and empty."""
        recipe = parse(module.__name__)
        if recipe is None:
            return
        where, mode, wrt = recipe
        f = function_of(where)
        if f is None:
            return
        made = self.generate(f, mode, wrt)
        setattr(module, made.__name__, made)
        own = sys.modules.get(made.__module__)
        if own is not None and own is not module and made.__module__ != module.__name__:
            # The function is known there by another name (`__mp_main__` for `__main__`).
            module.__dict__.update({key: value for key, value in own.__dict__.items() if not key.startswith("__")})


def install(generate: Generate) -> None:
    """Make these modules importable; `generate(f, mode, wrt)` gives the function."""
    if not any(type(finder).__name__ == "Finder" and type(finder).__module__ == PACKAGE for finder in sys.meta_path):
        sys.meta_path.append(Finder(generate))
