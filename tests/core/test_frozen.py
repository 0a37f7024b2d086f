"""Frozen dataclasses that are quick to make are frozen dataclasses."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record


@record(frozen=True, slots=True)
class Quick:
    a: int
    b: tuple[int, ...] = (1, 2)


@dataclass(frozen=True, slots=True)
class Plain:
    a: int
    b: tuple[int, ...] = (1, 2)


def test_it_is_made_like_any_other() -> None:
    assert (Quick(3).b, Quick(3, (4,)).b, Quick(b=(), a=1).b) == ((1, 2), (4,), ())
    assert Quick(3) == Quick(3, (1, 2)) != Quick(4)
    assert hash(Quick(3)) == hash(Quick(3))
    assert repr(Quick(3)) == repr(Plain(3)).replace("Plain", "Quick")
    assert list(inspect.signature(Quick).parameters) == list(inspect.signature(Plain).parameters)
    for wrong in ((), (1, 2, 3)):
        with pytest.raises(TypeError):
            Quick(*wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Quick(1, c=2)  # type: ignore[call-arg]


def test_it_is_frozen_and_has_slots() -> None:
    with pytest.raises(FrozenInstanceError):
        Quick(3).a = 4  # type: ignore[misc]
    assert not hasattr(Quick(3), "__dict__")
    assert is_dataclass(Quick) and [f.name for f in fields(Quick)] == ["a", "b"]
    assert replace(Quick(3), a=5) == Quick(5)


def test_copies() -> None:
    node = n.Assign(n.Name("x", 3), n.Call(max, "max", (n.Const(1.0), n.Const(True))), num=4)
    for made in (copy.copy(node), copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
        assert made == node and (made.num, made.target.version) == (4, 3)  # type: ignore[attr-defined]


def test_what_is_found_when_it_is_made() -> None:
    assert n.Const(1) != n.Const(1.0) != n.Const(True)
    assert n.Const(float("nan")) == n.Const(float("nan")), "by what is printed"
    assert n.Const(0.0) != n.Const(-0.0)


@record(frozen=True)
class Open:
    only: float
    made: list[int] = field(default_factory=list)
    aside: str = field(default="", compare=False, repr=False)


@record(frozen=True)
class Empty:
    pass


@record(frozen=True)
class Alone:
    value: float


def test_without_slots() -> None:
    assert Open(1.0) == Open(1.0, [], "aside") != Open(1.0, [2])
    assert Open(1.0).made is not Open(1.0).made
    assert repr(Open(1.0, aside="a")) == "Open(only=1.0, made=[])"
    assert hash(Alone(2.0)) == hash(Alone(2.0)) and Empty() == Empty() and Alone(2.0) != Empty()
    nan = float("nan")
    assert Alone(nan) == Alone(nan), "as dataclasses compare: the same object is equal"
    for change in (
        lambda one: setattr(one, "only", 2.0),
        lambda one: delattr(one, "only"),
        lambda one: setattr(one, "new", 1),
    ):
        with pytest.raises(FrozenInstanceError):
            change(Open(1.0))
    with pytest.raises(TypeError):
        hash(Open(1.0))
    assert pickle.loads(pickle.dumps(Open(1.0, [3]))) == copy.copy(Open(1.0, [3])) == Open(1.0, [3])
