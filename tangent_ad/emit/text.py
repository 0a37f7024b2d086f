"""Functions of core as Python text.

In: a core `Function`.  Out: its text: signature, docstring, comments and body, the same on every Python version.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable

from tangent_ad.core import nodes as n
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import bound_names, statements
from tangent_ad.emit.exprs import CLOSE, COMMA, OPEN, marked_text, unmarked
from tangent_ad.emit.layout import lay_out
from tangent_ad.errors import InternalError

INDENT = 4


def function_text(fn: n.Function) -> str:
    """The text of a function, ending in a newline.

    >>> print(function_text(n.Function("f", (n.Param("x"),), (n.Return(n.Name("x")),))), end="")
    def f(x):
        return x
    """
    lines = _signature(fn)
    if fn.doc:
        lines += _docstring(fn.doc)
    lines += body_lines(fn.body, INDENT)
    lines += [_comment(text, INDENT) for text in fn.comments_end]
    return "\n".join(lines) + "\n"


def body_text(body: tuple[n.Stmt, ...]) -> str:
    """The text of statements, not indented."""
    return "\n".join(body_lines(body, 0)) + "\n"


def _signature(fn: n.Function) -> list[str]:
    found: list[str] = []
    star = False
    for param in fn.params:
        if param.form == "keyword" and not star:
            found.append("*")
            star = True
        text = f"*{param.name}" if param.form == "var" else param.name
        star = star or param.form == "var"
        annotated = param.annotation is not None and is_plain_annotation(param.annotation)
        if annotated:
            text += f": {param.annotation}"
        if param.default is not None:
            text += (" = " if annotated else "=") + unmarked(marked_text(param.default, 1))
        found.append(text)
    return lay_out(f"def {fn.name}", f"{OPEN}({COMMA.join(found)}{CLOSE})", ":", 0, 2 * INDENT)


def is_plain_annotation(text: str) -> bool:
    """True if an annotation needs no name but NumPy's and Python's own."""
    bare = re.sub(r"(\"[^\"]*\"|'[^']*')", "", text)
    roots = re.findall(r"(?<![\w.])[A-Za-z_]\w*", bare)
    return all(root in ("np", "numpy") or hasattr(builtins, root) for root in roots)


def _docstring(doc: str) -> list[str]:
    text = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    text = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    if "\n" not in text:
        if text.endswith('"'):
            text = text[:-1] + '\\"'
        return [" " * INDENT + f'"""{text}"""']
    first, *rest = text.split("\n")
    lines = [" " * INDENT + f'"""{first}']
    lines += [" " * INDENT + line if line else "" for line in rest]
    return [*lines, " " * INDENT + '"""']


def _comment(text: str, indent: int) -> str:
    return " " * indent + f"# {text}".rstrip()


def body_lines(body: tuple[n.Stmt, ...], indent: int) -> list[str]:
    """The lines of statements."""
    lines: list[str] = []
    # What is still to print, last first: (statement or finished line, indentation, whether it is an `elif`).
    todo: list[tuple[n.Stmt | str, int, bool]] = [(stmt, indent, False) for stmt in reversed(body or (n.Pass(),))]
    while todo:
        item, depth, is_elif = todo.pop()
        if isinstance(item, str):
            lines.append(" " * depth + item)
            continue
        lines += [_comment(text, depth) for text in item.info.comments]
        own = _own_lines(item, depth, is_elif)
        if item.info.trailing is not None:
            own[-1] += f"  # {item.info.trailing}".rstrip()
        lines += own
        if isinstance(item, (n.If, n.For, n.While)):
            todo.extend(_inside(item, depth))
    return lines


def _inside(stmt: n.If | n.For | n.While, depth: int) -> Iterable[tuple[n.Stmt | str, int, bool]]:
    """What stands under a compound statement, last first."""
    orelse = stmt.orelse if isinstance(stmt, n.If) else ()
    if len(orelse) == 1 and isinstance(orelse[0], n.If):
        yield orelse[0], depth, True
    elif orelse:
        yield from ((inner, depth + INDENT, False) for inner in reversed(orelse))
        yield "else:", depth, False
    yield from ((inner, depth + INDENT, False) for inner in reversed(stmt.body or (n.Pass(),)))


def _own_lines(stmt: n.Stmt, indent: int, is_elif: bool) -> list[str]:
    if isinstance(stmt, n.Assign):
        note = f": {stmt.annotation}" if stmt.annotation is not None else ""
        return lay_out(f"{marked_text(stmt.target)}{note} = ", marked_text(stmt.value), "", indent)
    if isinstance(stmt, n.AugAssign):
        head = f"{marked_text(stmt.target)} {SYMBOL[stmt.fn]}= "
        return lay_out(head, marked_text(stmt.value), "", indent)
    if isinstance(stmt, n.For):
        return lay_out(f"for {stmt.target.id} in range", _range(stmt), ":", indent, 2 * INDENT)
    if isinstance(stmt, (n.While, n.If)):
        word = "while" if isinstance(stmt, n.While) else "elif" if is_elif else "if"
        return lay_out(f"{word} ", marked_text(stmt.test, 1), ":", indent, 2 * INDENT)
    if isinstance(stmt, n.Return):
        return lay_out("return ", marked_text(stmt.value), "", indent) if stmt.value else [" " * indent + "return"]
    if isinstance(stmt, n.Assert):
        message = f", {marked_text(stmt.message, 1)}" if stmt.message is not None else ""
        return lay_out("assert ", marked_text(stmt.test, 1), message, indent)
    if isinstance(stmt, n.Raise):
        args = COMMA.join(marked_text(arg, 1) for arg in stmt.args)
        call = f"{OPEN}({args}{CLOSE})" if stmt.args else ""
        return lay_out(f"raise {stmt.exception.spelling}", call, "", indent)
    if isinstance(stmt, n.ExprStmt):
        return lay_out("", marked_text(stmt.value), "", indent)
    if isinstance(stmt, n.Pass):
        return [" " * indent + "pass"]
    raise InternalError(f"emit: {type(stmt).__name__} is not a statement of core")


def _range(stmt: n.For) -> str:
    bounds = [stmt.start, stmt.stop, stmt.step]
    if stmt.step == n.Const(1):
        bounds.pop()
        if stmt.start == n.Const(0):
            bounds.pop(0)
    return f"{OPEN}({COMMA.join(marked_text(part, 1) for part in bounds)}{CLOSE})"


def locals_of(fn: n.Function) -> frozenset[str]:
    """The parameters and the names a function assigns."""
    found = {param.name for param in fn.params}
    for stmt in statements(fn.body):
        if isinstance(stmt, (n.Assign, n.AugAssign, n.For)):
            found.update(bound_names(stmt.target))
    return frozenset(found)
