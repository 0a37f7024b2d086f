"""Guards that also stop what is no array.

In: the tree of a generated module.  Out: the tree in which a guard (a test at the head of a function that raises a
TypeError) stops a list, a tuple, None or a word where it asks for `x.ndim` or `np.ndim(x)`, and raises what it says.

The text is what it was: `x.ndim != 1` reads better than a test of the type, and means the same for an array.  Numba
compiles either.
"""

from __future__ import annotations

import ast

NO_SHAPE = "(-1,) * 64"
"""The shape of what has none: of another rank than any array, of another length along every axis."""


def guarded(tree: ast.Module) -> ast.Module:
    """`tree`, changed in place."""
    for function in tree.body:
        for stmt in function.body if isinstance(function, ast.FunctionDef) else ():
            if isinstance(stmt, ast.If) and _raises(stmt):
                stmt.test = ast.fix_missing_locations(_Safe().visit(stmt.test))
            elif not (isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)):  # the docstring
                break
    return tree


def _raises(stmt: ast.If) -> bool:
    return len(stmt.body) == 1 and isinstance(stmt.body[0], ast.Raise) and not stmt.orelse


class _Safe(ast.NodeTransformer):
    """Attributes of what may have none; what is no number although it has no axes."""

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        match node:
            case ast.Compare(
                left=ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="ndim"), args=[ast.Name() as x]),
                ops=[ast.NotEq()],
                comparators=[ast.Constant(value=0)],
            ):
                unlike = [ast.Compare(x, [ast.Is()], [ast.Constant(None)]), _has_words(x)]
                return ast.copy_location(ast.BoolOp(ast.Or(), [node, *unlike]), node)
        self.generic_visit(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        match node:
            case ast.Attribute(value=ast.Name(), attr="ndim"):
                return _asked(node.value, "ndim", ast.UnaryOp(ast.USub(), ast.Constant(1)))
            case ast.Attribute(value=ast.Name(), attr="shape"):
                return _asked(node.value, "shape", ast.parse(NO_SHAPE, mode="eval").body)
            case ast.Attribute(value=ast.Attribute(value=ast.Name() as x, attr="dtype"), attr="kind"):
                return _asked(_asked(x, "dtype", x), "kind", ast.Constant(""))
        return node


def _asked(x: ast.expr, attribute: str, otherwise: ast.expr) -> ast.expr:
    arguments = [x, ast.Constant(attribute), otherwise]
    return ast.copy_location(ast.Call(ast.Name("getattr", ast.Load()), arguments, []), x)


def _has_words(x: ast.expr) -> ast.expr:
    """Does `x` contain other things, without being of NumPy?  Words and dicts have no axes."""
    asked = [ast.Call(ast.Name("hasattr", ast.Load()), [x, ast.Constant(a)], []) for a in ("__contains__", "dtype")]
    return ast.BoolOp(ast.And(), [asked[0], ast.UnaryOp(ast.Not(), asked[1])])
