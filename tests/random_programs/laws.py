"""The laws that every derivative obeys.

In: a program and the modes to try.  Out: an `Outcome`: ok, refused, wrong, crashed, or rejected (the program is unfit).
"""

from __future__ import annotations

import inspect
import re
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import tangent_ad as ad
from tangent_ad.errors import RefusedError
from tests import oracle
from tests.random_programs.derived import annotated, compiled_pair, numba_compiles, summed
from tests.random_programs.generate import Program
from tests.random_programs.judge import Case, OracleError, close, flat, fresh, judge, parts, separate, tangents_for
from tests.random_programs.load import load, unload
from tests.random_programs.without import variants

MODES = ("text", "normal", "forward", "reverse", "rows", "without", "second", "jit")
"""text, normal: the program printed again, and in normal form, does what it did; without: optimisations switched off
change nothing; the others are derivatives (rows: the Jacobian by reverse mode, of one result)."""


@dataclass(frozen=True)
class Outcome:
    """What became of a program.

    status:  "ok" | "refused" | "wrong" | "crashed" | "rejected" (unfit to test with).
    law:     which law failed, or in which mode the program was refused.
    reached: the modes that were checked to the end.
    warned:  the modes whose code gave a RuntimeWarning.
    advised: refused at first, checked again with the annotations that the refusal asked for.
    """

    status: str
    law: str = ""
    details: str = ""
    variant: int = 0
    reached: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    advised: bool = False

    @property
    def group(self) -> str:
        """What failures of one cause share."""
        text = self.details.strip().splitlines()[0] if self.details else ""
        text = re.sub(r"<tangent_ad[^>]*>", "<generated>", text)
        text = re.sub(r"program_\d+_\d+\S*", "", text)
        text = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "'…'", text)
        text = re.sub(r"[-+]?\d+(\.\d+)?(e[-+]?\d+)?", "#", text)
        return f"{self.status}: {self.law}: {text}" if self.status != "wrong" else f"{self.status}: {self.law}"


class _Wrong(Exception):
    def __init__(self, law: str, details: str) -> None:
        super().__init__(details)
        self.law, self.details = law, details


class _Crash(Exception):
    def __init__(self, law: str, error: BaseException) -> None:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "tangent_ad" in f.filename]
        place = f"{frames[-1].filename.split('tangent_ad/')[-1]} in {frames[-1].name}" if frames else "generated code"
        super().__init__(f"{type(error).__name__}: {str(error)[:600]} @ {place}".replace("\n", "\n  "))
        self.law = law


def check_program(program: Program, modes: tuple[str, ...] = MODES, only: int | None = None) -> Outcome:
    """Check `program` in `modes`; `only` restricts to one argument set.

    A refusal that asks for annotations is answered as a user would: the program is annotated and checked again.
    """
    outcome = _check(program, modes, only)
    if outcome.status == "refused" and "annotate" in outcome.details:
        again = _check(annotated(program), modes, only or 0)
        if again.status != "refused":
            return replace(again, advised=True)
    return outcome


def _check(program: Program, modes: tuple[str, ...], only: int | None) -> Outcome:
    reached: list[str] = []
    warned: list[str] = []
    variant = 0
    try:
        namespace = load(program.name, program.source)
        f, single = namespace["f"], program.dtype == "float32"
        cases = []
        for variant in program.variants() if only is None else [only]:
            case = judge(f, program.arguments(variant), program.wrt, variant, program.seed, single)
            if isinstance(case, Case):
                cases.append(case)
            elif variant == (only or 0):
                return Outcome("rejected", "judge", case, variant)
        for mode in modes:
            variant = cases[0].variant
            with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
                warnings.simplefilter("always")
                try:
                    made = _generate(mode, program, f)
                    for case in cases:
                        variant = case.variant
                        try:
                            _CHECKS[mode](program, f, made, case)
                        except _Crash as error:  # one array given twice, where a guard says that it must not be
                            if variant != 3 or "must not share memory" not in str(error):
                                raise
                except (RefusedError, _Wrong, _Crash):
                    if mode == "jit" and not numba_compiles(program, f):
                        continue
                    raise
            reached.append(mode)
            if any(issubclass(w.category, RuntimeWarning) for w in caught):
                warned.append(mode)
    except RefusedError as error:
        return Outcome(
            "refused", mode, getattr(error, "message", "") + "\n" + str(error), variant, tuple(reached), tuple(warned)
        )
    except OracleError as error:
        return Outcome("wrong", "oracle", str(error), variant)
    except _Wrong as error:
        return Outcome("wrong", error.law, error.details, variant, tuple(reached), tuple(warned))
    except _Crash as error:
        return Outcome("crashed", error.law, str(error), variant, tuple(reached), tuple(warned))
    except TimeoutError as error:
        return Outcome("crashed", "time", str(error), variant, tuple(reached), tuple(warned))
    finally:
        unload(program.name)
        unload(program.name + "_summed")
    return Outcome("ok", reached=tuple(reached), warned=tuple(warned))


