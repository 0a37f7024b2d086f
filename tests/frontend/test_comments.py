"""Which statement a comment belongs to."""

from __future__ import annotations

import ast

from tangent_ad.frontend.comments import Comments, attach

TEXT = """\
# before the function
def f(x):
    # above a
    # in two lines
    a = x  # behind a
    b = (
        a  # inside b
        + x
    )  # at the end of b

    # above the loop
    for i in range(3):  # behind the header
        # above c
        c = "# no comment"  #no space

        # below c, above the next one
    if a > b:
        d = 1
    elif a:  # behind elif
        # only here
        d = 2
    return b
    # at the end
"""


def attached(text: str, first_line: int = 1) -> tuple[dict[str, tuple[str, ...]], dict[str, str], tuple[str, ...]]:
    """By the first line of statements."""
    lines = text.splitlines()
    found = [s for s in ast.walk(ast.parse(text)) if isinstance(s, ast.stmt) and not isinstance(s, ast.FunctionDef)]
    stmts = sorted(found, key=lambda s: s.lineno)
    made: Comments = attach(text, stmts, first_line)
    at = {
        k: lines[s.lineno - 1].split("#")[0].strip() if '"#' not in lines[s.lineno - 1] else "c"
        for k, s in enumerate(stmts)
    }
    return {at[k]: v for k, v in made.above.items()}, {at[k]: v for k, v in made.trailing.items()}, made.end


def test_where_comments_go() -> None:
    above, trailing, end = attached(TEXT, 2)
    assert above == {
        "a = x": ("above a", "in two lines"),
        "b = (": ("inside b",),
        "for i in range(3):": ("above the loop",),
        "c": ("above c",),
        "if a > b:": ("below c, above the next one",),
        "d = 2": ("only here",),
    }
    assert trailing == {
        "a = x": "behind a",
        "b = (": "at the end of b",
        "for i in range(3):": "behind the header",
        "c": "no space",
        "elif a:": "behind elif",
    }
    assert end == ("at the end",)


def test_no_comment_is_lost_or_doubled() -> None:
    above, trailing, end = attached(TEXT)
    found = [c for lines in above.values() for c in lines] + list(trailing.values()) + list(end)
    assert sorted(found) == sorted(
        ["before the function", *(line.split("#")[-1].strip() for line in TEXT.splitlines()[1:] if "#" in line)]
    )


def test_none() -> None:
    assert attach("x = 1\n", ast.parse("x = 1\n").body, 1) == Comments({}, {}, ())
