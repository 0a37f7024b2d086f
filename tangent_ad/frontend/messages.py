"""What is not in the language yet: the message for each construct and what to write instead.

In: the class name of a Python AST node.  Out: (message, hint).
"""

from __future__ import annotations

from collections.abc import Mapping

ONE_RETURN = "assign the result to a variable and return it at the end of the function"

STATEMENTS: Mapping[str, tuple[str, str]] = {
    "FunctionDef": ("a function defined inside a function is not supported", "define it at module level and call it"),
    "AsyncFunctionDef": ("async code cannot be differentiated", "an ordinary function"),
    "ClassDef": ("a class defined inside a function is not supported", "define it at module level"),
    "Delete": ("`del` is not supported", "leave the statement out"),
    "AsyncFor": ("async code cannot be differentiated", "an ordinary loop"),
    "With": ("`with` is not supported", "move it out of the differentiated function"),
    "AsyncWith": ("async code cannot be differentiated", "move it out of the differentiated function"),
    "Match": ("`match` is not supported", "`if` ... `elif` ... `else`"),
    "Try": ("`try` is not supported", "test the condition with `if` before it raises"),
    "TryStar": ("`try` is not supported", "test the condition with `if` before it raises"),
    "Import": ("an import inside the function is not supported", "import at the top of the module"),
    "ImportFrom": ("an import inside the function is not supported", "import at the top of the module"),
    "Global": ("`global` is not supported", "pass the value as an argument and return the new one"),
    "Nonlocal": ("`nonlocal` is not supported", "pass the value as an argument and return the new one"),
    "Break": ("`break` is not supported", "a `while` loop whose condition says when to stop"),
    "Continue": ("`continue` is not supported", "put the rest of the loop body under `if`"),
    "TypeAlias": ("a type alias inside the function is not supported", "define it at module level"),
}

EXPRESSIONS: Mapping[str, tuple[str, str]] = {
    "NamedExpr": ("`:=` is not supported", "a statement `name = value` before this one"),
    "Lambda": ("a `lambda` inside the function is not supported", "define a function at module level and call it"),
    "Dict": ("a dict is not supported", "one variable for each entry, or a tuple"),
    "Set": ("a set is not supported", "a tuple"),
    "ListComp": ("a comprehension is not supported", "a loop that fills an array"),
    "SetComp": ("a comprehension is not supported", "a loop that fills an array"),
    "DictComp": ("a comprehension is not supported", "a loop that fills an array"),
    "GeneratorExp": ("a generator expression is not supported", "a loop that adds to a variable"),
    "Await": ("async code cannot be differentiated", "an ordinary call"),
    "Yield": ("a generator cannot be differentiated", "return the values in an array"),
    "YieldFrom": ("a generator cannot be differentiated", "return the values in an array"),
    "JoinedStr": ("an f-string is only supported in the message of `raise` or `assert`", "a plain string"),
    "TemplateStr": ("a t-string is not supported", "a plain string"),
    "Starred": ("`*` is not supported here", "write the elements out one by one"),
}