def _wrt(wrt: tuple[int, ...]) -> Any:
    return wrt[0] if len(wrt) == 1 else wrt


def _generate(mode: str, program: Program, f: Callable[..., Any]) -> Any:
    """The generated functions a mode needs."""
    wrt = _wrt(program.wrt)

    def make() -> Any:
        if mode in ("text", "normal"):
            from tests.random_programs import passes

            return passes.reprinted(f) if mode == "text" else passes.normal(f)
        if mode == "forward":
            return ad.jvp(f, wrt)
        if mode == "reverse":
            return ad.vjp(f, wrt)
        if mode == "rows":
            return ad.jacobian(f, wrt, mode="reverse")
        if mode == "without":
            return variants(program, f)
        if mode == "second":
            return ad.jvp(ad.grad(summed(program, f), program.wrt[0]), program.wrt[0])
        return compiled_pair(program, f)

    law = f"{mode}: generation"
    try:
        made = make()
        if mode not in ("without", "second", "jit") and made.source != make().source:
            raise _Wrong(f"{mode}: text is deterministic", "two generations differ")
        return made
    except (RefusedError, _Wrong, TimeoutError):
        raise
    except Exception as error:
        if mode == "rows" and isinstance(error, ad.UsageError) and "returns a tuple" in str(error):
            return None
        raise _Crash(law, error) from error


def _call(law: str, function: Callable[..., Any], args: list[Any]) -> Any:
    """The result; afterwards the arguments are unchanged, and spoiling both changes no later call."""
    kept = separate(args)
    try:
        out = function(*args)
    except TimeoutError:
        raise
    except Exception as error:
        if isinstance(error, TypeError) and re.search(r"^\w+: \w+ must be an? .*array", str(error)):
            raise RefusedError(str(error), hint="annotate the parameter with its rank") from None  # a guard
        raise _Crash(f"{law}: run", error) from error
    for a, b in zip(args, kept, strict=True):
        if isinstance(a, np.ndarray) and not np.array_equal(a, b):
            raise _Wrong(f"{law}: arguments unchanged", f"{b} became {a}")
    first = _copied(out)
    for a in [*args, *_arrays(out)]:
        if isinstance(a, np.ndarray) and a.dtype.kind == "f" and a.flags.writeable:
            a[...] = np.nan
    try:
        again = function(*kept)
    except TimeoutError:
        raise
    except Exception as error:
        raise _Crash(f"{law}: second run", error) from error
    if not _same(first, again):
        raise _Wrong(f"{law}: a later call is not changed by spoiled results", f"{first} then {again}")
    return first


def _arrays(out: Any) -> list[np.ndarray]:
    if isinstance(out, tuple):
        return [a for e in out for a in _arrays(e)]
    return [out] if isinstance(out, np.ndarray) else []


def _copied(out: Any) -> Any:
    if isinstance(out, tuple):
        return tuple(_copied(e) for e in out)
    return out.copy() if isinstance(out, np.ndarray) else out


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(_same, a, b))
    return bool(np.array_equal(a, b, equal_nan=True))


