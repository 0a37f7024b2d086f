"""The source of a derivative for the eye: in colour in a notebook, plain elsewhere.

In: a derivative, or any Python function.  Out: an object that displays as its source.
"""

from __future__ import annotations

import html
import inspect
import sys
from collections.abc import Callable
from typing import Any

from tangent_ad.core.frozen import record
from tangent_ad.errors import UsageError

PACKAGE = "tangent_ad.generated"


@record(frozen=True)
class Shown:
    """A source text: prints as it is; a notebook shows it in colour if Pygments is installed."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return html_of(self.text)


def show(f: Callable[..., Any]) -> Shown:
    """The source of a derivative, to be looked at.

    Parameters: a derivative, plain or compiled; any other function written in Python works too.
    Returns: an object that prints as the text of the derivative's module, and that a notebook displays in colour (with
        Pygments: the extra `notebook`; without it in plain letters).
    Raises: UsageError for what has no source.

    In IPython and Jupyter a derivative that stands at the end of a cell is shown the same way by itself.

    >>> from tangent_ad import grad
    >>> def square(x):
    ...     return x * x
    >>> print(str(show(grad(square))).splitlines()[0])
    # grad of tangent_ad.show.square in x
    """
    return Shown(_source(f))


def _source(f: Any) -> str:
    text = getattr(f, "source", None)
    if isinstance(text, str):
        return text
    try:
        return inspect.getsource(getattr(f, "py_func", f))
    except (OSError, TypeError):
        raise UsageError(f"{f!r} has no source to show; pass a derivative or a function written in Python") from None


def html_of(text: str) -> str:
    """The text as HTML that needs no style sheet.

    >>> html_of("x < 1").startswith("<div") or html_of("x < 1")
    True
    """
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        return f"<div><pre>{html.escape(text)}</pre></div>"
    return str(highlight(text, PythonLexer(), HtmlFormatter(noclasses=True, style="friendly", nobackground=True)))


def shown_by_itself(f: Any) -> str | None:
    """The HTML of a derivative; None for any other function, which is then displayed as ever."""
    module = getattr(f, "__module__", None) or ""
    text = getattr(f, "source", None)
    derived = module.startswith(PACKAGE + ".") or getattr(f, "derivative_plan", None) is not None
    return html_of(text) if derived and isinstance(text, str) else None


def install(ipython: Any = None) -> None:
    """Let an IPython session show derivatives in colour; the running one, if there is one, by default."""
    if ipython is None:
        module = sys.modules.get("IPython")
        ipython = module.get_ipython() if module is not None and hasattr(module, "get_ipython") else None
    formatters = getattr(getattr(ipython, "display_formatter", None), "formatters", {})
    formatter = formatters.get("text/html")
    if formatter is not None:  # some sessions display nothing
        formatter.for_type(type(install), shown_by_itself)
        formatter.for_type_by_name("numba.core.registry", "CPUDispatcher", shown_by_itself)
