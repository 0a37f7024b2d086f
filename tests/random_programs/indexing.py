"""Index texts: which subscript turns an array of one shape into another shape.

In: a `Scope`, sizes.  Out: texts such as `i`, `-1`, `1:4`, `::-1`, `i, ::2`, `None, :`.
"""

from __future__ import annotations

from tests.random_programs.scope import Scope, Shape


def position(scope: Scope, size: int) -> str:
    """An integer that is valid on an axis of `size`."""
    rng = scope.rng
    ints = [v for v in scope.find("int") if -size <= v.lo and v.hi < size]
    shifted = [
        (v, k)
        for v in scope.find("int")
        for k in (-2, -1, 1, 2)
        if -size <= v.lo + k and v.hi + k < size and v.lo <= v.hi
    ]
    roll = rng.random()
    if ints and roll < 0.55:
        chosen = rng.choice(ints)
        scope.use("index: variable")
        if chosen.lo < 0 <= chosen.hi:
            scope.use("index: variable of both signs")
        return chosen.name
    if shifted and roll < 0.8:
        v, k = rng.choice(shifted)
        scope.use("index: shifted variable")
        return f"{v.name} {'+' if k > 0 else '-'} {abs(k)}"
    if scope.find("int") and roll < 0.85:
        scope.use("index: modulo")
        return f"{rng.choice(scope.find('int')).name} % {size}"
    k = rng.randrange(-size, size)
    scope.use("index: negative constant" if k < 0 else "index: constant")
    return str(k)


def piece(scope: Scope, size: int, length: int) -> str:
    """A slice that takes `length` elements of an axis of `size`."""
    rng = scope.rng
    choices: list[str] = []
    if length == size:
        choices += [":", ":", "::-1", "0:", f":{size}"]
    if length < size:
        a = rng.randint(0, size - length)
        choices += [f"{a}:{a + length}", f":{length}"]
        if length:
            choices += [f"{size - length}:", f"{-length}:"]
            if a + length < size:
                choices.append(f"{a}:{a + length - size}")
            starts = [v for v in scope.find("int") if 0 <= v.lo <= v.hi <= size - length]
            if starts:
                name = rng.choice(starts).name
                choices += [f"{name}:{name} + {length}"] * 2
    if 1 <= length and 2 * (length - 1) < size and length < size:
        a = rng.randint(0, size - 1 - 2 * (length - 1))
        choices.append(f"{a}:{a + 2 * (length - 1) + 1}:2")
        if (size + 1) // 2 == length:
            choices.append("::2")
    text = rng.choice(choices)
    scope.use("slice: " + ("step" if text.count(":") == 2 else "whole" if text == ":" else "part"))
    return text


def subscript(scope: Scope, have: Shape, want: Shape) -> str | None:
    """The text between brackets that takes shape `want` out of an array of shape `have`, or None."""
    rng = scope.rng
    chosen = _match(scope, have, want)
    if chosen is None:
        return None
    parts = []
    for size, length in zip(have, chosen, strict=True):
        parts.append(position(scope, size) if length is None else piece(scope, size, length))
    if not want:
        scope.use("index: element")
        return ", ".join(parts)
    while len(parts) > 1 and parts[-1] == ":" and rng.random() < 0.5:
        parts.pop()
    if len(parts) > 1 and parts[0] == ":" and rng.random() < 0.4:
        scope.use("index: ellipsis")
        parts[0] = "..."
        if len(parts) < len(have):
            parts += [":"] * (len(have) - len(parts))
    if len(parts) > 1:
        scope.use("index: several axes")
    return ", ".join(parts)


def _match(scope: Scope, have: Shape, want: Shape) -> list[int | None] | None:
    """Per axis of `have`: the length its slice must have, or None for an integer index."""
    drop = len(have) - len(want)
    if drop < 0:
        return None
    options: list[list[int | None]] = []

    def walk(k: int, j: int, done: list[int | None]) -> None:
        if k == len(have):
            if j == len(want):
                options.append(done)
            return
        if j < len(want) and want[j] <= have[k]:
            walk(k + 1, j + 1, [*done, want[j]])
        if have[k] > 0:
            walk(k + 1, j, [*done, None])

    walk(0, 0, [])
    options = [o for o in options if sum(e is None for e in o) == drop]
    return scope.rng.choice(options) if options else None