def _compare(law: str, found: Any, expected: Any, tolerance: float) -> None:
    one, two = parts(found), parts(expected)
    if [p.shape for p in one] != [p.shape for p in two]:
        raise _Wrong(f"{law} (shape)", f"shapes {[p.shape for p in one]}, expected {[p.shape for p in two]}")
    if not close(flat(found), flat(expected), tolerance):
        raise _Wrong(law, f"found {found}\nexpected {expected}")


def _tolerance(program: Program) -> float:
    return 1e-8 if program.dtype == "float64" else 2e-3


def _kept_dtype(law: str, found: Any, like: Any) -> None:
    if isinstance(like, np.ndarray) and getattr(found, "dtype", None) != like.dtype:
        raise _Wrong(f"{law}: dtype kept", f"{getattr(found, 'dtype', type(found))} for {like.dtype}")


def _same_program(program: Program, f: Callable[..., Any], made: Any, case: Case) -> None:
    """The value, and what happened to the arguments, are the primal's."""
    args, expected = fresh(case.args), fresh(case.args)
    try:
        value = made(*args)
    except TimeoutError:
        raise
    except Exception as error:
        raise _Crash("same program: run", error) from error
    _compare("same program: value", value, f(*expected), 1e-12 if program.dtype == "float64" else 1e-5)
    for a, b in zip(args, expected, strict=True):
        _compare("same program: writes into arguments", a, b, 1e-12 if program.dtype == "float64" else 1e-5)


def _with_tangents(case: Case) -> list[Any]:
    """The arguments, each differentiated one followed by its tangent."""
    args: list[Any] = []
    for k, a in enumerate(fresh(case.args)):
        args.append(a)
        if k in case.tangents:
            d = case.tangents[k]
            args.append(d.copy() if isinstance(d, np.ndarray) else d)
    return args


def _forward(program: Program, f: Callable[..., Any], made: Any, case: Case) -> None:
    value, dot = _call("forward", made, _with_tangents(case))
    _compare("forward: value", value, case.value, _tolerance(program))
    _compare("forward: derivative equals the oracle's", dot, case.dot, _tolerance(program))


def _bars(value: Any, seed: int) -> Any:
    rng = np.random.RandomState(seed % 2**32)

    def one(e: Any) -> Any:
        bar = rng.uniform(-1, 1, np.shape(e))
        return (
            bar.astype(e.dtype)
            if isinstance(e, np.ndarray) and e.dtype.kind == "f"
            else bar
            if np.ndim(e)
            else float(bar)
        )

    return tuple(one(e) for e in value) if isinstance(value, tuple) else one(value)


def _reverse(program: Program, f: Callable[..., Any], made: Any, case: Case) -> None:
    bar = _bars(case.value, program.seed)
    kept = _copied(bar)
    value, bars = _call("reverse", lambda *args: made(_copied(kept), *args), fresh(case.args))
    _compare("reverse: value", value, case.value, _tolerance(program))
    _inner_products("reverse: dot-product law", program, bars, bar, case)


def _rows(program: Program, f: Callable[..., Any], made: Any, case: Case) -> None:
    if made is None:
        return
    jacs = _call("rows", made, fresh(case.args))
    total: Any = 0.0
    for k, jac in zip(program.wrt, jacs if len(program.wrt) > 1 else (jacs,), strict=True):
        if np.shape(jac) != np.shape(case.value) + np.shape(case.args[k]):
            raise _Wrong("rows (shape)", f"Jacobian in {program.params[k].name} has shape {np.shape(jac)}")
        _kept_dtype("rows", jac, case.args[k])
        total = total + np.tensordot(jac, case.tangents[k], np.ndim(case.args[k]))
    _fills(program, f, jacs if len(program.wrt) > 1 else (jacs,), case)
    _compare("rows: derivative equals the oracle's", total, case.dot, _tolerance(program))


