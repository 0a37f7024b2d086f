"""Errors a person can act on.

In: a message, a place in the source, what to write instead.  Out: exceptions whose text shows the line and a caret.
"""

from __future__ import annotations

from tangent_ad.core.nodes import Function, Source, Span


class TangentError(Exception):
    """Base of every error this package raises on purpose.

    >>> issubclass(RefusedError, TangentError)
    True
    """


class UsageError(TangentError, TypeError, ValueError):
    """The call of a public function is wrong: an unknown `wrt`, a result that is not a number, ..."""


class CheckError(TangentError, AssertionError):
    """`ad.check` found two derivatives that disagree."""


class InternalError(TangentError):
    """A pass broke a law of core; the message names the pass.  Always a bug of ours, never a wrong gradient."""


class NotOptimisedWarning(UserWarning):
    """An optimisation broke a law, and the derivative was made without any: right, but long and slow."""


class RefusedError(TangentError):
    """The program cannot be differentiated rightly, so it is not differentiated at all.

    Attributes: message, hint (what to write instead), file, line, col (1-based line, 0-based column; None if unknown).
    """

    def __init__(self, message: str, span: Span | None = None, source: Source | None = None, hint: str = "") -> None:
        self.message, self.hint = message, hint
        self.file = source.file if source else None
        self.line = span.line if span else None
        self.col = span.col if span else None
        super().__init__(_render(message, span, source, hint))


def refuse(message: str, at: Span | None, where: Function | Source | None, hint: str = "") -> RefusedError:
    """The error for a construct at `at` in `where`; the caller raises it."""
    source = where.source if isinstance(where, Function) else where
    return RefusedError(message, at, source, hint)


def _render(message: str, span: Span | None, source: Source | None, hint: str) -> str:
    parts = [message]
    if span and source:
        lines = source.text.splitlines()
        parts = [f"{source.file}:{span.line}:{span.col + 1}: {message}"]
        if 0 < span.line <= len(lines):
            text = lines[span.line - 1]
            end = span.end_col if span.end_line == span.line else len(text)
            parts += [f"    {text}", "    " + " " * span.col + "^" * max(1, end - span.col)]
    if hint:
        parts.append(f"  write instead: {hint}")
    return "\n".join(parts)
