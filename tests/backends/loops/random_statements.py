"""Random programs of array statements: views of one another, parts, sums, names bound again.

In: a random generator.  Out: the text of a function `f(x, z, k)` of a vector, a matrix and a number.
"""

from __future__ import annotations

import random

VECTORS = {"a": 0, "b": 0, "c": 0, "d": 1, "e": 1, "g": 2}
"""Names of vectors, by how much shorter they are than x."""
MATRICES = {"M": 0, "N": 0, "P": 2}
NUMBERS = ("s", "t")
PARTS = {0: ("", "[:]"), 1: ("[1:]", "[:-1]"), 2: ("[1:-1]", "[2:]", "[:-2]")}
BLOCKS = {0: ("", "[:, :]"), 2: ("[1:-1, 1:-1]", "[2:, 1:-1]", "[1:-1, :-2]", "[:-2, 2:]")}


def program(rng: random.Random) -> str:
    lines = [f"{name} = 0.7 * x{PARTS[less][-1]} + {rng.uniform(-1, 1):.2f}" for name, less in VECTORS.items()]
    lines += [f"{name} = z{BLOCKS[less][-1]} * {rng.uniform(0.2, 1):.2f}" for name, less in MATRICES.items()]
    lines += [f"{name} = k * {rng.uniform(-1, 1):.2f}" for name in NUMBERS]
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.4:
            lines.append(rng.choice(("for i in range(3):", "if s > 0.1:", "for i in range(z.shape[0]):")))
            lines += ["    " + line for line in _block(rng, "range(z" in lines[-1])]
        else:
            lines += _block(rng)
    out = ", ".join(f"{name} * 1.0" for name in (*VECTORS, *MATRICES)) + ", " + ", ".join(NUMBERS)
    return "def f(x, z, k):\n" + "".join(f"    {line}\n" for line in (*lines, f"return {out}"))


def _block(rng: random.Random, row: bool = False) -> list[str]:
    statement = _of_matrices if rng.random() < 0.4 else _of_vectors
    return [line for _ in range(rng.randint(2, 8)) for line in statement(rng, row)]


def _of_vectors(rng: random.Random, row: bool) -> list[str]:
    name, less = rng.choice(list(VECTORS.items()))
    shorter = [(other, other_less) for other, other_less in VECTORS.items() if other_less < less]
    how = rng.random()
    if how < 0.4:
        return [f"{name} = {_vector(rng, less)}"]
    if how < 0.5 and shorter:
        other, longer = rng.choice(shorter)
        return [f"{name} = {other}{rng.choice(PARTS[less - longer])}"]
    if how < 0.55:
        other = rng.choice([other for other, same in VECTORS.items() if same == less])
        return [f"{name} = {other}"]
    if how < 0.8:
        part = rng.choice([p for p in range(3) if p + less <= 2])
        place = f"{name}{rng.choice(PARTS[part][1:] if part == 0 else PARTS[part])}"
        return [f"{place} {rng.choice(('=', '+=', '-=', '*='))} {_vector(rng, less + part)}"]
    if how < 0.87:
        return [f"{name} {rng.choice(('+=', '-=', '*='))} {_vector(rng, less)}"]
    number = rng.choice(NUMBERS)
    return [
        rng.choice(
            (
                f"{number} += 0.01 * np.sum({_vector(rng, less)})",
                f"{number} = np.sin(np.sum({_vector(rng, less)}))",
                f"{number} = np.sum({_vector(rng, less)})",
                f"{number} = 0.3 * s + t",
                f"{number} = {name}[0]",
                f"{name}[0] = {number}",
            )
        )
    ]


def _of_matrices(rng: random.Random, row: bool) -> list[str]:
    name, less = rng.choice(list(MATRICES.items()))
    how = rng.random()
    if how < 0.4:
        return [f"{name} = {_matrix(rng, less, row)}"]
    if how < 0.5:
        other = rng.choice(list(MATRICES))
        return [f"{name} = {other}{rng.choice(BLOCKS[less - MATRICES[other]])}"] if MATRICES[other] <= less else []
    if how < 0.8:
        part = rng.choice([p for p in (0, 2) if p + less <= 2])
        place = f"{name}{rng.choice(BLOCKS[part][1:] if part == 0 else BLOCKS[part])}"
        return [f"{place} {rng.choice(('=', '+=', '-='))} {_matrix(rng, less + part, row)}"]
    number = rng.choice(NUMBERS)
    if row and how < 0.9:
        return [
            f"{rng.choice('MN')}[i] {rng.choice(('=', '+='))} 0.5 * {rng.choice('MN')}[{rng.choice(('i', '0'))}] * t"
        ]
    return [f"{number} += 0.01 * np.sum({_matrix(rng, less, row)})"]


def _vector(rng: random.Random, less: int, depth: int = 2) -> str:
    how = rng.random()
    if depth == 0 or how < 0.2:
        atoms = [
            f"{name}{rng.choice(PARTS[less - own])}"
            for name, own in VECTORS.items()
            if own <= less and less - own in PARTS
        ]
        return rng.choice(atoms)
    a = _vector(rng, less, depth - 1)
    if how < 0.6:
        b = _vector(rng, less, depth - 1) if rng.random() < 0.7 else _number(rng)
        return f"({a} {rng.choice('+-*')} {b})"
    return rng.choice(
        (
            f"np.sin({a})",
            f"(-{a})",
            f"(0.5 * {a})",
            f"np.where({a} > {_number(rng)}, {a}, {_vector(rng, less, depth - 1)})",
            f"np.maximum({a}, {_vector(rng, less, depth - 1)})",
            f"({a} / (1.5 + np.cos({a})))",
            f"(({a} > 0.0) * {_vector(rng, less, depth - 1)})",
            f"(0.3 * {a}) ** 2",
            f"({a}).copy()",
        )
    )


def _number(rng: random.Random) -> str:
    name = rng.choice(list(VECTORS))
    return rng.choice(("k", "s", "t", "0.7", f"{name}[0]", f"np.sin(np.sum({name}))"))


def _matrix(rng: random.Random, less: int, row: bool, depth: int = 2) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice([f"{name}{rng.choice(BLOCKS[less - own])}" for name, own in MATRICES.items() if own <= less])
    a, b = _matrix(rng, less, row, depth - 1), _matrix(rng, less, row, depth - 1)
    if rng.random() < 0.3:  # what is broadcast
        lines = [f"M[0{', 1:-1' if less else ''}]", f"a[:, None]{'[1:-1]' if less else ''}"]
        b = rng.choice([*lines, *(["N[i, 2:]" if less else "N[i]"] if row else [])])
    return rng.choice(
        (
            f"({a} + {b})",
            f"({a} * {b})",
            f"({a} - {_number(rng)})",
            f"np.sin({a})",
            f"(0.5 * {a})",
            f"np.where({a} < {b}, {a}, {b})",
        )
    )