def _fills(program: Program, f: Callable[..., Any], jacs: tuple[Any, ...], case: Case) -> None:
    """A Jacobian that fills given arrays, where it can, puts there what the other returns."""
    try:
        filling = ad.jacobian(f, _wrt(program.wrt), mode="reverse", into=True)
    except ad.UsageError:
        return
    where = sum(p.default is p.empty for p in inspect.signature(filling).parameters.values()) - len(jacs)
    given, args = [np.full_like(jac, np.nan) for jac in jacs], fresh(case.args)
    filling(*args[:where], *given, *args[where:])
    for got, jac in zip(given, jacs, strict=True):
        _compare("rows: the arrays that are filled", got, jac, _tolerance(program))


def _inner_products(law: str, program: Program, bars: Any, bar: Any, case: Case) -> None:
    bars = bars if len(program.wrt) > 1 else (bars,)
    if not isinstance(bars, tuple) or len(bars) != len(program.wrt):
        raise _Wrong(f"{law} (structure)", f"adjoints {bars}")
    left = np.sum(flat(case.dot) * flat(bar))
    right, scale = 0.0, max(1.0, float(np.sum(np.abs(flat(case.dot) * flat(bar)))))
    for k, b in zip(program.wrt, bars, strict=True):
        if np.shape(b) != np.shape(case.args[k]):
            raise _Wrong(f"{law} (shape)", f"adjoint of {program.params[k].name} has shape {np.shape(b)}")
        _kept_dtype(law, b, case.args[k])
        terms = np.asarray(b, dtype=float) * np.asarray(case.tangents[k], dtype=float)
        right, scale = right + float(np.sum(terms)), max(scale, float(np.sum(np.abs(terms))))
    if not abs(left - right) <= _tolerance(program) * scale:
        raise _Wrong(law, f"<dot, bar> = {left}, <tangent, adjoint> = {right}; adjoints {bars}")


def _second(program: Program, f: Callable[..., Any], made: Any, case: Case) -> None:
    if case.variant == 3:
        return
    k, f = program.wrt[0], summed(program, f)
    v, w = (tangents_for(case.args, (k,), program.seed + 100 + i)[k] for i in range(2))
    try:
        expected = oracle.mixed(f, separate(case.args), {k: v}, {k: w})
    except (NotImplementedError, ZeroDivisionError):
        return
    if not np.isfinite(expected) or abs(expected) > 1e6:
        return
    args: list[Any] = fresh(case.args)
    args.insert(k + 1, v.copy() if isinstance(v, np.ndarray) else v)
    _, dot = _call("second", made, args)
    _compare(
        "second: Hessian equals the oracle's",
        np.sum(np.asarray(dot) * np.asarray(w)),
        expected,
        100 * _tolerance(program),
    )


def _without(program: Program, f: Callable[..., Any], made: Any, case: Case) -> None:
    """Every optimisation by itself, and all of them, may be off: sums may be rounded otherwise, no more."""
    whole, others = made
    bar = _bars(case.value, program.seed)
    expected = _call("without", whole, [_copied(bar), *fresh(case.args)])
    for name, other in others.items():
        try:
            found = other(_copied(bar), *fresh(case.args))
        except TimeoutError:
            raise
        except Exception as error:
            raise _Crash(f"without {name}: run", error) from error
        tolerance = 1e-12 if program.dtype == "float64" else 1e-5
        _compare(f"without {name}: value", found[0], expected[0], tolerance)
        _compare(f"without {name}: adjoints", found[1], expected[1], tolerance)


def _jit(program: Program, f: Callable[..., Any], made: Any, case: Case) -> None:
    if case.variant == 3:
        return
    plain, compiled = made
    if program.seed % 2:
        given = _with_tangents(case)
    else:
        given = [_bars(case.value, program.seed), *case.args]
    expected = _call("jit", plain, fresh(given))
    found = _call("jit", compiled, fresh(given))
    tolerance = 1e-9 if program.dtype == "float64" else 1e-4
    _compare("jit: value", found[0], expected[0], tolerance)
    _compare("jit: derivative", found[1], expected[1], tolerance)


_CHECKS: dict[str, Callable[[Program, Callable[..., Any], Any, Case], None]] = {
    "text": _same_program,
    "normal": _same_program,
    "forward": _forward,
    "reverse": _reverse,
    "rows": _rows,
    "without": _without,
    "second": _second,
    "jit": _jit,
}
