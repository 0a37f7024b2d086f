"""Frozen dataclasses that are quick to define and to make.

In: a class.  Out: `dataclass(frozen=True)` of it, with slots if asked.  Its methods but `__init__` are closures over
its fields, where `dataclass` compiles the text of eight methods for each class: that was half of `import tangent_ad`.
Its `__init__` fills slots by their own setters: it takes half the time, and core makes hundreds of nodes for each
statement of a program.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool = False) -> Any:
        """`dataclass(frozen=True, slots=slots)`."""
        assert frozen
        return lambda plain: _quick(dataclass(init=False, repr=False, eq=False, slots=slots)(plain), slots)


def _quick(made: Any, slots: bool) -> Any:
    names = tuple(f.name for f in fields(made))
    compared = [f.name for f in fields(made) if f.compare]
    shown = [f.name for f in fields(made) if f.repr]
    key = _key(compared)

    def __eq__(self: Any, other: object) -> bool:
        return bool(key(self) == key(other)) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(key(self))

    def __repr__(self: Any) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    methods = [_init(made, slots), __eq__, __hash__, __repr__]
    if slots:

        def __getstate__(self: Any) -> list[Any]:
            return [getattr(self, name) for name in names]

        def __setstate__(self: Any, state: list[Any]) -> None:
            for name, value in zip(names, state, strict=True):
                object.__setattr__(self, name, value)

        methods += [__getstate__, __setstate__]
    for method in methods:
        name = method.__name__
        if name not in vars(made) or (name == "__hash__" and vars(made)[name] is None):
            method.__qualname__, method.__module__ = f"{made.__qualname__}.{name}", made.__module__
            setattr(made, name, method)
    made.__setattr__, made.__delattr__ = _refuse_set, _refuse_delete
    return made


def _key(names: list[str]) -> Any:
    """What instances are compared by: a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda self: (getattr(self, names[0]),)) if names else lambda self: ()


def _init(made: Any, slots: bool) -> Any:
    given = [f for f in fields(made) if f.init]
    names: dict[str, Any] = {"put": object.__setattr__, "MISSING": MISSING}
    names |= {f"set_{f.name}": getattr(made, f.name).__set__ for f in given} if slots else {}
    names |= {f"default_{f.name}": f.default for f in given if f.default is not MISSING}
    names |= {f"make_{f.name}": f.default_factory for f in given if f.default_factory is not MISSING}
    lines = [f"if {f.name} is MISSING: {f.name} = make_{f.name}()" for f in given if f"make_{f.name}" in names]
    lines += [f"set_{f.name}(self, {f.name})" if slots else f"put(self, {f.name!r}, {f.name})" for f in given]
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    body = "\n        ".join(lines or ["pass"])
    init = f"    def __init__(self, {', '.join(map(_param, given))}):\n        {body}\n"
    text = f"def make({', '.join(names)}):\n{init}    return __init__\n"
    scope: dict[str, Any] = {}
    exec(text, scope)
    quick = scope["make"](**names)
    quick.__annotations__ = {f.name: f.type for f in given} | {"return": None}
    return quick


def _param(f: Field[Any]) -> str:
    if f.default_factory is not MISSING:
        return f"{f.name}=MISSING"
    return f.name if f.default is MISSING else f"{f.name}=default_{f.name}"


def _refuse_set(self: Any, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


__all__ = ["record"]
