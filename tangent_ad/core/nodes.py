"""The core language: about twenty frozen node types.

In: nothing.  Out: `Expr` and `Stmt` nodes, `Function`, and what they carry.

Core is Python's AST minus what differentiation does not need.  Every operation is a `Call` of a resolved object
(`operator.add`, `numpy.sin`, `numpy.sum`), with the user's spelling kept for printing:

    x + y        Call(operator.add, "+", (x, y))
    -x           Call(operator.neg, "-", (x,))
    a < b        Call(operator.lt, "<", (a, b))          not a: Call(operator.not_, "not", (a,))
    np.sin(x)    Call(numpy.sin, "np.sin", (x,))
    x.sum(axis=0)  Call(numpy.sum, ".sum()", (x,), (("axis", Const(0)),))
    x.T          Call(numpy.transpose, ".T", (x,))       x.shape: Call(numpy.shape, ".shape", (x,))

Equality of nodes ignores what is not printed or only decorates: spans, comments, numbers, versions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

from tangent_ad.core.frozen import record


@record(frozen=True, slots=True)
class Span:
    """Where a node stood in the user's file: 1-based line, 0-based column, as Python counts them."""

    line: int
    col: int
    end_line: int
    end_col: int


@record(frozen=True, slots=True)
class Info:
    """What a statement carries besides its meaning.

    span:     place in the source it came from (for derived code: of the statement it was derived from).
    comments: comment lines standing above it, without "#".
    trailing: the comment at the end of its line, without "#".
    origin:   in derived code, the number of the primal statement it came from.
    source:   the file the span refers to, when it is not the function's own (an inlined callee's).
    """

    span: Span | None = None
    comments: tuple[str, ...] = ()
    trailing: str | None = None
    origin: int | None = None
    source: Source | None = None


@record(frozen=True, slots=True)
class Source:
    """The file a function was read from: `text` is the whole file (or cell), `file` its name for messages."""

    file: str
    text: str


NO_INFO = Info()


class Expr:
    """Base of expressions."""

    __slots__ = ()


@record(frozen=True, slots=True)
class Const(Expr):
    """A literal: number, str, bool, None or Ellipsis.  1 and 1.0 and True are different constants."""

    value: Any = field(compare=False)
    key: tuple[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (type(self.value).__name__, repr(self.value)))


@record(frozen=True, slots=True)
class Name(Expr):
    """A local variable.  `version` (derived code only) numbers the definition whose value the read means."""

    id: str
    version: int | None = field(default=None, compare=False)
    span: Span | None = field(default=None, compare=False, repr=False)


@record(frozen=True, slots=True)
class Global(Expr):
    """A name of the function's module or closure, resolved: prints `spelling`, means `value` (`np.pi`, a constant)."""

    spelling: str
    value: Any = field(compare=False)


@record(frozen=True, slots=True)
class Call(Expr):
    """An operation: `fn` is the resolved object, `spelling` says how to print it (see the module's docstring)."""

    fn: Callable[..., Any]
    spelling: str = field(compare=False)
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


@record(frozen=True, slots=True)
class BoolOp(Expr):
    """`a and b and ...` / `a or b or ...`: evaluated left to right, as far as needed."""

    op: str  # "and" | "or"
    values: tuple[Expr, ...]


@record(frozen=True, slots=True)
class IfExp(Expr):
    test: Expr
    body: Expr
    orelse: Expr


@record(frozen=True, slots=True)
class Tuple(Expr):
    elts: tuple[Expr, ...]


@record(frozen=True, slots=True)
class List(Expr):
    elts: tuple[Expr, ...]


@record(frozen=True, slots=True)
class Slice(Expr):
    """`lower:upper:step` inside an index."""

    lower: Expr | None = None
    upper: Expr | None = None
    step: Expr | None = None


@record(frozen=True, slots=True)
class Index(Expr):
    """`value[index]`; several axes are a `Tuple` in `index`."""

    value: Expr
    index: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


class Stmt:
    """Base of statements.  `num` is the statement's number in its function (see `walk.number`)."""

    __slots__ = ()
    info: Info
    num: int


@record(frozen=True, slots=True)
class Assign(Stmt):
    """`target = value`.  Target: Name, Index, or Tuple of targets (nested).  `annotation` is source text, kept."""

    target: Expr
    value: Expr
    annotation: str | None = None
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class AugAssign(Stmt):
    """The user's `target op= value`: on arrays it writes in place.  `fn` is the binary operator (`operator.add`)."""

    target: Expr
    fn: Callable[..., Any]
    value: Expr
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class For(Stmt):
    """`for target in range(start, stop, step)`; in normal form the bounds are atoms nobody else assigns."""

    target: Name
    start: Expr
    stop: Expr
    step: Expr
    body: tuple[Stmt, ...]
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class While(Stmt):
    test: Expr
    body: tuple[Stmt, ...]
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class If(Stmt):
    """`elif` is an If that stands alone in `orelse`."""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...] = ()
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class Return(Stmt):
    value: Expr | None
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class Assert(Stmt):
    test: Expr
    message: Expr | None = None
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class Raise(Stmt):
    """`raise exception(message)`: `exception` is a Global (a resolved exception class), `args` its arguments."""

    exception: Global
    args: tuple[Expr, ...] = ()
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class ExprStmt(Stmt):
    """A call for its effect: a user function that writes its arguments, `tape.append(x)`."""

    value: Expr
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class Pass(Stmt):
    info: Info = field(default=NO_INFO, compare=False, repr=False)
    num: int = field(default=-1, compare=False, repr=False)


@record(frozen=True, slots=True)
class Param:
    """form: "positional" (also by keyword), "keyword" (keyword-only), "var" (*args).  `default` is core, or None.

    `default_value` is the evaluated default object (meaningful when `default` is not None).
    """

    name: str
    form: str = "positional"
    default: Expr | None = None
    annotation: str | None = None
    default_value: Any = field(default=None, compare=False, repr=False)


@record(frozen=True, slots=True)
class Function:
    """A function in core.  `module` and `qualname` name the user's function, `namespace` resolves its globals."""

    name: str
    params: tuple[Param, ...]
    body: tuple[Stmt, ...]
    doc: str | None = None
    source: Source | None = field(default=None, compare=False, repr=False)
    module: str = field(default="", compare=False)
    qualname: str = field(default="", compare=False)
    line: int = field(default=1, compare=False, repr=False)
    pyfunc: Any = field(default=None, compare=False, repr=False)
    comments_end: tuple[str, ...] = field(default=(), compare=False, repr=False)
    externals: tuple[External, ...] = field(default=(), compare=False, repr=False)


@record(frozen=True, slots=True)
class External:
    """A global of an inlined callee: `spelling` in our text means `name` in the namespace of `owner` (a function)."""

    spelling: str
    owner: Any
    name: str
